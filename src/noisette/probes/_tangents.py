"""Orthonormalisation of tangent vectors, and detection of directions that are lost in round-off.

Tangents are the rows of V, shape (k, N), so that Vᵀ = Q R. Row j of the result is column q_j of Q, and |R_jj| is the
growth factor along q_j; the exponents are sums of its logarithms (Benettin's method). If R_jj is not well above the
round-off of its terms, ln |R_jj| is meaningless, and LAPACK does not report this. There are two cases:

- the derivative of a single step is rank-deficient in double precision: the exponent is −∞;
- several steps lie between two orthonormalisations, and all rows have aligned with the fastest direction: the exponent
  is finite, but this interval does not determine it (it is NaN, and later intervals are shorter).

In both cases this module marks the row as hidden. The probe distinguishes them by the number of steps since the last
orthonormalisation.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

AXES = ("network", "run")  # batch axes of a simulation; all trials are orthonormalised in the same steps
MARGIN = 64.0  # smallest resolved R_jj, in units of its round-off; the error of its logarithm is about 1/64
LOSS = 256.0  # further factor for intervals of several steps, whose round-off errors accumulate


class Orthonormal(NamedTuple):
    """Result of an orthonormalisation of k tangents.

    Attributes
    ----------
    tangents : orthonormal tangents in rows, shape (k, N)
    sizes : growth factors |R_jj|, shape (k,)
    hidden : whether each row is lost in round-off, shape (k,)
    order : original index of each row, shape (k,)
    place : new index of each original row, the inverse of `order`, shape (k,)
    """

    tangents: Float[Array, "k N"]
    sizes: Float[Array, " k"]
    hidden: Bool[Array, " k"]
    order: Int[Array, " k"]
    place: Int[Array, " k"]


def largest_of_trials(value: Bool[Array, ""] | Int[Array, ""]) -> Int[Array, ""]:
    """Return the maximum over all trials, without batch axes.

    Under `vmap`, a `lax.cond` on a batched value becomes a selection that evaluates both branches; on this value it
    remains a branch.
    """
    return jax.lax.pmax(value.astype(int), AXES)


def orthonormalise(tangents: Float[Array, "k N"], since: Int[Array, ""]) -> Orthonormal:
    """Orthonormalise the rows of V in order, and mark rows that depend linearly on earlier ones up to round-off.

    A component of size s has the round-off error ε s. After a single step, R_jj = q_j · V_j therefore has an error of
    about ε Σ_n |q_jn| max_i |V_in|, and a larger one after `since` > 1 steps. If R_jj is not well above this error, its
    value is unresolved and the direction q_j is arbitrary. Such hidden rows are moved to the end, so that no other row
    is made orthogonal to them.

    Parameters
    ----------
    tangents : V, shape (k, N)
    since : number of steps since the last orthonormalisation
    """
    if tangents.shape[0] == 1:
        return _normalised(tangents)
    # Householder QR is backward stable for any condition number of V, at a cost of about 2 k² N operations
    q, r = jnp.linalg.qr(tangents.T)
    sizes = jnp.abs(jnp.diag(r))
    scales = jnp.where(since > 1, LOSS, 1.0) * MARGIN * jnp.finfo(tangents.dtype).eps * jnp.abs(tangents).max(0)
    # scales, shape (N,): round-off of component n of any row, with margins; Σ_n |q_jn| scales_n bounds that of R_jj
    hidden = sizes <= scales @ jnp.abs(q)
    identity = jnp.arange(len(sizes))
    unsorted = Orthonormal(q.T, sizes, hidden, identity, identity)
    # trailing hidden rows need no treatment, since no row is made orthogonal to their arbitrary directions
    misplaced = (hidden[:-1] & ~hidden[1:]).any()
    return jax.lax.cond(largest_of_trials(misplaced) > 0, lambda: _sorted(tangents, scales), lambda: unsorted)


def inverse(permutation: Int[Array, " k"]) -> Int[Array, " k"]:
    """Return the inverse of a permutation."""
    return jnp.zeros_like(permutation).at[permutation].set(jnp.arange(len(permutation)))


def _normalised(tangents: Float[Array, "1 N"]) -> Orthonormal:
    """Normalise a single tangent; a zero tangent is hidden and replaced by an arbitrary unit vector."""
    largest = jnp.abs(tangents).max()  # divided out first, since squares of numbers below 1e-154 underflow
    size = largest * jnp.linalg.norm(tangents / jnp.where(largest > 0, largest, 1.0))
    vanishes = size == 0
    direction = jnp.where(vanishes, tangents.shape[1] ** -0.5, tangents / jnp.where(vanishes, 1.0, size))
    return Orthonormal(direction, size[None], vanishes[None], jnp.zeros(1, int), jnp.zeros(1, int))


def _sorted(tangents: Float[Array, "k N"], scales: Float[Array, " N"]) -> Orthonormal:
    """Orthonormalise by the Gram–Schmidt method, leaving out hidden rows, and move these to the end.

    Householder QR assigns an arbitrary direction to a hidden row, and later rows lose their component along it. The
    Gram–Schmidt method avoids this. It is slower, since rows are processed one by one, and is used only in steps in
    which a hidden row precedes one that is not hidden.
    """

    def add(j, state):
        basis, sizes, hidden = state
        row = tangents[j]
        for _ in range(2):  # "twice is enough": the second pass removes what cancellation left in the first
            row = row - (basis @ row) @ basis
        size = jnp.linalg.norm(row)
        unit = row / jnp.where(size == 0, 1.0, size)
        is_hidden = size <= scales @ jnp.abs(unit)
        # a hidden row is zero in the basis, so that later rows are not projected onto it
        return basis.at[j].set(jnp.where(is_hidden, 0.0, unit)), sizes.at[j].set(size), hidden.at[j].set(is_hidden)

    number = len(tangents)
    empty = jnp.zeros_like(tangents), jnp.zeros(number, tangents.dtype), jnp.zeros(number, bool)
    basis, sizes, hidden = jax.lax.fori_loop(0, number, add, empty)
    place = jnp.where(hidden, (~hidden).sum() + jnp.cumsum(hidden), jnp.cumsum(~hidden)) - 1
    order = inverse(place)
    completed = jnp.linalg.qr(basis[order].T)[0].T  # replaces zero columns by directions orthogonal to all others
    return Orthonormal(completed, sizes[order], hidden[order], order, place)
