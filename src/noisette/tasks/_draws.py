"""Random keys of trials, and the noise in their inputs."""

import zlib

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

PRECISION = jnp.float32  # data type of inputs, targets and masks


def trial_keys(key: PRNGKeyArray, number: int) -> Array:
    """Return the random keys of the trials of a block, shape (number,)."""
    return jax.vmap(lambda i: jax.random.fold_in(key, i))(jnp.arange(number))


def fold_name(key: PRNGKeyArray, name: str) -> PRNGKeyArray:
    """Fold a name into a key, so that each draw is independent of the order of the others."""
    return jax.random.fold_in(key, zlib.crc32(name.encode()))


def noisy(inputs: Array, key: PRNGKeyArray, strength: Array | np.float32) -> Array:
    """Return the inputs of a trial, shape (time, channels), with Gaussian noise added.

    Parameters
    ----------
    inputs : inputs without noise
    key : random key of the trial
    strength : standard deviation of the noise
    """
    return inputs + strength * jax.random.normal(fold_name(key, "input noise"), inputs.shape, PRECISION)


@jax.jit
def noisy_block(inputs: Array, key: PRNGKeyArray, strength: Array) -> Array:
    """Return the inputs of a block of trials, shape (trials, time, channels), with Gaussian noise added.

    The strength is an argument of the compiled program, and not a constant in it, so that all strengths share it.

    Parameters
    ----------
    inputs : inputs without noise
    key : random key of the block
    strength : standard deviation of the noise
    """
    return jax.vmap(noisy, (0, 0, None))(inputs, trial_keys(key, len(inputs)), strength)
