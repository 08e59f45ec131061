"""Training of one network in blocks of trials between tests; each block is a pure function of the state."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.networks import TaskNetwork
from noisette.tasks import Task, Trial
from noisette.training import _program
from noisette.training._condense import condensed, expanded, frozen_part, live_columns, width_of
from noisette.training._draws import stds_of
from noisette.training._program import Bounds, Constants, Learner
from noisette.training.protocol import Protocol

RUNNING, TRAINED, FAILED, DIVERGED = "running", "trained", "failed", "diverged"


@dataclass(frozen=True)
class TrainingState:
    """State of the training of one network, sufficient to resume it bit for bit.

    Parameters
    ----------
    network : the network with its current parameters
    optimiser : state of the optimiser, with leaves in the order and shape of the network's trainable parameters
    trials : number of trials so far
    status : "running", "trained", "failed" or "diverged"
    tests : one row per test, shape (tests, 4): trials, mean loss in training since the previous test, mean loss and
        accuracy in the test (NaN where the test was stopped because it could no longer be passed)
    order, width : order in which units are computed, and the number of columns of the weight matrix that are kept;
        None and 0 before any column is left out
    """

    network: TaskNetwork
    optimiser: Any
    trials: int = 0
    status: str = RUNNING
    tests: np.ndarray = field(default_factory=lambda: np.zeros((0, 4)))
    order: np.ndarray | None = None
    width: int = 0

    @property
    def loss(self) -> float:
        """Mean loss in the last test, or in training before it where the test was stopped."""
        if not len(self.tests):
            return float("nan")
        return float(self.tests[-1, 2] if np.isfinite(self.tests[-1, 2]) else self.tests[-1, 1])

    @property
    def accuracy(self) -> float:
        """Accuracy in the last test."""
        return float(self.tests[-1, 3]) if len(self.tests) else float("nan")


def initial_state(network: TaskNetwork, protocol: Protocol) -> TrainingState:
    """Return the training state of a network before its first trial."""
    return TrainingState(network, protocol.transformation().init(network.trainable))


def train_network(
    state: TrainingState,
    task: Task,
    protocol: Protocol,
    *,
    key: PRNGKeyArray,
    exact: bool = True,
    on_test: Callable[[TrainingState], bool | None] = lambda state: None,
) -> TrainingState:
    """Train a network from a state until it passes a test, fails or diverges.

    Parameters
    ----------
    state : state from which training starts or resumes
    task, protocol : task and training protocol
    key : key of this network; the random numbers of a trial depend only on it and on the number of the trial, so
        that interrupted training resumes bit for bit
    exact : leave dead columns out of the computation, if the optimiser is the published one
    on_test : called with the state after each test; training stops if it returns True
    """
    while state.status == RUNNING:
        if exact and protocol.published:
            state = _narrowed(state)
        state = _train_block(state, task, protocol, key)
        if on_test(state):
            break
    return state


def _narrowed(state: TrainingState) -> TrainingState:
    """Leave dead columns out as soon as a narrower program is sufficient; this changes the order of units."""
    mask = None if state.network.mask is None else np.asarray(state.network.mask)
    live = live_columns(np.asarray(state.network.weights), mask)
    width = width_of(int(live.sum()), state.network.size)
    if width >= (state.width or state.network.size):
        return state
    return replace(state, order=np.argsort(~live, kind="stable"), width=width)


def constants_of(network: TaskNetwork) -> Constants:
    """Return the numbers of a network that training does not change."""
    return Constants(network.tau_range, network.dt, network.sensory_noise, stds_of(network.step_noise))


def next_block(protocol: Protocol, trials: int) -> tuple[int, int]:
    """Return the number of optimiser steps from `trials` to the next test, and the number of trials to generate.

    A short block generates as many trials as a full one, so that the same compiled program runs all blocks.
    """
    end = next((test for test in protocol.tests() if test > trials), protocol.max_trials)
    steps = -(-(end - trials) // protocol.batch)
    return steps, max(-(-protocol.test_every // protocol.batch), steps) * protocol.batch


def _train_block(state: TrainingState, task: Task, protocol: Protocol, key: PRNGKeyArray) -> TrainingState:
    """Return the state after the trials up to the next test, and that test."""
    constants = constants_of(state.network)
    order, width, network = state.order, state.width, state.network
    frozen = frozen_part(network, order, width or network.size)
    parts, moments = network.trainable, state.optimiser
    if order is not None:
        parts, moments = condensed(parts, order, width), _moments(moments, lambda tree: condensed(tree, order, width))
    trial_key, noise_key, test_key = (jax.random.fold_in(key, i) for i in range(3))
    steps, number = next_block(protocol, state.trials)
    learner, mean = _program.learn(
        Learner(parts, moments, jnp.asarray(state.trials, jnp.int32)),
        frozen,
        trials_from(task, trial_key, state.trials, number),
        jnp.asarray(steps, jnp.int32),
        noise_key,
        constants,
        protocol.learning,
    )
    done = int(learner.trials)
    if not (np.isfinite(float(mean)) and _finite(learner.parts)):  # a diverged network is not tested
        return update(state, learner.parts, learner.optimiser, protocol, [done, float(mean), np.nan, np.nan])
    complete = done >= protocol.max_trials  # the last test reports its loss and accuracy even if it is failed
    block_key = jax.random.fold_in(test_key, done)
    loss, accuracy = run_test(learner.parts, frozen, task, protocol, constants, block_key, complete=complete)
    return update(state, learner.parts, learner.optimiser, protocol, [done, float(mean), loss, accuracy])


def update(state: TrainingState, parts: Any, moments: Any, protocol: Protocol, test: list[float]) -> TrainingState:
    """Return the state after a block of trials and a test.

    Parameters
    ----------
    state : before the block
    parts, moments : trainable parameters and optimiser state after the block, condensed if `state.order` is not None
    protocol : training protocol
    test : row of `TrainingState.tests`: trials, mean loss before the test, its loss and accuracy
    """
    trials, mean, loss, accuracy = int(test[0]), *test[1:]
    tests = np.concatenate([state.tests, [test]])
    if not (np.isfinite(mean) and _finite(parts)):
        # The network at the previous test is the last one that is known to be finite.
        return replace(state, trials=trials, status=DIVERGED, tests=tests)
    order, width, network = state.order, state.width, state.network
    if order is not None:
        full = state.optimiser
        parts = expanded(parts, network.trainable, order, width)
        moments = full._replace(
            steps=moments.steps,
            first=expanded(moments.first, full.first, order, width),
            second=expanded(moments.second, full.second, order, width),
        )
    passed = protocol.reached(loss, accuracy) and trials >= protocol.least_trials
    last = trials >= protocol.max_trials
    return replace(
        state,
        network=network.trained(parts),
        optimiser=moments,
        trials=trials,
        status=TRAINED if passed else FAILED if last else RUNNING,
        tests=tests,
    )


def _finite(parts: Any) -> bool:
    """Return whether all trainable parameters are finite."""
    return all(bool(np.isfinite(np.asarray(leaf)).all()) for leaf in jax.tree.leaves(parts))


def _moments(state: Any, change: Callable[[Any], Any]) -> Any:
    """Apply a function to the first and second moments of an optimiser state."""
    return state._replace(first=change(state.first), second=change(state.second))


def run_test(parts, frozen, task, protocol, constants, key, complete: bool) -> tuple[float, float]:
    """Return mean loss and accuracy of a test, NaN where it is stopped; a `complete` test is never stopped."""
    trials = trials_from(task, jax.random.fold_in(key, 0), 0, protocol.test_trials)
    noise = jax.random.fold_in(key, 1)
    bounds = bounds_of(protocol, complete)
    result = _program.test(parts, frozen, trials, noise, bounds, constants, protocol.testing, task)
    return test_result(protocol, *result)


def test_result(protocol: Protocol, total: Any, errors: Any, done: Any) -> tuple[float, float]:
    """Return mean loss and accuracy; both are NaN if the test was stopped because it could not be passed."""
    number = protocol.test_trials
    if int(done) < number:
        return float("nan"), float("nan")
    return float(total) / number, 1.0 - int(errors) / number


def bounds_of(protocol: Protocol, complete: bool) -> Bounds:
    """Return the bounds beyond which a test cannot be passed; a `complete` test has none."""
    bounded = protocol.criterion is None and not complete
    loss = protocol.loss_below * protocol.test_trials if bounded else np.inf
    errors = protocol.errors_allowed if bounded else protocol.test_trials
    return Bounds(jnp.asarray(loss, jnp.float32), jnp.asarray(errors, jnp.int32))


def trials_from(task: Task, key: PRNGKeyArray, first: int, number: int) -> Trial:
    """Return the trials `first`, `first` + 1, …, each of which depends only on the key and its own number."""
    if not task.traceable:
        return jax.tree.map(jnp.asarray, task.block(number, key=jax.random.fold_in(key, first)))
    return _traced_trials(task, key, jnp.asarray(first, jnp.int32), number)


@partial(eqx.filter_jit)
def _traced_trials(task: Task, key: PRNGKeyArray, first: Any, number: int) -> Trial:
    """Return successive trials of a task that can be traced by JAX."""
    keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(first + jnp.arange(number))
    return jax.vmap(lambda k: task.trial(key=k))(keys)
