"""Noises from strings, as used at the terminal and in study files."""

import math
import re
from functools import reduce
from operator import add
from types import NoneType
from typing import cast

from noisette.arguments import check_arguments, nearest
from noisette.array_files import read_array
from noisette.errors import require
from noisette.noise._base import Noise
from noisette.noise.channels import Channels
from noisette.noise.correlated import Correlated
from noisette.noise.gated import Gated
from noisette.noise.independent import Independent
from noisette.noise.placed import PLACES, Place, Placed
from noisette.noise.recorded import Recorded
from noisette.registry import lookup

PLUS = re.compile(r"(?<![\d.][eE])\+")  # excludes the plus sign of an exponent, as in 1e+3

# arguments that must be finite; the stop of a gate may be inf
NUMBERS = ("σ", "c", "s", "τ", "start", "duration", "dt", "rate", "a", "T", "ν", "α", "τ1", "τ2", "f")


@check_arguments
def from_string(text: str) -> Noise | None:
    """Return the noise that `text` names.

    Parameters
    ----------
    text : a noise, or a sum of independent noises joined by ``+``:

        =================================  ==========================================================================
        ``none``                           no noise: None
        ``white:σ``                        `White`
        ``common:c``                       `Common`
        ``frozen:s``                       `Frozen`
        ``ou:s,τ``                         `OrnsteinUhlenbeck`
        ``pulse:σ[,start[,duration]]``     `Pulse` of white noise; by default the first step
        ``gated:start,stop,NOISE``         `Gated`: NOISE while start ≤ t < stop; stop may be ``inf``
        ``at:PLACE,NOISE``                 `Placed`: NOISE at a place: activation, rate, synapses, inputs or readout
        ``channels:FILE[,NOISE]``          `Channels`: NOISE (white, σ = 1, by default) through the matrix in FILE
        ``correlated:FILE[,NOISE]``        `Correlated`: NOISE (white, σ = 1, by default) with the covariance in FILE
        ``telegraph:s,τ``                  `Telegraph`
        ``shot:rate,a[,τ]``                `Shot`; by default instantaneous pulses
        ``hold:s,T``                       `SampleAndHold`
        ``uniform:σ``, ``laplace:σ``       `Independent` of these distributions
        ``student:σ,ν``                    `Independent` of Student's distribution with ν degrees of freedom
        ``stable:α,c``                     `Stable`
        ``powerlaw:s,a,τ1,τ2``             `PowerLaw`; τ1 and τ2 are the shortest and the longest correlation time
        ``band:s,f,τ``                     `BandLimited`
        ``recorded:FILE[,dt]``             `Recorded`: the same path in every run; dt is that in FILE by default
        ``MODULE:NAME[:NUMBERS]``          a noise, or a class or function that returns a noise
        =================================  ==========================================================================

        FILE is an ``.npy``, ``.npz``, ``.csv``, ``.tsv``, ``.txt`` or ``.mat`` file; ``FILE:NAME`` selects one of
        several matrices in it. The matrix has one row per unit and one column per channel. Recorded noise is read from
        a file of `Recorded.save`, or from an array of increments per step. NOISE is a single noise, not
        a sum: gates and matrices apply to each term of a sum separately, and ``gated:0,5,white:1+gated:0,5,ou:1,3`` is
        a gated sum.

    Raises
    ------
    InputError : an unknown name, or invalid arguments.

    Examples
    --------
    >>> noise = from_string("ou:0.5,10")
    >>> float(noise.std), float(noise.tau)
    (0.5, 10.0)
    >>> from_string("none") is None
    True
    >>> type(from_string("white:0.1+frozen:1")).__name__
    'Sum'
    >>> burst = from_string("gated:10,20,noisette.noise:White:3")
    >>> float(burst.start), float(burst.noise.strength)
    (10.0, 3.0)
    """
    if text == "none":
        return None
    terms = PLUS.split(text) if isinstance(text, str) else [text]
    return reduce(add, [_term(term) for term in terms])


def _term(text: str) -> Noise:
    """Return the noise that a single term of a sum names."""
    name = lookup("noises", text.strip() if isinstance(text, str) else text, _is_noise)
    if name.imported:
        return name.build(lambda value: isinstance(value, Noise), "a noisette.noise.Noise")
    require(name.maker is not NoneType, f"noise {text!r} in a sum, a gate or channels", "leave it out")
    return name.call(
        *name.values({"NOISE": _term, "FILE": str, "PLACE": str, "stop": float, **dict.fromkeys(NUMBERS, _finite)})
    )


def _finite(text: str) -> float:
    """Return a finite number; raise `ValueError` for others."""
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


def _is_noise(value: object) -> bool:
    """Return whether an object in a user's module is a noise or a class of noises."""
    return isinstance(value, Noise) or (isinstance(value, type) and issubclass(value, Noise) and value is not Noise)


def gated(start: float, stop: float, noise: Noise) -> Gated:
    """Return the noise of ``gated:start,stop,NOISE``."""
    return Gated(noise, start, stop)


def at(place: str, noise: Noise) -> Placed:
    """Return the noise of ``at:PLACE,NOISE``."""
    require(place in PLACES, f"place {place!r}", f"one of {', '.join(PLACES)}", nearest(place, PLACES))
    return Placed(noise, cast(Place, place))


def channels(file: str, noise: Noise | None = None) -> Channels:
    """Return the noise of ``channels:FILE[,NOISE]``."""
    return Channels(read_array(file, "channel weights", lambda array: array.ndim == 2, "matrices"), noise)


def correlated(file: str, noise: Noise | None = None) -> Correlated:
    """Return the noise of ``correlated:FILE[,NOISE]``."""
    return Correlated(read_array(file, "covariance", lambda array: array.ndim == 2, "matrices"), noise)


def uniform(strength: float) -> Independent:
    """Return the noise of ``uniform:σ``."""
    return Independent("uniform", strength)


def laplace(strength: float) -> Independent:
    """Return the noise of ``laplace:σ``."""
    return Independent("laplace", strength)


def student(strength: float, df: float) -> Independent:
    """Return the noise of ``student:σ,ν``."""
    return Independent("student", strength, df)


def recorded(file: str, dt: float | None = None) -> Recorded:
    """Return the noise of ``recorded:FILE[,dt]``."""
    return Recorded.load(file, dt)
