"""Fixed points of populations, and their stability: the bulk and the outliers of the spectrum of the Jacobian.

At a fixed point x_i is normal over the units of a population, with the mean μ and the variance v. A perturbation
δx e^(λt) obeys (1 + τλ) δx_i = Σ_j g W_ij φ'_j δx_j. Independent weights make the bulk of the spectrum the solutions of

    det[1 − diag(1/|1 + τ_p λ|²) V diag ⟨φ'²⟩] ≥ 0,

whose rightmost point is real. Outside the bulk, δx_i has a mean δμ_p and a covariance s_p with x_i. With Stein's lemma,
⟨f(x) δx⟩ = ⟨f⟩ δμ + ⟨f'⟩ s, the averages over the weights are

    (1 + τ_p λ) δμ_p = Σ_q M_pq (⟨φ'⟩ δμ + ⟨φ''⟩ s)_q + m̄_p · δκ,
    (1 + τ_p λ) s_p = Σ_q V_pq (⟨φ φ'⟩ δμ + ⟨(φ φ')'⟩ s)_q + κ Σ_m δκ,
    (1 + τ_p λ) w_p = δκ,
    δκ = Σ_q f_q [n̄ (⟨φ'⟩ δμ + ⟨φ''⟩ s) + Cov(n, m) κ (⟨φ''⟩ δμ + ⟨φ'''⟩ s) + Cov(n, m) w ⟨φ'⟩]_q,

an eigenvalue problem of P (2 + R) numbers whose solutions outside the bulk are the outliers (Mastrogiuseppe & Ostojic
2018 for one population of rank one).
"""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Complex, Float
from scipy.optimize import root as multivariate_root

from noisette.theory.gaussian import root, values
from noisette.theory.populations._model import Model

STEP = 1e-3  # of differences at v = 0
PRECISE = 1e-10  # residual of a fixed point, relative to its variance and mean
LEAST = 1e-16  # variance at which slopes are averaged where x = μ
TINIEST = 1e-14  # variance below which it is zero


class Moments(NamedTuple):
    """Averages over one population at one time, for x ~ N(μ, v).

    Attributes
    ----------
    rate, slope, bend, third : ⟨φ⟩, ⟨φ'⟩, ⟨φ''⟩ and ⟨φ'''⟩
    square, square_slope, square_bend : ⟨φ²⟩, ⟨φ φ'⟩ and ⟨(φ φ')'⟩
    """

    rate: float
    slope: float
    bend: float
    third: float
    square: float
    square_slope: float
    square_bend: float


class FixedPoint(NamedTuple):
    """Fixed point of all populations: μ and v, shape (P,), and κ, shape (R,)."""

    mean: Float[np.ndarray, " P"]
    variance: Float[np.ndarray, " P"]
    overlap: Float[np.ndarray, " R"]


def moments_of(model: Model, p: int, variance: float, mean: float) -> Moments:
    """Return averages of population p."""
    unit = model.units[p]
    if variance > TINIEST:
        return Moments(*unit.moments(variance, mean))
    phi = values(unit.activation, mean + STEP * np.arange(-2.0, 3.0))
    slope, bend = (phi[3] - phi[1]) / (2 * STEP), (phi[3] - 2 * phi[2] + phi[1]) / STEP**2
    third = (phi[4] - 2 * phi[3] + 2 * phi[1] - phi[0]) / (2 * STEP**3)
    here = float(phi[2])
    return Moments(here, slope, bend, third, here**2, here * slope, slope**2 + here * bend)


def fixed_point(model: Model, mean: np.ndarray, variance: np.ndarray, overlap: np.ndarray) -> FixedPoint | None:
    """Return the fixed point near the given numbers, or None if the search does not converge."""
    p = model.populations

    def image(vector: np.ndarray) -> np.ndarray:
        mu, v, kappa = vector[:p], np.maximum(vector[p : 2 * p], 0.0), vector[2 * p :]
        averages = [moments_of(model, q, float(v[q]), float(mu[q])) for q in range(p)]
        rates, slopes, squares = np.array([(m.rate, m.slope, m.square) for m in averages]).T
        static = model.statistics.variance @ squares + model.static_noise() + model.along(kappa)
        new = model.means(rates, kappa), static, model.overlaps(rates, slopes, kappa)
        return np.concatenate(new)

    start = np.concatenate([mean, variance, overlap])
    still: Any = multivariate_root(lambda x: image(x) - x, start, method="hybr", options={"xtol": 1e-13})
    gap = np.abs(image(still.x) - still.x).max()
    if not gap < PRECISE * (1 + np.abs(still.x).max()):
        return None
    v = np.where(still.x[p : 2 * p] < TINIEST, 0.0, still.x[p : 2 * p])
    return FixedPoint(still.x[:p], v, still.x[2 * p :])


def bulk_edge(model: Model, slope_squares: np.ndarray) -> float:
    """Return the real λ at which the spectral radius of diag(1/(1 + τλ)²) V diag ⟨φ'²⟩ is one.

    At a fixed point it is the rightmost point of the bulk of the spectrum, and the largest exponent of the bulk.
    """
    weights = model.statistics.variance * slope_squares
    if not np.isfinite(weights).all():
        return np.inf
    lowest = -1 / float(model.tau.max())
    if not weights.any():
        return lowest

    def excess(rate: float) -> float:
        return radius(weights / (1 + model.tau * rate)[:, None] ** 2) - 1

    high = (np.sqrt(radius(weights)) + 1) / float(model.tau.min())
    low = lowest + 1e-9 / float(model.tau.max())
    if excess(low) <= 0:  # weights without a loop
        return lowest
    return root(excess, low, high, absolute=1e-14, relative=1e-14)


def bulk_of(model: Model, point: FixedPoint) -> float:
    """Return the rightmost point of the bulk at a fixed point; φ' of x = μ is averaged over both sides of a kink."""
    each = zip(model.units, point.mean, point.variance, strict=True)
    squares = [unit.slope_square(max(float(v), LEAST), float(mu)) for unit, mu, v in each]
    return bulk_edge(model, np.array(squares))


def radius(matrix: np.ndarray) -> float:
    """Return the spectral radius."""
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def outliers(model: Model, state: FixedPoint) -> Complex[np.ndarray, " modes"]:
    """Return the eigenvalues of the mean modes, those with the largest real part first.

    Those inside the bulk are not eigenvalues of the Jacobian.
    """
    s, p, r = model.statistics, model.populations, model.rank
    averages = [moments_of(model, q, float(v), float(m)) for q, (m, v) in enumerate(zip(*state[:2], strict=True))]
    slope, bend, third = np.array([(m.slope, m.bend, m.third) for m in averages]).T
    square_slope, square_bend = np.array([(m.square_slope, m.square_bend) for m in averages]).T
    size = p * (2 + r)
    mu, cov, filtered = slice(0, p), slice(p, 2 * p), slice(2 * p, size)
    response = np.zeros((r, size))  # δκ as a linear function of (δμ, s, w)
    along = np.einsum("qrs,s->qr", s.overlap, state.overlap)  # Cov(n, m) κ of each population
    response[:, mu] = (s.fractions[:, None] * (s.right_mean * slope[:, None] + along * bend[:, None])).T
    response[:, cov] = (s.fractions[:, None] * (s.right_mean * bend[:, None] + along * third[:, None])).T
    for q in range(p):
        response[:, 2 * p + q * r : 2 * p + (q + 1) * r] = s.fractions[q] * slope[q] * s.overlap[q]
    matrix = np.zeros((size, size))
    matrix[mu, mu], matrix[mu, cov] = s.mean * slope, s.mean * bend
    matrix[cov, mu], matrix[cov, cov] = s.variance * square_slope, s.variance * square_bend
    if r:
        matrix[mu] += s.left_mean @ response
        matrix[cov] += np.einsum("prs,s->pr", s.left_covariance, state.overlap) @ response
        matrix[filtered] = np.tile(response, (p, 1))
    tau = np.concatenate([model.tau, model.tau, np.repeat(model.tau, r)])
    rates: Any = np.linalg.eigvals((matrix - np.eye(size)) / tau[:, None]).astype(complex)
    return rates[np.argsort(-rates.real)]


__all__ = [
    "TINIEST",
    "FixedPoint",
    "Moments",
    "bulk_edge",
    "bulk_of",
    "fixed_point",
    "moments_of",
    "outliers",
    "radius",
]
