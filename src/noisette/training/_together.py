"""Networks in one program, for processors with many cores: one network is one lane of it.

On a CPU this is slower than a process for each core, as many networks leave the cache that one fits into. Networks that
have ended stay in their lanes, unheeded, until half of the lanes are free; then the program shrinks.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array

from noisette.tasks import Task
from noisette.training import _program
from noisette.training._condense import frozen_part
from noisette.training._one import (
    RUNNING,
    TrainingState,
    constants_of,
    limits,
    next_block,
    outcome,
    trials_from,
    update,
)
from noisette.training._program import Learner
from noisette.training.protocol import Protocol


def trained_together(
    courses: dict[int, TrainingState],
    task: Task,
    protocol: Protocol,
    *,
    keys: dict[int, Array],
    on_test: Callable[[int, TrainingState], Any] = lambda index, course: None,
) -> dict[int, TrainingState]:
    """Train networks side by side in one program until each passes a test, fails or diverges.

    Each gets the trials and the noise that it would get alone.

    Parameters
    ----------
    courses : where the networks are, by number
    task, protocol : what they learn, and how
    keys : of each network
    on_test : called with the number and the course of each network after each of its tests
    """
    now = {index: replace(course, order=None, width=0) for index, course in courses.items()}
    lanes: list[int] = []
    while True:
        running = [index for index, course in now.items() if course.status == RUNNING]
        if not running:
            return now
        behind = min(now[index].trials for index in running)
        due = [index for index in running if now[index].trials == behind]
        if not set(due) <= set(lanes) or 2 * len(due) <= len(lanes):
            lanes = due
        found = _block([now[index] for index in lanes], task, protocol, [keys[index] for index in lanes])
        for index, course in zip(lanes, found, strict=True):
            if index in due:
                now[index] = course
                on_test(index, course)


def _block(courses: list[TrainingState], task: Task, protocol: Protocol, keys: list[Array]) -> list[TrainingState]:
    trials = max(course.trials for course in courses if course.status == RUNNING)
    steps, number = next_block(protocol, trials)
    constants = constants_of(courses[0].network)
    learners = _stacked(
        [Learner(course.network.trainable, course.optimiser, jnp.asarray(trials, jnp.int32)) for course in courses]
    )
    frozen = _stacked([frozen_part(course.network, None, course.network.size) for course in courses])
    parts = [[jax.random.fold_in(key, i) for key in keys] for i in range(3)]
    given = _stacked([trials_from(task, key, trials, number) for key in parts[0]])
    after, means = _learn(
        learners, frozen, given, jnp.asarray(steps, jnp.int32), jnp.stack(parts[1]), constants, protocol.learning
    )
    trained = trials + steps * protocol.batch
    last = trained >= protocol.max_trials
    tested = [jax.random.fold_in(key, trained) for key in parts[2]]
    shown = _stacked([trials_from(task, jax.random.fold_in(key, 0), 0, protocol.test_trials) for key in tested])
    most, errors = limits(protocol, whole=last)
    noise = jnp.stack([jax.random.fold_in(key, 1) for key in tested])
    tests = _test(after.parts, frozen, shown, noise, most, errors, constants, protocol.testing, task)
    found = []
    for lane, course in enumerate(courses):
        one = jax.tree.map(lambda leaf, i=lane: leaf[i], after)
        loss, accuracy = outcome(protocol, *(one[lane] for one in tests))
        found.append(update(course, one.parts, one.optimiser, protocol, [trained, float(means[lane]), loss, accuracy]))
    return found


def _stacked(trees: list[Any]) -> Any:
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


@eqx.filter_jit
def _learn(learners, frozen, given, count, keys, constants, learning):
    each = lambda one, rest, trials, key: _program.learn(one, rest, trials, count, key, constants, learning)  # noqa: E731
    return jax.vmap(each)(learners, frozen, given, keys)


@eqx.filter_jit
def _test(parts, frozen, given, keys, most, errors, constants, protocol, task):
    each = lambda one, rest, trials, key: _program.test(  # noqa: E731
        one, rest, trials, key, most, errors, constants, protocol, task
    )
    return jax.vmap(each)(parts, frozen, given, keys)
