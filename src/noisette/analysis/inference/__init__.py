"""Networks from recordings of their activity: gain, couplings and noise, with intervals."""

from noisette.analysis.inference._effective_gain import effective_gain
from noisette.analysis.inference._kinetic_ising import kinetic_ising
from noisette.analysis.inference._linear_network import linear_network
from noisette.analysis.inference._recordings import read_recording as read_recording
from noisette.analysis.inference._recordings import time_step as time_step

__all__ = ["effective_gain", "kinetic_ising", "linear_network"]
