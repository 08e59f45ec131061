"""Training of several networks in one vectorised program, for processors with many cores.

On a CPU this is slower than one process per core, since several networks do not fit into the cache that holds one.
Networks that have ended remain in the batch, without effect, until half of it has ended; then the batch is reduced to
those that still run, and the program is compiled for the smaller batch.
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
from noisette.training._network import (
    RUNNING,
    TrainingState,
    bounds_of,
    constants_of,
    next_block,
    test_result,
    trials_from,
    update,
)
from noisette.training._program import Learner
from noisette.training.protocol import Protocol


def train_vectorised(
    states: dict[int, TrainingState],
    task: Task,
    protocol: Protocol,
    *,
    keys: dict[int, Array],
    on_test: Callable[[int, TrainingState], Any] = lambda index, state: None,
) -> dict[int, TrainingState]:
    """Train networks in one program until each passes a test, fails or diverges.

    Each network sees the trials and the noise that it sees when it is trained alone.

    Parameters
    ----------
    states : training states by the number of the network
    task, protocol : task and training protocol
    keys : keys of the networks by their number
    on_test : called with the number and the state of each network after each of its tests
    """
    current = {index: replace(state, order=None, width=0) for index, state in states.items()}
    batch: list[int] = []
    while True:
        running = [index for index, state in current.items() if state.status == RUNNING]
        if not running:
            return current
        # All networks of a batch have the same number of trials; resumed ones first catch up.
        fewest = min(current[index].trials for index in running)
        due = [index for index in running if current[index].trials == fewest]
        if not set(due) <= set(batch) or 2 * len(due) <= len(batch):
            batch = due
        updated = _train_block([current[index] for index in batch], task, protocol, [keys[index] for index in batch])
        for index, state in zip(batch, updated, strict=True):
            if index in due:
                current[index] = state
                on_test(index, state)


def _train_block(states: list[TrainingState], task: Task, protocol: Protocol, keys: list[Array]) -> list[TrainingState]:
    """Return the states after the trials up to the next test, and that test, for all networks of a batch."""
    trials = max(state.trials for state in states if state.status == RUNNING)
    steps, number = next_block(protocol, trials)
    constants = constants_of(states[0].network)
    learners = _stacked(
        [Learner(state.network.trainable, state.optimiser, jnp.asarray(trials, jnp.int32)) for state in states]
    )
    frozen = _stacked([frozen_part(state.network, None, state.network.size) for state in states])
    trial_keys, noise_keys, test_keys = ([jax.random.fold_in(key, i) for key in keys] for i in range(3))
    block = _stacked([trials_from(task, key, trials, number) for key in trial_keys])
    count = jnp.asarray(steps, jnp.int32)
    learned, means = _learn(learners, frozen, block, count, jnp.stack(noise_keys), constants, protocol.learning)
    done = trials + steps * protocol.batch
    block_keys = [jax.random.fold_in(key, done) for key in test_keys]
    tested = _stacked([trials_from(task, jax.random.fold_in(key, 0), 0, protocol.test_trials) for key in block_keys])
    bounds = bounds_of(protocol, complete=done >= protocol.max_trials)
    noise = jnp.stack([jax.random.fold_in(key, 1) for key in block_keys])
    results = _test(learned.parts, frozen, tested, noise, bounds, constants, protocol.testing, task)
    updated = []
    for i, state in enumerate(states):
        learner = jax.tree.map(lambda leaf, i=i: leaf[i], learned)
        loss, accuracy = test_result(protocol, *(values[i] for values in results))
        row = [done, float(means[i]), loss, accuracy]
        updated.append(update(state, learner.parts, learner.optimiser, protocol, row))
    return updated


def _stacked(trees: list[Any]) -> Any:
    """Stack the leaves of trees of equal structure along a new first axis."""
    return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *trees)


@eqx.filter_jit
def _learn(learners, frozen, trials, count, keys, constants, protocol):
    """Take steps of the optimiser for all networks of a batch."""

    def single(learner, frozen, trials, key):
        return _program.learn(learner, frozen, trials, count, key, constants, protocol)

    return jax.vmap(single)(learners, frozen, trials, keys)


@eqx.filter_jit
def _test(parts, frozen, trials, keys, bounds, constants, protocol, task):
    """Run the tests of all networks of a batch."""

    def single(parts, frozen, trials, key):
        return _program.test(parts, frozen, trials, key, bounds, constants, protocol, task)

    return jax.vmap(single)(parts, frozen, trials, keys)
