"""Bounds of the time of a step, from memory bandwidth and products: rate networks, and noise with a state."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from _chaos_loops import last_state
from _harness import Job, Part, Spread, compare, duration, interleave, paced, spread

import noisette as nz

DT = 0.01
PAIRS = 2  # parts that a thread reads at once
# N, with J of 8 MB and of 200 MB: numbers of steps of Noisette and of the alternatives
SIZES = {1000: (1000, 100), 5000: (20, 4)}
THREADS = int(os.environ.get("NPROC", "1"))  # as many as in XLA
READERS = f"{THREADS} thread{'s' if THREADS > 1 else ''}"


def threaded(parts: list[tuple], work: Callable[..., object], times: int, threads: int) -> Callable[[], object]:
    """Return a function that applies `work` to each part `times` times, one thread per part; NumPy releases the GIL."""
    pool = ThreadPoolExecutor(threads)

    def repeat(part: tuple) -> None:
        for _ in range(times):
            work(*part)

    return lambda: list(pool.map(repeat, parts))


def reading(array: np.ndarray, times: int, threads: int) -> Callable[[], object]:
    """Return a function that reads an array once, by dot products of its parts in pairs."""
    pieces = np.array_split(array.reshape(-1), PAIRS * threads)
    length = min(map(len, pieces))
    pairs = [tuple(p[:length] for p in pieces[i : i + PAIRS]) for i in range(0, len(pieces), PAIRS)]
    return threaded(pairs, np.dot, times, threads)


@eqx.filter_jit
def advance(stepper, state, steps):
    """Take steps of a network without probes."""
    key = jax.random.key(0)
    return jax.lax.fori_loop(0, steps, lambda time, state: stepper.step(state, time, key=key), state)


def one_step(rounds: int, size: int) -> Part:
    """Compare a step of frozen dynamics with the time required to read J."""
    steps, loop_steps = SIZES[size]
    rng = np.random.default_rng(1)
    W, start = rng.standard_normal((size, size)) / np.sqrt(size), rng.standard_normal(size)
    network = nz.Onsager(nz.RateNetwork(W, gain=2.0))
    stepper = nz.networks.INTEGRATORS["euler"](network, jnp.asarray(DT))
    state = stepper.init(jnp.asarray(start), key=jax.random.key(0))
    J = 2.0 * W
    read_one, read_all = reading(J, loop_steps, 1), reading(J, loop_steps, THREADS)
    jobs = {
        "step": Job(lambda n: jax.block_until_ready(advance(stepper, state, jnp.asarray(n))), steps),
        "numpy": Job(lambda n: last_state(J, start, 1.0, n, DT), loop_steps),
        "one": Job(lambda n: read_one(), loop_steps),
        "all": Job(lambda n: read_all(), loop_steps),
    }
    if size == 1000:
        key = jax.random.key(0)
        jobs["simulate"] = Job(lambda n: nz.simulate(network, n, key=key, dt=DT, start=start), steps, 10)
    times, first, _ = paced(jobs, rounds)
    ours, read = times["step"], times["all"]
    what = f"a step, γ = 1, N = {size}, J of {W.nbytes / 1e6:g} MB"
    reads = f"reading J {{}}, {READERS}"
    rows = [
        compare(what, ours, [2 * t for t in read], 0.7, duration, reads.format("twice")),
        compare("the same", ours, read, None, duration, reads.format("once")),
        compare("the same", ours, times["numpy"], None, duration, "NumPy step"),
    ]
    if THREADS > 1:
        rows.append(
            compare("the same", ours, [2 * t for t in times["one"]], None, duration, "reading J twice, 1 thread")
        )
    if "simulate" in times:
        rows.append(
            compare("the same, by simulate", times["simulate"], ours, None, duration, "Noisette, only the step")
        )
    rates = [f"{spread(Spread.of([W.nbytes / t / 1e9 for t in times[n]]), short)} GB/s" for n in ("one", "all")]
    reached = spread(Spread.of([2 * W.nbytes / t / 1e9 for t in ours]), short)
    note = f"Reading {W.nbytes / 1e6:g} MB: {rates[0]} with 1 thread, {rates[1]} with {THREADS}; a "
    note += f"step, which reads J twice unless it remains in the cache, reaches {reached} GB/s."
    return rows, [note + f" First call {duration(first['step'])}."]


def short(value: float) -> str:
    """Return a number with three digits."""
    return f"{value:.3g}"


def limits(rounds: int) -> dict[str, list[float]]:
    """Return the current speed of matrix products and of random numbers."""
    number, key, rng = 2_000_000, jax.random.key(0), np.random.default_rng(0)
    multiply = jax.jit(jnp.matmul)
    jobs: dict[str, tuple[Callable[[], object], float, str]] = {}
    for dtype in (np.float64, np.float32):
        square, wide = rng.random((1536, 1536)).astype(dtype), rng.random((1000, 1000)).astype(dtype)
        thin = [rng.random((1000, columns)).astype(dtype) for columns in (16, 32)]
        for kind, product, form in (("BLAS", np.matmul, np.asarray), ("XLA", multiply, jnp.asarray)):
            for a, b in ((square, square), *((wide, t) for t in thin)):
                name = f"{kind}: {len(a)} × {len(a)} × {b.shape[1]}, {np.dtype(dtype).name}"
                act = partial(product, form(a), form(b))
                jobs[name] = (act, 2e-9 * a.size * b.shape[1], "GFlop/s")
    normal = jax.jit(lambda k: jax.random.normal(k, (number,), float))
    jobs["JAX: normal numbers, float64"] = (lambda: normal(key), 1e-6 * number, "M/s")
    jobs["NumPy: normal numbers, in one call"] = (lambda: rng.standard_normal(number), 1e-6 * number, "M/s")
    times, _ = interleave({n: lambda f=job[0]: jax.block_until_ready(f()) for n, job in jobs.items()}, rounds)
    return {f"{name}, {unit}": [work / t for t in times[name]] for name, (_, work, unit) in jobs.items()}
