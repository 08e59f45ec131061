"""Linear stability of many fixed points, one for each draw of frozen noise.

A perturbation δ of a fixed point obeys dδ/dt = D δ, where D is the Jacobian of the flow at the fixed point. An
eigenvalue problem for each draw costs N³ operations. Integrating a random perturbation of every draw by
Jacobian–vector products costs N² operations per step, and a few time constants are usually sufficient: a random vector
has a component of about 1/√N along every mode, so that a perturbation that has shrunk by the factor e^DECIDED has no
growing component. Draws that are undecided after LONGEST time constants are classified by the growth over the second
half of the time, and, if this growth is too small, by the eigenvalues of D. A step of length h uses the Taylor series
of e^{hD} to fourth order, as the classical Runge–Kutta method does, which unlike Euler's method is stable for undamped
oscillations.
"""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

DECIDED = 12.0  # change of the logarithm of the length of a perturbation that decides on stability
LONGEST = 240.0  # longest integration time, in units of the shortest time constant
STRIDE = 8  # number of steps between evaluations of the lengths
REACH = 2.0  # largest h |μ|; the stability region extends to 2.8 on the imaginary axis
UNCLEAR = 3.0  # largest change of the logarithm over the second half that may be due to a rotation of δ
ORDER = 4  # of the Taylor series
MOST_EXACT = 64  # largest number of draws for which eigenvalues are computed


def are_stable(flow: Any, states: Array, noise: Array, scale: float, fastest: float) -> tuple[np.ndarray, np.ndarray]:
    """Return whether each fixed point is stable, and a unit vector along its slowest mode.

    Parameters
    ----------
    flow : pytree with a method ``flow(state, noise)``, the velocity of a draw, shape (N,)
    states : fixed points, shape (draws, N)
    noise : draws of the noise, shape (draws, N)
    scale : shortest time constant
    fastest : largest |μ|, in 1/time

    Returns
    -------
    boolean array, shape (draws,), and array of unit vectors, shape (draws, N)
    """
    step = min(scale, REACH / fastest) if fastest > 0 else scale
    blocks = max(2, int(np.ceil(LONGEST * scale / (step * STRIDE))))
    growth, late_growth, vector = _growth(flow, states, noise, jnp.asarray(step), jnp.asarray(blocks))
    growth, late_growth = np.asarray(growth), np.asarray(late_growth)
    stable = (growth < -DECIDED) | (late_growth < 0)
    unclear = np.flatnonzero(~(growth < -DECIDED) & ~(np.abs(late_growth) > UNCLEAR))
    previous, abscissa = None, np.nan
    for row in unclear[:MOST_EXACT]:
        matrix = np.asarray(_jacobian(flow, states[row], noise[row]))
        # for linear units the Jacobian is the same for all draws
        if previous is None or not np.array_equal(matrix, previous):
            abscissa = np.linalg.eigvals(matrix).real.max() if np.isfinite(matrix).all() else np.inf
        previous, stable[row] = matrix, abscissa < 0
    return stable, np.asarray(vector)


@eqx.filter_jit
def _growth(
    flow: Any, states: Array, noise: Array, step: Array, blocks: Array
) -> tuple[Float[Array, " draws"], Float[Array, " draws"], Float[Array, "draws N"]]:
    """Return the log growth of a perturbation, its log growth over the second half, and its final direction."""
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
        vector, growth = normalised(jax.lax.fori_loop(0, STRIDE, advance, vector))
        total = total + growth
        return number + 1, vector, total, jnp.where(number + 1 <= blocks // 2, total, half)

    def undecided(carry):
        return (carry[0] < blocks) & (~(jnp.abs(carry[2]) > DECIDED)).any()

    zero = jnp.zeros(len(states))
    _, vector, total, half = jax.lax.while_loop(undecided, body, (0, normalised(start)[0], zero, zero))
    # if the loop ends before half of the time, `half` equals the total growth, whose sign is then used
    return total, jnp.where(half == total, total, total - half), vector


@eqx.filter_jit
def _jacobian(flow: Any, state: Array, noise: Array) -> Array:
    """Return the Jacobian of the flow of a draw, shape (N, N)."""
    return jax.jacfwd(lambda x: flow.flow(x, noise))(state)


__all__ = ["are_stable"]
