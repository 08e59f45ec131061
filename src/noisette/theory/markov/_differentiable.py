"""Stationary measures of small binary networks as differentiable functions of their weights.

The derivative of the stationary distribution π = πP follows from the equation itself: dπ = π dP Z with the fundamental
matrix Z = (1 − P + 1π)⁻¹. For a function with the gradient g in π, that in P_ab is therefore π_a (Z g)_b, one linear
equation instead of a backward pass through the elimination of all states.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.codes import states
from noisette.information import binary_entropy, entropy
from noisette.networks import BinaryNetwork
from noisette.theory.markov import _gth, _transition

TINY = 1e-300


@jax.custom_vjp
def stationary_implicit(transition: Float[Array, "n n"]) -> Float[Array, " n"]:
    """Return the stationary distribution, with the derivative of its equation; for small chains."""
    return _gth.stationary_traced(transition)


def _forward(transition: Array) -> tuple[Array, tuple[Array, Array]]:
    occupied = _gth.stationary_traced(transition)
    return occupied, (transition, occupied)


def _backward(saved: tuple[Array, Array], gradient: Array) -> tuple[Array]:
    transition, occupied = saved
    matrix = jnp.eye(len(occupied)) - transition + occupied
    return (jnp.outer(occupied, jnp.linalg.solve(matrix, gradient)),)


stationary_implicit.defvjp(_forward, _backward)


def chain(network: BinaryNetwork, std: Array | None, reach: float, shift: Array | float = 0.0) -> tuple[Array, Array]:
    """Return the transition matrix in independent noise and the flip probabilities, for shifted biases."""
    fields = network.field(jnp.asarray(states(network.size))) + shift
    # at a field of zero the derivative of |h| would be zero, and that of P with it
    fields = jnp.where(fields == 0, fields + TINY, fields)
    q = network.flip_probability(fields, std, reach=reach)
    positive = fields >= 0
    return _transition.khatri_rao(jnp.where(positive, q, 1 - q), jnp.where(positive, 1 - q, q)), q


def stationary_information(network: BinaryNetwork, std: Float[Array, " N"] | None, reach: float) -> Float[Array, ""]:
    """Return the information of successive states of a small stationary chain, in bits, for `jax.grad` and `jax.vmap`.

    Parameters
    ----------
    network : the network
    std : standard deviation of the noise of each unit, shape (N,); None without noise
    reach : bound of |h| for the evaluation of flip probabilities
    """
    p, q = chain(network, std, reach)
    occupied = stationary_implicit(p)
    return entropy(occupied) - occupied @ binary_entropy(q).sum(1)


class PhaseMeasures(NamedTuple):
    """Measures of a free-running and of a driven network, in bits, and root mean squares of correlations."""

    information: Float[Array, "..."]
    rms_correlation: Float[Array, "..."]
    input_information: Float[Array, "..."]
    rms_input_correlation: Float[Array, "..."]


def phase_measures(
    network: BinaryNetwork,
    std: Float[Array, " N"] | None,
    patterns: Float[Array, "P C"],
    input_weights: Float[Array, "N C"],
    reach: float,
) -> PhaseMeasures:
    """Return the measures of a small network, free-running and driven by equally probable patterns, for `jax.vmap`.

    Parameters
    ----------
    network : the network
    std : standard deviation of the noise of each unit, shape (N,); None without noise
    patterns : patterns of the input
    input_weights : factors of the channels in the input of each unit
    reach : bound of |h| for the evaluation of flip probabilities
    """
    every = jnp.asarray(states(network.size))
    p, q = chain(network, std, reach)
    occupied = _gth.stationary_traced(p)
    information = entropy(occupied) - occupied @ binary_entropy(q).sum(1)
    rms = _rms(occupied[:, None] * every, p @ every, every, every, occupied)
    shifts = patterns @ input_weights.T
    # one pass averages the chain over the patterns, a second one applies each of them: the matrices are not stored
    mean = jax.lax.fori_loop(
        0, len(shifts), lambda i, total: total + chain(network, std, reach, shifts[i])[0] / len(shifts), 0 * p
    )
    driven = _gth.stationary_traced(mean)
    after = jax.lax.map(lambda shift: driven @ chain(network, std, reach, shift)[0], shifts)
    imported = entropy(driven) - entropy(after, 1).mean()
    equal = jnp.full(len(shifts), 1 / len(shifts))
    rms_input = _rms(equal[:, None] * patterns, after @ every, patterns, every, equal, driven)
    return PhaseMeasures(jnp.maximum(information, 0.0), rms, jnp.maximum(imported, 0.0), rms_input)


def _rms(
    weighted: Array, expected: Array, before: Array, after: Array, probability: Array, later: Array | None = None
) -> Array:
    """Return the root mean square of the correlations of two sets of variables.

    Parameters
    ----------
    weighted : values before the step times their probabilities
    expected : expected values after the step, given those before
    before, after : possible values before and after
    probability, later : their probabilities; the same by default
    """
    later = probability if later is None else later
    first, second = probability @ before, later @ after
    covariance = (expected - second).T @ (weighted - probability[:, None] * first)
    scale = jnp.outer(later @ (after - second) ** 2, probability @ (before - first) ** 2)
    squared = jnp.where(scale > 0, covariance**2 / jnp.where(scale > 0, scale, 1.0), 0.0)
    return jnp.sqrt(jnp.mean(squared))


__all__ = ["PhaseMeasures", "phase_measures", "stationary_information"]
