"""Exact information measures of the Markov chain of a binary network in white noise.

Given the present state, the next states of the units are independent when the noise is independent and white. The
transition probability is then a product over units, from which the statistics of successive states follow.
"""

from functools import partial
from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.codes import states
from noisette.errors import integer, require
from noisette.information import binary_entropy, entropy, plogp
from noisette.networks import BinaryNetwork
from noisette.theory.markov import _gth, _transition
from noisette.theory.markov._krylov import Unresolved
from noisette.theory.markov._occupation import (
    SMALL,
    Reducible,
    Start,
    closed_classes,
    dense_stationary,
    long_average,
    matrix_free,
    occupation,
    start_distribution,
    stationary,
    stationary_free,
    stationary_of,
    time_average,
)
from noisette.theory.markov._passage import entropy_production, escape_time, passage_times
from noisette.theory.markov._transition import DENSE_LIMIT, FREE_LIMIT, SHARED_LIMIT, Law, transition_matrix

ExactEstimator = Literal["fixed-start", "start-averaged", "stationary"]
#: Names of the exact estimators of `resonance`.
ESTIMATORS: tuple[ExactEstimator, ...] = get_args(ExactEstimator)


class Measures(NamedTuple):
    """Entropy H of the states, mutual information I of successive states, and divergence D = H − I, in bits."""

    entropy: Float[Array | np.ndarray, "..."]
    information: Float[Array | np.ndarray, "..."]
    divergence: Float[Array | np.ndarray, "..."]


@jax.jit
def _measures_of(p: Array, after: Array, loss: Array) -> Measures:
    """Return H, I and D from p̄, p̄P and the conditional entropy H(s'|s)."""
    h = entropy(p)
    # I = H(p̄P) − H(s'|s), without the 4^N joint probabilities; rounding may make zero negative
    information = jnp.maximum(entropy(after) - loss, 0.0)
    return Measures(h, information, h - information)


@check_arguments
def conditional_entropy(network: BinaryNetwork, law: Law) -> Float[Array, " states"]:
    """Return H(s'|s) = Σ_n h₂(q_n) in bits for each state s of a network in independent noise, shape (2^N,)."""
    return _loss(network, law.std, network.reach())


@partial(jax.jit, static_argnames="reach")
def _loss(network: BinaryNetwork, std: Array, reach: float) -> Array:
    return _transition.by_blocks(
        lambda h: binary_entropy(network.flip_probability(h, std, reach=reach)).sum(1), network
    )


@jax.jit
def _row_entropies(matrix: Array) -> Array:
    return -plogp(matrix).sum(1)


@partial(jax.jit, static_argnames=("estimator", "reach"))
def small_measures(
    network: BinaryNetwork, std: Array, first: Array, steps: int | Array, estimator: str, reach: float
) -> Measures:
    """Return H, I and D of a small network in independent noise, by a differentiable function for vmap.

    Parameters
    ----------
    network : the network
    std : standard deviation of the noise of each unit, shape (N,)
    first : initial distribution, shape (2^N,)
    steps : N_T
    estimator : "stationary", or time averages from `first` otherwise
    reach : bound of |h| for the evaluation of flip probabilities
    """
    fields = network.field(jnp.asarray(states(network.size)))
    q = network.flip_probability(fields, std, reach=reach)
    positive = fields >= 0
    p = _transition.khatri_rao(jnp.where(positive, q, 1 - q), jnp.where(positive, 1 - q, q))
    occupied = _gth.stationary_traced(p) if estimator == "stationary" else time_average(p, first, steps)
    return _measures_of(occupied, occupied @ p, occupied @ binary_entropy(q).sum(1))


@check_arguments
def measures(
    network: BinaryNetwork, steps: int = 10_000, start: Start = 0, estimator: ExactEstimator = "fixed-start"
) -> Measures:
    """Exact entropy, mutual information and divergence of successive states, in bits.

    .. math:: H = -\\sum_a \\bar p_a \\log_2 \\bar p_a, \\quad
       I = H(\\bar p) + H(\\bar p P) - H(\\bar P), \\quad \\bar P_{ab} = \\bar p_a P_{ab}, \\quad D = H - I

    Parameters
    ----------
    network : at most 16 units in independent noise, 12 in common noise
    steps : N_T, for estimators of finite duration
    start : initial state for "fixed-start": a code, "uniform", or a distribution of shape (2**N,)
    estimator : "fixed-start" (N_T steps from `start`), "start-averaged" (N_T steps from the uniform distribution; the
        entropy of the mixture, not the mean of entropies) or "stationary" (N_T → ∞)

    Returns
    -------
    Measures of three scalars, in bits

    Raises
    ------
    InputError : If there are too many units, if the estimator is unknown, or if the stationary distribution is not
        unique.

    See Also
    --------
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.
    optimal_noise : The exact optimum, its kind and all local maxima.
    theory.markov.information_flow : Transfer entropy between sets of units.
    theory.markov.one_pattern_measures : A few units of a network of up to 1000 units that stores one pattern.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> [round(float(x), 4) for x in measures(network)]
    [4.9999, 4.5442, 0.4556]
    """
    steps = integer(steps, "steps", None)
    require(steps >= 1, f"steps {steps}", "at least one step")
    _transition.fits(network, FREE_LIMIT, "simulate, with estimator single-run and a subset of units")
    # three routes: squaring the matrix (small networks), the dense matrix (shared noise, or the stationary chain by
    # elimination), and matrix-free products (everything else)
    law = _transition.law(network)
    first = start_distribution("uniform" if estimator == "start-averaged" else start, network.size)
    if network.size <= SMALL and law.shared is None and estimator != "stationary":
        result = small_measures(network, law.std, jnp.asarray(first), steps, estimator, network.reach())
        return Measures(*map(np.asarray, result))
    dense = law.shared is not None or (network.size <= DENSE_LIMIT and estimator == "stationary")
    matrix = transition_matrix(network) if dense else None
    apply = matrix_free(network) if matrix is None else matrix.T.dot
    if estimator != "stationary":
        p = long_average(network, apply, first, steps)
    else:
        p = stationary_free(apply, network.size) if matrix is None else dense_stationary(network, matrix)
    after = apply(p)
    if law.shared is None:
        loss = p @ np.asarray(conditional_entropy(network, law))
    else:
        loss = p @ np.asarray(_row_entropies(jnp.asarray(matrix)))
    return Measures(*map(np.asarray, _measures_of(jnp.asarray(p), jnp.asarray(after), jnp.asarray(loss))))


@check_arguments
def joint(
    network: BinaryNetwork, steps: int = 10_000, start: Start = 0, estimator: ExactEstimator = "fixed-start"
) -> np.ndarray:
    """Exact joint distribution of successive states, P̄(a, b) = p̄(a) P(b|a).

    Parameters
    ----------
    network : at most 12 units
    steps, start, estimator : as for `measures`

    Returns
    -------
    array of float64, shape (2**N, 2**N), summing to 1; row = code of the first state, column = code of the next

    Examples
    --------
    >>> import noisette as nz
    >>> joint(nz.Boltzmann([[2.0]]), estimator="stationary").round(4)
    array([[0.4404, 0.0596],
           [0.0596, 0.4404]])
    """
    steps = integer(steps, "steps", None)
    return _occupied(network, steps, start, estimator)[:, None] * transition_matrix(network)


def _occupied(network: BinaryNetwork, steps: int, start: Start, estimator: str) -> np.ndarray:
    if estimator == "stationary":
        return stationary(network)
    return occupation(network, steps, "uniform" if estimator == "start-averaged" else start)


__all__ = [
    "DENSE_LIMIT",
    "ESTIMATORS",
    "SHARED_LIMIT",
    "SMALL",
    "Measures",
    "Reducible",
    "Start",
    "Unresolved",
    "closed_classes",
    "conditional_entropy",
    "entropy_production",
    "escape_time",
    "joint",
    "measures",
    "occupation",
    "passage_times",
    "small_measures",
    "start_distribution",
    "stationary",
    "stationary_of",
    "transition_matrix",
]
