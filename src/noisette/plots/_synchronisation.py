"""Distance of trajectories in the same noise against time."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from noisette.arguments import check_arguments
from noisette.plots._style import SERIES


@check_arguments
def distance_curves(axes: Axes, data: xr.Dataset, *, theory: xr.Dataset | None = None) -> None:
    """Plot the distance of trajectories in the same noise against time, on a logarithmic axis, for each strength.

    Each network and realisation of the noise is a thin line. Dashed lines decay as e^{λt} from the mean initial
    distance.

    Parameters
    ----------
    axes : axes of the plot
    data : result of `analysis.synchronisation` for several strengths
    theory : dataset over ``noise`` with ``lyapunov``, the exponents λ of the dashed lines; those that are not negative
        are not drawn

    Examples
    --------
    >>> import noisette as nz
    >>> from noisette.plots import figure
    >>> unit = nz.RateNetwork([[0.5]], noise=nz.White(1.0))
    >>> axes = figure(4, 3).subplots()
    >>> distance_curves(axes, nz.analysis.synchronisation(unit, [0.0, 1.0], duration=10, dt=0.1, key=0))
    >>> axes.get_yscale()
    'log'
    """
    times = data.time.values
    for i, strength in enumerate(data.noise.values.tolist()):
        curves = data.distance.isel(noise=i).transpose("time", ...).values.reshape(len(times), -1)
        colour = SERIES[i % len(SERIES)]
        lines = axes.plot(times, np.where(curves > 0, curves, np.nan), color=colour, lw=0.7)
        lines[0].set_label(rf"$\sigma = {strength:g}$")
        rate = 0.0 if theory is None else float(theory.lyapunov.values[i])
        if rate < 0:
            decay = curves[0].mean() * np.exp(rate * times)
            lowest = curves[curves > 0].min(initial=curves[0].mean())
            axes.plot(times[decay > lowest], decay[decay > lowest], color=colour, lw=1.3, ls="--")
    unit = data.time.attrs["units"]
    axes.set(yscale="log", ylabel="distance per unit")
    axes.set_xlabel(r"time $t$ ($\tau$)" if unit == "tau" else f"time $t$ ({unit})")
    axes.legend(loc="lower left")
    axes.margins(x=0.01)


__all__ = ["distance_curves"]
