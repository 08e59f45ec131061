"""How fast neighbouring trajectories part: the lowest level of a well that the motion of one unit digs."""

import numpy as np
from numpy.polynomial import legendre
from scipy.linalg import eigh

from noisette.errors import InputError, require
from noisette.theory.dmft import _trajectory
from noisette.theory.dmft._continuous_lags import NODES, ContinuousLags
from noisette.theory.dmft._solution import DMFTSolution
from noisette.theory.gaussian import _onesite

DEGREE = 12  # of the polynomials on each panel
SLOPE_TERMS = 8192  # of a Hermite series, the most that its quadrature resolves
SHIFT = 1e-7  # below the level, where what is solved is positive


def exponent(solution: DMFTSolution) -> float:
    """Return λ_max = −1 + √(1 − E₀), E₀ the lowest eigenvalue of −∂² + 1 − g² ⟨φ' φ'⟩(τ).

    By the orbit where there is one; else by continuous functions that are polynomials on each panel, even in τ.
    At a fixed point λ_max = −1 + √χ.
    """
    grid = solution.grid
    if not isinstance(grid, ContinuousLags):
        raise InputError(f"motion in steps of {grid.step:g}; Lyapunov exponents are those of continuous time")
    if solution.is_zero and solution.unit.odd:
        return min(solution.gain * _onesite.slope(solution.unit.activation) - 1, 0.0)  # above zero by rounding alone
    if solution.is_fixed_point:
        return float(np.sqrt(solution.susceptibility)) - 1
    if solution.trajectory is not None and solution.unit.odd and not solution.spectrum.frozen:
        return _trajectory.exponent(solution.trajectory)  # whose own series is longer, and was checked
    series, v = solution.series, solution.variance
    if solution.trajectory is None and series.unresolved > _onesite.UNRESOLVED:
        series = solution.unit.series(v, most=SLOPE_TERMS)
    require(
        series.unresolved <= _onesite.UNRESOLVED,
        "the activation jumps, or is driven so strongly that it nearly does",
        "no Lyapunov exponent can be computed",
        "lower the gain or the noise; theory.correlations gives the variance alone",
    )
    if solution.trajectory is not None:
        return _trajectory.exponent(solution.trajectory)
    by = solution.gain**2 / v
    settled = by * float(series.by_rho(solution.constant / v))
    well = by * series.by_rho(np.clip((solution.constant + solution.decaying) / v, -1.0, 1.0)) - settled
    return float(np.sqrt(settled + _binding(grid, well[1:]))) - 1


def _binding(grid: ContinuousLags, well: np.ndarray) -> float:
    """Return minus the lowest eigenvalue of −∂² − well, zero if nothing is bound."""
    nodes, weights = legendre.leggauss(NODES)
    shape, bend = _shapes(nodes)
    count = len(grid.edges) - 1
    mass, stiff = np.zeros((count * DEGREE + 1,) * 2), np.zeros((count * DEGREE + 1,) * 2)
    for panel, half in enumerate(np.diff(grid.edges) / 2):
        own = slice(panel * DEGREE, (panel + 1) * DEGREE + 1)  # neighbours share the function that is 1 between them
        depth = well[panel * NODES : (panel + 1) * NODES]
        mass[own, own] += half * (shape.T * weights) @ shape
        stiff[own, own] += (bend.T * weights) @ bend / half - half * (shape.T * weights * depth) @ shape
    mass, stiff = mass[:-1, :-1], stiff[:-1, :-1]
    lowest, wave = eigh(stiff, mass, subset_by_index=[0, 0])
    stationary_variance, wave = float(lowest[0]), wave[:, 0]
    for _ in range(2):  # short panels have high levels, whose rounding is taken out of the lowest one
        wave = np.linalg.solve(stiff - (stationary_variance - SHIFT) * mass, mass @ wave)
        stationary_variance = float(wave @ stiff @ wave / (wave @ mass @ wave))
    return max(-stationary_variance, 0.0)


def _shapes(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return functions on a panel and their slopes: one that is 1 at its left end, bubbles, one that is 1 at its right.

    The bubbles are integrals of Legendre polynomials, zero at both ends.
    """
    p = legendre.legvander(x, DEGREE)
    k = np.arange(1, DEGREE)
    bubbles, slopes = (p[:, 2:] - p[:, :-2]) / (2 * k + 1), p[:, 1:-1]
    left, right = (1 - x)[:, None] / 2, (1 + x)[:, None] / 2
    half = np.full_like(left, 0.5)
    return np.hstack([left, bubbles, right]), np.hstack([-half, slopes, half])


__all__ = ["exponent"]
