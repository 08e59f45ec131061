"""Properties of an activation function: its values, parity, slopes, and growth at large inputs."""

import jax.numpy as jnp
import numpy as np

from noisette.activations import Activation, Pade, Power, Threshold, erf, linear, relu, tanh
from noisette.errors import InputError, require

ROUNDING = 1e-9  # relative deviation from φ(−x) = −φ(x) that is attributed to rounding in a user's φ
FAR = 1e8, 1e10  # inputs at which the growth of φ is read off
STRAIGHT = 1e-3  # relative change of φ(x)/x between them, below which φ is linear there
PIECE = 4096  # JAX compiles one program per shape; large arrays are evaluated in pieces of this one shape


def values(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x) as a NumPy array."""
    return np.asarray(activation(jnp.asarray(x)), float)


def values_in_pieces(activation: Activation, x: np.ndarray) -> np.ndarray:
    """Return φ(x) of an array of any size, evaluated in pieces of one shape for which JAX compiles once."""
    padded = np.zeros(-(-x.size // PIECE) * PIECE)
    padded[: x.size] = x.ravel()
    parts = [values(activation, piece) for piece in padded.reshape(-1, PIECE)]
    return np.concatenate(parts)[: x.size].reshape(x.shape)


def check(activation: Activation) -> None:
    """Refuse an activation that does not return one finite number for each input."""
    require(callable(activation), f"activation {activation!r}", "a function, such as activations.tanh")
    x = np.geomspace(1e-3, 1e3, 61)
    x = np.concatenate([-x[::-1], x])
    phi = values(activation, x)
    require(phi.shape == x.shape, f"activation of shape {phi.shape}", f"one value for each of {x.size} inputs")
    require(bool(np.isfinite(phi).all()), "activation with NaN or infinite values", "finite values")


def is_odd(activation: Activation) -> bool:
    """Return whether φ(−x) = −φ(x): from the definition of known activations, at 61 inputs for others."""
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
    """Return the error for a search that ends without a stationary state.

    It states that activity grows without bound only where the growth of φ at large inputs implies it.
    """
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
