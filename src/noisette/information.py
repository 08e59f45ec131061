"""Entropies in bits of distributions given as arrays."""

from functools import partial

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float


def plogp(p: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return p log2 p with 0 log 0 = 0, differentiable; rounding below zero counts as zero."""
    positive = p > 0
    return jnp.where(positive, p * jnp.log2(jnp.where(positive, p, 1.0)), 0.0)


@partial(jax.jit, static_argnames="axis")
def entropy(p: Float[Array, "*shape"], axis: int | tuple[int, ...] | None = None) -> Float[Array, "..."]:
    """Shannon entropy of a distribution: H = −Σ p log2 p.

    Parameters
    ----------
    p : probabilities, summing to 1 over `axis`
    axis : axis or axes of the distribution; all by default

    Returns
    -------
    array of float64, in bits

    Examples
    --------
    >>> float(entropy(jnp.array([0.5, 0.25, 0.25, 0.0])))
    1.5
    """
    return -jnp.sum(plogp(p), axis=axis)


@jax.jit
def binary_entropy(q: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Entropy of one binary variable, h2(q) = −q log2 q − (1−q) log2(1−q), accurate for small q.

    Give the smaller of the two probabilities: 1 − q then loses nothing.

    Examples
    --------
    >>> float(binary_entropy(jnp.array(0.5)))
    1.0
    """
    rest = jnp.clip(1.0 - q, 0.0, 1.0)
    safe = jnp.where(rest > 0, q, 0.0)
    return -plogp(q) - rest * jnp.log1p(-safe) / jnp.log(2.0)


@jax.jit
def mutual_information(joint: Float[Array, "rows columns"]) -> Float[Array, ""]:
    """Mutual information of the two indices of a joint distribution: I = H(row) + H(column) − H(joint).

    Examples
    --------
    >>> float(mutual_information(jnp.eye(2) / 2))
    1.0
    """
    return entropy(joint.sum(1)) + entropy(joint.sum(0)) - entropy(joint)
