"""Parts of the solution for moving networks: Hermite series of an activation, grids of lags, and a second solver."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.special import gamma
from scipy.stats import norm

from noisette import activations
from noisette.activations import Pade, Power, Threshold, erf, linear, relu, tanh
from noisette.errors import InputError
from noisette.theory.motion import Drive, motion
from noisette.theory.motion._level import _around
from noisette.theory.motion._panels import panels
from noisette.theory.motion._ring import Ring
from noisette.theory.motion._solve import Moment, Problem, solve
from noisette.theory.motion._unit import Series, unit


def clip(x):
    return jnp.clip(x, -1, 1)


def clip_and_slope(x):
    return jnp.clip(x, -1, 1) + 0.1 * x


def saturating_threshold(x):
    return jnp.clip(x - 0.5, 0, 1)


def leaky(x):
    return jnp.where(x > 0, x, 0.2 * x)


def coloured(tau: float, std: float = 1.0) -> Drive:
    """Return noise under which a unit alone has the same variance at any τ_c."""
    return Drive(coloured=((std**2 * (1 + tau) / tau, tau),))


def test_hermite_series_of_known_activations():
    rho, v = np.linspace(-0.5, 1.0, 13), 1.7
    found = unit(erf).series(v)
    np.testing.assert_allclose(found(rho), 2 / np.pi * np.arcsin(2 * v * rho / (1 + 2 * v)), atol=1e-14)
    np.testing.assert_allclose(
        found.by_rho(rho) / v, 4 / np.pi / np.sqrt((1 + 2 * v) ** 2 - (2 * v * rho) ** 2), atol=1e-13
    )
    kernel = unit(relu).series(v)
    angle = np.arccos(rho)
    np.testing.assert_allclose(
        kernel(rho), v / (2 * np.pi) * (np.sin(angle) + (np.pi - angle) * np.cos(angle)), atol=1e-9
    )
    assert unit(relu).slope_square(v) == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize("activation", [tanh, Threshold(0.7), relu, lambda x: jnp.clip(x, -1, 2)])
def test_derivative_of_the_series_by_the_variance(activation):
    one, v, h = unit(activation), 1.3, 1e-4
    current = np.linspace(-0.5, 0.9, 8)
    difference = (one.series(v + h)(current / (v + h)) - one.series(v - h)(current / (v - h))) / (2 * h)
    np.testing.assert_allclose(one.series(v).by_variance(current / v) / v, difference, atol=1e-7)


def test_kinks_are_found_and_resolved():
    assert unit(lambda x: jnp.clip(x, -1, 2)).kinks == pytest.approx([-1, 2], abs=1e-6)
    for smooth in (tanh, erf, activations.sigmoid, Pade(0.5, 0.1), jnp.sin, linear, Power(0.75)):
        assert len(unit(smooth).kinks) == 0
    theta, v = 0.7, 1.9  # ⟨(x − θ)₊²⟩ and ⟨φ'²⟩ in closed form
    z = theta / np.sqrt(v)
    square = (v + theta**2) * norm.sf(z) - theta * np.sqrt(v) * norm.pdf(z)
    assert unit(Threshold(theta)).square(v) == pytest.approx(square, rel=1e-12)
    assert unit(Threshold(theta)).slope_square(v) == pytest.approx(norm.sf(z), rel=1e-7)


@pytest.mark.parametrize("p", [0.55, 0.6, 0.75, 1.5])
def test_slopes_of_power_laws(p):
    moment = 2 ** (p - 1) * gamma(p - 0.5) / np.sqrt(np.pi)
    assert unit(Power(p)).slope_square(1.3) == pytest.approx(p**2 * moment * 1.3 ** (p - 1), rel=1e-6)
    assert unit(Power(0.4)).slope_square(1.0) == np.inf


def test_power_laws_above_one_stay_below_their_fold():
    noise = Drive(white=2.0)
    found = motion(Power(1.5), 0.3, noise)
    assert found.variance == pytest.approx(1.0819, abs=1e-4)
    grid = panels(-10, 13)
    again = solve(Problem(unit(Power(1.5)), 0.3, noise, grid, False), Moment(grid.noise(noise), 0.0))
    assert again is not None
    assert again.variance == pytest.approx(found.variance, rel=1e-7)
    for drive in (noise, Drive(frozen=1.0), coloured(3.0)):
        with pytest.raises(InputError, match="no stationary state"):
            motion(Power(1.5), 1.0, drive)


@pytest.mark.parametrize("rate", [0.01, 0.3, 1.0, 1.0 + 1e-9, 20.0])
def test_lags_in_continuous_time(rate):
    grid = panels(-10, 13)
    f = np.exp(-rate * grid.lags)
    np.testing.assert_allclose(grid.smooth(f), grid.noise(Drive(coloured=((1.0, 1 / rate),))), atol=1e-13)
    w = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 30)])
    np.testing.assert_allclose(grid.transform(f, w), 2 * rate / (rate**2 + w**2), rtol=1e-7, atol=1e-10)
    lags = np.array([[0.0, -1.3], [7.0, 1e-4]])
    np.testing.assert_allclose(grid.at(f, lags), np.exp(-rate * np.abs(lags)), atol=1e-12)


def test_lags_in_steps():
    ring = Ring(0.1, 4000)
    # an autoregressive process of first order
    np.testing.assert_allclose(ring.noise(Drive(white=1.0))[:9], 0.1 / 0.19 * 0.9 ** np.arange(9), rtol=1e-12)
    w = np.array([0.0, 0.1, 3.0, ring.highest])
    slow = Drive(coloured=((1.0, 3.0),))
    np.testing.assert_allclose(ring.transform(np.exp(-ring.lags / 3), w), ring.noise_spectrum(slow, w), rtol=1e-12)
    np.testing.assert_allclose(
        ring.transform(ring.noise(slow), w), np.abs(ring.response(w)) ** 2 * ring.noise_spectrum(slow, w), atol=1e-12
    )


@pytest.mark.parametrize(("power", "rho"), [(300.0, 0.9), (400.5, 0.5), (3000.0, 0.2), (700.0, 0.99)])
def test_lumped_powers_keep_their_values_around_the_constant(power, rho):
    """(ρ + (1 − ρ) x)ⁿ is a binomial mixture of powers of x; three nodes err by the third cumulant of n ln x."""
    none = np.zeros(1)
    terms = _around(Series(np.zeros(256), none, np.array([power]), np.ones(1), none), rho)
    for share in (0.1, 0.5, 1.0):  # of what falls in one unit of n (1 − ρ) (1 − x)
        x = 1 - share / (power * (1 - rho))
        expected = (rho + (1 - rho) * x) ** power - rho**power  # without x⁰
        assert terms.weights @ x**terms.powers == pytest.approx(expected, abs=1e-8)


@pytest.mark.parametrize("variance", [0.3, 0.83, 0.983, 1.3, 2.1, 6.0])
@pytest.mark.parametrize("activation", [clip, clip_and_slope, saturating_threshold, leaky, Power(0.75)])
def test_series_end_where_quadrature_does(activation, variance):
    one, h = unit(activation), 1e-4
    slopes = variance * one.slope_square(variance)
    by_variance = variance * (one.square(variance + h) - one.square(variance - h)) / (2 * h)
    for terms in (192, 1024):
        series = one.series(variance, most=terms)
        assert float(series(1.0)) == pytest.approx(one.square(variance), rel=1e-9)
        assert float(series.by_rho(1.0)) == pytest.approx(slopes, rel=1e-6)
        assert float(series.by_rho(1.0) + series.by_variance(1.0)) == pytest.approx(by_variance, rel=1e-4)


@pytest.mark.parametrize("rho", [0.5, 0.9, 0.99, 0.999])
def test_series_between_two_kinks(rho):
    # ⟨φ φ'⟩ = ∫ E[φ | y]² over the part y that both have in common, E[φ | y] in closed form
    u = 1.2
    y, weights = np.polynomial.hermite_e.hermegauss(100)
    mean, std = u * np.sqrt(rho) * y, u * np.sqrt(1 - rho)
    low, high = (-1 - mean) / std, (1 - mean) / std
    inner = mean * (norm.cdf(high) - norm.cdf(low)) - std * (norm.pdf(high) - norm.pdf(low))
    conditional = inner + norm.sf(high) - norm.cdf(low)
    if rho < 0.9:  # smooth enough for a Gauss rule
        expected = float(conditional**2 @ weights / weights.sum())
    else:
        z = np.linspace(-9, 9, 40001)
        mean = u * np.sqrt(rho) * z
        low, high = (-1 - mean) / std, (1 - mean) / std
        inner = mean * (norm.cdf(high) - norm.cdf(low)) - std * (norm.pdf(high) - norm.pdf(low))
        expected = float(np.trapezoid((inner + norm.sf(high) - norm.cdf(low)) ** 2 * norm.pdf(z), z))
    assert float(unit(clip).series(u**2)(rho)) == pytest.approx(expected, rel=2e-7)


def test_a_step_of_linear_units():
    # x' = (1 − d) x + d g J x + noise: the variance of each mode by its transfer function
    gain, d = 0.6, 0.25
    ring = Ring(d, 4096)
    theta = np.linspace(0, np.pi / d, 4097)
    power = np.abs(ring.response(theta)) ** 2
    spectrum = power / (1 - gain**2 * power)
    expected = float(np.trapezoid(spectrum, theta) / np.pi)
    found = motion(linear, gain, Drive(white=1.0), dt=d)
    assert found.variance == pytest.approx(expected, rel=1e-10)
    c = found.current_at(d * np.arange(2))  # x' − x is d f and noise
    assert found.drift == pytest.approx((2 * (c[0] - c[1]) - d) / d**2, rel=1e-9)


@pytest.mark.parametrize(
    ("activation", "gain", "noise", "lasting"),
    [
        (tanh, 2.0, Drive(), False),
        (tanh, 0.9, Drive(white=1.0), False),
        (tanh, 2.5, Drive(frozen=1.0), True),
        (tanh, 1.5, Drive(white=0.5, frozen=0.5), True),
        (relu, 0.9, Drive(white=1.0), True),
        (activations.sigmoid, 20.0, Drive(), True),
    ],
)
def test_two_solvers_agree(activation, gain, noise, lasting):
    orbit = motion(activation, gain, noise)
    assert orbit.path is not None
    grid = panels(-10, 13)
    # a start that is not the solution, but not silence either
    start = Moment(1.2 * orbit.decaying[0] * np.exp(-0.1 * grid.lags), 0.9 * orbit.constant)
    found = solve(Problem(unit(activation), gain, noise, grid, lasting), start)
    assert found is not None
    assert found.variance == pytest.approx(orbit.variance, rel=1e-8)
    assert found.constant == pytest.approx(orbit.constant, rel=1e-8)
    np.testing.assert_allclose(found.decaying, orbit.decaying, atol=1e-7 * orbit.variance)
