"""Noise: random processes added to the units of a network in each step.

A noise is defined by two pure functions, ``init`` and ``sample``. Noises can be added (``a + b``), scaled
(``3 * a``) and gated in time. In continuous time a strength σ is an intensity per unit time (Itô): a step of dt adds
σ √dt ξ with ξ ~ N(0, 1). In discrete time, where dt = 1, the same strength is the standard deviation per step.
"""

from noisette.noise._base import Noise, Sum, as_strength, per_unit, spectrum_of
from noisette.noise._own import own_noises as own_noises
from noisette.noise._own import try_noise as try_noise
from noisette.noise._spectrum import NO_NOISE as NO_NOISE
from noisette.noise._spectrum import NoiseSpectrum
from noisette.noise._words import from_string
from noisette.noise.channels import Channels
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.noise.conventions import CONVENTIONS, from_convention
from noisette.noise.correlated import Correlated
from noisette.noise.gated import Gated, Pulse
from noisette.noise.independent import Independent, Stable
from noisette.noise.jumps import SampleAndHold, Shot, Telegraph
from noisette.noise.placed import PLACES, Place, Placed, by_place, has_values
from noisette.noise.spectra import BandLimited, PowerLaw, from_autocovariance
from noisette.noise.white import Common, White

__all__ = [
    "CONVENTIONS",
    "PLACES",
    "BandLimited",
    "Channels",
    "Common",
    "Correlated",
    "Frozen",
    "Gated",
    "Independent",
    "Noise",
    "NoiseSpectrum",
    "OrnsteinUhlenbeck",
    "Place",
    "Placed",
    "PowerLaw",
    "Pulse",
    "SampleAndHold",
    "Shot",
    "Stable",
    "Sum",
    "Telegraph",
    "White",
    "as_strength",
    "by_place",
    "from_autocovariance",
    "from_convention",
    "from_string",
    "has_values",
    "per_unit",
    "spectrum_of",
]
