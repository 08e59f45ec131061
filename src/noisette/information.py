"""Entropies, in bits, of distributions given as arrays.

Concrete values are checked to be probabilities. Traced values, as inside `jax.jit`, `jax.vmap` or `jax.grad`, are used
unchecked.
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

from noisette.arguments import check_arguments
from noisette.errors import require

Values = ArrayLike | Array | Sequence[Any]  # run-time type checks of ArrayLike alone would refuse tuples
SUM_TOLERANCE = 1e-6
ROUNDING = 1e-12  # largest magnitude of negative values accepted as rounding errors


@check_arguments
def finite_numbers(values: Any, name: str) -> np.ndarray:
    """Return values as an array of float64, after checking that they are finite real numbers.

    Parameters
    ----------
    values : number, nested list, or array of NumPy, JAX or xarray
    name : description of the values for error messages

    Raises
    ------
    InputError : If values are masked, Boolean, complex, strings, ragged, NaN or infinite.

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
    # bfloat16 arrays of JAX have the kind "V".
    kinds = "an array or list of real numbers"
    require(array.dtype.kind in "iuf" or array.dtype.name == "bfloat16", f"{name} of type {array.dtype}", kinds)
    array = array.astype(float)
    require(bool(np.isfinite(array).all()), f"NaN or infinite values in {name}", "finite numbers")
    return array


def _probabilities(values: Any, name: str, axis: int | tuple[int, ...] | None, function: str) -> Array:
    """Return distributions over `axis` as a JAX array, after checking that they sum to 1.

    The name of the `function` that accepts counts is part of the error message.
    """
    array = finite_numbers(values, name)
    negative = array < -ROUNDING
    require(not negative.any(), f"{name} contains {array.min(initial=0.0):g}", "probabilities are zero or positive")
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
        f"divide by the sum, or give counts to {function}",
    )
    return jnp.asarray(array)


@check_arguments
def plogp(p: Values) -> Float[Array, "*shape"]:
    """Return p log2 p with 0 log 0 = 0.

    The function is differentiable. Negative rounding errors are treated as zero.

    Parameters
    ----------
    p : probabilities, of any shape

    Returns
    -------
    array of float64 of the same shape, in bits

    Raises
    ------
    InputError : If values are below −1e-12, NaN or infinite.

    Examples
    --------
    >>> plogp([0.0, 0.5, 1.0]).tolist()
    [0.0, -0.5, 0.0]
    """
    if not isinstance(p, Tracer):
        array = finite_numbers(p, "p")
        least = array.min(initial=0.0)
        require(bool(least >= -ROUNDING), f"p contains {least:g}", "probabilities are zero or positive")
        p = array
    return _plogp(jnp.asarray(p))


def _plogp(p: Array) -> Array:
    # the inner `where` keeps the gradient finite at p = 0, where that of the discarded branch would be NaN
    positive = p > 0
    return jnp.where(positive, p * jnp.log2(jnp.where(positive, p, 1.0)), 0.0)


@check_arguments
def entropy(p: Values, axis: int | tuple[int, ...] | None = None) -> Float[Array, "..."]:
    """Return the Shannon entropy of a distribution, H = −Σ p log2 p.

    Parameters
    ----------
    p : probabilities, which sum to 1 over `axis`
    axis : axis or axes of the distribution; by default all axes

    Returns
    -------
    array of float64, in bits

    Raises
    ------
    InputError : If values are negative, not finite, or do not sum to 1 within 1e-6.

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


@check_arguments
def binary_entropy(q: Values) -> Float[Array, "*shape"]:
    """Return the entropy of a binary variable, h2(q) = −q log2 q − (1 − q) log2(1 − q).

    The result is accurate for small q. For q near 1, use the smaller of the two probabilities instead, since 1 − q is
    subject to cancellation.

    Parameters
    ----------
    q : probability of one of the two values, of any shape

    Returns
    -------
    array of float64 of the same shape, in bits

    Raises
    ------
    InputError : If values are outside [0, 1].

    Examples
    --------
    >>> float(binary_entropy(0.5))
    1.0
    """
    if not isinstance(q, Tracer):
        array = finite_numbers(q, "q")
        outside = array[(array < -ROUNDING) | (array > 1 + ROUNDING)]
        require(
            not outside.size, f"q contains {outside.flat[0] if outside.size else 0:g}", "a probability lies in [0, 1]"
        )
        q = array
    return _binary_entropy(jnp.asarray(q))


@jax.jit
def _binary_entropy(q: Array) -> Array:
    # log1p resolves ln(1 − q) for small q, where 1 − q is rounded; its argument is replaced by 0 where 1 − q = 0
    rest = jnp.clip(1.0 - q, 0.0, 1.0)
    safe = jnp.where(rest > 0, q, 0.0)
    return -_plogp(q) - rest * jnp.log1p(-safe) / jnp.log(2.0)


@check_arguments
def mutual_information(joint: Values) -> Float[Array, ""]:
    """Return the mutual information of two variables, I = H(row) + H(column) − H(row, column).

    Parameters
    ----------
    joint : joint probabilities, shape (rows, columns), which sum to 1

    Returns
    -------
    mutual information, array of float64 of shape (), in bits

    Raises
    ------
    InputError : If `joint` is not a matrix, or values are negative, not finite, or do not sum to 1 within 1e-6.

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
