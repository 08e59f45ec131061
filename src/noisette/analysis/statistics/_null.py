"""Null distributions of rank sums: exact distributions, which include ties, and normal approximations.

Under the null hypothesis every assignment of the observed ranks to the two groups, or of signs to the differences, is
equally likely. The number of assignments with a given rank sum follows from a recursion over the ranks (dynamic
programming): with w_k(s) the number of ways to choose k of the ranks considered so far with the sum s, a further rank r
gives w_k(s) ← w_k(s) + w_{k−1}(s − r). The permutation distribution is exact for tied values as well: mid-ranks are
multiples of one half, so that the recursion runs over twice the ranks, which are integers.
"""

from functools import lru_cache

import numpy as np
from scipy.special import ndtr

EXACT = 100  # total number of values up to which p is exact (0.1 s); beyond, the normal p is accurate to 0.002


def ranked(values: np.ndarray) -> np.ndarray:
    """Return mid-ranks along the last axis."""
    from scipy.stats import rankdata  # imported on use, since scipy.stats takes about a second to import

    return rankdata(values, axis=-1)


def doubled_ranks(values: np.ndarray) -> np.ndarray:
    """Return twice the mid-ranks, which are integers, so that their sums are compared without round-off."""
    return np.rint(2 * ranked(values)).astype(int)


@lru_cache(maxsize=64)
def drawn_sums(ranks: tuple[int, ...], size: int) -> np.ndarray:
    """Return the probability of each sum of `size` ranks drawn without replacement, indexed by the sum."""
    most = sum(sorted(ranks)[-size:])
    # ways[k, s] counts the choices of k ranks with the sum s; float64 keeps the relative precision of large counts
    ways = np.zeros((size + 1, most + 1))
    ways[0, 0] = 1
    for rank in ranks:
        # NumPy buffers overlapping operands, so that the right-hand side holds the counts without this rank
        ways[1:, rank:] += ways[:-1, : most + 1 - rank]
    return ways[size] / ways[size].sum()


@lru_cache(maxsize=64)
def signed_sums(ranks: tuple[int, ...]) -> np.ndarray:
    """Return the probability of each sum of ranks, each of which is included with probability 1/2."""
    probabilities = np.zeros(sum(ranks) + 1)
    probabilities[0] = 1
    for rank in ranks:
        probabilities[rank:] = (probabilities[rank:] + probabilities[: len(probabilities) - rank]) / 2
        probabilities[:rank] /= 2
    return probabilities


def two_sided(probabilities: np.ndarray, total: int, numerator: int, denominator: int) -> float:
    """Return P(|S − E| ≥ |total − E|) for the mean E = numerator/denominator, compared in integer arithmetic."""
    deviations = np.abs(np.arange(len(probabilities)) * denominator - numerator)
    return min(1.0, float(probabilities[deviations >= abs(total * denominator - numerator)].sum()))


def normal_two_sided(deviation: float, variance: float, step: float) -> float:
    """Return the two-sided p value of the normal approximation, with a continuity correction of half a `step`."""
    return min(1.0, float(2 * ndtr(-max(abs(deviation) - step / 2, 0.0) / np.sqrt(variance))))


def tie_sum(ranks: np.ndarray) -> float:
    """Return Σ (t³ − t) over the groups of t tied values, by which ties reduce the variance of rank sums."""
    tie_sizes = np.unique(ranks, return_counts=True)[1].astype(float)
    return float((tie_sizes**3 - tie_sizes).sum())


def bound_rank(probabilities: np.ndarray, tail: float) -> int:
    """Return the largest k with P(S ≤ k − 1) ≤ tail: the rank, from each end, of the bounds of the difference."""
    return int(np.searchsorted(np.cumsum(probabilities), tail * (1 + 1e-12), side="right"))
