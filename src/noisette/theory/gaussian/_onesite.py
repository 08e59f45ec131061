"""One unit in the field of all others: gaussian averages of its activation, and the variance they ask for.

With x = u z, z ~ N(0, 1), all averages over two times follow from the Hermite coefficients of φ(u z),

    C_φ(Δ; Δ₀) = ⟨φ(x) φ(x')⟩ = Σ_n c_n² ρⁿ,    ρ = Δ/Δ₀,

whose derivative and integral in Δ are those of φ' and of its primitive Φ. All terms are positive, so differences
of the potential can be summed without cancellation, at the onset of chaos too. A two-dimensional quadrature would
have to resolve the step of φ anew for every ρ; the coefficients resolve it once.
"""

from collections.abc import Callable
from math import sqrt
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float
from scipy.optimize import brentq

from noisette.activations import Activation
from noisette.errors import InputError, require

REACH = 12.0  # e^(−z²/4), which cuts the Hermite functions off, is 2e-16 there
MOST_TERMS = 16_384
BLOCK = 64
STEP = 0.5 * np.pi / np.sqrt(MOST_TERMS)  # half of what the fastest Hermite function needs
CORE, FINENESS = 0.1, 1e-3  # near zero the grid is 1000 times as fine: there a strongly driven φ is a step
UNRESOLVED = 3e-4  # of ⟨φ²⟩; the exponent is off by up to ten times that (measured with 16 times the terms)
ROUNDING = 1e-9
MARGIN = 1e-15  # of a gain that is critical but for rounding
CLEAR = 1e-13  # relative excess that is more than rounding (measured: 2e-15)
LEAST, MOST, LIMIT = 1e-16, 1e12, 1e100  # variances among which a consistent one is sought; further up in blocks
STEP_LOG, BLOCK_LOG = 0.192, 48  # of ln v in that scan
FAR = 1e8, 1e10  # inputs at which the growth of φ is read off
STRAIGHT = 1e-3  # relative change of φ(x)/x between them, below which φ is linear there


def _place(t: np.ndarray) -> np.ndarray:
    """Return z(t): slope `FINENESS` within `CORE` of zero, then one; analytic, so that trapezoids stay spectral."""
    return t - (1 - FINENESS) * CORE * np.tanh(t / CORE)


def _stretch(t: np.ndarray) -> np.ndarray:
    return 1 - (1 - FINENESS) / np.cosh(t / CORE) ** 2


T = STEP * np.arange(int((REACH + CORE) / STEP) + 1)
Z = _place(T)
WEIGHT = 2 * STEP * _stretch(T) * np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)  # both signs of z at once
WEIGHT[0] /= 2
_NODES, _PARTS = np.polynomial.legendre.leggauss(3)
_INNER = T[:-1, None] + STEP * (1 + _NODES) / 2
Z_INNER, DZ_INNER = _place(_INNER), _stretch(_INNER) * _PARTS * STEP / 2


def values(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x) as a NumPy array."""
    return np.asarray(activation(jnp.asarray(x)), float)


def is_odd(activation: Activation) -> bool:
    """Return whether φ(−x) = −φ(x); refuse an activation that is not finite."""
    x = np.geomspace(1e-3, 1e3, 61)
    up, down = values(activation, x), values(activation, -x)
    require(up.shape == x.shape, f"activation of shape {up.shape}", f"one value for each of {x.size} inputs")
    require(bool(np.isfinite(up).all() and np.isfinite(down).all()), "activation with NaN or infinite values", "finite")
    return bool((np.abs(up + down) <= ROUNDING * (1 + np.abs(up))).all())


def slope(activation: Activation) -> float:
    """Return φ'(0) of an odd activation."""
    return float(values(activation, np.array(1e-8)) / 1e-8)


def far_slope(activation: Activation) -> float:
    """Return c = √(⟨φ²⟩/v) at v → ∞: the rms of φ(x)/x far to either side; 0 or inf if φ grows slower or faster than x.

    Every stationary variance obeys v ≤ g² ⟨φ²⟩_v + w, with w that of the noise alone, since no frequency is amplified
    by a unit, in continuous time or in Euler steps up to one. So activity is bounded for g c < 1, whatever the noise.
    For g c > 1 strong activity grows, as φ acts on it like max(x, 0) c₊ − max(−x, 0) c₋, c² = (c₊² + c₋²)/2, under
    which a pattern of activity grows at the rate g c − 1.
    """
    with np.errstate(all="ignore"):
        near, far = (
            np.sqrt(sum((values(activation, np.array(sign * x)) / x) ** 2 for sign in (1, -1)) / 2) for x in FAR
        )
    if not np.isfinite(far) or far > near * (1 + STRAIGHT):
        return np.inf
    return float(far) if far > near * (1 - STRAIGHT) else 0.0


def no_state(activation: Activation, gain: float, tried: str) -> InputError:
    """Return the error to be raised where no stationary state was found, which claims no more than is known."""
    growth = gain * far_slope(activation)
    if growth >= 1:
        return InputError(
            f"gain {gain:g} with an activation that does not bend enough; there is no stationary state among those "
            f"sought ({tried}), and activity can grow without bound: gain × slope of the activation far from zero is "
            f"{growth:.3g} ≥ 1; lower the gain or take an activation that saturates"
        )
    return InputError(
        f"gain {gain:g}: no stationary state was found ({tried}), although activity is bounded; the solver has not "
        "converged; change the gain, the noise or dt a little, or simulate the network"
    )


def mean_square(activation: Activation, std: float) -> float:
    """Return ⟨φ²⟩ at x ~ N(0, std²)."""
    return float(WEIGHT @ values(activation, std * Z) ** 2)


def _primitive_variance(activation: Activation, std: np.ndarray) -> np.ndarray:
    """Return the variance of Φ(x), the primitive of φ, for each std: C_Φ(Δ₀) − C_Φ(0)."""
    scale = std[:, None, None]
    primitive = np.cumsum((values(activation, scale * Z_INNER) * scale * DZ_INNER).sum(-1), axis=1)
    primitive = np.concatenate([np.zeros((len(std), 1)), primitive], axis=1)
    mean = primitive @ WEIGHT
    return (primitive - mean[:, None]) ** 2 @ WEIGHT


def consistent_variance(activation: Activation, gain: float, sigma: float) -> float:
    """Return Δ₀ > 0 at which the orbit of Δ ends at rest, V(Δ₀; Δ₀) + σ⁴/8 = 0; zero if only silence is stationary.

    Where activity that is strong enough would run away (power laws above one), it is the state below that noise keeps.

    Raises
    ------
    InputError : activity without bound, or several stationary states.
    """

    def excess(variance: np.ndarray) -> np.ndarray:
        """Return (V(Δ₀; Δ₀) + σ⁴/8)/Δ₀²: positive where the assumed activity drives a greater one."""
        with np.errstate(all="ignore"):
            driven = gain**2 * _primitive_variance(activation, np.sqrt(variance)) / variance**2
            return np.nan_to_num(driven - 0.5 + sigma**4 / (8 * variance**2), nan=np.inf)

    grid, found = _scan(excess, 0.49 * sigma**2 if sigma else LEAST, MOST * max(1.0, sigma**2, gain**2))  # Δ₀ ≥ σ²/2
    clear = np.abs(found) > CLEAR
    top, grid, above = grid[-1], grid[clear], found[clear] > 0
    changes = np.flatnonzero(above[1:] != above[:-1])
    runaway = len(above) == 0 or bool(above[-1])
    if runaway and not (sigma > 0 and len(changes) == 2 and bool(above[0])):
        raise no_state(activation, gain, f"variances up to {top:.2g}")
    if not above.any():
        require(
            sigma > 0 or gain * slope(activation) <= 1 + MARGIN,
            f"gain {gain!r}, just above the onset of activity at {1 / max(slope(activation), LEAST):.17g}",
            "its variance is lost in rounding",
            "take a gain further from the onset",
        )
        return 0.0
    require(
        len(changes) == 1 + runaway,
        f"gain {gain:g} with an activation that has several stationary states",
        "mean-field theory needs a single one",
        "simulate the network instead",
    )
    low, high = np.log(grid[changes[0] : changes[0] + 2])
    root: Any = brentq(lambda log: float(excess(np.exp([log]))[0]), low, high, xtol=1e-14)
    return float(np.exp(root))


def _scan(excess: Callable[[np.ndarray], np.ndarray], low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    """Return variances and their excess, from `low` to `high` and on as long as that is positive."""
    count = int(np.ceil(np.log(high / low) / STEP_LOG)) + 1
    grid = np.geomspace(low, high, count)
    found = excess(grid)
    while found[-1] > CLEAR and grid[-1] < LIMIT:
        more = grid[-1] * np.exp(STEP_LOG * np.arange(1, BLOCK_LOG + 1))
        grid, found = np.concatenate([grid, more]), np.concatenate([found, excess(more)])
    return grid, found


class PowerSeries(NamedTuple):
    """C_φ = Σ weights · ρ^powers at one Δ₀."""

    powers: Float[np.ndarray, " terms"]
    weights: Float[np.ndarray, " terms"]


def expansion(activation: Activation, std: float) -> PowerSeries:
    """Return the squared Hermite coefficients c_n² of φ(std · z), n odd.

    Smooth activations need about 30 · std² powers. Where the most terms do not do (kinks, very strong drive), the
    rest of ⟨φ²⟩ is spread over higher powers as a power law.
    """
    phi = values(activation, std * Z) * WEIGHT * np.exp(Z**2 / 4)
    hermite = np.zeros((BLOCK + 2, Z.size))  # h_n e^(−z²/4), after the last two of the block before
    hermite[-1] = np.exp(-(Z**2) / 4)
    powers, squares, slope_square = np.empty(0), np.empty(0), 0.0
    for first in range(1, MOST_TERMS, BLOCK):
        hermite[:2] = hermite[-2:]
        for row, n in enumerate(range(first, first + BLOCK), 2):
            new = np.multiply(Z, hermite[row - 1], out=hermite[row])
            new -= sqrt(n - 1) * hermite[row - 2]
            new /= sqrt(n)
        squares = np.concatenate([squares, (hermite[2::2] @ phi) ** 2])
        powers = np.arange(1.0, first + BLOCK, 2)
        fresh = powers[-BLOCK // 2 :] @ squares[-BLOCK // 2 :]
        slope_square += fresh  # Σ n c_n² = Δ₀ ⟨φ'²⟩
        if fresh <= 1e-13 * slope_square:
            return PowerSeries(powers, squares)
    return _with_tail(powers, squares, mean_square(activation, std))


def _with_tail(powers: np.ndarray, squares: np.ndarray, total: float) -> PowerSeries:
    """Continue c_n² ∝ n^(−1−d) so that all terms sum to the `total` ⟨φ²⟩."""
    rest, end = total - squares.sum(), powers[-1] + 1
    if rest <= 1e-14 * total:
        return PowerSeries(powers, squares)
    require(
        rest <= UNRESOLVED * total,
        "the activation jumps, or is driven so strongly that it nearly does",
        "jumps have no finite Lyapunov exponent",
        "lower the gain or the noise, or take a smoother activation",
    )
    # kinks make the coefficients oscillate, so that d is taken from what is left at N and at 7N/8: R ∝ N^(−d)
    d = np.log1p(squares[7 * len(squares) // 8 :].sum() / rest) / np.log(8 / 7)
    edges = end * 2.0 ** np.arange(0, 30, 0.5)
    beyond = (edges / end) ** -d
    return PowerSeries(
        np.concatenate([powers, np.sqrt(edges[:-1] * edges[1:])]),
        np.concatenate([squares, rest * (beyond[:-1] - beyond[1:])]),
    )
