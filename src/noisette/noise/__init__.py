"""Noise: what is added to the input of every unit in every step.

A noise is a process with a pair of pure functions, ``init`` and ``sample``. Noises add (``a + b``), scale
(``3 * a``) and are gated in time. In continuous networks a strength σ is an intensity per unit time (Itô): one
step adds σ √dt ξ. In discrete networks, whose dt is 1, the same strength is the standard deviation per step.
"""

from noisette.noise._base import Noise, Sum, spectrum_of
from noisette.noise._named import named
from noisette.noise._spectrum import NoiseSpectrum
from noisette.noise.channels import Channels
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.noise.conventions import CONVENTIONS, from_convention
from noisette.noise.gated import Gated, Pulse
from noisette.noise.white import Common, White

NOISES = {
    "White": "independent white noise, one strength or one a unit",
    "Common": "white noise that all units share",
    "OrnsteinUhlenbeck": "noise with a correlation time, stepped exactly",
    "Frozen": "a random input that never changes during a trial",
    "Channels": "a few signals, any noise, through a matrix",
    "Pulse": "noise for a short time only",
    "Gated": "any noise, while start ≤ t < stop",
    "Sum": "independent noises added: a + b",
}

__all__ = [
    "CONVENTIONS",
    "NOISES",
    "Channels",
    "Common",
    "Frozen",
    "Gated",
    "Noise",
    "NoiseSpectrum",
    "OrnsteinUhlenbeck",
    "Pulse",
    "Sum",
    "White",
    "from_convention",
    "named",
    "spectrum_of",
]
