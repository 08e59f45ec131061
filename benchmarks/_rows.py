"""Rows of the benchmark of recurrence resonance; to be imported after the numbers of threads are fixed."""

import time

import jax
import jax.numpy as jnp
import numpy as np
from _harness import Part, Row, Spread, compare, duration, interleave, spread, verdict
from _loops import iterate, loop_measures

import noisette as nz

STEPS = 10_000
STRENGTHS = np.arange(51.0)
TIMED = (0.0, 12.0, 25.0, 50.0)  # noise strengths at which the loop is timed


def gaussian(size: int, std: float, strength: float) -> nz.Boltzmann:
    return nz.Boltzmann(nz.weights.gaussian(size, std, key=jax.random.key(1)), noise=nz.White(strength))


def curve(rounds: int, runs: int) -> Part:
    """Compare the exact curve, the simulated curve and a plain loop: 51 strengths, N = 5, N_T = 10^4."""
    network, rng = gaussian(5, 10.0, 1.0), np.random.default_rng(0)
    weights = np.asarray(network.weights)
    times, first = interleave(
        {
            "exact": lambda: nz.resonance(network, STRENGTHS, STEPS),
            "sampled": lambda: nz.resonance(network, STRENGTHS, STEPS, estimator="single-run", runs=runs),
            "loop": lambda: [loop_measures(weights, r, STEPS, rng) for r in TIMED],
        },
        rounds,
    )
    exact, warm = times["exact"], Spread.of(times["exact"])
    sampled = [t / runs for t in times["sampled"]]
    looped = [t * len(STRENGTHS) / len(TIMED) for t in times["loop"]]
    what = "H, I, D at 51 strengths, N = 5, N_T = 10^4"
    numpy_loop = "NumPy loop, one run [1]"
    return [
        compare(f"{what}, exact", exact, looped, 100, duration, numpy_loop),
        compare("the same", exact, sampled, None, duration, f"Noisette, sampled, each of {runs} runs"),
        compare(f"the same, sampled, each of {runs} runs", sampled, looped, None, duration, numpy_loop),
        Row("the exact curve, warm", spread(warm, duration), "", "", "<= 40 ms", verdict(warm.median <= 0.040)),
    ], [
        f"[1] The loop is timed at {len(TIMED)} of the 51 strengths and scaled.",
        f"First calls, compilation included: exact {duration(first['exact'])}, sampled {duration(first['sampled'])}.",
    ]


def chain(rounds: int, sample: int) -> Part:
    """Compare the matrix-free chain with 10^4 products with the dense matrix: N = 12, N_T = 10^4."""
    rows, notes = [], []
    start = nz.theory.markov.start_distribution(0, 12)
    for std, strength in ((10.0, 10.0), (5.0, 4.0)):
        network = gaussian(12, std, strength)
        transition = nz.theory.markov.transition_matrix(network)
        times, first = interleave(
            {
                "ours": lambda n=network: nz.theory.markov.measures(n, STEPS),
                "dense": lambda t=transition: iterate(start, t, sample),
            },
            rounds,
        )
        dense = [t * STEPS / sample for t in times["dense"]]
        what = f"H, I, D of N = 12, N_T = 10^4, Gaussian weights of std {std:g}, r = {strength:g}"
        rows.append(compare(what, times["ours"], dense, 100, duration, "p @ P, 10^4 times [2]"))
        notes.append(duration(first["ours"]))
    return rows, [
        f"[2] {sample} products are timed and scaled; building P (134 MB) and the entropies are not included.",
        f"First calls of the matrix-free chain, compilation included: {', '.join(notes)}.",
    ]


def accuracy() -> Part:
    """Compare the occupation for N = 10, N_T = 10^4 with that by one product per step."""
    network = gaussian(10, 10.0, 10.0)
    transition, start = nz.theory.markov.transition_matrix(network), nz.theory.markov.start_distribution(0, 10)
    error = np.abs(nz.theory.markov.occupation(network, STEPS) - iterate(start, transition, STEPS)).max()
    return [], [f"N = 10 against 10^4 products with P: largest error of a probability {error:.1e}."]


def limits(rounds: int) -> dict[str, list[float]]:
    """Return the current speed of matrix products, memory and random numbers."""
    number, key, rng = 2_000_000, jax.random.key(0), np.random.default_rng(0)
    square, big = rng.random((1536, 1536)), rng.random((4096, 4096))
    traced, wide, thin = jnp.asarray(square), jnp.ones((1000, 1000)), jnp.ones((1000, 32))
    multiply = jax.jit(jnp.matmul)
    normal = jax.jit(lambda k: jax.random.normal(k, (number,), float))
    uniform = jax.jit(lambda k: jax.random.uniform(k, (number,), float))
    jobs = {
        "BLAS: matrix product, 1536²": (lambda: square @ square, 2e-9 * 1536**3, "GFlop/s"),
        "XLA: matrix product, 1536²": (lambda: multiply(traced, traced), 2e-9 * 1536**3, "GFlop/s"),
        "XLA: matrix product, 1000 × 1000 × 32": (lambda: multiply(wide, thin), 2e-9 * 32e6, "GFlop/s"),
        "BLAS: vector × matrix, 4096² (memory)": (lambda: big[0] @ big, 8e-9 * 4096**2, "GB/s"),
        "JAX: normal numbers, float64": (lambda: normal(key), 1e-6 * number, "M/s"),
        "JAX: uniform numbers, float64": (lambda: uniform(key), 1e-6 * number, "M/s"),
        "NumPy: normal numbers, in one call": (lambda: rng.standard_normal(number), 1e-6 * number, "M/s"),
        "NumPy: uniform numbers, in one call": (lambda: rng.random(number), 1e-6 * number, "M/s"),
    }
    times, _ = interleave({n: lambda f=job[0]: jax.block_until_ready(f()) for n, job in jobs.items()}, rounds)
    return {f"{name}, {unit}": [work / t for t in times[name]] for name, (_, work, unit) in jobs.items()}


def run(quick: bool) -> tuple[list[Row], list[str], list[tuple[str, str]]]:
    """Return the rows, the notes below them, and the limits of the machine."""
    began, rounds = time.perf_counter(), 3 if quick else 5
    before = limits(rounds)
    parts = [curve(rounds, 2), chain(rounds, 50 if quick else 100), accuracy()]
    after = limits(rounds)  # the load of the machine drifts: both measurements are included
    bounds = [(name, spread(Spread.of(before[name] + after[name]), lambda x: f"{x:.3g}")) for name in before]
    rows = [row for part, _ in parts for row in part]
    notes = [note for _, part in parts for note in part]
    return rows, [*notes, f"These rows took {duration(time.perf_counter() - began)}."], bounds
