"""Dunn's pairwise comparisons of groups, and corrections for multiple comparisons."""

from itertools import combinations
from typing import Any, Literal, get_args

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import ndtr

from noisette.analysis.statistics._groups import Values, checked, unit_of_analysis
from noisette.analysis.statistics._null import ranked
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, require
from noisette.imports import import_extra
from noisette.p_values import holm_adjusted
from noisette.provenance import provenance

BuiltIn = Literal["holm", "bonferroni", "none"]
FromExtra = Literal["sidak", "holm-sidak", "simes-hochberg", "hommel", "fdr_bh", "fdr_by", "fdr_tsbh", "fdr_tsbky"]
Adjustment = BuiltIn | FromExtra


@check_arguments
@public_call
def dunn(values: Values, adjust: Adjustment = "holm") -> xr.Dataset:
    """Dunn's test of all pairs of groups by their mean ranks, following a Kruskal–Wallis test.

    .. math:: z_{ab} = \\frac{\\bar R_b - \\bar R_a}{\\sqrt{s^2 (1/n_a + 1/n_b)}}, \\qquad
       s^2 = \\frac{N(N+1)}{12} - \\frac{\\sum_t (t^3 - t)}{12 (N - 1)}

    with mean ranks R̄ among all N values, and t the number of values in each group of ties.

    Parameters
    ----------
    values : values of each group, by the name of the group; one number per network (see `per_network`)
    adjust : correction for the number of pairs: "holm", "bonferroni" or "none"; with the extra ``stats`` also "sidak",
        "holm-sidak", "simes-hochberg", "hommel", "fdr_bh", "fdr_by", "fdr_tsbh" and "fdr_tsbky"

    Returns
    -------
    Dataset over ``pair``, with coordinates ``first`` and ``second``: ``z`` (positive where the second group is larger),
    ``p`` (two-sided, adjusted) and ``p_raw``

    Raises
    ------
    InputError : fewer than two groups, empty groups, NaN, all values equal, an unknown correction, or a correction
        whose extra is not installed.

    See Also
    --------
    analysis.compare_groups : A number per network, for two or more independent or paired groups.
    analysis.compare_counts : How many networks of each group succeed.
    analysis.compare_times : Trials to criterion, if some networks never reach it.
    analysis.holm : Correction of p values for the number of tests.

    Examples
    --------
    >>> comparisons = dunn({"a": [1.0, 2.0, 3.0], "b": [4.0, 5.0, 6.0], "c": [7.0, 8.0, 9.0]})
    >>> comparisons.first.values, comparisons.second.values, comparisons.p.values.round(4)
    (array(['a', 'a', 'b'], dtype='<U1'), array(['b', 'c', 'c'], dtype='<U1'), array([0.3594, 0.0219, 0.3594]))

    References
    ----------
    Dunn (1964), Technometrics 6:241; Holm (1979), Scandinavian Journal of Statistics 6:65.
    """
    groups = checked(values)
    comparisons = xr.Dataset(*of_pairs(groups, adjust))
    n = sum(len(group) for group in groups.values())
    description = {"test": "Dunn", "n": n, "unit_of_analysis": unit_of_analysis(values)}
    return comparisons.assign_attrs(provenance("asymptotic", "sample", (), {"adjust": adjust}, **description))


def of_pairs(groups: dict[str, np.ndarray], adjust: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the variables and coordinates of `dunn` over all pairs of groups."""
    names = list(groups)
    pooled = np.concatenate(list(groups.values()))
    require(np.ptp(pooled) > 0, f"all {len(pooled)} values are {pooled[0]:g}", "values that differ")
    ranks = ranked(pooled)
    sizes = np.array([len(group) for group in groups.values()])
    means = np.add.reduceat(ranks, np.cumsum(sizes) - sizes) / sizes
    first, second = np.array(list(combinations(range(len(names)), 2))).T
    z = (means[second] - means[first]) / np.sqrt(ranks.var(ddof=1) * (1 / sizes[first] + 1 / sizes[second]))
    raw = 2 * ndtr(-np.abs(z))
    variables = {"z": ("pair", z), "p": ("pair", _adjusted(raw, groups, adjust)), "p_raw": ("pair", raw)}
    return variables, {
        "first": ("pair", [names[index] for index in first]),
        "second": ("pair", [names[index] for index in second]),
    }


def _adjusted(raw: np.ndarray, groups: dict[str, np.ndarray], adjust: str) -> np.ndarray:
    """Return adjusted p values of all pairs; corrections of the extra ``stats`` are those of scikit-posthocs."""
    if adjust == "holm":
        return holm(raw)
    if adjust in get_args(BuiltIn):
        return np.minimum(raw * len(raw), 1.0) if adjust == "bonferroni" else raw
    library = import_extra("scikit_posthocs", "stats")
    table = library.posthoc_dunn([group.tolist() for group in groups.values()], p_adjust=adjust).to_numpy()
    return table[np.triu_indices(len(groups), 1)]


@check_arguments
def holm(p: ArrayLike) -> np.ndarray:
    """Holm's step-down correction of several p values, which controls the familywise error rate.

    .. math:: \\tilde p_{(k)} = \\max_{j \\le k} \\min\\big(1, (m - j + 1)\\, p_{(j)}\\big)

    Parameters
    ----------
    p : m values, in any order, shape (m,)

    Returns
    -------
    adjusted p values, in the same order, shape (m,)

    Raises
    ------
    InputError : values outside 0 … 1, or an array that is not one-dimensional.

    See Also
    --------
    analysis.compare_groups : A number per network, for two or more independent or paired groups.
    analysis.compare_counts : How many networks of each group succeed.
    analysis.compare_times : Trials to criterion, if some networks never reach it.
    analysis.dunn : Which of several groups differ.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65.
    """
    raw = real_array(p, "p")
    require(raw.ndim == 1 and len(raw) > 0, f"p of shape {raw.shape}", "a one-dimensional array")
    require(bool(((raw >= 0) & (raw <= 1)).all()), "p that is not a probability", "numbers from 0 to 1")
    return holm_adjusted(raw)
