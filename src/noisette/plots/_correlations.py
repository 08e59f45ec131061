"""Statistics of correlations against the gain: theory as lines, simulation as points."""

import xarray as xr
from matplotlib.axes import Axes

from noisette.arguments import check_arguments, nearest
from noisette.errors import require
from noisette.plots._style import COLOURS, colour_of

LABELS = {
    "participation_dimension": r"dimension $D = (\mathrm{tr}\,C)^2/(N\,\mathrm{tr}\,C^2)$",
    "variance": r"variance $\mathrm{tr}\,C/N$",
    "covariance_variance": r"$\psi = N\,\mathrm{Var}\,C_{ij}$",
}


@check_arguments
def correlation_curve(
    axes: Axes,
    data: xr.Dataset,
    name: str = "participation_dimension",
    *,
    label: str = "",
    colour: str = COLOURS["entropy"],
) -> None:
    """Plot theory against the gain as a line, dotted where it is not valid, and simulations as points with error bars.

    Parameters
    ----------
    axes : axes of the plot
    data : dataset over ``gain``, as returned by `correlations`
    name : "participation_dimension", "variance" or "covariance_variance"
    label : label in the legend
    colour : colour of line and points

    Examples
    --------
    >>> import noisette as nz
    >>> from noisette.plots import figure
    >>> axes = figure(4, 3).subplots()
    >>> correlation_curve(axes, nz.correlations(nz.activations.tanh, [0.5, 1.0], nz.Frozen(1.0)))
    >>> axes.get_xlabel()
    'gain $g$'
    """
    colour = colour_of(colour)
    known = [str(other) for other in data.data_vars if f"simulated_{other}" in data or "gain" in data[other].dims]
    has_any = name in data or f"simulated_{name}" in data
    require(has_any, f"name {name!r}", f"one of {', '.join(known)}", nearest(name, known))
    if name in data:
        if data.gain.size == 1:
            axes.plot(data.gain, data[name], "_", ms=16, mew=1.6, color=colour)
        axes.plot(data.gain, data[name], ":", lw=1.1, color=colour)
        axes.plot(data.gain, data[name].where(data.valid), "-", color=colour, label=label or None)
    points = f"simulated_{name}"
    if points in data:
        axes.errorbar(
            data.gain,
            data[points],
            data[f"{points}_se"],
            fmt="o",
            ms=3.5,
            lw=1,
            color=colour,
            mfc="white",
            label=None if name in data else label or None,
        )
    axes.set_xlabel("gain $g$")
    axes.set_ylabel(LABELS[name])
