"""Largest Lyapunov exponent of populations with correlated weights of the two directions.

Two networks with the same weights do not act on each other, so that each has the same response S. The distance δx of a
pair of nearby paths is driven by the difference δη of their inputs, which is independent of their mean,

    τ δẋ = −δx + δη + Σ_q F_pq ∫ S_q(t − t') φ'(x(t')) δx(t') dt',   ⟨δη_p δη_p'⟩ = Σ_q V_pq ⟨φ' φ'' δx δx'⟩_q.

With δx = e^(λt) z(t) and δη = e^(λt) ζ(t), where z and ζ are stationary given the path, K(ω) becomes 1/(1 + τλ + iωτ)
and S(t) becomes S(t) e^(−λt). From a spectrum of ζ follows z, and from z the autocovariance ψ = ⟨φ' φ'' z z'⟩ of the
next ζ. λ is where the iterated ψ neither grows nor decays. Without feedback this is the equation of `_exponent`.
"""

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.errors import InputError
from noisette.theory.populations._sampled import RELAXED, Paths, Sampling, correlated, spectra, white_waves

MOST, PRECISE = 1000, 1e-5  # iterations, and the change of λ (in units of 1/τ) at which they end
STEP = 0.3  # share of Newton's step of λ, while ψ also changes
LEAST = 0.02  # smallest 1 + τλ


class Growth(NamedTuple):
    """State of the iteration of one batch.

    Attributes
    ----------
    z : distances of pairs of paths, divided by their growth
    psi : ψ at the lags 0 … half of the window, with the sum 1 at lag zero
    rate : λ
    """

    z: Float[Array, "P window paths"]
    psi: Float[Array, "P half"]
    rate: Float[Array, ""]


def sampled_exponents(sampling: Sampling, paths: Paths, keys: Array) -> np.ndarray:
    """Return λ of each batch of paths.

    Parameters
    ----------
    sampling : the equations
    paths : their solutions, stacked over batches
    keys : random key of each batch

    Raises
    ------
    InputError : If the iteration does not converge.
    """
    batches, p, window, number = paths.x.shape
    own = jax.jit(jax.vmap(partial(white_waves, (p, window, number))))(keys)
    slopes = jax.jit(jax.vmap(sampling.slopes))(paths.x)
    advance = jax.jit(jax.vmap(partial(_advanced, sampling)))
    lags = sampling.dt * jnp.arange(window // 2 + 1)
    first = Growth(jnp.zeros((p, window, number)), jnp.tile(jnp.exp(-lags) / p, (p, 1)), jnp.zeros(()))
    state = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (batches, *leaf.shape)), first)
    shortest = float(sampling.model.tau.min())
    for _ in range(MOST):
        new = advance(own, slopes, paths.response, state)
        change = float(jnp.abs(new.rate - state.rate).max()) * shortest
        state = new
        if change < PRECISE:
            return np.asarray(state.rate)
    raise InputError("a Lyapunov exponent whose iteration does not converge; change the gain, or simulate a network")


def _advanced(sampling: Sampling, own: Array, slopes: Array, response: Array, state: Growth) -> Growth:
    """Return the state after one iteration."""
    model, window, tau = sampling.model, sampling.window, jnp.asarray(sampling.model.tau)[:, None]
    delays = sampling.dt * jnp.arange(sampling.kernel)
    memory = sampling.memory(response) * jnp.exp(-state.rate * delays)
    leak = 1 / (1 + tau * state.rate + 1j * jnp.asarray(sampling.frequencies) * tau)
    power = jnp.maximum(jnp.asarray(model.statistics.variance) @ spectra(state.psi), 0.0)
    back = jnp.fft.rfft(memory, window)[..., None] * jnp.fft.rfft(slopes * state.z, axis=1)
    new = jnp.fft.irfft(leak[..., None] * (own * jnp.sqrt(power)[..., None] + back), window, axis=1)
    z = state.z + RELAXED * (new - state.z)
    psi = correlated(jnp.fft.rfft(slopes * z, axis=1), window)
    size = psi[:, 0].sum()
    # without feedback ψ falls with λ as 1/(1 + τλ)² at low frequencies
    slowest = 1 / tau.max()
    growth = jnp.exp(0.5 * STEP * jnp.log(jnp.maximum(size, 1e-300)))
    rate = jnp.maximum((slowest + state.rate) * growth - slowest, (LEAST - 1) * slowest)
    scale = jnp.maximum(size, 1e-300)
    return Growth(z / jnp.sqrt(scale), psi / scale, rate)


__all__ = ["sampled_exponents"]
