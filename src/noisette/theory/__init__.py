"""Theory: the probes' questions answered without sampling."""

from noisette.theory import chain, exchangeable, meanfield
from noisette.theory.meanfield import autocovariance, mean_field
from noisette.theory.statistics._critical import critical_gain, fold_gain
from noisette.theory.statistics._fixed import predicted_covariance
from noisette.theory.statistics._powers import power_law_phases
from noisette.theory.statistics._table import correlations

__all__ = [
    "autocovariance",
    "chain",
    "correlations",
    "critical_gain",
    "exchangeable",
    "fold_gain",
    "mean_field",
    "meanfield",
    "power_law_phases",
    "predicted_covariance",
]
