"""A training from beginning to end, its tests, and two processes side by side."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import numpy as np
from _harness import seconds
from _training_problem import CHANNELS, SIZE, TASK, constants_of, network_of

import noisette as nz
from noisette.training import _condense, _network, _program

DRAW = nz.training.initial_networks(TASK, noise_channels=CHANNELS)

LENGTH = 6002  # trials of each network side by side


class Whole(NamedTuple):
    """A training: how it ended, its trials, those with so many columns each, its seconds, and those of compiling."""

    status: str
    trials: int
    widths: dict[int, int]
    seconds: float
    compiling: float


def course_of() -> Whole:
    """Train a network to its end, twice; the first time compiles."""
    first = seconds(lambda: _train([]))
    seen: list[tuple[int, int]] = []  # trials, columns
    began = time.perf_counter()
    status, trials = _train(seen)
    took = time.perf_counter() - began
    lasted: dict[int, int] = {}
    for before, (now, width) in zip([0, *(n for n, _ in seen)], seen, strict=False):
        lasted[width] = lasted.get(width, 0) + now - before
    return Whole(status, trials, lasted, took, first - took)


def _train(seen: list[tuple[int, int]]) -> tuple[str, int]:
    def record(index: int, state: Any) -> None:
        seen.append((state.trials, state.width or SIZE))

    found = nz.training.train(TASK, 1, draw=DRAW, options=nz.training.TrainingOptions(on_test=record))[0]
    return found.status, found.trials


def tested() -> tuple[Callable[[], object], Callable[[], object], Callable[[], int]]:
    """Return the test of all trials, the one that is stopped, and after how many trials that is."""
    network, protocol = network_of(SIZE), nz.training.Protocol()
    frozen = _condense.frozen_part(network, None, SIZE)
    trials = TASK.block(protocol.test_trials, key=jax.random.key(3))

    def test(whole: bool) -> Any:
        bounds = _network.bounds_of(protocol, whole)
        constants, key = constants_of(network), jax.random.key(4)
        result = _program.test(
            network.trainable, frozen, trials, key, bounds, constants, protocol.testing, TASK
        )  # fmt: skip
        return jax.block_until_ready(result)

    return partial(test, True), partial(test, False), lambda: int(test(False)[2])


def side_by_side(workers: int) -> float:
    """Return the network-trials per second of so many processes, one network each, once all have compiled."""
    seen: list[tuple[float, int]] = []

    def note(standing: Any) -> None:
        under_way = [standing.trials.get(i, 0) for i in range(workers)]
        if min(under_way) >= 102 and not standing.ends and max(under_way) < LENGTH:
            seen.append((time.perf_counter(), sum(under_way)))

    protocol = nz.training.Protocol(max_trials=LENGTH, loss_below=1e-3)
    nz.training.train(
        TASK,
        workers,
        draw=DRAW,
        protocol=protocol,
        workers=workers,
        options=nz.training.TrainingOptions(exact=False, on_progress=note),
    )
    times, trials = np.array(seen).T
    return float(np.polyfit(times - times[0], trials, 1)[0])
