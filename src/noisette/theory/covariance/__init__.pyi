from ._correlations import correlations
from ._critical_gain import critical_gain, fold_gain
from ._critical_noise import critical_noise
from ._linear_gain import linear_gain
from ._linear_response import linear_response
from ._one_network import predicted_covariance
from ._options import (
    Activity,
    CovarianceKind,
    ModelOptions,
    Order,
    Placement,
    ReducedModelOptions,
)
from ._powers import power_law_phases

__all__ = [
    "Activity",
    "CovarianceKind",
    "ModelOptions",
    "Order",
    "Placement",
    "ReducedModelOptions",
    "correlations",
    "critical_gain",
    "critical_noise",
    "fold_gain",
    "linear_gain",
    "linear_response",
    "power_law_phases",
    "predicted_covariance",
]
