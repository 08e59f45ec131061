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
    trained_here = scale == "paper"
    parts = by_channels(NAMES, scale, Path(out)) if trained_here else _stored.two_delays()
    kept = {channels: data[["success", "trials", "loss"]] for channels, data in parts.items()}
    return with_scale(kept, scale, stored=int(not trained_here))


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of training on two delays."""
    return Study("two-delays", measure, {"inputs": [2]}, {"out": str(out), "scale": scale})


def _groups(data: xr.Dataset) -> tuple[str, ByChannels]:
    mine = data.isel(inputs=0)
    where = "stored networks, U = 2" if data.attrs["stored"] else f"this run, {data.attrs['scale']} scale, U = 2"
    return where, {int(channels): mine.sel(channels=channels) for channels in mine.channels.values}


def plot(data: xr.Dataset):
    """Plot fractions of trained networks, trials to criterion, and final losses."""
    where, groups = _groups(data)
    made = figure(9.4, 3.2)
    axes = made.subplots(1, 3, width_ratios=(1, 1.4, 1.2))
    for place, (channels, part) in enumerate(groups.items()):
        good, n = count_of(part)
        axes[0].bar(str(channels), good / n, color=SHADES[channels], width=0.6)
        axes[0].annotate(f"{good}/{n}", (place, good / n + 0.02), ha="center", va="bottom")
        shift = 0.3 * (np.arange(n) / max(1, n - 1) - 0.5)
        learned = part.success.values > 0
        for chosen, marker, label in ((learned, "o", "trained"), (~learned, "x", "failed")):
            text = label if place == 0 else None
            axes[2].plot(place + shift[chosen], part.loss.values[chosen], marker, color=SHADES[channels], label=text)
    axes[0].set(ylim=(0, 1.05), xlabel="noise channels $C$", ylabel="fraction trained")
    axes[0].set_title(where, loc="left")
    share_trained(axes[1], groups)
    axes[2].axhline(_loss_of_silence(), color="black", lw=0.8, ls=":", label="zero output")
    axes[2].axhline(7, color="black", lw=0.8, ls="--", label="criterion")
    axes[2].set(xlabel="noise channels $C$", ylabel="loss of the last test", ylim=(0, None))
    axes[2].set_xticks(range(len(groups)), [str(channels) for channels in groups])
    axes[2].legend(fontsize=7, loc="lower left")
    for axis, text in zip(axes, "abc", strict=True):
        letter(axis, text)
    return made


def _loss_of_silence() -> float:
    """Return √Σ(o − z)² for zero output o, with z = ±1 in the response window."""
    task = TWO_DELAYS[0].task
    start, stop = task.periods["response"]
    return float(np.sqrt(min(stop, task.steps - 1) - start))  # the last input has no output


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether noise improves learning of the task, as with one delay."""
    where, groups = _groups(data)
    paper = "a trend similar to that with one delay (supplement, not available to us)"
    # of the supplement, only "a similar trend" is known; the difference to be excluded is that of Fig 1d
    first = "two delays, l.105: more networks learn with ten noise channels than without"
    second = "two delays: noise speeds up training: trials to criterion, including failed networks"
    return [counts_differ(first, paper, groups, where), times_differ(second, paper, groups, where)]


FIGURE = Figure("two-delays", "Training with a second delay before the answer", study, plot, claims)
NEEDS = {"two-delays": NAMES}
