"""Plots of results: a common style, and one function for each kind of dataset."""

from noisette.plots.chaos import eigenvalues, lyapunov_curve
from noisette.plots.correlations import correlation_curve
from noisette.plots.curves import information_curves
from noisette.plots.matrices import joint_matrix
from noisette.plots.style import COLOURS, SERIES, figure, letter, save, style
from noisette.plots.task_networks import (
    boxes,
    condition_outputs,
    group_rates,
    localised_spectrum,
    time_constants,
)
from noisette.plots.traces import traces
from noisette.plots.transitions import transition_diagram

__all__ = [
    "COLOURS",
    "SERIES",
    "boxes",
    "condition_outputs",
    "correlation_curve",
    "eigenvalues",
    "figure",
    "group_rates",
    "information_curves",
    "joint_matrix",
    "letter",
    "localised_spectrum",
    "lyapunov_curve",
    "save",
    "style",
    "time_constants",
    "traces",
    "transition_diagram",
]
