"""Figures and sentences of the page about correlations."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr
from scipy.stats import norm

from noisette.app import figures
from noisette.app.answers import Answer
from noisette.app.pages._correlations_results import COLUMNS, DRAWS, DT, STATISTICS, Row

TITLES = {
    "variance": "variance tr C/N",
    "covariance_variance": "ψ = N Var C<sub>ij</sub>",
    "participation_dimension": "dimension D",
}
DOMAINS = ([0.70, 1.0], [0.36, 0.64], [0.0, 0.30])  # of the three panels, from above
BINS = 61
SYMBOLS = {"current": "x", "rate": "φ(x)"}
HOVER = {"variance": "tr C/N", "covariance_variance": "ψ", "participation_dimension": "D"}
NOISES = {"frozen": "frozen noise", "white": "white noise", "coloured": "coloured noise"}


def state(row: Row, few: str, view: Any) -> Answer:
    """Return the sentence about the state of the network at the gain of the view.

    Parameters
    ----------
    row : theory for N → ∞
    few : why networks of the size of the view differ from it
    view : the view
    """
    data = xr.Dataset(attrs={"method": "mean-field", "estimator": "stationary"})
    chi, g = row["susceptibility"], f"At g = {view.gain:g}"
    statistics = f"tr C/N = {row['variance']:.3g}, ψ = {row['covariance_variance']:.3g}, D = {dimension(row)}"
    values = {"χ at the gain": f"{chi:.4f}", "D at the gain": dimension(row, 4)}
    size = f" For N = {view.size}: {few}." if few else ""
    if not np.isfinite(row["variance"]):
        return Answer({}, f"{g}: {row['reason']}.", data, {})
    if view.kind != "frozen":
        text = f"{g} in {NOISES[view.kind]}: {statistics} (mean field for Euler steps of {DT:g} τ, N → ∞).{size}"
    elif row["valid"]:
        text = f"{g} the fixed point is stable (χ = {chi:.2f} < 1): {statistics} (mean field, N → ∞).{size}"
    else:
        text = (
            f"{g}, χ = {chi:.2f} ≥ 1: fixed points are unstable and their formulas (dotted) do not hold; the activity "
            f"is chaotic although the noise is constant, and the theory of its dynamics (dashed) describes it."
        )
        values = {"χ at the gain": f"{chi:.4f}"}
    return Answer({}, text, data, values)


def dimension(row: Row, digits: int = 2) -> str:
    """Return D as text; small values with significant digits instead of decimal places."""
    value = row["participation_dimension"]
    return f"{value:.{digits}f}" if value >= 0.1 else f"{value:.{digits}g}"


def table(theory: Mapping[float, Row], dynamics: Mapping[float, Row], simulated: Mapping[float, Row]) -> xr.Dataset:
    """Return what is known at each gain as one table."""
    gains = sorted({*theory, *simulated})
    missing = {"valid": False, "reason": ""}
    columns: dict[str, Any] = {
        name: [theory.get(g, {}).get(name, missing.get(name, np.nan)) for g in gains] for name in COLUMNS
    }
    columns["reason"] = np.array(columns["reason"], dtype=object)
    columns |= {f"dynamic_{name}": [dynamics.get(g, {}).get(name, np.nan) for g in gains] for name in STATISTICS}
    names = [f"{name}{end}" for name in STATISTICS for end in ("", "_se")]
    names += ["failed", "unstable"]
    columns |= {f"simulated_{name}": [simulated.get(g, {}).get(name, np.nan) for g in gains] for name in names}
    return xr.Dataset(
        {name: ("gain", values) for name, values in columns.items()},
        {"gain": ("gain", gains, {"long_name": "gain g", "units": "1"})},
        {"method": "mean-field, and simulated" if simulated else "mean-field", "estimator": "stationary"},
    )


def curves(data: xr.Dataset, critical: float, view: Any, complete: bool) -> Answer:
    """Return variance, ψ and D against the gain, with the critical gain and a mark that can be dragged."""
    traces: list[dict[str, Any]] = []
    for number, name in enumerate(STATISTICS):
        traces += _panel(data, name, number)
    if np.isfinite(critical) and critical <= 3:
        options = {"yaxis": "y4", "hoverinfo": "skip", "line": {"dash": "dash", "width": 1.5}}
        traces.append(figures.line([critical] * 2, [0, 1], "critical gain", "grey", **options))
    axes = {f"yaxis{'' if n == 0 else n + 1}": _axis(data, name, DOMAINS[n]) for n, name in enumerate(STATISTICS)}
    hidden = {"domain": [0, 1], "range": [0, 1], "visible": False, "fixedrange": True, "anchor": "x"}
    mark = figures.marker_line(view.gain, editable=True, name="gain")
    below = figures.axis("gain g", range=[0, 3.05], anchor="y3")
    layout = figures.layout(below, axes.pop("yaxis"), **axes, yaxis4=hidden, shapes=[mark], hoversubplots="axis")
    text, values = _summary(data, critical, view, complete)
    return Answer({"curves": {"data": traces, "layout": layout}}, text, data, values, complete)


def _panel(data: xr.Dataset, name: str, number: int) -> list[dict[str, Any]]:
    """Return the theory and the points of one statistic."""
    gain, place = data.gain.values, {"yaxis": "y" if number == 0 else f"y{number + 1}"}
    shown = {"showlegend": number == 0}
    valid = data.valid.values.astype(bool)
    fixed, chaos = data[name].values, data[f"dynamic_{name}"].values
    kinds = (
        ("theory", np.where(valid, fixed, np.nan), "solid", 0),
        ("fixed points, not valid", _joined(fixed, ~valid & np.isfinite(fixed)), "dot", 0),
        ("theory of chaos", chaos, "dash", 1),
    )
    traces = [
        figures.line(
            gain,
            y,
            label,
            colour,
            line={"dash": dash},
            legendgroup=label,
            hovertemplate=_hover(name, label),
            **place,
            **shown,
        )
        for label, y, dash, colour in kinds
        if np.isfinite(y).any()
    ]
    points = data[f"simulated_{name}"].values
    known = np.isfinite(points)
    if known.any():
        error = data[f"simulated_{name}_se"].values[known]
        options = place | shown | {"legendgroup": "simulated", "hovertemplate": _hover(name, "simulated")}
        traces.append(figures.points(gain[known], points[known], "simulated", 4, error=error, **options))
    return traces


def _hover(name: str, label: str) -> str:
    """Return the template of the text at a point: symbol, value and origin."""
    return f"{HOVER[name]} = %{{y:.4g}} ({label})<extra></extra>"


def _joined(values: np.ndarray, where: np.ndarray) -> np.ndarray:
    """Return the values where a condition holds, and the one before, so that the line begins where another ends."""
    return np.where(where | np.append(where[1:], False), values, np.nan)


def _axis(data: xr.Dataset, name: str, domain: list[float]) -> dict[str, Any]:
    """Return the vertical axis of one statistic, with limits that a static mark does not change."""
    title = TITLES[name]
    if name == "participation_dimension":
        return figures.axis(title, domain=domain, range=[0, 1.04])
    columns = (name, f"dynamic_{name}", f"simulated_{name}")
    values = np.concatenate([data[column].values for column in columns])
    values = values[np.isfinite(values) & (values > 0)]
    low, high = (float(np.log10(f(values))) for f in (np.min, np.max)) if values.size else (-1.0, 1.0)
    if high - low < 1:  # a logarithmic axis would have few labels
        return figures.axis(title, domain=domain, range=[0, 1.06 * 10**high])
    margin, decades = 0.06 * (high - low) + 0.05, max(1, round((high - low) / 4))
    limits = [low - margin, high + margin]
    return figures.axis(title, domain=domain, type="log", range=limits, dtick=decades, exponentformat="power")


def _summary(data: xr.Dataset, critical: float, view: Any, complete: bool) -> tuple[str, dict[str, str]]:
    """Return the sentence about the curves, and the main numbers."""
    values = {}
    parts = []
    if np.isfinite(critical):
        condition = "χ = 1" if view.kind == "frozen" else "λ = 0"
        where = "beyond this figure" if critical > 3 else f"at g = {critical:.3f}"
        chaotic = view.kind != "frozen" and view.gain >= critical and _exists(data, view.gain)
        here = f"; at g = {view.gain:g} the activity is chaotic" if chaotic else ""
        parts.append(f"The stationary state loses stability {where} ({condition}){here}.")
        values["critical gain"] = f"{critical:.4f}"
    elif critical == np.inf:
        parts.append("The stationary state is stable wherever it exists.")
    if view.gain in data.gain:
        chaos = data.sel(gain=view.gain)
        if np.isfinite(chaos.dynamic_variance):
            d = float(chaos.dynamic_participation_dimension)
            parts.append(
                f"Theory of the dynamics at g = {view.gain:g}: tr C/N = {float(chaos.dynamic_variance):.3g}, "
                f"D = {d:.2g}."
            )
            values["D of the chaotic activity"] = f"{d:.4f}"
    points = data.simulated_participation_dimension
    known = np.isfinite(points.values)
    if known.any():
        parts.append(_simulated(data, known, view, complete))
    return " ".join(parts), values


def _exists(data: xr.Dataset, gain: float) -> bool:
    """Return whether there is a stationary state at a gain."""
    return gain in data.gain and bool(np.isfinite(data.variance.sel(gain=gain)))


def _simulated(data: xr.Dataset, known: np.ndarray, view: Any, complete: bool) -> str:
    """Return the sentence about simulated networks."""
    here = data.isel(gain=known)
    theory = here.dynamic_participation_dimension.fillna(here.participation_dimension)
    difference = np.abs((here.simulated_participation_dimension - theory).values)
    worst = int(np.nanargmax(difference)) if np.isfinite(difference).any() else 0
    omitted = int((here.simulated_failed + here.simulated_unstable).sum())
    draws = int(known.sum()) * view.networks * DRAWS
    text = (
        f"{view.networks} simulated networks of N = {view.size} units at {int(known.sum())} gains"
        f"{'' if complete else ' so far'}: D differs from the theory by at most {difference[worst]:.2g} "
        f"± {float(here.simulated_participation_dimension_se[worst]):.1g} (g = {float(here.gain[worst]):g})"
    )
    return text + (
        f"; {omitted} of {draws} draws at unstable or unsolved fixed points are omitted." if omitted else "."
    )


def pairs(data: xr.Dataset, row: Row, view: Any) -> Answer:
    """Return the histogram of the covariances of pairs, with the predicted Gaussian."""
    size, entries = data.attrs["size"], data.covariance.values
    measured = float(data.covariance_variance)
    psi = row["covariance_variance"]
    sampling = max(size * float((entries**2).mean()) - measured, 0.0)  # what finitely many samples add
    width = np.sqrt(max(psi + sampling, 1e-30) / size)
    edges = np.linspace(-4.5, 4.5, BINS + 1) * max(width, float(entries.std()))
    centres = (edges[1:] + edges[:-1]) / 2
    density = np.histogram(entries, edges, density=True)[0]
    bars = {
        "type": "bar",
        "x": centres.tolist(),
        "y": density.tolist(),
        "name": "simulated",
        "width": edges[1] - edges[0],
    }
    bars |= {"marker": {"color": "#56B4E9", "line": {"width": 0}}, "hovertemplate": "%{y:.3g}"}
    traces = [bars]
    x = np.linspace(edges[0], edges[-1], 201)
    if psi > 0:
        for label, variance, dash in (("Gaussian, ψ/N", psi, "solid"), ("with sampling error", psi + sampling, "dot")):
            y = norm.pdf(x, scale=np.sqrt(variance / size))
            traces.append(figures.line(x, y, label, 1, line={"dash": dash}, hovertemplate="%{y:.3g}"))
    text = (
        f"At g = {view.gain:g}, the covariances of the {len(entries)} pairs of one network of N = {size} units, from "
        f"{data.attrs['samples']} samples, have N Var C_ij = {measured:.3g} without sampling error; theory for N → ∞: "
        f"ψ = {psi:.3g}."
    )
    values = {"N Var C_ij of one network": f"{measured:.4g}", "ψ (theory)": f"{psi:.4g}"}
    if "predicted" in data:
        predicted = data.predicted.values
        y = np.histogram(predicted, edges, density=True)[0]
        traces.append(
            figures.line(
                centres, y, "predicted entries", 2, line={"shape": "hvh", "width": 1.5}, hovertemplate="%{y:.3g}"
            )
        )
        agreement = float(np.corrcoef(predicted, entries)[0, 1])
        text += (
            f" The estimates correlate by {agreement:.2f} with the entries that linear equivalence predicts for this "
            "matrix."
        )
        values["correlation of predicted and estimated C_ij"] = f"{agreement:.3f}"
    symbol = SYMBOLS[view.activity]
    layout = figures.layout(f"covariance C<sub>ij</sub> of {symbol}, i ≠ j", "density", bargap=0)
    return Answer({"pairs": {"data": traces, "layout": layout}}, text, data, values)


def lags(data: xr.Dataset, view: Any, complete: bool) -> Answer:
    """Return the autocovariance by theory and by simulation."""
    known = data.theory.notnull()
    traces = [figures.line(data.lag[known], data.theory[known], "theory", 0, hovertemplate="%{y:.3g}")]
    start = float(data.theory.isel(lag=0))
    text = f"At g = {view.gain:g}, the autocovariance of {SYMBOLS[view.activity]} is C(0) = {start:.3g} by theory"
    values = {"C(0) (theory)": f"{start:.4f}"}
    if "simulated" in data:
        here = data.isel(lag=data.simulated.notnull().values)
        error = here.simulated_se
        traces.append(figures.points(here.lag, here.simulated, "simulated", 4, error=error, hovertemplate="%{y:.3g}"))
        first, deviation = float(here.simulated[0]), float(error[0])
        text += f", {first:.3g} ± {deviation:.1g} in simulations of networks of N = {view.size} units"
        values["C(0) (simulated)"] = f"{first:.4f} ± {deviation:.4f}"
    below = np.flatnonzero(data.theory.values < start / 2)
    half = f"; it falls to one half within {float(data.lag[below[0]]):.2g} τ" if below.size else ""
    plateau = "; the frozen part of the noise keeps it from falling to zero" if view.kind == "frozen" else ""
    layout = figures.layout("lag (τ)", figures.axis(f"C(τ) of {SYMBOLS[view.activity]}", rangemode="tozero"))
    return Answer({"lags": {"data": traces, "layout": layout}}, text + half + plateau + ".", data, values, complete)


def constant(row: Row, view: Any) -> Answer:
    """Return why there is no autocovariance to show at stable fixed points."""
    reason = (
        f"C(τ) = {row['variance']:.3g} at all lags:<br>at a stable fixed point in frozen noise<br>activity is constant"
    )
    return Answer({"lags": figures.empty(reason)}, "", xr.Dataset())


def none(panel: str, reason: str) -> Answer:
    """Return a panel that shows why there is nothing else to show."""
    return Answer({panel: figures.empty(wrapped(reason))}, "", xr.Dataset())


def wrapped(text: str, width: int = 44) -> str:
    """Return a text in lines for a figure."""
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += (" " if lines[-1] else "") + word
    return "<br>".join(lines)
