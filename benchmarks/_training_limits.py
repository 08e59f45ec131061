"""What the machine allows one core: products of the sizes that training has, memory, and normal numbers."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from _harness import Bounds, Spread, interleave, spread

from noisette.training._draws import trial_noise

STEPS, SIZE, CHANNELS = 299, 200, 10
CHAIN = 2000  # products of a small matrix and a vector, one after the other
FEW = 20  # of what is too short to be timed once
NUMBERS = STEPS * (SIZE + CHANNELS)
LARGEST = {  # parts of a trial, and how often each of these is in it
    "vector": f"{2 * STEPS} products of matrix and vector",
    "product": "the product for dW",
    "ours": f"{NUMBERS:,} normal numbers",
}


class Limit(NamedTuple):
    """An action, how often it does its work, the work each time, and the unit of work a second."""

    name: str
    action: Callable[[], object]
    times: int
    work: float
    unit: str


def chosen() -> dict[str, Limit]:
    """Return what is timed."""
    rng, key = np.random.default_rng(0), jax.random.key(0)
    large, vector = rng.random((4096, 4096), np.float32), rng.random(4096, np.float32)
    plain = jax.jit(lambda i: jax.random.normal(jax.random.fold_in(key, i), (NUMBERS,), jnp.float32))
    ours = jax.jit(lambda i: trial_noise(jax.random.fold_in(key, i), STEPS, SIZE, CHANNELS))
    name, numbers = "matrix × vector", "normal numbers, float32"
    return {
        "vector": Limit(f"XLA: {name}, 200 × 200, float32 (cache)", chained(200), CHAIN, 160e-6, "GB/s"),
        "narrow": Limit(f"XLA: {name}, 200 × 56, float32 (cache)", chained(56), CHAIN, 44.8e-6, "GB/s"),
        "memory": Limit(f"BLAS: {name}, 4096², float32 (memory)", partial(np.dot, large, vector), 1, 67e-3, "GB/s"),
        "product": multiplied("XLA: matrix product", (SIZE, STEPS, SIZE)),
        "square": multiplied("XLA: matrix product", (1536, 1536, 1536)),
        "normal": Limit(f"JAX: {numbers}", partial(repeated, plain, 1), FEW, 1e-6 * NUMBERS, "M/s"),
        "ours": Limit(f"Noisette: {numbers}", partial(repeated, ours, 1), FEW, 1e-6 * NUMBERS, "M/s"),
    }


def chained(columns: int) -> Callable[[], object]:
    """Return a loop of products, each with the result of the one before."""
    matrix = np.random.default_rng(columns).standard_normal((SIZE, columns)).astype(np.float32) / SIZE

    @jax.jit
    def loop(matrix, x):
        return jax.lax.fori_loop(0, CHAIN, lambda i, x: 1.0 + matrix @ x[:columns], x)

    return partial(loop, jnp.asarray(matrix), jnp.ones(SIZE, jnp.float32))


def multiplied(name: str, shape: tuple[int, int, int]) -> Limit:
    """Return a product of matrices."""
    rng = np.random.default_rng(0)
    a, b = (jnp.asarray(rng.random(pair), jnp.float32) for pair in (shape[:2], shape[1:]))
    work = 2e-9 * shape[0] * shape[1] * shape[2]
    action = partial(repeated, jax.jit(jnp.matmul), a, b)
    return Limit(f"{name}, {' × '.join(map(str, shape))}, float32", action, FEW, work, "GFlop/s")


def repeated(action: Callable, *arguments: object) -> object:
    """Do the same a few times."""
    return [action(*arguments) for _ in range(FEW)]


class Limits:
    """The seconds of all of them, in as many rounds as are asked for, whenever they are asked for."""

    def __init__(self) -> None:
        self.chosen = chosen()
        self.seconds: dict[str, list[float]] = {name: [] for name in self.chosen}

    def measure(self, rounds: int) -> None:
        """Time all of them in turn."""
        actions = {name: lambda job=job: jax.block_until_ready(job.action()) for name, job in self.chosen.items()}
        times, _ = interleave(actions, rounds)
        for name, job in self.chosen.items():
            self.seconds[name] += [t / job.times for t in times[name]]

    def bounds(self) -> Bounds:
        """Return the lines of the table."""
        rows = []
        for name, job in self.chosen.items():
            speeds = Spread.of([job.work / t for t in self.seconds[name]])
            rows.append((f"{job.name}, {job.unit}", spread(speeds, lambda x: f"{x:.3g}")))
        return rows

    def parts(self) -> dict[str, float]:
        """Return the seconds of the large parts of a trial in which all units are heard."""
        often = {"vector": 2 * STEPS, "product": 1, "ours": 1}
        return {label: often[name] * Spread.of(self.seconds[name]).median for name, label in LARGEST.items()}
