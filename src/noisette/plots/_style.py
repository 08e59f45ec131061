"""Common style of all figures: colours that colour-blind readers can distinguish, thin axes, readable font sizes."""

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import matplotlib
from cycler import cycler
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import is_color_like
from matplotlib.figure import Figure

from noisette.arguments import check_arguments, nearest
from noisette.disk import atomic_write, disk_error
from noisette.errors import real_number, require

#: Colours by name: palette of Okabe and Ito, with wine of Tol, which differs more from blue than sky does.
COLOURS = {
    "entropy": "#0072B2",
    "information": "#D55E00",
    "divergence": "#009E73",
    "black": "#000000",
    "grey": "#767676",
    "sky": "#56B4E9",
    "orange": "#E69F00",
    "purple": "#CC79A7",
    "yellow": "#F0E442",
    "wine": "#882255",
}
#: Colours of successive curves.
SERIES = [COLOURS[n] for n in ("entropy", "information", "divergence", "purple", "orange", "wine", "black", "grey")]
RC: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9,
    "legend.fontsize": 8,
    "xtick.labelsize": 8,
    "ytick.labelsize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.linewidth": 0.8,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
    "figure.dpi": 150,
    "savefig.dpi": 200,
    "axes.prop_cycle": cycler(color=SERIES),
    "pdf.fonttype": 42,
}


def colour_of(name: str) -> str:
    """Return a colour given by its name in `COLOURS`, or in any form that Matplotlib knows.

    Examples
    --------
    >>> colour_of("grey") == COLOURS["grey"], colour_of("#ff0000")
    (True, '#ff0000')
    """
    known = ", ".join(COLOURS)
    allowed = f"{known}, or a colour of Matplotlib"
    require(name in COLOURS or is_color_like(name), f"colour {name!r}", allowed, nearest(name, COLOURS))
    return COLOURS.get(name, name)


@check_arguments
def figure(width: float, height: float, **layout: Any) -> Figure:
    """Return an empty figure without a graphical back-end, to be used within `style`.

    Parameters
    ----------
    width, height : size in inches
    **layout : further arguments of `matplotlib.figure.Figure`

    Examples
    --------
    >>> axes = figure(4, 3).subplots()
    >>> axes.get_xlabel()
    ''
    """
    for name, size in (("width", width), ("height", height)):
        real_number(size, name, "inches between 0 and 1000", lambda inches: 0 < inches < 1000)
    fig = Figure(figsize=(float(width), float(height)), layout="constrained", dpi=RC["figure.dpi"], **layout)
    FigureCanvasAgg(fig)
    return fig


def style() -> AbstractContextManager[None]:
    """Return a context manager that applies the style of Noisette's figures.

    Examples
    --------
    >>> with style():
    ...     axes = figure(4, 3).subplots()
    >>> axes.spines["top"].get_visible()
    False
    """
    return matplotlib.rc_context(RC)


@check_arguments
def letter(axes: Axes, text: str) -> None:
    """Label a panel with a letter, outside its upper left corner.

    Parameters
    ----------
    axes : axes of the panel
    text : letter, such as "a"
    """
    axes.annotate(
        text,
        (0, 1),
        xytext=(-24, 7),
        xycoords="axes fraction",
        textcoords="offset points",
        fontweight="bold",
        fontsize=11,
        va="bottom",
    )


@check_arguments
def save(drawing: Figure, stem: str | Path) -> list[Path]:
    """Save a figure as PNG and PDF; each file is written under a unique temporary name and then renamed.

    Several processes may save figures under the same name: each file is then the complete figure of one of them.

    Parameters
    ----------
    drawing : figure to save
    stem : path of the files without suffix; missing folders are created

    Returns
    -------
    paths of the two files

    Raises
    ------
    InputError : If a file cannot be written, for instance because the disk is full.
    """
    stem = Path(stem)
    paths = [stem.with_name(f"{stem.name}{suffix}") for suffix in (".png", ".pdf")]
    try:
        stem.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, paths[0]) from error
    for path in paths:
        with atomic_write(path) as temporary, style(), _without_warnings_about_fonts():
            drawing.savefig(temporary, metadata={"CreationDate": None} if path.suffix == ".pdf" else None)
    return paths


@contextmanager
def _without_warnings_about_fonts() -> Iterator[None]:
    """Suppress warnings about dates in the files of fonts that come with Matplotlib."""
    logger = logging.getLogger("fontTools")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
