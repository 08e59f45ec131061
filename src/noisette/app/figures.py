"""Figures in the form that Plotly.js expects, with the colours of all other figures.

Colours of text and grid are set by the style sheet, so that figures follow the colour scheme of the page.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from noisette.app.answers import Figure
from noisette.plots import COLOURS, SERIES

SEQUENTIAL, DIVERGING = "Viridis", "RdBu"
NEUTRAL = "#8a8a8a"  # legible on light and on dark ground, for what the style sheet does not reach


def axis(title: str, **options: Any) -> dict[str, Any]:
    """Return an axis with a title, which includes the unit."""
    common = {"title": {"text": title, "standoff": 6}, "zeroline": False, "automargin": True}
    return common | {"linecolor": NEUTRAL, "gridcolor": "rgba(138,138,138,0.25)"} | options


def layout(x: str | Mapping[str, Any], y: str | Mapping[str, Any], **options: Any) -> dict[str, Any]:
    """Return the layout of a figure with one pair of axes.

    Parameters
    ----------
    x, y : axes or their titles
    options : further entries of the layout
    """
    return {
        "xaxis": axis(x) if isinstance(x, str) else dict(x),
        "yaxis": axis(y) if isinstance(y, str) else dict(y),
        "margin": {"l": 58, "r": 14, "t": 10, "b": 46},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"size": 12, "color": NEUTRAL},
        "hovermode": "x unified",
        "showlegend": True,
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        "uirevision": "view",
        **options,
    }


def line(x: ArrayLike, y: ArrayLike, name: str, colour: int | str = 0, **options: Any) -> dict[str, Any]:
    """Return a curve.

    Parameters
    ----------
    x, y : coordinates
    name : name in the legend
    colour : index of a series, or a name of `plots.COLOURS`
    options : further entries of the curve
    """
    style = {"color": _colour(colour), "width": 2} | options.pop("line", {})
    return {"type": "scatter", "mode": "lines", "x": _list(x), "y": _list(y), "name": name, "line": style} | options


def points(
    x: ArrayLike, y: ArrayLike, name: str, colour: int | str = 0, error: ArrayLike | None = None, **options: Any
) -> dict[str, Any]:
    """Return points, with error bars of one standard error if `error` is given."""
    marker = {"color": _colour(colour), "size": 6} | options.pop("marker", {})
    bars = {} if error is None else {"error_y": {"type": "data", "array": _list(error), "thickness": 1, "width": 2}}
    entries = {"type": "scatter", "mode": "markers", "x": _list(x), "y": _list(y), "name": name, "marker": marker}
    return entries | bars | options


def heatmap(z: ArrayLike, title: str, x: Sequence[Any] | None = None, **options: Any) -> dict[str, Any]:
    """Return a matrix shown by colours, row 0 at the top if the vertical axis is reversed.

    Parameters
    ----------
    z : matrix
    title : title of the colour bar
    x : coordinates of the columns
    options : further entries
    """
    bar = {"title": {"text": title, "side": "right"}, "thickness": 12, "outlinewidth": 0}
    entries = {"type": "heatmap", "z": np.asarray(z).tolist(), "colorbar": bar, "colorscale": SEQUENTIAL}
    return entries | ({} if x is None else {"x": list(x)}) | options


def marker_line(x: float, colour: str = "grey", **options: Any) -> dict[str, Any]:
    """Return a vertical line across a figure."""
    style = {"color": _colour(colour), "width": 2, "dash": "dot"}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": style} | options


def note(text: str, x: float, y: float, **options: Any) -> dict[str, Any]:
    """Return a short text in a figure, at coordinates between 0 and 1."""
    return {"text": text, "x": x, "y": y, "xref": "paper", "yref": "paper", "showarrow": False} | options


def empty(text: str) -> Figure:
    """Return a figure that consists of a text, such as the reason why nothing is drawn."""
    hidden = {"visible": False}
    return {"data": [], "layout": layout(hidden, hidden, annotations=[note(text, 0.5, 0.5)], showlegend=False)}


def _colour(colour: int | str) -> str:
    if isinstance(colour, int):
        return SERIES[colour % len(SERIES)]
    return COLOURS.get(colour, colour)


def _list(values: ArrayLike) -> list[Any]:
    array = np.asarray(values)
    if array.dtype.kind != "f":
        return array.tolist()
    return [value if np.isfinite(value) else None for value in array.tolist()]


__all__ = ["axis", "empty", "heatmap", "layout", "line", "marker_line", "note", "points"]
