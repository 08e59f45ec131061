"""Weight matrices: functions returning W with rows as targets, W[i, j] from unit j to unit i."""

from noisette.weights._check import square
from noisette.weights._families import autapses, gaussian, nrooks, symmetric
from noisette.weights._files import load
from noisette.weights._hopfield import hopfield, mean_field_hopfield
from noisette.weights._presets import PRESETS, named

__all__ = [
    "PRESETS",
    "autapses",
    "gaussian",
    "hopfield",
    "load",
    "mean_field_hopfield",
    "named",
    "nrooks",
    "square",
    "symmetric",
]
