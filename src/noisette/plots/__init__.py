"""Plots of results: a common style, and one function for each kind of dataset."""

from noisette.plots._chaos import eigenvalues, lyapunov_curve
from noisette.plots._correlations import correlation_curve
from noisette.plots._curves import information_curves, response_curve
from noisette.plots._matrices import joint_matrix
from noisette.plots._style import COLOURS, SERIES, figure, letter, save, style
from noisette.plots._synchronisation import distance_curves
from noisette.plots._task_networks import (
    boxes,
    condition_outputs,
    group_rates,
    localised_spectrum,
    time_constants,
)
from noisette.plots._traces import traces
from noisette.plots._transitions import transition_diagram, transition_layout

__all__ = [
    "COLOURS",
    "SERIES",
    "boxes",
    "condition_outputs",
    "correlation_curve",
    "distance_curves",
    "eigenvalues",
    "figure",
    "group_rates",
    "information_curves",
    "joint_matrix",
    "letter",
    "localised_spectrum",
    "lyapunov_curve",
    "response_curve",
    "save",
    "style",
    "time_constants",
    "traces",
    "transition_diagram",
    "transition_layout",
]
