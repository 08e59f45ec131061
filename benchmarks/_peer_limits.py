"""Limits of the machine: random numbers, matrix products and memory, on two threads."""

import math
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from _peer_worker import Work, serve

jax.config.update("jax_enable_x64", True)
THREADS = 2
NUMBERS = 1_000_000
SMALL = 100_000  # numbers, which are read faster than threads are called
POOL = ThreadPoolExecutor(THREADS)


def _parallel(actions: list) -> None:
    list(POOL.map(lambda action: action(), actions))


def nothing(_: object) -> dict:
    return {}


def numpy_numbers(kind: str) -> Work:
    """Random numbers of NumPy, one generator per thread."""
    parts = [np.empty(NUMBERS // THREADS) for _ in range(THREADS)]

    def run(steps: int, seed: int) -> None:
        generators = [np.random.Generator(np.random.SFC64([seed, number])) for number in range(THREADS)]
        method = "standard_normal" if kind == "normal" else "random"
        _parallel([partial(getattr(g, method), out=part) for g, part in zip(generators, parts, strict=True)])

    return Work(run, nothing)


def jax_numbers(kind: str) -> Work:
    """Random numbers of JAX."""
    draw = jax.jit(lambda key: getattr(jax.random, kind)(key, (NUMBERS,), float))
    return Work(lambda steps, seed: jax.block_until_ready(draw(jax.random.key(seed))), nothing)


def product(rows: int, inner: int, columns: int, by: str) -> Work:
    """A product of two matrices in float64, by XLA or by BLAS."""
    rng = np.random.default_rng(0)
    a, b = rng.random((rows, inner)), rng.random((inner, columns))
    if by == "BLAS":
        out = np.empty((rows, columns))
        return Work(lambda steps, seed: [np.matmul(a, b, out=out) for _ in range(steps)], nothing)
    traced, multiply = (jnp.asarray(a), jnp.asarray(b)), jax.jit(jnp.matmul)
    return Work(lambda steps, seed: [jax.block_until_ready(multiply(*traced)) for _ in range(steps)], nothing)


def read(size: int, by: str) -> Work:
    """Reading an array of `size` numbers once per step: dot products of its parts, or a product with a vector by XLA.

    Each thread reads its own parts; small arrays are read by one thread.
    """
    if by == "XLA":
        side = math.isqrt(size)
        traced, multiply = (jnp.ones((side, side)), jnp.ones(side)), jax.jit(jnp.matmul)
        return Work(lambda steps, seed: [jax.block_until_ready(multiply(*traced)) for _ in range(steps)], nothing)
    threads = THREADS if size > SMALL else 1
    parts = np.array_split(np.ones(size), 2 * threads)
    length = min(map(len, parts))
    pairs = [(parts[2 * i][:length], parts[2 * i + 1][:length]) for i in range(threads)]

    def run(steps: int, seed: int) -> None:
        _parallel([lambda pair=pair: [np.dot(*pair) for _ in range(steps)] for pair in pairs])

    return Work(run, nothing)


def vector_products() -> Work:
    """A sequence of products of a matrix of 200 × 200 and a vector in float32, in the cache."""
    from _training_limits import CHAIN, chained

    action = chained(200)
    return Work(lambda steps, seed: [jax.block_until_ready(action()) for _ in range(-(-steps // CHAIN))], nothing)


JOBS = {
    "numpy_numbers": numpy_numbers,
    "jax_numbers": jax_numbers,
    "product": product,
    "read": read,
    "vector_products": vector_products,
}

if __name__ == "__main__":
    serve(JOBS)
