"""Curves against the strength of the noise."""

import xarray as xr
from matplotlib.axes import Axes

from noisette.arguments import check_arguments
from noisette.plots._style import COLOURS

SYMBOLS = {"entropy": "$H$", "information": "$I$", "divergence": "$D$"}


@check_arguments
def information_curves(
    axes: Axes, exact: xr.Dataset | None = None, sampled: xr.Dataset | None = None, *, legend: bool = True
) -> None:
    """Plot entropy H, information I and divergence D against the noise: exact as lines, simulated as points.

    Parameters
    ----------
    axes : axes of the plot
    exact : dataset over ``noise`` with ``entropy``, ``information``, ``divergence``
    sampled : dataset of the same form, with standard errors ``…_se``
    legend : whether to add a legend

    Examples
    --------
    >>> import noisette as nz
    >>> from noisette.plots import figure
    >>> axes = figure(4, 3).subplots()
    >>> information_curves(axes, nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0, 4, 50]))
    >>> axes.get_xlabel()
    'noise strength $r$'
    """
    for name, symbol in SYMBOLS.items():
        colour = COLOURS[name]
        if exact is not None:
            axes.plot(exact.noise, exact[name], color=colour, label=symbol)
        if sampled is not None:
            axes.errorbar(
                sampled.noise,
                sampled[name],
                sampled[f"{name}_se"],
                fmt="o",
                ms=2.5,
                lw=0.8,
                color=colour,
                label=symbol if exact is None else None,
            )
    axes.set_xlabel("noise strength $r$")
    axes.set_ylabel("$H$, $I$, $D$ (bit)")
    axes.set_ylim(bottom=min(0.0, axes.get_ylim()[0]))
    axes.margins(x=0.01)
    if legend:
        axes.legend(loc="best", ncols=3, columnspacing=1.0, handlelength=1.2)
