"""States of individual units against time."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Real
from matplotlib.axes import Axes

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.plots._style import COLOURS

HEADROOM = 0.14  # height of the labels of switches, as a fraction of the range of the curves


@check_arguments
def traces(
    axes: Axes,
    times: Real[np.ndarray, " time"],
    states: Real[np.ndarray, "time unit"],
    *,
    switches: Mapping[float, str] | None = None,
    max_units: int = 8,
    unit_names: Sequence[str] | None = None,
) -> None:
    r"""Plot the states of the first units against time, with vertical lines at the times of switches.

    Parameters
    ----------
    axes : axes of the plot
    times : times in units of τ, shape (time,)
    states : states, shape (time, unit); NaN is not drawn
    switches : labels of the switches, by time in units of τ
    max_units : largest number of units shown
    unit_names : names of the units, shown in a legend; none by default

    Examples
    --------
    >>> from noisette.plots import figure
    >>> axes = figure(4, 3).subplots()
    >>> traces(axes, np.arange(3.0), np.zeros((3, 2)), switches={1.0: r"$\gamma = 1$"})
    >>> axes.get_xlabel()
    'time $t$ ($\\tau$)'
    """
    require(len(times) == len(states), f"{len(times)} times and {len(states)} states", "one state for each time")
    lines = axes.plot(times, states[:, :max_units], lw=0.8)
    if unit_names is not None:
        axes.legend(lines, list(unit_names)[:max_units], fontsize=7, loc="upper right", ncols=2)
    bottom, top = axes.get_ylim()
    if switches:
        top += HEADROOM * (top - bottom)  # the labels stand above the curves
        axes.set_ylim(bottom, top)
    for time, text in (switches or {}).items():
        axes.axvline(time, color=COLOURS["grey"], lw=0.8, ls="--")
        axes.annotate(text, (time, top), xytext=(3, -2), textcoords="offset points", va="top", fontsize=8)
    axes.set_xlabel(r"time $t$ ($\tau$)")
    axes.set_ylabel("activity $x$")
    axes.margins(x=0.01)
