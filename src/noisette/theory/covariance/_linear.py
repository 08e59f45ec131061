"""Linear networks in closed form, with the first correction in 1/N.

In frozen noise C = s² (1 − gJ)⁻¹ (1 − gJ)⁻ᵀ, which with σ² for s² is also the zero-frequency covariance in white
noise; at equal times white noise has (1 − gJ) C + C (1 − gJ)ᵀ = σ². Without self-coupling the diagonal is taken out
to second order, E f(J₀) = E f(J) − (1/2N) Σ_i E ∂²f/∂J_ii², and Var C_ii loses the 4 g² (tr C/N)²/N that it adds;
with it Var C_ii = 2 Var C_ij, because rotations of the units change nothing.
"""

from typing import NamedTuple

import numpy as np

from noisette.errors import integer
from noisette.theory.covariance._fixed_points import LOST, Statistics


class Expansions(NamedTuple):
    """Of tr C/N, tr C²/N and D, each leading order and coefficient of 1/N; lim N (2 Var C_ij − Var C_ii)."""

    first: tuple[float, float]
    second: tuple[float, float]
    dimension: tuple[float, float]
    deficit: float


def lasting(gain: float, noise: float, self_coupling: bool = True) -> Expansions:
    """Return the expansions in frozen noise of variance `noise`, or at zero frequency in white noise of that σ²."""
    g2 = gain**2
    a = 1 / (1 - g2)
    tau1, tau2 = noise * a, noise**2 * a**4
    if self_coupling:
        slopes = 2 * g2 * a**2, (6 * g2 + 7 * g2**2) * a**2, -(2 * g2 + 7 * g2**2)
        deficit = 0.0
    else:
        slopes = (
            g2 * (3 * g2 - 1) * a**2,
            g2 * (-4 + 15 * g2 + 2 * g2**2) * a**2,
            g2 * (2 - 9 * g2 - 2 * g2**2),
        )
        deficit = 4 * g2 * tau1**2
    return Expansions((tau1, tau1 * slopes[0]), (tau2, tau2 * slopes[1]), ((1 - g2) ** 2, slopes[2]), deficit)


def white(gain: float, noise: float) -> Expansions:
    """Return the expansions at equal times in white noise of σ² = `noise`, with self-coupling."""
    k = np.sqrt(1 - gain**2)
    tau1 = noise / (2 * k)
    dimension = 8 * k**3 / np.polyval([1, 2, 4, -2, 3], k)
    tau2 = tau1**2 / dimension
    slope1 = tau1 * (1 - k) / k**3
    slope2 = noise**2 * np.polyval([-1, 3, -7, 14, -21, 5, 25, -46, 28], k) / (32 * k**8)
    bend = dimension * (2 * slope1 / tau1 - slope2 / tau2)
    return Expansions((tau1, slope1), (tau2, slope2), (dimension, bend), 0.0)


def linear_statistics(
    gain: float, noise: float, size: int | None = None, *, equal_time: bool = False, self_coupling: bool = True
) -> Statistics:
    """Return the statistics of a linear network, to order 1/N if a size is given; lost at g ≥ 1.

    Parameters
    ----------
    gain : g
    noise : s² of frozen noise, σ² of white noise
    size : N, or None for N → ∞
    equal_time : equal times in white noise; else frozen noise, or zero frequency
    self_coupling : whether J_ii are drawn as all others, or zero
    """
    size = None if size is None else integer(size, "size", None)
    if not gain < 1:
        return LOST
    terms = white(gain, noise) if equal_time else lasting(gain, noise, self_coupling)
    n = np.inf if size is None else float(size)
    first, second, dimension = (a + b / n for a, b in (terms.first, terms.second, terms.dimension))
    return Statistics(
        float(first),
        entry_variance(float(first), float(second), terms.deficit, size),
        float(dimension) if noise > 0 else float("nan"),
        gain**2,
        gain,
    )


def entry_variance(first: float, second: float, deficit: float, size: int | None) -> float:
    """Return N E C_ij², i ≠ j.

    From tr C²/N = E C_ii² + (N − 1) E C_ij² and E C_ii² = (tr C/N)² + 2 E C_ij² − deficit/N.
    """
    if size is None:
        return second - first**2
    return size**2 / ((size + 2) * (size - 1)) * (second - first**2 + deficit / size)


__all__ = ["Expansions", "entry_variance", "lasting", "linear_statistics", "white"]
