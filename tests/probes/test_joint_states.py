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


def test_signs_of_a_rate_network_are_counted_every_time_constant():
    rate = nz.RateNetwork(nz.weights.nrooks(3), noise=nz.White(4.0))
    options = {"duration": 30, "dt": 0.1, "key": 1, "runs": 2, "warn": False}
    result = nz.simulate(rate, probes=[nz.Trace(every=10), nz.JointStates([4, 0], every=10)], **options)
    for run in range(2):
        states = np.concatenate([result.trace.values[run], result.final.values[run][None]])[:, [4, 0]]
        codes = nz.codes.encode(np.where(states > 0, 1.0, -1.0))
        counts = np.zeros((4, 4), int)
        np.add.at(counts, (codes[:-1], codes[1:]), 1)
        assert counts.max() > 1
        assert (result.joint_states.values[run] == counts).all()


def test_pairs_of_states_several_steps_apart():
    result = nz.simulate(NETWORK, 300, [nz.Trace(), nz.JointStates([3, 1], every=7)], key=jax.random.key(0))
    codes = nz.codes.encode(result.trace.values[0][::7][:, [3, 1]])  # the last pair is complete after 294 steps
    counts = np.zeros((4, 4), int)
    np.add.at(counts, (codes[:42], codes[1:43]), 1)
    assert (result.joint_states.values[0] == counts).all()
