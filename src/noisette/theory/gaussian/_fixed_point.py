"""The variance of fixed points, v = s² + g² ⟨φ²⟩_v."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar

STEP, BLOCK, STRETCH = 0.14, 32, 1.3  # of ln v in a scan, so many at once, each time by longer steps
MOST = 1e100  # largest variance that is sought, relative to the largest of one, s² and g²
LEAST = 1e-12  # variance from which a state is sought without noise
CLOSE = 1e-13  # relative excess that is rounding
PRECISION = 1e-15


def fixed_point_variance(
    mean_square: Callable[[np.ndarray], np.ndarray], gain: float, noise: float, most: float = MOST
) -> float:
    """Return the smallest root of v = s² + g² ⟨φ²⟩_v, NaN where there is none.

    The smallest root is the state that grows out of v = s² as the gain is raised from zero. Roots are sought along
    ln v, because they lie anywhere over the decades that unbounded activations reach, and minima of the excess
    between grid points are refined, because near a fold two roots lie closer together than any fixed grid.

    Parameters
    ----------
    mean_square : v ↦ ⟨φ²⟩ over x ~ N(0, v), for arrays of v
    gain : g
    noise : s² ≥ 0
    most : largest root that is sought, relative to the largest of one, s² and g²

    Examples
    --------
    >>> round(fixed_point_variance(lambda v: v, 0.5, 3.0), 9)  # linear units: s²/(1 − g²)
    4.0
    """

    def excess(log: Any) -> Any:
        """Return (s² + g² ⟨φ²⟩_v)/v − 1, positive where the assumed variance generates a larger one."""
        v = np.exp(log)
        return (noise + gain**2 * mean_square(v)) / v - 1

    if gain == 0:
        return noise
    with np.errstate(all="ignore"):
        low = np.log(noise) if noise > 0 else np.log(LEAST)
        if not excess(low) > CLOSE:
            return noise  # without noise, activity dies out
        end = np.log(most * max(1.0, noise, gain**2))
        step = STEP
        while low < end:
            grid = low + step * np.arange(BLOCK)
            log = _first_root(excess, grid)
            if log is not None:  # the last block extends beyond the end, where s² may be lost in rounding
                return float(np.exp(log)) if log <= end else float("nan")
            low, step = grid[-2], STRETCH * step
    return float("nan")


def _first_root(excess: Callable[[Any], Any], grid: np.ndarray) -> float | None:
    """Return the first zero on a grid at whose start the excess is positive, a dip between two points included."""
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
    """Return the zero of a function between two arguments at which its signs differ (Brent's method)."""
    zero: Any = brentq(function, low, high, xtol=absolute, rtol=np.float64(relative))
    return float(zero)


__all__ = ["MOST", "fixed_point_variance", "root"]
