"""The two-replica model: exact at any size if the fixed point is unique."""

import jax
import numpy as np
import pytest

from noisette import activations
from noisette.errors import InputError
from noisette.theory.covariance._replicas import (
    Replicas,
    SiteMoments,
    _determinant3,
    _determinant4,
    _moments,
    replica_moments,
)
from noisette.theory.gaussian import HALF_NODES as Z
from noisette.theory.gaussian import HALF_WEIGHTS as WEIGHT
from noisette.theory.gaussian import values

KEY = jax.random.key(3)


def mean_square(activation, std):
    """Return ⟨φ²⟩ for x ~ N(0, std²)."""
    return float(WEIGHT @ values(activation, std * Z) ** 2)


def level(activation, gain: float, std: float) -> SiteMoments:
    """Return the site at N → ∞, by iteration."""
    variance = std**2
    for _ in range(2000):
        variance = std**2 + gain**2 * mean_square(activation, np.sqrt(variance))
    cross = float(WEIGHT @ (values(activation, np.sqrt(variance) * Z) * Z) * np.sqrt(variance))
    square = mean_square(activation, float(np.sqrt(variance)))
    return SiteMoments(variance, square, cross, gain**2 * (cross / variance) ** 2)


def moments(activation, gain, std, size, samples=4000, activity="current") -> Replicas:
    """Return the moments of the site from `level`."""
    return replica_moments(
        activation, gain, std, size, level(activation, gain, std), activity=activity, samples=samples, key=KEY
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "std", "size"),
    [
        (activations.linear, 0.5, 1.0, 50),
        (activations.tanh, 1.2, 1.0, 60),
        (activations.erf, 0.8, 0.5, 10),
        (activations.Power(0.75), 0.5, 1.0, 60),
    ],
)
def test_the_weight_has_mean_one(activation, gain, std, size):
    result = moments(activation, gain, std, size)
    assert abs(result.weight - 1) < 4 * result.weight_se  # false alarm 6e-5 each
    assert result.weight_se < 0.02


@pytest.mark.slow
def test_linear_network_to_second_order():
    # E tr C²/N at N = 50, g = .5: 3.84(7) above the leading order times 1/50 (the asymptotic slope is 3.44)
    result = moments(activations.linear, 0.5, 1.0, 50)
    A = 1 / 0.75
    assert abs(50 * (result.second / A**4 - 1) - 3.84) < 4 * np.hypot(50 * result.second_se / A**4, 0.07)
    assert abs(result.variance - A * (1 + 2 * 0.25 * A**2 / 50)) < 0.004  # O(1/N²)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "std", "size", "activity", "name", "expected", "error"),
    [
        # simulations of the specification, their standard errors
        (activations.tanh, 0.9, 1.0, 20, "current", "variance", 1.3831, 0.0017),
        (activations.tanh, 0.9, 1.0, 20, "current", "second", 3.480, 0.014),
        (activations.Power(0.75), 0.5, 1.0, 60, "current", "dimension", 0.63212, 0.00046),
        (activations.Power(0.75), 0.5, 1.0, 60, "rate", "dimension", 0.63796, 0.00045),
        (activations.tanh, 0.8, 1.0, 60, "current", "dimension", 0.62969, 0.00053),
        (activations.tanh, 0.8, 1.0, 60, "rate", "dimension", 0.64213, 0.00051),
    ],
)
def test_simulations_of_small_networks(activation, gain, std, size, activity, name, expected, error):
    result = moments(activation, gain, std, size, activity=activity)
    spread = np.hypot(getattr(result, f"{name}_se"), error)
    assert abs(getattr(result, name) - expected) < 4 * spread  # false alarm 6e-5 each


@pytest.mark.slow
def test_the_same_key_gives_the_same_bits():
    assert moments(activations.tanh, 0.8, 1.0, 60) == moments(activations.tanh, 0.8, 1.0, 60)


@pytest.mark.slow
def test_scale_of_current():
    # x → c x with φ_c(x) = φ(x/c) c changes the unit of currents
    plain = moments(activations.tanh, 1.2, 1.0, 60)
    scaled = moments(lambda x: 3 * jax.numpy.tanh(x / 3), 1.2, 3.0, 60)
    assert scaled.variance == pytest.approx(9 * plain.variance, rel=1e-9)
    assert scaled.dimension == pytest.approx(plain.dimension, rel=1e-9)
    assert scaled.weight == pytest.approx(plain.weight, rel=1e-9)


@pytest.mark.slow
def test_standard_errors_are_those_of_repetitions():
    keys = jax.random.split(KEY, 40)
    lv = level(activations.tanh, 1.0, 1.0)
    result = [replica_moments(activations.tanh, 1.0, 1.0, 20, lv, samples=500, key=key) for key in keys]
    spread = np.std([f.dimension for f in result], ddof=1)
    claimed = np.sqrt(np.mean([f.dimension_se**2 for f in result]))
    assert 0.65 < spread / claimed < 1.45  # χ² with 39 degrees of freedom: false alarm 1e-3 either side


def test_determinants():
    m = np.random.default_rng(0).standard_normal((5, 4, 4))
    np.testing.assert_allclose(_determinant4(jax.numpy.asarray(m)), np.linalg.det(m), rtol=1e-10)
    assert float(_determinant3(jax.numpy.asarray(m[0, :3, :3]))) == pytest.approx(float(np.linalg.det(m[0, :3, :3])))


@pytest.mark.slow
def test_unsolvable_replicas_are_refused():
    lv = level(activations.Power(2.0), 0.28, 1.0)  # just below the fold of infinite networks
    with pytest.raises(InputError, match="pairs of replicas have no solution"):
        replica_moments(activations.Power(2.0), 0.28, 1.0, 10, lv, samples=200, key=KEY)


def test_activation_without_derivative_is_refused():
    with pytest.raises(InputError, match="cannot be differentiated"):
        replica_moments(
            lambda x: np.tanh(np.asarray(x)), 0.5, 1.0, 10, level(activations.tanh, 0.5, 1.0), samples=10, key=KEY
        )


def test_control_variates_do_not_change_the_mean():
    lv = level(activations.tanh, 1.0, 1.0)
    drawn = {name: np.random.default_rng(1).normal(1, 0.1, 400) for name in ("weight", "x_own", "x_pair", "x0_own")}
    drawn |= {name: np.random.default_rng(2).normal(1, 0.1, 400) for name in ("phi0_own", "x0_pair", "phi0_pair")}
    assert np.isfinite(_moments(drawn, 10, lv, "current")).all()
