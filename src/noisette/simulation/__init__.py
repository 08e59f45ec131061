"""Simulation: one driver for every network, with streaming probes; fixed points in frozen noise."""

from noisette.simulation._continuous import stable_step
from noisette.simulation._relax import relaxed
from noisette.simulation._simulate import simulate

__all__ = ["relaxed", "simulate", "stable_step"]
