"""Gain from covariances: exact relations, recovery with intervals, subsets of units, checks, and refusal."""

import numpy as np
import pytest
import scipy.linalg

from noisette.analysis import effective_gain
from noisette.analysis.inference._random_networks import random_networks, spread_and_variance
from noisette.analysis.inference._windows import correlation_time, statistics_of, windows_of
from noisette.errors import InputError
from noisette.keys import as_key
from noisette.theory import linear_gain

SIGMA = 0.7
DT = 0.2


def drift(size, gain, rng):
    while True:
        matrix = gain * rng.standard_normal((size, size)) / np.sqrt(size) - np.eye(size)
        if np.linalg.eigvals(matrix).real.max() < -0.01:
            return matrix


def activity(matrix, trials, times, rng, dt=DT):
    """Return stationary samples of the linear network in white noise, by the exact propagator."""
    size = len(matrix)
    covariance = scipy.linalg.solve_continuous_lyapunov(matrix, -(SIGMA**2) * np.eye(size))
    propagator = scipy.linalg.expm(matrix * dt)
    root = np.linalg.cholesky(covariance - propagator @ covariance @ propagator.T)
    x = rng.standard_normal((trials, size)) @ np.linalg.cholesky(covariance).T
    samples = np.empty((trials, times, size))
    for t in range(times):
        samples[:, t] = x
        x = x @ propagator.T + rng.standard_normal((trials, size)) @ root.T
    return samples


@pytest.mark.parametrize("observed", [30, 12])
def test_covariances_of_windows_by_quadrature(observed):
    """C_T = ∫ (1 − |s|/T) C(s) ds against quadrature, and F⁻¹F⁻ᵀ for long windows, for the same weights."""
    size, gain, window = 30, 0.6, 7.0
    result = random_networks(gain, size, observed, window, 2, as_key(0))
    from noisette.random_numbers import fold_in, normal

    matrix = gain / np.sqrt(size) * np.asarray(normal(fold_in(as_key(0), 0), (size, size))) - np.eye(size)
    equal = scipy.linalg.solve_continuous_lyapunov(matrix, -np.eye(size))
    nodes, weights = np.polynomial.legendre.leggauss(40)
    lags = (nodes + 1) / 2 * window
    parts = [w * (1 - s / window) * scipy.linalg.expm(matrix * s) @ equal for s, w in zip(lags, weights, strict=True)]
    half = np.sum(parts, axis=0) * window / 2
    kept = slice(observed)
    windowed = spread_and_variance((half + half.T)[kept, kept], size)
    statistics = result.statistics
    assert (statistics.long_spread[0], statistics.long_variance[0]) == pytest.approx(windowed, rel=1e-8)
    found = statistics.equal_spread[0], statistics.equal_variance[0]
    assert found == pytest.approx(spread_and_variance(equal[kept, kept], size), rel=1e-8)
    response = np.linalg.inv(matrix)[kept]
    endless = random_networks(gain, size, observed, 1e7, 2, as_key(0)).statistics
    assert endless.long_spread[0] == pytest.approx(spread_and_variance(response @ response.T, size)[0], rel=1e-5)


def test_exact_covariances_of_large_networks_give_the_gain():
    """The spread of one network of 400 units has an error of order 1/N: 1.5 % of the gain is four times the scatter."""
    rng = np.random.default_rng(0)
    for gain in (0.3, 0.6):
        matrix = drift(400, gain, rng)
        response = np.linalg.inv(matrix)
        spread, _ = spread_and_variance(response @ response.T, 400)
        assert linear_gain(float(np.expm1(spread))) == pytest.approx(gain, rel=0.02)
        equal = scipy.linalg.solve_continuous_lyapunov(matrix, -np.eye(400))
        spread, _ = spread_and_variance(equal, 400)
        assert linear_gain(float(np.expm1(spread)), "equal-time") == pytest.approx(gain, rel=0.02)


def test_correlation_time_of_an_autoregression():
    """(1 + ρ)/(1 − ρ) = 9 samples at ρ = 0.8; 10⁵ samples of 5 units determine it within 3 %."""
    x = activity(-np.eye(5), 1, 100_000, np.random.default_rng(1), dt=-np.log(0.8))
    assert correlation_time(x) == pytest.approx(9.0, rel=0.1)


def test_statistics_do_not_depend_on_scale_or_mean():
    x = activity(drift(12, 0.5, np.random.default_rng(1)), 2, 400, np.random.default_rng(2))
    one, two = (statistics_of(windows_of(data, 40, 8.0), 12) for data in (x, 3 * x + 5))
    assert two.long_spread == pytest.approx(one.long_spread)
    assert two.equal_spread == pytest.approx(one.equal_spread)
    assert two.long_variance == pytest.approx(one.long_variance + 2 * np.log(3))


@pytest.mark.slow
@pytest.mark.parametrize("covariance", ["long-window", "equal-time"])
def test_gain_and_noise_are_recovered(covariance):
    """Twelve networks of 50 units: a 95 % interval that misses three of twelve has the probability 2 %."""
    inside = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        x = activity(drift(50, 0.6, rng), 1, 6000, rng)
        fit = effective_gain(x, dt=DT, key=seed, covariance=covariance)
        inside.append([fit.gain_low < 0.6 < fit.gain_high, fit.noise_low < SIGMA < fit.noise_high])
    assert (np.array(inside, bool).sum(0) >= 10).all()


@pytest.mark.slow
def test_a_random_subset_gives_the_gain_of_the_whole():
    """20 of 80 units; if N were taken for 20, the gain would be far lower."""
    rng = np.random.default_rng(3)
    x = activity(drift(80, 0.7, rng), 40, 400, rng)[:, :, :20]
    fit = effective_gain(x, size=80, key=0)
    assert float(fit.gain_low) < 0.7 < float(fit.gain_high)
    assert float(effective_gain(x, key=0).gain) < float(fit.gain) - 0.1


@pytest.mark.slow
def test_snapshots_in_frozen_noise():
    """x = (1 − gJ)⁻¹ ξ: one sample a trial, without another relation to compare with."""
    rng = np.random.default_rng(4)
    x = rng.standard_normal((600, 60)) @ np.linalg.inv(drift(60, 0.5, rng)).T
    fit = effective_gain(x[:, None, :], key=0)
    assert float(fit.gain_low) < 0.5 < float(fit.gain_high)
    assert float(fit.noise_low) < 1.0 < float(fit.noise_high)
    assert fit.relation.values.tolist() == ["long-window"]
    assert "no other relation" in fit.attrs["reason"]


@pytest.mark.slow
def test_uncoupled_units_have_a_gain_near_zero():
    rng = np.random.default_rng(5)
    fit = effective_gain(activity(-np.eye(40), 1, 8000, rng), dt=DT, key=0)
    assert float(fit.gain_low) == 0.0
    assert float(fit.gain_high) < 0.4
    assert bool(fit.valid)


@pytest.mark.slow
def test_shared_input_is_reported():
    """A common signal of a third of the variance in uncoupled units imitates a gain."""
    rng = np.random.default_rng(6)
    x = activity(-np.eye(41), 1, 8000, rng)
    fit = effective_gain(x[..., :40] + 0.7 * x[..., 40:], dt=DT, key=0)
    assert float(fit.gain) > 0.5
    assert float(fit.common_share) > 0.5
    assert not bool(fit.valid)
    assert "units share input" in fit.attrs["reason"]


@pytest.mark.slow
def test_a_wrong_time_constant_is_reported():
    """With dt twice too long, the autocovariance seems to decay too slowly for the covariances."""
    rng = np.random.default_rng(7)
    x = activity(drift(60, 0.4, rng), 1, 12_000, rng)
    assert bool(effective_gain(x, dt=DT, key=0).valid)
    fit = effective_gain(x, dt=2 * DT, key=0)
    assert not bool(fit.valid)
    assert "'autocovariance'" in fit.attrs["reason"]


DATA = np.random.default_rng(0).standard_normal((10, 30, 6))


@pytest.mark.parametrize(
    ("data", "options", "message"),
    [
        (DATA, {"size": 5}, "6 observed units of 5"),
        (DATA, {"window": 31}, "window 31 of 30"),
        (DATA[:, :, :3], {}, "3 units; at least 4"),
        (DATA[:1], {"window": 10}, "3 windows of 10 samples"),
        (DATA, {"dt": 0.0}, "dt 0"),
        (DATA, {"networks": 3}, "3 networks"),
        (DATA[:, :1], {"covariance": "equal-time"}, "snapshots"),
        (DATA, {"covariance": "short"}, "covariance"),
    ],
)
def test_wrong_arguments(data, options, message):
    with pytest.raises(InputError, match=message):
        effective_gain(data, key=0, **options)
