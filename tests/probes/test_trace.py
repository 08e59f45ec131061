import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError

NETWORK = nz.Boltzmann(nz.weights.nrooks(20), noise=nz.White(5.0))


@pytest.mark.slow
def test_every_nth_step_is_kept():
    def run(probe):
        return nz.simulate(NETWORK, 20, probe, key=jax.random.key(0)).trace

    whole, some = run(nz.Trace()), run(nz.Trace(every=6, units=[4, 0]))
    assert some.time.values.tolist() == [0, 6, 12, 18]
    assert some.unit.values.tolist() == [4, 0]
    assert (some.values == whole.values[:, ::6][:, :, [4, 0]]).all()
    assert set(np.unique(whole)) == {-1.0, 1.0}


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="every 0"):
        nz.Trace(every=0)
    with pytest.raises(InputError, match=r"units \[5\]"):
        nz.simulate(NETWORK, 2, nz.Trace(units=[5]), key=jax.random.key(0))
