from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import noisette as nz
from noisette.activations import Power, Threshold, erf, linear, relu, sigmoid, tanh
from noisette.errors import InputError
from noisette.noise import NoiseSpectrum, White
from noisette.theory.dmft import (
    EulerLags,
    continuous_lags,
    covariance_statistics,
    dynamic_statistics,
    exponent,
    solve_dmft,
)
from noisette.theory.dmft._self_consistency import Problem, SecondMoment, solve
from noisette.theory.gaussian import unit_of

ROUNDED = 1.6e-4  # for numbers with four digits from a grid of lags


def coloured(tau: float, std: float = 1.0) -> NoiseSpectrum:
    """Return noise in which an uncoupled unit has the same variance for any τ_c."""
    return NoiseSpectrum(coloured=((std**2 * (1 + tau) / tau, tau),))


def four(activation, gain, noise, dt=None):
    """Return v, ⟨φ²⟩, D of x and D of φ(x)."""
    solution = solve_dmft(activation, gain, noise, dt=dt)
    return (
        solution.variance,
        solution.rate_square,
        covariance_statistics(solution, "current", "equal-time").dimension,
        covariance_statistics(solution, "rate", "equal-time").dimension,
    )


@pytest.mark.parametrize("gain", [0.0, 0.3, 0.7, 0.95, 0.999])
@pytest.mark.parametrize("activity", ["current", "rate"])
def test_linear_units_in_white_noise(gain, activity):
    k, sigma = np.sqrt(1 - gain**2), 1.7
    result = dynamic_statistics(linear, gain, NoiseSpectrum(white=sigma**2), activity=activity)
    expected = 8 * k**3 / (3 - 2 * k + 4 * k**2 + 2 * k**3 + k**4)
    assert result.variance == pytest.approx(sigma**2 / (2 * k), rel=1e-10)
    assert result.dimension == pytest.approx(expected, rel=1e-9)
    assert result.covariance_variance == pytest.approx(result.variance**2 * (1 / expected - 1), rel=1e-8, abs=1e-12)
    assert result.susceptibility == pytest.approx(gain**2)
    assert result.effective_gain == pytest.approx(gain)
    windows = dynamic_statistics(
        linear, gain, NoiseSpectrum(white=sigma**2), activity=activity, covariance="long-window"
    )
    assert windows.variance == pytest.approx(sigma**2 / k**2, rel=1e-8)
    assert windows.dimension == pytest.approx(k**4, rel=1e-7)


@pytest.mark.slow
def test_limits_of_the_correlation_time():
    def close(activation, first: NoiseSpectrum, second: NoiseSpectrum) -> np.ndarray:
        a, b = four(activation, 0.9, first), four(activation, 0.9, second)
        return np.abs(np.array(a) / b - 1)

    white = [close(tanh, coloured(tau), NoiseSpectrum(white=2.0)) for tau in (2e-3, 1e-3)]
    np.testing.assert_allclose(white[0] / white[1], 2, rtol=0.05)  # first order in τ_c
    frozen = [close(tanh, coloured(tau), NoiseSpectrum(frozen=1.0)) for tau in (1e3, 2e3)]
    np.testing.assert_allclose(frozen[0] / frozen[1], 2, rtol=0.05)  # and in 1/τ_c
    assert max(white[1].max(), frozen[1].max()) < 2e-3
    assert close(Threshold(0.3), coloured(1e-3), NoiseSpectrum(white=2.0)).max() < 2e-3
    assert close(Threshold(0.3), coloured(2e3), NoiseSpectrum(frozen=1.0)).max() < 2e-3


@pytest.mark.parametrize("gain", [0.8, 1.2, 1.5])
def test_slow_noise_is_a_boundary_layer(gain):
    still = solve_dmft(tanh, gain, NoiseSpectrum(frozen=1.0))
    v = still.variance
    slope = gain**2 * float(still.series.by_rho(1.0) + still.series.by_variance(1.0)) / v  # g² d⟨φ²⟩/dv
    expected = (1 / np.sqrt(1 - still.susceptibility) - 1) / (1 - slope)
    if gain == 1.2:
        assert expected == pytest.approx(0.556, abs=5e-4)
    result = [tau * (v - solve_dmft(tanh, gain, coloured(tau)).variance) for tau in (1e3, 2e3)]
    assert 2 * result[1] - result[0] == pytest.approx(expected, rel=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "noise", "dt", "expected"),
    [
        (tanh, 2.0, NoiseSpectrum(white=2.25), 0.1, (2.6319, 0.5676, 0.2903, 0.3410)),
        (tanh, 2.0, NoiseSpectrum(white=0.25), 0.1, (1.938, 0.5144, 0.024, 0.030)),
        (tanh, 1.2, coloured(0.3), 0.1, (1.4905, None, 0.6431, 0.6692)),
        (tanh, 1.2, coloured(30.0), 0.1, (1.6944, None, 0.3950, 0.4108)),
        (tanh, 2.5, NoiseSpectrum(frozen=1.0), 0.2, (5.0877, None, 0.1022, 0.1275)),
        (tanh, 3.0, NoiseSpectrum(frozen=0.25), None, (5.944, None, 0.0438, 0.0615)),
    ],
)
def test_tabulated_numbers(activation, gain, noise, dt, expected):
    result = four(activation, gain, noise, dt)
    for value, target in zip(result, expected, strict=True):
        digits = 5.1e-4 if target in (1.938, 0.024, 0.030, 5.944) else ROUNDED
        assert target is None or value == pytest.approx(target, abs=digits)


def test_the_static_part_of_chaos_in_frozen_noise():
    assert solve_dmft(tanh, 2.5, NoiseSpectrum(frozen=1.0)).constant == pytest.approx(3.800, abs=5e-4)


@pytest.mark.parametrize(
    ("gain", "still", "at_once", "windows"),
    [(0.5, 0.835, 0.956, 0.830), (1.0, 0.508, 0.805, 0.458), (1.5, 0.269, 0.532, 0.162), (2.0, 0.158, 0.267, 0.046)],
)
def test_quenched_against_annealed_noise(gain, still, at_once, windows):
    white = solve_dmft(tanh, gain, NoiseSpectrum(white=2.0))
    assert covariance_statistics(white, "rate", "equal-time").dimension == pytest.approx(at_once, abs=5e-4)
    result = covariance_statistics(white, "rate", "long-window")
    assert result.dimension == pytest.approx(windows, abs=6e-4)  # of a grid of lags: 0.1614 at g = 1.5
    assert result.dimension == pytest.approx((1 - result.effective_gain**2) ** 2, rel=1e-9)
    if gain < 1.8:  # frozen noise of the same variance; beyond, it no longer suppresses chaos
        assert dynamic_statistics(tanh, gain, NoiseSpectrum(frozen=1.0), activity="rate").dimension == pytest.approx(
            still, abs=5e-4
        )


@pytest.mark.parametrize("gain", [0.8, 1.2, 1.5])
def test_fixed_points_have_the_static_formulas(gain):
    solution = solve_dmft(erf, gain, NoiseSpectrum(frozen=1.0))
    v = solution.variance
    q, slope = 2 / np.pi * np.arcsin(2 * v / (1 + 2 * v)), 2 / np.sqrt(np.pi * (1 + 2 * v))
    assert v == pytest.approx(1 + gain**2 * q, rel=1e-12)
    assert solution.susceptibility == pytest.approx(gain**2 * 4 / np.pi / np.sqrt(1 + 4 * v), rel=1e-10)
    nu = gain**2 * slope**2
    assert solution.effective_gain == pytest.approx(np.sqrt(nu), rel=1e-12)
    passed = gain**2 / (1 - nu)
    current, rate = (
        covariance_statistics(solution, "current", "equal-time"),
        covariance_statistics(solution, "rate", "equal-time"),
    )
    assert current.covariance_variance == pytest.approx(passed**2 * q**2 + 2 * passed * (slope * v) ** 2, rel=1e-10)
    assert rate.covariance_variance == pytest.approx(q**2 * (1 / (1 - nu) ** 2 - 1), rel=1e-10)
    assert rate.dimension == pytest.approx((1 - nu) ** 2, rel=1e-10)
    assert covariance_statistics(solution, "current", "long-window") == pytest.approx(current)
    assert solve_dmft(erf, gain, NoiseSpectrum(frozen=1.0), dt=0.1).variance == v


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "variance", "current", "rate"),
    [
        (relu, 0.8, 1.47059, 0.6654, 0.5909),
        (relu, 1.1, 1 / (1 - 1.1**2 / 2), 0.361, 0.305),
        (Threshold(0.5), 1.0, None, 0.7589, 0.6917),
    ],
)
def test_units_with_individual_means(activation, gain, variance, current, rate):
    solution = solve_dmft(activation, gain, NoiseSpectrum(frozen=1.0))
    if variance is not None:
        assert solution.variance == pytest.approx(variance, abs=5e-6)
    result = [covariance_statistics(solution, activity, "equal-time") for activity in ("current", "rate")]
    assert result[0].dimension == pytest.approx(current, abs=5e-4 if gain == 1.1 else 6e-5)
    assert result[1].dimension == pytest.approx(rate, abs=5e-4 if gain == 1.1 else 6e-5)
    if gain == 0.8:
        assert solution.mean_square == pytest.approx(0.17966, abs=5e-6)
        assert solution.effective_gain**2 == pytest.approx(0.17247, abs=5e-6)
    assert result[0].variance == pytest.approx(solution.variance - solution.mean_square)
    # both parts of the variance of rates: within units of this mean, and between units
    means = solution.rate_square - result[1].variance
    assert gain**2 * means == pytest.approx(solution.mean_square, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [NoiseSpectrum(frozen=0.5, white=0.5), coloured(2.0)])
def test_signs_and_units_do_not_matter(noise):
    plain = four(relu, 0.9, noise)
    assert four(lambda x: -jnp.maximum(x, 0.0), 0.9, noise) == pytest.approx(plain, rel=1e-9)
    assert four(lambda x: jnp.minimum(x, 0.0), 0.9, noise) == pytest.approx(plain, rel=1e-9)
    louder = four(lambda x: 3 * jnp.maximum(x, 0.0), 0.3, noise)
    assert louder[0] == pytest.approx(plain[0], rel=1e-9)
    assert louder[2:] == pytest.approx(plain[2:], rel=1e-9)


def test_means_appear_continuously():
    # a mean so small that units are nearly odd
    even = four(tanh, 1.2, coloured(3.0))
    shifted = four(lambda x: jnp.tanh(x) + 1e-4, 1.2, coloured(3.0))
    assert shifted == pytest.approx(even, rel=1e-6)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(st.floats(0.1, 3.0), st.floats(0.05, 2.0), st.floats(0.0, 2.0), st.floats(0.1, 20.0))
def test_the_dimension_is_positive_in_every_noise(gain, white, frozen, tau):
    solution = solve_dmft(tanh, gain, NoiseSpectrum(white, ((0.3, tau),), frozen))
    result = [covariance_statistics(solution, activity, "equal-time") for activity in ("current", "rate")]
    assert result[0].effective_gain ** 2 <= result[0].susceptibility + 1e-12
    assert result[0].effective_gain < 1
    assert 0 < result[0].dimension < result[1].dimension < 1
    assert (np.abs(solution.decaying) <= solution.decaying[0] * (1 + 1e-12)).all()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "noise"),
    [
        (tanh, 2.0, NoiseSpectrum(white=1.0)),
        (tanh, 2.0, coloured(2.0)),
        (tanh, 1.2, NoiseSpectrum(white=0.5, coloured=((0.5, 5.0),), frozen=0.3)),
        (relu, 0.8, NoiseSpectrum(white=1.0)),
    ],
)
def test_short_steps_are_continuous_time(activation, gain, noise):
    exact = np.array(four(activation, gain, noise))
    off = [np.abs(np.array(four(activation, gain, noise, dt)) - exact) for dt in (0.02, 0.01)]
    np.testing.assert_allclose(off[0] / off[1], 2, rtol=0.06)
    energy = [solve_dmft(activation, gain, noise, dt=dt).drift for dt in (0.02, 0.01, None)]
    assert 2 * energy[1] - energy[0] == pytest.approx(energy[2], rel=1e-3)


def test_a_step_of_linear_units():
    # x' = (1 − d) x + d g J x + noise: the variance of each mode by its transfer function
    gain, d = 0.6, 0.25
    grid = EulerLags(d, 4096)
    theta = np.linspace(0, np.pi / d, 4097)
    power = np.abs(grid.response(theta)) ** 2
    spectrum = power / (1 - gain**2 * power)
    expected = float(np.trapezoid(spectrum, theta) / np.pi)
    result = solve_dmft(linear, gain, NoiseSpectrum(white=1.0), dt=d)
    assert result.variance == pytest.approx(expected, rel=1e-10)
    c = result.current_at(d * np.arange(2))  # x' − x is d f and noise
    assert result.drift == pytest.approx((2 * (c[0] - c[1]) - d) / d**2, rel=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain", "noise", "lasting"),
    [
        (tanh, 2.0, NoiseSpectrum(), False),
        (tanh, 0.9, NoiseSpectrum(white=1.0), False),
        (tanh, 2.5, NoiseSpectrum(frozen=1.0), True),
        (tanh, 1.5, NoiseSpectrum(white=0.5, frozen=0.5), True),
        (relu, 0.9, NoiseSpectrum(white=1.0), True),
        (sigmoid, 20.0, NoiseSpectrum(), True),
    ],
)
def test_two_solvers_agree(activation, gain, noise, lasting):
    potential_trajectory = solve_dmft(activation, gain, noise)
    assert potential_trajectory.trajectory is not None
    grid = continuous_lags(-10, 13)
    # an initial guess that is neither the solution nor silence
    start = SecondMoment(
        1.2 * potential_trajectory.decaying[0] * np.exp(-0.1 * grid.lags), 0.9 * potential_trajectory.constant
    )
    result = solve(Problem(unit_of(activation), gain, noise, grid, lasting), start)
    assert result is not None
    assert result.variance == pytest.approx(potential_trajectory.variance, rel=1e-8)
    assert result.constant == pytest.approx(potential_trajectory.constant, rel=1e-8)
    np.testing.assert_allclose(
        result.decaying, potential_trajectory.decaying, atol=1e-7 * potential_trajectory.variance
    )


@pytest.mark.parametrize(
    ("activation", "gain", "noise"),
    [
        (tanh, 2.0, NoiseSpectrum()),
        (tanh, 1.2, NoiseSpectrum(white=0.09)),
        (tanh, 2.5, NoiseSpectrum(frozen=1.0)),
        (tanh, 2.0, NoiseSpectrum(white=0.1, frozen=0.2)),
        (relu, 1.0, NoiseSpectrum(white=1.0)),
    ],
)
def test_exponents_of_two_methods_agree(activation, gain, noise):
    solution = solve_dmft(activation, gain, noise)
    assert exponent(replace(solution, trajectory=None, solved=solution.decaying)) == pytest.approx(
        exponent(solution), abs=1e-8
    )


@pytest.mark.slow
def test_exponents_in_coloured_noise():
    white = exponent(solve_dmft(tanh, 2.0, NoiseSpectrum(white=1.0)))
    assert exponent(solve_dmft(tanh, 2.0, coloured(1e-3, 0.5**0.5))) == pytest.approx(white, abs=3e-5)
    frozen = exponent(solve_dmft(tanh, 2.0, NoiseSpectrum(frozen=0.5)))
    assert frozen > 0
    slow = [exponent(solve_dmft(tanh, 2.0, coloured(tau, 0.5**0.5))) for tau in (1e3, 4e3)]
    assert frozen > slow[1] > slow[0]
    still = solve_dmft(tanh, 1.5, NoiseSpectrum(frozen=1.0))
    assert exponent(still) == pytest.approx(np.sqrt(still.susceptibility) - 1, abs=1e-12)
    for gain, sign in ((1.85, -1), (1.86, 1)):  # χ = 1 at 1.8556
        assert np.sign(exponent(solve_dmft(tanh, gain, NoiseSpectrum(frozen=1.0)))) == sign


def test_chaos_sets_in_continuously():
    result = [solve_dmft(tanh, gain, NoiseSpectrum(frozen=1.0)) for gain in (1.8558, 1.8566, 1.8598)]
    sizes = [solution.decaying[0] for solution in result]
    assert 0 < sizes[0] < sizes[1] < sizes[2] < 0.01
    # proportional to the distance to χ = 1 along the fixed point
    along = [gain - 1.8556 for gain in (1.8566, 1.8598)]
    assert sizes[2] / sizes[1] == pytest.approx(along[1] / along[0], rel=0.15)


@pytest.mark.slow
def test_power_laws_above_one_stay_below_their_fold():
    noise = NoiseSpectrum(white=2.0)
    result = solve_dmft(Power(1.5), 0.3, noise)
    assert result.variance == pytest.approx(1.0819, abs=1e-4)
    grid = continuous_lags(-10, 13)
    again = solve(Problem(unit_of(Power(1.5)), 0.3, noise, grid, False), SecondMoment(grid.noise(noise), 0.0))
    assert again is not None
    assert again.variance == pytest.approx(result.variance, rel=1e-7)
    for drive in (noise, NoiseSpectrum(frozen=1.0), coloured(3.0)):
        with pytest.raises(InputError, match="no stationary state"):
            solve_dmft(Power(1.5), 1.0, drive)


@pytest.mark.slow
def test_a_user_defined_activation():
    def mine(x):
        return jnp.where(x < 0, jnp.expm1(2 * x) / (jnp.exp(2 * x) + 1), -jnp.expm1(-2 * x) / (jnp.exp(-2 * x) + 1))

    assert four(mine, 1.2, coloured(3.0)) == pytest.approx(four(tanh, 1.2, coloured(3.0)), rel=1e-9)


def test_silence_has_no_dimension():
    for activation in (tanh, relu):
        result = dynamic_statistics(activation, 0.5, NoiseSpectrum())
        assert result[:2] == (0, 0)
        assert np.isnan(result.dimension)
    assert dynamic_statistics(tanh, 0.5, NoiseSpectrum()).effective_gain == pytest.approx(0.5)
    fixed = solve_dmft(sigmoid, 1.0, NoiseSpectrum())  # the same at all times and in all trials
    assert fixed.mean_square == fixed.variance > 0
    assert covariance_statistics(fixed, "rate", "equal-time").variance == 0


@pytest.mark.slow
def test_rectified_units_against_simulation():
    size, gain, count, dt = 200, 0.8, 16, 0.1
    networks = []
    for key in jax.random.split(jax.random.key(3), count):
        W = nz.weights.gaussian(size, size**-0.5, key=key)
        networks.append(nz.RateNetwork(W, gain=gain, activation=relu, noise=White(1.0)))
    run = nz.simulate(networks, duration=220, dt=dt, probes=nz.Trace(every=5), warn=False, key=jax.random.key(4))
    x = run.trace.isel(run=0).transpose("network", "unit", ...).values[..., 40:]
    result = np.stack([(x**2).mean((1, 2)), x.var(2).mean(1), np.maximum(x, 0).var(2).mean(1)], axis=1)
    solution = solve_dmft(relu, gain, NoiseSpectrum(white=1.0), dt=dt)
    current, rate = (
        covariance_statistics(solution, activity, "equal-time").variance for activity in ("current", "rate")
    )
    mean, error = np.mean(result, axis=0), np.std(result, axis=0, ddof=1) / np.sqrt(count)
    assert np.abs((mean - [solution.variance, current, rate]) / error).max() < 4


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((tanh, 1.0, NoiseSpectrum(white=1.0)), {"dt": 0.0}, "dt 0"),
        ((tanh, 1.0, NoiseSpectrum(white=1.0)), {"dt": 1.5}, "dt 1.5"),
        ((tanh, 1.2, NoiseSpectrum(coloured=((1.0, 1e5),))), {"dt": 0.01}, "steps are allowed; use a longer step"),
        ((jnp.sign, 1.2, coloured(1.0)), {}, "the activation jumps"),
        ((linear, 1.5, coloured(1.0)), {}, "no stationary state"),
        ((relu, 1.5, NoiseSpectrum(white=1.0, frozen=1.0)), {}, "no stationary state"),
        ((tanh, -1.0, NoiseSpectrum()), {}, "gain -1"),
    ],
)
def test_invalid_input_is_refused(arguments, options, message):
    with pytest.raises(InputError, match=message):
        dynamic_statistics(*arguments, **options)
