"""Simulation: one driver for every network, with streaming probes; fixed points in frozen noise."""

from noisette.simulation._relax import relaxed
from noisette.simulation._simulate import simulate
from noisette.simulation._step_size import stable_step

__all__ = ["relaxed", "simulate", "stable_step"]
