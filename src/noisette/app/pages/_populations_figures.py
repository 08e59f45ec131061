"""Figures and sentences of the page about populations."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from noisette.app import figures
from noisette.app.answers import Answer
from noisette.app.numbers import signed
from noisette.app.pages._populations_results import DISCARD, Law, Solution

NAMES = ("excitatory", "inhibitory")
DOMAINS = ([0.70, 1.0], [0.36, 0.64], [0.0, 0.30])  # mean, variance and exponent, from above
SHOWN = 2  # units of each population whose traces are shown


def curves(solutions: Mapping[float, Solution], view: Any, complete: bool) -> Answer:
    """Return means, variances and exponent against the gain, and the sentence about the gain of the view."""
    rows = {gain: each.data for gain, each in sorted(solutions.items()) if each.data is not None}
    data = xr.Dataset(attrs={"method": "mean-field", "estimator": "stationary"})
    if rows:
        data = xr.concat([row.drop_vars("gain", errors="ignore") for row in rows.values()], "gain")
        data = data.assign_coords(gain=list(rows)).drop_vars("overlap")
    traces = []
    for name, y in (("mean", "y"), ("variance", "y2")):
        for p, label in enumerate(NAMES):
            values = data[name].values[:, p] if rows else []
            options = {"yaxis": y, "mode": "lines+markers", "showlegend": y == "y", "hovertemplate": "%{y:.3f}"}
            traces.append(figures.line(list(rows), values, label, p, **options))
    exponent = data.lyapunov.values if rows else []
    options = {"yaxis": "y3", "mode": "lines+markers", "showlegend": False, "hovertemplate": "%{y:.3f}"}
    traces.append(figures.line(list(rows), exponent, "λ", "divergence", **options))
    axes = {
        "yaxis": figures.axis("mean μ", domain=DOMAINS[0], zeroline=True, zerolinecolor=figures.NEUTRAL),
        "yaxis2": figures.axis("variance v", domain=DOMAINS[1]),
        "yaxis3": figures.axis("λ (1/τ)", domain=DOMAINS[2], zeroline=True, zerolinecolor=figures.NEUTRAL),
    }
    mark = figures.marker_line(view.gain, editable=True, name="gain")
    x = figures.axis("gain g", anchor="y3", range=[0, 3])
    layout = figures.layout(x, axes.pop("yaxis"), **axes, shapes=[mark], hoversubplots="axis")
    text, values = state(solutions[view.gain], view)
    return Answer({"curves": {"data": traces, "layout": layout}}, text, data, values, complete)


def state(solution: Solution, view: Any) -> tuple[str, dict[str, str]]:
    """Return the sentence and the values at the gain of the view."""
    if solution.data is None:
        return f"At g = {view.gain:g} there is no theory: {solution.reason}.", {}
    data = solution.data
    (mean_e, mean_i), (variance_e, variance_i) = data["mean"].values, data.variance.values
    exponent, outlier = float(data.lyapunov), complex(*data.outlier.values)
    kind = "activity is chaotic" if exponent > 0 else "nearby trajectories meet"
    if bool(data.fixed_point):
        kind = "units are at a fixed point" + (", which is unstable" if exponent > 0 else "")
    text = (
        f"At g = {view.gain:g}, {kind} (λ = {signed(exponent, 3)}): μ = {signed(mean_e, 3)} and {signed(mean_i, 3)}, "
        f"v = {variance_e:.3f} and {variance_i:.3f} for excitatory and inhibitory units (mean field, N → ∞)."
    )
    values = {
        "μ, E and I": f"{signed(mean_e, 3)}, {signed(mean_i, 3)}",
        "v, E and I": f"{variance_e:.3f}, {variance_i:.3f}",
        "λ": f"{signed(exponent, 4)} / τ",
    }
    if np.isfinite(outlier.real):
        values["outlier of the Jacobian"] = signed(outlier.real, 3) + (
            f" ± {abs(outlier.imag):.3f}i" if outlier.imag else ""
        )
    return text, values


def run(data: xr.Dataset, view: Any, solution: Solution | None) -> Answer:
    """Return some units and the means of the populations over time, with the means of theory once it is known."""
    time, number = data.time.values, round(view.fraction * view.size)
    traces = []
    for p, first in enumerate((0, number)):
        for unit in range(first, first + SHOWN):
            style = {"width": 0.8}
            options = {"line": style, "showlegend": False, "opacity": 0.6, "hoverinfo": "skip"}
            traces.append(figures.line(time, data.trace.values[:, unit], f"unit {unit}", p, **options))
        course = data.population_mean.values[p]
        traces.append(figures.line(time, course, f"mean, {NAMES[p]}", p, hovertemplate="%{y:.3f}"))
        if solution is not None and solution.data is not None:
            level = float(solution.data["mean"][p])
            options = {"line": {"dash": "dot"}, "hovertemplate": "%{y:.3f}"}
            traces.append(figures.line([DISCARD, time[-1]], [level, level], f"theory, {NAMES[p]}", p, **options))
    means, variance = [signed(mean, 3) for mean in data.simulated_mean.values], data.simulated_variance.values
    text = (
        f"One network of {view.size} units after {DISCARD:g} τ: μ = {means[0]} and {means[1]}, v = "
        f"{variance[0]:.3f} and {variance[1]:.3f} for excitatory and inhibitory units."
    )
    layout = figures.layout("time t (τ)", "x")
    simulated = {"simulated μ, E and I": f"{means[0]}, {means[1]}"}
    return Answer({"run": {"data": traces, "layout": layout}}, text, data, simulated, solution is not None)


def spectrum(values: np.ndarray, law: Law, view: Any) -> Answer:
    """Return the eigenvalues of g W with the disc and the outlier that theory predicts."""
    real, imaginary = np.real(values), np.imag(values)
    radius, outlier = view.gain * law.radius, view.gain * law.outlier
    angles = np.linspace(0, 2 * np.pi, 100)
    circle = figures.line(radius * np.cos(angles), radius * np.sin(angles), "radius by theory", "grey")
    traces = [figures.points(real, imaginary, "eigenvalues of gW", 0, marker={"size": 4}), circle]
    if abs(outlier) > radius:
        mark = {"size": 12, "symbol": "x-thin", "line": {"width": 2, "color": figures.NEUTRAL}}
        traces.append(figures.points([outlier], [0.0], "outlier by theory", "grey", marker=mark))
    y = figures.axis("imaginary part", scaleanchor="x")
    layout = figures.layout("real part", y, hovermode="closest")
    beyond = f"and an outlier at {signed(outlier, 2)}" if abs(outlier) > radius else "and no outlier"
    text = f"The weights gW have a disc of eigenvalues of radius {radius:.2f}, {beyond} (theory, N → ∞)."
    data = xr.Dataset(
        {"real": ("eigenvalue", real), "imaginary": ("eigenvalue", imaginary)},
        attrs={"radius": radius, "outlier": outlier, "method": "exact"},
    )
    return Answer({"spectrum": {"data": traces, "layout": layout}}, text, data)


__all__ = ["curves", "run", "spectrum", "state"]
