"""Wilcoxon's rank-sum test of two independent groups and signed-rank test of pairs, with effect sizes."""

import math
from typing import Any

import numpy as np
from scipy.optimize import root_scalar

from noisette.analysis.statistics._differences import difference_of_groups, difference_of_pairs
from noisette.analysis.statistics._null import (
    EXACT,
    doubled_ranks,
    drawn_sums,
    normal_two_sided,
    signed_sums,
    tie_sum,
    two_sided,
)
from noisette.errors import require


def rank_sum(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> tuple[dict[str, Any], str]:
    """Return the results of the rank-sum test, and whether its p is exact or asymptotic."""
    m, n = len(first), len(second)
    pooled = np.concatenate([first, second])
    require(np.ptp(pooled) > 0, f"all {m + n} values are {pooled[0]:g}", "values that differ", "nothing to rank")
    ranks = doubled_ranks(pooled)
    statistic = float(ranks[m:].sum() / 2 - n * (n + 1) / 2)
    exact = m + n <= EXACT
    if exact:
        # the smaller group needs the smaller table; both rank sums deviate equally from their means
        drawn = ranks[:m] if m < n else ranks[m:]
        probabilities = drawn_sums(tuple(sorted(ranks.tolist())), len(drawn))
        p = two_sided(probabilities, int(drawn.sum()), len(drawn) * int(ranks.sum()), m + n)
    else:
        variance = m * n / 12 * (m + n + 1 - tie_sum(ranks) / ((m + n) * (m + n - 1)))
        p = normal_two_sided(statistic - m * n / 2, variance, 1.0)
    superiority = statistic / (m * n)
    bounds = superiority_bounds(superiority, m, n, z)
    difference, interval = difference_of_groups(first, second, z, tail)
    return {
        "statistic": statistic,
        "p": p,
        "effect": 2 * superiority - 1,
        "effect_interval": ("bound", [2 * bound - 1 for bound in bounds]),
        "superiority": superiority,
        "superiority_interval": ("bound", bounds),
        "difference": difference,
        "difference_interval": ("bound", interval),
    }, "exact" if exact else "asymptotic"


def superiority_bounds(superiority: float, m: int, n: int, z: float) -> list[float]:
    """Return the interval of the probability of superiority by method 5 of Newcombe (2006).

    It contains the values θ that differ from the estimate by at most z standard errors evaluated at θ (a score
    interval), with the variance of Hanley and McNeil in which both group sizes are replaced by their mean. The interval
    stays within 0 … 1 and does not collapse where the groups do not overlap.
    """
    middle = (m + n) / 2 - 1

    def outside(theta: float) -> float:
        clustering = 1 + middle * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return (theta - superiority) ** 2 - z**2 * theta * (1 - theta) * clustering / (m * n)

    def root(low: float, high: float) -> float:
        return float(root_scalar(outside, bracket=(low, high), xtol=1e-14).root)

    # the standard error also vanishes at θ = 0 and 1; the brackets enclose the other root
    lower = 0.0 if superiority == 0 else root(0.0, min(superiority, 1 - 1e-12))
    upper = 1.0 if superiority == 1 else root(max(superiority, 1e-12), 1.0)
    return [lower, upper]


def signed_rank(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> tuple[dict[str, Any], str]:
    """Return the results of the signed-rank test of second − first, and whether its p is exact or asymptotic."""
    require(len(first) == len(second), f"{len(first)} and {len(second)} values", "pairs", "or test='rank-sum'")
    differences = second - first
    nonzero = differences[differences != 0]
    require(len(nonzero) > 0, f"all {len(differences)} pairs are equal", "pairs that differ", "nothing to rank")
    ranks = doubled_ranks(np.abs(nonzero))
    total, plus = int(ranks.sum()), int(ranks[nonzero > 0].sum())
    exact = len(nonzero) <= EXACT
    if exact:
        p = two_sided(signed_sums(tuple(sorted(ranks.tolist()))), plus, total, 2)
    else:
        p = normal_two_sided((plus - total / 2) / 2, float((ranks.astype(float) ** 2).sum()) / 16, 1.0)
    effect = (2 * plus - total) / total
    difference, interval = difference_of_pairs(differences, z, tail)
    return {
        "statistic": plus / 2,
        "p": p,
        "effect": effect,
        "effect_interval": ("bound", matched_bounds(effect, len(nonzero), z)),
        "difference": difference,
        "difference_interval": ("bound", interval),
        "zeros": len(differences) - len(nonzero),
    }, "exact" if exact else "asymptotic"


def matched_bounds(effect: float, n: int, z: float) -> list[float]:
    """Return the interval of the matched-pairs rank-biserial correlation r by Wilson's construction.

    The variance under the null hypothesis, v = 2 (2n + 1)/(3 n (n + 1)), is extended to v (1 − r²), in analogy to the
    variance of a proportion. The interval contains the values r that differ from the estimate r̂ by at most z standard
    errors evaluated at r: the roots of (r − r̂)² = z² v (1 − r²).
    """
    spread = z**2 * 2 * (2 * n + 1) / (3 * n * (n + 1))
    half = math.sqrt(spread * (1 - effect**2 + spread))
    return [max(-1.0, (effect - half) / (1 + spread)), min(1.0, (effect + half) / (1 + spread))]
