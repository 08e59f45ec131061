"""Markov chains without subtraction: the elimination of Grassmann, Taksar and Heyman (GTH).

Every operation adds, multiplies or divides positive numbers, so each entry of the result is accurate to a few
units of its own last digit, however small: stationary probabilities and passage times keep their digits over
hundreds of decades, where linear solves and eigenvectors lose all of them.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.linalg import solve_triangular

from noisette.errors import InputError

BLOCK = 64  # states eliminated between two matrix products
LEAST = 1e-280  # probabilities below are beyond what products of two can represent
TINY = 1e-100  # where no probability is below this, a vanishing product is negligible beside others
DEEPEST = 1e8  # logarithms down to minus this keep seven digits of the probability


class Vanishing(InputError):
    """Rates too small for float64."""


class Elimination(NamedTuple):
    """States n−1 … 1 eliminated in turn.

    Above the diagonal of `factors` column k holds P[i, k]/leaving[k], below it row k holds P[k, j], each as it
    stood when k was eliminated; leaving[k] is the probability to leave k for a smaller state.
    """

    factors: np.ndarray
    leaving: np.ndarray


def eliminate(transition: np.ndarray) -> Elimination:
    """Eliminate all states but the first, in blocks so that most of the work is matrix products.

    Every state must lead to the first one.

    Raises
    ------
    Vanishing : if products lost to underflow could matter. They are harmless beside an entry of ordinary size,
        so it takes entries that are tiny and others that are nothing.
    """
    p = np.array(transition, float)
    if np.min(p, initial=1.0, where=p > 0) < TINY and (p < LEAST).any():
        raise Vanishing(
            f"transition probabilities reach below {LEAST:g}, beyond what float64 can combine; "
            "smaller ones cannot be told from none; use stronger noise or weaker weights"
        )
    n = len(p)
    leaving = np.zeros(n)
    for stop in range(n, 1, -BLOCK):
        first = max(1, stop - BLOCK)
        # within the block, update only the columns and rows that later eliminations of the block read: O(n · BLOCK²)
        for k in range(stop - 1, first - 1, -1):
            # 1 − P[k, k] of the chain on states 0 … k, as a sum of what leaves: no subtraction, hence no cancellation
            leaving[k] = p[k, :k].sum()
            p[:k, k] /= leaving[k]
            p[:k, first:k] += np.outer(p[:k, k], p[k, first:k])
            p[first:k, :first] += np.outer(p[first:k, k], p[k, :first])
        # paths through the eliminated states, for all smaller states at once: this is most of the work, O(n³/3)
        p[:first, :first] += p[:first, first:stop] @ p[first:stop, :first]
    return Elimination(p, leaving)


def stationary(transition: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of an irreducible chain, each entry to its own precision."""
    factors = eliminate(transition).factors
    n = len(factors)
    weight = np.ones(n)
    # back substitution: state k is entered from smaller ones at the rate Σ_i π_i P[i, k] and left at leaving[k], by
    # which column k was divided already
    for k in range(1, n):
        weight[k] = weight[:k] @ factors[:k, k]
        if weight[k] > 1:  # keep the largest at 1: ratios may span all of float64
            weight[: k + 1] /= weight[k]
    return weight / weight.sum()


def log_stationary(log_transition: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of an irreducible chain whose rates span more than float64.

    The same elimination on logarithms: products become sums, sums become logaddexp. What float64 keeps of a
    logarithm ℓ is |ℓ| ε, which is the relative error of the result. Several hundred times slower than `stationary`.

    Raises
    ------
    Vanishing : if logarithms below −10⁸ leave fewer than seven digits.
    """
    p = np.array(log_transition, float)
    if np.min(p, initial=0.0, where=np.isfinite(p)) < -DEEPEST:
        raise Vanishing(
            f"transition probabilities reach below exp(-{DEEPEST:g}), which leaves too few digits; "
            "smaller ones cannot be told from none; use stronger noise or weaker weights"
        )
    n = len(p)
    # no blocks here: logaddexp is elementwise and cannot be cast as matrix products
    for k in range(n - 1, 0, -1):
        p[:k, k] -= np.logaddexp.reduce(p[k, :k])
        p[:k, :k] = np.logaddexp(p[:k, :k], p[:k, k, None] + p[k, :k])
    weight = np.zeros(n)
    for k in range(1, n):
        weight[k] = np.logaddexp.reduce(weight[:k] + p[:k, k])
    weight = np.exp(weight - weight.max())
    return weight / weight.sum()


def passage_times(transition: np.ndarray) -> np.ndarray:
    """Return the mean number of steps to reach state 0 from each state; that of state 0 is its return time."""
    factors, leaving = eliminate(transition)
    upper = np.triu(factors, 1)
    # holding[k]: mean time spent in k and in the eliminated states before moving on to a smaller one
    holding = solve_triangular(np.eye(len(upper)) - upper, np.ones(len(upper)), unit_diagonal=True)
    # from k the chain leaves to a smaller state j with probability factors[k, j]/leaving[k] (state 0 takes no time)
    times = np.zeros(len(upper))
    for k in range(1, len(upper)):
        times[k] = (holding[k] + factors[k, 1:k] @ times[1:k]) / leaving[k]
    times[0] = 1.0 + transition[0, 1:] @ times[1:]
    return times


def stationary_traced(transition: Float[Array, "n n"]) -> Float[Array, " n"]:
    """Return the stationary distribution in JAX, differentiable and batchable; for small chains."""
    n = transition.shape[0]
    index = jnp.arange(n)

    def remove(i, p):
        k = n - 1 - i
        # masks in place of slices, as shapes must not depend on k under a loop of JAX
        smaller = index < k
        row = jnp.where(smaller, p[k], 0.0)
        column = jnp.where(smaller, p[:, k], 0.0) / row.sum()
        return (p + jnp.outer(column, row)).at[:, k].set(jnp.where(smaller, column, p[:, k]))

    factors = jax.lax.fori_loop(0, n - 1, remove, transition)

    def add(k, weight):
        return weight.at[k].set(jnp.where(index < k, weight, 0.0) @ factors[:, k])

    weight = jax.lax.fori_loop(1, n, add, jnp.zeros(n).at[0].set(1.0))
    return weight / weight.sum()
