"""The gain of a linear network is the inverse of the theory of its covariances."""

import numpy as np
import pytest

from noisette import Frozen, White, activations, theory
from noisette.errors import InputError


@pytest.mark.parametrize("gain", [0.05, 0.3, 0.6, 0.9, 0.99])
def test_inverse_of_the_theory(gain):
    frozen = theory.correlations(activations.linear, gain, Frozen(1.3))
    spread = float(frozen.covariance_variance / frozen.variance**2)
    assert theory.linear_gain(spread) == pytest.approx(gain, rel=1e-9)
    white = theory.correlations(activations.linear, gain, White(1.3), covariance="equal-time")
    spread = float(white.covariance_variance / white.variance**2)
    assert theory.linear_gain(spread, "equal-time") == pytest.approx(gain, rel=1e-6)


def test_limits():
    assert theory.linear_gain(0.0) == theory.linear_gain(-0.3) == 0.0
    assert 0.999 < theory.linear_gain(1e15, "equal-time") < 1
    assert 0.999 < theory.linear_gain(1e15) < 1


def test_the_gain_increases_with_the_spread():
    for covariance in ("long-window", "equal-time"):
        gains = [theory.linear_gain(spread, covariance) for spread in np.logspace(-4, 4, 60)]
        assert (np.diff(gains) > 0).all()


def test_weak_coupling():
    """Spread 2g² in long windows: C = 1 + g(J + Jᵀ)."""
    assert theory.linear_gain(2e-6) == pytest.approx(1e-3, rel=1e-5)


@pytest.mark.parametrize("value", [np.nan, np.inf, "x", [1.0]])
def test_wrong_spreads(value):
    with pytest.raises(InputError, match="spread"):
        theory.linear_gain(value)
