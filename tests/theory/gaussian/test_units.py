import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import gamma
from scipy.stats import norm

from noisette import activations
from noisette.activations import Pade, Power, Threshold, erf, linear, relu, tanh
from noisette.theory.gaussian import unit_of


def test_hermite_series_of_known_activations():
    rho, v = np.linspace(-0.5, 1.0, 13), 1.7
    result = unit_of(erf).series(v)
    np.testing.assert_allclose(result(rho), 2 / np.pi * np.arcsin(2 * v * rho / (1 + 2 * v)), atol=1e-14)
    np.testing.assert_allclose(
        result.by_rho(rho) / v, 4 / np.pi / np.sqrt((1 + 2 * v) ** 2 - (2 * v * rho) ** 2), atol=1e-13
    )
    kernel = unit_of(relu).series(v)
    angle = np.arccos(rho)
    np.testing.assert_allclose(
        kernel(rho), v / (2 * np.pi) * (np.sin(angle) + (np.pi - angle) * np.cos(angle)), atol=1e-9
    )
    assert unit_of(relu).slope_square(v) == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("activation", [tanh, Threshold(0.7), relu, lambda x: jnp.clip(x, -1, 2)])
def test_derivative_of_the_series_by_the_variance(activation):
    unit, v, h = unit_of(activation), 1.3, 1e-4
    current = np.linspace(-0.5, 0.9, 8)
    difference = (unit.series(v + h)(current / (v + h)) - unit.series(v - h)(current / (v - h))) / (2 * h)
    np.testing.assert_allclose(unit.series(v).by_variance(current / v) / v, difference, atol=1e-7)


def test_kinks_are_found_and_resolved():
    assert unit_of(lambda x: jnp.clip(x, -1, 2)).kinks == pytest.approx([-1, 2], abs=1e-6)
    for smooth in (tanh, erf, activations.sigmoid, Pade(0.5, 0.1), jnp.sin, linear, Power(0.75)):
        assert len(unit_of(smooth).kinks) == 0
    theta, v = 0.7, 1.9  # ⟨(x − θ)₊²⟩ and ⟨φ'²⟩ in closed form
    z = theta / np.sqrt(v)
    square = (v + theta**2) * norm.sf(z) - theta * np.sqrt(v) * norm.pdf(z)
    assert unit_of(Threshold(theta)).square(v) == pytest.approx(square, rel=1e-12, abs=0)
    assert unit_of(Threshold(theta)).slope_square(v) == pytest.approx(norm.sf(z), rel=1e-7, abs=0)


@pytest.mark.parametrize("p", [0.55, 0.6, 0.75, 1.5])
def test_slopes_of_power_laws(p):
    moment = 2 ** (p - 1) * gamma(p - 0.5) / np.sqrt(np.pi)
    assert unit_of(Power(p)).slope_square(1.3) == pytest.approx(p**2 * moment * 1.3 ** (p - 1), rel=1e-6)
    assert unit_of(Power(0.4)).slope_square(1.0) == np.inf
