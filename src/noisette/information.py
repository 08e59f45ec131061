"""Entropies in bits of distributions given as arrays.

Values that are concrete are checked: they must be probabilities. Inside `jax.jit`, `jax.vmap` or `jax.grad` they are
symbols, and the same functions take them as they are.
"""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import require

Values = ArrayLike | Array | Sequence[Any]  # ArrayLike alone admits no tuple when types are checked at run time
SUM_TOLERANCE = 1e-6
ROUNDING = 1e-12  # a probability computed as a difference may lie below zero by this much


def finite_numbers(values: Any, name: str) -> np.ndarray:
    """Return values as an array of float64; refuse what is masked, not a real number, or not finite.

    Parameters
    ----------
    values : number, nested list, NumPy, JAX or xarray array
    name : what the values are called in the message

    Raises
    ------
    InputError : masked, Boolean, complex, text or ragged values; NaN or infinite ones.

    Examples
    --------
    >>> finite_numbers([7, 3], "counts")
    array([7., 3.])
    """
    require(not isinstance(values, np.ma.MaskedArray), f"a masked array as {name}", "an array", "fill or drop values")
    try:
        array = np.asarray(values)
    except ValueError:  # rows of different lengths
        array = np.empty(0, object)
    # two-byte floats of JAX and the like have kind "V"
    kinds = "an array or list of real numbers"
    require(array.dtype.kind in "iuf" or array.dtype.name == "bfloat16", f"{name} of type {array.dtype}", kinds)
    array = array.astype(float)
    require(bool(np.isfinite(array).all()), f"NaN or infinite values in {name}", "finite numbers")
    return array


def _probabilities(values: Any, name: str, axis: int | tuple[int, ...] | None, counts: str) -> Array:
    """Return distributions over `axis` as a JAX array, or refuse what does not sum to 1."""
    array = finite_numbers(values, name)
    negative = array < -ROUNDING
    require(not negative.any(), f"{name} holds {array.min(initial=0.0):g}", "probabilities are zero or positive")
    try:
        total = np.asarray(array.sum(axis=axis))
    except np.exceptions.AxisError:
        total = np.empty(0)
    require(total.size > 0 and array.size > 0, f"{name} of shape {array.shape}, axis {axis}", "a distribution")
    worst = total.flat[np.abs(total - 1).argmax()]
    require(
        abs(worst - 1) <= SUM_TOLERANCE,
        f"{name} sums to {worst:g}",
        "probabilities sum to 1",
        f"divide by the sum, or give counts to {counts}",
    )
    return jnp.asarray(array)


def plogp(p: Values) -> Float[Array, "*shape"]:
    """Return p log2 p with 0 log 0 = 0, differentiable; rounding below zero counts as zero.

    Raises
    ------
    InputError : negative beyond rounding (1e-12), NaN or infinite values.

    Examples
    --------
    >>> plogp([0.0, 0.5, 1.0]).tolist()
    [0.0, -0.5, 0.0]
    """
    if not isinstance(p, Tracer):
        array = finite_numbers(p, "p")
        least = array.min(initial=0.0)
        require(bool(least >= -ROUNDING), f"p holds {least:g}", "probabilities are zero or positive")
        p = array
    return _plogp(jnp.asarray(p))


def _plogp(p: Array) -> Array:
    positive = p > 0
    return jnp.where(positive, p * jnp.log2(jnp.where(positive, p, 1.0)), 0.0)


def entropy(p: Values, axis: int | tuple[int, ...] | None = None) -> Float[Array, "..."]:
    """Shannon entropy of a distribution: H = −Σ p log2 p.

    Parameters
    ----------
    p : probabilities, summing to 1 over `axis`
    axis : axis or axes of the distribution; all by default

    Returns
    -------
    array of float64, in bits

    Raises
    ------
    InputError : values that are negative, not finite, or do not sum to 1 within 1e-6.

    Examples
    --------
    >>> float(entropy([0.5, 0.25, 0.25, 0.0]))
    1.5
    """
    if not isinstance(p, Tracer):
        p = _probabilities(p, "p", axis, "analysis.entropy_from_counts")
    return _entropy(p, axis)


@partial(jax.jit, static_argnames="axis")
def _entropy(p: Array, axis: int | tuple[int, ...] | None = None) -> Array:
    return -jnp.sum(_plogp(p), axis=axis)


def binary_entropy(q: Values) -> Float[Array, "*shape"]:
    """Entropy of one binary variable, h2(q) = −q log2 q − (1−q) log2(1−q), accurate for small q.

    Give the smaller of the two probabilities: 1 − q then loses nothing.

    Raises
    ------
    InputError : values outside [0, 1].

    Examples
    --------
    >>> float(binary_entropy(0.5))
    1.0
    """
    if not isinstance(q, Tracer):
        array = finite_numbers(q, "q")
        outside = array[(array < -ROUNDING) | (array > 1 + ROUNDING)]
        require(not outside.size, f"q holds {outside.flat[0] if outside.size else 0:g}", "a probability lies in [0, 1]")
        q = array
    return _binary_entropy(jnp.asarray(q))


@jax.jit
def _binary_entropy(q: Array) -> Array:
    rest = jnp.clip(1.0 - q, 0.0, 1.0)
    safe = jnp.where(rest > 0, q, 0.0)
    return -_plogp(q) - rest * jnp.log1p(-safe) / jnp.log(2.0)


def mutual_information(joint: Values) -> Float[Array, ""]:
    """Mutual information of the two indices of a joint distribution: I = H(row) + H(column) − H(joint).

    Parameters
    ----------
    joint : probabilities, shape (rows, columns), summing to 1

    Raises
    ------
    InputError : no matrix; values that are negative, not finite, or do not sum to 1 within 1e-6, such as counts.

    Examples
    --------
    >>> float(mutual_information([[0.5, 0.0], [0.0, 0.5]]))
    1.0
    """
    require(np.ndim(joint) == 2, f"joint of shape {np.shape(joint)}", "a matrix, rows by columns")
    if not isinstance(joint, Tracer):
        joint = _probabilities(joint, "joint", None, "analysis.plug_in")
    return _mutual_information(joint)


@jax.jit
def _mutual_information(joint: Array) -> Array:
    return _entropy(joint.sum(1)) + _entropy(joint.sum(0)) - _entropy(joint)
