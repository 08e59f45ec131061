"""Fixed points in frozen noise, N → ∞: one site, and from it how pairs of sites covary.

With q = ⟨φ²⟩, a = ⟨φ'⟩ over x ~ N(0, v), ν = g²a² and χ = g²⟨φ'²⟩, a network of nonlinear units covaries as a linear
one of gain √ν whose noise is that of the units and what their nonlinearity adds, R = q − a²v. A stationary ν stays
below 1 − s²/v, so the dimension is positive at every gain; fixed points are stable where χ < 1.
"""

from typing import NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.theory.gaussian._activation import is_odd, values
from noisette.theory.gaussian._averages import Averages, averages, moments
from noisette.theory.gaussian._fixed_point import fixed_point_variance, root

MEANS = np.arange(-80, 81) / 10.0  # of units that are not odd, in their own standard deviation
MEAN_WEIGHTS = 0.1 * np.exp(-(MEANS**2) / 2) / np.sqrt(2 * np.pi)


class Statistics(NamedTuple):
    """What `correlations` reports of one gain; NaN where nothing is stationary."""

    variance: float
    covariance_variance: float
    dimension: float
    susceptibility: float
    effective_gain: float


LOST = Statistics(*(float("nan"),) * 5)


class Site(NamedTuple):
    """One odd unit: variance v of its current, ⟨φ²⟩, ⟨φ'⟩, ⟨φ'²⟩, and ν = g²⟨φ'⟩², χ = g²⟨φ'²⟩."""

    variance: float
    square: float
    slope: float
    slope_square: float
    nu: float
    chi: float


def consistent(activation: Activation, gain: float, noise: float) -> float:
    """Return the smallest root of v = s² + g² ⟨φ²⟩_v in frozen noise of variance s², NaN where there is none."""
    return fixed_point_variance(lambda v: moments(activation, v)[1], gain, noise)


def site(activation: Activation, gain: float, noise: float, outside: bool = False) -> Site:
    """Return the self-consistent unit of frozen noise of variance `noise`, its field NaN where there is none.

    Noise outside, x = φ(g J x) + ξ, adds g² s² to the variance of the field h = g J x.
    """
    v = consistent(activation, gain, gain**2 * noise if outside else noise)
    if not v > 0:
        flat = at_rest(activation) if v == 0 else Averages(*(float("nan"),) * 4)
    else:
        flat = averages(activation, v)
    _, q, a, b = flat
    with np.errstate(invalid="ignore"):
        nu, chi = (0.0, 0.0) if gain == 0 else (gain**2 * a**2, gain**2 * b)
    return Site(v, q, a, b, nu, chi)


def at_rest(activation: Activation) -> Averages:
    """Return the averages at v → 0; ⟨φ'²⟩ of a kink at zero is that of both sides."""
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
    activity : "current" x or "rate" φ(x); outside, x = φ(g J x) + ξ is the current and φ(g J x) the rate
    outside : whether noise is added after φ
    """
    if not is_odd(activation):
        return _with_means(activation, gain, noise, activity)
    unit = site(activation, gain, noise, outside)
    v, q, a = unit.variance, unit.square, unit.slope
    if not np.isfinite(v):
        return LOST
    if v == 0:
        return _statistics((0.0, 0.0), unit.nu, unit.chi)
    if (activity == "rate") != outside:  # independent sources in every unit: C ∝ G Gᵀ
        total_and_psi = _even(q + noise if outside else q, unit.nu)
    elif outside:
        total_and_psi = _driven(q, a**2 * (q + noise), a, unit.nu, gain)
    else:
        total_and_psi = _driven(v, q, a, unit.nu, gain)
    return _statistics(total_and_psi, unit.nu, unit.chi)


def _even(total: float, nu: float) -> tuple[float, float]:
    """Return C₀ and ψ of C ∝ G Gᵀ, G = (1 − a g J)⁻¹."""
    return total, total**2 * nu * (2 - nu) / (1 - nu) ** 2


def _driven(total: float, driving: float, slope: float, nu: float, gain: float) -> tuple[float, float]:
    """Return C₀ and ψ of C = G (α g² J Jᵀ + β) Gᵀ, given C₀ and `driving` α + a² C₀."""
    upstream = gain**2 / (1 - nu)
    return total, (upstream * driving) ** 2 + 2 * upstream * (slope * total) ** 2


def _statistics(total_and_psi: tuple[float, float], nu: float, chi: float, squared: float | None = None) -> Statistics:
    """Return all, `squared` being E C_ii² where units differ."""
    total, psi = total_and_psi
    second = psi + (total**2 if squared is None else squared)
    dimension = total**2 / second if second > 0 else float("nan")
    return Statistics(total, psi, dimension, chi, float(np.sqrt(nu)))


def _with_means(activation: Activation, gain: float, noise: float, activity: str) -> Statistics:
    """Return the statistics of units with means m ~ N(0, M) over the weights, and noise of variance Δ about them."""
    v = consistent(activation, gain, noise)
    if not np.isfinite(v):
        return LOST
    chi = gain**2 * (averages(activation, v) if v > 0 else at_rest(activation)).slope_square if gain else 0.0
    if noise == 0:
        return _statistics((0.0, 0.0), chi, chi)

    def excess(log: float) -> float:
        delta = np.exp(log)
        mean, square = moments(activation, delta, np.sqrt(max(v - delta, 0.0)) * MEANS)
        return float(noise + gain**2 * (MEAN_WEIGHTS @ (square - mean**2)) - delta)

    low, high = np.log(noise), np.log(v)
    delta = noise if gain == 0 else v if excess(high) >= 0 else float(np.exp(root(excess, low, high)))
    some = averages(activation, np.full(MEANS.shape, delta), np.sqrt(max(v - delta, 0.0)) * MEANS)
    around = some.square - some.mean**2
    nu = float(gain**2 * (MEAN_WEIGHTS @ some.slope**2))
    total, squared = float(MEAN_WEIGHTS @ around), float(MEAN_WEIGHTS @ around**2)
    if activity == "rate":
        return _statistics((total, squared * nu * (2 - nu) / (1 - nu) ** 2), nu, chi, squared)
    upstream = gain**2 / (1 - nu)
    psi = upstream**2 * squared + 2 * upstream * float(MEAN_WEIGHTS @ some.slope**2) * delta**2
    return _statistics((delta, psi), nu, chi)


__all__ = ["LOST", "Site", "Statistics", "at_rest", "consistent", "site", "static_statistics"]
