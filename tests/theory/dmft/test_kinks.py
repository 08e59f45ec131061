"""Activations with kinks and jumps, in Euler steps and in continuous time."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from noisette.activations import Power, linear, relu, tanh
from noisette.errors import InputError
from noisette.noise import Frozen, NoiseSpectrum, OrnsteinUhlenbeck, White, spectrum_of
from noisette.theory import autocovariance, correlations, mean_field
from noisette.theory.dmft import covariance_statistics, solve_dmft
from noisette.theory.gaussian import far_slope, no_state, unit_of


def clip(x):
    return jnp.clip(x, -1, 1)


def clip_and_slope(x):
    return jnp.clip(x, -1, 1) + 0.1 * x


def saturating_threshold(x):
    return jnp.clip(x - 0.5, 0, 1)


def leaky(x):
    return jnp.where(x > 0, x, 0.2 * x)


def step(x):
    return jnp.where(x > 0.5, 1.0, 0.0)


WHITE, WEAK, COLOURED = NoiseSpectrum(white=1.0), NoiseSpectrum(white=0.09), NoiseSpectrum(coloured=((1.0, 2.0),))
# points at which the solver failed, in some cases with "without bound", when the tail of the Hermite series was
# extrapolated from its last few terms
FAILED = [
    (clip, 1.2, WHITE, 0.1),
    (clip, 3.0, WHITE, 0.1),
    (clip, 3.0, WEAK, 0.1),
    (clip, 0.6, COLOURED, 0.1),
    (clip_and_slope, 0.5, WHITE, 0.1),
    (clip_and_slope, 1.2, WHITE, 0.1),
    (clip_and_slope, 1.25, WEAK, 0.1),
    (clip_and_slope, 1.15, COLOURED, 0.1),
    (saturating_threshold, 1.75, WHITE, 0.1),
    (saturating_threshold, 0.6, COLOURED, 0.1),
    (saturating_threshold, 3.0, COLOURED, 0.1),
]


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "gain", "noise", "dt"), FAILED)
def test_the_variance_is_a_smooth_function_of_the_gain(activation, gain, noise, dt):
    # v is a smooth function of the gain, so that the mean over ± 1 % differs only by the curvature
    below, v, above = (solve_dmft(activation, gain * f, noise, dt=dt).variance for f in (0.99, 1.0, 1.01))
    assert below < v < above
    assert v == pytest.approx((below + above) / 2, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "noise", "dt", "frozen", "variance", "dimension"),
    [  # simulations in NumPy: six networks of 600, eight runs each, of 160 to 400 time constants, with standard errors
        (clip, 1.2, White(1.0), 0.1, 0.0, (0.9813, 0.0032), (0.4029, 0.0074)),
        (clip, 1.2, White(1.0), 0.5, 0.0, (1.1555, 0.0019), (0.5798, 0.0029)),
        (clip, 0.6, OrnsteinUhlenbeck(1.0, 2.0), 0.1, 0.0, (0.8188, 0.0017), (0.7401, 0.0033)),
        (clip, 1.2, White(0.7), 0.1, 0.7, (1.4649, 0.0311), None),
        (clip_and_slope, 1.2, White(1.0), 0.1, 0.0, (1.2139, 0.0055), (0.2623, 0.0077)),
        (clip_and_slope, 0.5, White(1.0), 0.5, 0.0, (0.7475, 0.0005), (0.9418, 0.0007)),
        (saturating_threshold, 1.75, White(1.0), 0.1, 0.0, (0.6775, 0.0033), (0.8767, 0.0020)),
        (saturating_threshold, 3.0, OrnsteinUhlenbeck(1.0, 2.0), 0.1, 0.0, (2.5970, 0.0324), (0.3690, 0.0064)),
        (leaky, 0.8, White(1.0), 0.2, 0.0, (0.7074, 0.0028), (0.8747, 0.0008)),
        (lambda x: jnp.clip(0.5 + x / 4, 0, 1), 2.0, White(1.0), 0.1, 0.0, (1.8494, 0.0340), (0.8919, 0.0027)),
        (jnp.sign, 0.8, White(1.0), 0.1, 0.0, (0.8107, 0.0015), (0.6064, 0.0039)),
        (
            lambda x: jnp.where(x > 0, 1.0, 0.0),
            1.5,
            OrnsteinUhlenbeck(1.0, 2.0),
            0.2,
            0.0,
            (1.7212, 0.0153),
            (0.6717, 0.0017),
        ),
    ],
)
def test_tabulated_simulations(activation, gain, noise, dt, frozen, variance, dimension):
    # false alarms 1e-3 each at 3.3 standard errors; D of 600 units has an additional relative error of about 1/N
    solution = solve_dmft(activation, gain, spectrum_of(noise + Frozen(frozen)), dt=dt)
    assert solution.variance == pytest.approx(variance[0], abs=3.3 * variance[1])
    if dimension is not None:
        result = covariance_statistics(solution, "current", "equal-time").dimension
        assert result == pytest.approx(dimension[0], abs=3.3 * dimension[1] + result / 600)


@pytest.mark.slow
@pytest.mark.parametrize("activation", [clip, saturating_threshold])
@pytest.mark.parametrize("noise", [WHITE, COLOURED])
def test_short_steps_are_continuous_time(activation, noise):
    def moments(dt):
        solution = solve_dmft(activation, 0.9, noise, dt=dt)
        return np.array([solution.variance, covariance_statistics(solution, "current", "equal-time").dimension])

    exact = moments(None)
    first, second = (moments(dt) - exact for dt in (0.02, 0.01))
    np.testing.assert_allclose(first / second, 2, rtol=0.08)


@pytest.mark.slow
@pytest.mark.parametrize("dt", [0.01, 0.1, 0.5, 1.0])
def test_units_that_do_not_reach_a_kink_are_linear(dt):
    # x' = (1 − d) x + d g J x + σ √d ξ: a mode's spectrum σ² d/(1 + a² − g² d² − 2a cos θ), a = 1 − d
    gain, sigma, a = 0.7, 0.05, 1 - dt
    expected = sigma**2 * dt / np.sqrt((1 + a**2 - (gain * dt) ** 2) ** 2 - 4 * a**2)
    for activation in (linear, clip, lambda x: jnp.clip(x, -1, 2)):
        result = mean_field(activation, gain, White(sigma), dt=dt)
        assert float(result.variance) == pytest.approx(expected, rel=1e-9)


def test_an_uncoupled_unit_is_an_autoregressive_process():
    # dx = −x dt + σ dW by Euler: σ²/(2 − dt). With coupling, the error is linear in dt
    for dt in (0.4, 0.2, 0.1, 0.05):
        result = mean_field(tanh, 0.0, White(1.4**0.5), dt=dt)
        assert float(result.variance) == pytest.approx(1.4 / (2 - dt), rel=1e-12)
    exact = float(mean_field(tanh, 0.9, White(1.0)).variance)
    off = [float(mean_field(tanh, 0.9, White(1.0), dt=dt).variance) - exact for dt in (0.04, 0.02, 0.01)]
    assert off[2] > 1e-3
    np.testing.assert_allclose(np.divide(off[:2], off[1:]), 2, rtol=0.03)


@pytest.mark.slow
@pytest.mark.parametrize("variance", [0.3, 0.83, 0.983, 1.3, 2.1, 6.0])
@pytest.mark.parametrize("activation", [clip, clip_and_slope, saturating_threshold, leaky, Power(0.75)])
def test_series_and_quadrature_agree(activation, variance):
    unit, h = unit_of(activation), 1e-4
    slopes = variance * unit.slope_square(variance)
    by_variance = variance * (unit.square(variance + h) - unit.square(variance - h)) / (2 * h)
    for terms in (192, 1024):
        series = unit.series(variance, most=terms)
        assert float(series(1.0)) == pytest.approx(unit.square(variance), rel=1e-9)
        assert float(series.by_rho(1.0)) == pytest.approx(slopes, rel=1e-6)
        assert float(series.by_rho(1.0) + series.by_variance(1.0)) == pytest.approx(by_variance, rel=1e-4)


@pytest.mark.parametrize("rho", [0.5, 0.9, 0.99, 0.999])
def test_series_between_two_kinks(rho):
    # ⟨φ φ'⟩ = ∫ E[φ | y]² over the common part y of both, E[φ | y] in closed form
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
    assert float(unit_of(clip).series(u**2)(rho)) == pytest.approx(expected, rel=2e-7, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("activation", [jnp.sign, step])
def test_jumps_in_steps(activation):
    result = correlations(activation, 0.9, White(1.0), dt=0.1)
    assert bool(result.valid)
    assert float(result.susceptibility) == np.inf
    steep = {jnp.sign: lambda x: jnp.tanh(60 * x), step: lambda x: (1 + jnp.tanh(60 * (x - 0.5))) / 2}[activation]
    near = correlations(steep, 0.9, White(1.0), dt=0.1)
    assert float(near.variance) == pytest.approx(float(result.variance), rel=1e-2)
    assert float(near.participation_dimension) == pytest.approx(float(result.participation_dimension), rel=3e-2)
    curve = autocovariance(activation, 0.9, White(1.0), [0.0, 0.1], dt=0.1)
    if activation is jnp.sign:  # ⟨sign sign'⟩ = (2/π) asin ρ
        rho = float(curve.current[1] / curve.current[0])
        assert curve.rate.values == pytest.approx([1, 2 / np.pi * np.arcsin(rho)], abs=2e-4)
    with pytest.raises(InputError, match="jumps"):
        mean_field(activation, 0.9, OrnsteinUhlenbeck(1.0, 2.0))  # no finite exponent


def test_a_step_above_zero_is_silent_without_noise():
    assert float(mean_field(step, 0.8, dt=0.1).variance) == 0


@pytest.mark.parametrize(
    ("activation", "slope"),
    [(tanh, 0.0), (clip, 0.0), (step, 0.0), (linear, 1.0), (clip_and_slope, 0.1), (relu, 0.5**0.5), (Power(0.9), 0.0),
     (leaky, (1.04 / 2) ** 0.5), (Power(1.5), np.inf)],
)  # fmt: skip
def test_growth_far_from_zero(activation, slope):
    assert far_slope(activation) == pytest.approx(slope, rel=1e-6)
    for gain in (0.5, 1.0, 20.0):
        text = str(no_state(activation, gain, "something"))
        assert ("without bound" in text) == (gain * slope >= 1)
        assert ("bounded" in text) == (gain * slope < 1)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "noise"), [(linear, 1.0, WHITE), (relu, 1.5, WHITE), (clip_and_slope, 10.5, COLOURED)]
)
def test_unbounded_growth_is_also_refused_in_steps(activation, gain, noise):
    with pytest.raises(InputError, match="without bound"):
        solve_dmft(activation, gain, noise, dt=0.1)
