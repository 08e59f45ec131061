"""Properties of an activation function: its values, parity, slopes, and growth at large inputs."""

import jax.numpy as jnp
import numpy as np

from noisette.activations import Activation, Pade, Power, Threshold, erf, linear, relu, tanh
from noisette.errors import InputError, require
from noisette.functions import try_function

ROUNDING = 1e-9  # relative deviation from φ(−x) = −φ(x) that is attributed to rounding in a user's φ
FAR = 1e8, 1e10  # inputs at which the asymptotic growth of φ is measured
STRAIGHT = 1e-3  # relative change of φ(x)/x between these inputs below which φ counts as asymptotically linear
PIECE = 4096  # JAX compiles one program per shape; large arrays are evaluated in pieces of this single shape


def values(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x) as a NumPy array."""
    return np.asarray(activation(jnp.asarray(x)), float)


def values_in_pieces(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x) for an array of any size, evaluated in pieces of one shape, for which JAX compiles once."""
    padded = np.zeros(-(-x.size // PIECE) * PIECE)
    padded[: x.size] = x.ravel()
    parts = [values(activation, piece) for piece in padded.reshape(-1, PIECE)]
    return np.concatenate(parts)[: x.size].reshape(x.shape)


def check(activation: Activation) -> None:
    """Raise `InputError` unless the activation returns one finite number for each input."""
    try_function(activation, "activation", (2,), returns=(2,))
    x = np.geomspace(1e-3, 1e3, 61)
    x = np.concatenate([-x[::-1], x])
    phi = values(activation, x)
    require(phi.shape == x.shape, f"activation of shape {phi.shape}", f"one value for each of {x.size} inputs")
    require(bool(np.isfinite(phi).all()), "activation with NaN or infinite values", "finite values")


def is_odd(activation: Activation) -> bool:
    """Return whether φ(−x) = −φ(x): known from the definition, or tested at 61 inputs for a user's φ."""
    if activation in (tanh, erf, linear) or isinstance(activation, Power | Pade):
        return True
    if activation is relu or isinstance(activation, Threshold):
        return False
    x = np.geomspace(1e-3, 1e3, 61)
    positive, negative = values(activation, x), values(activation, -x)
    return bool((np.abs(positive + negative) <= ROUNDING * (1 + np.abs(positive))).all())


def slope_at_zero(activation: Activation) -> float:
    """Return φ'(0) of an odd activation."""
    return float(values(activation, np.array(1e-8)) / 1e-8)


def far_slope(activation: Activation) -> float:
    """Return c = lim √(⟨φ²⟩/v) as v → ∞, the root mean square of the slopes φ(x)/x at x → ±∞.

    It is 0 where φ grows more slowly than x, and inf where φ grows faster.

    Every stationary variance satisfies v ≤ g² ⟨φ²⟩_v + w, where w is the variance in noise alone, because the filter
    1/(1 + iω) of a unit amplifies no frequency (nor does that of Euler steps up to one). Activity is therefore bounded
    for g c < 1, whatever the noise. For g c > 1 strong activity grows: there φ acts as c₊ max(x, 0) − c₋ max(−x, 0)
    with c² = (c₊² + c₋²)/2, which is homogeneous, so that patterns of activity grow at the rate g c − 1.
    """
    with np.errstate(all="ignore"):  # a φ that grows faster than any power overflows at these inputs
        near, far = (
            np.sqrt(sum((values(activation, np.array(sign * x)) / x) ** 2 for sign in (1, -1)) / 2) for x in FAR
        )
    if not np.isfinite(far) or far > near * (1 + STRAIGHT):
        return np.inf
    return float(far) if far > near * (1 - STRAIGHT) else 0.0


def no_state(activation: Activation, gain: float, tried: str) -> InputError:
    """Return the error for a search that ends without a stationary state.

    The message states that activity can grow without bound only where the growth of φ at large inputs implies it.

    Parameters
    ----------
    activation, gain : φ and g
    tried : description of where a state was sought
    """
    growth = gain * far_slope(activation)
    if growth >= 1:
        return InputError(
            f"gain {gain:g} with an activation that does not saturate enough; no stationary state was found "
            f"({tried}), and activity can grow without bound: the gain times the asymptotic slope of the activation is "
            f"{growth:.3g} ≥ 1; lower the gain or use an activation that saturates"
        )
    return InputError(
        f"gain {gain:g}: no stationary state was found ({tried}), although activity is bounded: the solver did not "
        "converge; change the gain, the noise or dt slightly, or simulate the network"
    )
