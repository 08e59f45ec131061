from ._continuous_lags import ContinuousLags, continuous_lags
from ._euler_lags import EulerLags
from ._frequencies import Frequencies, frequencies
from ._lyapunov import assembled, exponent
from ._mean_field import autocovariance, mean_field
from ._pair_covariances import DynamicStatistics, covariance_statistics, dynamic_statistics
from ._places import Places, places_of, solve_places
from ._solution import DMFTSolution, solve_dmft

__all__ = [
    "ContinuousLags",
    "DMFTSolution",
    "DynamicStatistics",
    "EulerLags",
    "Frequencies",
    "Places",
    "assembled",
    "autocovariance",
    "continuous_lags",
    "covariance_statistics",
    "dynamic_statistics",
    "exponent",
    "frequencies",
    "mean_field",
    "places_of",
    "solve_dmft",
    "solve_places",
]
