"""Claims about groups of networks: a test, its effect size and p, beside what the paper says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import xarray as xr

from noisette.analysis import compare_counts, compare_groups
from noisette.papers.working_memory import _stored
from noisette.studies import Claim
from noisette.studies.claims import Verdict

LEVEL = 0.05
ENOUGH = 10  # networks in each group, from which on a difference that is not found counts as absent
FEWEST = 3  # networks in a group, below which nothing is tested
Expected = Literal["larger", "smaller", "equal"]
ByChannels = Mapping[int, xr.Dataset]
Values = Mapping[str, np.ndarray]
UNDECIDED = "too few networks to test"


def sources(data: xr.Dataset) -> dict[str, ByChannels]:
    """Return the networks that claims are tested on, by where they are from: stored, and of this run.

    Parameters
    ----------
    data : summaries of this run, over ``channels`` and ``network``
    """
    found: dict[str, ByChannels] = {}
    if _stored.FILE.is_file():
        for inputs in reversed(_stored.INPUTS):
            found[f"whole experiment, U = {inputs}"] = _stored.of_inputs(inputs)
    mine = {int(channels): data.sel(channels=channels) for channels in data.channels.values}
    return found | {f"this run, {data.attrs['scale']} scale, U = 2": mine}


def values_of(groups: ByChannels, name: str, **at: object) -> dict[str, np.ndarray]:
    """Return one number for each trained network, by C."""
    found = {}
    for channels, data in groups.items():
        if name in data:
            values = (data[name].sel(at) if at else data[name]).where(data.success > 0).values
            found[f"C = {channels}"] = values[np.isfinite(values)].astype(float)
    return found


def ends_of(values: Values) -> dict[str, np.ndarray]:
    """Return the groups without noise channels and with ten."""
    return {name: group for name, group in values.items() if name in ("C = 0", "C = 10")}


def count_of(data: xr.Dataset) -> tuple[int, int]:
    """Return (trained, all) networks."""
    tried = data.success.notnull()
    return int((data.success > 0).sum()), int(tried.sum())


def groups_differ(statement: str, paper: str, values: Values, expected: Expected, where: str) -> Claim:
    """Return a claim about two groups or several, the first being the control.

    For "larger" and "smaller" the verdict is "reproduced" if the difference has that sign at the level of 5 %, "not
    reproduced" if it has the other, or if there is none among ten networks or more in each group; with fewer it is
    "differs". For "equal" it is "reproduced" if no difference is found; how large one could have been missed is what
    the interval of the effect says.
    """
    text = f"{statement} ({where})"
    sizes = [len(group) for group in values.values()]
    if len(values) < 2 or min(sizes) < FEWEST or np.ptp(np.concatenate(list(values.values()))) == 0:
        return Claim(text, paper, _means(values), "differs", UNDECIDED if len(values) > 1 else "one group only")
    found = compare_groups(values)
    p, effect = float(found.p), float(found.effect)
    low, high = (float(bound) for bound in found.effect_interval)
    several = len(values) > 2
    name = "ε²" if several else "δ"
    test = f"H = {float(found.statistic):.1f}, " if several else ""
    n = ", ".join(str(size) for size in sizes)
    ours = f"{_means(values)}; {test}{name} = {effect:.2f} ({low:.2f} … {high:.2f}), {_p(p)}, n = {n}"
    rising = _trend(values) if several else float(np.sign(effect))
    verdict, reason = _judged(expected, p < LEVEL, rising > 0, min(sizes))
    test = "Kruskal–Wallis" if several else "rank-sum"
    return Claim(text, paper, ours, verdict, f"{reason}; {test} test of per-network means")


def _judged(expected: Expected, found: bool, rising: bool, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason, from whether a difference was found, its sign, and the size of the smallest group."""
    if expected == "equal":
        if found:
            return "not reproduced", "they differ"
        few = fewest < ENOUGH
        return "reproduced", "no difference found" + (", but among so few only a large one would be" if few else "")
    if found:
        right = rising == (expected == "larger")
        return ("reproduced", "significant") if right else ("not reproduced", "significant, with the other sign")
    if fewest < ENOUGH:
        return "differs", "not significant, with too few networks to tell"
    return "not reproduced", "no difference found"


def pairs_differ(statement: str, paper: str, values: Values, expected: Expected, where: str) -> Claim:
    """Return a claim about two values of the same networks, by the signed-rank test."""
    text = f"{statement} ({where})"
    first, second = values.values()
    if len(first) < FEWEST or np.all(first == second):
        return Claim(text, paper, _means(values), "differs", UNDECIDED)
    found = compare_groups(values, "signed-rank")
    p, effect = float(found.p), float(found.effect)
    low, high = (float(bound) for bound in found.effect_interval)
    ours = f"{_means(values)}; r = {effect:.2f} ({low:.2f} … {high:.2f}), {_p(p)}, n = {len(first)} pairs"
    verdict, reason = _judged(expected, p < LEVEL, effect > 0, len(first))
    return Claim(text, paper, ours, verdict, f"{reason}; signed-rank test, network by network")


def counts_differ(statement: str, paper: str, groups: ByChannels, where: str) -> Claim:
    """Return the claim that more networks are trained with ten noise channels than without."""
    counts = {f"C = {channels}": count_of(data) for channels, data in groups.items()}
    ours = ", ".join(f"{name} {good}/{n}" for name, (good, n) in counts.items())
    first, last = counts["C = 0"], counts["C = 10"]
    found = compare_counts({"C = 0": first, "C = 10": last})
    low, high = (float(bound) for bound in found.difference_interval)
    difference, p = float(found.difference), float(found.p)
    ours += f"; C = 10 against 0: {difference:+.2f} ({low:.2f} … {high:.2f}), {_p(p)}"
    verdict, reason = _judged("larger", p < LEVEL, difference > 0, min(first[1], last[1]))
    return Claim(f"{statement} ({where})", paper, ours, verdict, f"{reason}; Fisher's exact test")


def everywhere(data: xr.Dataset, claim: Callable[[ByChannels, str], Claim | None]) -> list[Claim]:
    """Return a claim for every source of networks in which it can be judged."""
    found = [(where, claim(groups, where)) for where, groups in sources(data).items()]
    return [replace(one, any_scale=where.startswith("whole")) for where, one in found if one is not None]


def _trend(values: Values) -> float:
    """Return the sign of the change of medians, from the first group to the last."""
    groups = list(values.values())
    return float(np.sign(np.median(groups[-1]) - np.median(groups[0])) or np.sign(groups[-1].mean() - groups[0].mean()))


def _means(values: Values) -> str:
    return ", ".join(f"{name}: {group.mean():.3g}" if len(group) else f"{name}: –" for name, group in values.items())


def _p(value: float) -> str:
    return f"p = {value:.1g}" if value < 0.1 else f"p = {value:.2f}"
