"""One unit's activation under gaussian input: averages, and the Hermite series of its two-time average.

With x = m + u z, z ~ N(0, 1), and x' alike, correlated with x by ρ,

    ⟨φ(x) φ(x')⟩ = Σ_n a_n² ρⁿ,    a_n = ⟨φ(m + u z) h_n(z)⟩,    h_n the orthonormal Hermite polynomials.

Averages are sums over panels of Gauss–Legendre nodes, graded towards zero and towards the kinks of φ: there, and
nowhere else, is an activation allowed not to be smooth.
"""

from functools import cache, lru_cache
from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre

from noisette.activations import Activation
from noisette.errors import require
from noisette.theory.gaussian import _onesite

NODES = 16  # of a panel
REACH, WIDTH = 12.0, 0.25  # panels so narrow resolve Hermite functions of order 8000
LEVELS = 40  # halvings of the panels next to zero and to kinks
BLOCK, MOST_TERMS, FINAL_TERMS = 64, 1024, 4096
DENSE, RATIO = 256, 1.01  # beyond, powers closer than this ratio are lumped
LEAST_DECAY = 1.1  # d of tails, 1/2 at a jump of φ, 3/2 at a kink, and above one wherever ⟨φ'²⟩ is finite
UNRESOLVED = 3e-2  # of ⟨φ²⟩; the rest is continued as a power law
KINKS = 6
NEAREST, BESIDE, RISE = 1e-200, 1e-6, 1e-2  # a jump rises by that much of φ, so near to zero or to another kink
RESOLVED = 1e-9  # of ⟨φ²⟩: less of v ⟨φ'²⟩ is rounding
PIECE = 4096
TINY = 1e-300


class HermiteSeries(NamedTuple):
    """Σ_n a_n² ρⁿ, the first terms one by one, the others lumped.

    Attributes
    ----------
    squares : a_n² of n = 0, 1, …; mixed : √((n+1)(n+2)) a_n a_(n+2), which gives the derivative by the variance;
    powers, weights, mixed_weights : of the lumped terms
    unresolved : share of ⟨φ²⟩ in the tail, which is continued as a power law
    """

    squares: Float[np.ndarray, " n"]
    mixed: Float[np.ndarray, " n"]
    powers: Float[np.ndarray, " m"]
    weights: Float[np.ndarray, " m"]
    mixed_weights: Float[np.ndarray, " m"]
    unresolved: float = 0.0

    def __call__(self, rho: np.ndarray | float) -> np.ndarray:
        """Return ⟨φ φ'⟩."""
        return self._sum(self.squares, self.powers, self.weights, rho)

    def by_rho(self, rho: np.ndarray | float) -> np.ndarray:
        """Return its derivative by ρ, which is u² ⟨φ' φ'⟩."""
        dense = self.squares[1:] * np.arange(1.0, len(self.squares))
        return self._sum(dense, self.powers - 1, self.powers * self.weights, rho)

    def rise(self, rho: float) -> float:
        """Return its integral over ρ from here to one."""
        n = np.arange(1.0, len(self.squares) + 1)
        log = np.log(max(rho, TINY))
        dense = -np.expm1(n * log) / n @ self.squares
        return float(dense - np.expm1((self.powers + 1) * log) / (self.powers + 1) @ self.weights)

    def by_variance(self, rho: np.ndarray | float) -> np.ndarray:
        """Return u² times its derivative by the variance u² at a fixed covariance u² ρ."""
        return self._sum(self.mixed, self.powers, self.mixed_weights, rho)

    def _sum(self, dense: np.ndarray, powers: np.ndarray, weights: np.ndarray, rho: np.ndarray | float) -> np.ndarray:
        x = np.asarray(rho, float)
        found = np.zeros_like(x)
        for coefficient in dense[::-1]:
            found = found * x + coefficient
        if len(powers) == 0:
            return np.asarray(found)
        lumped = np.exp(np.log(np.maximum(x, TINY))[..., None] * powers)
        return np.asarray(found + lumped @ weights)


class Unit(NamedTuple):
    """An activation, and what is known of it: where it is not smooth, whether it is odd, and whether it jumps."""

    activation: Activation
    kinks: Float[np.ndarray, " kinks"]
    odd: bool
    jumps: bool = False

    def square(self, variance: float, mean: float = 0.0) -> float:
        """Return ⟨φ²⟩."""
        x, weight, _ = self._grid(variance, mean)
        return float((values(self.activation, x) ** 2 * weight).sum())

    def slope_square(self, variance: float, mean: float = 0.0) -> float:
        """Return ⟨φ'²⟩, infinite where φ' is not square integrable (jumps, power laws with p ≤ 1/2).

        Raises
        ------
        InputError : a drive so strong that φ rises within the innermost panels.
        """
        if self.jumps:
            return np.inf
        x, weight, half = self._grid(variance, mean)
        wide = half > 0
        slopes = values(self.activation, x[wide]) @ _rules().slope.T / (half[wide] * sqrt(variance))[:, None]
        parts = (slopes**2 * weight[wide]).sum(1)
        # the two panels next to zero stand for infinitely many, whose shares fall geometrically
        start = int(np.searchsorted(x[wide, 0], 0.0))
        if not 0 < start < len(parts) - 3:  # zero is out of reach of a mean so far away
            return float(parts.sum())
        last, before = parts[start], parts[start + 1]
        if last <= 1e-12 * parts.sum():
            return float(parts.sum())
        ratio, next_ratio = parts[start + 1] / parts[start + 2], parts[start + 2] / parts[start + 3]
        resolved = variance * parts.sum() > RESOLVED * self.square(variance, mean)
        require(
            bool(ratio < 1 - 1e-6 or (resolved and abs(ratio / next_ratio - 1) < 0.1)),
            f"an activation driven with variance {variance:.3g}, which makes it a step",
            "one that is resolved",
            "lower the gain or the noise, or take a smoother activation",
        )
        inner = before * ratio / (1 - ratio) if ratio < 1 - 1e-6 else np.inf
        return float(parts.sum() - 2 * last + 2 * inner)

    def series(self, variance: float, mean: float = 0.0, most: int = MOST_TERMS) -> HermiteSeries:
        """Return the Hermite series at this variance and mean.

        Raises
        ------
        InputError : an activation that jumps, or nearly does.
        """
        x, weight, _ = self._grid(variance, mean)
        z = ((x - mean) / sqrt(variance)).ravel()
        phi = values(self.activation, x).ravel()
        sums = self._sums(variance, mean, phi, z, weight.ravel())
        envelope = np.exp(-(z**2) / 4)
        with np.errstate(divide="ignore", invalid="ignore"):
            phi = np.where(envelope > 0, phi * weight.ravel() / envelope, 0.0)
        hermite = np.zeros((BLOCK + 2, z.size))
        found, slope_square = np.empty(0), 0.0
        for first in range(0, most, BLOCK):
            hermite[:2] = hermite[-2:]
            for row, n in enumerate(range(first, first + BLOCK), 2):
                if n == 0:
                    hermite[row] = envelope
                    continue
                new = np.multiply(z, hermite[row - 1], out=hermite[row])
                new -= sqrt(n - 1) * hermite[row - 2]
                new /= sqrt(n)
            fresh = hermite[2:] @ phi
            found = np.concatenate([found, fresh])
            steep = float(np.arange(first, first + BLOCK) @ fresh**2)
            slope_square += steep
            if steep <= 1e-13 * slope_square:
                break
        # terms of a jump fall by a known power law, and a rough series need not resolve everything
        rough = most < MOST_TERMS or np.isinf(sums.slopes)
        return _lumped(found, sums, np.inf if rough else UNRESOLVED)

    def _sums(self, variance: float, mean: float, phi: np.ndarray, z: np.ndarray, weight: np.ndarray) -> "_Sums":
        """Return what the series and its derivatives are at ρ = 1, by quadrature over φ at the nodes z."""
        square = phi**2 * weight
        slopes = variance * self.slope_square(variance, mean)
        return _Sums(float(square.sum()), slopes, float(square @ (z**2 - 1)) / 2 - slopes)

    def _grid(self, variance: float, mean: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return inputs x and their gaussian weights, (panels, nodes), and half the width of each panel in z."""
        std = sqrt(variance)
        special = (np.append(self.kinks, 0.0) - mean) / std
        steps = WIDTH * 0.5 ** np.arange(LEVELS)
        graded = special[:, None] + np.concatenate([-steps, [0.0], steps])
        edges = np.sort(np.concatenate([np.arange(-REACH, REACH + WIDTH / 2, WIDTH), graded.ravel()]))
        edges = np.clip(edges, -REACH, REACH)
        half = np.diff(edges) / 2
        z = (edges[:-1] + half)[:, None] + half[:, None] * _rules().nodes
        weight = half[:, None] * _rules().weights * np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
        return mean + std * z, weight, half


def values(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x), computed in pieces of one size, for which JAX compiles once."""
    flat = np.zeros(-(-x.size // PIECE) * PIECE)
    flat[: x.size] = x.ravel()
    parts = [_onesite.values(activation, piece) for piece in flat.reshape(-1, PIECE)]
    return np.concatenate(parts)[: x.size].reshape(x.shape)


def unit_of(activation: Activation) -> Unit:
    """Return an activation with its kinks found.

    Raises
    ------
    InputError : an activation with NaN or infinite values.
    """
    require(callable(activation), f"activation {activation!r}", "a function, such as activations.tanh")
    odd = _onesite.is_odd(activation)
    kinks = _kinks(activation)
    around = np.append(kinks, 0.0), np.append(np.full(len(kinks), BESIDE), NEAREST)
    rise = values(activation, around[0] + around[1]) - values(activation, around[0] - around[1])
    largest = np.abs(values(activation, np.linspace(-10, 10, 41))).max()
    return Unit(activation, kinks, odd, bool((np.abs(rise) > RISE * largest).any()))


class _Sums(NamedTuple):
    """Sums over all terms of the series: Σ a_n² = ⟨φ²⟩, Σ n a_n² = u² ⟨φ'²⟩ and Σ √((n+1)(n+2)) a_n a_(n+2)."""

    total: float
    slopes: float
    mixed: float


def _lumped(found: np.ndarray, sums: _Sums, most_unresolved: float) -> HermiteSeries:
    """Return the series: the first terms one by one, the others lumped, and its tail."""
    n = np.arange(float(len(found)))
    squares = found**2
    mixed = np.zeros_like(found)
    mixed[:-2] = np.sqrt((n[:-2] + 1) * (n[:-2] + 2)) * found[:-2] * found[2:]
    powers, weights, crossed = n[DENSE:], squares[DENSE:], mixed[DENSE:]
    if len(powers):
        bins = np.floor(np.log(powers / DENSE) / np.log(RATIO)).astype(int)
        _, bins = np.unique(bins, return_inverse=True)
        lump = np.bincount(bins, weights)
        filled = lump > 0
        powers = (np.bincount(bins, weights * powers)[filled]) / lump[filled]
        weights, crossed = lump[filled], np.bincount(bins, crossed)[filled]
    rest = sums.total - squares.sum()
    if rest > 1e-13 * sums.total:
        require(
            rest <= most_unresolved * sums.total,
            "the activation jumps, or is driven so strongly that it nearly does",
            "a continuous activation",
            "lower the gain or the noise, or take a smoother activation",
        )
        tail = _tail(squares, sums)
        missing = sums.mixed - mixed.sum()
        share = tail.powers * tail.weights
        powers, weights = np.concatenate([powers, tail.powers]), np.concatenate([weights, tail.weights])
        crossed = np.concatenate([crossed, missing * share / share.sum() if np.isfinite(missing) else -share])
    return HermiteSeries(
        squares[:DENSE], mixed[:DENSE], powers, weights, crossed, max(rest / max(sums.total, TINY), 0.0)
    )


def _tail(squares: np.ndarray, sums: _Sums) -> _onesite.PowerSeries:
    """Return the terms beyond those known, a_n² ∝ n^(−1−d) on average, in bins.

    Beside a kink at θ the coefficients go as n^(−5/4) cos(θ √n/u − nπ/2), so the last few known ones say nothing of
    their mean. The sums R₀ = Σ a_n² and R₁ = Σ n a_n² over the tail are known exactly, and with it starting at N

        R₁/(N R₀) = d/(d − 1).

    Where ⟨φ'²⟩ is infinite (jumps, power laws with p ≤ 1/2) d follows from R₀ ∝ N^(−d), taken at N and N/4.
    """
    end = float(len(squares))
    rest = sums.total - squares.sum()
    before = squares[len(squares) // 4 :].sum()
    d = float(np.clip(np.log1p(before / rest) / np.log(4), 0.1 if np.isinf(sums.slopes) else LEAST_DECAY, 50.0))
    ratio = (sums.slopes - np.arange(end) @ squares) / (end * rest)
    finite = bool(np.isfinite(ratio) and ratio > 1)
    if finite:
        d = ratio / (ratio - 1)
    edges = end * 1.1 ** np.arange(0, 200)
    beyond = np.append((edges / end) ** -d, 0.0)
    weights = rest * (beyond[:-1] - beyond[1:])
    powers = np.append(np.sqrt(edges[:-1] * edges[1:]), edges[-1])
    if finite:  # the mean of n in each bin, the last of which has no end
        first = np.append(edges ** (1 - d), 0.0)
        powers = (
            d / (d - 1) * (first[:-1] - first[1:]) / (np.append(edges**-d, 0.0)[:-1] - np.append(edges**-d, 0.0)[1:])
        )
    return _onesite.PowerSeries(powers, weights)


class _Rules(NamedTuple):
    nodes: np.ndarray
    weights: np.ndarray
    slope: np.ndarray


@cache
def _rules() -> _Rules:
    """Return Gauss–Legendre nodes and weights, and the matrix that differentiates what is known at the nodes."""
    nodes, weights = legendre.leggauss(NODES)
    to_series = (legendre.legvander(nodes, NODES - 1) * weights[:, None]).T * (np.arange(NODES) + 0.5)[:, None]
    slope = legendre.legval(nodes, legendre.legder(np.eye(NODES))).T @ to_series
    return _Rules(nodes, weights, slope)


def _kinks(activation: Activation) -> np.ndarray:
    """Return where, zero aside, the slope of φ jumps."""
    try:
        return _found_kinks(activation)
    except TypeError:  # an activation that cannot be hashed is searched anew
        return _found_kinks.__wrapped__(activation)


@lru_cache(64)
def _found_kinks(activation: Activation) -> np.ndarray:
    x = np.sinh(np.linspace(-7.6, 7.6, 2001))
    bend = _bends(x[None], values(activation, x[None]))[0]
    peaks = np.flatnonzero((bend[1:-1] > bend[:-2]) & (bend[1:-1] >= bend[2:])) + 1
    peaks = peaks[np.argsort(-bend[peaks])][: KINKS + 1]
    low, high = x[peaks], x[peaks + 2]
    if len(peaks) == 0:
        return low
    rough = np.abs(values(activation, high) - values(activation, low)) / (high - low)
    fine = np.linspace(low, high, 17, axis=1)
    phi = values(activation, fine)
    while (high - low).max() > 1e-6:
        bend = _bends(fine, phi)
        at, rows = bend.argmax(1), np.arange(len(low))
        low, high = fine[rows, np.maximum(at - 1, 0)], fine[rows, np.minimum(at + 3, 16)]  # rounding must not lose it
        fine = np.linspace(low, high, 17, axis=1)
        phi = values(activation, fine)
    bend = _bends(fine, phi)
    noise = 1e-13 * np.abs(phi).max(1) / (fine[:, 1] - fine[:, 0])
    place = (low + high) / 2
    return place[(bend.max(1) > np.maximum(1e-3 * rough, noise)) & (np.abs(place) > 1e-5)]


def _bends(x: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Return by how much the slope changes at the inner points of each row."""
    return np.abs(np.diff(np.diff(phi, axis=1) / np.diff(x, axis=1), axis=1))
