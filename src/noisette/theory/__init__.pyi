from . import covariance, dmft, markov, populations
from .covariance import (
    correlations,
    critical_gain,
    critical_noise,
    fold_gain,
    linear_gain,
    linear_response,
    power_law_phases,
    predicted_covariance,
)
from .dmft import autocovariance, mean_field
from .markov import binary_critical_gain, binary_mean_field
from .populations import (
    driven_populations,
    population_correlations,
    population_critical_gain,
    population_mean_field,
    reciprocal_mean_field,
)

__all__ = [
    "autocovariance",
    "binary_critical_gain",
    "binary_mean_field",
    "correlations",
    "covariance",
    "critical_gain",
    "critical_noise",
    "dmft",
    "driven_populations",
    "fold_gain",
    "linear_gain",
    "linear_response",
    "markov",
    "mean_field",
    "population_correlations",
    "population_critical_gain",
    "population_mean_field",
    "populations",
    "power_law_phases",
    "predicted_covariance",
    "reciprocal_mean_field",
]
