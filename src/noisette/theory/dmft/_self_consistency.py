"""The self-consistent second moment on a grid of lags: damped iteration, followed by Newton's method.

Δ(τ) = k + c(τ) is a solution if

    c = K [g² C_φ(k + c; v) − g² C_φ(k; v)] + noise,    k = s_f² + g² C_φ(k; v),    v = k + c(0),

where K = (1 − ∂²)⁻¹ applies the response of a unit at both times, and k = Δ(∞) is the part due to frozen noise (s_f²)
and to the means of units. With noise η inside the activation, Δ is the second moment of x + η, and the noise
contains the autocovariance of η. The iteration maps positive semidefinite functions to positive semidefinite ones; it
is damped, as it otherwise diverges from poor starts, and it converges linearly. Newton's method converges
quadratically, but only from nearby, and also to solutions that are not autocovariances; `_is_autocovariance` rejects
those.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.sparse.linalg import LinearOperator, gmres

from noisette.noise import NO_NOISE, NoiseSpectrum
from noisette.theory.dmft._continuous_lags import ContinuousLags
from noisette.theory.dmft._euler_lags import EulerLags
from noisette.theory.gaussian._hermite import HermiteSeries
from noisette.theory.gaussian._unit import MOST_TERMS, Unit

MIXING = 0.7  # weight of the new moment; a convex combination of autocovariances is an autocovariance
ROUNDS, PATIENCE = 4, 40  # Newton's method is tried after each round of PATIENCE iterations
NEAR, EXACT = 1e-3, 1e-12  # relative changes at which Newton's method is tried, and at which it has converged
ROUGH = 192  # terms of the Hermite series in the iteration, where two digits suffice
STEPS = 30  # of Newton's method
RUNAWAY = 1e12  # growth of the variance that counts as divergence
MOST_PULL = 1 - 1e-9  # largest g² ⟨φ' φ'⟩(∞) in the preconditioner, which diverges at one


class SecondMoment(NamedTuple):
    """Second moment Δ(τ) = k + c(τ): c at the lags of a grid, and the constant k."""

    decaying: Float[np.ndarray, " lags"]
    constant: float

    @property
    def variance(self) -> float:
        """Return v = Δ(0)."""
        return float(self.constant + self.decaying[0])


@dataclass(frozen=True)
class Problem:
    """The self-consistent equation.

    Attributes
    ----------
    unit, gain : activation and g
    spectrum : power spectrum of the noise
    grid : lags at which c is represented
    lasting : whether Δ has a constant part k
    inside : power spectrum of the noise η inside the activation; its frozen part counts as frozen noise of `spectrum`
    """

    unit: Unit
    gain: float
    spectrum: NoiseSpectrum
    grid: ContinuousLags | EulerLags
    lasting: bool
    inside: NoiseSpectrum = NO_NOISE

    def noise(self) -> np.ndarray:
        """Return the autocovariance of x + η for an uncoupled unit, without frozen noise, shape (lags,)."""
        return self.grid.noise(self.spectrum) + self.inside.autocovariance(self.grid.lags) - self.inside.frozen

    def image(
        self, moment: SecondMoment, noise: np.ndarray, terms: int = MOST_TERMS
    ) -> tuple[SecondMoment, HermiteSeries]:
        """Return the right-hand sides, and the Hermite series at v that they were computed from."""
        c, k = moment
        v = moment.variance
        series = self.unit.series(v, most=terms)
        rho = np.clip((k + c) / v, -1.0, 1.0)  # iterates need not be autocovariances
        plateau = float(series(min(k / v, 1.0)))
        new = self.gain**2 * self.grid.smooth(series(rho) - plateau) + noise
        return SecondMoment(new, self.spectrum.frozen + self.gain**2 * plateau if self.lasting else 0.0), series

    def newton(self, moment: SecondMoment, noise: np.ndarray) -> SecondMoment | None:
        """Return the solution near `moment` by damped Newton steps, or None if they do not converge."""
        image, series = self.image(moment, noise)
        gap = _gap(image, moment)
        size = np.abs(gap).max()
        for _ in range(STEPS):
            change = self._step(moment, series, gap)
            if change is None:
                return None
            # backtracking: the longest step that reduces the residual, with 0 < v and 0 ≤ k
            for factor in (1.0, 0.5, 0.25, 0.1, 0.02):
                trial = SecondMoment(
                    moment.decaying + factor * change[:-1], moment.constant + factor * float(change[-1])
                )
                if not 0 < trial.variance < RUNAWAY * moment.variance or trial.constant < 0:
                    continue
                image, series = self.image(trial, noise)
                gap = _gap(image, trial)
                if np.abs(gap).max() < size or factor * np.abs(change).max() < EXACT * trial.variance:
                    break
            else:
                return None
            moment, size = trial, np.abs(gap).max()
            if factor * np.abs(change).max() < EXACT * moment.variance or size < 1e-15 * moment.variance:
                return moment
        # rounding of the series may prevent further progress: accept a residual of 1e-11 v
        return moment if size < 1e-11 * moment.variance else None

    def _step(self, moment: SecondMoment, series: HermiteSeries, gap: np.ndarray) -> np.ndarray | None:
        """Return the Newton step of (c, k), shape (lags + 1,), or None if the linear equations are singular.

        With C = g² C_φ(Δ; v), δΔ = δk + δc and δv = δk + δc(0), the linearised equations are

            δc − K [∂C/∂Δ δc + (∂C/∂Δ − ∂C/∂Δ|_k) δk + (∂C/∂v − ∂C/∂v|_k) δv] = gap of c,
            δk − ∂C/∂Δ|_k δk − ∂C/∂v|_k δv = gap of k,

        where |_k is the value at Δ = k and gap is the right-hand side of the equation minus the left-hand side. In
        continuous time, with about 400 unknowns, they are solved directly; in Euler steps, with up to 2·10⁶ lags, by
        GMRES, because K is a product in frequency.
        """
        c, k = moment
        v = moment.variance
        by = self.gain**2 / v  # the series gives v ∂C_φ/∂Δ and v ∂C_φ/∂v
        rho, rho_end = np.clip((k + c) / v, -1.0, 1.0), min(k / v, 1.0)
        at_end, drift_end = (
            by * float(f(rho_end)) if self.lasting else 0.0 for f in (series.by_rho, series.by_variance)
        )
        # ∂C/∂Δ and ∂C/∂v − ∂C/∂v|_k at every lag, shape (lags,)
        pull, drift = by * series.by_rho(rho), by * series.by_variance(rho) - drift_end
        grid = self.grid
        if isinstance(grid, ContinuousLags):
            n = len(c)
            matrix = np.eye(n + 1)
            matrix[:n, :n] -= grid.kernel * pull
            by_variance = grid.smooth(drift)  # multiplies δv, hence both δc(0), column 0, and δk, column n
            matrix[:n, 0] -= by_variance
            matrix[:n, n] -= grid.smooth(pull - at_end) + by_variance
            matrix[n, 0] -= drift_end
            matrix[n, n] -= at_end + drift_end
            try:
                return np.linalg.solve(matrix, gap)
            except np.linalg.LinAlgError:
                return None

        def act(change: np.ndarray) -> np.ndarray:
            dc, dk = change[:-1], change[-1]
            dv = dk + dc[0]
            filtered = grid.smooth(pull * dc + (pull - at_end) * dk + drift * dv)
            return np.append(dc - filtered, dk - at_end * dk - drift_end * dv)

        operator = LinearOperator((len(gap),) * 2, matvec=act, dtype=float)  # type: ignore[call-arg]
        # at long lags ∂C/∂Δ is constant, and the equation is a convolution, δc − pull · K δc = gap, whose exact inverse
        # is the preconditioner; without it, GMRES needs many iterations where fluctuations decay slowly
        far = min(self.gain**2 / v * float(series.by_rho(rho_end)), MOST_PULL)

        def invert(change: np.ndarray) -> np.ndarray:
            return np.append(grid.amplified(change[:-1], far), change[-1])

        inverse = LinearOperator((len(gap),) * 2, matvec=invert, dtype=float)  # type: ignore[call-arg]
        change, _ = gmres(operator, gap, M=inverse, rtol=1e-8, atol=0.0, restart=100, maxiter=4)
        return change if np.isfinite(change).all() else None


def solve(problem: Problem, start: SecondMoment) -> SecondMoment | None:
    """Return the stationary second moment that the iteration reaches from `start`, or None if it reaches none."""
    noise = problem.noise()
    moment, most = start, RUNAWAY * max(start.variance, float(noise[0]))
    for _ in range(ROUNDS):
        for _ in range(PATIENCE):
            image, _ = problem.image(moment, noise, ROUGH)
            gap = _gap(image, moment)
            if not np.isfinite(gap).all() or moment.variance > most:
                return None
            moment = SecondMoment(moment.decaying + MIXING * gap[:-1], moment.constant + MIXING * float(gap[-1]))
            if np.abs(gap).max() < NEAR * moment.variance:
                break
        solution = problem.newton(moment, noise)
        if solution is not None and _is_autocovariance(problem, solution):
            return solution
    return None


def _gap(image: SecondMoment, moment: SecondMoment) -> np.ndarray:
    """Return the residual of (c, k), shape (lags + 1,)."""
    return np.append(image.decaying - moment.decaying, image.constant - moment.constant)


def _is_autocovariance(problem: Problem, moment: SecondMoment) -> bool:
    """Return whether the moment can be that of a stationary process whose fluctuations decay.

    |c(τ)| ≤ c(0) is necessary for an autocovariance, and 1 − g² ∂C_φ/∂Δ > 0 at Δ = k for c'' = (1 − g² ∂C_φ/∂Δ) c to
    decay at long lags rather than oscillate.
    """
    c, v = moment.decaying, moment.variance
    series = problem.unit.series(v)
    stiff = 1 - problem.gain**2 / v * float(series.by_rho(moment.constant / v))
    return bool(stiff > 0 and c[0] >= 0 and np.abs(c).max() <= c[0] * (1 + 1e-9) + 1e-12 * v)


__all__ = ["Problem", "SecondMoment", "solve"]
