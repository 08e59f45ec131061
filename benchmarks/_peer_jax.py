"""Contender: JAX without Noisette, one compiled loop, noise drawn by jax.random in each step; float64."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from _chaos_loops import fused
from _peer_problems import (
    BINARY_NOISE,
    BLOCK,
    CURVE_DT,
    DT,
    GAINS,
    OU_STD,
    OU_TAU,
    REACTION_GAIN,
    SIGMA,
    binary_values,
    binary_weights,
    count_values,
    covariance_values,
    energy_values,
    exponent_values,
    frame,
    noise_values,
    rate_values,
    rate_weights,
    start,
)
from _peer_worker import Work, serve

jax.config.update("jax_enable_x64", True)


def binary(size: int, runs: int, counted: bool = False) -> Work:
    """Binary networks in white noise, all runs in one product."""
    weights = binary_weights(size)
    transposed, codes = jnp.asarray(weights.T), 2**size if counted else 1
    powers, rows = 1 << jnp.arange(size if counted else 0), jnp.arange(runs)

    @jax.jit
    def loop(steps, key):
        def step(time, carry):
            s, _, code, counts = carry
            normal, uniform = jax.random.split(jax.random.fold_in(key, time))
            u = s @ transposed + BINARY_NOISE * jax.random.normal(normal, s.shape, float)
            after = jnp.where(jax.random.uniform(uniform, s.shape, float) < jax.nn.sigmoid(u), 1.0, -1.0)
            if counted:
                new = ((after > 0) @ powers).astype(int)
                counts, code = counts.at[rows, code, new].add(1), new
            return after, s, code, counts

        s = jnp.full((runs, size), -1.0)
        return jax.lax.fori_loop(0, steps, step, (s, s, rows * 0, jnp.zeros((runs, codes, codes), int)))

    def run(steps: int, seed: int) -> tuple:
        return jax.block_until_ready(loop(steps, jax.random.key(seed)))

    if counted:
        return Work(run, lambda out: count_values(out[3]))
    return Work(run, lambda out: binary_values(weights, out[1], out[0]))


def rate(size: int, runs: int, covariance: bool = False) -> Work:
    """A rate network in white noise by Euler–Maruyama steps."""
    transposed, strength = jnp.asarray(rate_weights(size).T), SIGMA * DT**0.5

    def step(key, time, x):
        noise = jax.random.normal(jax.random.fold_in(key, time), x.shape, float)
        return x + DT * (jnp.tanh(x) @ transposed - x) + strength * noise

    @jax.jit
    def bare(steps, key):
        return jax.lax.fori_loop(0, steps, partial(step, key), jnp.zeros((runs, size)))

    @jax.jit
    def with_covariance(blocks, key):
        def block(number, carry):
            x, total, sums = carry
            times = number * BLOCK + jnp.arange(BLOCK)
            x, states = jax.lax.scan(lambda x, time: (step(key, time, x), x), x, times)
            sums += jnp.einsum("tri,trj->rij", states, states)
            return x, total + states.sum(0), sums

        zeros = jnp.zeros((runs, size)), jnp.zeros((runs, size)), jnp.zeros((runs, size, size))
        _, total, sums = jax.lax.fori_loop(0, blocks, block, zeros)
        steps = blocks * BLOCK
        return (sums - total[:, :, None] * total[:, None] / steps) / (steps - 1)

    def run(steps: int, seed: int) -> jax.Array:
        key = jax.random.key(seed)
        result = with_covariance(steps // BLOCK, key) if covariance else bare(steps, key)
        return jax.block_until_ready(result)

    return Work(run, covariance_values if covariance else rate_values)


def curve(size: int) -> Work:
    """The largest exponents of 16 gains, states and tangents in one product."""
    arrays = rate_weights(size, 1.0), GAINS, start(size), frame(size, 1)[:, 0]
    traced = [jnp.asarray(a) for a in arrays]

    def run(steps: int, seed: int) -> np.ndarray:
        return np.asarray(fused(*traced, 0.0, steps, CURVE_DT, reaction=False))

    return Work(run, exponent_values)


def reaction(size: int) -> Work:
    """A rate network with the Onsager reaction term, γ = 1, as minus the gradient of the energy."""
    weights = jnp.asarray(rate_weights(size, REACTION_GAIN))

    def step(_, x):
        f, pullback = jax.vjp(lambda x: weights @ jnp.tanh(x) - x, x)
        return x - CURVE_DT * pullback(f)[0]

    loop = jax.jit(lambda steps, x: jax.lax.fori_loop(0, steps, step, x))
    return Work(lambda steps, seed: jax.block_until_ready(loop(steps, jnp.asarray(start(size)))), energy_values)


def noise(size: int) -> Work:
    """Steps of Ornstein–Uhlenbeck noise."""
    decay = np.exp(-1 / OU_TAU)
    spread = OU_STD * np.sqrt(1 - decay**2)

    @jax.jit
    def loop(steps, key):
        def step(time, eta):
            return decay * eta + spread * jax.random.normal(jax.random.fold_in(key, time), (size,), float)

        return jax.lax.fori_loop(0, steps, step, OU_STD * jax.random.normal(key, (size,), float))

    return Work(lambda steps, seed: jax.block_until_ready(loop(steps, jax.random.key(seed))), noise_values)


JOBS = {"binary": binary, "rate": rate, "reaction": reaction, "curve": curve, "noise": noise}

if __name__ == "__main__":
    serve(JOBS)
