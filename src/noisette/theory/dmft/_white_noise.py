"""The variance Δ₀ = Δ(0) of odd units in white noise or without noise, from conservation of energy.

Δ'' = −∂V/∂Δ with V(Δ; Δ₀) = −Δ²/2 + g² [C_Φ(Δ; Δ₀) − C_Φ(0; Δ₀)] and the primitive Φ of φ (Sompolinsky, Crisanti &
Sommers 1988). The autocovariance of chaos is the trajectory that comes to rest at Δ = 0, where V = 0. White noise of
intensity σ² gives Δ the slope Δ'(0⁺) = −σ²/2, a kinetic energy of σ⁴/8 (Schuecker, Goedeke & Helias 2018), so Δ₀
solves V(Δ₀; Δ₀) + σ⁴/8 = 0.
"""

from collections.abc import Callable

import numpy as np

from noisette.activations import Activation
from noisette.errors import require
from noisette.theory.gaussian._activation import no_state, slope_at_zero
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.gaussian._trapezoid import primitive_variance

MARGIN = 1e-15  # relative distance of a gain from the critical one that is attributed to rounding
CLEAR = 1e-13  # smallest excess that is not attributed to rounding, whose measured size is 2e-15
LEAST, MOST, LIMIT = 1e-16, 1e12, 1e100  # range of Δ₀ of the scan; beyond MOST it continues in blocks up to LIMIT
STEP_LOG, BLOCK_LOG = 0.192, 48  # step of ln Δ₀ in the scan, and steps per block


def variance_in_white_noise(activation: Activation, gain: float, sigma: float) -> float:
    """Return Δ₀, or zero if x = 0 is the only stationary state.

    Where sufficiently strong activity grows without bound (power laws with p > 1), Δ₀ is that of the stationary state
    at lower variance, which noise sustains.

    Parameters
    ----------
    activation : φ, odd
    gain, sigma : g and σ

    Raises
    ------
    InputError : If activity grows without bound, or if there are several stationary states.
    """

    def excess(variance: np.ndarray) -> np.ndarray:
        """Return (V(Δ₀; Δ₀) + σ⁴/8)/Δ₀²: positive where a variance Δ₀ generates a larger one."""
        with np.errstate(all="ignore"):
            driven = gain**2 * primitive_variance(activation, np.sqrt(variance)) / variance**2
            return np.nan_to_num(driven - 0.5 + sigma**4 / (8 * variance**2), nan=np.inf)

    # noise alone gives Δ₀ = σ²/2, the smallest possible variance, with a margin for rounding
    grid, height = _scan(excess, 0.49 * sigma**2 if sigma else LEAST, MOST * max(1.0, sigma**2, gain**2))
    # signs of the excess beyond rounding: each change from positive to negative is a stationary state
    clear = np.abs(height) > CLEAR
    top, grid, above = grid[-1], grid[clear], height[clear] > 0
    changes = np.flatnonzero(above[1:] != above[:-1])
    runaway = len(above) == 0 or bool(above[-1])
    # in noise, positive–negative–positive is a stationary state at low variance and a threshold of unbounded activity
    if runaway and not (sigma > 0 and len(changes) == 2 and bool(above[0])):
        raise no_state(activation, gain, f"variances up to {top:.2g}")
    if not above.any():
        require(
            sigma > 0 or gain * slope_at_zero(activation) <= 1 + MARGIN,
            f"gain {gain!r}, just above the onset of activity at {1 / max(slope_at_zero(activation), LEAST):.17g}",
            "the variance of activity is below rounding errors",
            "choose a gain further from the onset",
        )
        return 0.0
    require(
        len(changes) == 1 + runaway,
        f"gain {gain:g} with an activation that has several stationary states",
        "mean-field theory requires a single one",
        "simulate the network instead",
    )
    low, high = np.log(grid[changes[0] : changes[0] + 2])
    return float(np.exp(root(lambda log: float(excess(np.exp([log]))[0]), low, high, absolute=1e-14)))


def _scan(excess: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return variances and their excess, from `low` to `high` and beyond while the excess is positive."""
    count = int(np.ceil(np.log(high / low) / STEP_LOG)) + 1
    grid = np.geomspace(low, high, count)
    height = excess(grid)
    while height[-1] > CLEAR and grid[-1] < LIMIT:
        more = grid[-1] * np.exp(STEP_LOG * np.arange(1, BLOCK_LOG + 1))
        grid, height = np.concatenate([grid, more]), np.concatenate([height, excess(more)])
    return grid, height


__all__ = ["LIMIT", "variance_in_white_noise"]
