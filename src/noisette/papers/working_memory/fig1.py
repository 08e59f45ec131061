"""Figure 1: trials to criterion by delay, number of networks that learn with noise, and their robustness."""

import itertools
from pathlib import Path

import numpy as np
import xarray as xr

from noisette.papers._paper import Figure
from noisette.papers.working_memory._claims import (
    ByChannels,
    count_of,
    counts_differ,
    for_each_source,
    groups_differ,
    sources,
    times_differ,
    values_of,
    without_and_with_ten,
)
from noisette.papers.working_memory._ensembles import FIXED_TAU, of_dms
from noisette.papers.working_memory._panels import SHADES, boxes_by_channels, share_trained, with_scale
from noisette.papers.working_memory._prepare import by_channels, summaries
from noisette.plots import SERIES, boxes, figure, letter
from noisette.studies import Claim, Study

LEARNED = ("delay-50", "delay-150", "u2-c0")
MS = {"delay-50": 50, "delay-150": 150, "u2-c0": 250}
SCORES = ("strict", "threshold")
PAPER_TRAINED = {0: 33, 1: 40, 5: 46, 10: 50}


def delays(inputs: int, out: str, scale: str) -> xr.Dataset:
    """Return trials to criterion by delay for C = 0, and the outcome of training with a fixed time constant."""
    tables = summaries([*LEARNED, FIXED_TAU.name], scale, Path(out))
    learned = [name for name in LEARNED if name in tables]
    trials = [tables[name].trials.where(tables[name].success > 0) for name in learned]
    axis = xr.DataArray([MS[name] for name in learned], dims="delay", name="delay")
    trained, total = count_of(tables[FIXED_TAU.name])
    data = xr.Dataset({"trials": xr.concat(trials, axis, join="outer")})
    attrs = {"method": "simulated", "estimator": "single-run", "scale": scale, "fixed_trained": trained, "fixed": total}
    return data.assign_attrs(attrs)


def delay_study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of trials to criterion by delay."""
    return Study("fig1b", delays, {"inputs": [2]}, {"out": str(out), "scale": scale})


def plot_delays(data: xr.Dataset):
    """Plot trials to criterion by delay."""
    fig = figure(3.4, 3.0)
    axes = fig.subplots()
    trials = data.isel(inputs=0).trials
    groups = {f"{delay} ms": trials.sel(delay=delay).dropna("network").values for delay in trials.delay.values}
    boxes(axes, {name: group for name, group in groups.items() if len(group)}, colours=SERIES[: len(groups)])
    axes.set_ylabel("trials to criterion")
    axes.set_xlabel("delay (ms)")
    axes.set_title(f"this run, {data.attrs['scale']} scale, U = 2", loc="left", fontsize=8)
    axes.set_ylim(bottom=0)
    return fig


def delay_claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims that trials increase with the delay and that a short fixed time constant prevents learning."""
    trials = data.isel(inputs=0).trials
    groups = {f"{delay} ms": trials.sel(delay=delay).dropna("network").values for delay in trials.delay.values}
    where = f"this run, {data.attrs['scale']} scale, U = 2"
    paper = "rising, all P < .001"
    claims = [
        groups_differ(
            f"1b: trials to criterion rise from a delay of {first} to {second} ms",
            paper,
            {name: groups[name] for name in (f"{first} ms", f"{second} ms")},
            "larger",
            where,
        )
        for first, second in itertools.combinations(trials.delay.values, 2)
    ]
    trained, total = int(data.attrs["fixed_trained"]), int(data.attrs["fixed"])
    verdict = "reproduced" if trained == 0 else "not reproduced"
    reason = f"all τ fixed at 20 ms, delay of 250 ms, at most 20,000 trials; n = {total}"
    statement = f"l.89: with τ fixed at a small constant training does not converge ({where})"
    return [*claims, Claim(statement, "failed", f"{trained}/{total} trained", verdict, reason)]


def learning(inputs: int, out: str, scale: str) -> xr.Dataset:
    """Return summaries of the networks of this run, by number of noise channels."""
    return with_scale(by_channels([ensemble.name for ensemble in of_dms(inputs)], scale, Path(out)), scale)


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of learning by number of noise channels."""
    return Study("networks", learning, {"inputs": [2]}, {"out": str(out), "scale": scale})


def plot(data: xr.Dataset):
    """Plot fractions of trained networks, trials to criterion, and accuracies in noise over longer delays."""
    by_source = list(sources(data.isel(inputs=0)).items())
    fig = figure(12.0, 2.8 * len(by_source))
    axes = fig.subplots(len(by_source), 4, squeeze=False, width_ratios=(1, 1.1, 1.4, 1.7))
    for row, (where, groups) in zip(axes, by_source, strict=True):
        counts = {channels: count_of(part) for channels, part in groups.items()}
        shares = [trained / total for trained, total in counts.values()]
        row[0].bar([str(c) for c in counts], shares, color=[SHADES[c] for c in counts], width=0.6)
        for place, (trained, total) in enumerate(counts.values()):
            row[0].annotate(f"{trained}/{total}", (place, 0.03), ha="center", va="bottom", fontsize=7, color="white")
        if set(counts) == set(PAPER_TRAINED):
            paper = [PAPER_TRAINED[c] / 50 for c in counts]
            row[0].plot(range(len(paper)), paper, "_", ms=16, color="black", label="paper")
            row[0].legend(loc="upper left")
        row[0].set(ylim=(0, 1.25), ylabel="fraction trained", xlabel="noise channels $C$")
        row[0].set_title(where, loc="left")
        boxes_by_channels(row[1], values_of(groups, "trials"), "trials to criterion")
        row[1].set_ylim(bottom=0)
        share_trained(row[2], groups)
        _robustness(row[3], groups)
    for axis, text in zip(axes[0], ("d", "e", "e′", "f"), strict=True):
        letter(axis, text)
    return fig


def _robustness(axes, groups: ByChannels) -> None:
    for shift, channels in ((-0.18, 0), (0.18, 10)):
        places, values = [], []
        for place, delay in enumerate((250.0, 750.0, 1250.0)):
            group = values_of(groups, "robustness", condition="both", delay=delay, score="strict")
            values.append(group.get(f"C = {channels}", np.array([])))
            places.append(place + shift)
        nonempty = [(place, group) for place, group in zip(places, values, strict=True) if len(group)]
        if nonempty:
            boxplot = axes.boxplot(
                [group for _, group in nonempty],
                positions=[place for place, _ in nonempty],
                widths=0.3,
                showfliers=False,
                patch_artist=True,
                manage_ticks=False,
            )
            for box in boxplot["boxes"]:
                box.set(facecolor=SHADES[channels], alpha=0.6)
            for line in boxplot["medians"]:
                line.set(color="black")
            axes.plot([], [], "s", color=SHADES[channels], label=f"trained with $C = {channels}$")
    axes.set_xticks(range(3), ["250", "750", "1250"])
    axes.set(xlabel="delay in the test (ms)", ylabel="accuracy, strict score", ylim=(0, 1.05))
    axes.legend(loc="lower left")


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of figures 1d, 1e and 1f."""
    selected = data.isel(inputs=0)
    paper_counts = ", ".join(f"C = {c} {n}/50" for c, n in PAPER_TRAINED.items())
    judged = for_each_source(
        selected,
        lambda g, w: counts_differ("1d: more networks learn with ten noise channels than without", paper_counts, g, w),
    )
    paper = "noise 'not only speeds up the training'"
    faster = "abstract: noise speeds up training: trials to criterion, including failed networks"
    judged += for_each_source(selected, lambda g, w: times_differ(faster, paper, g, w))
    judged += for_each_source(
        selected,
        lambda g, w: groups_differ(
            "1e: networks that learn need the same number of trials for all C",
            "no difference",
            values_of(g, "trials"),
            "equal",
            w,
        ),
    )
    for score in SCORES:
        for delay in (250.0, 750.0, 1250.0):
            judged += for_each_source(selected, lambda g, w, d=delay, s=score: _robust(g, w, "both", d, s))
    for condition in ("internal", "input", "none"):
        judged += for_each_source(selected, lambda g, w, c=condition: _robust(g, w, c, 1250.0, "strict"))
    return judged


def _robust(groups: ByChannels, where: str, condition: str, delay: float, score: str) -> Claim:
    pair = without_and_with_ten(values_of(groups, "robustness", condition=condition, delay=delay, score=score))
    if condition in ("both", "internal"):
        noise = "internal and input noise" if condition == "both" else "internal noise only"
        statement = f"1f: C = 10 is more accurate in {noise}, {delay:g} ms, {score} score"
        paper = "better, P < .01" if condition == "both" else "not in the paper"
        return groups_differ(statement, paper, pair, "larger", where)
    noise = "with input noise only" if condition == "input" else "without noise"
    statement = f"1f, not in the paper: {noise} C = 10 has no advantage, {delay:g} ms, {score} score"
    return groups_differ(statement, "not in the paper", pair, "equal", where)


FIG1B = Figure(
    "fig1b",
    "Trials to criterion by delay, without noise channels",
    delay_study,
    plot_delays,
    delay_claims,
    caption=(
        "Networks trained without noise channels; boxes span the quartiles with the median, and dots are networks."
    ),
)
FIGURE = Figure(
    "fig1",
    "Learning and robustness by number of noise channels (1d–f)",
    study,
    plot,
    claims,
    caption=(
        "All results are from simulated trials of trained networks. In e and f, boxes span the quartiles "
        "with the median, and dots are networks; black dashes are the values of the paper."
    ),
)
NEEDS = {"fig1b": [*LEARNED, FIXED_TAU.name], "fig1": [ensemble.name for ensemble in of_dms(2)]}
