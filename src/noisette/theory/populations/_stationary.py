"""The stationary solution for populations: forward in time from a start, then Newton's method on a grid of lags.

With Δ_p(τ) = ⟨x(t) x(t+τ)⟩ − μ_p² = k_p + c_p(τ), where k_p = Δ_p(∞), and v_p = k_p + c_p(0), a solution obeys

    c_p = K_p Σ_q V_pq [C_q(k_q + c_q) − C_q(k_q)] + noise,     k_p = Σ_q V_pq C_q(k_q) + frozen noise + κᵀ Σ_m κ,
    μ_p = b_p + Σ_q M_pq R_q + m̄_p · κ,                          κ = Σ_q f_q [n̄_q R_q + Cov(n, m)_q κ ⟨φ'⟩_q],

where C_q(Δ) = ⟨φ(x) φ(x')⟩ for x, x' of mean μ_q, variance v_q and covariance Δ, and K_p = (1 − τ_p² ∂²)⁻¹. With noise
inside the activation, x stands for x + η. Without a potential, as there is one for a single population, the solution
that activity reaches is found by the two-time equations, and made precise by Newton's method.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from noisette.errors import InputError
from noisette.noise import NoiseSpectrum
from noisette.theory.dmft import ContinuousLags, continuous_lags
from noisette.theory.gaussian import HermiteSeries
from noisette.theory.populations._fixed_points import TINIEST, Moments, moments_of
from noisette.theory.populations._model import Model
from noisette.theory.populations._two_time import TwoTime

LOW, HIGH, HIGHEST = -10, 10, 22  # log₂ of the shortest lag, of the first longest one, and of the longest allowed
TERMS = 1024  # of the Hermite series
FORGOTTEN = 1e-8  # largest c(τ)/c(0) at the last lags
STEPS, EXACT, ACCEPTED = 40, 1e-12, 1e-10  # of Newton's method, and relative residuals that end it and that suffice
DIFFERENCE = 1e-4  # of μ in units of √v, for derivatives by the mean
STILL = 1e-10  # share of the variance below which fluctuations count as none


@dataclass(frozen=True, eq=False)
class Stationary:
    """Means and second moments of all populations.

    Attributes
    ----------
    model : the populations
    grid : lags
    decaying : c, shape (P, lags)
    constant : k, shape (P,)
    mean : μ, shape (P,)
    overlap : κ, shape (R,)
    total : v if it is known to more digits than k + c(0)
    """

    model: Model
    grid: ContinuousLags
    decaying: Float[np.ndarray, "P lags"]
    constant: Float[np.ndarray, " P"]
    mean: Float[np.ndarray, " P"]
    overlap: Float[np.ndarray, " R"]
    total: Float[np.ndarray, " P"] | None = None

    @property
    def variance(self) -> np.ndarray:
        """Return v = k + c(0), which includes noise inside the activation, shape (P,)."""
        return self.constant + self.decaying[:, 0] if self.total is None else self.total

    @property
    def is_fixed_point(self) -> bool:
        """Return whether x does not vary in time."""
        return bool((np.abs(self.decaying[:, 0]) <= STILL * np.maximum(self.variance, 1e-300)).all())

    def series(self, p: int, shift: float = 0.0) -> HermiteSeries:
        """Return the Hermite series of population p, at a mean that is shifted by `shift` standard deviations."""
        return series_of(self.model, p, float(self.variance[p]), float(self.mean[p]), shift)

    def decaying_at(self, p: int, lags: np.ndarray) -> np.ndarray:
        """Return c of population p at other lags, of any sign."""
        return self.grid.at(self.decaying[p], lags)

    def rates_at(self, p: int, decaying: np.ndarray) -> np.ndarray:
        """Return the autocovariance of the rates of population p, C(k + c) − C(k)."""
        k, v = float(self.constant[p]), float(self.variance[p])
        if v <= TINIEST:
            return np.zeros_like(decaying)
        series = self.series(p)
        return series(np.clip((k + decaying) / v, -1.0, 1.0)) - float(series(k / v))

    def slopes_of_means(self) -> np.ndarray:
        """Return ⟨a²⟩, the mean square over units of ⟨φ'⟩ over time, which is ⟨φ' φ'⟩ at long lags, shape (P,)."""
        k, v = self.constant, self.variance
        return np.array([float(self.series(p).by_rho(k[p] / v[p])) / v[p] for p in range(len(v))])

    def moments(self) -> list[Moments]:
        """Return averages of each population."""
        return [moments_of(self.model, p, float(self.variance[p]), float(self.mean[p])) for p in range(len(self.mean))]

    def packed(self) -> np.ndarray:
        """Return all unknowns in one vector."""
        return np.concatenate([self.decaying.ravel(), self.constant, self.mean, self.overlap])

    def unpacked(self, vector: np.ndarray) -> "Stationary":
        """Return the solution with other unknowns."""
        p, n = self.decaying.shape
        c, rest = vector[: p * n].reshape(p, n), vector[p * n :]
        return Stationary(self.model, self.grid, c, rest[:p], rest[p : 2 * p], rest[2 * p :])


def series_of(model: Model, p: int, variance: float, mean: float, shift: float = 0.0) -> HermiteSeries:
    """Return the Hermite series of the activation of population p."""
    return model.units[p].series(variance, mean + shift * float(np.sqrt(variance)), TERMS)


@lru_cache(16)
def grid_of(high: int, low: int, oscillations: tuple[tuple[float, float], ...], tau: float) -> ContinuousLags:
    """Return the grid of lags in units of τ."""
    return ContinuousLags(continuous_lags(low, high, oscillations).edges / tau)


def in_units_of(spectrum: NoiseSpectrum, tau: float) -> NoiseSpectrum:
    """Return the autocovariance of the input as a function of the lag in units of τ."""
    coloured = tuple((square, time / tau) for square, time in spectrum.coloured)
    oscillating = tuple((square, time / tau, omega * tau) for square, time, omega in spectrum.oscillating)
    return NoiseSpectrum(spectrum.white / tau, coloured, spectrum.frozen, oscillating)


@dataclass(frozen=True, eq=False)
class Equations:
    """The self-consistent equations on one grid of lags.

    Attributes
    ----------
    model : the populations
    grid : lags
    kernels : K_p of each population, each of shape (lags, lags)
    noise : c of uncoupled units, shape (P, lags)
    """

    model: Model
    grid: ContinuousLags
    kernels: tuple[Float[np.ndarray, "lags lags"], ...]
    noise: Float[np.ndarray, "P lags"]

    def gap(self, state: Stationary) -> tuple[np.ndarray, list[HermiteSeries]]:
        """Return the right-hand sides minus the left-hand sides, and the series they are computed from."""
        model = self.model
        series = [state.series(p) for p in range(model.populations)]
        k, v = state.constant, state.variance
        plateau = np.array([float(s(k[p] / v[p])) for p, s in enumerate(series)])
        rho = np.clip((k[:, None] + state.decaying) / v[:, None], -1.0, 1.0)
        rates = np.array([s(rho[p]) - plateau[p] for p, s in enumerate(series)])
        inputs = model.statistics.variance @ rates
        c = np.array([kernel @ row for kernel, row in zip(self.kernels, inputs, strict=True)]) + self.noise
        static = model.statistics.variance @ plateau + model.static_noise() + model.along(state.overlap)
        moments = state.moments()
        rate, slope = np.array([(m.rate, m.slope) for m in moments]).T
        new = [c.ravel(), static, model.means(rate, state.overlap), model.overlaps(rate, slope, state.overlap)]
        return np.concatenate(new) - state.packed(), series

    def jacobian(self, state: Stationary, series: list[HermiteSeries]) -> np.ndarray:
        """Return the derivative of the left-hand sides minus the right-hand sides."""
        model, s = self.model, self.model.statistics
        p, n = state.decaying.shape
        size = p * (n + 2) + model.rank
        matrix = np.eye(size)
        lasting, means, ranks = (slice(p * n, p * n + p), slice(p * n + p, p * n + 2 * p), slice(p * n + 2 * p, size))
        for q, one in enumerate(series):
            k, v, c = float(state.constant[q]), float(state.variance[q]), state.decaying[q]
            rho = np.clip((k + c) / v, -1.0, 1.0)
            by_moment, end = one.by_rho(rho) / v, float(one.by_rho(k / v)) / v
            drift_end = float(one.by_variance(k / v)) / v
            drift = one.by_variance(rho) / v - drift_end
            by_mean, by_mean_end = self._by_mean(state, q, rho, k / v)
            average = moments_of(model, q, v, float(state.mean[q]))
            columns, dk, dm = slice(q * n, (q + 1) * n), p * n + q, p * n + p + q
            for target in range(p):
                weight = s.variance[target, q]
                if weight:
                    rows, kernel = slice(target * n, (target + 1) * n), self.kernels[target]
                    matrix[rows, columns] -= weight * kernel * by_moment
                    by_variance = weight * (kernel @ drift)
                    matrix[rows, q * n] -= by_variance
                    matrix[rows, dk] -= weight * (kernel @ (by_moment - end)) + by_variance
                    matrix[rows, dm] -= weight * (kernel @ (by_mean - by_mean_end))
                    matrix[p * n + target, [q * n, dk]] -= weight * np.array([drift_end, end + drift_end])
                    matrix[p * n + target, dm] -= weight * by_mean_end
            # R and ⟨φ'⟩ depend on v and μ: ∂⟨φ⟩/∂v = ½⟨φ''⟩, and ∂⟨φ'⟩ by finite differences
            bent = self._slope_derivatives(q, v, float(state.mean[q]))
            to_rank = s.fractions[q] * s.right_mean[q]
            along = s.fractions[q] * s.overlap[q] @ state.overlap
            for column, rate, slope in ((q * n, average.bend / 2, bent[0]), (dm, average.slope, bent[1])):
                matrix[means, column] -= s.mean[:, q] * rate
                matrix[ranks, column] -= to_rank * rate + along * slope
            matrix[means, dk] -= s.mean[:, q] * average.bend / 2
            matrix[ranks, dk] -= to_rank * average.bend / 2 + along * bent[0]
            matrix[ranks, ranks] -= s.fractions[q] * s.overlap[q] * average.slope
        if model.rank:
            matrix[lasting, ranks] -= 2 * np.einsum("prs,s->pr", s.left_covariance, state.overlap)
            matrix[means, ranks] -= s.left_mean
        return matrix

    def _by_mean(self, state: Stationary, q: int, rho: np.ndarray, end: float) -> tuple[np.ndarray, float]:
        """Return the derivative of C_q by μ_q at all lags and at infinity."""
        if self.model.units[q].odd and state.mean[q] == 0:
            return np.zeros_like(rho), 0.0
        above, below = (state.series(q, sign * DIFFERENCE) for sign in (1, -1))
        step = 2 * DIFFERENCE * float(np.sqrt(state.variance[q]))
        return (above(rho) - below(rho)) / step, float(above(end) - below(end)) / step

    def _slope_derivatives(self, q: int, variance: float, mean: float) -> tuple[float, float]:
        """Return the derivatives of ⟨φ'⟩ by the variance and by the mean."""
        if self.model.rank == 0:
            return 0.0, 0.0
        h = DIFFERENCE * variance, DIFFERENCE * float(np.sqrt(variance))
        pairs = (((variance + h[0], mean), (variance - h[0], mean)), ((variance, mean + h[1]), (variance, mean - h[1])))
        slopes = [[moments_of(self.model, q, *point).slope for point in pair] for pair in pairs]
        return tuple((a - b) / (2 * step) for (a, b), step in zip(slopes, h, strict=True))  # type: ignore[return-value]

    def newton(self, state: Stationary) -> Stationary | None:
        """Return the solution near a state by damped Newton steps, or None if they do not converge."""
        gap, series = self.gap(state)
        scale = 0.0
        for _ in range(STEPS):
            scale = float(np.abs(state.variance).max() + np.abs(state.mean).max())
            size = float(np.abs(gap).max())
            if size < EXACT * scale:
                return state
            try:
                change = np.linalg.solve(self.jacobian(state, series), gap)
            except np.linalg.LinAlgError:
                return None
            for factor in (1.0, 0.5, 0.25, 0.1, 0.02):
                trial = state.unpacked(state.packed() + factor * change)
                if not (trial.variance > 0).all() or (trial.constant < -1e-12 * trial.variance).any():
                    continue
                new, new_series = self.gap(trial)
                if np.abs(new).max() < size:
                    break
            else:
                return state if size < ACCEPTED * scale else None
            state, gap, series = trial, new, new_series
        return state if float(np.abs(gap).max()) < ACCEPTED * scale else None


def equations_on(model: Model, high: int) -> Equations:
    """Return the equations on the grid of lags up to 2^high."""
    decaying = [rate for s in model.current + model.rate_noise + model.inside for _, rate in s.decaying]
    low = min([LOW, *(int(np.floor(-np.log2(abs(rate)))) for rate in decaying)])
    low = min(low, LOW + int(np.floor(np.log2(model.tau.min()))))
    oscillations = tuple((rate.imag, rate.real) for rate in decaying if rate.imag)
    grid = grid_of(high, low, oscillations, 1.0)
    scaled_grids = [grid_of(high, low, oscillations, float(tau)) for tau in model.tau]
    noise = np.zeros((model.populations, len(grid.lags)))
    for p, (lags, tau) in enumerate(zip(scaled_grids, model.tau, strict=True)):
        for spectrum in (model.current[p], model.rate_noise[p]):
            noise[p] += lags.noise(in_units_of(spectrum, float(tau)))
        noise[p] += model.inside[p].autocovariance(grid.lags) - model.inside[p].frozen
    return Equations(model, grid, tuple(lags.kernel for lags in scaled_grids), noise)


def from_two_time(equations: Equations, run: TwoTime, dt: float) -> Stationary:
    """Return the state at the end of a two-time solution, on the grid of lags."""
    model, grid = equations.model, equations.grid
    steps = len(run.mean)
    lags = dt * np.arange(steps)
    late = run.covariance[:, -1, ::-1] + np.array([s.autocovariance(lags) for s in model.inside])  # lags from zero
    tail = late[:, steps // 2 : 3 * steps // 4]
    constant = np.zeros(model.populations) if _vanishing(model) else np.clip(tail.mean(1), 0.0, late[:, 0])
    until = steps // 2
    c = late[:, :until] - constant[:, None]
    # beyond the part of the run that is used, fluctuations are taken to have decayed
    c = c * np.clip(2 * (1 - lags[:until] / lags[until]), 0.0, 1.0)
    decaying = np.array([np.interp(grid.lags, lags[:until], row, right=0.0) for row in c])
    return Stationary(model, grid, decaying, constant, run.mean[-1], run.overlap[-1])


def _vanishing(model: Model) -> bool:
    """Return whether Δ(∞) = 0: odd activations, neither bias nor frozen noise, and no structure that may break it."""
    return model.symmetric and not model.static_noise().any() and model.rank == 0


def too_slow(longest: float = 2.0**HIGHEST) -> InputError:
    """Return the error for fluctuations that decay too slowly."""
    return InputError(
        f"populations whose fluctuations decay too slowly; lags up to {longest:.2g} are allowed; "
        "change the gain or the noise, or simulate a network"
    )


__all__ = ["Equations", "Stationary", "equations_on", "from_two_time", "too_slow"]
