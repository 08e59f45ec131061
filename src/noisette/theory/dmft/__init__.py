"""Dynamical mean-field theory of large random networks: one unit in a self-consistent Gaussian field."""

from noisette.theory.dmft._continuous_lags import continuous_lags
from noisette.theory.dmft._euler_lags import EulerLags
from noisette.theory.dmft._lyapunov import exponent
from noisette.theory.dmft._mean_field import autocovariance, mean_field
from noisette.theory.dmft._pair_covariances import DynamicStatistics, covariance_statistics, dynamic_statistics
from noisette.theory.dmft._solution import DMFTSolution, solve_dmft

__all__ = [
    "DMFTSolution",
    "DynamicStatistics",
    "EulerLags",
    "autocovariance",
    "continuous_lags",
    "covariance_statistics",
    "dynamic_statistics",
    "exponent",
    "mean_field",
    "solve_dmft",
]
