"""Linear networks in closed form, with the first correction in 1/N.

In frozen noise C = s² (1 − gJ)⁻¹ (1 − gJ)⁻ᵀ, which with σ² in place of s² is also the zero-frequency covariance in
white noise. At equal times in white noise (1 − gJ) C + C (1 − gJ)ᵀ = σ². The corrections follow from the loop equations
E[J_ij f] = E[∂f/∂J_ij]/N. With self-coupling Var C_ii = 2 Var C_ij, because the ensemble is invariant under rotations
of the units. Without it the diagonal is removed to second order, E f(J₀) = E f(J) − (1/2N) Σ_i E ∂²f/∂J_ii², and
N Var C_ii is smaller by 4 g² (tr C/N)², the contribution of J_ii.
"""

from typing import NamedTuple

import numpy as np

from noisette.errors import integer
from noisette.theory.covariance._fixed_points import UNDEFINED, Statistics


class Expansions(NamedTuple):
    """Expansions in 1/N, each as the leading order and the coefficient of 1/N.

    Attributes
    ----------
    first, second, dimension : tr C/N, tr C²/N and D
    deficit : lim N (2 Var C_ij − Var C_ii)
    """

    first: tuple[float, float]
    second: tuple[float, float]
    dimension: tuple[float, float]
    deficit: float


def lasting(gain: float, noise: float, self_coupling: bool = True) -> Expansions:
    """Return the expansions in frozen noise of s² = `noise`, or at zero frequency in white noise of σ² = `noise`."""
    g2 = gain**2
    a = 1 / (1 - g2)
    tau1, tau2 = noise * a, noise**2 * a**4
    # relative coefficients of tr C/N and tr C²/N, and the absolute one of D = (tr C/N)²/(tr C²/N)
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
    # C = ∫ σ² G(ω) G(ω)† dω/2π with G = (1 + iω − gJ)⁻¹; the integrals of planar averages of products of four G are
    # rational in k = √(1 − g²). The polynomial of the 1/N term of tr C²/N was fitted to the exact double integral
    k = np.sqrt(1 - gain**2)
    tau1 = noise / (2 * k)
    dimension = 8 * k**3 / np.polyval([1, 2, 4, -2, 3], k)
    tau2 = tau1**2 / dimension
    slope1 = tau1 * (1 - k) / k**3
    slope2 = noise**2 * np.polyval([-1, 3, -7, 14, -21, 5, 25, -46, 28], k) / (32 * k**8)
    dimension_slope = dimension * (2 * slope1 / tau1 - slope2 / tau2)
    return Expansions((tau1, slope1), (tau2, slope2), (dimension, dimension_slope), 0.0)


def linear_statistics(
    gain: float, noise: float, size: int | None = None, *, equal_time: bool = False, self_coupling: bool = True
) -> Statistics:
    """Return the statistics of a linear network, to order 1/N if a size is given; NaN for g ≥ 1.

    Parameters
    ----------
    gain : g
    noise : s² of frozen noise, σ² of white noise
    size : N, or None for N → ∞
    equal_time : whether the covariance is that at equal times in white noise; otherwise in frozen noise, or at zero
        frequency
    self_coupling : whether the J_ii are drawn like all other weights, or are zero
    """
    size = None if size is None else integer(size, "size", None)
    if not gain < 1:
        return UNDEFINED
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
    """Return N E C_ij², i ≠ j, from tr C/N, tr C²/N and the deficit lim N (2 Var C_ij − Var C_ii).

    It solves tr C²/N = E C_ii² + (N − 1) E C_ij² with E C_ii² = (tr C/N)² + 2 E C_ij² − deficit/N.
    """
    if size is None:
        return second - first**2
    return size**2 / ((size + 2) * (size - 1)) * (second - first**2 + deficit / size)


__all__ = ["Expansions", "entry_variance", "lasting", "linear_statistics", "white"]
