"""Gaussian averages of an activation: in closed form where there is one, by quadrature elsewhere.

With x = m + √v z, z ~ N(0, 1), integration by parts (Stein's lemma) replaces derivatives by powers of z:
⟨φ'⟩ = ⟨z φ⟩/√v and d⟨h⟩/dv = ⟨h''⟩/2 = ⟨h (z² − 1)⟩/(2v). Only ⟨φ'²⟩ requires φ' itself.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from noisette.activations import Activation, Power, tanh
from noisette.theory.gaussian._activation import values
from noisette.theory.gaussian._closed_forms import Averages, Value, closed, is_linear, power_moment
from noisette.theory.gaussian._trapezoid import EVERY_SECOND, FINE_NODES, FINE_WEIGHTS, NODES, WEIGHTS

SMOOTH = 1e-8  # doubling the nodes squares the error of the trapezoidal rule: agreement to 1e-8 implies 1e-16
JUMP = 1e-3  # a relative excess of ⟨φ'⟩² over ⟨φ'²⟩, impossible otherwise, shows a jump of φ: ⟨φ'²⟩ is infinite
STENCIL = 1e-3  # step of the finite difference, relative to min(1, √v): truncation h⁴ and rounding ε/h are 1e-12
BLOCK = 100  # pairs (m, v) evaluated at once, which bounds the memory


class Derivatives(NamedTuple):
    """Terms of the corrections of order 1/N, with F(v) = ⟨φ²⟩ and V(v) = Var φ² over x ~ N(0, v).

    Attributes
    ----------
    square, first, second : F, F' and F''
    spread, spread_first : V and V'
    """

    square: float
    first: float
    second: float
    spread: float
    spread_first: float


def averages(activation: Activation, variance: Value, mean: Value = 0.0) -> Averages:
    """Return ⟨φ⟩, ⟨φ²⟩, ⟨φ'⟩ and ⟨φ'²⟩ over x ~ N(mean, variance).

    Parameters
    ----------
    activation : φ, any callable on arrays
    variance, mean : v > 0 and m, numbers or arrays that broadcast

    Returns
    -------
    Averages, numbers if v and m are numbers, otherwise arrays. Relative errors are 1e-12 for smooth φ; that of ⟨φ'²⟩
        is 1e-3 where a user's φ has kinks. ⟨φ'²⟩ is infinite for power laws with p ≤ 1/2.

    Examples
    --------
    >>> from noisette.activations import relu, tanh
    >>> [round(float(x), 5) for x in averages(tanh, 1.28131)]
    [0.0, 0.43955, 0.56045, 0.42119]
    >>> averages(relu, 2.0).square
    1.0
    """
    scalar = np.ndim(variance) == 0 and np.ndim(mean) == 0
    result = closed(activation, np.asarray(variance, float), np.asarray(mean, float))
    if result is None:
        result = _quadrature(activation, variance, mean)
    return Averages(*(float(number) for number in result)) if scalar else result


def moments(activation: Activation, variance: Value, mean: Value = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """Return ⟨φ⟩ and ⟨φ²⟩ over x ~ N(mean, variance), at less cost than all four averages."""
    variance, mean = np.broadcast_arrays(np.asarray(variance, float), np.asarray(mean, float))
    result = closed(activation, variance, mean)
    if result is not None:
        return np.asarray(result.mean), np.asarray(result.square)
    phi = phi_of(activation, mean[..., None] + np.sqrt(variance)[..., None] * NODES)
    return _weighted(phi), _weighted(phi**2)


def phi_of(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x), with NumPy for tanh: the overhead of a JAX call exceeds the cost of evaluating it."""
    return np.tanh(x) if activation is tanh else values(activation, x)


def _weighted(numbers: np.ndarray, weights: np.ndarray = WEIGHTS) -> np.ndarray:
    """Return weighted sums over the last axis, by einsum: starting BLAS threads costs more than these short sums."""
    return np.asarray(np.einsum("...z,z->...", numbers, weights))


def _quadrature(activation: Activation, variance: Value, mean: Value) -> Averages:
    v, m = np.broadcast_arrays(np.asarray(variance, float), np.asarray(mean, float))
    std, centre = np.sqrt(v).ravel()[:, None], m.ravel()[:, None]
    blocks = []
    for first in range(0, len(std), BLOCK):
        u, c = std[first : first + BLOCK], centre[first : first + BLOCK]
        phi = phi_of(activation, c + u * NODES)
        slope = _weighted(phi, NODES * WEIGHTS) / u[:, 0]  # ⟨z φ⟩/√v, shape (block,)
        slope_square = _slope_square(activation, u, c)
        # φ' at the nodes misses the δ function at a jump of φ, which Stein's ⟨z φ⟩ contains
        slope_square = np.where(slope**2 > (1 + JUMP) * slope_square, np.inf, slope_square)
        blocks.append((_weighted(phi), _weighted(phi**2), slope, slope_square))
    return Averages(*(np.concatenate(parts).reshape(v.shape) for parts in zip(*blocks, strict=True)))


def _slope_square(activation: Activation, std: np.ndarray, centre: np.ndarray) -> np.ndarray:
    """Return ⟨φ'²⟩ for each row; where half of the nodes give a different value φ has kinks, and a finer rule serves.

    Parameters
    ----------
    std, centre : √v and m, shape (block, 1)
    """
    squares = _slope(activation, centre + std * NODES, std) ** 2
    full, half = _weighted(squares), _weighted(squares[:, EVERY_SECOND], 2 * WEIGHTS[EVERY_SECOND])
    if len(std) > 1 or np.abs(full - half).max() <= SMOOTH * np.abs(full).max():
        return full
    return _weighted(_slope(activation, centre + std * FINE_NODES, std) ** 2, FINE_WEIGHTS)


def _slope(activation: Activation, x: np.ndarray, std: np.ndarray) -> np.ndarray:
    """Return φ'(x): by automatic differentiation where JAX can trace φ, otherwise by fourth-order differences."""
    if activation is tanh:
        return 1 - np.tanh(x) ** 2
    try:
        point = jnp.asarray(x)
        slope = np.asarray(jax.jvp(activation, (point,), (jnp.ones_like(point),))[1], float)
        if np.isfinite(slope).all():
            return slope
    except Exception:  # a user's function may raise any exception when called with a tracer
        pass
    h = STENCIL * np.minimum(1.0, std)
    # central differences at h and 2h, combined so that the error of order h² cancels (Richardson)
    near = values(activation, x + h) - values(activation, x - h)
    far = values(activation, x + 2 * h) - values(activation, x - 2 * h)
    return (8 * near - far) / (12 * h)


def derivatives(activation: Activation, variance: float) -> Derivatives:
    """Return F = ⟨φ²⟩, F', F'', V = Var φ² and V' at x ~ N(0, v); primes are derivatives by v."""
    v = float(variance)
    # power laws scale: F = m_2p v^p and V = (m_4p − m_2p²) v^2p, with m_k = E|z|ᵏ
    if is_linear(activation) or isinstance(activation, Power):
        p = float(activation.exponent) if isinstance(activation, Power) else 1.0
        two = power_moment(2 * p)
        spread = power_moment(4 * p) - two**2
        return Derivatives(
            two * v**p, p * two * v ** (p - 1), p * (p - 1) * two * v ** (p - 2), spread * v ** (2 * p),
            2 * p * spread * v ** (2 * p - 1),
        )  # fmt: skip
    square = phi_of(activation, np.sqrt(v) * NODES) ** 2
    # dⁿ⟨h⟩/dvⁿ = ⟨h He_2n(z)⟩/(2v)ⁿ, from n-fold use of d/dv = ½ d²/dx² and integration by parts
    hermite2, hermite4 = WEIGHTS * (NODES**2 - 1), WEIGHTS * (NODES**4 - 6 * NODES**2 + 3)
    mean = _weighted(square)
    off = (square - mean) ** 2
    first, second = _weighted(square, hermite2) / (2 * v), _weighted(square, hermite4) / (4 * v**2)
    # d⟨(φ² − F)²⟩/dv: the derivative of F inside contributes −2F'⟨φ² − F⟩ = 0
    spread_first = _weighted(off, hermite2) / (2 * v)
    return Derivatives(*(float(number) for number in (mean, first, second, _weighted(off), spread_first)))


__all__ = ["Averages", "Derivatives", "averages", "derivatives", "is_linear", "moments", "phi_of"]
