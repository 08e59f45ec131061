"""Statistical tests of the noise of isolated leaky units, from simulated states.

Standard errors are those of means over blocks of time, of which each mean includes all units. They remain valid if
the units share their noise, so that this fault affects no other test than that of independence.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import fdtrc, ndtri, stdtr

from noisette.p_values import anderson_darling

BLOCKS = 40  # of time
LEAST = 1e-300  # replaces zero in denominators
LAGS = 10  # largest lag, in steps, at which the noise is tested for memory
MEAN_OF_STATISTIC = 0.384  # of A*² under normality: ∫ var(process)(u)/(u(1 − u)) du for estimated mean and variance


class Row(NamedTuple):
    """Result of a test.

    Attributes
    ----------
    expected, measured : the quantity tested
    se : standard error of the measured value, or NaN
    p : two-sided p value; one-sided for sums of squares
    """

    expected: float
    measured: float
    se: float
    p: float


NOT_APPLICABLE = Row(np.nan, np.nan, np.nan, np.nan)


class Trial:
    """States of a run, and the noise in each step.

    Parameters
    ----------
    states : states of isolated units, shape (time, units)

    Attributes
    ----------
    x : states minus their mean
    noise : what the linear regression on the state before leaves of each state, shape (time − 1, units)
    """

    def __init__(self, states: np.ndarray):
        self.states = states
        self.x = states - states.mean()
        before, after = self.x[:-1], self.x[1:]
        power = (before**2).sum()
        self.decay = (before * after).sum() / power if power > 0 else 0.0
        self.noise = after - self.decay * before

    @property
    def step_variance(self) -> tuple[float, float]:
        """Variance of the noise in a step, and its standard error."""
        means = blocks(self.noise**2)
        return float(means.mean()), standard_error(means)

    def memory(self, lags: int) -> tuple[np.ndarray, np.ndarray]:
        """Return autocorrelations of the noise at lags of 1, 2, … steps, with standard errors, shapes (lags,)."""
        power = max(float((self.noise**2).mean()), LEAST)
        products = [blocks(self.noise[lag:] * self.noise[:-lag]) for lag in range(1, lags + 1)]
        values = np.array([product.mean() for product in products]) / power
        return values, np.array([standard_error(product) for product in products]) / power


def blocks(values: np.ndarray) -> np.ndarray:
    """Return means over blocks of time and all units, shape (BLOCKS,)."""
    length = len(values) // BLOCKS
    return values[: length * BLOCKS].reshape(BLOCKS, -1).mean(axis=1)


def standard_error(means: np.ndarray) -> float:
    """Return the standard error of the mean of block means."""
    return float(means.std(ddof=1) / np.sqrt(len(means)))


def of_value(expected: float, measured: float, se: float) -> Row:
    """Return the row of a Student test with the degrees of freedom of the blocks."""
    difference = abs(measured - expected)
    t = difference / se if se > 0 else (0.0 if difference == 0 else np.inf)
    return Row(expected, measured, se, float(2 * stdtr(BLOCKS - 1, -t)))


def mean(trial: Trial) -> Row:
    """Test whether the mean state is zero."""
    means = blocks(trial.states)
    return of_value(0.0, float(means.mean()), standard_error(means))


def variance(trial: Trial, expected: float) -> Row:
    """Test the stationary variance of the state."""
    means = blocks(trial.x**2)
    return of_value(expected, float(means.mean()), standard_error(means))


def autocorrelation(trial: Trial, lag: int, expected: float) -> Row:
    """Test the autocovariance of the state, relative to its variance, at a lag in steps."""
    products, squares = blocks(trial.x[lag:] * trial.x[:-lag]), blocks(trial.x[:-lag] ** 2)
    measured = float(products.mean() / squares.mean()) if squares.mean() > 0 else 0.0
    deviations = products - measured * squares  # the ratio, linearised
    return of_value(expected, measured, standard_error(deviations) / max(squares.mean(), LEAST))


def halving(coarse: Trial, fine: Trial, expected: float) -> Row:
    """Test the ratio of the variances of the noise per unit time, with dt/2 and with dt."""
    (first, first_se), (second, second_se) = coarse.step_variance, fine.step_variance
    if first == 0 or second == 0:
        return of_value(1.0, 0.0, 0.0)
    ratio = second / first
    se = ratio * float(np.hypot(first_se / first, second_se / second))
    return of_value(1.0, ratio / expected, se / expected)


def unit_independence(trial: Trial) -> Row:
    """Test whether the noises of different units are uncorrelated, by the mean of their squared correlations."""
    units = trial.noise.shape[1]
    return _of_correlations(_correlations(trial, trial)[:, *np.triu_indices(units, 1)])


def trial_independence(first: Trial, second: Trial) -> Row:
    """Test whether the noises of two trials are uncorrelated, for all pairs of their units.

    All pairs are tested, because generators with seeds that differ by one may repeat the noise of another unit.
    """
    return _of_correlations(_correlations(first, second).reshape(BLOCKS, -1))


def step_independence(trial: Trial) -> Row:
    """Test whether the noise has memory, at the lag of 1 … LAGS steps where its autocorrelation is most significant."""
    values, errors = trial.memory(LAGS)
    ratios = np.abs(values) / np.maximum(errors, LEAST)
    worst = int(np.argmax(ratios))
    row = of_value(0.0, float(values[worst]), float(errors[worst]))
    return row._replace(p=min(1.0, LAGS * row.p))


def normality(trial: Trial) -> Row:
    """Test whether the noise is normal: Anderson–Darling statistic of each unit, and the smallest of their p values.

    If the noise has memory, only every k-th step is used, where k is the time over which it is correlated.
    """
    values, errors = trial.memory(LAGS)
    apart = int(np.ceil(1 + 2 * np.abs(values[np.abs(values) > 4 * errors]).sum() - 1e-9))
    noise = trial.noise[::apart]
    if not (noise.std(axis=0) > 0).all():
        return Row(MEAN_OF_STATISTIC, np.inf, np.nan, 0.0)
    statistics, p = anderson_darling(noise)
    return Row(MEAN_OF_STATISTIC, float(statistics.mean()), np.nan, float(min(1.0, len(p) * p.min())))


def _correlations(first: Trial, second: Trial) -> np.ndarray:
    """Return the correlations of the noises of two trials within blocks of time, shape (BLOCKS, units, units)."""
    length = len(first.noise) // BLOCKS
    a, b = (
        (trial.noise / np.maximum(trial.noise.std(axis=0), LEAST))[: length * BLOCKS].reshape(BLOCKS, length, -1)
        for trial in (first, second)
    )
    return a.mT @ b / length


def _of_correlations(values: np.ndarray) -> Row:
    """Return the row of a test of squared correlations against their variances, which follow from the blocks.

    The variances are those of all pairs, shape (BLOCKS, pairs), so that the ratio is that of two mean squares. They
    are also valid for noise with memory.
    """
    number = values.shape[1]
    expected = float(values.var(axis=0, ddof=1).mean() / BLOCKS)
    measured = float((values.mean(axis=0) ** 2).mean())
    ratio = measured / max(expected, LEAST)
    p = float(fdtrc(number, number * (BLOCKS - 1), ratio))
    return Row(expected, measured, expected * float(np.sqrt(2 / number)), p)


def z_of(row: Row) -> float:
    """Return (measured − expected)/s.e., or the normal quantile of p if there is no standard error."""
    if np.isnan(row.p):
        return np.nan
    if row.se > 0:
        return (row.measured - row.expected) / row.se
    return float(-ndtri(max(row.p, LEAST)))
