"""Delayed match to sample with a second delay before the answer: number of networks that learn with noise."""

from pathlib import Path

import numpy as np
import xarray as xr

from noisette.papers._paper import Figure
from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._claims import ByChannels, count_of, counts_differ, times_differ
from noisette.papers.working_memory._ensembles import TWO_DELAYS
from noisette.papers.working_memory._panels import SHADES, share_trained, with_scale
from noisette.papers.working_memory._prepare import by_channels
from noisette.plots import figure, letter
from noisette.studies import Claim, Study

NAMES = [ensemble.name for ensemble in TWO_DELAYS]


def measure(inputs: int, out: str, scale: str) -> xr.Dataset:
    """Return the outcome of training of the stored networks, or of the networks of this run at paper scale."""
    from_this_run = scale == "paper"
    parts = by_channels(NAMES, scale, Path(out)) if from_this_run else _stored.two_delays()
    columns = {channels: data[["success", "trials", "loss"]] for channels, data in parts.items()}
    return with_scale(columns, scale, stored=int(not from_this_run))


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of training on two delays."""
    return Study("two-delays", measure, {"inputs": [2]}, {"out": str(out), "scale": scale})


def _groups(data: xr.Dataset) -> tuple[str, ByChannels]:
    selected = data.isel(inputs=0)
    where = "stored networks, U = 2" if data.attrs["stored"] else f"this run, {data.attrs['scale']} scale, U = 2"
    return where, {int(channels): selected.sel(channels=channels) for channels in selected.channels.values}


def plot(data: xr.Dataset):
    """Plot fractions of trained networks, trials to criterion, and final losses."""
    where, groups = _groups(data)
    fig = figure(9.4, 3.2)
    axes = fig.subplots(1, 3, width_ratios=(1, 1.4, 1.2))
    for place, (channels, part) in enumerate(groups.items()):
        trained, total = count_of(part)
        axes[0].bar(str(channels), trained / total, color=SHADES[channels], width=0.6)
        axes[0].annotate(f"{trained}/{total}", (place, trained / total + 0.02), ha="center", va="bottom")
        shift = 0.3 * (np.arange(total) / max(1, total - 1) - 0.5)
        success = part.success.values > 0
        for mask, marker, label in ((success, "o", "trained"), (~success, "x", "failed")):
            text = label if place == 0 else None
            axes[2].plot(place + shift[mask], part.loss.values[mask], marker, color=SHADES[channels], label=text)
    axes[0].set(ylim=(0, 1.05), xlabel="noise channels $C$", ylabel="fraction trained")
    axes[0].set_title(where, loc="left")
    share_trained(axes[1], groups)
    axes[2].axhline(_loss_of_zero_output(), color="black", lw=0.8, ls=":", label="zero output")
    axes[2].axhline(7, color="black", lw=0.8, ls="--", label="criterion")
    axes[2].set(xlabel="noise channels $C$", ylabel="loss of the last test", ylim=(0, None))
    axes[2].set_xticks(range(len(groups)), [str(channels) for channels in groups])
    axes[2].legend(fontsize=7, loc="lower left")
    for axis, text in zip(axes, "abc", strict=True):
        letter(axis, text)
    return fig


def _loss_of_zero_output() -> float:
    """Return √Σ(o − z)² for zero output o, with z = ±1 in the response window."""
    task = TWO_DELAYS[0].task
    start, stop = task.periods["response"]
    return float(np.sqrt(min(stop, task.steps - 1) - start))  # the last input has no output


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims that noise improves learning of the task, as with a single delay."""
    where, groups = _groups(data)
    paper = "a trend similar to that with one delay (supplement, not available to us)"
    # of the supplement, only "a similar trend" is known; the difference to be excluded is that of Fig 1d
    first = "two delays, l.105: more networks learn with ten noise channels than without"
    second = "two delays: noise speeds up training: trials to criterion, including failed networks"
    return [counts_differ(first, paper, groups, where), times_differ(second, paper, groups, where)]


FIGURE = Figure(
    "two-delays",
    "Training with a second delay before the answer",
    study,
    plot,
    claims,
    caption="Fractions and losses of trained networks; each symbol in c is one network.",
)
NEEDS = {"two-delays": NAMES}
