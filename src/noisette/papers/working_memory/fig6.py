"""Figure 6: tasks without working memory, in which noise has no benefit."""

from pathlib import Path

import numpy as np
import xarray as xr

from noisette.papers._paper import Figure
from noisette.papers.working_memory._claims import count_of, groups_differ, values_of, without_and_with_ten
from noisette.papers.working_memory._ensembles import AFC_CTX, CHANNELS
from noisette.papers.working_memory._panels import boxes_by_channels, with_scale
from noisette.papers.working_memory._prepare import by_channels
from noisette.papers.working_memory._summary import AMPLITUDES
from noisette.papers.working_memory.fig3 import tau_of
from noisette.plots import figure, letter
from noisette.studies import Claim, Study

TASKS = ("afc", "ctx")
TITLES = {"afc": "two-alternative forced choice", "ctx": "context-dependent integration"}


def measure(task: str, out: str, scale: str) -> xr.Dataset:
    """Return the summaries of the networks trained on a task, by number of noise channels."""
    return with_scale(by_channels([f"{task}-c{channels}" for channels in CHANNELS], scale, Path(out)), scale)


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study over both tasks."""
    return Study("fig6", measure, {"task": list(TASKS)}, {"out": str(out), "scale": scale})


def plot(data: xr.Dataset):
    """Plot trials to criterion and time constants of inhibitory units for both tasks, and perturbations for CTX."""
    fig = figure(8.0, 7.6)
    axes = fig.subplots(3, 2)
    for row, task in zip(axes, TASKS, strict=False):
        groups = _groups(data, task)
        boxes_by_channels(row[0], values_of(groups, "trials"), "trials to criterion")
        boxes_by_channels(row[1], tau_of(groups, "inhibitory"), r"mean inhibitory $\tau$ (ms)")
        row[0].set_title(f"{TITLES[task]}; this run, {data.attrs['scale']} scale", loc="left", fontsize=8)
        row[0].set_ylim(bottom=0)
        row[1].set_ylim(20, 125)
    groups = _groups(data, "ctx")
    weak = AMPLITUDES[0]
    boxes_by_channels(axes[2, 0], values_of(groups, "pipr", amplitude=weak), "mean PIPR, CTX")
    boxes_by_channels(axes[2, 1], values_of(groups, "accuracy_disturbed", amplitude=weak), "accuracy, perturbed, CTX")
    axes[2, 1].set_ylim(0, 1.05)
    for axis, text in zip(axes.ravel(), ("a", "b", "c", "d", "e", "f"), strict=True):
        letter(axis, text)
    return fig


def _groups(data: xr.Dataset, task: str) -> dict[int, xr.Dataset]:
    return {int(c): data.sel(task=task, channels=c) for c in data.channels.values}


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of figure 6."""
    where, judged = f"this run, {data.attrs['scale']} scale", []
    for task in TASKS:
        groups = _groups(data, task)
        counts = [count_of(part) for part in groups.values()]
        all_good = all(good == n for good, n in counts)
        result = ", ".join(f"C = {c} {good}/{n}" for c, (good, n) in zip(groups, counts, strict=True))
        verdict = "reproduced" if all_good else "not reproduced"
        statement = f"6: {task.upper()} is learned without and with noise ({where})"
        judged.append(
            Claim(statement, "no benefit of noise", result, verdict, "number of networks that reach the criterion")
        )
        ends = without_and_with_ten(values_of(groups, "trials"))
        paper = "slower with noise, P < .001"
        judged.append(groups_differ(f"6: {task.upper()} takes more trials with noise", paper, ends, "larger", where))
        tau = {name: np.asarray(values) for name, values in tau_of(groups, "inhibitory").items()}
        statement = f"6{'b' if task == 'afc' else 'd'}: {task.upper()}: inhibitory τ does not depend on C"
        judged.append(groups_differ(statement, "no difference", tau, "equal", where))
    groups = _groups(data, "ctx")
    for name, mark, text in (("pipr", "e", "PIPR"), ("accuracy_disturbed", "f", "accuracy under perturbation")):
        for amplitude in AMPLITUDES:
            ends = without_and_with_ten(values_of(groups, name, amplitude=amplitude))
            # CTX has no delay; its modes are those about the mean state of the response
            statement = (
                f"6{mark}: CTX: {text} is similar without noise and with C = 10, A = {amplitude:g}, modes of the "
                "response"
            )
            judged.append(groups_differ(statement, "similar", ends, "equal", where))
    return judged


FIGURE = Figure(
    "fig6",
    "Tasks without working memory",
    study,
    plot,
    claims,
    caption=(
        "All results are from simulated trials of trained networks; boxes span the quartiles with the "
        "median, and dots are networks."
    ),
)
NEEDS = {"fig6": [ensemble.name for ensemble in AFC_CTX]}
