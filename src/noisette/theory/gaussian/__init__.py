"""Gaussian averages of an activation function: quadrature rules, closed forms and Hermite series."""

from noisette.theory.gaussian._activation import check, far_slope, is_odd, no_state, values
from noisette.theory.gaussian._averages import averages, derivatives, is_linear, moments
from noisette.theory.gaussian._closed_forms import power_moment
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.gaussian._hermite import UNRESOLVED, HermiteSeries
from noisette.theory.gaussian._trapezoid import HALF_NODES, HALF_WEIGHTS
from noisette.theory.gaussian._unit import Unit, unit_of

__all__ = [
    "HALF_NODES",
    "HALF_WEIGHTS",
    "UNRESOLVED",
    "HermiteSeries",
    "Unit",
    "averages",
    "check",
    "derivatives",
    "far_slope",
    "is_linear",
    "is_odd",
    "moments",
    "no_state",
    "power_moment",
    "root",
    "unit_of",
    "values",
]
