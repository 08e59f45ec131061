"""States of a few units in time."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from noisette.plots._style import COLOURS


def traces(
    axes: Axes, times: np.ndarray, states: np.ndarray, *, switches: Mapping[float, str] | None = None, most: int = 8
) -> None:
    """Draw the states of the first units against time, with lines where something is switched.

    Parameters
    ----------
    axes : where to draw
    times : shape (time,)
    states : shape (time, unit)
    switches : from a time to what is written there
    most : number of units drawn

    Examples
    --------
    >>> from noisette.plots import figure
    >>> axes = figure(4, 3).subplots()
    >>> traces(axes, np.arange(3.0), np.zeros((3, 2)), switches={1.0: "γ = 1"})
    >>> axes.get_xlabel()
    'time t (τ)'
    """
    axes.plot(times, states[:, :most], lw=0.8)
    top = axes.get_ylim()[1]
    for time, text in (switches or {}).items():
        axes.axvline(time, color=COLOURS["grey"], lw=0.8, ls="--")
        axes.annotate(text, (time, top), xytext=(3, -2), textcoords="offset points", va="top", fontsize=8)
    axes.set_xlabel("time t (τ)")
    axes.set_ylabel("activity x")
    axes.margins(x=0.01)
