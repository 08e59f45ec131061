"""How stiff a network is, and which steps are stable."""

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.networks._continuous import ContinuousNetwork

ITERATIONS = 100


@eqx.filter_jit
def sharpness(
    network: ContinuousNetwork, units: Float[Array, " N"], time: float | Array = 0.0, iterations: int = ITERATIONS
) -> Float[Array, ""]:
    """Return the size of the fastest mode at a state: the largest |eigenvalue| of the Jacobian of the velocity.

    .. math:: s = \\max_k |\\mu_k(D)|, \\qquad D = \\partial \\mathbf F / \\partial \\mathbf x

    Euler's and Heun's steps are stable along a decaying real mode only while dt · s < 2. For a gradient flow s is
    the top eigenvalue of the Hessian (its "sharpness"). It is found by power iteration on Jacobian–vector
    products; for symmetric D the error is of second order in that of the vector.

    Parameters
    ----------
    network : a network in continuous time
    units : state, shape (N,)
    time : matters where γ or the velocity changes in time
    iterations : of the power method

    Returns
    -------
    s, in 1/time

    Examples
    --------
    >>> import jax.numpy as jnp, noisette as nz
    >>> frozen = nz.Onsager(nz.RateNetwork([[0.0, 3.0], [0.0, 0.0]]))
    >>> round(float(sharpness(frozen, jnp.zeros(2))), 4)  # top eigenvalue of (1 − J)ᵀ(1 − J)
    10.9083
    """
    _, tangent = jax.linearize(lambda x: network.velocity(x, time), units)
    start = jax.random.normal(jax.random.key(0), units.shape, units.dtype)

    def body(_, pair):
        vector, _ = pair
        image = tangent(vector)
        size = jnp.linalg.norm(image)
        return image / jnp.where(size > 0, size, 1.0), size

    vector, _ = jax.lax.fori_loop(0, iterations, body, (start / jnp.linalg.norm(start), jnp.zeros((), units.dtype)))
    # over two steps, so that a complex pair, which turns the vector, is seen over more of its turn
    return jnp.sqrt(jnp.linalg.norm(tangent(tangent(vector))))
