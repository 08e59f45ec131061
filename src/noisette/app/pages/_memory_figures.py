"""Figures and sentences of the page about working memory."""

from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr

from noisette.analysis import participation
from noisette.app import figures
from noisette.app.answers import Answer, Figure
from noisette.app.numbers import signed
from noisette.app.pages._memory_networks import PULSE
from noisette.networks import TaskNetwork
from noisette.plots import COLOURS
from noisette.tasks import SCORES, Task

SHOWN_STEPS = 200  # columns of the raster of rates
SHOWN_STATES = 150  # of each trajectory
BINS = 22  # edges of the histograms
LONGEST_BAR = 0.6  # largest inverse participation ratio in the colour bar, as in `plots.localised_spectrum`
SMALL_RESIDUAL = 0.1  # of a mean state that is nearly a fixed point
CELL_TYPES = {"excitatory": "information", "inhibitory": "entropy"}
AXES = {
    "delay": "delay (ms)",
    "internal": "internal noise (factor of the weights)",
    "input_noise": "input noise (standard deviation per step)",
}
SCORE_NAMES = {"strict": "by the mean output", "threshold": "by the threshold score"}


def stride(steps: int, most: int) -> int:
    """Return the smallest stride with which at most `most` of the steps are shown."""
    return -(-steps // most)


def trial(
    network: TaskNetwork,
    task: Task,
    outcome: xr.Dataset,
    key: np.ndarray | None,
    without: xr.Dataset | None,
    pulse: float | None,
) -> Answer:
    """Return inputs, output and rates in one trial, below each other, and whether the answer is correct.

    Parameters
    ----------
    network, task : network and task
    outcome : the trial, with states and inputs
    key : numbers by which the units of each type are sorted; by the time of their largest rate if None
    without : the same trial without the pulse, if there is one
    pulse : time at which a pulse begins, ms
    """
    one = outcome.isel(trial=0)
    rates = np.asarray(network.activity(jnp.asarray(one.units.values)))
    first = onset(task)  # the initial state is not that of the task
    order = _order(network, rates[first:], key)
    every = stride(len(rates), SHOWN_STEPS)
    traces = [*_signals(one, without, pulse), _raster(one.time.values[::every], rates[::every, order])]
    inhibitory = int((~network.excitatory).sum())
    traces += _marks(task, one, len(order) - inhibitory)
    text, values = _answer(task, one, without, pulse)
    shown = one.isel(time=slice(None, None, every))
    data = xr.Dataset(
        {
            "output": ("time", shown.outputs.values[:, 0]),
            "target": ("time", shown.target.values[:, 0]),
            "input": (("time", "channel"), shown.inputs.values),
            "rate": (("time", "unit"), rates[::every]),
            "excitatory": ("unit", network.excitatory),
        },
        {"time": ("time", shown.time.values, {"units": "ms"})},
        outcome.attrs,
    )
    return Answer({"trial": {"data": traces, "layout": _trial_layout(task, order, inhibitory)}}, text, data, values)


def onset(task: Task) -> int:
    """Return the first step after the fixation."""
    return task.periods["fixation"][1]


def _order(network: TaskNetwork, rates: np.ndarray, key: np.ndarray | None) -> np.ndarray:
    """Return the order of the units: excitatory ones first, each type sorted."""
    numbers = rates.argmax(0) if key is None else -key
    return np.lexsort((numbers, ~network.excitatory))


def _signals(one: xr.Dataset, without: xr.Dataset | None, pulse: float | None) -> list[dict[str, Any]]:
    time = one.time.values
    inputs = [
        figures.line(time, one.inputs.values[:, c].round(3), f"input {c + 1}", c + 3, xaxis="x", yaxis="y")
        for c in range(one.sizes["channel"])
    ]
    target = np.where(one.mask.values > 0, one.target.values[:, 0], np.nan)
    outputs = [figures.line(time, one.outputs.values[:, 0].round(3), "output", 0, xaxis="x", yaxis="y2")]
    if without is not None:
        plain = without.outputs.values[0, :, 0].round(3)
        style = {"dash": "dot", "width": 1.5}
        outputs.append(figures.line(time, plain, "without the pulse", 0, xaxis="x", yaxis="y2", line=style))
    if pulse is not None:
        span = {"width": 6, "color": COLOURS["divergence"]}
        outputs.append(figures.line([pulse, pulse + PULSE], [-1, -1], "pulse", xaxis="x", yaxis="y2", line=span))
    wanted = {"width": 4, "color": "rgba(213,94,0,0.6)"}
    return [*inputs, *outputs, figures.line(time, target, "target", xaxis="x", yaxis="y2", line=wanted)]


def _raster(time: np.ndarray, rates: np.ndarray) -> dict[str, Any]:
    raster = figures.heatmap(
        rates.T.round(2),
        "rate",
        time.tolist(),
        zmin=0,
        zmax=float(np.quantile(rates, 0.995).round(2)) or 1.0,
        xaxis="x",
        yaxis="y3",
        name="rate",
        hovertemplate="%{z:.2f} (row %{y})<extra>rate</extra>",
    )
    raster["colorbar"] |= {"len": 0.5, "y": 0.0, "yanchor": "bottom"}
    return raster


def _marks(task: Task, one: xr.Dataset, first_inhibitory: int) -> list[dict[str, Any]]:
    """Return vertical lines between periods on all three axes, and one between the types of units."""
    low, high = _range(one.inputs.values)
    bottom, top = _range(np.concatenate([one.outputs.values, one.target.values]))
    spans = {"y": (low, high), "y2": (bottom, top), "y3": (-0.5, one.sizes["unit"] - 0.5)}
    edges = sorted({task.dt * step for period in task.periods.values() for step in period} - {0.0})
    edges = [edge for edge in edges if edge < task.dt * (task.steps - 1)]
    style = {"width": 1, "dash": "dot", "color": figures.NEUTRAL}
    still: dict[str, Any] = {"hoverinfo": "skip", "showlegend": False, "xaxis": "x", "line": style}
    lines = []
    for axis, (start, stop) in spans.items():
        x = [value for edge in edges for value in (edge, edge, None)]
        y = [value for _ in edges for value in (start, stop, None)]
        lines.append({"type": "scatter", "mode": "lines", "x": x, "y": y, "yaxis": axis, **still})
    border, time = first_inhibitory - 0.5, one.time.values
    white = {"line": {"width": 1.5, "color": "white"}}
    ends: dict[str, Any] = {"x": [float(time[0]), float(time[-1])], "y": [border, border], "yaxis": "y3"}
    return [*lines, {"type": "scatter", "mode": "lines", **still, **ends, **white}]


def _range(values: np.ndarray) -> tuple[float, float]:
    """Return the ends of an axis that holds the values, and −1 to 1 in any case."""
    low, high = min(-1.0, float(np.nanmin(values))), max(1.0, float(np.nanmax(values)))
    return low - 0.1 * (high - low), high + 0.1 * (high - low)


def _trial_layout(task: Task, order: np.ndarray, inhibitory: int) -> dict[str, Any]:
    excitatory = len(order) - inhibitory
    ticks = [(n, name) for n, name in ((excitatory, "excitatory"), (inhibitory, "inhibitory")) if n]
    middles = [excitatory / 2, excitatory + inhibitory / 2][-len(ticks) :]
    units = figures.axis("", domain=[0, 0.52], autorange="reversed", showgrid=False)
    units |= {"tickvals": middles, "ticktext": [name for _, name in ticks], "tickangle": -90}
    last = task.dt * (task.steps - 1)
    time = figures.axis("time in the trial (ms)", anchor="y3", range=[0, last], showgrid=False)
    time["unifiedhovertitle"] = {"text": "%{x} ms"}
    layout = figures.layout(time, figures.axis("inputs", domain=[0.82, 1], nticks=4), hoversubplots="axis")
    layout |= {"yaxis2": figures.axis("output", domain=[0.56, 0.78], nticks=5), "yaxis3": units}
    layout["legend"] |= {"y": 1.07}
    names = [(name, *period) for name, period in task.periods.items() if period[0] < period[1]]
    layout["annotations"] = [
        figures.note(
            name.replace("stimulus ", "s").replace("stimulus", "s").replace("fixation", "fix."),
            task.dt * (start + stop) / 2,
            1.0,
            xref="x",
            yanchor="bottom",
            font={"size": 10},
        )
        for name, start, stop in names
    ]
    layout["margin"] = {"l": 58, "r": 14, "t": 10, "b": 46}
    return layout


def _answer(task: Task, one: xr.Dataset, without: xr.Dataset | None, pulse: float | None) -> tuple[str, dict[str, str]]:
    """Return the sentence about the answer, and its numbers."""
    name = task.conditions[int(one.label)]
    mean, expected, correct = _response(one), float(one.target.where(one.mask > 0).mean()), bool(one.correct)
    verdict = "correct" if correct else "wrong"
    text = (
        f"Condition {name}, {verdict}: the output is on average {signed(mean, 2)} in the response window, and "
        f"{signed(expected, 0)} is expected (one simulated trial)."
    )
    values = {"condition": name, "mean output in the response": f"{mean:.4f}", "target": f"{expected:g}"}
    values["answer"] = verdict
    if without is not None:
        plain = _response(without.isel(trial=0))
        text += f" Without the pulse at {pulse:g} ms, the output of the same trial is {signed(plain, 2)}"
        text += ": the pulse reverses the answer." if plain * mean < 0 and abs(expected) > 0 else "."
        values["mean output without the pulse"] = f"{plain:.4f}"
    return text, values


def _response(one: xr.Dataset) -> float:
    """Return the mean output in the response window."""
    return float(one.outputs.where(one.mask > 0).mean())


def accuracy(tests: Mapping[float, xr.Dataset], view: Any, varied: str, *, complete: bool) -> Answer:
    """Return the accuracy by both scores against one parameter; the first of the tests is that of the view."""
    own = next(iter(tests))
    ordered = sorted(tests)
    joined = xr.concat([tests[value].isel(network=0, delay=0, drop=True) for value in ordered], "value")
    data = joined.assign_coords(value=("value", ordered, {"long_name": AXES[varied]})).rename(value=varied)
    data.attrs = dict(tests[own].attrs)
    traces = []
    for number, (score, label) in enumerate(SCORE_NAMES.items()):
        selected = data.sel(score=score)
        middle, bounds = selected.accuracy.values, selected.accuracy_interval.values
        bars = {"type": "data", "symmetric": False, "thickness": 1, "width": 2}
        bars |= {"array": (bounds[:, 1] - middle).tolist(), "arrayminus": (middle - bounds[:, 0]).tolist()}
        traces.append(
            figures.points(ordered, middle, label, number, mode="lines+markers", error_y=bars, hovertemplate="%{y:.2f}")
        )
    vertical = figures.axis("fraction of correct trials", range=[0, 1.05])
    mark = figures.marker_line(own, editable=True, name=varied)
    layout = figures.layout(AXES[varied], vertical, shapes=[mark])
    layout["margin"] |= {"t": 40}  # of the legend, for which an update of the figure does not make room
    sentence, values = _answered(tests[own].isel(network=0, delay=0), view)
    return Answer({"accuracy": {"data": traces, "layout": layout}}, sentence, data, values, complete)


def _answered(here: xr.Dataset, view: Any) -> tuple[str, dict[str, str]]:
    """Return the sentence about the accuracy at the view itself, and its numbers."""
    task, trials = view.own_task(), view.trials
    counts = {score: round(float(here.accuracy.sel(score=score)) * trials) for score in SCORES}
    low, high = here.accuracy_interval.sel(score="strict").values
    delay = f"at a delay of {view.value_of('delay'):g} ms with" if "delay" in task.periods else "with"
    sentence = (
        f"This network answers {counts['strict']} of {trials} trials by the mean output (95 % interval {low:.2f} to "
        f"{high:.2f}), and {counts['threshold']} by the threshold score, {delay} "
        f"internal noise {view.internal:g} and input noise {view.input_noise:g} (simulated"
        f"{', without the pulse' if view.pulse else ''})."
    )
    values = {
        f"accuracy {label}": f"{counts[score]} of {trials} trials ({counts[score] / trials:.3f})"
        for score, label in SCORE_NAMES.items()
    }
    return sentence, values


def time_constants(network: TaskNetwork) -> Answer:
    """Return histograms of the time constants of excitatory and inhibitory units, and their means."""
    tau, excitatory = np.asarray(network.tau), network.excitatory
    edges = np.linspace(min(tau.min(), 20.0), max(tau.max(), 125.0), BINS)
    traces, means = [], {}
    for name, units in (("excitatory", excitatory), ("inhibitory", ~excitatory)):
        if not units.any():
            continue
        means[name] = float(tau[units].mean())
        counts, _ = np.histogram(tau[units], edges)
        bars = {"type": "bar", "x": ((edges[1:] + edges[:-1]) / 2).tolist(), "y": counts.tolist(), "opacity": 0.65}
        bars |= {"width": float(edges[1] - edges[0]), "name": f"{name}, {units.sum()} units"}
        traces.append(bars | {"marker": {"color": COLOURS[CELL_TYPES[name]]}, "hovertemplate": "%{y} units"})
    layout = figures.layout("time constant τ (ms)", "number of units", barmode="overlay")
    each = [f"{value:.0f} ms in {name} units" for name, value in means.items()]
    text = f"The mean time constant is {' and '.join(each)}."
    data = xr.Dataset(
        {"tau": ("unit", tau, {"units": "ms"}), "excitatory": ("unit", excitatory)}, attrs={"method": "exact"}
    )
    values = {f"mean τ of {name} units": f"{value:.2f} ms" for name, value in means.items()}
    return Answer({"tau": {"data": traces, "layout": layout}}, text, data, values)


def spectrum(state: xr.Dataset, decomposition: xr.Dataset) -> Answer:
    """Return the eigenvalues of the Jacobian at a mean state, coloured by the localisation of left eigenvectors.

    Parameters
    ----------
    state : mean state for one stimulus, as returned by `delay_state`
    decomposition : its modes
    """
    real, imaginary = (decomposition.eigenvalue.sel(part=part).values for part in ("real", "imaginary"))
    ipr = decomposition.ipr_left.values
    colours = {"color": ipr.tolist(), "colorscale": figures.SEQUENTIAL, "cmin": 0, "cmax": LONGEST_BAR, "size": 6}
    colours["colorbar"] = {"title": {"text": "IPR of the left eigenvector", "side": "right"}, "thickness": 12}
    places = figures.points(
        real, imaginary, "mode", marker=colours, hovertemplate="λ = %{x:.1f} + %{y:.1f} i, IPR %{marker.color:.2f}"
    )
    layout = figures.layout("Re λ (1/s)", "Im λ (1/s)", hovermode="closest", showlegend=False)
    slowest, residual = float(real[0]), float(state.residual)
    scale = "which grows" if slowest > 0 else f"which decays with a time constant of {-1000 / slowest:.0f} ms"
    spread = float(participation(as_vector(decomposition)))
    text = (
        f"Slowest mode about the mean state ({state.attrs['window']}): Re λ = {signed(slowest)}/s, {scale}, spread "
        f"over about {spread:.0f} units."
    )
    if residual > SMALL_RESIDUAL:
        text += (
            f" The mean state is no fixed point (residual {residual:.1f}): these are rates of small deviations there, "
            "not the time for which the memory lasts."
        )
    values = {
        "slowest Re λ": f"{slowest:.4f} /s",
        "IPR of the slowest mode": f"{ipr[0]:.4f}",
        "residual of the mean state": f"{residual:.4f}",
    }
    data = decomposition[["eigenvalue", "ipr_left", "largest"]].reset_coords(drop=True)
    return Answer({"spectrum": {"data": [places], "layout": layout}}, text, data, values)


def as_vector(decomposition: xr.Dataset) -> np.ndarray:
    """Return the left eigenvector of the slowest mode."""
    left = decomposition.left.isel(mode=0)
    return left.sel(part="real").values + 1j * left.sel(part="imaginary").values


def paths(components: xr.Dataset, task: Task) -> Answer:
    """Return the mean trajectories of all conditions in the space of three principal components."""
    time, traces = components.time.values, []
    spans = {name: span for name, span in task.periods.items() if span[0] < span[1] and name != "fixation"}
    symbols = ("circle", "square", "diamond", "cross", "x", "circle-open")
    for number, name in enumerate(components.condition.values):
        x, y, z = components.projection.sel(condition=name).values.round(3).T
        line = figures.line(x, y, str(name), number, type="scatter3d", z=z.tolist(), line={"width": 5})
        traces.append(line | {"customdata": time.tolist(), "hovertemplate": "%{customdata:.0f} ms"})
    starts = [int(np.searchsorted(time, task.dt * start)) for start, _ in spans.values()]
    for (name, _), place, symbol in zip(spans.items(), starts, symbols, strict=False):
        x, y, z = components.projection.isel(time=min(place, len(time) - 1)).values.round(3).T
        marks = figures.points(x, y, f"start of {name}", type="scatter3d", z=z.tolist(), hoverinfo="name")
        traces.append(marks | {"marker": {"size": 5, "symbol": symbol, "color": figures.NEUTRAL}})
    share = float(components.explained.values[:3].sum())
    text = (
        f"Three principal components hold {100 * share:.0f} % of the variance of the mean states of "
        f"{len(components.condition)} conditions."
    )
    data = components[["projection", "explained"]]
    return Answer({"paths": _space(traces)}, text, data, {"variance of three components": f"{share:.4f}"})


def _space(traces: list[dict[str, Any]]) -> Figure:
    """Return a figure in three dimensions."""
    axes = {f"{axis}axis": figures.axis(f"PC {n}", showbackground=False, nticks=5) for n, axis in enumerate("xyz", 1)}
    for axis in axes.values():
        del axis["automargin"]
        axis["title"] = {"text": axis["title"]["text"]}
    hidden = {"visible": False}
    layout = figures.layout(hidden, hidden, hovermode="closest", scene=axes | {"aspectmode": "cube"})
    layout["scene"] |= {
        "domain": {"y": [0.2, 1]},
        "camera": {"eye": {"x": 1.6, "y": 1.6, "z": 1.0}, "center": {"z": -0.15}},
    }
    layout |= {"margin": {"l": 0, "r": 0, "t": 0, "b": 0}}
    layout["legend"] = {"orientation": "h", "y": 0, "yanchor": "bottom", "x": 0, "font": {"size": 11}}
    return {"data": traces, "layout": layout}
