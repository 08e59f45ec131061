"""Noise: what is added to the input of every unit in every step.

A noise is a process with a pair of pure functions, ``init`` and ``sample``. Noises add (``a + b``), scale
(``3 * a``) and are gated in time. In continuous networks a strength σ is an intensity per unit time (Itô): one
step adds σ √dt ξ. In discrete networks, whose dt is 1, the same strength is the standard deviation per step.
"""

from noisette.noise._base import Noise, Sum, as_strength, per_unit, spectrum_of
from noisette.noise._spectrum import NoiseSpectrum
from noisette.noise._words import from_string
from noisette.noise.channels import Channels
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.noise.conventions import CONVENTIONS, from_convention
from noisette.noise.gated import Gated, Pulse
from noisette.noise.white import Common, White

__all__ = [
    "CONVENTIONS",
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
    "as_strength",
    "from_convention",
    "from_string",
    "per_unit",
    "spectrum_of",
]
