"""Friedman's test of several paired groups, and signed-rank tests of all pairs of groups."""

from itertools import combinations
from typing import Any

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from scipy.special import chdtrc, ndtr

from noisette.analysis.statistics._dunn import holm
from noisette.analysis.statistics._null import ranked
from noisette.analysis.statistics._two import matched_bounds, signed_rank
from noisette.errors import require

ADJUSTMENTS = ("holm", "bonferroni", "none")


def friedman(
    groups: dict[str, np.ndarray], z: float, resamples: int, key: PRNGKeyArray | None
) -> dict[str, float | tuple[str, list[float]]]:
    """Return the results of Friedman's test, with Kendall's W as the effect size.

    Q = n (k − 1) W, where W is the fraction of the variance of the ranks within networks that lies between the k
    groups.
    """
    table = np.stack(list(groups.values()), axis=-1)
    differ = bool((np.ptp(table, axis=-1) > 0).any())
    require(differ, f"all {len(groups)} values of each network are equal", "values that differ")
    n, k = table.shape
    require(resamples >= 100, f"{resamples} resamples", "at least 100; 2000 yield two digits")
    ranks = ranked(table)
    effect = float(concordance(ranks))
    statistic = n * (k - 1) * effect
    chosen = jax.random.key(0) if key is None else key
    draw = np.random.default_rng(np.asarray(jax.random.key_data(chosen)).ravel())
    interval = [0.0, 1.0]
    if n > 1:
        drawn = concordance(ranks[draw.integers(n, size=(resamples, n))])
        # Under the null hypothesis W has the mean 1/n, and resampling adds a bias of the same size. The correction
        # 1 − (1 − W) n/(n − 1) removes one such bias and is applied twice.
        unbiased = 1 - (1 - drawn) * (n / (n - 1)) ** 2
        interval = [max(0.0, float(bound)) for bound in np.quantile(unbiased, ndtr([-z, z]))]
    p = float(chdtrc(k - 1, statistic))
    return {"statistic": statistic, "p": p, "effect": effect, "effect_interval": ("bound", interval)}


def concordance(ranks: np.ndarray) -> np.ndarray:
    """Return Kendall's W, corrected for ties, of mid-ranks within networks of shape (…, network, group)."""
    n, k = ranks.shape[-2:]
    deviations = ranks - (k + 1) / 2
    between = (deviations.sum(-2) ** 2).sum(-1) / n
    total = (deviations**2).sum((-2, -1))
    return np.divide(between, total, out=np.zeros_like(total), where=total > 0)


def of_pairs(
    groups: dict[str, np.ndarray], adjust: str, z: float, tail: float
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return signed-rank tests of all pairs of groups, with p adjusted for the number of pairs."""
    require(adjust in ADJUSTMENTS, f"adjust '{adjust}' of paired groups", f"one of {', '.join(ADJUSTMENTS)}")
    names = list(groups)
    tests = [_pair(groups[first], groups[second], z, tail) for first, second in combinations(names, 2)]
    raw = np.array([test["p"] for test in tests])
    adjusted = {"holm": holm(raw), "bonferroni": np.minimum(raw * len(raw), 1.0), "none": raw}[adjust]
    variables: dict[str, Any] = {"pair_p": ("pair", adjusted), "pair_p_raw": ("pair", raw)}
    for name in ("effect", "difference"):
        variables[f"pair_{name}"] = ("pair", [test[name] for test in tests])
        bounds = [test[f"{name}_interval"][1] for test in tests]
        variables[f"pair_{name}_interval"] = (["pair", "bound"], bounds)
    first, second = zip(*combinations(names, 2), strict=True)
    return variables, {"first": ("pair", list(first)), "second": ("pair", list(second))}


def _pair(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> dict[str, Any]:
    """Return the signed-rank test of two groups; p is 1 and the effect 0 where the values of each pair are equal."""
    if (first != second).any():
        return signed_rank(first, second, z, tail)[0]
    no_effect: dict[str, Any] = {"p": 1.0, "effect": 0.0, "difference": 0.0}
    bounds = ("bound", matched_bounds(0.0, len(first), z))
    return no_effect | {"effect_interval": bounds, "difference_interval": ("bound", [0.0, 0.0])}
