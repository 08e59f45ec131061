"""Statistics of linear random networks of finite size, whose covariances are exact for each draw of the weights.

The scatter between networks of the same gain, of order 1/N, is part of the error of a gain that is inferred from one
network. With F = −1 + gJ the covariances in white noise of strength 1 are

    equal times: F C + C Fᵀ = −1,   windows of length T: C_T = h(F) C + C h(F)ᵀ,
    h(μ) = ∫₀ᵀ (1 − s/T) e^{μs} ds = −1/μ + (e^{μT} − 1)/(T μ²),   T → ∞: C_T = F⁻¹ F⁻ᵀ.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float, PRNGKeyArray

from noisette.errors import InputError
from noisette.random_numbers import fold_in, normal

LARGEST = 100  # units of the networks that are drawn; the scatter of larger ones is proportional to 1/N
FEWEST = 20  # observed units of the networks that are drawn
Values = float | Float[np.ndarray, " draws"]
ATTEMPTS = 4  # draws per network, of which unstable ones are left out


class Statistics(NamedTuple):
    """Logarithms of 1 + N ⟨C_ij²⟩/⟨C_ii⟩² and of ⟨C_ii⟩, of windows, of half windows and at equal times."""

    long_spread: Values
    half_spread: Values
    equal_spread: Values
    long_variance: Values
    equal_variance: Values


class Scatter(NamedTuple):
    """Statistics of random networks, what finite windows add to them, and the scale of their scatter.

    Attributes
    ----------
    statistics : statistics of each network
    bias : mean difference from infinite windows
    scale : factor of the scatter, below 1 if the network is larger than those that were drawn
    """

    statistics: Statistics
    bias: Statistics
    scale: float


def random_networks(
    gain: float, size: int, observed: int, window: float | None, networks: int, key: PRNGKeyArray
) -> Scatter:
    """Return the statistics of stable linear networks of independent Gaussian weights, in noise of strength 1.

    Parameters
    ----------
    gain : g
    size, observed : number N of units, and of those that are observed
    window : length of the windows in units of τ; None for frozen noise, without equal-time covariances
    networks : number of draws
    key : JAX key

    Raises
    ------
    InputError : If three quarters of the networks are unstable.
    """
    drawn = min(size, LARGEST)
    seen = observed if drawn == size else int(np.clip(round(drawn * observed / size), min(observed, FEWEST), drawn))
    rows: list[Statistics] = []
    limits: list[Statistics] = []
    for number in range(ATTEMPTS * networks):
        if len(rows) == networks:
            break
        drift = gain / np.sqrt(drawn) * np.asarray(normal(fold_in(key, number), (drawn, drawn))) - np.eye(drawn)
        values, vectors = np.linalg.eig(drift)
        if np.real(values).max() < 0:
            row, limit = _statistics(drift, values, vectors, window, seen)
            rows.append(row)
            limits.append(limit)
    if len(rows) < networks:
        unstable = f"{ATTEMPTS * networks - len(rows)} of {ATTEMPTS * networks}"
        raise InputError(
            f"{unstable} linear networks of the gain {gain:.3f} and {drawn} units are unstable; a gain below 1 by more "
            "than about 1/√N; the data are not those of such a network, for example because units share input"
        )
    bias = (np.array(rows) - np.array(limits)).mean(0)
    return Scatter(Statistics(*np.array(rows).T), Statistics(*bias), seen / observed)


def spread_and_variance(covariance: Float[np.ndarray, "n n"], size: int) -> tuple[float, float]:
    """Return the logarithms of 1 + N ⟨C_ij²⟩/⟨C_ii⟩² and of ⟨C_ii⟩.

    Examples
    --------
    >>> spread_and_variance(np.eye(3), 3)
    (0.0, 0.0)
    """
    diagonal = np.diag(covariance)
    pairs = max(1, len(diagonal) * (len(diagonal) - 1))
    mean = float(diagonal.mean())
    return float(np.log1p(size * ((covariance**2).sum() - (diagonal**2).sum()) / pairs / mean**2)), float(np.log(mean))


def _statistics(
    drift: np.ndarray, values: np.ndarray, vectors: np.ndarray, window: float | None, seen: int
) -> tuple[Statistics, Statistics]:
    """Return the statistics of one network in windows of finite and of infinite length."""
    size = len(drift)
    response = np.linalg.inv(drift)[:seen]
    spread, variance = spread_and_variance(response @ response.T, size)
    if window is None:
        static = Statistics(spread, spread, np.nan, variance, np.nan)
        return static, static
    left = np.linalg.inv(vectors)
    equal = -(left @ left.conj().T) / (values[:, None] + values.conj())
    top = vectors[:seen]

    def covariance(length: float) -> np.ndarray:
        kernel = -1 / values + np.expm1(values * length) / (length * values**2)
        return (top @ (equal * (kernel[:, None] + kernel.conj())) @ top.conj().T).real

    long_spread, long_variance = spread_and_variance(covariance(window), size)
    half_spread, _ = spread_and_variance(covariance(window / 2), size)
    equal_spread, equal_variance = spread_and_variance((top @ equal @ top.conj().T).real, size)
    finite = Statistics(long_spread, half_spread, equal_spread, long_variance, equal_variance)
    return finite, Statistics(spread, spread, equal_spread, variance, equal_variance)


__all__ = ["Scatter", "Statistics", "random_networks", "spread_and_variance"]
