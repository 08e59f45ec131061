"""Trained networks: time constants, spectra coloured by localisation, firing rates, outputs, box plots."""

from collections.abc import Mapping, Sequence

import numpy as np
import xarray as xr
from jaxtyping import Bool, Real
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection
from matplotlib.colors import to_rgba

from noisette.arguments import check_arguments
from noisette.errors import integer, real_array, require
from noisette.plots._style import COLOURS, colour_of

CELL_TYPES = {"excitatory": COLOURS["information"], "inhibitory": COLOURS["entropy"]}
GROUPS = {"dominant": COLOURS["purple"], "non-dominant": COLOURS["grey"]}


@check_arguments
def time_constants(
    axes: Axes, tau: Real[np.ndarray, " N"], excitatory: Bool[np.ndarray, " N"], *, bins: int = 21
) -> None:
    r"""Plot the distributions of the time constants of excitatory and inhibitory units.

    Parameters
    ----------
    axes : axes of the plot
    tau : time constants in ms, shape (N,)
    excitatory : whether each unit is excitatory, shape (N,)
    bins : number of bin edges of the histograms

    Examples
    --------
    >>> from noisette.plots import figure
    >>> axes = figure(3, 3).subplots()
    >>> time_constants(axes, np.array([30.0, 40.0, 110.0]), np.array([True, True, False]))
    >>> axes.get_xlabel()
    '$\\tau$ (ms)'
    """
    lengths = f"{len(tau)} time constants and {len(excitatory)} units"
    require(len(tau) == len(excitatory) > 0, lengths, "one time constant for each unit")
    integer(bins, "bins", 2)
    real_array(tau, "tau")
    edges = np.linspace(min(tau.min(), 20.0), max(tau.max(), 125.0), bins)
    for (name, colour), units in zip(CELL_TYPES.items(), (excitatory, ~excitatory), strict=True):
        if units.any():
            label = f"{name}, mean {tau[units].mean():.0f} ms"
            fill, line = to_rgba(colour, 0.2), to_rgba(colour, 1.0)
            axes.hist(tau[units], edges, density=True, histtype="stepfilled", fc=fill, ec=line, lw=1.2, label=label)
    axes.set_xlabel(r"$\tau$ (ms)")
    axes.set_ylabel("density (1/ms)")
    axes.legend(loc="best")


@check_arguments
def localised_spectrum(axes: Axes, data: xr.Dataset, *, stimulus: int = 0) -> PathCollection:
    """Plot eigenvalues in the complex plane, coloured by the inverse participation ratio of the left eigenvectors.

    Parameters
    ----------
    axes : axes of the plot
    data : dataset with ``eigenvalue`` (…, mode, part) and ``ipr_left`` (…, mode), as returned by `modes`
    stimulus : index of the stimulus, if there are several

    Returns
    -------
    points, for a colour bar

    Examples
    --------
    >>> import noisette as nz
    >>> from noisette.plots import figure
    >>> data = nz.analysis.modes(nz.RateNetwork([[0.0, 2.0], [0.0, 0.0]], tau=[1.0, 4.0]), [0.0, 0.0])
    >>> len(localised_spectrum(figure(3, 3).subplots(), data).get_offsets())
    2
    """
    spectrum = data.isel(stimulus=stimulus) if "stimulus" in data.eigenvalue.dims else data
    values = spectrum.eigenvalue
    points = axes.scatter(
        values.sel(part="real"),
        values.sel(part="imaginary"),
        s=7,
        c=spectrum.ipr_left,
        cmap="viridis",
        vmin=0,
        vmax=0.6,
    )
    axes.axvline(0, color=COLOURS["grey"], lw=0.6, ls="--")
    unit = values.attrs.get("units", "1/s")
    axes.set_xlabel(rf"$\mathrm{{Re}}\,\lambda$ ({unit})")
    axes.set_ylabel(rf"$\mathrm{{Im}}\,\lambda$ ({unit})")
    return points


@check_arguments
def group_rates(
    axes: Axes, data: xr.Dataset, *, stimulus: int = 0, windows: Sequence[tuple[float, float]] = ()
) -> None:
    """Plot the mean firing rates of dominant and other units against time; groups without units are left out.

    Parameters
    ----------
    axes : axes of the plot
    data : dataset with ``rate`` (stimulus, group, time), as returned by `persistent_activity`
    stimulus : index of the stimulus
    windows : intervals (start, stop) in ms to shade, such as stimuli

    Examples
    --------
    >>> from noisette.plots import figure
    >>> rate = ("stimulus", "group", "time"), np.ones((1, 2, 3))
    >>> data = xr.Dataset({"rate": rate}, {"group": ["dominant", "non-dominant"], "time": [0.0, 5.0, 10.0]})
    >>> axes = figure(3, 3).subplots()
    >>> group_rates(axes, data)
    >>> [line.get_label() for line in axes.lines]
    ['dominant', 'non-dominant']
    """
    for start, stop in windows:
        axes.axvspan(start, stop, color=COLOURS["grey"], alpha=0.12, lw=0)
    for name, colour in GROUPS.items():
        rate = data.rate.isel(stimulus=stimulus).sel(group=name)
        if bool(np.isfinite(rate).any()):
            axes.plot(data.time, rate, color=colour, label=name)
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("mean rate")
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")


@check_arguments
def boxes(axes: Axes, values: Mapping[str, np.ndarray], *, colours: Sequence[str] | None = None) -> None:
    """Draw a box plot for each group: median, quartiles, whiskers of 1.5 interquartile ranges, and all values as dots.

    Parameters
    ----------
    axes : axes of the plot
    values : values of each group, by the name of the group; values that are not finite are left out
    colours : colour of each group

    Examples
    --------
    >>> from noisette.plots import figure
    >>> axes = figure(3, 3).subplots()
    >>> boxes(axes, {"C = 0": np.arange(5.0), "C = 10": np.arange(7.0)})
    >>> [label.get_text() for label in axes.get_xticklabels()]
    ['C = 0', 'C = 10']
    """
    names, groups = list(values), [np.asarray(v, float)[np.isfinite(np.asarray(v, float))] for v in values.values()]
    fills = list([colour_of(colour) for colour in colours or ()] or [COLOURS["sky"]] * len(names))
    parts = axes.boxplot(groups, tick_labels=names, showfliers=False, patch_artist=True, widths=0.55)
    for box, colour in zip(parts["boxes"], fills, strict=True):
        box.set(facecolor=colour, alpha=0.5, lw=0.8)
    for line in (*parts["medians"], *parts["whiskers"], *parts["caps"]):
        line.set(color=COLOURS["black"], lw=0.8)
    for position, group in enumerate(groups, 1):
        spread = (np.arange(len(group)) % 7 - 3) * 0.045  # deterministic instead of random, for reproducible plots
        axes.plot(position + spread, group, ".", ms=2.5, color=COLOURS["black"], alpha=0.5)


@check_arguments
def condition_outputs(axes: Axes, data: xr.Dataset, *, windows: Sequence[tuple[float, float]] = ()) -> None:
    """Plot the mean output in each condition, with a band of one standard deviation over trials.

    Parameters
    ----------
    axes : axes of the plot
    data : dataset over ``condition`` and ``time`` with ``mean`` and ``deviation``
    windows : intervals (start, stop) in ms to shade

    Examples
    --------
    >>> from noisette.plots import figure
    >>> values = ("condition", "time"), np.ones((2, 3))
    >>> data = xr.Dataset({"mean": values, "deviation": values}, {"condition": ["A", "B"], "time": [0.0, 5.0, 10.0]})
    >>> axes = figure(3, 3).subplots()
    >>> condition_outputs(axes, data)
    >>> [line.get_label() for line in axes.lines]
    ['A', 'B']
    """
    for start, stop in windows:
        axes.axvspan(start, stop, color=COLOURS["grey"], alpha=0.12, lw=0)
    colours = [COLOURS[name] for name in ("divergence", "orange", "sky", "purple")]
    for number, name in enumerate(data.condition.values.tolist()):
        outputs, colour = data.isel(condition=number), colours[number % len(colours)]
        axes.plot(data.time, outputs["mean"], lw=1.2, color=colour, label=name)
        axes.fill_between(
            data.time,
            outputs["mean"] - outputs.deviation,
            outputs["mean"] + outputs.deviation,
            color=colour,
            alpha=0.2,
            lw=0,
        )
    axes.set_xlabel("time (ms)")
    axes.set_ylabel("output")
