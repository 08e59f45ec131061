"""Covariances between units of a large random network, their participation dimension and their stability."""

from noisette.theory.covariance._correlations import correlations
from noisette.theory.covariance._critical_gain import critical_gain, fold_gain
from noisette.theory.covariance._one_network import predicted_covariance
from noisette.theory.covariance._options import (
    Activity,
    CovarianceKind,
    ModelOptions,
    Order,
    Placement,
    ReducedModelOptions,
)
from noisette.theory.covariance._powers import power_law_phases

__all__ = [
    "Activity",
    "CovarianceKind",
    "ModelOptions",
    "Order",
    "Placement",
    "ReducedModelOptions",
    "correlations",
    "critical_gain",
    "fold_gain",
    "power_law_phases",
    "predicted_covariance",
]
