"""Training one network: blocks of trials between tests, each a pure function of what came before."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.networks import TaskNetwork
from noisette.tasks import Task, Trial
from noisette.training import _program
from noisette.training._condense import condensed, expanded, frozen_part, live_columns, width_of
from noisette.training._program import Constants, Learner
from noisette.training.protocol import Protocol

RUNNING, TRAINED, FAILED, DIVERGED = "running", "trained", "failed", "diverged"


@dataclass(frozen=True)
class TrainingState:
    """How far the training of a network has come: everything that the rest of it depends on.

    Parameters
    ----------
    network : as it is now
    optimiser : state of the optimiser, leaves in the order and shape of the network's trainable parts
    trials : so far
    status : "running", "trained", "failed" or "diverged"
    tests : a row for each test: trials, mean loss in training since the last one, mean loss and accuracy in the test
        (NaN where the test was stopped because it could no longer be passed)
    order, width : which units are computed first, and how many of them are heard; none before anything is left out
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
        """Mean loss of the last test, or in training where that was stopped."""
        if not len(self.tests):
            return float("nan")
        return float(self.tests[-1, 2] if np.isfinite(self.tests[-1, 2]) else self.tests[-1, 1])

    @property
    def accuracy(self) -> float:
        """Accuracy of the last test."""
        return float(self.tests[-1, 3]) if len(self.tests) else float("nan")


def initial_state(network: TaskNetwork, protocol: Protocol) -> TrainingState:
    """Return the course of a network that has not been trained yet."""
    return TrainingState(network, protocol.transformation().init(network.trainable))


def trained_on(
    course: TrainingState,
    task: Task,
    protocol: Protocol,
    *,
    key: PRNGKeyArray,
    exact: bool = True,
    on_test: Callable[[TrainingState], bool | None] = lambda course: None,
) -> TrainingState:
    """Train a network from where it is until it passes a test, fails or diverges.

    Parameters
    ----------
    course : where it is
    task, protocol : what it learns, and how
    key : of this network; the randomness of a trial depends on its number alone, so that training goes on from a
        course as if it had never been interrupted
    exact : leave dead weights out of the computation, where the optimiser is the published one
    on_test : called with the course after each test; training is interrupted if it returns True
    """
    while course.status == RUNNING:
        if exact and protocol.published:
            course = _narrowed(course)
        course = _block(course, task, protocol, key)
        if on_test(course):
            break
    return course


def _narrowed(course: TrainingState) -> TrainingState:
    """Leave dead columns out once a narrower program will do; the order of units then changes."""
    mask = None if course.network.mask is None else np.asarray(course.network.mask)
    live = live_columns(np.asarray(course.network.weights), mask)
    width = width_of(int(live.sum()), course.network.size)
    if width >= (course.width or course.network.size):
        return course
    return replace(course, order=np.argsort(~live, kind="stable"), width=width)


def constants_of(network: TaskNetwork) -> Constants:
    """Return the numbers of a network that are part of the program."""
    return Constants(network.tau_range, network.dt, network.sensory_noise)


def next_block(protocol: Protocol, trials: int) -> tuple[int, int]:
    """Return the steps of the optimiser from so many trials to the next test, and how many trials to make for them.

    A block that is shorter than others has as many trials made, so that one program serves all.
    """
    until = next((test for test in protocol.tests() if test > trials), protocol.max_trials)
    steps = -(-(until - trials) // protocol.batch)
    return steps, max(-(-protocol.test_every // protocol.batch), steps) * protocol.batch


def _block(course: TrainingState, task: Task, protocol: Protocol, key: PRNGKeyArray) -> TrainingState:
    constants = constants_of(course.network)
    order, width, network = course.order, course.width, course.network
    frozen = frozen_part(network, order, width or network.size)
    parts, state = network.trainable, course.optimiser
    if order is not None:
        parts, state = condensed(parts, order, width), _moments(state, lambda tree: condensed(tree, order, width))
    for_trials, for_noise, for_tests = (jax.random.fold_in(key, i) for i in range(3))
    steps, number = next_block(protocol, course.trials)
    given = trials_from(task, for_trials, course.trials, number)
    learner, mean = _program.learn(
        Learner(parts, state, jnp.asarray(course.trials, jnp.int32)),
        frozen,
        given,
        jnp.asarray(steps, jnp.int32),
        for_noise,
        constants,
        protocol.learning,
    )
    trained = int(learner.trials)
    if not (np.isfinite(float(mean)) and _finite(learner.parts)):  # there is nothing to test
        return update(course, learner.parts, learner.optimiser, protocol, [trained, float(mean), np.nan, np.nan])
    last = trained >= protocol.max_trials
    test_key = jax.random.fold_in(for_tests, trained)
    loss, accuracy = _tested(learner.parts, frozen, task, protocol, constants, test_key, whole=last)
    return update(course, learner.parts, learner.optimiser, protocol, [trained, float(mean), loss, accuracy])


def update(course: TrainingState, parts: Any, state: Any, protocol: Protocol, test: list[float]) -> TrainingState:
    """Return the course after a block of trials and a test: (trials, mean loss before it, its loss and accuracy)."""
    trained, mean, loss, accuracy = int(test[0]), *test[1:]
    tests = np.concatenate([course.tests, [test]])
    if not (np.isfinite(mean) and _finite(parts)):
        # the network of the test before is the last one that is known to be finite
        return replace(course, trials=trained, status=DIVERGED, tests=tests)
    order, width, network = course.order, course.width, course.network
    if order is not None:
        full = course.optimiser
        parts = expanded(parts, network.trainable, order, width)
        state = full._replace(
            steps=state.steps,
            first=expanded(state.first, full.first, order, width),
            second=expanded(state.second, full.second, order, width),
        )
    done = protocol.reached(loss, accuracy) and trained >= protocol.least_trials
    last = trained >= protocol.max_trials
    return replace(
        course,
        network=network.trained(parts),
        optimiser=state,
        trials=trained,
        status=TRAINED if done else FAILED if last else RUNNING,
        tests=tests,
    )


def _finite(parts: Any) -> bool:
    return all(bool(np.isfinite(np.asarray(leaf)).all()) for leaf in jax.tree.leaves(parts))


def _moments(state: Any, change: Callable[[Any], Any]) -> Any:
    return state._replace(first=change(state.first), second=change(state.second))


def _tested(parts, frozen, task, protocol, constants, key, whole: bool) -> tuple[float, float]:
    most, errors = limits(protocol, whole)
    given = trials_from(task, jax.random.fold_in(key, 0), 0, protocol.test_trials)
    noise = jax.random.fold_in(key, 1)
    found = _program.test(parts, frozen, given, noise, most, errors, constants, protocol.testing, task)
    return outcome(protocol, *found)


def outcome(protocol: Protocol, total: Any, wrong: Any, done: Any) -> tuple[float, float]:
    """Return mean loss and accuracy; NaN both, if the test was stopped since it could not be passed."""
    number = protocol.test_trials
    if int(done) < number:
        return float("nan"), float("nan")
    return float(total) / number, 1.0 - int(wrong) / number


def limits(protocol: Protocol, whole: bool) -> tuple[Array, Array]:
    """Return the sum of losses and the number of errors above which a test cannot be passed; none if it is `whole`."""
    bounded = protocol.criterion is None and not whole
    most = protocol.loss_below * protocol.test_trials if bounded else np.inf
    errors = protocol.errors_allowed if bounded else protocol.test_trials
    return jnp.asarray(most, jnp.float32), jnp.asarray(errors, jnp.int32)


def trials_from(task: Task, key: PRNGKeyArray, first: int, number: int) -> Trial:
    """Return trials `first`, `first` + 1, …, each of which depends on its own number alone."""
    if not task.traceable:
        return jax.tree.map(jnp.asarray, task.block(number, key=jax.random.fold_in(key, first)))
    return _many(task, key, jnp.asarray(first, jnp.int32), number)


@partial(eqx.filter_jit)
def _many(task: Task, key: PRNGKeyArray, first: Any, number: int) -> Trial:
    keys = jax.vmap(lambda i: jax.random.fold_in(key, i))(first + jnp.arange(number))
    return jax.vmap(lambda k: task.trial(key=k))(keys)
