"""Claims about groups of networks: significance test, effect size and p, beside the statement of the paper."""

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
MIN_FOR_ABSENCE = 10  # networks per group with which a non-significant difference counts as absent
MIN_NETWORKS = 3  # networks per group below which no test is performed
Expected = Literal["larger", "smaller", "equal"]
ByChannels = Mapping[int, xr.Dataset]
Values = Mapping[str, np.ndarray]
PAPER_GAIN = 17 / 50  # increase of the share of trained networks from C = 0 to 10 in Fig 1d
UNDECIDED = "too few networks for a test"


def sources(data: xr.Dataset) -> dict[str, ByChannels]:
    """Return the networks on which claims are tested, by source: stored networks, and networks of this run.

    At paper scale with the seed of the stored networks with U = 2, a run trains the same networks; so that no network
    counts twice, it then takes their place.

    Parameters
    ----------
    data : summaries of this run over ``channels`` and ``network``
    """
    groups = {int(channels): data.sel(channels=channels) for channels in data.channels.values}
    this_run: dict[str, ByChannels] = {f"this run, {data.attrs['scale']} scale, U = 2": groups}
    if not _stored.FILE.is_file():
        return this_run
    stored: dict[str, ByChannels] = {
        f"main experiment, U = {inputs}": _stored.of_inputs(inputs) for inputs in reversed(_stored.INPUTS)
    }
    if data.attrs["scale"] == "paper" and data.attrs.get("seed") == _stored.SEED:
        del stored["main experiment, U = 2"]
        return this_run | stored
    return stored | this_run


def values_of(groups: ByChannels, name: str, **at: object) -> dict[str, np.ndarray]:
    """Return one number per trained network, by C."""
    numbers = {}
    for channels, data in groups.items():
        if name in data:
            values = (data[name].sel(at) if at else data[name]).where(data.success > 0).values
            numbers[f"C = {channels}"] = values[np.isfinite(values)].astype(float)
    return numbers


def without_and_with_ten(values: Values) -> dict[str, np.ndarray]:
    """Return the groups with C = 0 and C = 10."""
    return {name: group for name, group in values.items() if name in ("C = 0", "C = 10")}


def count_of(data: xr.Dataset) -> tuple[int, int]:
    """Return the numbers of trained networks and of all networks."""
    tried = data.success.notnull()
    return int((data.success > 0).sum()), int(tried.sum())


def groups_differ(
    statement: str, paper: str, values: Values, expected: Expected, where: str, of: str = "per-network means"
) -> Claim:
    """Return a claim about two or more groups, of which the first is the control.

    Two groups: if "larger" or "smaller" is expected, the verdict is "reproduced" if the difference has this sign and is
    significant at the level of 5 %, and "not reproduced" if it has the opposite sign, or if it is not significant with
    at least ten networks in each group; with fewer networks the claim is "not judged". If "equal" is expected, the
    verdict is "reproduced" if there is no significant difference with at least ten networks in each group; the interval
    of the effect shows how large an undetected difference could be.

    Several groups: the Kruskal–Wallis test decides whether any groups differ, and Dunn's comparisons (Holm) decide
    which of them do. If the difference from the control is significant for some groups only, the verdict is
    "depends on C".
    """
    text = f"{statement} ({where})"
    sizes = [len(group) for group in values.values()]
    if len(values) < 2 or min(sizes) < MIN_NETWORKS or np.ptp(np.concatenate(list(values.values()))) == 0:
        return Claim(
            text, paper, _means(values), "not judged", UNDECIDED if len(values) > 1 else "there is only one group"
        )
    comparison = compare_groups(values, paired=False)
    p, effect = float(comparison.p), float(comparison.effect)
    low, high = (float(bound) for bound in comparison.effect_interval)
    n = ", ".join(str(size) for size in sizes)
    if len(values) == 2:
        result = f"{_means(values)}; δ = {effect:.2f} ({low:.2f} … {high:.2f}), {_p(p)}, n = {n}"
        verdict, reason = _verdict(expected, p < LEVEL, effect > 0, min(sizes))
        return Claim(text, paper, result, verdict, f"{reason}; rank-sum test of {of}", p=p, level=LEVEL)
    test = f"H = {float(comparison.statistic):.1f}, ε² = {effect:.2f} ({low:.2f} … {high:.2f})"
    against = ", ".join(
        f"{second} {_p(q)}"
        for second, q in zip(_compared(comparison), _against_control(comparison).pair_p.values, strict=True)
    )
    result = f"{_means(values)}; {test}, {_p(p)}, n = {n}; against {next(iter(values))}: {against}"
    verdict, reason = _post_hoc(comparison, expected, min(sizes))
    reason += f"; Kruskal–Wallis test of {of}, Dunn's comparisons (Holm)"
    return Claim(text, paper, result, verdict, reason, p=p, level=LEVEL)


def _against_control(comparison: xr.Dataset) -> xr.Dataset:
    """Return the comparisons with the first group, the control."""
    return comparison.isel(pair=comparison["first"].values == comparison.group.values[0])


def _compared(comparison: xr.Dataset) -> list[str]:
    return [str(name) for name in _against_control(comparison)["second"].values]


def _post_hoc(comparison: xr.Dataset, expected: Expected, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason of a comparison of several groups, from its omnibus test and its post hoc tests."""
    significant = float(comparison.p) < LEVEL
    if expected == "equal":
        differ = comparison.isel(pair=comparison.pair_p.values < LEVEL)
        pairs = [f"{a} and {b}" for a, b in zip(differ["first"].values, differ["second"].values, strict=True)]
        verdict, reason = _verdict("equal", significant, True, fewest)
        which = f": {', '.join(pairs)}" if pairs else ", although no single pair differs significantly"
        return verdict, reason + (which if significant else "")
    control = _against_control(comparison)
    sign = 1 if expected == "larger" else -1
    direction_of_change = np.where(control.pair_p.values < LEVEL, sign * np.sign(control.pair_effect.values), 0)
    names = np.array(_compared(comparison))
    if not significant or not direction_of_change.any():
        verdict, reason = _verdict(expected, False, False, fewest)
        return verdict, reason + (", although some groups differ from each other" if significant else "")
    expected_sign, none, other_sign = (", ".join(names[direction_of_change == direction]) for direction in (1, 0, -1))
    if not none and not other_sign:
        return "reproduced", "significant against the control for every group"
    if not expected_sign:
        return "not reproduced", f"significant with the opposite sign for {other_sign}"
    clauses = [f"significant against the control for {expected_sign}"]
    clauses += [f"not for {none}"] * bool(none) + [f"with the opposite sign for {other_sign}"] * bool(other_sign)
    return f"depends on {names[0].split(' ')[0]}", ", ".join(clauses)


def _verdict(expected: Expected, significant: bool, positive: bool, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason from the significance of a difference, its sign, and the size of the smallest group."""
    if expected == "equal":
        if significant:
            return "not reproduced", "significant difference"
        if fewest < MIN_FOR_ABSENCE:
            return "not judged", "no significant difference, with too few networks to decide"
        return "reproduced", "no significant difference"
    if significant:
        as_expected = positive == (expected == "larger")
        return (
            ("reproduced", "significant") if as_expected else ("not reproduced", "significant with the opposite sign")
        )
    if fewest < MIN_FOR_ABSENCE:
        return "not judged", "not significant, with too few networks to decide"
    return "not reproduced", "no significant difference"


def pairs_differ(statement: str, paper: str, values: Values, expected: Expected, where: str) -> Claim:
    """Return a claim about two values of the same networks, judged by the signed-rank test."""
    text = f"{statement} ({where})"
    first, second = values.values()
    if len(first) < MIN_NETWORKS or np.all(first == second):
        return Claim(text, paper, _means(values), "not judged", UNDECIDED)
    comparison = compare_groups(values, paired=True)
    p, effect = float(comparison.p), float(comparison.effect)
    low, high = (float(bound) for bound in comparison.effect_interval)
    result = f"{_means(values)}; r = {effect:.2f} ({low:.2f} … {high:.2f}), {_p(p)}, n = {len(first)} pairs"
    verdict, reason = _verdict(expected, p < LEVEL, effect > 0, len(first))
    return Claim(
        text, paper, result, verdict, f"{reason}; signed-rank test of pairs of values of one network", p=p, level=LEVEL
    )


def counts_differ(statement: str, paper: str, groups: ByChannels, where: str, published: float = PAPER_GAIN) -> Claim:
    """Return the claim that more networks learn with ten noise channels than without, judged by Fisher's exact test.

    If neither a difference of zero nor `published`, the difference in the paper, can be excluded, the claim is not
    judged.
    """
    counts = {f"C = {channels}": count_of(data) for channels, data in groups.items()}
    result = ", ".join(f"{name} {good}/{n}" for name, (good, n) in counts.items())
    without_noise, with_noise = counts["C = 0"], counts["C = 10"]
    comparison = compare_counts({"C = 0": without_noise, "C = 10": with_noise})
    low, high = (float(bound) for bound in comparison.difference_interval)
    difference, p = float(comparison.difference), float(comparison.p)
    result += f"; C = 10 against 0: {difference:+.2f} ({low:.2f} … {high:.2f}), {_p(p)}"
    verdict, reason = _verdict("larger", p < LEVEL, difference > 0, min(without_noise[1], with_noise[1]))
    if p >= LEVEL and low <= published <= high:
        verdict, reason = (
            "not judged",
            f"neither the absence of a difference nor {published:+.2f} as in the paper can be excluded",
        )
    reason += "; Fisher's exact test"
    return Claim(f"{statement} ({where})", paper, result, verdict, reason, p=p, level=LEVEL)


def times_differ(statement: str, paper: str, groups: ByChannels, where: str) -> Claim:
    """Return the claim that networks with noise channels reach the criterion in fewer trials.

    A network that failed is censored at its last trial. p is the smallest p of the log-rank tests against C = 0 after
    Holm's correction, and thus that of the hypothesis that no group differs.
    """
    text = f"{statement} ({where})"
    ends = {f"C = {channels}": data[["trials", "success"]] for channels, data in groups.items()}
    tried = {name: data.where(data.success.notnull(), drop=True) for name, data in ends.items()}
    trials = {name: data.trials.values for name, data in tried.items()}
    trained = {name: data.success.values > 0 for name, data in tried.items()}
    sizes = [len(row) for row in trials.values()]
    counts = ", ".join(f"{name} {good.sum()}/{len(good)}" for name, good in trained.items())
    if len(trials) < 2 or min(sizes) < MIN_NETWORKS or not any(good.any() for good in trained.values()):
        return Claim(text, paper, f"trained {counts}", "not judged", UNDECIDED)
    comparison = compare_times(trials, trained, adjust="none")
    control = comparison.isel(pair=comparison["first"].values == comparison.group.values[0])
    names, raw = control["second"].values, np.nan_to_num(control.p.values, nan=1.0)
    p = holm(raw)
    medians = [f"{name}: {_trials(median)}" for name, median in zip(trials, comparison["median"].values, strict=True)]
    result = f"median trials {', '.join(medians)}; trained {counts}; against {comparison.group.values[0]}: "
    result += ", ".join(f"{name} {_p(q)}" for name, q in zip(names, p, strict=True))
    faster = np.where(p < LEVEL, np.sign(control.z.values), 0)
    events = sum(int(good.sum()) for good in trained.values())
    verdict, reason = _times_verdict(names, faster, min(*sizes, events))
    reason += "; log-rank tests (Holm), failed networks censored at their last trial"
    return Claim(text, paper, result, verdict, reason, p=float(p.min()), level=LEVEL)


def _times_verdict(names: np.ndarray, faster: np.ndarray, fewest: int) -> tuple[Verdict, str]:
    """Return verdict and reason; `faster` is 1 for groups significantly faster than the control, −1 for slower."""
    if (faster == 1).all():
        return "reproduced", "significantly faster than the control for every group"
    if not (faster == 1).any():
        return _verdict("smaller", bool(faster.any()), bool(faster.any()), fewest)
    clauses = [f"faster for {', '.join(names[faster == 1])}", f"not for {', '.join(names[faster != 1])}"]
    return "depends on C", f"significantly {', '.join(clauses)}"


def _trials(median: float) -> str:
    return f"{median:,.0f}" if np.isfinite(median) else "not reached"


def for_each_source(data: xr.Dataset, claim: Callable[[ByChannels, str], Claim | None]) -> list[Claim]:
    """Return the claim for every source of networks for which it can be judged."""
    judged = [(where, claim(groups, where)) for where, groups in sources(data).items()]
    return [
        replace(judged_claim, any_scale=where.startswith("main experiment"))
        for where, judged_claim in judged
        if judged_claim is not None
    ]


def _means(values: Values) -> str:
    return ", ".join(
        f"{name}: {_number(group.mean())}" if len(group) else f"{name}: –" for name, group in values.items()
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _p(value: float) -> str:
    return f"p = {value:.1g}" if value < 0.1 else f"p = {value:.2f}"
