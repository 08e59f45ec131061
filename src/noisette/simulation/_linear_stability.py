"""Linear stability of many fixed points at once, one for each draw of frozen noise.

A perturbation δ of a fixed point obeys dδ/dt = D δ, D the Jacobian of the flow there. One eigenvalue problem for each
draw costs N³; a random perturbation of every draw, carried along by products with the network's own Jacobian, costs N²
for each step and is mostly decided after a few time constants: once its length has fallen by e^DECIDED without
dwelling, no mode that grows can have been in it, since a random vector holds about 1/√N of every mode. What is left
after LONGEST time constants is decided by its growth over the second half of the time, and where that is too small to
tell, by the eigenvalues themselves. Steps are the Taylor series of e^{hD} to fourth order (that of Runge and Kutta),
stable for oscillations, too, as Euler's are not.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

DECIDED = 12.0  # logarithm of the length
LONGEST = 240.0  # in the shortest time constant
STRIDE = 8  # steps between two looks at the lengths
REACH = 2.0  # h |μ|; the region of stability ends at 2.8 on the imaginary axis
UNCLEAR = 3.0  # growth over the second half of the time that a rotation of δ may bring about
ORDER = 4
MOST_EXACT = 64  # draws whose eigenvalues are computed; growth decides on the others


def are_stable(flow: Any, states: Array, noise: Array, scale: float, fastest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each fixed point is stable, and a unit vector along its slowest mode.

    Parameters
    ----------
    flow : a pytree with ``flow(state, noise)``, the velocity of one draw
    states, noise : shape (draws, N)
    scale : the shortest time constant
    fastest : |μ| of the fastest mode
    """
    step = min(scale, REACH / fastest) if fastest > 0 else scale
    blocks = max(2, int(np.ceil(LONGEST * scale / (step * STRIDE))))
    growth, late, vector = _growth(flow, states, noise, jnp.asarray(step), jnp.asarray(blocks))
    growth, late = np.asarray(growth), np.asarray(late)
    stable = (growth < -DECIDED) | (late < 0)
    unclear = np.flatnonzero(~(growth < -DECIDED) & ~(np.abs(late) > UNCLEAR))
    before, abscissa = None, np.nan
    for row in unclear[:MOST_EXACT]:
        matrix = np.asarray(_jacobian(flow, states[row], noise[row]))
        if before is None or not np.array_equal(matrix, before):  # linear units have one Jacobian for all draws
            abscissa = np.linalg.eigvals(matrix).real.max() if np.isfinite(matrix).all() else np.inf
        before, stable[row] = matrix, abscissa < 0
    return stable, np.asarray(vector)


@eqx.filter_jit
def _growth(
    flow: Any, states: Array, noise: Array, step: Array, blocks: Array
) -> tuple[Float[Array, " draws"], Float[Array, " draws"], Float[Array, "draws N"]]:
    """Return the logarithm of the length of a perturbation, its change in the second half, and the direction."""
    _, tangent = jax.linearize(lambda x: jax.vmap(flow.flow)(x, noise), states)
    start = jax.random.normal(jax.random.key(0), states.shape, states.dtype)

    def advance(_, vector):
        term = vector
        for order in range(1, ORDER + 1):
            term = step / order * tangent(term)
            vector = vector + term
        return vector

    def normalised(vector):
        length = jnp.linalg.norm(vector, axis=1)
        return vector / jnp.where(length > 0, length, 1.0)[:, None], jnp.log(jnp.maximum(length, 1e-300))

    def body(carry):
        number, vector, total, half = carry
        vector, more = normalised(jax.lax.fori_loop(0, STRIDE, advance, vector))
        total = total + more
        return number + 1, vector, total, jnp.where(number + 1 <= blocks // 2, total, half)

    def undecided(carry):
        return (carry[0] < blocks) & (~(jnp.abs(carry[2]) > DECIDED)).any()

    zero = jnp.zeros(len(states))
    _, vector, total, half = jax.lax.while_loop(undecided, body, (0, normalised(start)[0], zero, zero))
    # where all were decided before half of the time, `half` is the whole growth: its sign decides
    return total, jnp.where(half == total, total, total - half), vector


@eqx.filter_jit
def _jacobian(flow: Any, state: Array, noise: Array) -> Array:
    return jax.jacfwd(lambda x: flow.flow(x, noise))(state)


__all__ = ["are_stable"]
