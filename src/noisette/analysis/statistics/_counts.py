"""Comparison of two proportions by Fisher's exact test."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, require
from noisette.proportions import BOUNDS, wilson_interval
from noisette.provenance import provenance


@check_arguments
@public_call
def compare_counts(counts: Mapping[Any, Sequence[int]], *, confidence: float = 0.95) -> xr.Dataset:
    """Fisher's exact test of two proportions, such as the fractions of networks that were trained successfully.

    .. math:: \\psi = \\frac{\\pi_2/(1 - \\pi_2)}{\\pi_1/(1 - \\pi_1)}

    is the odds ratio of the second group to the first. Its estimate is the conditional maximum-likelihood estimate
    given both margins, and its interval is exact (Clopper and Pearson's construction); both may be infinite. The
    intervals of the proportions are Wilson's, that of their difference is Newcombe's.

    Parameters
    ----------
    counts : (successes, trials) of each of two groups, by the name of the group
    confidence : confidence level of the intervals, between 0 and 1

    Returns
    -------
    Dataset with ``p`` (two-sided: the probability of all tables that are no more likely than the observed one),
    ``odds_ratio``, ``odds_ratio_interval`` (bound), ``difference`` π₂ − π₁ and ``difference_interval``; over ``group``:
    ``successes``, ``n``, ``share`` (the proportion) and ``share_interval``. The odds ratio is NaN where all or no
    trials are successful in both groups.

    Raises
    ------
    InputError : a number of groups other than two; counts that are negative or fractional; more successes than trials.

    See Also
    --------
    analysis.compare_groups : A number per network, for two or more independent or paired groups.
    analysis.compare_times : Trials to criterion, if some networks never reach it.
    analysis.dunn : Which of several groups differ.
    analysis.holm : Correction of p values for the number of tests.

    Examples
    --------
    >>> comparison = compare_counts({"C = 0": (14, 29), "C = 10": (14, 14)})
    >>> round(float(comparison.p), 4), float(comparison.odds_ratio), comparison.odds_ratio_interval.values.round(1)
    (0.0006, inf, array([2.8, inf]))

    References
    ----------
    Fisher (1935), The Design of Experiments; Newcombe (1998), Statistics in Medicine 17:873.
    """
    from scipy.stats import fisher_exact  # imported on use, since scipy.stats takes about a second to import
    from scipy.stats.contingency import odds_ratio

    require(
        len(counts) == 2,
        f"{len(counts)} groups",
        "two",
        "compare more groups in pairs, and adjust p with statistics.holm",
    )
    (s1, n1), (s2, n2) = (_count(name, pair) for name, pair in counts.items())
    names = [str(name) for name in counts]
    (l1, u1), (l2, u2) = wilson_interval([s1, s2], [n1, n2], confidence).tolist()
    undecided = s1 + s2 in (0, n1 + n2)
    table = [[s2, n2 - s2], [s1, n1 - s1]]
    ratio, low, high, p = np.nan, 0.0, np.inf, 1.0
    if not undecided:
        estimate = odds_ratio(table, kind="conditional")
        low, high = estimate.confidence_interval(confidence_level=confidence)
        ratio, p = estimate.statistic, min(1.0, fisher_exact(table)[1])
    share_1, share_2 = s1 / n1, s2 / n2
    below, above = np.hypot(share_2 - l2, u1 - share_1), np.hypot(u2 - share_2, share_1 - l1)
    variables = {
        "p": float(p),
        "odds_ratio": float(ratio),
        "odds_ratio_interval": ("bound", [float(low), float(high)]),
        "difference": share_2 - share_1,
        "difference_interval": ("bound", [share_2 - share_1 - below, share_2 - share_1 + above]),
        "successes": ("group", [s1, s2]),
        "n": ("group", [n1, n2]),
        "share": ("group", [share_1, share_2]),
        "share_interval": (["group", "bound"], [[l1, u1], [l2, u2]]),
    }
    description = {"test": "Fisher's exact test", "n": n1 + n2, "confidence": confidence}
    attrs = provenance("exact", "sample", (), {"confidence": confidence}, **description)
    return xr.Dataset(variables, {"group": names, "bound": BOUNDS}, attrs)


def _count(name: Any, pair: Sequence[int]) -> tuple[int, int]:
    """Return (successes, trials) as integers; raise `InputError` for invalid numbers."""
    numbers = real_array(pair, f"group '{name}'", finite=False)
    require(numbers.shape == (2,), f"group '{name}' is {pair}", "(successes, trials)")
    are_integers = bool(np.isfinite(numbers).all() and (numbers == np.floor(numbers)).all())
    valid = are_integers and 0 <= numbers[0] <= numbers[1] and numbers[1] >= 1
    require(
        valid,
        f"group '{name}': {numbers[0]:g} of {numbers[1]:g}",
        "whole numbers with 0 ≤ successes ≤ trials and trials ≥ 1",
    )
    return int(numbers[0]), int(numbers[1])
