"""Contender: lyapax, exponents by Euler's method with QR every 10 steps; float64."""

import jax
import jax.numpy as jnp
import numpy as np
from _peer_problems import (
    CURVE_DT,
    EVERY,
    GAINS,
    SPECTRUM_DT,
    SPECTRUM_GAIN,
    exponent_values,
    rate_weights,
    start,
)
from _peer_worker import Work, serve
from lyapax import euler_step, lyapunov_spectrum

jax.config.update("jax_enable_x64", True)


def _exponents(weights, x, dt, steps, exponents):
    step = euler_step(lambda x: weights @ jnp.tanh(x) - x, dt)
    return lyapunov_spectrum(step, x, dt, steps, k=exponents, renorm_every=EVERY).exponents


def spectrum(size: int, exponents: int) -> Work:
    """The largest exponents of one network."""
    weights, x = jnp.asarray(rate_weights(size, SPECTRUM_GAIN)), jnp.asarray(start(size))
    compiled = jax.jit(_exponents, static_argnums=(2, 3, 4))

    def run(steps: int, seed: int) -> np.ndarray:
        return np.asarray(compiled(weights, x, SPECTRUM_DT, steps, exponents))

    return Work(run, exponent_values)


def curve(size: int) -> Work:
    """The largest exponents of 16 gains, by vmap over the gains."""
    weights, x = jnp.asarray(rate_weights(size, 1.0)), jnp.asarray(start(size))

    def all_gains(gains, steps):
        return jax.vmap(lambda g: _exponents(g * weights, x, CURVE_DT, steps, 1)[0])(gains)

    compiled = jax.jit(all_gains, static_argnums=1)
    return Work(lambda steps, seed: np.asarray(compiled(jnp.asarray(GAINS), steps)), exponent_values)


JOBS = {"spectrum": spectrum, "curve": curve}

if __name__ == "__main__":
    serve(JOBS)
