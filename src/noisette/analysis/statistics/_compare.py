"""Public entry point `compare_groups`: choice of the test, its result and its effect sizes."""

from itertools import combinations
from typing import Any, Literal

import numpy as np
import xarray as xr
from jaxtyping import PRNGKeyArray

from noisette.analysis.statistics import _friedman
from noisette.analysis.statistics._dunn import Adjustment, of_pairs
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
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, require
from noisette.proportions import BOUNDS
from noisette.provenance import provenance

Test = Literal["rank-sum", "signed-rank", "kruskal-wallis", "friedman"]
TESTS = {
    "rank-sum": "Wilcoxon rank-sum (Mann–Whitney), two-sided",
    "signed-rank": "Wilcoxon signed-rank, two-sided",
    "kruskal-wallis": "Kruskal–Wallis with Dunn's comparisons of pairs",
    "friedman": "Friedman with signed-rank comparisons of pairs",
}
PAIRED = ("signed-rank", "friedman")
FOR_SEVERAL = {"rank-sum": "kruskal-wallis", "signed-rank": "friedman"}


@check_arguments
@public_call
def compare_groups(
    values: Values,
    test: Test | None = None,
    *,
    paired: bool | None = None,
    confidence: float = 0.95,
    adjust: Adjustment = "holm",
    resamples: int = 2000,
    key: PRNGKeyArray | None = None,
) -> xr.Dataset:
    """Test whether groups differ, with effect sizes and confidence intervals.

    Groups are independent or paired. Paired groups hold several values of the same networks, such as the mean τ of
    their excitatory and of their inhibitory units, or values of networks that are drawn from the same seed and differ
    in one parameter. Networks of `training.train` with the same seed start from the same weights and are trained on the
    same trials, whatever their number of noise channels. A test of independent groups is inappropriate for them: it
    loses power where the values of a pair are correlated. Groups with the same ``seed`` (see `training.as_dataset`) are
    therefore treated as paired by default.

    .. math:: \\delta = P(y > x) - P(y < x) = \\frac{2U}{mn} - 1, \\qquad
       r = \\frac{T^+ - T^-}{T^+ + T^-}, \\qquad \\varepsilon^2 = \\frac{H}{N - 1}, \\qquad
       W = \\frac{Q}{n (k - 1)}

    are the effect sizes: Cliff's δ of two groups x and y (the rank-biserial correlation; the probability of superiority
    is (1 + δ)/2), the matched-pairs rank-biserial correlation r, the fraction ε² of the variance of the ranks that
    lies between groups, and Kendall's W, the same fraction for ranks within each of n networks with k values. The
    second group is compared with the first: with a control first, a positive effect means that the other is larger.

    The p value of two groups is exact, ties included, for up to 100 values in total; beyond, it follows from the normal
    approximation with corrections for ties and continuity. The p values of the Kruskal–Wallis and Friedman tests
    follow from the χ² distribution and are unreliable with fewer than five values per group. ``difference`` is the
    Hodges–Lehmann estimate of the shift of the second group, in the unit of the values; its interval inverts the test
    and is infinite where there are too few values for the confidence level.

    The interval of δ is that of Newcombe's method 5, which does not collapse when groups do not overlap; that of r is
    Wilson's construction with the variance v (1 − r²). The intervals of ε² and W are bootstrap intervals, resampled
    within groups and over networks respectively, and corrected for bias; with fewer than ten values per group they are
    too narrow, with a coverage of 80 to 90 % instead of 95 %. Intervals of several pairs are not simultaneous: only p
    is adjusted.

    Parameters
    ----------
    values : values of each group, by the name of the group; one number per network (see `per_network`), and pairs in
        the same order
    test : "rank-sum", "kruskal-wallis", "signed-rank" or "friedman"; by default "rank-sum" for two and
        "kruskal-wallis" for more independent groups, "signed-rank" for two and "friedman" for more paired groups
    paired : whether the groups are values of the same networks, in the same order; where all groups are DataArrays with
        a coordinate ``network``, values are matched by it, and networks missing from a group are left out. By default
        it follows from `test`, or else from whether all groups have the same ``seed``
    confidence : confidence level of all intervals, between 0 and 1
    adjust : correction of the comparisons of pairs for multiplicity, see `dunn`
    resamples : number of bootstrap resamples
    key : JAX key of the bootstrap; a fixed key by default

    Returns
    -------
    Dataset with ``statistic`` (U, the number of pairs in which the value of the second group is larger, ties counting
    one half; T⁺, the sum of the ranks of positive differences; H; or Q), ``p``, ``effect`` and ``effect_interval``
    (bound). For two groups also ``difference`` and ``difference_interval``, and ``superiority`` with its interval or
    ``zeros``, the number of equal pairs, which are ignored. For several groups, over ``pair`` with coordinates
    ``first`` and ``second``: ``pair_z`` (Dunn's test), ``pair_p`` (adjusted), ``pair_p_raw``, ``pair_effect`` (δ or r),
    ``pair_difference`` and their intervals. Over ``group``, the variables of `describe`. The attributes are ``test``,
    ``method`` (of p: exact or asymptotic), ``n``, ``paired``, ``left_out``, the number of values without a partner, and
    ``unit_of_analysis``.

    Raises
    ------
    InputError : an unknown test; too few or too many groups; empty groups; values that are NaN or infinite; all values
        equal; pairs of unequal number or without a common network; a test of independent groups for paired groups, or
        the reverse; groups of different units of analysis.

    See Also
    --------
    analysis.compare_counts : How many networks of each group succeed.
    analysis.compare_times : Trials to criterion, if some networks never reach it.
    analysis.dunn : Which of several groups differ.
    analysis.holm : Correction of p values for the number of tests.

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
        require(len(groups) == 2, f"{len(groups)} groups", f"two for the {name} test", f"or test='{FOR_SEVERAL[name]}'")
        first, second = groups.values()
        results, method = (signed_rank if pairs else rank_sum)(first, second, z, tail)
    n = sum(len(group) for group in groups.values())
    left_out = sum(len(group) for group in all_groups.values()) - n
    description = {"test": TESTS[name], "n": n, "confidence": confidence, "unit_of_analysis": unit}
    attrs = provenance(method, "sample", (), configuration, **description, paired=int(pairs), left_out=left_out)
    return xr.Dataset(results | spread(groups), coords, attrs)


def _is_paired(values: Values, test: str | None, paired: bool | None) -> bool:
    """Return whether groups are paired, as given by `paired` or `test`; by default, whether they share a seed."""
    if test is None:
        return share_a_seed(values) if paired is None else paired
    agrees = paired is None or paired == (test in PAIRED)
    others = [name for name in TESTS if (name in PAIRED) != (test in PAIRED)]
    require(agrees, f"test '{test}' with paired={paired}", f"{' or '.join(others)}, or give only one of the two")
    return test in PAIRED


def _pairs(groups: dict[str, np.ndarray], adjust: str, z: float, tail: float) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return Dunn's comparisons, with the effect and the difference of each pair of groups considered separately."""
    compared, coords = of_pairs(groups, adjust)
    effects = [_effects(first, second, z, tail) for first, second in combinations(groups.values(), 2)]
    variables = {f"pair_{name}": variable for name, variable in compared.items()}
    for name in ("effect", "difference"):
        variables[f"pair_{name}"] = ("pair", [each[name] for each in effects])
        bounds = [each[f"{name}_interval"][1] for each in effects]
        variables[f"pair_{name}_interval"] = (["pair", "bound"], bounds)
    return variables, coords


def _effects(first: np.ndarray, second: np.ndarray, z: float, tail: float) -> dict[str, Any]:
    """Return effect and difference of one pair of groups; both are zero where all values of the pair are equal."""
    if np.ptp(np.concatenate([first, second])) > 0:
        return rank_sum(first, second, z, tail)[0]
    bounds = superiority_bounds(0.5, len(first), len(second), z)
    return {
        "effect": 0.0,
        "effect_interval": ("bound", [2 * bound - 1 for bound in bounds]),
        "difference": 0.0,
        "difference_interval": ("bound", [0.0, 0.0]),
    }
