"""The second moment in white and frozen noise: a particle that keeps its energy.

Δ'' = −∂V/∂Δ with V = −Δ²/2 + s_f² Δ + g² ∫C_φ dΔ. It starts at v with speed −σ²/2 and comes to rest at k, the top of
the potential. With x = (Δ − k)/(v − k), C_φ = Σ_j b_j x^j, and the way down is that of an odd unit without frozen
noise whose series is b, the even powers too.
"""

from typing import Any, NamedTuple

import numpy as np
from scipy.optimize import brentq

from noisette.errors import InputError
from noisette.noise import NoiseSpectrum
from noisette.theory.dmft import _trajectory
from noisette.theory.gaussian import _onesite
from noisette.theory.gaussian._unit import FINAL_TERMS, HermiteSeries, Unit

FACTOR, LARGEST = 1.5, 1e12
FINEST, LOWEST = 4.0**-12, 1 - 1e-6  # how far below the variance of an unstable fixed point chaos is sought
CLOSE = 1e-13
FEW = 60  # of 256 powers: what is spread around it all lies among them
XTOL, RTOL = 1e-300, np.float64(1e-14)  # of roots


class StationaryVariance(NamedTuple):
    """Variance v, the constant k, and the orbit of what decays (None at a fixed point)."""

    variance: float
    constant: float
    trajectory: _trajectory.PotentialTrajectory | None


def stationary_variance(unit: Unit, gain: float, spectrum: NoiseSpectrum) -> StationaryVariance:
    """Return the stationary second moment in white and frozen noise.

    Raises
    ------
    InputError : no stationary state.
    """
    if unit.odd and not spectrum.frozen:
        variance = _onesite.consistent_variance(unit.activation, gain, float(np.sqrt(spectrum.white)))
        if variance == 0:
            return StationaryVariance(0.0, 0.0, None)
        terms = _onesite.expansion(unit.activation, float(np.sqrt(variance)))
        return StationaryVariance(
            variance, 0.0, _trajectory.potential_trajectory(terms, gain, float(np.sqrt(spectrum.white)), variance)
        )
    variance = static_variance(unit, gain, spectrum.frozen) if not spectrum.white else None
    if variance is not None and (variance == 0 or gain**2 * unit.slope_square(variance) <= 1):
        return StationaryVariance(variance, variance, None)
    variance = _root(unit, gain, spectrum, variance)
    series = unit.series(variance, most=FINAL_TERMS)
    constant = _rest(series, variance, gain, spectrum.frozen)
    if constant is None:
        raise _unresolved(gain)
    terms = _around(series, constant / variance)
    trajectory = _trajectory.potential_trajectory(terms, gain, float(np.sqrt(spectrum.white)), variance - constant)
    return StationaryVariance(variance, constant, trajectory)


def static_variance(unit: Unit, gain: float, square: float) -> float:
    """Return the smallest v = s² + g² ⟨φ²⟩_v, the variance of fixed points.

    Raises
    ------
    InputError : no stationary state.
    """

    def excess(variance: float) -> float:
        return (square + gain**2 * unit.square(variance)) / variance - 1

    floor = square + gain**2 * float(_onesite.values(unit.activation, np.zeros(1))[0]) ** 2
    low = floor or 1e-10
    if excess(low) <= CLOSE:
        return floor
    high, most = low * FACTOR, _most(unit, gain, max(floor, 1.0))
    while excess(high) > 0:
        low, high = high, high * FACTOR
        if not high < most:
            raise _onesite.no_state(unit.activation, gain, f"fixed points with variances up to {high:.2g}")
    root: Any = brentq(excess, low, high, xtol=XTOL, rtol=RTOL)
    return float(root)


def _most(unit: Unit, gain: float, scale: float) -> float:
    """Return the variance up to which a stationary state is sought: far where there must be one."""
    return _onesite.LIMIT if gain * _onesite.far_slope(unit.activation) < 1 else LARGEST * scale


def _root(unit: Unit, gain: float, spectrum: NoiseSpectrum, unstable: float | None) -> float:
    """Return v at which the orbit ends at rest; without white noise below the variance of the unstable fixed point."""

    def excess(variance: float) -> float:
        """Return the energy left at the top, per (v − k)²: positive where the assumed activity drives a greater one."""
        series = unit.series(variance)
        k = _rest(series, variance, gain, spectrum.frozen)
        if k is None:
            return 1.0
        c = variance - k
        driven = 2 * gain**2 * (variance / c * series.rise(k / variance) - float(series(k / variance))) / c
        return (spectrum.white / (2 * c)) ** 2 - 1 + driven

    if unstable is None:
        low = spectrum.frozen + spectrum.white / 2
        if excess(low) <= CLOSE:  # nothing but noise
            return low
        high, most = low * FACTOR, _most(unit, gain, spectrum.frozen + spectrum.white)
        while excess(high) > 0:
            low, high = high, high * FACTOR
            if not high < most:
                raise _onesite.no_state(unit.activation, gain, f"variances up to {high:.2g}")
    else:
        high, below = unstable, FINEST
        while excess(low := unstable * (1 - below)) <= 0:
            high, below = low, min(4 * below, (1 + below) / 2)
            if below > LOWEST:
                raise _onesite.no_state(unit.activation, gain, f"variances from {low:.2g} to {unstable:.2g}")
        if excess(high) > 0:
            raise _unresolved(gain)
    root: Any = brentq(excess, low, high, xtol=XTOL, rtol=RTOL)
    return float(root)


def _unresolved(gain: float) -> InputError:
    return InputError(
        f"gain {gain:.12g}: the variance of chaos is within {FINEST:.1g} of that of the unstable fixed point; chaos "
        "further from it is resolved; change the gain or the noise"
    )


def _rest(series: HermiteSeries, variance: float, gain: float, square: float) -> float | None:
    """Return the smallest k = s² + g² C_φ(k; v) up to v, by Newton's method from below; None if there is none.

    The right-hand side is convex in k, so that the steps never pass the root.
    """
    k = 0.0
    for _ in range(100):
        gap = square + gain**2 * float(series(k / variance)) - k
        slope = 1 - gain**2 * float(series.by_rho(k / variance)) / variance
        if slope <= 0:
            return None
        step = gap / slope
        k += step
        if k >= variance:
            return None
        if step <= 1e-15 * variance:
            return k
    return k


def _around(series: HermiteSeries, rho: float) -> _onesite.PowerSeries:
    """Return b_j, j ≥ 1: each ρⁿ with ρ = ρ_k + (1 − ρ_k) x is a binomial mixture of powers of x."""
    from scipy.stats import binom  # which takes a second to import, and few need it

    n = np.arange(len(series.squares))
    powers = np.arange(1, len(series.squares))
    weights = binom.pmf(powers[:, None], n, 1 - rho) @ series.squares
    if len(series.powers) == 0:
        return _onesite.PowerSeries(powers.astype(float), weights)
    n, share, centre = series.powers, series.weights, series.powers * (1 - rho)
    few = centre < FEW
    low = np.floor(n[few])
    for whole, part in ((low, low + 1 - n[few]), (low + 1, n[few] - low)):  # n is the mean of several powers
        weights += binom.pmf(powers[:, None], whole, 1 - rho) @ (part * share[few])
    # where many powers of x are mixed, as a normal distribution: three nodes
    width = np.sqrt(3 * centre[~few] * rho)
    places = [powers, centre[~few] - width, centre[~few], centre[~few] + width]
    shares = [weights, *(factor * share[~few] for factor in (1 / 6, 2 / 3, 1 / 6))]
    return _onesite.PowerSeries(np.concatenate(places).astype(float), np.concatenate(shares))


__all__ = ["StationaryVariance", "static_variance", "stationary_variance"]
