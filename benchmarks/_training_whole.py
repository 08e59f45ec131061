"""A complete training, its tests, and training in parallel processes."""

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

LENGTH = 6002  # trials of each network in parallel processes


class Whole(NamedTuple):
    """A complete training: status, trials, trials by number of columns, seconds, and seconds of compilation."""

    status: str
    trials: int
    widths: dict[int, int]
    seconds: float
    compiling: float


def whole_training() -> Whole:
    """Train a network completely, twice; the first training includes compilation."""
    first = seconds(lambda: _train([]))
    widths: list[tuple[int, int]] = []  # trials, columns
    began = time.perf_counter()
    status, trials = _train(widths)
    duration = time.perf_counter() - began
    by_width: dict[int, int] = {}
    for before, (after, width) in zip([0, *(n for n, _ in widths)], widths, strict=False):
        by_width[width] = by_width.get(width, 0) + after - before
    return Whole(status, trials, by_width, duration, first - duration)


def _train(widths: list[tuple[int, int]]) -> tuple[str, int]:
    def record(index: int, state: Any) -> None:
        widths.append((state.trials, state.width or SIZE))

    trained = nz.training.train(TASK, 1, draw=DRAW, options=nz.training.TrainingOptions(on_test=record))[0]
    return trained.status, trained.trials


def tested() -> tuple[Callable[[], object], Callable[[], object], Callable[[], int]]:
    """Return the complete test, the test that is stopped, and a function that returns the number of its trials."""
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
    """Return the network-trials per second of parallel processes with one network each, after all have compiled."""
    records: list[tuple[float, int]] = []  # time, trials of all networks

    def record(progress: Any) -> None:
        done = [progress.trials.get(i, 0) for i in range(workers)]
        if min(done) >= 102 and not progress.ends and max(done) < LENGTH:
            records.append((time.perf_counter(), sum(done)))

    protocol = nz.training.Protocol(max_trials=LENGTH, loss_below=1e-3)
    nz.training.train(
        TASK,
        workers,
        draw=DRAW,
        protocol=protocol,
        workers=workers,
        options=nz.training.TrainingOptions(exact=False, on_progress=record),
    )
    times, trials = np.array(records).T
    return float(np.polyfit(times - times[0], trials, 1)[0])
