"""The one question asked of groups of networks, and the test that answers it."""

from itertools import combinations
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.analysis.statistics import _friedman
from noisette.analysis.statistics._dunn import of_pairs
from noisette.analysis.statistics._groups import (
    Values,
    checked,
    matched,
    normal_quantile,
    share_a_seed,
    spread,
    unit_of_analysis,
)
from noisette.analysis.statistics._kruskal import kruskal_wallis
from noisette.analysis.statistics._two import rank_sum, signed_rank, superiority_bounds
from noisette.errors import integer, require
from noisette.proportions import BOUNDS
from noisette.provenance import provenance

TESTS = {
    "rank-sum": "Wilcoxon rank-sum (Mann–Whitney), two-sided",
    "signed-rank": "Wilcoxon signed-rank, two-sided",
    "kruskal-wallis": "Kruskal–Wallis with Dunn's comparisons of pairs",
    "friedman": "Friedman with signed-rank comparisons of pairs",
}
PAIRED = ("signed-rank", "friedman")
OF_SEVERAL = {"rank-sum": "kruskal-wallis", "signed-rank": "friedman"}


def compare_groups(
    values: Values,
    test: str | None = None,
    *,
    paired: bool | None = None,
    confidence: float = 0.95,
    adjust: str = "holm",
    resamples: int = 2000,
    key: PRNGKeyArray | None = None,
) -> xr.Dataset:
    """Test whether groups differ, and say by how much and how surely.

    Groups are independent, or paired: several values of the same networks, such as τ of its excitatory and of its
    inhibitory units, or of networks that were drawn from the same seed and differ in one parameter. Networks of
    `training.train` with the same seed start from the same weights and see the same trials, whatever their number of
    noise channels, and a test of independent groups is wrong for them: too insensitive where pairs are alike. Groups
    that carry the same ``seed`` (see `training.as_dataset`) are therefore taken as paired unless told otherwise.

    .. math:: \\delta = P(y > x) - P(y < x) = \\frac{2U}{mn} - 1, \\qquad
       r = \\frac{T^+ - T^-}{T^+ + T^-}, \\qquad \\varepsilon^2 = \\frac{H}{N - 1}, \\qquad
       W = \\frac{Q}{n (k - 1)}

    are the effect sizes: Cliff's δ of two groups x and y (the rank-biserial correlation; the probability of superiority
    is (1 + δ)/2), the matched rank-biserial correlation of pairs, the share of the variance of the ranks that lies
    between several groups, and Kendall's W, the same share within n networks of k values. The second group is held
    against the first: with a control first, a positive effect says that the other is larger.

    p is exact, ties included, for up to 100 values together, else from the normal approximation corrected for ties and
    continuity; those of Kruskal and Wallis and of Friedman from χ² (with fewer than five values in a group, distrust
    them). ``difference`` is the Hodges–Lehmann estimate: by how much the second group is larger, in the unit of the
    values; its interval inverts the test, and is infinite with too few values for the confidence.

    Intervals of effects: of δ Newcombe's method 5, which does not collapse when groups do not overlap; of r Wilson's
    construction on the variance v (1 − r²); of ε² and W a bootstrap within groups and over networks, corrected for bias
    (with fewer than ten values in a group it is too narrow: some 80 to 90 % instead of 95). Intervals of several pairs
    are each for itself: only p is adjusted.

    Parameters
    ----------
    values : the numbers of each group, by its name; one number a network (`per_network`), the pairs in the same order
    test : "rank-sum", "kruskal-wallis", "signed-rank" or "friedman"; by default the first two for two and more
        independent groups, the last two for two and more paired groups
    paired : whether the groups are values of the same networks, in the same order; where all groups are DataArrays with
        a coordinate ``network``, values are matched by it, and networks missing from a group are left out. By default
        what `test` says, else whether all groups carry the same ``seed``
    confidence : of all intervals
    adjust : correction of the comparisons of pairs, see `dunn`
    resamples : of the bootstrap
    key : of the bootstrap; the same one each time by default

    Returns
    -------
    Dataset with ``statistic`` (U: pairs in which the second is larger, ties one half; T⁺: ranks of pairs in which it
    is; H; Q), ``p``, ``effect`` and ``effect_interval`` (bound). For two groups also ``difference`` and
    ``difference_interval``, and ``superiority`` with its interval or ``zeros``, the number of equal pairs, which do not
    count. For several groups over ``pair``, with coordinates ``first`` and ``second``: ``pair_z`` (of Dunn's test),
    ``pair_p`` (adjusted), ``pair_p_raw``, ``pair_effect`` (δ or r), ``pair_difference`` and their intervals. Over
    ``group`` all that `describe` gives. The attributes hold ``test``, ``method`` (of p: exact or asymptotic), ``n``,
    ``paired``, ``left_out``, the number of values without a partner, and ``unit_of_analysis``.

    Raises
    ------
    InputError : an unknown test; too few or too many groups; empty groups; values that are NaN or infinite (how many
        is said); all values equal; pairs of unequal number or without a network in common; a test of independent groups
        asked for paired ones, or the reverse; groups of different units of analysis.

    Examples
    --------
    >>> comparison = compare_groups({"C = 0": [55.0, 61.0, 70.0, 66.0], "C = 10": [88.0, 92.0, 69.0, 97.0]})
    >>> round(float(comparison.p), 4), float(comparison.effect), float(comparison.difference)
    (0.0571, 0.875, 26.5)
    >>> comparison.effect_interval.values.round(2), comparison.attrs["method"]
    (array([0.03, 0.99]), 'exact')
    >>> same_seed = {"C = 0": [55.0, 61.0, 70.0, 66.0, 58.0], "C = 10": [58.0, 66.0, 72.0, 70.0, 59.0]}
    >>> comparison = compare_groups(same_seed, paired=True)
    >>> float(comparison.p), float(comparison.effect), float(comparison.difference)
    (0.0625, 1.0, 3.0)

    References
    ----------
    Newcombe (2006), Statistics in Medicine 25:559; Cliff (1993), Psychological Bulletin 114:494; Kerby (2014),
    Comprehensive Psychology 3:11.IT.3.1; Friedman (1937), Journal of the American Statistical Association 32:675;
    Hodges & Lehmann (1963), Annals of Mathematical Statistics 34:598; Tomczak & Tomczak (2014), Trends in Sport
    Sciences 21:19; Ezekiel (1930), Methods of Correlation Analysis.
    """
    resamples = integer(resamples, "resamples")
    all_groups = checked(values)
    pairs = _is_paired(values, test, paired)
    several = len(all_groups) > 2
    name = test or (
        ("friedman" if several else "signed-rank") if pairs else ("kruskal-wallis" if several else "rank-sum")
    )
    groups = matched(values) if pairs else all_groups
    unit = unit_of_analysis(values)
    z, tail = normal_quantile(confidence), (1 - confidence) / 2
    coords: dict[str, Any] = {"group": list(groups), "bound": BOUNDS}
    configuration: dict[str, Any] = {"test": name, "confidence": confidence, "paired": pairs}
    if name in ("kruskal-wallis", "friedman"):
        omnibus = _friedman.friedman if pairs else kruskal_wallis
        results: dict[str, Any] = omnibus(groups, z, resamples, key)
        compared, which = _friedman.of_pairs(groups, adjust, z, tail) if pairs else _pairs(groups, adjust, z, tail)
        results, coords = results | compared, coords | which
        method = "asymptotic"
        configuration |= {"adjust": adjust, "resamples": resamples}
    else:
        require(len(groups) == 2, f"{len(groups)} groups", f"two for the {name} test", f"or test='{OF_SEVERAL[name]}'")
        first, second = groups.values()
        results, method = (signed_rank if pairs else rank_sum)(first, second, z, tail)
    n = sum(len(group) for group in groups.values())
    left_out = sum(len(group) for group in all_groups.values()) - n
    description = {"test": TESTS[name], "n": n, "confidence": confidence, "unit_of_analysis": unit}
    attrs = provenance(method, "sample", (), configuration, **description, paired=int(pairs), left_out=left_out)
    return xr.Dataset(results | spread(groups), coords, attrs)


def _is_paired(values: Values, test: str | None, paired: bool | None) -> bool:
    """Return whether groups are compared as pairs: as `paired` or `test` says, else where they share a seed."""
    require(test is None or test in TESTS, f"test '{test}'", f"one of {', '.join(TESTS)}")
    if test is None:
        return share_a_seed(values) if paired is None else paired
    agrees = paired is None or paired == (test in PAIRED)
    others = [name for name in TESTS if (name in PAIRED) != (test in PAIRED)]
    require(agrees, f"test '{test}' with paired={paired}", f"{' or '.join(others)}, or leave one of the two out")
    return test in PAIRED


def _pairs(groups: dict[str, np.ndarray], adjust: str, z: float, tail: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return Dunn's comparisons, and effect and difference of each pair alone."""
    compared, coords = of_pairs(groups, adjust)
    pairwise = [_alone(first, second, z, tail) for first, second in combinations(groups.values(), 2)]
    variables = {f"pair_{name}": variable for name, variable in compared.items()}
    for name in ("effect", "difference"):
        variables[f"pair_{name}"] = ("pair", [each[name] for each in pairwise])
        bounds = [each[f"{name}_interval"][1] for each in pairwise]
        variables[f"pair_{name}_interval"] = (["pair", "bound"], bounds)
    return variables, coords


def _alone(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> dict[str, Any]:
    """Return effect and difference of one pair of groups, which among several may well be equal."""
    if np.ptp(np.concatenate([first, second])) > 0:
        return rank_sum(first, second, z, tail)[0]
    bounds = superiority_bounds(0.5, len(first), len(second), z)
    return {
        "effect": 0.0,
        "effect_interval": ("bound", [2 * bound - 1 for bound in bounds]),
        "difference": 0.0,
        "difference_interval": ("bound", [0.0, 0.0]),
    }
