"""Lyapunov exponents against the gain, and eigenvalues in the complex plane."""

import numpy as np
import xarray as xr
from matplotlib.axes import Axes

from noisette.arguments import check_arguments
from noisette.averages import mean_and_error
from noisette.plots._style import COLOURS, colour_of


@check_arguments
def lyapunov_curve(
    axes: Axes, data: xr.Dataset, *, label: str = "", colour: str = "information", theory: xr.Dataset | None = None
) -> None:
    """Plot the largest exponent against the gain, with mean and standard error over networks.

    Open circles mark gains at which the step of some network is unstable. Networks that diverged are left out.

    Parameters
    ----------
    axes : axes of the plot
    data : dataset over ``gain`` and ``network`` with ``lyapunov`` (…, exponent) and ``audit``
    label : label in the legend
    colour : name of a colour in ``COLOURS``
    theory : dataset over ``gain`` with ``lyapunov``, plotted as a line

    Examples
    --------
    >>> import jax, noisette as nz
    >>> from noisette.plots import figure
    >>> W = nz.weights.gaussian(50, 50**-0.5, key=jax.random.key(0))
    >>> axes = figure(4, 3).subplots()
    >>> lyapunov_curve(axes, nz.chaos_curve([W], [0.5, 1.0], duration=10, discard=5))
    >>> axes.get_xlabel()
    'gain $g$'
    """
    mean, error = mean_and_error(data.lyapunov.isel(exponent=0).where(data.audit != "diverged"))
    axes.axhline(0, color=COLOURS["grey"], lw=0.6)
    if theory is not None:
        axes.plot(theory.gain, theory.lyapunov, color=COLOURS["black"], lw=1, label=r"mean field, $N \to \infty$")
    bars = error if data.sizes["network"] > 1 else None
    axes.errorbar(data.gain, mean, bars, fmt="o-", ms=3.5, lw=1.1, color=colour_of(colour), label=label or None)
    unstable = (data.audit != "ok").any("network").values
    axes.plot(data.gain[unstable], mean[unstable], "o", ms=3.5, mfc="white", mec=colour_of(colour), zorder=5)
    axes.set_xlabel("gain $g$")
    axes.set_ylabel(r"largest exponent $\lambda$ ($1/\tau$)")


@check_arguments
def eigenvalues(axes: Axes, values: np.ndarray, *, colour: str = "entropy", label: str = "") -> None:
    r"""Plot eigenvalues in the complex plane, with the imaginary axis as the boundary of stability.

    Parameters
    ----------
    axes : axes of the plot
    values : eigenvalues μ in units of 1/τ, complex, shape (N,); NaN is not drawn
    colour : name of a colour in ``COLOURS``
    label : label in the legend

    Examples
    --------
    >>> from noisette.plots import figure
    >>> axes = figure(3, 3).subplots()
    >>> eigenvalues(axes, np.array([-1.0, 0.5j, -0.5j]))
    >>> axes.get_xlabel()
    '$\\mathrm{Re}\\,\\mu$ ($1/\\tau$)'
    """
    axes.plot(
        np.real(values), np.imag(values), ".", ms=2.5, color=colour_of(colour), label=label or None, rasterized=True
    )
    axes.axvline(0, color=COLOURS["grey"], lw=0.6, ls="--")
    axes.set_xlabel(r"$\mathrm{Re}\,\mu$ ($1/\tau$)")
    axes.set_ylabel(r"$\mathrm{Im}\,\mu$ ($1/\tau$)")
