"""State elimination without subtraction for Markov chains (Grassmann, Taksar & Heyman 1985; GTH).

Every operation adds, multiplies or divides nonnegative numbers, so each entry of the result has a small relative error,
however small the entry: stationary probabilities and passage times stay accurate over hundreds of orders of magnitude,
where linear solvers and eigenvectors lose all digits.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.linalg import solve_triangular

from noisette.errors import InputError

BLOCK = 64  # states eliminated between two matrix products
LEAST = 1e-280  # probabilities below this may underflow when two of them are multiplied
TINY = 1e-100  # if no positive probability is below this, a product that underflows is negligible beside the others
DEEPEST = 1e8  # logarithms down to −DEEPEST keep seven digits of the probability


class Vanishing(InputError):
    """Exception for transition probabilities too small for float64."""


class Elimination(NamedTuple):
    """Factors from the elimination of the states n−1, …, 1.

    Attributes
    ----------
    factors : above the diagonal column k is P[i, k]/leaving[k], below it row k is P[k, j], both at the time when k is
        eliminated, shape (n, n)
    leaving : probability of leaving k for a smaller state at that time, shape (n,)
    """

    factors: np.ndarray
    leaving: np.ndarray


def eliminate(transition: np.ndarray) -> Elimination:
    """Eliminate all states except the first, in blocks, so that most of the work is matrix products.

    Eliminating state k replaces P[i, j] by P[i, j] + P[i, k] P[k, j]/(1 − P[k, k]), the chain observed only while it is
    in the states below k. State 0 must be reachable from every state.

    Raises
    ------
    Vanishing : If products that underflow could affect the result. They are negligible beside an entry of ordinary
        size, so this requires both tiny positive entries and entries below the range of products.
    """
    p = np.array(transition, float)
    if np.min(p, initial=1.0, where=p > 0) < TINY and (p < LEAST).any():
        raise Vanishing(
            f"transition probabilities below {LEAST:g}; their products underflow in float64 and cannot be "
            "distinguished from zero; use stronger noise or weaker weights"
        )
    n = len(p)
    leaving = np.zeros(n)
    for stop in range(n, 1, -BLOCK):
        first = max(1, stop - BLOCK)
        # within the block, update only the rows and columns that its later eliminations use: O(n · BLOCK²)
        for k in range(stop - 1, first - 1, -1):
            # 1 − P[k, k] of the chain on states 0 … k, as the sum of the probabilities of leaving: no cancellation
            leaving[k] = p[k, :k].sum()
            p[:k, k] /= leaving[k]
            p[:k, first:k] += np.outer(p[:k, k], p[k, first:k])
            p[first:k, :first] += np.outer(p[first:k, k], p[k, :first])
        # add the paths through the eliminated states, for all smaller states at once: most of the work, O(n³/3)
        p[:first, :first] += p[:first, first:stop] @ p[first:stop, :first]
    return Elimination(p, leaving)


def stationary(transition: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of an irreducible chain, every entry with a small relative error."""
    factors = eliminate(transition).factors
    n = len(factors)
    weight = np.ones(n)
    # back substitution: balance of the flows into state k, Σ_{i<k} π_i P[i, k], and out of it, π_k leaving[k]; column k
    # of the factors is already divided by leaving[k]
    for k in range(1, n):
        weight[k] = weight[:k] @ factors[:k, k]
        if weight[k] > 1:  # keep the largest weight at 1, as ratios may span the whole range of float64
            weight[: k + 1] /= weight[k]
    return weight / weight.sum()


def log_stationary(log_transition: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of an irreducible chain whose probabilities exceed the range of float64.

    This is the same elimination on logarithms: products become sums, and sums become logaddexp. The absolute rounding
    error |ℓ| ε of a logarithm ℓ is the relative error of the result. It is several hundred times slower than
    `stationary`.

    Raises
    ------
    Vanishing : If logarithms below −10⁸ leave fewer than seven digits.
    """
    p = np.array(log_transition, float)
    if np.min(p, initial=0.0, where=np.isfinite(p)) < -DEEPEST:
        raise Vanishing(
            f"transition probabilities below exp(-{DEEPEST:g}); their logarithms leave too few digits; "
            "use stronger noise or weaker weights"
        )
    n = len(p)
    # no blocks: logaddexp is elementwise, and matrix products would exponentiate the logarithms
    for k in range(n - 1, 0, -1):
        p[:k, k] -= np.logaddexp.reduce(p[k, :k])
        p[:k, :k] = np.logaddexp(p[:k, :k], p[:k, k, None] + p[k, :k])
    weight = np.zeros(n)
    for k in range(1, n):
        weight[k] = np.logaddexp.reduce(weight[:k] + p[:k, k])
    weight = np.exp(weight - weight.max())
    return weight / weight.sum()


def passage_times(transition: np.ndarray) -> np.ndarray:
    """Return the mean number of steps to reach state 0 from each state, shape (n,); entry 0 is the return time."""
    factors, leaving = eliminate(transition)
    upper = np.triu(factors, 1)
    # holding[k]: mean number of steps per visit to k, in k and in the eliminated states entered from it; (1 − U) h = 1
    holding = solve_triangular(np.eye(len(upper)) - upper, np.ones(len(upper)), unit_diagonal=True)
    # from k the chain moves on to a smaller state j with probability factors[k, j]/leaving[k]; state 0 needs no time
    times = np.zeros(len(upper))
    for k in range(1, len(upper)):
        times[k] = (holding[k] + factors[k, 1:k] @ times[1:k]) / leaving[k]
    times[0] = 1.0 + transition[0, 1:] @ times[1:]
    return times


def stationary_traced(transition: Float[Array, "n n"]) -> Float[Array, " n"]:
    """Return the stationary distribution in JAX, by a differentiable function for vmap; for small chains."""
    n = transition.shape[0]
    index = jnp.arange(n)

    def eliminate_state(i, p):
        k = n - 1 - i
        # masks in place of slices, since shapes cannot depend on the index of a JAX loop
        smaller = index < k
        row = jnp.where(smaller, p[k], 0.0)
        column = jnp.where(smaller, p[:, k], 0.0) / row.sum()
        return (p + jnp.outer(column, row)).at[:, k].set(jnp.where(smaller, column, p[:, k]))

    factors = jax.lax.fori_loop(0, n - 1, eliminate_state, transition)

    def substitute(k, weight):
        return weight.at[k].set(jnp.where(index < k, weight, 0.0) @ factors[:, k])

    weight = jax.lax.fori_loop(1, n, substitute, jnp.zeros(n).at[0].set(1.0))
    return weight / weight.sum()
