"""The self-consistent second moment: damped iteration, which keeps it positive, then Newton's method.

    c = K [g² C_φ(k + c; v) − g² C_φ(k; v)] + noise,    k = s_f² + g² C_φ(k; v),    v = k + c(0),

with K = (1 − ∂²)⁻¹ the response of a unit at both times, and k = Δ(∞) the part that never decays, due to frozen noise
or to the means of units. Plain iteration diverges from poor starts and converges linearly; Newton's method converges
quadratically but only nearby, and to solutions that are no autocovariances too, which `_is_autocovariance` rejects.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.sparse.linalg import LinearOperator, gmres

from noisette.noise import NoiseSpectrum
from noisette.theory.dmft._continuous_lags import ContinuousLags
from noisette.theory.dmft._euler_lags import EulerLags
from noisette.theory.gaussian._hermite import HermiteSeries
from noisette.theory.gaussian._unit import MOST_TERMS, Unit

MIXING = 0.7  # of the new moment; a positive mixture of autocovariances is one
ROUNDS, PATIENCE = 4, 40  # Newton's method is tried after each round of so many iterations
NEAR, EXACT = 1e-3, 1e-12
ROUGH = 192  # terms of the Hermite series while iterating, where two digits are enough
STEPS = 30  # of Newton's method
RUNAWAY = 1e12  # growth of the variance that is taken as divergence
MOST_PULL = 1 - 1e-9  # of g² ⟨φ'⟩² in the preconditioner, which diverges at one


class SecondMoment(NamedTuple):
    """c at the lags of a grid, and the constant k."""

    decaying: Float[np.ndarray, " lags"]
    constant: float

    @property
    def variance(self) -> float:
        """Return v."""
        return float(self.constant + self.decaying[0])


@dataclass(frozen=True)
class Problem:
    """Everything that the equation needs.

    Attributes
    ----------
    lasting : whether there is a constant part
    """

    unit: Unit
    gain: float
    spectrum: NoiseSpectrum
    grid: ContinuousLags | EulerLags
    lasting: bool

    def image(
        self, moment: SecondMoment, noise: np.ndarray, terms: int = MOST_TERMS
    ) -> tuple[SecondMoment, HermiteSeries]:
        """Return the right-hand sides, with the Hermite series that gave them."""
        c, k = moment
        v = moment.variance
        series = self.unit.series(v, most=terms)
        rho = np.clip((k + c) / v, -1.0, 1.0)
        plateau = float(series(k / v))
        new = self.gain**2 * self.grid.smooth(series(rho) - plateau) + noise
        return SecondMoment(new, self.spectrum.frozen + self.gain**2 * plateau if self.lasting else 0.0), series

    def newton(self, moment: SecondMoment, noise: np.ndarray) -> SecondMoment | None:
        """Return the solution nearby by damped Newton steps; None if there is none."""
        image, series = self.image(moment, noise)
        gap = _gap(image, moment)
        size = np.abs(gap).max()
        for _ in range(STEPS):
            change = self._step(moment, series, gap)
            if change is None:
                return None
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
        return moment if size < 1e-11 * moment.variance else None

    def _step(self, moment: SecondMoment, series: HermiteSeries, gap: np.ndarray) -> np.ndarray | None:
        """Return the Newton step of (c, k), shape (lags + 1,); None if the linear equations are singular.

        With δv = δk + δc(0) and C_φ(Δ; v), the linearised equations are

            δc − K [∂C/∂Δ δc + (∂C/∂Δ − ∂C/∂Δ|_k) δk + (∂C/∂v − ∂C/∂v|_k) δv] = gap,
            δk − ∂C/∂Δ|_k δk − ∂C/∂v|_k δv = gap of k,

        all derivatives times g². On panels, about 400 unknowns, the matrix is solved directly; in Euler steps, with up
        to 2·10⁶ lags, by GMRES, since K is a product in frequency.
        """
        c, k = moment
        v = moment.variance
        by = self.gain**2 / v
        rho = np.clip((k + c) / v, -1.0, 1.0)
        at_end, drift_end = (by * float(f(k / v)) if self.lasting else 0.0 for f in (series.by_rho, series.by_variance))
        pull, drift = by * series.by_rho(rho), by * series.by_variance(rho) - drift_end
        grid = self.grid
        if isinstance(grid, ContinuousLags):
            n = len(c)
            matrix = np.eye(n + 1)
            matrix[:n, :n] -= grid.kernel * pull
            solution = grid.smooth(drift)
            matrix[:n, 0] -= solution
            matrix[:n, n] -= grid.smooth(pull - at_end) + solution
            matrix[n, 0] -= drift_end
            matrix[n, n] -= at_end + drift_end
            try:
                return np.linalg.solve(matrix, gap)
            except np.linalg.LinAlgError:
                return None

        def act(change: np.ndarray) -> np.ndarray:
            dc, dk = change[:-1], change[-1]
            dv = dk + dc[0]
            solution = grid.smooth(pull * dc + (pull - at_end) * dk + drift * dv)
            return np.append(dc - solution, dk - at_end * dk - drift_end * dv)

        operator = LinearOperator((len(gap),) * 2, matvec=act, dtype=float)  # type: ignore[call-arg]
        # at long lags the equation is a convolution; its inverse is the preconditioner, so slow decay costs little
        far = min(self.gain**2 / v * float(series.by_rho(k / v)), MOST_PULL)

        def invert(change: np.ndarray) -> np.ndarray:
            return np.append(grid.amplified(change[:-1], far), change[-1])

        inverse = LinearOperator((len(gap),) * 2, matvec=invert, dtype=float)  # type: ignore[call-arg]
        change, _ = gmres(operator, gap, M=inverse, rtol=1e-8, atol=0.0, restart=100, maxiter=4)
        return change if np.isfinite(change).all() else None


def solve(problem: Problem, start: SecondMoment) -> SecondMoment | None:
    """Return the stationary second moment that the iteration reaches from `start`; None if there is none."""
    noise = problem.grid.noise(problem.spectrum)
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
    return np.append(image.decaying - moment.decaying, image.constant - moment.constant)


def _is_autocovariance(problem: Problem, moment: SecondMoment) -> bool:
    """Return whether the moment is the autocovariance of a stationary process whose fluctuations decay.

    |c(τ)| ≤ c(0) is necessary for an autocovariance, and 1 − g² ∂C/∂Δ > 0 at Δ = k for decay at long lags.
    """
    c, v = moment.decaying, moment.variance
    series = problem.unit.series(v)
    stiff = 1 - problem.gain**2 / v * float(series.by_rho(moment.constant / v))
    return bool(stiff > 0 and c[0] >= 0 and np.abs(c).max() <= c[0] * (1 + 1e-9) + 1e-12 * v)


__all__ = ["Problem", "SecondMoment", "solve"]
