"""Conversion between integers and JAX random keys."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.errors import InputError, integer

#: A random key: an integer seed, or a key of `jax.random`.
KeyLike = int | np.integer | PRNGKeyArray
ALLOWED = "an integer of at least 0, or a JAX key"
LARGEST = 2**64  # upper bound of integer keys, exclusive
LARGEST_SEED = 2**63 - 1  # `jax.random.key` reads a seed as a signed integer of 64 bits


def as_key(key: object) -> PRNGKeyArray:
    """Return a JAX key: ``jax.random.key(n)`` for an integer n; keys, traced or not, are returned unchanged.

    Parameters
    ----------
    key : integer in [0, 2**64), JAX key, or raw key (uint32 array of shape (2,))

    Raises
    ------
    InputError : If the input is anything else, including an array of several keys.

    Examples
    --------
    >>> bool(as_key(7) == jax.random.key(7))
    True
    >>> as_key(0.5)
    Traceback (most recent call last):
    noisette.errors.InputError: key 0.5; an integer of at least 0, or a JAX key; for example key=0
    """
    if isinstance(key, jax.Array):  # includes tracers
        typed = jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
        if key.shape == (() if typed else (2,)) and (typed or key.dtype == jnp.uint32):
            return key
        raise InputError(f"key of shape {key.shape} and type {key.dtype}; {ALLOWED}; for example key=0")
    try:
        number = integer(key, "key", 0)
    except InputError:
        number = LARGEST
    if number >= LARGEST:
        text = repr(key) if len(repr(key)) <= 40 else f"of type {type(key).__name__}"
        raise InputError(f"key {text}; {ALLOWED}; for example key=0")
    if number <= LARGEST_SEED:
        return jax.random.key(number)
    return jax.random.wrap_key_data(jnp.asarray([number >> 32, number & 0xFFFFFFFF], jnp.uint32))


def as_seed(key: object) -> int:
    """Return the integer that corresponds to a key, so that ``as_key(as_seed(key))`` is the same key.

    Parameters
    ----------
    key : as in `as_key`, but not traced

    Raises
    ------
    InputError : As for `as_key`.

    Examples
    --------
    >>> as_seed(7), as_seed(jax.random.key(7))
    (7, 7)
    """
    jax_key = as_key(key)
    typed = jnp.issubdtype(jax_key.dtype, jax.dtypes.prng_key)
    high, low = np.asarray(jax.random.key_data(jax_key) if typed else jax_key).tolist()
    return high << 32 | low


__all__ = ["KeyLike", "as_key", "as_seed"]
