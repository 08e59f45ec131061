"""Random ensembles of weight matrices: objects that draw matrices, and whose statistics mean-field theory uses."""

from noisette.ensembles._blocks import Blocks
from noisette.ensembles._ensemble import Ensemble, Statistics, Sum
from noisette.ensembles._excitatory import excitatory_inhibitory
from noisette.ensembles._families import gaussian, reciprocal, sparse
from noisette.ensembles._heavy_tails import HeavyTails
from noisette.ensembles._low_rank import LowRank
from noisette.ensembles._random_modes import RandomModes

__all__ = [
    "Blocks",
    "Ensemble",
    "HeavyTails",
    "LowRank",
    "RandomModes",
    "Statistics",
    "Sum",
    "excitatory_inhibitory",
    "gaussian",
    "reciprocal",
    "sparse",
]
