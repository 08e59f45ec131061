"""Largest Lyapunov exponent: ground state of the Schrödinger operator whose potential follows from Δ(τ).

The covariance d(t, t') of the distance between two nearby trajectories obeys (1 + ∂_t)(1 + ∂_t') d = g² ⟨φ' φ'⟩ d.
Separation of the mean time from the lag, d = e^(λ(t + t')) ψ(τ), gives [−∂² + 1 − g² ⟨φ' φ'⟩(τ)] ψ = [1 − (1 + λ)²] ψ,
so λ_max = −1 + √(1 − E₀) with the lowest eigenvalue E₀ of the operator on the line of lags τ (Sompolinsky, Crisanti &
Sommers 1988; with noise Schuecker, Goedeke & Helias 2018).
"""

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import eigh

from noisette.errors import InputError, require
from noisette.theory.dmft import _trajectory
from noisette.theory.dmft._continuous_lags import NODES, ContinuousLags
from noisette.theory.dmft._solution import DMFTSolution
from noisette.theory.gaussian._activation import slope_at_zero
from noisette.theory.gaussian._hermite import UNRESOLVED
from noisette.theory.gaussian._unit import RESOLVED_TERMS

DEGREE = 12  # of the polynomials on each panel
SHIFT = 1e-7  # of inverse iteration, below the eigenvalue, so that the matrix is positive definite


def exponent(solution: DMFTSolution) -> float:
    """Return λ_max = −1 + √(1 − E₀), with E₀ the lowest eigenvalue of −∂² + 1 − g² ⟨φ' φ'⟩(τ), in 1/τ.

    If Δ(τ) is a trajectory in a potential, the eigenvalue is computed along the trajectory. Otherwise finite elements
    are used: continuous functions, even in τ, that are polynomials on each panel of lags. At a fixed point the
    potential is constant and λ_max = −1 + √χ.

    Raises
    ------
    InputError : If the solution is that of Euler steps, or if the activation nearly jumps on the scale of x.
    """
    grid = solution.grid
    if not isinstance(grid, ContinuousLags):
        raise InputError(f"Euler steps of {grid.step:g}; Lyapunov exponents are computed in continuous time")
    if solution.is_zero and solution.unit.odd:
        return min(solution.gain * slope_at_zero(solution.unit.activation) - 1, 0.0)  # positive only by rounding
    if solution.is_fixed_point:
        return float(np.sqrt(solution.susceptibility)) - 1
    if solution.trajectory is not None and solution.unit.odd and not solution.spectrum.frozen:
        return _trajectory.exponent(solution.trajectory)
    series, v = solution.series, solution.variance
    if solution.trajectory is None and series.unresolved > UNRESOLVED:
        series = solution.unit.series(v, most=RESOLVED_TERMS)
    require(
        series.unresolved <= UNRESOLVED,
        "the activation jumps, or is driven so strongly that it nearly does",
        "the Lyapunov exponent cannot be computed",
        "lower the gain or the noise; theory.correlations computes the variance",
    )
    if solution.trajectory is not None:
        return _trajectory.exponent(solution.trajectory)
    by = solution.gain**2 / v  # g² ⟨φ' φ'⟩ = g² (dC_φ/dρ)/v
    # the potential tends to 1 − `limit` at long lags; `depth` is its distance below this limit, shape (lags,)
    limit = by * float(series.by_rho(solution.constant / v))
    depth = by * series.by_rho(np.clip((solution.constant + solution.decaying) / v, -1.0, 1.0)) - limit
    return float(np.sqrt(limit + _binding_energy(grid, depth[1:]))) - 1


def _binding_energy(grid: ContinuousLags, potential: np.ndarray) -> float:
    """Return minus the lowest eigenvalue of −∂² − potential(τ), or zero if there is no bound state.

    Galerkin's method leads to the generalised eigenproblem (stiffness) w = E (mass) w. Its lowest eigenvalue is an
    upper bound, with an error that is quadratic in that of the eigenfunction. The natural boundary condition of the
    weak form at τ = 0 makes the function even; at the last lag the function is zero.

    Parameters
    ----------
    grid : the lags
    potential : depth of the potential at the nodes of all panels, shape (panels · nodes,)
    """
    mass, stiff = assembled(grid, np.ones_like(potential))
    stiff = stiff - assembled(grid, potential)[0]
    lowest, wave = eigh(stiff, mass, subset_by_index=[0, 0])
    energy, wave = float(lowest[0]), wave[:, 0]
    # panels of length 2⁻¹⁰ have eigenvalues up to 10⁸, whose rounding errors change the lowest one by 1e-8; inverse
    # iteration and the Rayleigh quotient, whose error is quadratic in that of the eigenvector, remove this error
    for _ in range(2):
        wave = np.linalg.solve(stiff - (energy - SHIFT) * mass, mass @ wave)
        energy = float(wave @ stiff @ wave / (wave @ mass @ wave))
    return max(-energy, 0.0)


def assembled(grid: ContinuousLags, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the matrices ∫ weight w_a w_b dτ and ∫ w_a' w_b' dτ of the finite elements, which vanish at the last lag.

    Parameters
    ----------
    grid : the lags
    weight : at the nodes of all panels, shape (panels · nodes,)
    """
    nodes, weights = legendre.leggauss(NODES)
    shape, bend = _shapes(nodes)
    count = len(grid.edges) - 1
    mass, stiff = np.zeros((count * DEGREE + 1,) * 2), np.zeros((count * DEGREE + 1,) * 2)
    for panel, half in enumerate(np.diff(grid.edges) / 2):
        # neighbouring panels share the basis function that is 1 at their boundary, which makes the functions continuous
        block = slice(panel * DEGREE, (panel + 1) * DEGREE + 1)
        local = weight[panel * NODES : (panel + 1) * NODES]
        mass[block, block] += half * (shape.T * (weights * local)) @ shape
        stiff[block, block] += (bend.T * weights) @ bend / half
    return mass[:-1, :-1], stiff[:-1, :-1]


def _shapes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the basis functions on a panel and their slopes at x in [−1, 1], two arrays of shape (x, DEGREE + 1).

    The first function is linear from 1 to 0, the last one linear from 0 to 1. Those between are integrals of Legendre
    polynomials, ∫ P_k = (P_(k+1) − P_(k−1))/(2k + 1), which are zero at both ends ("bubbles").
    """
    p = legendre.legvander(x, DEGREE)
    k = np.arange(1, DEGREE)
    bubbles, slopes = (p[:, 2:] - p[:, :-2]) / (2 * k + 1), p[:, 1:-1]
    left, right = (1 - x)[:, None] / 2, (1 + x)[:, None] / 2
    half = np.full_like(left, 0.5)
    return np.hstack([left, bubbles, right]), np.hstack([-half, slopes, half])


__all__ = ["assembled", "exponent"]
