"""Simulation of networks with streaming probes, and fixed points in frozen noise."""

from noisette.simulation._fixed_points import find_fixed_points
from noisette.simulation._options import Adaptive, Stiff, TimeOptions, TrialOptions
from noisette.simulation._simulate import simulate
from noisette.simulation._step_size import stable_step
from noisette.simulation._step_stability import StepStability, step_stability

__all__ = [
    "Adaptive",
    "StepStability",
    "Stiff",
    "TimeOptions",
    "TrialOptions",
    "find_fixed_points",
    "simulate",
    "stable_step",
    "step_stability",
]
