"""Simulation: one driver for every network, with streaming probes."""

from noisette.simulate._continuous import stable_step
from noisette.simulate._simulate import simulate

__all__ = ["simulate", "stable_step"]
