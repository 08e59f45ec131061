import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.simulation import step_stability

OSCILLATOR = nz.RateNetwork([[0.0, 8.0], [-8.0, 0.0]], activation=nz.activations.linear)  # μ = −1 ± 8i


@pytest.mark.parametrize("dt", [0.01, 0.05])
def test_the_bound_is_that_of_the_mode(dt):
    stability = step_stability(OSCILLATOR, [0.0, 0.0], dt)
    assert stability.bound == pytest.approx(2 / 65)
    assert stability.number == pytest.approx(65 * dt)
    assert (stability.mode.real, abs(stability.mode.imag)) == pytest.approx((-1, 8))
    assert str(stability) == "stable for dt < 0.031, limited by the mode μ = -1±8i"


def test_the_number_is_that_of_a_simulation_at_its_last_state():
    W = nz.weights.gaussian(30, 30**-0.5, self_coupling=False, key=0)
    frozen = nz.Onsager(nz.RateNetwork(W, 4.0), nz.Switch([1.0], [0.0, 1.0]))
    run = nz.simulate(frozen, 400, dt=0.01, key=0)
    last = step_stability(frozen, run.final.values[0], 0.01, time=3.99)
    assert last.number == float(run.stability)
    assert last.bound == pytest.approx(2 * 0.01 / last.number)


def test_a_state_where_no_mode_decays_has_no_bound():
    growing = nz.RateNetwork([[3.0]], activation=nz.activations.linear)
    assert step_stability(growing, [0.0], 0.1).bound == np.inf


def test_arguments_are_checked():
    with pytest.raises(InputError, match="shape"):
        step_stability(OSCILLATOR, [0.0], 0.1)
    with pytest.raises(InputError, match="units"):
        step_stability(OSCILLATOR, [np.nan, 0.0], 0.1)
    with pytest.raises(InputError, match="dt -1"):
        step_stability(OSCILLATOR, [0.0, 0.0], -1)
    with pytest.raises(InputError, match="continuous time"):
        step_stability(nz.Boltzmann([[0.0]]), [0.0], 0.1)
