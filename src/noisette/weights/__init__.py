"""Weight matrices W, in which W[i, j] is the weight from unit j to unit i."""

from noisette.weights._balanced import balanced
from noisette.weights._check import labels, square
from noisette.weights._excitatory import (
    EI_CASES,
    dale_violations,
    excitatory_inhibitory,
    expected_mean,
    spectral_radius,
)
from noisette.weights._families import autapses, gaussian, is_nrooks, nrooks, symmetric
from noisette.weights._files import load
from noisette.weights._hopfield import hopfield, mean_field_hopfield
from noisette.weights._numbers import written_numbers as written_numbers
from noisette.weights._words import PLUS as PLUS
from noisette.weights._words import as_word, distribution, ensemble, from_string

__all__ = [
    "EI_CASES",
    "as_word",
    "autapses",
    "balanced",
    "dale_violations",
    "distribution",
    "ensemble",
    "excitatory_inhibitory",
    "expected_mean",
    "from_string",
    "gaussian",
    "hopfield",
    "is_nrooks",
    "labels",
    "load",
    "mean_field_hopfield",
    "nrooks",
    "spectral_radius",
    "square",
    "symmetric",
]
