"""Hodges–Lehmann estimates of a shift, and their distribution-free confidence intervals.

Both estimates are medians of a set of M elementary differences: all n m differences y_j − x_i of two groups, or the
n (n + 1)/2 Walsh averages (d_i + d_j)/2, i ≤ j, of the differences of pairs. The rank statistic of the sample shifted
by θ is the number of elementary differences above θ: U for groups, T⁺ for pairs. The test therefore does not reject θ
if and only if θ lies between the k-th smallest and the k-th largest elementary difference, where k is the largest
number for which P(S ≤ k − 1) ≤ α/2 under the null distribution of S. If k = 0, no value of θ is rejected and the
interval is infinite. The null distribution is that without ties, which is exact up to `EXACT` values; beyond, k follows
from the normal approximation with a continuity correction, k = ⌊E + 1/2 − z σ⌋.

References: Hodges & Lehmann (1963), Annals of Mathematical Statistics 34:598; Hollander, Wolfe & Chicken (2014),
Nonparametric Statistical Methods, sections 3.3 and 4.3.
"""

import math
from collections.abc import Callable

import numpy as np

from noisette.analysis.statistics._null import EXACT, bound_rank, drawn_sums, signed_sums

FEW = 4_000_000  # largest number of differences that are listed; beyond, bisection yields the order statistics


def difference_of_groups(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> tuple[float, list[float]]:
    """Return the median of all differences second − first, and the interval that inverts the rank-sum test."""
    m, n = len(first), len(second)
    pairs = m * n
    if m + n <= EXACT:
        # U is the rank sum less its smallest value size (size + 1)/2; without ties the ranks are integers
        size = min(m, n)
        cut = bound_rank(drawn_sums(tuple(range(1, m + n + 1)), size)[size * (size + 1) // 2 :], tail)
    else:
        cut = math.floor(pairs / 2 + 0.5 - z * math.sqrt(pairs * (m + n + 1) / 12))
    if pairs <= FEW:
        return _from_list(np.subtract.outer(second, first).ravel(), cut)
    ordered = np.sort(second)

    def below(level: float) -> int:
        return int(np.searchsorted(ordered, first + level, side="right").sum())

    lowest, highest = float(second.min() - first.max()), float(second.max() - first.min())
    return _by_bisection(below, lowest, highest, pairs, cut)


def difference_of_pairs(differences: np.ndarray, z: float, tail: float) -> tuple[float, list[float]]:
    """Return the median of the Walsh averages of the differences, and the interval inverting the signed-rank test."""
    n = len(differences)
    pairs = n * (n + 1) // 2
    if n <= EXACT:
        cut = bound_rank(signed_sums(tuple(range(1, n + 1))), tail)
    else:
        cut = math.floor(pairs / 2 + 0.5 - z * math.sqrt(pairs * (2 * n + 1) / 12))
    if pairs <= FEW:
        rows, columns = np.triu_indices(n)
        return _from_list((differences[rows] + differences[columns]) / 2, cut)
    ordered = np.sort(differences)

    def below(level: float) -> int:
        # all ordered pairs (i, j) and, once more, those with i = j; half of their sum counts the pairs with i ≤ j
        both = np.searchsorted(ordered, 2 * level - ordered, side="right").sum()
        return int(both + (ordered <= level).sum()) // 2

    return _by_bisection(below, float(ordered[0]), float(ordered[-1]), pairs, cut)


def _from_list(differences: np.ndarray, cut: int) -> tuple[float, list[float]]:
    """Return the median of all elementary differences, and the bounds at rank `cut` from each end."""
    # np.partition selects the few order statistics in linear time
    number = len(differences)
    ranks = _ranks(number, cut)
    ordered = np.partition(differences, sorted(set(ranks)))
    return _median_and_bounds([float(ordered[rank]) for rank in ranks])


def _by_bisection(
    below: Callable[[float], int], lowest: float, highest: float, number: int, cut: int
) -> tuple[float, list[float]]:
    """Return median and bounds without listing the differences.

    Parameters
    ----------
    below : function from a level to the number of differences at or below it
    lowest, highest : smallest and largest difference
    number : number of differences
    cut : rank of the bounds from each end
    """
    order_statistics = []
    # The order statistic of rank r (from 0) is the smallest level with more than r differences at or below it. The
    # count is a step function of the level, so that bisection converges to it without listing all differences.
    for rank in _ranks(number, cut):
        low, high = lowest, highest
        for _ in range(100):  # 2⁻¹⁰⁰ of the range is far below the spacing of floats
            middle = low + (high - low) / 2
            low, high = (low, middle) if below(middle) > rank else (middle, high)
        order_statistics.append(low if below(low) > rank else high)
    return _median_and_bounds(order_statistics)


def _ranks(number: int, cut: int) -> list[int]:
    """Return the ranks, from 0, of the two middle differences and, where they exist, of the two bounds."""
    middles = [(number - 1) // 2, number // 2]
    return middles if cut < 1 else [*middles, cut - 1, number - cut]


def _median_and_bounds(order_statistics: list[float]) -> tuple[float, list[float]]:
    """Return the median, the mean of the first two order statistics, and the bounds, which are the other two."""
    # without bounds there are too few values for the confidence level, and no shift is rejected
    return (order_statistics[0] + order_statistics[1]) / 2, order_statistics[2:] or [-math.inf, math.inf]
