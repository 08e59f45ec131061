from ._covariances import population_correlations
from ._critical_gain import population_critical_gain
from ._driven import driven_populations
from ._mean_field import population_mean_field, start_of
from ._reciprocal import reciprocal_mean_field
from ._two_time import Start

__all__ = [
    "Start",
    "driven_populations",
    "population_correlations",
    "population_critical_gain",
    "population_mean_field",
    "reciprocal_mean_field",
    "start_of",
]
