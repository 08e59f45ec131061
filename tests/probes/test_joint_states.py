import jax
import numpy as np

import noisette as nz

NETWORK = nz.Boltzmann(nz.weights.nrooks(20), noise=nz.White(5.0))


def test_counts_equal_those_of_the_trace():
    result = nz.simulate(NETWORK, 300, [nz.Trace(), nz.JointStates([3, 1])], key=jax.random.key(0))
    codes = nz.codes.encode(result.trace.values[0][:, [3, 1]])
    last = int(nz.codes.encode(result.final.values[0][[3, 1]]))
    counts = np.zeros((4, 4), int)
    np.add.at(counts, (codes, np.append(codes[1:], last)), 1)
    assert (result.joint_states.values[0] == counts).all()
    assert result.joint_states.attrs["observed_units"] == "3,1"
