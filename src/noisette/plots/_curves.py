"""Curves against the strength of the noise."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.plots._style import COLOURS, colour_of

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


@check_arguments
def response_curve(axes: Axes, data: xr.Dataset, name: str, *, colour: str = "information", label: str = "") -> None:
    """Plot one measure of `analysis.stochastic_resonance` or `analysis.coherence_resonance` against the noise.

    Exact results are a line; simulated ones are points with standard errors.

    Parameters
    ----------
    axes : axes of the plot
    data : dataset over ``noise``
    name : name of a variable, such as ``snr_db`` or ``cv``
    colour : name of a colour in ``COLOURS``, or any other colour
    label : label for a legend

    Raises
    ------
    InputError : a variable that the dataset does not have.

    Examples
    --------
    >>> import noisette as nz
    >>> from noisette.plots import figure
    >>> axes = figure(4, 3).subplots()
    >>> signal = nz.analysis.Sinusoid(0.5, period=20)
    >>> data = nz.analysis.stochastic_resonance(nz.Boltzmann([[6.0]]), signal, [1, 2, 4])
    >>> response_curve(axes, data, "snr_db")
    >>> axes.get_ylabel()
    'signal-to-noise ratio (dB)'
    """
    require(name in data, f"a dataset without {name!r}", f"one of {', '.join(map(str, data.data_vars))}")
    order = np.argsort(data.noise.values)
    values, attrs = data[name][order], data[name].attrs
    style = {"color": colour_of(colour), "label": label or None}
    if f"{name}_se" in data:
        axes.errorbar(data.noise[order], values, data[f"{name}_se"][order], fmt="o-", ms=3.5, lw=1.1, **style)
    else:
        axes.plot(data.noise[order], values, lw=1.5, **style)
    unit = attrs.get("units", "")
    axes.set_xlabel(data.noise.attrs.get("long_name", "noise strength"))
    axes.set_ylabel(attrs.get("long_name", name) + (f" ({unit})" if unit else ""))
