"""The stationary second moment in white and frozen noise, from conservation of energy.

Δ'' = −∂V/∂Δ with V = −Δ²/2 + s_f² Δ + g² ∫C_φ dΔ describes a particle in a potential. It starts at Δ(0) = v with the
velocity −σ²/2 and comes to rest at Δ(∞) = k, the maximum of the potential, where k = s_f² + g² C_φ(k; v). In terms of
x = (Δ − k)/(v − k) the Hermite series is C_φ = Σ_j b_j x^j with b_j ≥ 0, and c = Δ − k obeys
c'' = c − g² Σ_{j≥1} b_j x^j. The trajectory from v to k is therefore that of an odd unit without frozen noise whose
series is b, except that b has even powers, too. The odd case is that of Sompolinsky, Crisanti & Sommers (1988).
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

ODD_TERMS = 16_384  # Hermite orders of odd units; about 30 u² are needed, so these suffice for tanh at gains to 100
FACTOR, LARGEST = 1.5, 1e12  # of the scan of v: ratio of its steps, and its end where activity may be unbounded
FINEST, LOWEST = 4.0**-12, 1 - 1e-6  # relative distances below the unstable fixed point at which chaos is sought
CLOSE = 1e-13  # relative excess that is attributed to rounding
FEW = 60  # mean of a binomial distribution up to which it lies within the 256 powers
XTOL, RTOL = 1e-300, 1e-14  # tolerances of roots: only the relative one is effective


class StationaryVariance(NamedTuple):
    """Variance v, constant k, and the trajectory of Δ − k in its potential (None at a fixed point)."""

    variance: float
    constant: float
    trajectory: PotentialTrajectory | None


def stationary_variance(unit: Unit, gain: float, noise: NoiseSpectrum) -> StationaryVariance:
    """Return the stationary second moment in white and frozen noise.

    Raises
    ------
    InputError : If there is no stationary state, or if the activation nearly jumps on the scale of x.
    """
    sigma = float(np.sqrt(noise.white))
    if unit.odd and not noise.frozen:
        variance = variance_in_white_noise(unit.activation, gain, sigma)
        if variance == 0:
            return StationaryVariance(0.0, 0.0, None)
        # Lyapunov exponents near the onset require every order: combining orders in bins loses five digits there
        series = unit.series(variance, most=ODD_TERMS, lump=False)
        require(
            series.unresolved <= UNRESOLVED,
            "the activation jumps, or is driven so strongly that it nearly does",
            "the Lyapunov exponent is finite only for continuous activations",
            "lower the gain or the noise, or use a smoother activation",
        )
        terms = _about_constant(series, 0.0, odd=True)
        return StationaryVariance(variance, 0.0, potential_trajectory(terms, gain, sigma, variance))
    unstable = variance_of_fixed_points(unit, gain, noise.frozen) if not noise.white else None
    # without white noise a fixed point is the stationary state if it is stable, χ = g² ⟨φ'²⟩ ≤ 1
    if unstable is not None and (unstable == 0 or gain**2 * unit.slope_square(unstable) <= 1):
        return StationaryVariance(unstable, unstable, None)
    variance = _fluctuating_variance(unit, gain, noise, unstable)
    series = unit.series(variance, most=FINAL_TERMS)
    constant = _constant(series, variance, gain, noise.frozen)
    if constant is None:
        raise _unresolved(gain)
    terms = _about_constant(series, constant / variance)
    trajectory = potential_trajectory(terms, gain, sigma, variance - constant)
    return StationaryVariance(variance, constant, trajectory)


def variance_of_fixed_points(unit: Unit, gain: float, noise: float) -> float:
    """Return the smallest root of v = s² + g² ⟨φ²⟩_v, with averages that resolve kinks.

    Raises
    ------
    InputError : If there is no root.
    """

    def mean_square(variance: np.ndarray | float) -> np.ndarray:
        return np.reshape([unit.square(float(v)) for v in np.ravel(variance)], np.shape(variance))

    # if activity may be unbounded, s² is lost in rounding beside v from 10¹⁶ on, which would give spurious roots
    most = MOST if gain * far_slope(unit.activation) < 1 else LARGEST
    variance = fixed_point_variance(mean_square, gain, noise, most)
    if not np.isfinite(variance):
        raise no_state(unit.activation, gain, f"fixed points with variances up to {most * max(1.0, noise):.2g}")
    return variance


def _fluctuating_variance(unit: Unit, gain: float, noise: NoiseSpectrum, unstable: float | None) -> float:
    """Return the variance v for which the trajectory comes to rest at k.

    Without white noise it is below `unstable`, the variance of the unstable fixed point.
    """

    def excess(variance: float) -> float:
        """Return the kinetic energy at k in units of ½ (v − k)²: positive where a variance v generates a larger one.

        ½ Δ'(0)² + V(v) − V(k) is divided by ½ (v − k)². The quadratic terms of V about k are combined analytically, so
        that nothing cancels as v → k:

            (σ²/2)²/(v − k)² − 1 + 2 g² [∫_k^v C_φ dΔ/(v − k) − C_φ(k)]/(v − k).
        """
        series = unit.series(variance)
        k = _constant(series, variance, gain, noise.frozen)
        if k is None:  # the potential has no maximum below v
            return 1.0
        c = variance - k
        driven = 2 * gain**2 * (variance / c * series.rise(k / variance) - float(series(k / variance))) / c
        return (noise.white / (2 * c)) ** 2 - 1 + driven

    if unstable is None:
        low = noise.frozen + noise.white / 2
        if excess(low) <= CLOSE:  # nothing but noise
            return low
        # where the activation bounds activity there must be a root, however large
        bounded = gain * far_slope(unit.activation) < 1
        high, most = low * FACTOR, LIMIT if bounded else LARGEST * (noise.frozen + noise.white)
        while excess(high) > 0:
            low, high = high, high * FACTOR
            if not high < most:
                raise no_state(unit.activation, gain, f"variances up to {high:.2g}")
    else:
        # the unstable fixed point (χ > 1) is a minimum of the potential, where the excess is negative; the root below
        # it is bracketed by distances that grow by factors of four
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
        f"gain {gain:.12g}: the variances of chaos and of the unstable fixed point differ by less than {FINEST:.1g} of "
        "their value; larger differences are resolved; change the gain or the noise"
    )


def _constant(series: HermiteSeries, variance: float, gain: float, frozen: float) -> float | None:
    """Return the smallest root k < v of k = s² + g² C_φ(k; v) by Newton's method from zero, or None without a root.

    No coefficient of the series is negative, so the right-hand side is convex in k, and Newton steps from below
    converge monotonically to the smallest root.
    """
    k = 0.0
    for _ in range(100):
        gap = frozen + gain**2 * float(series(k / variance)) - k
        slope = 1 - gain**2 * float(series.by_rho(k / variance)) / variance
        if slope <= 0:  # the difference increases from here on, by convexity
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

    By the binomial theorem (ρ_k + (1 − ρ_k) x)ⁿ = Σ_j P(j) x^j, where P is the binomial distribution of n trials with
    probability 1 − ρ_k. Every term is nonnegative, so nothing cancels.

    Parameters
    ----------
    series : Hermite series at v
    rho : ρ_k
    odd : whether the unit is odd and k = 0, which makes the expansion trivial
    """
    if odd:  # k = 0, so x = Δ/v, and the coefficients of even order vanish
        powers = np.arange(1.0, len(series.squares), 2)
        return PowerSeries(np.append(powers, series.powers), np.append(series.squares[1::2], series.weights))
    from scipy.stats import binom  # imported when needed, as the import takes a second

    n = np.arange(len(series.squares))
    powers = np.arange(1, len(series.squares))
    weights = binom.pmf(powers[:, None], n, 1 - rho) @ series.squares
    if len(series.powers) == 0:
        return PowerSeries(powers.astype(float), weights)
    n, share, centre = series.powers, series.weights, series.powers * (1 - rho)
    few = centre < FEW
    low = np.floor(n[few])
    # the mean order of a bin is not an integer: its weight is divided between the two neighbouring integers
    for order, part in ((low, low + 1 - n[few]), (low + 1, n[few] - low)):
        weights += binom.pmf(powers[:, None], order, 1 - rho) @ (part * share[few])
    # for large means the binomial distribution is nearly normal, of variance n ρ_k (1 − ρ_k), and x^j varies slowly
    # with j: three Gauss–Hermite nodes, 0 and ±√3 standard deviations with weights 2/3 and 1/6, represent it
    width = np.sqrt(3 * centre[~few] * rho)
    places = [powers, centre[~few] - width, centre[~few], centre[~few] + width]
    shares = [weights, *(factor * share[~few] for factor in (1 / 6, 2 / 3, 1 / 6))]
    return PowerSeries(np.concatenate(places).astype(float), np.concatenate(shares))


__all__ = ["StationaryVariance", "stationary_variance", "variance_of_fixed_points"]
