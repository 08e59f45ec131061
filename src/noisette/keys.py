"""Random keys from integers or JAX keys, and integers from keys."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.errors import InputError, integer

KeyLike = int | np.integer | PRNGKeyArray
ALLOWED = "an integer of at least 0, or a JAX key"
LARGEST = 2**64  # integers from here on are not keys
LARGEST_SEED = 2**63 - 1  # `jax.random.key` reads a seed as a signed integer of 64 bits


def as_key(key: object) -> PRNGKeyArray:
    """Return a JAX key: the integer n is ``jax.random.key(n)``, and a key, traced or not, is returned unchanged.

    Parameters
    ----------
    key : integer of at least 0, key of JAX, or raw key (two numbers of uint32)

    Raises
    ------
    InputError : anything else, arrays of several keys included.

    Examples
    --------
    >>> bool(as_key(7) == jax.random.key(7))
    True
    >>> as_key(0.5)
    Traceback (most recent call last):
    noisette.errors.InputError: key 0.5; an integer of at least 0, or a JAX key; key=0 will do
    """
    if isinstance(key, jax.Array):  # tracers are instances of jax.Array, too
        typed = jnp.issubdtype(key.dtype, jax.dtypes.prng_key)
        if key.shape == (() if typed else (2,)) and (typed or key.dtype == jnp.uint32):
            return key
        raise InputError(f"key of shape {key.shape} and type {key.dtype}; {ALLOWED}; key=0 will do")
    try:
        number = integer(key, "key", 0)
    except InputError:
        number = LARGEST
    if number >= LARGEST:
        text = repr(key) if len(repr(key)) <= 40 else f"of type {type(key).__name__}"
        raise InputError(f"key {text}; {ALLOWED}; key=0 will do")
    if number <= LARGEST_SEED:
        return jax.random.key(number)
    return jax.random.wrap_key_data(jnp.asarray([number >> 32, number & 0xFFFFFFFF], jnp.uint32))


def as_seed(key: object) -> int:
    """Return the integer of a key, such that ``as_key(as_seed(key))`` is the same key.

    Parameters
    ----------
    key : as for `as_key`, not traced

    Raises
    ------
    InputError : as for `as_key`.

    Examples
    --------
    >>> as_seed(7), as_seed(jax.random.key(7))
    (7, 7)
    """
    made = as_key(key)
    typed = jnp.issubdtype(made.dtype, jax.dtypes.prng_key)
    high, low = np.asarray(jax.random.key_data(made) if typed else made).tolist()
    return high << 32 | low


__all__ = ["KeyLike", "as_key", "as_seed"]
