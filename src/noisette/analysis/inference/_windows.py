"""Covariance statistics of a recording in long windows and at equal times, also without parts of the data."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int

from noisette.analysis._dimension import spectral_moments
from noisette.analysis.inference._random_networks import Statistics
from noisette.analysis.inference._trials import block_labels
from noisette.errors import require

BLOCKS = 40  # largest number of blocks for the jackknife
FEWEST_BLOCKS = 8
LENGTH = 20  # correlation times in a window, by default
MOST_SAMPLES = 20_000  # samples for covariances at equal times
SIGNIFICANT = 3.0  # standard errors
LEAST_SPREAD = -0.9  # smallest estimate of N ⟨C_ij²⟩/⟨C_ii⟩², which is zero or positive


class Windows(NamedTuple):
    """Sums over windows and half windows, divided by the root of their length, and samples, with their blocks."""

    long: Float[np.ndarray, "k n"]
    half: Float[np.ndarray, "k2 n"]
    samples: Float[np.ndarray, "s n"]
    long_block: Int[np.ndarray, " k"]
    half_block: Int[np.ndarray, " k2"]
    sample_block: Int[np.ndarray, " s"]
    length: int


def correlation_time(values: Float[np.ndarray, "trials time units"]) -> float:
    """Return the sum of the autocorrelation over all lags, averaged over units in proportion to their variance.

    The sum ends at the first lag beyond five times its value, or at a quarter of a trial.

    Examples
    --------
    >>> white = np.random.default_rng(0).standard_normal((4, 5000, 10))
    >>> round(correlation_time(white), 1)
    1.0
    """
    values = values - values.mean((0, 1))
    times = values.shape[1]
    size = 2 ** int(np.ceil(np.log2(2 * times)))
    power = np.zeros(size // 2 + 1)
    for trial in values:
        power += (np.abs(np.fft.rfft(trial, size, axis=0)) ** 2).sum(1)
    lagged = np.fft.irfft(power, size)[:times] / (times - np.arange(times))
    sums = 2 * np.cumsum(lagged / lagged[0]) - 1
    lags = np.arange(times)
    stop = int(np.argmax((lags > 5 * sums) | (lags >= times // 4)))
    return float(max(sums[stop], 1.0))


def default_window(values: Float[np.ndarray, "trials time units"], correlation: float) -> int:
    """Return the samples of a window: at least 20 correlation times, and a hundredth of all data, if possible."""
    trials, times, _ = values.shape
    wanted = max(LENGTH * correlation, trials * times / 100)
    most = times if trials >= FEWEST_BLOCKS else times // -(-FEWEST_BLOCKS // trials)
    return int(min(np.ceil(wanted), max(most, 1)))


def windows_of(values: Float[np.ndarray, "trials time units"], length: int, correlation: float) -> Windows:
    """Divide a recording into windows.

    Parameters
    ----------
    values : the recording
    length : samples in a window
    correlation : correlation time in samples; covariances at equal times use two samples per correlation time

    Raises
    ------
    InputError : If there are fewer than eight windows.
    """
    trials, times, units = values.shape
    count = times // length
    total = trials * count
    remedy = "record more or longer trials, or shorten the window"
    require(total >= FEWEST_BLOCKS, f"{total} windows of {length} samples", f"at least {FEWEST_BLOCKS}", remedy)
    values = values[:, : count * length]
    block = block_labels(trials, count, BLOCKS)
    # parts of a window of odd length that do not fit into its halves are left out of these
    half = max(1, length // 2)
    parts = values.reshape(trials, count, length, units)
    halves = parts[:, :, : length // half * half].reshape(trials, count, -1, half, units).sum(3) / np.sqrt(half)
    stride = max(1, min(length, int(correlation / 2)), trials * count * length // MOST_SAMPLES)
    samples = parts[:, :, ::stride]
    return Windows(
        (parts.sum(2) / np.sqrt(length)).reshape(-1, units),
        halves.reshape(-1, units),
        samples.reshape(-1, units),
        block.ravel(),
        np.repeat(block.ravel(), halves.shape[2]),
        np.repeat(block.ravel(), samples.shape[2]),
        length,
    )


def statistics_of(windows: Windows, size: int, without: int | None = None) -> Statistics:
    """Return the statistics of the recording, possibly without one block.

    Parameters
    ----------
    windows : result of `windows_of`
    size : number of units of the network
    without : a block
    """
    pairs = [(windows.long, windows.long_block), (windows.half, windows.half_block)]
    if windows.length > 1:
        pairs.append((windows.samples, windows.sample_block))
    spreads: list[float] = []
    variances: list[float] = []
    for samples, block in pairs:
        kept = slice(None) if without is None else block != without
        moments = spectral_moments(samples[kept], centred=True, groups=block[kept])
        spread = size / moments.size * moments.covariance_variance / moments.first**2
        spreads.append(float(np.log1p(max(spread, LEAST_SPREAD))))
        variances.append(float(np.log(moments.first)))
    if windows.length == 1:
        spreads.append(np.nan)
        variances.append(np.nan)
    return Statistics(spreads[0], spreads[1], spreads[2], variances[0], variances[2])


def common_share(windows: Windows, size: int, spread: float) -> float:
    """Return the part of N ⟨C_ij²⟩/⟨C_ii⟩² that is due to the mean of the covariances; zero if that is not significant.

    For independent weights, the variance of the sum of n units divided by the sum of their variances differs from 1 by
    the error 2/(windows − 1) of a variance, and by the mean of covariances of either sign, with variance 2 spread/N.

    Parameters
    ----------
    windows : result of `windows_of`
    size : N
    spread : N ⟨C_ij²⟩/⟨C_ii⟩²
    """
    count, units = windows.long.shape
    excess = float(windows.long.sum(1).var(ddof=1) / windows.long.var(0, ddof=1).sum()) - 1
    chance = 2 / (count - 1) + 2 * max(spread, 0.0) / size
    if excess**2 <= SIGNIFICANT**2 * chance:
        return 0.0
    mean = excess / (units - 1)
    return min(1.0, size * mean**2 / max(spread, size * mean**2))


__all__ = ["Windows", "common_share", "correlation_time", "default_window", "statistics_of", "windows_of"]
