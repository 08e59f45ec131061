"""Fixed points in frozen noise, N → ∞: one self-consistent site, and the covariances of pairs of sites.

With q = ⟨φ²⟩ and a = ⟨φ'⟩ over x ~ N(0, v), φ(x) = a x + r, where the residuals r of variance R = q − a²v are
independent between units. A network of nonlinear units therefore has the covariances of a linear network of gain √ν,
ν = g²a², driven by r in addition to the noise. Since a²v ≤ q (Cauchy–Schwarz), ν ≤ g²q/v = 1 − s²/v, and the dimension
is positive at every gain. Fixed points are stable for χ = g²⟨φ'²⟩ < 1.
"""

from typing import NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.theory.gaussian._activation import is_odd, values
from noisette.theory.gaussian._averages import Averages, averages, moments
from noisette.theory.gaussian._fixed_point import fixed_point_variance, root

MEANS = np.arange(-80, 81) / 10.0  # trapezoidal nodes of the units' means, in units of their standard deviation √M
MEAN_WEIGHTS = 0.1 * np.exp(-(MEANS**2) / 2) / np.sqrt(2 * np.pi)


class Statistics(NamedTuple):
    """Results of `correlations` for one gain; NaN where there is no stationary state."""

    variance: float
    covariance_variance: float
    dimension: float
    susceptibility: float
    effective_gain: float


UNDEFINED = Statistics(*(float("nan"),) * 5)


class Site(NamedTuple):
    """Moments of an odd unit: variance v of its current, ⟨φ²⟩, ⟨φ'⟩, ⟨φ'²⟩, ν = g²⟨φ'⟩² and χ = g²⟨φ'²⟩."""

    variance: float
    square: float
    slope: float
    slope_square: float
    nu: float
    chi: float


def consistent(activation: Activation, gain: float, noise: float) -> float:
    """Return the smallest root of v = s² + g² ⟨φ²⟩_v, s² = `noise`, or NaN where there is none."""
    return fixed_point_variance(lambda v: moments(activation, v)[1], gain, noise)


def site(activation: Activation, gain: float, noise: float, outside: bool = False) -> Site:
    """Return the self-consistent moments of a unit in frozen noise of variance `noise`, NaN where there are none.

    With noise outside, x = φ(h) + ξ, the moments are those of the field h = g J x, to whose variance the noise
    contributes g² s².
    """
    v = consistent(activation, gain, gain**2 * noise if outside else noise)
    if not v > 0:
        site_averages = averages_at_zero(activation) if v == 0 else Averages(*(float("nan"),) * 4)
    else:
        site_averages = averages(activation, v)
    _, q, a, b = site_averages
    with np.errstate(invalid="ignore"):
        # slopes may be infinite, and 0 · ∞ is zero for uncoupled units
        nu, chi = (0.0, 0.0) if gain == 0 else (gain**2 * a**2, gain**2 * b)
    return Site(v, q, a, b, nu, chi)


def averages_at_zero(activation: Activation) -> Averages:
    """Return the averages in the limit v → 0; at a kink at zero they include the slopes of both sides."""
    up, down = (float(values(activation, np.array(x)) / x) for x in (1e-8, -1e-8))
    if float(values(activation, np.array(0.0))) != 0:
        up = down = float("inf")
    return Averages(0.0, 0.0, (up + down) / 2, (up**2 + down**2) / 2)


def static_statistics(
    activation: Activation, gain: float, noise: float, *, activity: str = "current", outside: bool = False
) -> Statistics:
    """Return the statistics of fixed points in frozen noise of variance `noise` at N → ∞.

    Parameters
    ----------
    activation : φ; with noise outside an odd one
    gain, noise : g and s²
    activity : "current" for x or "rate" for φ(x); with noise outside x = φ(g J x) + ξ is the current, φ(g J x) the rate
    outside : whether the noise is added to φ rather than to its argument
    """
    if not is_odd(activation):
        return _with_means(activation, gain, noise, activity)
    unit = site(activation, gain, noise, outside)
    v, q, a = unit.variance, unit.square, unit.slope
    if not np.isfinite(v):
        return UNDEFINED
    if v == 0:
        return _statistics((0.0, 0.0), unit.nu, unit.chi)
    # rates with noise inside, and currents with noise outside, are a linear network with independent sources of equal
    # variance in every unit, hence C ∝ G Gᵀ
    if (activity == "rate") != outside:
        total_and_psi = _even(q + noise if outside else q, unit.nu)
    elif outside:  # φ = g a J (φ + ξ) + r: α = a² s², β = R
        total_and_psi = _driven(q, a**2 * (q + noise), a, unit.nu, gain)
    else:  # x = g J (a x + r) + ξ: α = R, β = s², hence α + a² C₀ = q
        total_and_psi = _driven(v, q, a, unit.nu, gain)
    return _statistics(total_and_psi, unit.nu, unit.chi)


def _even(total: float, nu: float) -> tuple[float, float]:
    """Return C₀ = `total` and ψ = C₀² [1/(1 − ν)² − 1] of C ∝ G Gᵀ, G = (1 − a g J)⁻¹."""
    return total, total**2 * nu * (2 - nu) / (1 - nu) ** 2


def _driven(total: float, driving: float, slope: float, nu: float, gain: float) -> tuple[float, float]:
    """Return C₀ = `total` and ψ of C = G (α g² J Jᵀ + β) Gᵀ, G = (1 − a g J)⁻¹, given `driving` = α + a² C₀.

    ψ = [U (α + a² C₀)]² + 2U (a C₀)² with U = g²/(1 − ν): pairs of sites driven by common sources upstream, and pairs
    of which one drives the other.
    """
    upstream = gain**2 / (1 - nu)
    return total, (upstream * driving) ** 2 + 2 * upstream * (slope * total) ** 2


def _statistics(total_and_psi: tuple[float, float], nu: float, chi: float, squared: float | None = None) -> Statistics:
    """Return the statistics from C₀, ψ, ν and χ; `squared` is E C_ii² where units differ, otherwise C₀²."""
    total, psi = total_and_psi
    second = psi + (total**2 if squared is None else squared)
    dimension = total**2 / second if second > 0 else float("nan")
    return Statistics(total, psi, dimension, chi, float(np.sqrt(nu)))


def _with_means(activation: Activation, gain: float, noise: float, activity: str) -> Statistics:
    """Return the statistics of units that are not odd.

    The currents of a unit have the mean m ~ N(0, M) over weights, the variance Δ over noise, and v = M + Δ, with
    Δ = s² + g² E_m Var(φ|m).
    """
    v = consistent(activation, gain, noise)
    if not np.isfinite(v):
        return UNDEFINED
    chi = gain**2 * (averages(activation, v) if v > 0 else averages_at_zero(activation)).slope_square if gain else 0.0
    if noise == 0:  # fixed points do not vary
        return _statistics((0.0, 0.0), chi, chi)

    def excess(log: float) -> float:
        """Return s² + g² E_m Var(φ|m) − Δ at Δ = e^log."""
        delta = np.exp(log)
        mean, square = moments(activation, delta, np.sqrt(max(v - delta, 0.0)) * MEANS)
        return float(noise + gain**2 * (MEAN_WEIGHTS @ (square - mean**2)) - delta)

    low, high = np.log(noise), np.log(v)
    # Δ is at least s² and at most v, where M = 0
    delta = noise if gain == 0 else v if excess(high) >= 0 else float(np.exp(root(excess, low, high)))
    by_mean = averages(activation, np.full(MEANS.shape, delta), np.sqrt(max(v - delta, 0.0)) * MEANS)
    rate_variance = by_mean.square - by_mean.mean**2  # Var(φ|m), shape (means,)
    nu = float(gain**2 * (MEAN_WEIGHTS @ by_mean.slope**2))
    total, squared = float(MEAN_WEIGHTS @ rate_variance), float(MEAN_WEIGHTS @ rate_variance**2)
    if activity == "rate":
        return _statistics((total, squared * nu * (2 - nu) / (1 - nu) ** 2), nu, chi, squared)
    upstream = gain**2 / (1 - nu)
    psi = upstream**2 * squared + 2 * upstream * float(MEAN_WEIGHTS @ by_mean.slope**2) * delta**2
    return _statistics((delta, psi), nu, chi)


__all__ = ["UNDEFINED", "Site", "Statistics", "averages_at_zero", "consistent", "site", "static_statistics"]
