"""Comparison of censored times to an event by the log-rank test."""

from collections.abc import Mapping
from itertools import combinations
from typing import Any, Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis.statistics._dunn import holm
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import require
from noisette.provenance import provenance


@check_arguments
@public_call
def compare_times(
    times: Mapping[Any, ArrayLike], reached: Mapping[Any, ArrayLike], *, adjust: Literal["holm", "none"] = "holm"
) -> xr.Dataset:
    """Log-rank test of censored times to an event, such as the number of trials to criterion.

    .. math:: z = \\frac{\\sum_t (O_{2t} - E_{2t})}{\\sqrt{\\sum_t V_t}}, \\qquad
       E_{2t} = d_t \\frac{n_{2t}}{n_t}, \\qquad V_t = d_t \\frac{n_{1t} n_{2t}}{n_t^2} \\frac{n_t - d_t}{n_t - 1}

    with d_t events among the n_t networks at risk at time t. A network that does not reach the criterion within 20,000
    trials needs more than 20,000: its time is censored there. Leaving such networks out would bias the comparison in
    favour of groups that succeed rarely.

    Parameters
    ----------
    times : time of the event, or of censoring, of each member of each group, by the name of the group
    reached : whether the event occurred, under the same names; other times are censored
    adjust : correction for the number of pairs of groups, "holm" or "none"

    Raises
    ------
    InputError : fewer than two groups, names or lengths that differ, empty groups, times that are negative or not
        finite, no event in any group.

    Returns
    -------
    Dataset over ``group``: ``n``, ``events`` and ``median``, the Kaplan–Meier estimate, infinite where the estimated
    survival function stays above one half; over ``pair``, with coordinates ``first`` and ``second``: ``z``, positive
    where the second group is faster, ``p`` (two-sided, adjusted) and ``p_raw``, NaN where neither group has an event

    See Also
    --------
    analysis.compare_groups : A number per network, for two or more independent or paired groups.
    analysis.compare_counts : How many networks of each group succeed.
    analysis.dunn : Which of several groups differ.
    analysis.holm : Correction of p values for the number of tests.

    Examples
    --------
    >>> trials = {"C = 0": [900, 1000, 1000, 1000], "C = 10": [300, 400, 500, 600]}
    >>> comparison = compare_times(trials, {"C = 0": [True, False, False, False], "C = 10": [True] * 4})
    >>> comparison["median"].values, round(float(comparison.p[0]), 4)
    (array([ inf, 400.]), 0.0067)

    References
    ----------
    Mantel (1966), Cancer Chemotherapy Reports 50:163; Kaplan & Meier (1958), Journal of the American Statistical
    Association 53:457; Holm (1979), Scandinavian Journal of Statistics 6:65.
    """
    from scipy.stats import CensoredData, ecdf, logrank  # imported on use, since the import takes about a second

    require(len(times) >= 2, f"{len(times)} groups", "at least two")
    require(list(times) == list(reached), f"times of {list(times)}, reached of {list(reached)}", "the same groups")
    samples = {str(name): _sample(name, times[name], reached[name]) for name in times}
    total = sum(int(events.sum()) for _, events in samples.values())
    require(total > 0, "no event in any group", "at least one")
    censored = {name: CensoredData(uncensored=at[events], right=at[~events]) for name, (at, events) in samples.items()}
    medians = []
    for name, (_, events) in samples.items():
        survival = ecdf(censored[name]).sf if events.any() else None
        below = np.array([]) if survival is None else survival.quantiles[survival.probabilities <= 0.5 + 1e-12]
        medians.append(float(below[0]) if below.size else np.inf)
    pairs = list(combinations(samples, 2))
    z, raw = np.full(len(pairs), np.nan), np.full(len(pairs), np.nan)
    for number, (first, second) in enumerate(pairs):
        if samples[first][1].any() or samples[second][1].any():
            test = logrank(censored[second], censored[first])  # z > 0: more events in `second` than expected
            z[number], raw[number] = test.statistic, test.pvalue
    adjusted, tested = raw.copy(), np.isfinite(raw)
    if adjust == "holm":
        adjusted[tested] = holm(raw[tested])
    columns: dict[str, Any] = {
        "n": ("group", [len(at) for at, _ in samples.values()]),
        "events": ("group", [int(events.sum()) for _, events in samples.values()]),
        "median": ("group", medians),
        "z": ("pair", z),
        "p": ("pair", adjusted),
        "p_raw": ("pair", raw),
    }
    firsts, seconds = zip(*pairs, strict=True)
    coords = {"group": list(samples), "first": ("pair", list(firsts)), "second": ("pair", list(seconds))}
    attrs = provenance("asymptotic", "sample", (), {"adjust": adjust}, test="log-rank, two-sided")
    return xr.Dataset(columns, coords, attrs)


def _sample(name: Any, times: ArrayLike, reached: ArrayLike) -> tuple[np.ndarray, np.ndarray]:
    """Return the times of a group, and whether the event occurred; raise `InputError` for invalid ones."""
    at, events = np.asarray(times, float), np.asarray(reached)
    require(at.ndim == 1 and len(at) > 0, f"times of group '{name}' of shape {at.shape}", "a one-dimensional array")
    require(
        events.shape == at.shape,
        f"reached of shape {events.shape} and times of shape {at.shape} in group '{name}'",
        "equal shapes",
    )
    valid = bool(np.isfinite(at).all()) and bool((at >= 0).all())
    require(valid, f"times of group '{name}' that are negative or not finite", "finite times of at least 0")
    return at, events.astype(bool)
