"""State-transition graphs."""

import networkx as nx
import numpy as np
from jaxtyping import Bool, Float, Int
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection

from noisette.arguments import check_arguments
from noisette.errors import real_array, real_number, require
from noisette.plots._style import COLOURS, SERIES

SEPARATION = 0.1  # smallest distance of two states, as a fraction of the extent of the diagram


@check_arguments
def transition_diagram(
    axes: Axes,
    probability: Float[np.ndarray, "before after"],
    attractor: Int[np.ndarray, " before"],
    recurrent: Bool[np.ndarray, " before"],
    *,
    min_probability: float = 0.05,
) -> None:
    """Draw states as dots and likely transitions as lines; colours mark basins, rings mark states of attractors.

    Parameters
    ----------
    axes : axes of the plot
    probability : transition matrix P(s(t+1) | s(t)), shape (K, K), with s(t) over rows
    attractor : index of the basin of each state, shape (K,)
    recurrent : whether each state belongs to an attractor, shape (K,)
    min_probability : smallest probability of a transition that is drawn; more likely transitions are darker

    Examples
    --------
    >>> from noisette.plots import figure
    >>> axes = figure(3, 3).subplots()
    >>> transition_diagram(axes, np.eye(2)[::-1], np.zeros(2, int), np.ones(2, bool))
    >>> len(axes.texts)
    2
    """
    shapes = f"arrays of shapes {probability.shape}, {attractor.shape} and {recurrent.shape}"
    require(attractor.shape == recurrent.shape == (len(probability),), shapes, "shapes (K, K), (K,) and (K,)")
    positions = transition_layout(probability, attractor, min_probability)
    _edges(axes, positions, probability, min_probability)
    colour = [SERIES[k % len(SERIES)] for k in attractor]
    axes.scatter(*positions.T, s=70, c=colour, edgecolors="white", linewidths=0.6, zorder=3)
    in_attractor = np.asarray(recurrent, bool)
    axes.scatter(
        *positions[in_attractor].T, s=140, facecolors="none", edgecolors=COLOURS["black"], linewidths=1.3, zorder=4
    )
    for code, (x, y) in enumerate(positions):
        axes.text(x, y, str(code), ha="center", va="center", fontsize=5.6, color="white", zorder=5)
    axes.set_axis_off()
    axes.margins(0.08)
    axes.set_aspect("equal", adjustable="datalim")


@check_arguments
def transition_layout(
    probability: Float[np.ndarray, "before after"],
    attractor: Int[np.ndarray, " before"],
    min_probability: float = 0.05,
) -> Float[np.ndarray, "before 2"]:
    """Return the positions of states in a transition diagram, such that linked states are close and none hides another.

    Parameters
    ----------
    probability : transition matrix P(s(t+1) | s(t)), shape (K, K), with s(t) over rows
    attractor : index of the basin of each state, shape (K,)
    min_probability : smallest probability of a transition that links two states

    Returns
    -------
    array of float64, shape (K, 2)

    Raises
    ------
    InputError : probabilities that are not finite, or arrays of other shapes.

    Examples
    --------
    >>> transition_layout(np.eye(2)[::-1], np.zeros(2, int)).shape
    (2, 2)
    """
    real_array(probability, "probabilities")
    real_number(min_probability, "min_probability")
    size = len(probability)
    shapes = f"arrays of shapes {probability.shape} and {attractor.shape}"
    require(size > 0 and probability.shape == (size, size) and len(attractor) == size, shapes, "shapes (K, K) and (K,)")
    graph = nx.Graph()
    graph.add_nodes_from(range(len(probability)))
    for a, b in np.argwhere(probability >= min_probability):
        if a != b:
            weight = probability[a, b] + (graph[a][b]["weight"] if graph.has_edge(a, b) else 0.0)
            graph.add_edge(int(a), int(b), weight=float(weight))
    # initially, each basin is an arc of a circle, with its states in the order in which they are visited
    order: list[int] = []
    code = 0
    while len(order) < len(probability):
        code = code if code not in order else next(c for c in np.argsort(attractor, kind="stable") if c not in order)
        order.append(int(code))
        code = int(np.argmax(probability[code]))
    angle = 2 * np.pi * np.arange(len(order)) / len(order)
    layout = {c: np.array([np.cos(a), np.sin(a)]) for c, a in zip(order, angle, strict=True)}
    if nx.is_connected(graph):  # the layout would drive separate components apart
        layout = nx.spring_layout(graph, k=0.9, pos=layout, seed=2, iterations=300)
    return _separated(np.array([layout[i] for i in range(len(probability))]))


def _separated(positions: np.ndarray) -> np.ndarray:
    """Move states apart until none hides another; return their positions.

    The distance of two dots must exceed a fraction of the extent of the diagram, since the size of the dots is fixed.
    Each iteration moves each pair that is too close by half of what is missing.
    """
    count = len(positions)
    fraction = min(SEPARATION, 0.7 / np.sqrt(count))  # many dots cannot all be that far apart
    for _ in range(500):
        difference = positions[:, None] - positions
        distance = np.linalg.norm(difference, axis=-1) + np.eye(count)
        missing = np.clip(fraction * np.ptp(positions, axis=0).max() - distance, 0, None) * (1 - np.eye(count))
        if missing.max(initial=0.0) < 1e-3 * fraction:
            break
        positions = positions + np.sum((0.5 * missing / distance)[..., None] * difference, axis=1)
    return positions


def _edges(axes: Axes, positions: np.ndarray, probability: np.ndarray, min_probability: float) -> None:
    """Draw a line for each likely transition, thick at its start and fading towards its end."""
    parts, colours, widths = [], [], []
    pieces = 8
    for a, b in np.argwhere(probability >= min_probability):
        if a == b:
            continue
        points = positions[a] + np.linspace(0, 1, pieces + 1)[:, None] * (positions[b] - positions[a])
        for i in range(pieces):
            parts.append(points[i : i + 2])
            fade = 1 - i / pieces
            colours.append((0.2, 0.2, 0.2, float(np.clip(0.15 + 0.85 * probability[a, b], 0, 1) * (0.25 + 0.6 * fade))))
            widths.append(0.4 + 1.8 * fade * probability[a, b] ** 0.5)
    axes.add_collection(LineCollection(parts, colors=colours, linewidths=widths, zorder=1))
