"""Two groups: Wilcoxon's rank-sum test of independent values and signed-rank test of pairs, with effect sizes."""

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
    """Return the numbers of the rank-sum test, and how its p was found."""
    m, n = len(first), len(second)
    pooled = np.concatenate([first, second])
    require(np.ptp(pooled) > 0, f"all {m + n} values are {pooled[0]:g}", "values that differ", "nothing to rank")
    ranks = doubled_ranks(pooled)
    statistic = float(ranks[m:].sum() / 2 - n * (n + 1) / 2)
    exact = m + n <= EXACT
    if exact:
        # the smaller group has the fewer ways, and its sum is as far from its mean as that of the other
        drawn = ranks[:m] if m < n else ranks[m:]
        chance = drawn_sums(tuple(sorted(ranks.tolist())), len(drawn))
        p = two_sided(chance, int(drawn.sum()), len(drawn) * int(ranks.sum()), m + n)
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
    """Return Newcombe's interval (his method 5) of the probability of superiority.

    The values within are those θ that differ from the estimate by no more than z standard errors at θ itself, so that
    the interval stays within 0 … 1 and does not collapse where the groups do not overlap at all.
    """
    middle = (m + n) / 2 - 1

    def outside(theta: float) -> float:
        clustering = 1 + middle * ((1 - theta) / (2 - theta) + theta / (1 + theta))
        return (theta - superiority) ** 2 - z**2 * theta * (1 - theta) * clustering / (m * n)

    def root(low: float, high: float) -> float:
        return float(root_scalar(outside, bracket=(low, high), xtol=1e-14).root)

    # at 0 and 1 the standard error vanishes, too: what is sought is the root within
    lower = 0.0 if superiority == 0 else root(0.0, min(superiority, 1 - 1e-12))
    upper = 1.0 if superiority == 1 else root(max(superiority, 1e-12), 1.0)
    return [lower, upper]


def signed_rank(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> tuple[dict[str, Any], str]:
    """Return the numbers of the signed-rank test of second − first, and how its p was found."""
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
    """Return the interval of the matched rank-biserial correlation r, Wilson's construction.

    Its variance, v = 2 (2n + 1)/(3 n (n + 1)) without effect, is taken as v (1 − r²), as that of a share is; the
    values within are those r that differ from the estimate by no more than z standard errors at r itself.
    """
    spread = z**2 * 2 * (2 * n + 1) / (3 * n * (n + 1))
    half = math.sqrt(spread * (1 - effect**2 + spread))
    return [max(-1.0, (effect - half) / (1 + spread)), min(1.0, (effect + half) / (1 + spread))]
