"""Panels used in several figures."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from noisette.papers.working_memory._claims import ByChannels
from noisette.plots import COLOURS, boxes

MAX_TRIALS = 20_000
SHADES = {0: COLOURS["grey"], 1: COLOURS["sky"], 5: COLOURS["entropy"], 10: COLOURS["divergence"]}


def boxes_by_channels(axes: Axes, values: dict[str, np.ndarray], label: str) -> None:
    """Draw a box plot for each number of noise channels."""
    nonempty = {name: group for name, group in values.items() if len(group)}
    colours = [SHADES[int(name.removeprefix("C = "))] for name in nonempty]
    if nonempty:
        boxes(axes, nonempty, colours=colours)
    axes.set_ylabel(label)


def share_trained(axes: Axes, groups: ByChannels) -> None:
    """Plot the fraction of networks that have reached the criterion against trials, including failed networks."""
    for channels, data in groups.items():
        attempted = data.success.notnull().values
        ends = np.sort(data.trials.values[attempted & (data.success.values > 0)])
        steps = np.concatenate([[0], ends, [MAX_TRIALS]])
        fraction = np.arange(len(ends) + 1) / max(1, attempted.sum())
        axes.step(steps, [*fraction, fraction[-1]], where="post", color=SHADES[channels], label=f"$C = {channels}$")
    axes.set(xlim=(0, MAX_TRIALS), ylim=(0, 1.05), xlabel="trials (thousands)", ylabel="fraction trained so far")
    axes.set_xticks(range(0, MAX_TRIALS + 1, 5000), [str(k) for k in range(0, MAX_TRIALS // 1000 + 1, 5)])
    axes.legend(loc="upper left")


def with_scale(parts: dict[int, xr.Dataset], scale: str, **more: Any) -> xr.Dataset:
    """Join summaries over the number of noise channels."""
    axis = xr.DataArray(list(parts), dims="channels", name="channels")
    joined = xr.concat(list(parts.values()), axis, join="outer", combine_attrs="drop")
    attrs = {"method": "simulated", "estimator": "single-run", "scale": scale, **more}
    return joined.assign_attrs(attrs)
