"""Largest Lyapunov exponent of populations whose activity varies in time.

The covariances d_p(t, t') of the distance of two nearby trajectories obey (1 + τ_p ∂_t)(1 + τ_p ∂_t') d_p = Σ_q V_pq
⟨φ' φ'⟩_q d_q. With d_p = e^(λ(t + t')) ψ_p(τ),

    [(1 + τ_p λ)² − τ_p² ∂²] ψ_p = Σ_q V_pq ⟨φ' φ'⟩_q(τ) ψ_q.

All terms of the right-hand side are positive, so that the growth rate λ is where the spectral radius of [left-hand
side]⁻¹ [right-hand side] is one; it decreases with λ (Perron–Frobenius). For one population this is the ground state of
a Schrödinger operator. Functions are finite elements, continuous, even in τ, and polynomials on each panel of lags.
"""

from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse.linalg import LinearOperator, eigs

from noisette.errors import require
from noisette.theory.dmft import assembled
from noisette.theory.gaussian import UNRESOLVED, root
from noisette.theory.populations._fixed_points import bulk_edge
from noisette.theory.populations._stationary import Stationary

TOLERANCE = 1e-12  # of the spectral radius


def exponent(solution: Stationary) -> float:
    """Return λ_max of populations that fluctuate.

    Raises
    ------
    InputError : If an activation nearly jumps on the scale of x.
    """
    model, v = solution.model, solution.variance
    slopes, limits = [], []
    for p in range(model.populations):
        series = solution.series(p)
        require(
            series.unresolved <= UNRESOLVED,
            "an activation that jumps, or is driven so strongly that it nearly does",
            "a smooth activation for the Lyapunov exponent",
            "lower the gain or the noise",
        )
        rho = np.clip((solution.constant[p] + solution.decaying[p]) / v[p], -1.0, 1.0)
        slopes.append(series.by_rho(rho) / v[p])
        limits.append(float(series.by_rho(solution.constant[p] / v[p])) / v[p])
    continuum = bulk_edge(model, np.array(limits))  # where ψ extends to long lags
    highest = bulk_edge(model, np.array([row[0] for row in slopes]))  # as if ⟨φ' φ'⟩ were ⟨φ'²⟩ at all lags
    unit = np.ones(len(solution.grid.lags) - 1)
    mass, stiff = assembled(solution.grid, unit)
    coupled = [assembled(solution.grid, row[1:])[0] for row in slopes]
    weights, tau, n = model.statistics.variance, model.tau, len(mass)
    start = np.ones(n * model.populations)

    def excess(rate: float) -> float:
        factors = [cho_factor((1 + t * rate) ** 2 * mass + t**2 * stiff) for t in tau]

        def act(wave: np.ndarray) -> np.ndarray:
            parts = [b @ w for b, w in zip(coupled, wave.reshape(-1, n), strict=True)]
            driven = weights @ np.array(parts)
            return np.concatenate([cho_solve(f, row) for f, row in zip(factors, driven, strict=True)])

        operator = LinearOperator((len(start),) * 2, matvec=act, dtype=float)  # type: ignore[call-arg]
        largest: Any = eigs(operator, 1, v0=start, tol=TOLERANCE, return_eigenvectors=False)  # type: ignore[arg-type]
        return float(largest[0].real) - 1

    low = continuum + 1e-9 * (1 + abs(continuum))
    if not highest > low or excess(low) <= 0:  # no bound state: perturbations grow at all distances in time alike
        return continuum
    return root(excess, low, highest + 1e-9, absolute=1e-11, relative=1e-11)


__all__ = ["exponent"]
