"""Panels that several figures share."""

from typing import Any

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from noisette.plots import COLOURS, boxes

SHADES = {0: COLOURS["grey"], 1: COLOURS["sky"], 5: COLOURS["entropy"], 10: COLOURS["divergence"]}


def boxes_by_channels(axes: Axes, values: dict[str, np.ndarray], label: str) -> None:
    """Draw a box for each number of noise channels."""
    kept = {name: group for name, group in values.items() if len(group)}
    colours = [SHADES[int(name.removeprefix("C = "))] for name in kept]
    if kept:
        boxes(axes, kept, colours=colours)
    axes.set_ylabel(label)


def with_scale(parts: dict[int, xr.Dataset], scale: str, **more: Any) -> xr.Dataset:
    """Join summaries over the number of noise channels."""
    axis = xr.DataArray(list(parts), dims="channels", name="channels")
    joined = xr.concat(list(parts.values()), axis, join="outer", combine_attrs="drop")
    attrs = {"method": "simulated", "estimator": "single-run", "scale": scale, **more}
    return joined.assign_attrs(attrs)
