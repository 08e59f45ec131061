"""Plots: one style, one function for each kind of result; they see only datasets."""

from noisette.plots.curves import information_curves
from noisette.plots.matrices import joint_matrix
from noisette.plots.style import COLOURS, figure, letter, save, style
from noisette.plots.transitions import transition_diagram

__all__ = [
    "COLOURS",
    "figure",
    "information_curves",
    "joint_matrix",
    "letter",
    "save",
    "style",
    "transition_diagram",
]
