"""Types of the options of `correlations`, shared with the simulation of the same statistics."""

from typing import Literal, TypedDict

#: Whether covariances are those of the currents x or of the rates φ(x).
Activity = Literal["current", "rate"]
#: Whether noise enters inside or outside the activation.
Placement = Literal["inside", "outside"]
#: Leading order for N → ∞, or with corrections of order 1/N.
Order = Literal["leading", "finite"]
#: Covariance at equal times, or of averages over long windows times their length.
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
