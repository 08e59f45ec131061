"""Exact and mean-field results for the quantities that probes estimate from simulations."""

from noisette.theory import markov
from noisette.theory.covariance import correlations, critical_gain, fold_gain, power_law_phases, predicted_covariance
from noisette.theory.dmft import autocovariance, mean_field

__all__ = [
    "autocovariance",
    "correlations",
    "critical_gain",
    "fold_gain",
    "markov",
    "mean_field",
    "power_law_phases",
    "predicted_covariance",
]
