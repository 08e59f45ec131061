"""Figure 5: how dominant and other units fire during the delay."""

from pathlib import Path

import numpy as np
import xarray as xr

from noisette.papers._paper import Figure
from noisette.papers.working_memory._claims import ends_of, everywhere, groups_differ, sources, values_of
from noisette.papers.working_memory._ensembles import of_dms
from noisette.papers.working_memory._panels import boxes_by_channels
from noisette.papers.working_memory._summary import EVERY
from noisette.papers.working_memory.fig1 import learning
from noisette.plots import figure, group_rates, letter
from noisette.studies import Claim, Study

STEP = 5.0  # ms
GROUPS = ("dominant", "non-dominant")


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of rates."""
    return Study("fig5", learning, {"inputs": [2]}, {"out": str(out), "scale": scale})


def plot(data: xr.Dataset):
    """Draw mean rates in time, and in the delay, without noise channels and with ten."""
    where, groups = next(iter(sources(data.isel(inputs=0)).items()))
    made = figure(9.0, 5.4)
    axes = made.subplots(2, 2)
    for axis, channels in zip(axes[0], (0, 10), strict=True):
        if channels in groups and "rate" in groups[channels]:
            rate = groups[channels].rate.mean("network").expand_dims("stimulus")
            time = STEP * EVERY * np.arange(1, rate.sizes["time"] + 1)
            group_rates(axis, xr.Dataset({"rate": rate.assign_coords(time=time)}), windows=((250, 500), (750, 1000)))
        axis.set_title(f"C = {channels}, mean over networks; {where}", loc="left", fontsize=8)
    top = 1.05 * max(axis.dataLim.ymax for axis in axes[0])
    for axis in axes[0]:
        axis.set_ylim(0, top)
    for axis, group in zip(axes[1], GROUPS, strict=True):
        boxes_by_channels(axis, values_of(groups, "delay_rate", group=group), f"rate in the delay, {group}")
        axis.set_ylim(bottom=0)
    for axis, text in zip(axes.ravel(), "cdef", strict=True):
        letter(axis, text)
    return made


def claims(data: xr.Dataset) -> list[Claim]:
    """Return what holds of figure 5."""
    mine = data.isel(inputs=0)
    found: list[Claim] = []
    for group, letter_, paper, expected in (
        ("dominant", "e", "higher with noise, P < .001", "larger"),
        ("non-dominant", "f", "no difference", "equal"),
    ):
        text = "fire more in the delay with C = 10" if expected == "larger" else "fire alike in the delay"
        statement = f"5{letter_}: {group} units {text}"
        found += everywhere(mine, lambda g, w, q=group, s=statement, p=paper, e=expected: _rates(g, w, q, s, p, e))
    return found


def _rates(groups, where: str, group: str, statement: str, paper: str, expected) -> Claim:
    chosen = ends_of(values_of(groups, "delay_rate", group=group))
    return groups_differ(statement, paper, chosen, expected, where)


FIGURE = Figure("fig5", "Persistent activity of dominant and other units", study, plot, claims)
NEEDS = {"fig5": [ensemble.name for ensemble in of_dms(2)]}
