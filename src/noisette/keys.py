"""Random keys from integers, and integers from random keys."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.errors import integer, require

LARGEST_SEED = 2**63 - 1  # `jax.random.key` reads a seed as a signed integer of 64 bits

Key = int | np.integer | PRNGKeyArray


def as_key(key: Key) -> PRNGKeyArray:
    """Return the JAX key of an integer, or a JAX key unchanged.

    Parameters
    ----------
    key : a non-negative integer below 2⁶⁴, or a JAX key

    Raises
    ------
    InputError : a negative or too large integer, a number that is no integer, an array of several keys.

    Examples
    --------
    >>> bool((as_key(3) == jax.random.key(3)).all()), as_key(jax.random.key(3)) == jax.random.key(3)
    (True, Array(True, dtype=bool))
    """
    if isinstance(key, jax.Array) and jax.dtypes.issubdtype(key.dtype, jax.dtypes.prng_key):
        require(key.ndim == 0, f"keys of shape {key.shape}", "one key")
        return key
    seed = integer(key, "key", 0)
    require(seed < 2**64, f"key {seed}", "an integer below 2⁶⁴, or a JAX key")
    if seed <= LARGEST_SEED:
        return jax.random.key(seed)
    return jax.random.wrap_key_data(np.array([seed >> 32, seed & 0xFFFFFFFF], np.uint32))


def as_seed(key: Key) -> int:
    """Return the integer of a key, such that ``as_key(as_seed(key))`` is the same key.

    Parameters
    ----------
    key : a non-negative integer, or a JAX key

    Raises
    ------
    InputError : as for `as_key`.

    Examples
    --------
    >>> as_seed(7), as_seed(jax.random.key(7))
    (7, 7)
    """
    high, low = np.asarray(jax.random.key_data(as_key(key))).tolist()
    return high << 32 | low
