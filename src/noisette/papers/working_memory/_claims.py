"""Claims about groups of networks: a test, its effect size and p, beside what the paper says."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np
import xarray as xr

from noisette.analysis import compare_counts, compare_groups, compare_times, holm
from noisette.papers.working_memory import _stored
from noisette.studies import Claim
from noisette.studies.claims import Verdict

LEVEL = 0.05
ENOUGH = 10  # networks in each group, from which on a difference that is not found counts as absent
FEWEST = 3  # networks in a group, below which nothing is tested
Expected = Literal["larger", "smaller", "equal"]
ByChannels = Mapping[int, xr.Dataset]
Values = Mapping[str, np.ndarray]
PAPER_GAIN = 17 / 50  # by which the share of trained networks rises from C = 0 to 10 in Fig 1d
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


def groups_differ(
    statement: str, paper: str, values: Values, expected: Expected, where: str, of: str = "per-network means"
) -> Claim:
    """Return a claim about two groups or several, the first being the control.

    Two groups: for "larger" and "smaller" the verdict is "reproduced" if the difference has that sign at the level of
    5 %, "not reproduced" if it has the other, or if there is none among ten networks or more in each group; with fewer
    it is "not judged". For "equal" it is "reproduced" if none is found among ten or more; how large one could have been
    missed is what the interval of the effect says.

    Several groups: the Kruskal–Wallis test says whether any differ, and Dunn's comparisons, corrected by Holm, which. A
    rise that is significant against the control for some groups and not for others gets the verdict "depends on C".
    """
    text = f"{statement} ({where})"
    sizes = [len(group) for group in values.values()]
    if len(values) < 2 or min(sizes) < FEWEST or np.ptp(np.concatenate(list(values.values()))) == 0:
        return Claim(text, paper, _means(values), "not judged", UNDECIDED if len(values) > 1 else "one group only")
    found = compare_groups(values, paired=False)
    p, effect = float(found.p), float(found.effect)
    low, high = (float(bound) for bound in found.effect_interval)
    n = ", ".join(str(size) for size in sizes)
    if len(values) == 2:
        ours = f"{_means(values)}; δ = {effect:.2f} ({low:.2f} … {high:.2f}), {_p(p)}, n = {n}"
        verdict, reason = _judged(expected, p < LEVEL, effect > 0, min(sizes))
        return Claim(text, paper, ours, verdict, f"{reason}; rank-sum test of {of}", p=p, level=LEVEL)
    test = f"H = {float(found.statistic):.1f}, ε² = {effect:.2f} ({low:.2f} … {high:.2f})"
    against = ", ".join(
        f"{second} {_p(q)}" for second, q in zip(_others(found), _control(found).pair_p.values, strict=True)
    )
    ours = f"{_means(values)}; {test}, {_p(p)}, n = {n}; against {next(iter(values))}: {against}"
    verdict, reason = _post_hoc(found, expected, min(sizes))
    reason += f"; Kruskal–Wallis test of {of}, Dunn's comparisons (Holm)"
    return Claim(text, paper, ours, verdict, reason, p=p, level=LEVEL)


def _control(found: xr.Dataset) -> xr.Dataset:
    """Return the comparisons with the first group."""
    return found.isel(pair=found["first"].values == found.group.values[0])


def _others(found: xr.Dataset) -> list[str]:
    return [str(name) for name in _control(found)["second"].values]


def _post_hoc(found: xr.Dataset, expected: Expected, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason of a comparison of several groups, from its omnibus and its post hoc tests."""
    significant = float(found.p) < LEVEL
    if expected == "equal":
        differ = found.isel(pair=found.pair_p.values < LEVEL)
        pairs = [f"{a} and {b}" for a, b in zip(differ["first"].values, differ["second"].values, strict=True)]
        verdict, reason = _judged("equal", significant, True, fewest)
        which = f": {', '.join(pairs)}" if pairs else ", though no pair does by itself"
        return verdict, reason + (which if significant else "")
    control = _control(found)
    sign = 1 if expected == "larger" else -1
    moved = np.where(control.pair_p.values < LEVEL, sign * np.sign(control.pair_effect.values), 0)
    names = np.array(_others(found))
    if not significant or not moved.any():
        verdict, reason = _judged(expected, False, False, fewest)
        return verdict, reason + (", though some group differs from another" if significant else "")
    right, none, wrong = (", ".join(names[moved == way]) for way in (1, 0, -1))
    if not none and not wrong:
        return "reproduced", "significant against the control for every group"
    if not right:
        return "not reproduced", f"significant, with the other sign, for {wrong}"
    told = [f"significant against the control for {right}"]
    told += [f"not for {none}"] * bool(none) + [f"with the other sign for {wrong}"] * bool(wrong)
    return f"depends on {names[0].split(' ')[0]}", ", ".join(told)


def _judged(expected: Expected, found: bool, rising: bool, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason, from whether a difference was found, its sign, and the size of the smallest group."""
    if expected == "equal":
        if found:
            return "not reproduced", "they differ"
        if fewest < ENOUGH:
            return "not judged", "no difference found, with too few networks to tell"
        return "reproduced", "no difference found"
    if found:
        right = rising == (expected == "larger")
        return ("reproduced", "significant") if right else ("not reproduced", "significant, with the other sign")
    if fewest < ENOUGH:
        return "not judged", "not significant, with too few networks to tell"
    return "not reproduced", "no difference found"


def pairs_differ(statement: str, paper: str, values: Values, expected: Expected, where: str) -> Claim:
    """Return a claim about two values of the same networks, by the signed-rank test."""
    text = f"{statement} ({where})"
    first, second = values.values()
    if len(first) < FEWEST or np.all(first == second):
        return Claim(text, paper, _means(values), "not judged", UNDECIDED)
    found = compare_groups(values, paired=True)
    p, effect = float(found.p), float(found.effect)
    low, high = (float(bound) for bound in found.effect_interval)
    ours = f"{_means(values)}; r = {effect:.2f} ({low:.2f} … {high:.2f}), {_p(p)}, n = {len(first)} pairs"
    verdict, reason = _judged(expected, p < LEVEL, effect > 0, len(first))
    return Claim(text, paper, ours, verdict, f"{reason}; signed-rank test, network by network", p=p, level=LEVEL)


def counts_differ(statement: str, paper: str, groups: ByChannels, where: str, theirs: float = PAPER_GAIN) -> Claim:
    """Return the claim that more networks are trained with ten noise channels than without, by Fisher's exact test.

    Where no difference is found, but `theirs`, the difference in the paper, is not excluded either, nothing is judged.
    """
    counts = {f"C = {channels}": count_of(data) for channels, data in groups.items()}
    ours = ", ".join(f"{name} {good}/{n}" for name, (good, n) in counts.items())
    first, last = counts["C = 0"], counts["C = 10"]
    found = compare_counts({"C = 0": first, "C = 10": last})
    low, high = (float(bound) for bound in found.difference_interval)
    difference, p = float(found.difference), float(found.p)
    ours += f"; C = 10 against 0: {difference:+.2f} ({low:.2f} … {high:.2f}), {_p(p)}"
    verdict, reason = _judged("larger", p < LEVEL, difference > 0, min(first[1], last[1]))
    if p >= LEVEL and low <= theirs <= high:
        verdict, reason = "not judged", f"neither no difference nor {theirs:+.2f} as in the paper can be excluded"
    reason += "; Fisher's exact test"
    return Claim(f"{statement} ({where})", paper, ours, verdict, reason, p=p, level=LEVEL)


def times_differ(statement: str, paper: str, groups: ByChannels, where: str) -> Claim:
    """Return the claim that networks with noise channels reach the criterion in fewer trials, failed ones included.

    A network that failed is censored at its last trial. p is the smallest of the log-rank tests against C = 0, each
    corrected for how many there are (Holm), and so that of the hypothesis that none differs.
    """
    text = f"{statement} ({where})"
    ends = {f"C = {channels}": data[["trials", "success"]] for channels, data in groups.items()}
    tried = {name: data.where(data.success.notnull(), drop=True) for name, data in ends.items()}
    trials = {name: data.trials.values for name, data in tried.items()}
    trained = {name: data.success.values > 0 for name, data in tried.items()}
    sizes = [len(row) for row in trials.values()]
    counts = ", ".join(f"{name} {good.sum()}/{len(good)}" for name, good in trained.items())
    if len(trials) < 2 or min(sizes) < FEWEST or not any(good.any() for good in trained.values()):
        return Claim(text, paper, f"trained {counts}", "not judged", UNDECIDED)
    found = compare_times(trials, trained, adjust="none")
    control = found.isel(pair=found["first"].values == found.group.values[0])
    names, raw = control["second"].values, np.nan_to_num(control.p.values, nan=1.0)
    p = holm(raw)
    medians = [f"{name}: {_trials(median)}" for name, median in zip(trials, found["median"].values, strict=True)]
    ours = f"median trials {', '.join(medians)}; trained {counts}; against {found.group.values[0]}: "
    ours += ", ".join(f"{name} {_p(q)}" for name, q in zip(names, p, strict=True))
    faster = np.where(p < LEVEL, np.sign(control.z.values), 0)
    events = sum(int(good.sum()) for good in trained.values())
    verdict, reason = _times_judged(names, faster, min(*sizes, events))
    reason += "; log-rank tests (Holm), failed networks censored at their last trial"
    return Claim(text, paper, ours, verdict, reason, p=float(p.min()), level=LEVEL)


def _times_judged(names: np.ndarray, faster: np.ndarray, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason; `faster` is 1 for groups significantly faster than the control, −1 for slower ones."""
    if (faster == 1).all():
        return "reproduced", "significantly faster than the control for every group"
    if not (faster == 1).any():
        return _judged("smaller", bool(faster.any()), bool(faster.any()), fewest)
    listed = [f"faster for {', '.join(names[faster == 1])}", f"not for {', '.join(names[faster != 1])}"]
    return "depends on C", f"significantly {', '.join(listed)}"


def _trials(median: float) -> str:
    return f"{median:,.0f}" if np.isfinite(median) else "more than allowed"


def everywhere(data: xr.Dataset, claim: Callable[[ByChannels, str], Claim | None]) -> list[Claim]:
    """Return a claim for every source of networks in which it can be judged."""
    found = [(where, claim(groups, where)) for where, groups in sources(data).items()]
    return [replace(one, any_scale=where.startswith("whole")) for where, one in found if one is not None]


def _means(values: Values) -> str:
    return ", ".join(
        f"{name}: {_number(group.mean())}" if len(group) else f"{name}: –" for name, group in values.items()
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _p(value: float) -> str:
    return f"p = {value:.1g}" if value < 0.1 else f"p = {value:.2f}"
