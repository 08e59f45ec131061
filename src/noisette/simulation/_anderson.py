"""Fixed points for many draws of frozen noise by a quasi-Newton iteration with Anderson acceleration.

For a draw ξ of the noise the fixed point solves F(x) = 0 with F(x) = drift(x) + b(x) ∘ ξ. Newton's method needs the
Jacobian D of each draw, at a cost of N³ operations per draw and step. The quasi-Newton iteration replaces D by a single
matrix A for all draws, the mean of D over the draws. With the preconditioned residual

    g(x) = −A⁻¹ F(x),   x ← x + g(x),

the error e = x − x* becomes (1 − A⁻¹ D) e, and a step for all draws is a single matrix product. If all draws share D
(linear units), the iteration converges in one step. If slopes differ between draws, 1 − A⁻¹ D has eigenvalues that are
not small, and Anderson's method removes the largest of them: from the last m ≤ DEPTH steps, with the differences
Δx_k = x_{k+1} − x_k and Δg_k = g_{k+1} − g_k,

    θ = argmin |g − Σ_k θ_k Δg_k|²,   x ← x + g − Σ_k θ_k (Δx_k + Δg_k),

which for a linear problem, with all steps kept, is equivalent to GMRES (Walker & Ni 2011, SIAM J. Numer. Anal.
49:1715). It also converges if the iteration without acceleration diverges along a few directions. For each draw, θ
solves normal equations of dimension m.

The solution should be the fixed point that the flow approaches. The iteration therefore starts from the end of a
trajectory of the flow, `far`, and a solution that is not near `far` is discarded.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.networks import ContinuousNetwork, RateNetwork

ITERATIONS = 40  # largest number; slower iterations often end at fixed points that the flow does not approach
NEAR = 0.5  # largest distance of a solution from `far`, relative to the norm of `far`
DEPTH = 5  # number of previous steps used by Anderson acceleration
RIDGE = 1e-12  # ridge of the normal equations, relative to the trace of the Gram matrix
RUNAWAY = 10.0  # states with a norm above this multiple of the median are excluded from the mean Jacobian
SAMPLED = 4  # number of draws whose Jacobians are averaged, for networks other than `RateNetwork`

States = Float[Array, "draws N"]


class Search(NamedTuple):
    """Parameters shared by all attempts.

    Attributes
    ----------
    network : network without noise
    step : Euler step along the flow, in the network's unit of time
    scale : shortest time constant, in the network's unit of time
    tolerance : largest relative residual of a solution
    """

    network: ContinuousNetwork
    step: Array
    scale: Array
    tolerance: Array

    def flow(self, units: Array, noise: Array) -> Array:
        """Return drift(x) + b(x) ∘ ξ for one draw, shape (N,)."""
        diffusion = self.network.diffusion(units)
        return self.network.drift(units) + (noise if diffusion is None else diffusion * noise)

    def error(self, flow: Array, units: Array, noise: Array) -> Array:
        """Return the residual of each draw, relative to the larger of max |x| and min(1, max |ξ|)."""
        strongest = jnp.abs(noise).max(-1)
        unit = jnp.where(strongest > 0, jnp.minimum(1.0, strongest), 1.0)
        residual = self.scale * jnp.abs(flow).max(-1) / jnp.maximum(unit, jnp.abs(units).max(-1))
        return jnp.where(jnp.isfinite(flow).all(-1), residual, jnp.inf)  # XLA may return −∞ as a maximum over NaN


@eqx.filter_jit
def attempt(search: Search, units: States, noise: States, steps: Array, unsolved: Array) -> tuple[Array, ...]:
    """Follow the flow, then iterate to the fixed points with a Jacobian shared by all draws.

    Parameters
    ----------
    search : parameters shared by all attempts
    units : initial states, shape (draws, N)
    noise : draws ξ of the noise, shape (draws, N)
    steps : number of Euler steps along the flow
    unsolved : number of draws that may remain unsolved

    Returns
    -------
    state : fixed points, shape (draws, N); the end of the trajectory for draws without a solution near it
    residual : relative residuals of `state`, shape (draws,)
    far : ends of the trajectories, shape (draws, N)
    mean : states averaged along the trajectories, shape (draws, N)
    """
    flow = jax.vmap(search.flow)

    def follow(_, pair):
        x = pair[0] + search.step * flow(pair[0], noise)
        return x, pair[1] + x / steps

    far, mean = jax.lax.fori_loop(0, steps, follow, (units, jnp.zeros_like(units)))
    # −A⁻ᵀ, in units of time: the rows of f @ inverse are −A⁻¹ F of the draws. Single precision halves the time of the
    # product and adds only about 1e-7 to 1 − A⁻¹ D, and g vanishes with F for any error of A⁻¹
    inverse = -jnp.linalg.inv(_mean_jacobian(search, far, noise)).T.astype(jnp.float32)

    def preconditioned(f):
        """Return g = −A⁻¹ F, in units of x, from F, in units of x/time; both of shape (draws, N)."""
        # dividing by the size keeps f within the range of float32, whose smallest normal number is 1e-38
        size = jnp.maximum(jnp.abs(f).max(-1, keepdims=True), 1e-300)
        return size * ((f / size).astype(jnp.float32) @ inverse).astype(f.dtype)

    def body(carry):
        # sums: Δx_k + Δg_k, changes: Δg_k, both (draws, DEPTH, N); gram: Δg_k · Δg_l, (draws, DEPTH, DEPTH). Each step
        # overwrites the oldest of the DEPTH slots and updates only the corresponding row and column of the Gram matrix.
        # Slots that have not been written are zero, and so are their θ
        number, x, error, g, sums, changes, gram = carry
        projections = jnp.einsum("dkn,dn->dk", changes, g)
        new_x = x + g - jnp.einsum("dk,dkn->dn", _least_squares(gram, projections), sums)
        new_x = jnp.where((error < search.tolerance)[:, None], x, new_x)  # solved draws remain unchanged
        f = flow(new_x, noise)
        new_g = preconditioned(f)
        slot, change = number % DEPTH, new_g - g
        sums, changes = sums.at[:, slot].set(new_x - x + change), changes.at[:, slot].set(change)
        products = jnp.einsum("dkn,dn->dk", changes, change)
        gram = gram.at[:, slot].set(products).at[:, :, slot].set(products)
        return number + 1, new_x, search.error(f, new_x, noise), new_g, sums, changes, gram

    def unfinished(carry):
        return (carry[0] < ITERATIONS) & ((~(carry[2] < search.tolerance)).sum() > unsolved)

    f, zeros = flow(far, noise), jnp.zeros((len(far), DEPTH, far.shape[1]))
    before = search.error(f, far, noise)
    start = (jnp.asarray(0), far, before, preconditioned(f), zeros, zeros, jnp.zeros((len(far), DEPTH, DEPTH)))
    _, x, error, *_ = jax.lax.while_loop(unfinished, body, start)
    solved = is_near(x, far) & (error < search.tolerance)
    return jnp.where(solved[:, None], x, far), jnp.where(solved, error, before), far, mean


def _least_squares(
    gram: Float[Array, "draws depth depth"], projections: Float[Array, "draws depth"]
) -> Float[Array, "draws depth"]:
    """Return θ, which minimises |g − Σ θ_k Δg_k|², from the Gram matrix Δg_k · Δg_l and Δg_k · g of each draw.

    The normal equations square the condition number. The ridge, relative to the trace, keeps them solvable if the Δg_k
    are nearly parallel. An inexact θ costs iterations but no accuracy, since a state with g = 0 remains a fixed point
    of the iteration for any θ.
    """
    ridge = RIDGE * jnp.trace(gram, axis1=1, axis2=2) + 1e-300
    rows = jnp.concatenate([gram + ridge[:, None, None] * jnp.eye(DEPTH), projections[..., None]], axis=2)
    # Gauss–Jordan elimination without pivoting, since the matrices are positive definite. Batched LAPACK calls are
    # slower, as they wait for a thread pool that concurrent computations share
    for k in range(DEPTH):
        rows = rows.at[:, k].divide(rows[:, k, k, None])
        others = jnp.where((jnp.arange(DEPTH) == k)[:, None], 0.0, rows[:, :, k, None])
        rows = rows - others * rows[:, None, k]
    return rows[:, :, DEPTH]


def is_near(x: Array, far: Array) -> Array:
    """Return whether each state is near the start `far` of its iteration, relative to the norm of `far`."""
    unit = jnp.abs(far).max(-1, keepdims=True) + 1e-300  # the squares of diverging states overflow
    return (((x - far) / unit) ** 2).mean(-1) <= NEAR**2 * ((far / unit) ** 2).mean(-1)


def _mean_jacobian(search: Search, units: States, noise: States) -> Float[Array, "N N"]:
    """Return the Jacobian of the flow averaged over draws: over all draws for a `RateNetwork`, else over a few."""
    network, length = search.network, jnp.linalg.norm(units, axis=1)
    bounded = length <= RUNAWAY * jnp.nanmedian(length)  # diverging draws must not affect the others
    if isinstance(network, RateNetwork):
        slopes = jax.jvp(network.rate, (units,), (jnp.ones_like(units),))[1]
        slope = jnp.where(bounded[:, None], slopes, 0.0).sum(0) / bounded.sum()
        scaled = network.gain * network.weights * slope - jnp.eye(network.size)
        return scaled / jnp.broadcast_to(network.tau, (network.size,))[:, None]
    sample = jnp.argsort(~bounded)[:SAMPLED]
    return jax.lax.map(lambda pair: jax.jacfwd(search.flow)(*pair), (units[sample], noise[sample])).mean(0)
