import numpy as np
import pytest

from noisette import activations
from noisette.noise import Frozen, OrnsteinUhlenbeck, White
from noisette.theory import correlations

PADE = activations.Pade(1 / 3, 0.0)
NAMES = ("variance", "covariance_variance", "participation_dimension", "susceptibility", "effective_gain")


def row(*arguments, **options):
    result = correlations(*arguments, **options)
    return [float(result[name]) for name in NAMES]


def test_time_dependent_solutions():
    result = correlations(activations.tanh, 0.8, White(1.0), dt=0.1)
    assert float(result.variance) == pytest.approx(0.6334, abs=5e-5)
    assert float(result.participation_dimension) == pytest.approx(0.8189, abs=5.1e-5)
    assert result.attrs["time"] == "Euler steps of 0.1"
    smooth = correlations(activations.tanh, 0.8, White(1.0), activity="rate")
    assert float(smooth.participation_dimension) == pytest.approx(0.8092, abs=1e-4)
    assert smooth.attrs["time"] == "continuous"
    coloured = correlations(activations.tanh, 1.2, OrnsteinUhlenbeck(np.sqrt(4 / 3), 3.0))
    assert float(coloured.variance) == pytest.approx(1.6027, abs=5e-5)
    assert float(coloured.participation_dimension) == pytest.approx(0.4670, abs=5e-5)


def test_below_the_transition_the_dynamic_solution_is_the_fixed_point():
    fixed, moving = (correlations(activations.tanh, 1.2, Frozen(1.0), dynamic=moves) for moves in (False, True))
    for name in NAMES:
        assert float(moving[name]) == pytest.approx(float(fixed[name]), rel=1e-7)


def test_linear_units_in_white_noise_have_two_theories():
    closed = row(activations.linear, 0.7, White(1.0))
    solved = row(lambda x: 1.0 * x, 0.7, White(1.0))
    np.testing.assert_allclose(solved, closed, rtol=1e-5)
