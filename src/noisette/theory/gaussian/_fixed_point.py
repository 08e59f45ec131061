"""The variance of fixed points, v = s² + g² ⟨φ²⟩_v."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar

STEP, BLOCK, STRETCH = 0.14, 32, 1.3  # of the scan: first step of ln v, points per block, growth of the step per block
MOST = 1e100  # largest variance of the scan, relative to max(1, s², g²)
LEAST = 1e-12  # smallest variance of the scan without noise
CLOSE = 1e-13  # relative excess that is attributed to rounding
PRECISION = 1e-15  # absolute tolerance of roots


def fixed_point_variance(
    mean_square: Callable[[np.ndarray], np.ndarray], gain: float, noise: float, most: float = MOST
) -> float:
    """Return the smallest root of v = s² + g² ⟨φ²⟩_v, or NaN where there is none.

    The smallest root is the state that continues v = s² from zero gain. The scan is in ln v because the roots of
    unbounded activations span many decades. Minima of the excess between grid points are refined because close to a
    fold (saddle-node bifurcation) two roots are closer together than the points of any fixed grid.

    Parameters
    ----------
    mean_square : v ↦ ⟨φ²⟩ over x ~ N(0, v), for arrays of v
    gain : g
    noise : s² ≥ 0
    most : largest variance of the scan, relative to max(1, s², g²)

    Examples
    --------
    >>> round(fixed_point_variance(lambda v: v, 0.5, 3.0), 9)  # linear units: s²/(1 − g²)
    4.0
    """

    def excess(log: Any) -> Any:
        """Return (s² + g² ⟨φ²⟩_v)/v − 1 at v = e^log: positive where a variance v generates a larger one."""
        v = np.exp(log)
        return (noise + gain**2 * mean_square(v)) / v - 1

    if gain == 0:
        return noise
    with np.errstate(all="ignore"):
        low = np.log(noise) if noise > 0 else np.log(LEAST)
        if not excess(low) > CLOSE:
            return noise  # nothing but noise; without noise, activity decays to zero
        end = np.log(most * max(1.0, noise, gain**2))
        step = STEP
        while low < end:
            grid = low + step * np.arange(BLOCK)
            log = _first_root(excess, grid)
            if log is not None:  # a root beyond the end is spurious: s² is lost in rounding beside v
                return float(np.exp(log)) if log <= end else float("nan")
            # start again one point back, so that a minimum at the end of a block has neighbours on both sides
            low, step = grid[-2], STRETCH * step
    return float("nan")


def _first_root(excess: Callable[[Any], Any], grid: np.ndarray) -> float | None:
    """Return the first root on a grid on which the excess starts positive, including dips between grid points."""
    height = excess(grid)
    for k in range(1, len(grid)):
        if height[k] <= 0:
            return root(excess, grid[k - 1], grid[k])
        if k + 1 < len(grid) and height[k] < height[k - 1] and height[k] < height[k + 1]:
            dip: Any = minimize_scalar(excess, bounds=grid[[k - 1, k + 1]], method="bounded", options={"xatol": 1e-9})
            if dip.fun <= 0:
                return root(excess, grid[k - 1], float(dip.x))
    return None


def root(
    function: Callable[[Any], Any],
    low: float,
    high: float,
    *,
    absolute: float = PRECISION,
    relative: float = 4 * float(np.finfo(float).eps),
) -> float:
    """Return the root of a function between two arguments at which its signs differ (Brent's method)."""
    zero: Any = brentq(function, low, high, xtol=absolute, rtol=np.float64(relative))
    return float(zero)


__all__ = ["MOST", "fixed_point_variance", "root"]
