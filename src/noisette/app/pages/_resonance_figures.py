"""Figures and sentences of the page about recurrence resonance."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.analysis import Attractors, Optimum
from noisette.app import figures
from noisette.app.answers import Answer
from noisette.codes import encode
from noisette.plots import SERIES, transition_layout

SHOWN, PULSE = 200, 100  # number of steps that are shown, and the step of the pulse
LIKELY = 0.02  # smallest probability of a transition that is drawn
NAMES = {"entropy": "entropy H", "information": "information I", "divergence": "divergence D"}


def curve(data: xr.Dataset, noise: float) -> Answer:
    """Return the curves of entropy, information and divergence, with a mark at a noise that can be dragged."""
    r = data.noise.values
    traces = []
    for number, (name, label) in enumerate(NAMES.items()):
        error = data[f"{name}_se"].values if f"{name}_se" in data else None
        make = figures.line if error is None else figures.points
        options = {} if error is None else {"error": error}
        traces.append(make(r, data[name].values, label, number, hovertemplate="%{y:.3f} bit", **options))
    mark = figures.marker_line(noise, editable=True, name="noise")
    layout = figures.layout("noise r (per step)", "bit", shapes=[mark])
    information = data.information.values
    known = np.isfinite(information)
    best = int(np.nanargmax(information)) if known.any() else 0
    here = float(np.interp(noise, r[known], information[known])) if known.any() else float("nan")
    sentence = (
        f"At r = {noise:g}, successive states share {here:.2f} bit; on this curve the largest value is "
        f"{information[best]:.2f} bit at r = {r[best]:g} ({data.attrs['method']}, {data.attrs['estimator']})."
    )
    values = {"I at the noise": f"{here:.4f} bit", "largest I": f"{information[best]:.4f} bit at r = {r[best]:g}"}
    return Answer({"curve": {"data": traces, "layout": layout}}, sentence, data, values)


def optimum(found: Optimum) -> Answer:
    """Return the sentence about the optimal noise."""
    data = xr.Dataset({"optimal_noise": found.noise, "optimal_information": found.information})
    values = {"r_opt": f"{found.noise:.4f}", "I at r_opt": f"{found.information:.4f} bit"}
    return Answer({}, str(found), data.assign_attrs(kind=found.kind), values)


def too_many_states(size: int) -> Answer:
    """Return the answer for a network whose states are too many to be drawn."""
    text = f"{size} units have 2^{size} states, too many to draw"
    return Answer({"joint": figures.empty(text), "graph": figures.empty(text)}, "", xr.Dataset())


def states(pairs: np.ndarray, transitions: np.ndarray, found: Attractors, view: Any) -> Answer:
    """Return the matrix of joint probabilities, the graph of transitions, and the regime of the network."""
    codes = list(range(len(pairs)))
    cells = figures.heatmap(
        pairs.T, "probability", codes, y=codes, hovertemplate="%{x} → %{y}: %{z:.4f}<extra></extra>"
    )
    square = figures.layout("state s(t)", "next state s(t + 1)", hovermode="closest", showlegend=False)
    text, values = regime(transitions, found, view)
    data = xr.Dataset(
        {"joint": (("state", "next_state"), pairs), "transition": (("state", "next_state"), transitions)},
        {"state": codes, "next_state": codes},
        {"method": "exact", "estimator": "fixed-start", "noise": view.noise},
    )
    graph = _graph(transitions, found)
    return Answer({"joint": {"data": [cells], "layout": square}, "graph": graph}, text, data, values)


def regime(transitions: np.ndarray, found: Attractors, view: Any) -> tuple[str, dict[str, str]]:
    """Return a sentence that says whether a run leaves its attractor, and its relaxation times.

    A positive eigenvalue λ of the transition matrix is a mode that decays within −1/ln λ steps. The number of modes
    that last longer than the run is the number of sets of states that it does not connect.
    """
    eigenvalues = np.linalg.eigvals(transitions)
    real = np.sort(eigenvalues.real[(abs(eigenvalues.imag) < 1e-9) & (eigenvalues.real > 0)])[::-1]
    times = np.full(len(real), np.inf)
    decaying = real < 1 - 1e-14
    times[decaying] = -1 / np.log(real[decaying])
    sets = max(1, int((times > view.steps).sum()))
    slowest = float(times[decaying].max(initial=0.0))
    attractors = len(found.sets)
    relaxation = f"{slowest:.3g} steps" if slowest else "none"
    values = {"attractors of the sign map": str(attractors), "slowest relaxation": relaxation}
    if sets > 1:
        text = (
            f"Trapped: within N_T = {view.steps} steps, a run stays in one of {sets} sets of states that the noise "
            f"r = {view.noise:g} does not connect."
        )
    elif attractors == 1:
        text = "There is a single attractor: noise can only disturb the sequence of states."
    elif slowest < 2:
        text = f"Noise dominates: a state is forgotten after {slowest:.2g} steps."
    else:
        text = (
            f"Noise connects all {attractors} attractors: the slowest relaxation takes {slowest:.3g} of "
            f"N_T = {view.steps} steps."
        )
    return text, values


def _graph(transitions: np.ndarray, found: Attractors) -> dict[str, Any]:
    recurrent = np.isin(np.arange(len(transitions)), [code for each in found.sets for code in each])
    positions = transition_layout(transitions, np.asarray(found.labels), LIKELY)
    arrows = [
        {
            "x": positions[b, 0],
            "y": positions[b, 1],
            "ax": positions[a, 0],
            "ay": positions[a, 1],
            **{"xref": "x", "yref": "y", "axref": "x", "ayref": "y", "showarrow": True, "text": ""},
            **{"arrowhead": 2, "arrowsize": 0.9, "standoff": 9, "startstandoff": 9, "arrowcolor": figures.NEUTRAL},
            "arrowwidth": 0.6 + 2.0 * float(transitions[a, b]) ** 0.5,
            "opacity": float(np.clip(0.25 + 0.75 * transitions[a, b], 0, 1)),
        }
        for a, b in np.argwhere(transitions >= LIKELY)
        if a != b
    ]
    nodes = {
        "type": "scatter",
        "mode": "markers+text",
        "x": positions[:, 0].tolist(),
        "y": positions[:, 1].tolist(),
        "text": [str(code) for code in range(len(transitions))],
        "textfont": {"size": 9, "color": "white"},
        "customdata": np.diag(transitions).tolist(),
        "hovertemplate": "state %{text}<br>stays with probability %{customdata:.3f}<extra></extra>",
        "marker": {
            "size": 20,
            "color": [SERIES[k % len(SERIES)] for k in found.labels],
            "line": {"width": np.where(recurrent, 3, 0).tolist(), "color": "#f0c000"},
        },
    }
    hidden = {"visible": False}
    layout = figures.layout(hidden, hidden | {"scaleanchor": "x"}, showlegend=False, hovermode="closest")
    layout |= {"annotations": arrows, "margin": {"l": 8, "r": 8, "t": 8, "b": 8}}
    return {"data": [nodes], "layout": layout}


def run(data: xr.Dataset, view: Any) -> Answer:
    """Return the raster of one run, with the pulse marked."""
    trace = data.trace.isel(run=0)
    raster = figures.heatmap(
        trace.values.T,
        "state",
        trace.time.values.tolist(),
        zmin=-1,
        zmax=1,
        colorscale=[[0, "#d9d9d9"], [1, SERIES[0]]],
        showscale=False,
        hovertemplate="step %{x}, unit %{y}: %{z}<extra></extra>",
    )
    units = figures.axis("unit", autorange="reversed", dtick=1 if trace.sizes["unit"] <= 12 else None)
    shapes = [figures.marker_line(PULSE + 0.5, "information")] if view.pulse else []
    layout = figures.layout("step", units, showlegend=False, hovermode="closest", shapes=shapes)
    visited, text = "", ""
    if trace.sizes["unit"] <= 62:
        codes = encode(trace.values)
        number = len(np.unique(codes))
        visited = f"{number} state{'s' if number > 1 else ''} in {len(codes)} steps"
        text = f"This run visits {visited}."
        if view.pulse:
            before, after = int(codes[PULSE]), int(codes[-1])
            change = "ends in the state that it had" if before == after else f"ends in state {after}"
            text = f"Before the pulse the run is in state {before}; it {change}. It visits {visited}."
    return Answer({"raster": {"data": [raster], "layout": layout}}, text, data, {"visited": visited} if visited else {})
