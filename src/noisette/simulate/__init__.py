"""Simulation: one driver for every network, with streaming probes; fixed points in frozen noise."""

from noisette.simulate._continuous import stable_step
from noisette.simulate._relax import relaxed
from noisette.simulate._simulate import simulate

__all__ = ["relaxed", "simulate", "stable_step"]
