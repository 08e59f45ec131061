"""Noise: random processes added to the units of a network in each step.

A noise is defined by two pure functions, ``init`` and ``sample``. Noises can be added (``a + b``), scaled
(``3 * a``) and gated in time. In continuous time a strength σ is an intensity per unit time (Itô): a step of dt adds
σ √dt ξ with ξ ~ N(0, 1). In discrete time, where dt = 1, the same strength is the standard deviation per step.
"""

from noisette.noise._base import Noise, Sum, as_strength, per_unit, spectrum_of
from noisette.noise._conformance import Integrator as Integrator
from noisette.noise._conformance import conformance
from noisette.noise._own import own_noises as own_noises
from noisette.noise._own import try_noise as try_noise
from noisette.noise._recording import record
from noisette.noise._replay import prepared as prepared
from noisette.noise._replay import records_of as records_of
from noisette.noise._spectrum import NO_NOISE as NO_NOISE
from noisette.noise._spectrum import NoiseSpectrum
from noisette.noise._words import from_string
from noisette.noise.by_population import ByPopulation
from noisette.noise.by_population import noises_of_populations as noises_of_populations
from noisette.noise.channels import Channels
from noisette.noise.coloured import Frozen, OrnsteinUhlenbeck
from noisette.noise.conventions import CONVENTIONS, from_convention
from noisette.noise.correlated import Correlated
from noisette.noise.gated import Gated, Pulse
from noisette.noise.independent import Independent, Stable
from noisette.noise.jumps import SampleAndHold, Shot, Telegraph
from noisette.noise.placed import PLACES, Placed, by_place
from noisette.noise.placed import Place as Place
from noisette.noise.recorded import Recorded
from noisette.noise.spectra import BandLimited, PowerLaw, from_autocovariance
from noisette.noise.white import Common, White

__all__ = [
    "CONVENTIONS",
    "PLACES",
    "BandLimited",
    "ByPopulation",
    "Channels",
    "Common",
    "Correlated",
    "Frozen",
    "Gated",
    "Independent",
    "Noise",
    "NoiseSpectrum",
    "OrnsteinUhlenbeck",
    "Placed",
    "PowerLaw",
    "Pulse",
    "Recorded",
    "SampleAndHold",
    "Shot",
    "Stable",
    "Sum",
    "Telegraph",
    "White",
    "as_strength",
    "by_place",
    "conformance",
    "from_autocovariance",
    "from_convention",
    "from_string",
    "per_unit",
    "record",
    "spectrum_of",
]
