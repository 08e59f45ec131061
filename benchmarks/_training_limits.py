"""Speed of one core: products of the sizes in training, memory, and normal random numbers."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from _harness import Bounds, Spread, interleave, spread

from noisette.training._draws import trial_noise

STEPS, SIZE, CHANNELS = 299, 200, 10
CHAIN = 2000  # number of sequential products of a small matrix and a vector
FEW = 20  # repetitions of actions that are too short to be timed individually
NUMBERS = STEPS * (SIZE + CHANNELS)
LARGEST = {  # the most expensive parts of a trial
    "vector": f"{2 * STEPS} products of matrix and vector",
    "product": "the product for dW",
    "ours": f"{NUMBERS:,} normal numbers",
}


class Limit(NamedTuple):
    """An action that is timed: number of repetitions, work per repetition, and unit of work per second."""

    name: str
    action: Callable[[], object]
    times: int
    work: float
    unit: str


def chosen() -> dict[str, Limit]:
    """Return the actions to be timed."""
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
    """Return a function that computes a sequence of products, each with the result of the previous product."""
    matrix = np.random.default_rng(columns).standard_normal((SIZE, columns)).astype(np.float32) / SIZE

    @jax.jit
    def loop(matrix, x):
        return jax.lax.fori_loop(0, CHAIN, lambda i, x: 1.0 + matrix @ x[:columns], x)

    return partial(loop, jnp.asarray(matrix), jnp.ones(SIZE, jnp.float32))


def multiplied(name: str, shape: tuple[int, int, int]) -> Limit:
    """Return the timing of a product of two matrices."""
    rng = np.random.default_rng(0)
    a, b = (jnp.asarray(rng.random(pair), jnp.float32) for pair in (shape[:2], shape[1:]))
    work = 2e-9 * shape[0] * shape[1] * shape[2]
    action = partial(repeated, jax.jit(jnp.matmul), a, b)
    return Limit(f"{name}, {' × '.join(map(str, shape))}, float32", action, FEW, work, "GFlop/s")


def repeated(action: Callable, *arguments: object) -> object:
    """Call a function a few times."""
    return [action(*arguments) for _ in range(FEW)]


class Limits:
    """Times of all actions, accumulated over calls of `measure`."""

    def __init__(self) -> None:
        self.chosen = chosen()
        self.seconds: dict[str, list[float]] = {name: [] for name in self.chosen}

    def measure(self, rounds: int) -> None:
        """Time all actions alternately."""
        actions = {name: lambda job=job: jax.block_until_ready(job.action()) for name, job in self.chosen.items()}
        times, _ = interleave(actions, rounds)
        for name, job in self.chosen.items():
            self.seconds[name] += [t / job.times for t in times[name]]

    def bounds(self) -> Bounds:
        """Return the rows of the table."""
        rows = []
        for name, job in self.chosen.items():
            speeds = Spread.of([job.work / t for t in self.seconds[name]])
            rows.append((f"{job.name}, {job.unit}", spread(speeds, lambda x: f"{x:.3g}")))
        return rows

    def parts(self) -> dict[str, float]:
        """Return the seconds of the most expensive parts of a trial in which all units have outgoing connections."""
        repetitions = {"vector": 2 * STEPS, "product": 1, "ours": 1}
        return {label: repetitions[name] * Spread.of(self.seconds[name]).median for name, label in LARGEST.items()}
