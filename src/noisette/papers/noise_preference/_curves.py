"""Study, plot and claims that the figures of all tasks share: error against the noise of the test."""

from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import ttest_1samp

from noisette.papers._paper import Figure
from noisette.papers.noise_preference._runs import EXPERIMENTS, FIRST_SEED, PLACES, measure
from noisette.plots import SERIES, figure, letter
from noisette.studies import Claim, Study, compare, holds

SIGNIFICANCE = 0.05
LARGEST = 2  # index of the largest training noise, with which the claims are judged
ABSTRACT = "only the abstract of the paper was read: task, network and noise are ours"
CAPTION = (
    "Lines are means over networks, and error bars standard errors over networks. All strengths of the noise have the "
    "same trials and draws. Only the abstract of the paper was read; architecture, tasks and strengths are ours, and "
    "strengths, numbers of networks and statistical tests were chosen after pilot runs with other seeds."
)


def study(name: str, scale: str, seed: int) -> Study:
    """Return the study over the place and the strength of the training noise."""
    levels = [LARGEST] if scale == "smoke" else range(LARGEST + 1)
    axes = {"place": list(PLACES), "level": list(levels)}
    return Study(name, measure, axes, {"name": name, "scale": scale, "seed": FIRST_SEED + seed})


def mean_and_error(values: np.ndarray) -> tuple[float, float]:
    """Return the mean over networks and its standard error."""
    return float(values.mean()), float(values.std(ddof=1) / np.sqrt(len(values)))


def optima(relative: np.ndarray, errors: np.ndarray) -> np.ndarray:
    """Return the noise of the smallest error of each network, refined by a parabola through three points.

    Parameters
    ----------
    relative : noise of the test, shape (S,)
    errors : errors, shape (networks, S)

    Examples
    --------
    >>> noise = np.array([0.0, 0.5, 1.0, 1.5])
    >>> optima(noise, np.array([(noise - 0.8) ** 2, noise])).round(6).tolist()
    [0.8, 0.0]
    """
    result = []
    for row in errors:
        i = int(np.argmin(row))
        if i in (0, len(row) - 1):
            result.append(relative[i])
            continue
        curvature, slope, _ = np.polyfit(relative[i - 1 : i + 2] - relative[i], row[i - 1 : i + 2], 2)
        result.append(relative[i] - slope / (2 * curvature) if curvature > 0 else relative[i])
    return np.array(result)


def difference(data: xr.Dataset, place: str, quantity: str = "error") -> np.ndarray:
    """Return the value without noise minus that at the training noise, of each network at the largest noise."""
    values = data[quantity].sel(place=place, level=LARGEST)
    return (values.sel(relative=0.0) - values.sel(relative=1.0)).values


def log_ratio(data: xr.Dataset, place: str) -> np.ndarray:
    """Return the logarithm of the error without noise over that at the training noise, of each network."""
    values = data.error.sel(place=place, level=LARGEST)
    return np.log((values.sel(relative=0.0) / values.sel(relative=1.0)).values)


def p_value(values: np.ndarray, sign: float = 1.0) -> float:
    """Return the p value of the one-sided t test that the mean has the given sign."""
    result: Any = ttest_1samp(sign * values, 0.0, alternative="greater")
    return float(result.pvalue)


def text(data: xr.Dataset, place: str, quantity: str = "error") -> str:
    """Return a quantity without noise and at the training noise, with standard errors, as text."""
    values = data[quantity].sel(place=place, level=LARGEST)
    parts = ["{:.3g} ± {:.1g}".format(*mean_and_error(values.sel(relative=r).values)) for r in (0.0, 1.0)]
    std, number = float(data.training_noise.sel(place=place, level=LARGEST)), data.sizes["network"]
    return f"{parts[0]} without noise, {parts[1]} at σ = {std:g} ({number} networks)"


def ratio(logarithms: np.ndarray) -> str:
    """Return the geometric mean of a ratio and the interval of one standard error, as text.

    Examples
    --------
    >>> ratio(np.log(np.array([2.0, 8.0])))
    '4 (2 … 8)'
    """
    mean, error = mean_and_error(logarithms)
    return f"{np.exp(mean):.3g} ({np.exp(mean - error):.3g} … {np.exp(mean + error):.3g})"


def claims(data: xr.Dataset, task: str) -> list[Claim]:
    """Return the claims of the abstract about one task."""
    inside, change, bias = log_ratio(data, "inside"), difference(data, "inside"), difference(data, "inside", "bias")
    outside = log_ratio(data, "outside")
    best = optima(data.relative.values, data.error.sel(place="inside", level=LARGEST).values)
    mean, error = mean_and_error(best)
    share = 100 * bias.mean() / change.mean()
    p = {name: p_value(values) for name, values in (("inside", inside), ("bias", bias))}
    p["outside"] = p_value(outside, -1.0)
    return [
        holds(
            f"{task}: networks trained with noise inside the activation perform better with noise than without",
            "they often perform best at a nonzero noise level",
            f"mean squared error {text(data, 'inside')}; ratio {ratio(inside)}",
            p["inside"] < SIGNIFICANCE,
            why=f"paired over networks, one-sided t test of the logarithms; {ABSTRACT}",
            why_not=f"the errors do not differ significantly in this direction; {ABSTRACT}",
            p=p["inside"],
            level=SIGNIFICANCE,
        ),
        compare(
            f"{task}, noise inside: optimal noise of the test over the noise of the training",
            1.0,
            mean,
            0.25,
            error=error,
            agrees=f"mean over networks, within one step of the grid; {ABSTRACT}",
            differs=f"mean over networks; “approximately the same level” leaves the tolerance open; {ABSTRACT}",
        ),
        holds(
            f"{task}: networks trained with noise outside the activation perform best without noise",
            "they perform best with zero noise",
            f"mean squared error {text(data, 'outside')}; ratio {ratio(outside)}",
            p["outside"] < SIGNIFICANCE,
            why=f"paired over networks, one-sided t test of the logarithms; noise on the rates; {ABSTRACT}",
            why_not=f"the errors do not differ significantly in this direction; noise on the rates; {ABSTRACT}",
            p=p["outside"],
            level=SIGNIFICANCE,
        ),
        holds(
            f"{task}, noise inside: without noise the outputs are biased, which degrades performance",
            "shifts of fixed points bias the outputs when the noise is removed",
            f"squared bias {text(data, 'inside', 'bias')}; {share:.0f} % of the change of the error",
            p["bias"] < SIGNIFICANCE,
            why="paired over networks, one-sided t test; the mean over draws of the noise separates bias from variance",
            why_not="the squared biases do not differ significantly in this direction",
            p=p["bias"],
            level=SIGNIFICANCE,
        ),
    ]


def plot(data: xr.Dataset):
    """Plot errors against the noise of the test for both places, and bias and variance for noise inside."""
    accurate = data.attrs.get("shows_accuracy", "")
    fig = figure(8.2, 2.9)
    axes = fig.subplots(1, 3)
    for axis, place, mark in zip(axes, data["place"].values, "ab", strict=False):
        for level, colour in zip(data["level"].values, SERIES, strict=False):
            _errorbars(axis, data.sel(place=place, level=level), "error", colour)
        axis.axvline(1.0, color="0.7", lw=0.8, zorder=0)
        axis.set_title(f"noise {place} the activation")
        axis.set_ylabel("mean squared error")
        if accurate:  # errors of this task differ by orders of magnitude
            axis.set_yscale("log")
        else:
            axis.set_ylim(bottom=0)
        axis.legend(title="training noise")
        letter(axis, mark)
    last = axes[2]
    if accurate:
        for place, style in zip(data["place"].values, ("-", "--"), strict=True):
            values = data.sel(place=place, level=LARGEST)
            _errorbars(last, values, "accuracy", SERIES[2], style, f"noise {place}")
        last.set_ylabel("accuracy")
    else:
        values = data.sel(place="inside", level=LARGEST)
        _errorbars(last, values, "bias", SERIES[0], label="squared bias")
        _errorbars(last, values, "variance", SERIES[1], label="variance")
        last.set_title("largest noise inside")
        last.set_ylabel("part of the error")
    last.axvline(1.0, color="0.7", lw=0.8, zorder=0)
    last.legend()
    letter(last, "c")
    for axis in axes:
        axis.set_xlabel("test noise / training noise")
    return fig


def _errorbars(axis, data: xr.Dataset, quantity: str, colour: str, style: str = "-", label: str = "") -> None:
    """Draw the mean over networks with its standard error."""
    values = data[quantity]
    error = values.std("network", ddof=1) / np.sqrt(data.sizes["network"])
    label = label or rf"$\sigma = {float(data.training_noise):g}$"
    axis.errorbar(data.relative, values.mean("network"), error, color=colour, ls=style, marker="o", ms=3, label=label)


def figure_of(name: str, title: str, task: str, accuracy: bool = False) -> Figure:
    """Return the figure of one task."""
    return Figure(
        name,
        title,
        partial(study, name),
        partial(_plot_with, accuracy),
        partial(claims, task=task),
        caption=CAPTION,
    )


def _plot_with(accuracy: bool, data: xr.Dataset):
    """Plot the data, with the accuracy in the last panel if `accuracy` is true."""
    return plot(data.assign_attrs(shows_accuracy=str(accuracy) if accuracy else ""))


__all__ = ["EXPERIMENTS", "figure_of"]
