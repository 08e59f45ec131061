"""The Hermite series of the two-time average ⟨φ(x) φ(x')⟩.

With x = m + u z, z ~ N(0, 1), and x' alike, correlated with x by ρ,

    ⟨φ(x) φ(x')⟩ = Σ_n a_n² ρⁿ,    a_n = ⟨φ(m + u z) h_n(z)⟩,    h_n the orthonormal Hermite polynomials

(Mehler's formula). Its derivative by ρ is u² ⟨φ' φ'⟩, and its integral over ρ is 1/u² times the two-time average of the
primitive of φ, up to a constant. No coefficient is negative, so differences of the potential are summed without
cancellation, even at the onset of chaos. A two-dimensional quadrature would have to resolve the step of a strongly
driven φ anew for every ρ; the coefficients resolve it once.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from noisette.errors import require

BLOCK = 64  # orders computed at once; convergence is checked after each block
DENSE, RATIO = 256, 1.01  # orders from DENSE on are combined with those within this ratio
LEAST_DECAY = 1.1  # least decay d of tails where ⟨φ'²⟩ is finite; d is 1/2 at a jump of φ and 3/2 at a kink
UNRESOLVED = 3e-4  # largest share of ⟨φ²⟩ in the tail for Lyapunov exponents, whose error is up to ten times the share
ROUGHLY_UNRESOLVED = 3e-2  # largest share for variances and covariances
TINY = 1e-300  # in place of zero, under logarithms and in denominators


class PowerSeries(NamedTuple):
    """Σ weights · x^powers."""

    powers: Float[np.ndarray, " terms"]
    weights: Float[np.ndarray, " terms"]


class HermiteSeries(NamedTuple):
    """Σ_n a_n² ρⁿ: low orders individually, high orders combined in bins with a non-integer mean order.

    Attributes
    ----------
    squares : a_n² for n = 0, 1, …
    mixed : √((n+1)(n+2)) a_n a_(n+2), which gives the derivative by the variance
    powers, weights, mixed_weights : mean n, Σ a_n² and Σ √((n+1)(n+2)) a_n a_(n+2) of each bin
    unresolved : share of ⟨φ²⟩ in the tail, which is extrapolated as a power law
    """

    squares: Float[np.ndarray, " n"]
    mixed: Float[np.ndarray, " n"]
    powers: Float[np.ndarray, " m"]
    weights: Float[np.ndarray, " m"]
    mixed_weights: Float[np.ndarray, " m"]
    unresolved: float = 0.0

    def __call__(self, rho: np.ndarray | float) -> np.ndarray:
        """Return ⟨φ(x) φ(x')⟩ at the correlation ρ of x and x', in the shape of ρ."""
        return self._sum(self.squares, self.powers, self.weights, rho)

    def by_rho(self, rho: np.ndarray | float) -> np.ndarray:
        """Return the derivative by ρ, which is u² ⟨φ'(x) φ'(x')⟩."""
        dense = self.squares[1:] * np.arange(1.0, len(self.squares))
        return self._sum(dense, self.powers - 1, self.powers * self.weights, rho)

    def rise(self, rho: float) -> float:
        """Return the integral of the series from ρ to one, Σ_n a_n² (1 − ρ^(n+1))/(n + 1)."""
        # expm1 keeps the digits of 1 − ρ^(n+1) at ρ → 1, that is, at the onset of chaos in frozen noise
        n = np.arange(1.0, len(self.squares) + 1)
        log = np.log(max(rho, TINY))
        dense = -np.expm1(n * log) / n @ self.squares
        return float(dense - np.expm1((self.powers + 1) * log) / (self.powers + 1) @ self.weights)

    def by_variance(self, rho: np.ndarray | float) -> np.ndarray:
        """Return u² times the derivative by the variance u² at fixed covariance u² ρ."""
        # ∂⟨φ φ'⟩/∂u² = ½⟨φ'' φ⟩ + ½⟨φ φ''⟩ (Price), and u² φ'' has the coefficients √((n+1)(n+2)) a_(n+2)
        return self._sum(self.mixed, self.powers, self.mixed_weights, rho)

    def _sum(self, dense: np.ndarray, powers: np.ndarray, weights: np.ndarray, rho: np.ndarray | float) -> np.ndarray:
        x = np.asarray(rho, float)
        total = np.zeros_like(x)
        # Horner's scheme for the integer powers; ρ may be negative there, but not for the non-integer ones
        for coefficient in dense[::-1]:
            total = total * x + coefficient
        if len(powers) == 0:
            return np.asarray(total)
        lumped = np.exp(np.log(np.maximum(x, TINY))[..., None] * powers)
        return np.asarray(total + lumped @ weights)


class ExactSums(NamedTuple):
    """Sums over all orders: Σ a_n² = ⟨φ²⟩, Σ n a_n² = u² ⟨φ'²⟩ and Σ √((n+1)(n+2)) a_n a_(n+2) = u² ⟨φ φ''⟩."""

    total: float
    slopes: float
    mixed: float


def hermite_coefficients(phi: np.ndarray, z: np.ndarray, weights: np.ndarray, most: int) -> np.ndarray:
    """Return a_n = Σ φ h_n(z) weights, n = 0, 1, …, until Σ n a_n² has converged.

    Parameters
    ----------
    phi, z, weights : φ at the nodes z of a quadrature over N(0, 1), and its weights, shape (nodes,)
    most : largest number of orders, rounded up to a multiple of 64

    Notes
    -----
    The recurrence √n h_n = z h_(n−1) − √(n−1) h_(n−2) is applied to the Hermite functions h_n e^(−z²/4), which stay
    bounded where the polynomials overflow; φ is multiplied by e^(z²/4) in turn. Upward recurrence is stable because the
    h_n oscillate for |z| < 2√n and are the dominant solution beyond.
    """
    envelope = np.exp(-(z**2) / 4)
    with np.errstate(divide="ignore", invalid="ignore"):
        phi = np.where(envelope > 0, phi * weights / envelope, 0.0)
    hermite = np.zeros((BLOCK + 2, z.size))  # the first two rows repeat the last two of the previous block
    coefficients, slope_square = np.empty(0), 0.0
    for first in range(0, most, BLOCK):
        hermite[:2] = hermite[-2:]
        for row, n in enumerate(range(first, first + BLOCK), 2):
            if n == 0:
                hermite[row] = envelope
                continue
            new = np.multiply(z, hermite[row - 1], out=hermite[row])
            new -= sqrt(n - 1) * hermite[row - 2]
            new /= sqrt(n)
        block = hermite[2:] @ phi  # shape (BLOCK,)
        coefficients = np.concatenate([coefficients, block])
        increment = float(np.arange(first, first + BLOCK) @ block**2)
        slope_square += increment  # Σ n a_n² = u² ⟨φ'²⟩, which converges more slowly than Σ a_n²
        if increment <= 1e-13 * slope_square:
            break
    return coefficients


def hermite_series(
    coefficients: np.ndarray, sums: ExactSums, most_unresolved: float, *, lump: bool = True
) -> HermiteSeries:
    """Return the series: low orders individually, high orders combined in bins, and an extrapolated tail.

    Parameters
    ----------
    coefficients : a_n, shape (n,)
    sums : sums over all orders, known by quadrature, which fix the tail
    most_unresolved : largest share of ⟨φ²⟩ in the tail
    lump : whether high orders are combined

    Raises
    ------
    InputError : If the share of the tail exceeds `most_unresolved`.
    """
    n = np.arange(float(len(coefficients)))
    squares = coefficients**2
    mixed = np.zeros_like(coefficients)
    mixed[:-2] = np.sqrt((n[:-2] + 1) * (n[:-2] + 2)) * coefficients[:-2] * coefficients[2:]
    dense = DENSE if lump else len(n)
    powers, weights, crossed = n[dense:], squares[dense:], mixed[dense:]
    if len(powers):
        # each bin keeps Σ a_n² and Σ n a_n², so that ρ → 1, where high orders matter, is correct to first order
        bins = np.floor(np.log(powers / DENSE) / np.log(RATIO)).astype(int)
        _, bins = np.unique(bins, return_inverse=True)
        lumped = np.bincount(bins, weights)
        filled = lumped > 0
        powers = (np.bincount(bins, weights * powers)[filled]) / lumped[filled]
        weights, crossed = lumped[filled], np.bincount(bins, crossed)[filled]
    rest = sums.total - squares.sum()  # Parseval: what the orders computed so far lack of ⟨φ²⟩
    if rest > 1e-13 * sums.total:
        require(
            rest <= most_unresolved * sums.total,
            "the activation jumps, or is driven so strongly that it nearly does",
            "a continuous activation",
            "lower the gain or the noise, or use a smoother activation",
        )
        tail = _power_law_tail(squares, sums)
        # the rest of Σ √(…) a_n a_(n+2) is distributed as that of Σ n a_n²; beside a jump, where both diverge, the
        # phase of the coefficients advances by π from n to n + 2, so that √(…) a_n a_(n+2) ≈ −n a_n²
        missing = sums.mixed - mixed.sum()
        share = tail.powers * tail.weights
        powers, weights = np.concatenate([powers, tail.powers]), np.concatenate([weights, tail.weights])
        crossed = np.concatenate([crossed, missing * share / share.sum() if np.isfinite(missing) else -share])
    return HermiteSeries(
        squares[:dense], mixed[:dense], powers, weights, crossed, max(rest / max(sums.total, TINY), 0.0)
    )


def _power_law_tail(squares: np.ndarray, sums: ExactSums) -> PowerSeries:
    """Return the terms beyond the known orders, a_n² ∝ n^(−1−d) on average, in bins.

    For a kink at θ, a_n ∝ n^(−5/4) cos(θ √n/u − nπ/2), so the last few known coefficients do not determine the mean of
    a_n². The sums R₀ = Σ a_n² and R₁ = Σ n a_n² over the tail are known exactly, though, and for a tail from order N

        R₁/(N R₀) = ∫_N^∞ n^(−d) dn / (N ∫_N^∞ n^(−1−d) dn) = d/(d − 1).

    Where ⟨φ'²⟩ is infinite (jumps, power laws with p ≤ 1/2) d follows from R₀ ∝ N^(−d) at N and N/4.
    """
    end = float(len(squares))  # N
    rest = sums.total - squares.sum()
    before = squares[len(squares) // 4 :].sum()
    d = float(np.clip(np.log1p(before / rest) / np.log(4), 0.1 if np.isinf(sums.slopes) else LEAST_DECAY, 50.0))
    ratio = (sums.slopes - np.arange(end) @ squares) / (end * rest)
    finite = bool(np.isfinite(ratio) and ratio > 1)
    if finite:
        d = ratio / (ratio - 1)
    edges = end * 1.1 ** np.arange(0, 200)
    beyond = np.append((edges / end) ** -d, 0.0)  # share of R₀ beyond each edge; the last bin extends to infinity
    weights = rest * (beyond[:-1] - beyond[1:])
    powers = np.append(np.sqrt(edges[:-1] * edges[1:]), edges[-1])
    if finite:  # mean of n in each bin, ∫ n^(−d) dn / ∫ n^(−1−d) dn
        first = np.append(edges ** (1 - d), 0.0)
        powers = (
            d / (d - 1) * (first[:-1] - first[1:]) / (np.append(edges**-d, 0.0)[:-1] - np.append(edges**-d, 0.0)[1:])
        )
    return PowerSeries(powers, weights)


__all__ = ["UNRESOLVED", "ExactSums", "HermiteSeries", "PowerSeries", "hermite_coefficients", "hermite_series"]
