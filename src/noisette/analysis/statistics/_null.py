"""What sums of ranks are worth when nothing differs: exact distributions, ties and all, and normal ones."""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

EXACT = 100  # as many values together are counted out exactly (a tenth of a second); of more p is normal to 0.002


def ranked(values: np.ndarray) -> np.ndarray:
    """Return mid-ranks along the last axis."""
    from scipy.stats import rankdata  # which takes a second to import, and few need it

    return rankdata(values, axis=-1)


def doubled_ranks(values: np.ndarray) -> np.ndarray:
    """Return twice the mid-ranks: whole numbers, so that sums of them are compared exactly."""
    return np.rint(2 * ranked(values)).astype(int)


@lru_cache(maxsize=64)
def drawn_sums(ranks: tuple[int, ...], size: int) -> np.ndarray:
    """Return the probability of each sum of `size` ranks drawn without replacement."""
    most = sum(sorted(ranks)[-size:])
    ways = np.zeros((size + 1, most + 1))
    ways[0, 0] = 1
    for rank in ranks:
        ways[1:, rank:] += ways[:-1, : most + 1 - rank]
    return ways[size] / ways[size].sum()


@lru_cache(maxsize=64)
def signed_sums(ranks: tuple[int, ...]) -> np.ndarray:
    """Return the probability of each sum of ranks of which every one counts or not with probability one half."""
    chance = np.zeros(sum(ranks) + 1)
    chance[0] = 1
    for rank in ranks:
        chance[rank:] = (chance[rank:] + chance[: len(chance) - rank]) / 2
        chance[:rank] /= 2
    return chance


def two_sided(chance: np.ndarray, total: int, numerator: int, denominator: int) -> float:
    """Return P(|S − E| ≥ |total − E|) for the mean E = numerator/denominator, in whole numbers throughout."""
    deviations = np.abs(np.arange(len(chance)) * denominator - numerator)
    return min(1.0, float(chance[deviations >= abs(total * denominator - numerator)].sum()))


def normal_two_sided(away: float, variance: float, step: float) -> float:
    """Return the same from a normal distribution, corrected for the grid of the sum, whose points lie `step` apart."""
    return min(1.0, float(2 * ndtr(-max(abs(away) - step / 2, 0.0) / np.sqrt(variance))))


def tie_sum(ranks: np.ndarray) -> float:
    """Return Σ (t³ − t) over groups of t tied values."""
    tie_sizes = np.unique(ranks, return_counts=True)[1].astype(float)
    return float((tie_sizes**3 - tie_sizes).sum())


def trimmed(chance: np.ndarray, tail: float) -> int:
    """Return the largest k with P(S ≤ k − 1) ≤ tail: so many ordered differences are cut from each end."""
    return int(np.searchsorted(np.cumsum(chance), tail * (1 + 1e-12), side="right"))
