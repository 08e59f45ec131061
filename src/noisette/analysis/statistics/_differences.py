"""By how much values differ, in their own unit: Hodges–Lehmann estimates and their distribution-free intervals."""

import math
from collections.abc import Callable

import numpy as np

from noisette.analysis.statistics._null import EXACT, drawn_sums, signed_sums, trimmed

FEW = 4_000_000  # as many differences are held in memory; of more, single ones are found by bisection


def difference_of_groups(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> tuple[float, list[float]]:
    """Return the median of all differences second − first, and the interval that inverts the rank-sum test."""
    m, n = len(first), len(second)
    pairs = m * n
    if m + n <= EXACT:
        # U takes the place of the rank sum: the least sum is taken off, and ranks are not doubled without ties
        size = min(m, n)
        cut = trimmed(drawn_sums(tuple(range(1, m + n + 1)), size)[size * (size + 1) // 2 :], tail)
    else:
        cut = math.floor(pairs / 2 + 0.5 - z * math.sqrt(pairs * (m + n + 1) / 12))
    if pairs <= FEW:
        return _middle_and_bounds(np.subtract.outer(second, first).ravel(), cut)
    ordered = np.sort(second)

    def below(level: float) -> int:
        return int(np.searchsorted(ordered, first + level, side="right").sum())

    lowest, highest = float(second.min() - first.max()), float(second.max() - first.min())
    return _found_by_bisection(below, lowest, highest, pairs, cut)


def difference_of_pairs(differences: np.ndarray, z: float, tail: float) -> tuple[float, list[float]]:
    """Return the median of the means of all pairs of differences, and the interval inverting the signed-rank test."""
    n = len(differences)
    pairs = n * (n + 1) // 2
    if n <= EXACT:
        cut = trimmed(signed_sums(tuple(range(1, n + 1))), tail)
    else:
        cut = math.floor(pairs / 2 + 0.5 - z * math.sqrt(pairs * (2 * n + 1) / 12))
    if pairs <= FEW:
        rows, columns = np.triu_indices(n)
        return _middle_and_bounds((differences[rows] + differences[columns]) / 2, cut)
    ordered = np.sort(differences)

    def below(level: float) -> int:
        both = np.searchsorted(ordered, 2 * level - ordered, side="right").sum()
        return int(both + (ordered <= level).sum()) // 2

    return _found_by_bisection(below, float(ordered[0]), float(ordered[-1]), pairs, cut)


def _middle_and_bounds(differences: np.ndarray, cut: int) -> tuple[float, list[float]]:
    number = len(differences)
    ranks = _wanted(number, cut)
    ordered = np.partition(differences, sorted(set(ranks)))
    return _assembled([float(ordered[rank]) for rank in ranks])


def _found_by_bisection(
    below: Callable[[float], int], lowest: float, highest: float, number: int, cut: int
) -> tuple[float, list[float]]:
    order_statistics = []
    for rank in _wanted(number, cut):
        low, high = lowest, highest
        for _ in range(100):  # halvings: far below the spacing of floats
            middle = low + (high - low) / 2
            low, high = (low, middle) if below(middle) > rank else (middle, high)
        order_statistics.append(low if below(low) > rank else high)
    return _assembled(order_statistics)


def _wanted(number: int, cut: int) -> list[int]:
    """Return the ranks, from 0, of both middles and, where a bound exists, of both bounds."""
    middles = [(number - 1) // 2, number // 2]
    return middles if cut < 1 else [*middles, cut - 1, number - cut]


def _assembled(found: list[float]) -> tuple[float, list[float]]:
    # too few values for the confidence asked for: nothing is excluded
    return (found[0] + found[1]) / 2, found[2:] or [-math.inf, math.inf]
