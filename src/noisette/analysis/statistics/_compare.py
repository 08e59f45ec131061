"""The one question asked of groups of networks, and the test that answers it."""

from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.analysis.statistics._dunn import of_pairs
from noisette.analysis.statistics._groups import BOUNDS, Values, checked, normal_quantile, spread, unit_of_analysis
from noisette.analysis.statistics._kruskal import kruskal_wallis
from noisette.analysis.statistics._two import rank_sum, signed_rank, superiority_bounds
from noisette.errors import integer, require
from noisette.provenance import provenance

TESTS = {
    "rank-sum": "Wilcoxon rank-sum (Mann–Whitney), two-sided",
    "signed-rank": "Wilcoxon signed-rank, two-sided",
    "kruskal-wallis": "Kruskal–Wallis with Dunn's comparisons of pairs",
}


def compare_groups(
    values: Values,
    test: str | None = None,
    *,
    confidence: float = 0.95,
    adjust: str = "holm",
    resamples: int = 2000,
    key: PRNGKeyArray | None = None,
) -> xr.Dataset:
    """Test whether groups differ, and say by how much and how surely.

    .. math:: \\delta = P(y > x) - P(y < x) = \\frac{2U}{mn} - 1, \\qquad
       r = \\frac{T^+ - T^-}{T^+ + T^-}, \\qquad \\varepsilon^2 = \\frac{H}{N - 1}

    are the effect sizes: Cliff's δ of two groups x and y (the rank-biserial correlation; the probability of superiority
    is (1 + δ)/2), the matched rank-biserial correlation of pairs, and the share of the variance of the ranks that lies
    between several groups. The second group is held against the first: with a control first, a positive effect says
    that the other is larger.

    p is exact, ties included, for up to 100 values together, else from the normal approximation corrected for ties
    and continuity; that of Kruskal and Wallis from χ² (with fewer than five values in a group, distrust it).
    ``difference`` is the Hodges–Lehmann estimate: by how much the second group is larger, in the unit of the values;
    its interval inverts the test, and is infinite with too few values for the confidence.

    Intervals of effects: of δ Newcombe's method 5, which does not collapse when groups do not overlap; of r Wilson's
    construction on the variance v (1 − r²); of ε² a bootstrap within groups, freed from bias (with fewer than ten
    values in a group it is too narrow: some 80 to 90 % instead of 95). Intervals of several pairs are each for itself:
    only p is adjusted.

    Parameters
    ----------
    values : the numbers of each group, by its name; one number a network (`per_network`), the pairs in the same order
    test : "rank-sum", "signed-rank" or "kruskal-wallis"; by default the first for two groups, the last for more
    confidence : of all intervals
    adjust : correction of the comparisons of pairs, see `dunn`
    resamples : of the bootstrap
    key : of the bootstrap; the same one each time by default

    Returns
    -------
    Dataset with ``statistic`` (U: pairs in which the second is larger, ties one half; T⁺: ranks of pairs in which it
    is; H), ``p``, ``effect`` and ``effect_interval`` (bound). For two groups also ``difference`` and
    ``difference_interval``, and ``superiority`` with its interval or ``zeros``, the number of equal pairs, which do not
    count. For several groups over ``pair``, with coordinates ``first`` and ``second``: ``pair_z``, ``pair_p``
    (adjusted), ``pair_p_raw``, ``pair_effect`` (δ), ``pair_difference`` and their intervals. Over ``group`` all that
    `describe` gives. The attributes hold ``test``, ``method`` (of p: exact or asymptotic), ``n`` and
    ``unit_of_analysis``.

    Raises
    ------
    InputError : an unknown test; too few or too many groups; empty groups; values that are NaN or infinite (how many
        is said); all values equal; pairs of unequal number; groups of different units of analysis.

    Examples
    --------
    >>> found = compare_groups({"C = 0": [55.0, 61.0, 70.0, 66.0], "C = 10": [88.0, 92.0, 69.0, 97.0]})
    >>> round(float(found.p), 4), float(found.effect), float(found.difference)
    (0.0571, 0.875, 26.5)
    >>> found.effect_interval.values.round(2), found.attrs["method"]
    (array([0.03, 0.99]), 'exact')

    References
    ----------
    Newcombe (2006), Statistics in Medicine 25:559; Cliff (1993), Psychological Bulletin 114:494; Kerby (2014),
    Comprehensive Psychology 3:11.IT.3.1; Hodges & Lehmann (1963), Annals of Mathematical Statistics 34:598; Tomczak &
    Tomczak (2014), Trends in Sport Sciences 21:19; Ezekiel (1930), Methods of Correlation
    Analysis.
    """
    resamples = integer(resamples, "resamples")
    groups = checked(values)
    name = test or ("rank-sum" if len(groups) == 2 else "kruskal-wallis")
    require(name in TESTS, f"test '{name}'", f"one of {', '.join(TESTS)}")
    unit = unit_of_analysis(values)
    z, tail = normal_quantile(confidence), (1 - confidence) / 2
    coords: dict[str, Any] = {"group": list(groups), "bound": BOUNDS}
    configuration: dict[str, Any] = {"test": name, "confidence": confidence}
    if name == "kruskal-wallis":
        found: dict[str, Any] = kruskal_wallis(groups, z, resamples, key)
        pairs, which = _pairs(groups, adjust, z, tail)
        found, coords = found | pairs, coords | which
        method = "asymptotic"
        configuration |= {"adjust": adjust, "resamples": resamples}
    else:
        require(len(groups) == 2, f"{len(groups)} groups", f"two for the {name} test", "or test='kruskal-wallis'")
        first, second = groups.values()
        found, method = (rank_sum if name == "rank-sum" else signed_rank)(first, second, z, tail)
    n = sum(len(group) for group in groups.values())
    said = {"test": TESTS[name], "n": n, "confidence": confidence, "unit_of_analysis": unit}
    return xr.Dataset(found | spread(groups), coords, provenance(method, "sample", (), configuration, **said))


def _pairs(groups: dict[str, np.ndarray], adjust: str, z: float, tail: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return Dunn's comparisons, and effect and difference of each pair alone."""
    compared, coords = of_pairs(groups, adjust)
    alone = [_alone(first, second, z, tail) for first, second in combinations(groups.values(), 2)]
    found = {f"pair_{name}": variable for name, variable in compared.items()}
    for name in ("effect", "difference"):
        found[f"pair_{name}"] = ("pair", [each[name] for each in alone])
        bounds = [each[f"{name}_interval"][1] for each in alone]
        found[f"pair_{name}_interval"] = (["pair", "bound"], bounds)
    return found, coords


def _alone(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> dict[str, Any]:
    """Return effect and difference of one pair of groups, which among several may well be equal."""
    if np.ptp(np.concatenate([first, second])) > 0:
        return rank_sum(first, second, z, tail)[0]
    nothing = superiority_bounds(0.5, len(first), len(second), z)
    return {
        "effect": 0.0,
        "effect_interval": ("bound", [2 * bound - 1 for bound in nothing]),
        "difference": 0.0,
        "difference_interval": ("bound", [0.0, 0.0]),
    }
