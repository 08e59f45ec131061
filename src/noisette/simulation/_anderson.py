"""Fixed points of many draws of frozen noise by a quasi-Newton iteration with one Jacobian, Anderson-accelerated.

For a draw ξ of the noise the fixed point solves F(x) = 0, F(x) = drift(x) + b(x) ∘ ξ. Newton's method needs the
Jacobian D of each draw, N³ operations for each of them and each step. Here one matrix A, the mean of D over draws,
serves all draws: with the preconditioned residual

    g(x) = −A⁻¹ F(x),   x ← x + g(x),

the error e = x − x* becomes (1 − A⁻¹ D) e, and a step of all draws is one matrix product. It is a single step where
all draws share D (linear units). Where slopes differ between draws, 1 − A⁻¹ D has eigenvalues that are not small, and
Anderson's method removes the slowest of them: from the last m ≤ DEPTH steps, with Δx_k = x_{k+1} − x_k and
Δg_k = g_{k+1} − g_k,

    θ = argmin |g − Σ_k θ_k Δg_k|²,   x ← x + g − Σ_k θ_k (Δx_k + Δg_k),

which on a linear problem and with all steps kept is equivalent to GMRES (Walker & Ni 2011, SIAM J. Numer. Anal.
49:1715); it also converges where a few directions of the plain iteration diverge. θ solves the normal equations of
dimension m for each draw.

Two things keep the solution the one that the flow leads to: the search starts from the end of the flow, `far`, and a
solution that lies far from it is discarded.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from noisette.networks import ContinuousNetwork, RateNetwork

ATTEMPT = 40  # steps of each attempt; fixed points that take more were seen to be others than the flow's
NEAR = 0.5  # how far an attempt may end from where it began, relative to the state (root mean square)
DEPTH = 5  # of Anderson acceleration
RIDGE = 1e-12  # of its least squares
RUNAWAY = 10.0  # a state so much longer than the median is left out of the mean Jacobian
SAMPLED = 4  # draws whose Jacobians are averaged, where the network has no mean slope

States = Float[Array, "draws N"]


class Search(NamedTuple):
    """Parameters that all attempts share.

    Attributes
    ----------
    network : without noise
    step : of relaxation, in the network's time
    scale : the shortest time constant
    tolerance : largest relative residual of a solution
    """

    network: ContinuousNetwork
    step: Array
    scale: Array
    tolerance: Array

    def flow(self, units: Array, noise: Array) -> Array:
        """Return F(x) + b(x) ∘ ξ of one draw."""
        amplitude = self.network.diffusion(units)
        return self.network.drift(units) + (noise if amplitude is None else amplitude * noise)

    def error(self, flow: Array, units: Array, noise: Array) -> Array:
        """Return the residual of each draw, relative to its state or, if that is smaller, to its noise of at most 1."""
        strongest = jnp.abs(noise).max(-1)
        unit = jnp.where(strongest > 0, jnp.minimum(1.0, strongest), 1.0)
        residual = self.scale * jnp.abs(flow).max(-1) / jnp.maximum(unit, jnp.abs(units).max(-1))
        return jnp.where(jnp.isfinite(flow).all(-1), residual, jnp.inf)  # the maximum of NaN may be −∞ on a processor


@eqx.filter_jit
def attempt(search: Search, units: States, noise: States, steps: Array, share: Array) -> tuple[Array, ...]:
    """Follow the flow, then search for the fixed point with one Jacobian for all draws.

    Parameters
    ----------
    units, noise : states to start from and draws ξ of the noise, both of shape (draws, N)
    steps : Euler steps along the flow
    share : number of draws that may be left unsolved

    Returns
    -------
    (state, residual, end of the flow, mean state along the flow); the state is the end of the flow where no fixed point
    near it is reached
    """
    flow = jax.vmap(search.flow)

    def follow(_, pair):
        x = pair[0] + search.step * flow(pair[0], noise)
        return x, pair[1] + x / steps

    far, mean = jax.lax.fori_loop(0, steps, follow, (units, jnp.zeros_like(units)))
    # −A⁻ᵀ, in units of time, so that f @ inverse are the rows −A⁻¹ F of all draws. Single precision halves the
    # time of the product and only adds 1e-7 to 1 − A⁻¹ D: g vanishes where F does, whatever the error of A⁻¹
    inverse = -jnp.linalg.inv(_mean_jacobian(search, far, noise)).T.astype(jnp.float32)

    def preconditioned(f):
        """Return g = −A⁻¹ F, in units of x, from F in units of x/time; both of shape (draws, N)."""
        size = jnp.maximum(jnp.abs(f).max(-1, keepdims=True), 1e-300)  # float32 ends at 1e-38, weak noise does not
        return size * ((f / size).astype(jnp.float32) @ inverse).astype(f.dtype)

    def body(carry):
        # sums: Δx_k + Δg_k, changes: Δg_k, both (draws, DEPTH, N); gram: Δg_k · Δg_l, (draws, DEPTH, DEPTH). The oldest
        # of the DEPTH slots is overwritten, and only its row and column of the Gram matrix are computed anew; slots
        # not yet written are zero, and so are their θ
        number, x, error, g, sums, changes, gram = carry
        aim = jnp.einsum("dkn,dn->dk", changes, g)
        after = x + g - jnp.einsum("dk,dkn->dn", _least_squares(gram, aim), sums)
        after = jnp.where((error < search.tolerance)[:, None], x, after)  # solved draws stay where they are
        f = flow(after, noise)
        following = preconditioned(f)
        slot, change = number % DEPTH, following - g
        sums, changes = sums.at[:, slot].set(after - x + change), changes.at[:, slot].set(change)
        row = jnp.einsum("dkn,dn->dk", changes, change)
        gram = gram.at[:, slot].set(row).at[:, :, slot].set(row)
        return number + 1, after, search.error(f, after, noise), following, sums, changes, gram

    def more(carry):
        return (carry[0] < ATTEMPT) & ((~(carry[2] < search.tolerance)).sum() > share)

    f, none = flow(far, noise), jnp.zeros((len(far), DEPTH, far.shape[1]))
    before = search.error(f, far, noise)
    start = (jnp.asarray(0), far, before, preconditioned(f), none, none, jnp.zeros((len(far), DEPTH, DEPTH)))
    _, x, error, *_ = jax.lax.while_loop(more, body, start)
    solved = is_near(x, far) & (error < search.tolerance)
    return jnp.where(solved[:, None], x, far), jnp.where(solved, error, before), far, mean


def _least_squares(
    gram: Float[Array, "draws depth depth"], aim: Float[Array, "draws depth"]
) -> Float[Array, "draws depth"]:
    """Return θ, which minimises |g − Σ θ_k Δg_k|², from the Gram matrix Δg_k · Δg_l and Δg_k · g of each draw.

    Normal equations square the condition number. The ridge, relative to the trace, keeps them solvable where the Δg_k
    are nearly parallel; an inexact θ costs steps and no accuracy, since any θ leaves g = 0 fixed.
    """
    ridge = RIDGE * jnp.trace(gram, axis1=1, axis2=2) + 1e-300
    rows = jnp.concatenate([gram + ridge[:, None, None] * jnp.eye(DEPTH), aim[..., None]], axis=2)
    for k in range(DEPTH):  # positive definite: no pivots; LAPACK's batches wait for threads that two programs share
        rows = rows.at[:, k].divide(rows[:, k, k, None])
        others = jnp.where((jnp.arange(DEPTH) == k)[:, None], 0.0, rows[:, :, k, None])
        rows = rows - others * rows[:, None, k]
    return rows[:, :, DEPTH]


def is_near(x: Array, far: Array) -> Array:
    """Return whether each state is close to where its search began, relative to the state (root mean square)."""
    unit = jnp.abs(far).max(-1, keepdims=True) + 1e-300  # what runs away is too large to be squared
    return (((x - far) / unit) ** 2).mean(-1) <= NEAR**2 * ((far / unit) ** 2).mean(-1)


def _mean_jacobian(search: Search, units: States, noise: States) -> Float[Array, "N N"]:
    """Return the Jacobian of the flow averaged over draws: over all where there are slopes, else over a few."""
    network, length = search.network, jnp.linalg.norm(units, axis=1)
    sane = length <= RUNAWAY * jnp.nanmedian(length)  # what runs away must not spoil the others
    if isinstance(network, RateNetwork):
        slopes = jax.jvp(network.rate, (units,), (jnp.ones_like(units),))[1]
        slope = jnp.where(sane[:, None], slopes, 0.0).sum(0) / sane.sum()
        inner = network.gain * network.weights * slope - jnp.eye(network.size)
        return inner / jnp.broadcast_to(network.tau, (network.size,))[:, None]
    chosen = jnp.argsort(~sane)[:SAMPLED]
    return jax.lax.map(lambda pair: jax.jacfwd(search.flow)(*pair), (units[chosen], noise[chosen])).mean(0)
