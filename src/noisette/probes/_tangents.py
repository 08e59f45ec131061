"""Orthonormalisation of tangent vectors, and detection of directions that round-off hides.

Tangents are the rows of V, shape (k, N), so that Vᵀ = Q R: row j of the result is q_j, column j of Q, and |R_jj|
is the growth along q_j, whose logarithms are summed to exponents (Benettin's method). If R_jj is not well above the
round-off of its terms, ln |R_jj| is noise, of which LAPACK does not warn. Two cases differ in meaning:

- the map of a single step has no full rank in double precision: the exponent is −∞;
- several steps lie between two orthonormalisations, and all rows have turned towards the fastest direction: the
  exponent exists, but this interval does not determine it (NaN, and shorter intervals from then on).

The number of steps since the last orthonormalisation tells the probe which of the two it is; this module marks the row
as hidden.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Bool, Float, Int

AXES = ("network", "run")  # the batch axes of a simulation, over which trials agree when to orthonormalise
MARGIN = 64.0  # in units of round-off: the logarithm of a size at this limit is exact to about 1/64
LOSS = 256.0  # further margin after several steps, each of which adds its round-off


class Orthonormal(NamedTuple):
    """Orthonormal tangents (rows), the factors that they grew by, which of them are hidden, what each row was before.

    Row i was row ``order[i]``, and row j has become row ``place[j]``.
    """

    tangents: Float[Array, "k N"]
    sizes: Float[Array, " k"]
    hidden: Bool[Array, " k"]
    order: Int[Array, " k"]
    place: Int[Array, " k"]


def largest_of_trials(value: Bool[Array, ""] | Int[Array, ""]) -> Int[Array, ""]:
    """Return the largest value of all trials, without batch axes.

    A branch of `lax.cond` on a value of each trial would become a selection under `vmap`: both sides computed.
    """
    return jax.lax.pmax(value.astype(int), AXES)


def orthonormalise(tangents: Float[Array, "k N"], since: Int[Array, ""]) -> Orthonormal:
    """Orthonormalise rows in their order, and tell which are hidden: parallel to earlier rows up to round-off.

    A component of size s carries a round-off of ε s, so after one step the part of row j along its new direction q_j
    is known to ε Σ_n |q_jn| max_i |V_in|, and after the `since` steps of an interval less well. Where R_jj is not well
    above that it is zero, or too small to measure; its direction is arbitrary. Hidden rows move to the end, where they
    leave the others alone.
    """
    if tangents.shape[0] == 1:
        return _normalised(tangents)
    # Householder reflections: backward stable at a cost of 2 k² N, whatever the condition of V
    q, r = jnp.linalg.qr(tangents.T)
    sizes = jnp.abs(jnp.diag(r))
    scales = jnp.where(since > 1, LOSS, 1.0) * MARGIN * jnp.finfo(tangents.dtype).eps * jnp.abs(tangents).max(0)
    # scales, shape (N,): round-off of component n of any row, with margins; weighted by |q_jn| it bounds that of R_jj
    hidden = sizes <= scales @ jnp.abs(q)
    same = jnp.arange(len(sizes))
    plain = Orthonormal(q.T, sizes, hidden, same, same)
    # hidden rows at the end are harmless: nothing is made orthogonal to their arbitrary directions
    misplaced = (hidden[:-1] & ~hidden[1:]).any()
    return jax.lax.cond(largest_of_trials(misplaced) > 0, lambda: _sorted(tangents, scales), lambda: plain)


def inverse(permutation: Int[Array, " k"]) -> Int[Array, " k"]:
    """Return the inverse of a permutation."""
    return jnp.zeros_like(permutation).at[permutation].set(jnp.arange(len(permutation)))


def _normalised(tangents: Float[Array, "1 N"]) -> Orthonormal:
    largest = jnp.abs(tangents).max()  # divided out first: squares of numbers below 1e-154 are zero
    size = largest * jnp.linalg.norm(tangents / jnp.where(largest > 0, largest, 1.0))
    dead = size == 0
    direction = jnp.where(dead, tangents.shape[1] ** -0.5, tangents / jnp.where(dead, 1.0, size))
    return Orthonormal(direction, size[None], dead[None], jnp.zeros(1, int), jnp.zeros(1, int))


def _sorted(tangents: Float[Array, "k N"], scales: Float[Array, " N"]) -> Orthonormal:
    """Orthonormalise by Gram–Schmidt, which can leave hidden rows out; Householder's method gives each a direction.

    Rows after a hidden one would otherwise be made orthogonal to that arbitrary direction, and lose a part of their
    length. It is slower, one row after the other, and needed only in steps in which a row before the last is hidden.
    """

    def add(j, state):
        basis, sizes, hidden = state
        row = tangents[j]
        for _ in range(2):  # "twice is enough": the second pass removes what cancellation left in the first
            row = row - (basis @ row) @ basis
        size = jnp.linalg.norm(row)
        unit = row / jnp.where(size == 0, 1.0, size)
        lost = size <= scales @ jnp.abs(unit)
        # a hidden row stays zero in the basis, so that no later row is projected on it
        return basis.at[j].set(jnp.where(lost, 0.0, unit)), sizes.at[j].set(size), hidden.at[j].set(lost)

    number = len(tangents)
    empty = jnp.zeros_like(tangents), jnp.zeros(number, tangents.dtype), jnp.zeros(number, bool)
    basis, sizes, hidden = jax.lax.fori_loop(0, number, add, empty)
    place = jnp.where(hidden, (~hidden).sum() + jnp.cumsum(hidden), jnp.cumsum(~hidden)) - 1
    order = inverse(place)
    completed = jnp.linalg.qr(basis[order].T)[0].T  # of zero columns: any directions orthogonal to the others
    return Orthonormal(completed, sizes[order], hidden[order], order, place)
