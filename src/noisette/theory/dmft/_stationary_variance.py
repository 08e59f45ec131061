"""The stationary second moment in white and frozen noise, from conservation of energy.

Δ'' = −∂V/∂Δ with V = −Δ²/2 + s_f² Δ + g² ∫C_φ dΔ, the motion of a particle in a potential. It starts at Δ(0) = v with
velocity −σ²/2 and comes to rest at Δ(∞) = k, the maximum of the potential, where k = s_f² + g² C_φ(k; v). With
x = (Δ − k)/(v − k) the Hermite series becomes C_φ = Σ_j b_j x^j, b_j ≥ 0, so the trajectory from v to k is that of an
odd unit without frozen noise whose series is b, even powers included (derived here; the odd case is that of
Sompolinsky, Crisanti & Sommers 1988).
"""

from typing import NamedTuple

import numpy as np

from noisette.errors import InputError, require
from noisette.noise import NoiseSpectrum
from noisette.theory.dmft._trajectory import PotentialTrajectory, potential_trajectory
from noisette.theory.dmft._white_noise import LIMIT, variance_in_white_noise
from noisette.theory.gaussian._activation import far_slope, no_state
from noisette.theory.gaussian._fixed_point import MOST, fixed_point_variance, root
from noisette.theory.gaussian._hermite import UNRESOLVED, HermiteSeries, PowerSeries
from noisette.theory.gaussian._unit import FINAL_TERMS, Unit

ODD_TERMS = 16_384  # strongly driven odd units need about 30 u² orders; this many serve tanh to gains of about 100
FACTOR, LARGEST = 1.5, 1e12
FINEST, LOWEST = 4.0**-12, 1 - 1e-6  # how far below the variance of an unstable fixed point chaos is sought
CLOSE = 1e-13  # relative excess that is rounding
FEW = 60  # of 256 powers: whatever a binomial mixture spreads around so low a centre lies among them
XTOL, RTOL = 1e-300, 1e-14  # of roots: the tolerance is relative


class StationaryVariance(NamedTuple):
    """Variance v, the constant k, and the trajectory of what decays (None at a fixed point)."""

    variance: float
    constant: float
    trajectory: PotentialTrajectory | None


def stationary_variance(unit: Unit, gain: float, noise: NoiseSpectrum) -> StationaryVariance:
    """Return the stationary second moment in white and frozen noise.

    Raises
    ------
    InputError : no stationary state.
    """
    sigma = float(np.sqrt(noise.white))
    if unit.odd and not noise.frozen:
        variance = variance_in_white_noise(unit.activation, gain, sigma)
        if variance == 0:
            return StationaryVariance(0.0, 0.0, None)
        # Lyapunov exponents near the onset need every order by itself: lumping costs five digits there
        series = unit.series(variance, most=ODD_TERMS, lump=False)
        require(
            series.unresolved <= UNRESOLVED,
            "the activation jumps, or is driven so strongly that it nearly does",
            "jumps have no finite Lyapunov exponent",
            "lower the gain or the noise, or take a smoother activation",
        )
        terms = _about_constant(series, 0.0, odd=True)
        return StationaryVariance(variance, 0.0, potential_trajectory(terms, gain, sigma, variance))
    unstable = variance_of_fixed_points(unit, gain, noise.frozen) if not noise.white else None
    if unstable is not None and (unstable == 0 or gain**2 * unit.slope_square(unstable) <= 1):
        return StationaryVariance(unstable, unstable, None)
    variance = _moving_variance(unit, gain, noise, unstable)
    series = unit.series(variance, most=FINAL_TERMS)
    constant = _constant(series, variance, gain, noise.frozen)
    if constant is None:
        raise _unresolved(gain)
    terms = _about_constant(series, constant / variance)
    trajectory = potential_trajectory(terms, gain, sigma, variance - constant)
    return StationaryVariance(variance, constant, trajectory)


def variance_of_fixed_points(unit: Unit, gain: float, noise: float) -> float:
    """Return the smallest v = s² + g² ⟨φ²⟩_v, with averages that resolve kinks.

    Raises
    ------
    InputError : no stationary state.
    """

    def mean_square(variance: np.ndarray | float) -> np.ndarray:
        return np.reshape([unit.square(float(v)) for v in np.ravel(variance)], np.shape(variance))

    # with an activation that does not bend enough, s² is lost in rounding beside v at 10¹⁶: no root is sought there
    most = MOST if gain * far_slope(unit.activation) < 1 else LARGEST
    variance = fixed_point_variance(mean_square, gain, noise, most)
    if not np.isfinite(variance):
        raise no_state(unit.activation, gain, f"fixed points with variances up to {most * max(1.0, noise):.2g}")
    return variance


def _moving_variance(unit: Unit, gain: float, noise: NoiseSpectrum, unstable: float | None) -> float:
    """Return v at which the trajectory ends at rest; without white noise below that of the unstable fixed point."""

    def excess(variance: float) -> float:
        """Return the energy left at k, per (v − k)²: positive where the assumed variance generates a larger one.

        ½ Δ'(0)² + V(v) − V(k) over ½ (v − k)², where the quadratic terms of V about k are combined by hand, so that
        nothing cancels as v → k.
        """
        series = unit.series(variance)
        k = _constant(series, variance, gain, noise.frozen)
        if k is None:
            return 1.0
        c = variance - k
        driven = 2 * gain**2 * (variance / c * series.rise(k / variance) - float(series(k / variance))) / c
        return (noise.white / (2 * c)) ** 2 - 1 + driven

    if unstable is None:
        low = noise.frozen + noise.white / 2
        if excess(low) <= CLOSE:  # nothing but noise
            return low
        # far up where the activation bounds activity, so that there must be a root
        bounded = gain * far_slope(unit.activation) < 1
        high, most = low * FACTOR, LIMIT if bounded else LARGEST * (noise.frozen + noise.white)
        while excess(high) > 0:
            low, high = high, high * FACTOR
            if not high < most:
                raise no_state(unit.activation, gain, f"variances up to {high:.2g}")
    else:
        high, below = unstable, FINEST
        while excess(low := unstable * (1 - below)) <= 0:
            high, below = low, min(4 * below, (1 + below) / 2)
            if below > LOWEST:
                raise no_state(unit.activation, gain, f"variances from {low:.2g} to {unstable:.2g}")
        if excess(high) > 0:
            raise _unresolved(gain)
    return root(excess, low, high, absolute=XTOL, relative=RTOL)


def _unresolved(gain: float) -> InputError:
    return InputError(
        f"gain {gain:.12g}: the variance of chaos is within {FINEST:.1g} of that of the unstable fixed point; chaos "
        "further from it is resolved; change the gain or the noise"
    )


def _constant(series: HermiteSeries, variance: float, gain: float, frozen: float) -> float | None:
    """Return the smallest k = s² + g² C_φ(k; v) up to v, by Newton's method from below; None if there is none.

    All coefficients of the series are positive, so the right-hand side is convex in k and Newton steps from below
    never pass the root.
    """
    k = 0.0
    for _ in range(100):
        gap = frozen + gain**2 * float(series(k / variance)) - k
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


def _about_constant(series: HermiteSeries, rho: float, *, odd: bool = False) -> PowerSeries:
    """Return b_j, j ≥ 1, of C_φ = Σ_j b_j x^j, where Δ/v = ρ_k + (1 − ρ_k) x and ρ_k = k/v.

    By the binomial theorem (ρ_k + (1 − ρ_k) x)ⁿ = Σ_j P(j) x^j with P the binomial distribution of n trials of
    probability 1 − ρ_k. Every term is positive, unlike in a Taylor expansion of C_φ about k.
    """
    if odd:  # k = 0, so x = Δ/v, and the coefficients of even order vanish
        powers = np.arange(1.0, len(series.squares), 2)
        return PowerSeries(np.append(powers, series.powers), np.append(series.squares[1::2], series.weights))
    from scipy.stats import binom  # which takes a second to import, and few calls need it

    n = np.arange(len(series.squares))
    powers = np.arange(1, len(series.squares))
    weights = binom.pmf(powers[:, None], n, 1 - rho) @ series.squares
    if len(series.powers) == 0:
        return PowerSeries(powers.astype(float), weights)
    n, share, centre = series.powers, series.weights, series.powers * (1 - rho)
    few = centre < FEW
    low = np.floor(n[few])
    # a lumped order is the mean of several, hence not an integer: it is shared between its two neighbours
    for order, part in ((low, low + 1 - n[few]), (low + 1, n[few] - low)):
        weights += binom.pmf(powers[:, None], order, 1 - rho) @ (part * share[few])
    # where many powers of x are mixed the binomial is normal: three Gauss–Hermite nodes at 0 and ±√3
    width = np.sqrt(3 * centre[~few] * rho)
    places = [powers, centre[~few] - width, centre[~few], centre[~few] + width]
    shares = [weights, *(factor * share[~few] for factor in (1 / 6, 2 / 3, 1 / 6))]
    return PowerSeries(np.concatenate(places).astype(float), np.concatenate(shares))


__all__ = ["StationaryVariance", "stationary_variance", "variance_of_fixed_points"]
