"""Types of the options of `correlations`, shared with the simulation of the same statistics."""

from typing import Literal, TypedDict

Activity = Literal["current", "rate"]
Placement = Literal["inside", "outside"]
Order = Literal["leading", "finite"]
CovarianceKind = Literal["equal-time", "long-window"]


class ModelOptions(TypedDict, total=False):
    """Options of a random network that apply to both theory and simulation.

    Attributes
    ----------
    placement : noise "inside" φ, x = g J φ(x) + ξ, or (Frozen only) "outside", x = φ(g J x) + ξ
    self_coupling : whether the J_ii are drawn like all other weights, or are zero
    dynamic : whether to describe the dynamics in frozen noise instead of its fixed points
    dt : time step of Euler's method, in units of τ
    """

    placement: Placement
    self_coupling: bool
    dynamic: bool
    dt: float | None


class ReducedModelOptions(TypedDict, total=False):
    """Options of `theory.correlations` that do not apply to simulations.

    Attributes
    ----------
    covariance : "equal-time" or "long-window"
    samples : number of pairs of replicas drawn for the reduced model
    """

    covariance: CovarianceKind
    samples: int


class TheoryOptions(ModelOptions, ReducedModelOptions, total=False):
    """Options of `correlations`: those of the network and those of the reduced model."""
