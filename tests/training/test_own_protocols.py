"""User-defined protocols: another optimiser, loss, criterion and batch size."""

import dataclasses
import functools
import json
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from noisette import tasks
from noisette.networks import TaskNetwork
from noisette.training import Protocol, Trained, TrainingOptions, load, train

TASK = tasks.AFC(fixation=25, stimulus=50, duration=150)
random = functools.partial(TaskNetwork.random, 24, channels=1, noise_channels=2)


def assert_same(first, second):
    """Assert that two networks are equal bit for bit."""
    for name in (*first.trainable._fields, "signs", "input_weights"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name), err_msg=name)


def never(loss, accuracy):
    return False


class Run(NamedTuple):
    """A trained network, and its training states after each test."""

    end: Trained
    states: list


def leap(count):
    """Return a learning rate of 0.1 for two steps, and an infinite one afterwards."""
    return jnp.where(count < 2, 0.1, jnp.inf)


def squares(outputs, trial):
    return jnp.sum(trial.mask[:-1, None] * (outputs - trial.target[:-1]) ** 2)


BATCHED = Protocol(
    max_trials=30,
    test_every=3,
    test_trials=10,
    batch=3,
    optimiser=functools.partial(optax.sgd, leap),
    loss=squares,
    criterion=never,
)


@pytest.fixture(scope="module")
def batched(tmp_path_factory):
    states = []
    options = TrainingOptions(on_test=lambda index, state: states.append(state))
    folder = tmp_path_factory.mktemp("batched")
    (end,) = train(TASK, 1, draw=random, protocol=BATCHED, folder=folder, options=options)
    return Run(end, states)


@pytest.mark.slow
def test_optimiser_batch_loss_and_criterion_can_be_replaced(batched, member, plain_loss, program, trials_from):
    """Each step follows the mean gradient of three trials, computed from the plain equations."""
    network, key = member(random, 0, TASK, BATCHED)
    for_trials, for_noise = jax.random.fold_in(key, 0), jax.random.fold_in(key, 1)
    parts, slope = network.trainable, jax.jit(jax.grad(plain_loss, has_aux=True), static_argnames="loss")
    for state, first in zip(batched.states, (0, 3), strict=False):
        block = trials_from(TASK, for_trials, first, 3)
        rows = [
            slope(
                parts,
                network,
                jax.tree.map(lambda leaf, i=i: leaf[i], block),
                program.noise_key(for_noise, first + i),
                loss=squares,
            )[0]
            for i in range(3)
        ]
        parts = jax.tree.map(lambda p, *g: p - 0.1 * sum(g) / 3, parts, *rows)
        assert state.trials == first + 3
        for name, actual, expected in zip(parts._fields, state.network.trainable, parts, strict=True):
            np.testing.assert_allclose(actual, expected, rtol=1e-4, atol=1e-6, err_msg=name)


@pytest.mark.slow
def test_a_diverged_network_is_returned_in_its_previous_state(batched):
    end = batched.end
    assert (end.status, end.success, end.trials) == ("diverged", False, 9)
    assert np.isfinite(end.tests[-1, 1])  # the losses up to this step were finite, the weights after it are not
    assert_same(end.network, batched.states[1].network)
    assert_same(load(end.file).network, end.network)
    assert (end.loss, np.isnan(end.accuracy)) == (end.tests[-1, 1], True)
    kept = json.loads(json.dumps(load(end.file).configuration["training"], allow_nan=False))
    assert (kept["status"], kept["accuracy"]) == ("diverged", None)
    assert kept["tests"][-1][2:] == [None, None]


@pytest.mark.slow
def test_training_with_other_optimisers_resumes(batched, tmp_path, resume):
    again = resume(batched.states[0], tmp_path / "c.npz", random, 0, TASK, BATCHED)
    assert_same(again.network, batched.end.network)
    np.testing.assert_array_equal(again.tests, batched.end.tests)


@pytest.mark.slow
def test_a_batch_longer_than_the_time_between_tests_is_tested_once():
    often = dataclasses.replace(BATCHED, max_trials=4, test_every=1)
    (end,) = train(TASK, 1, draw=random, protocol=often)
    assert (end.status, end.trials, end.tests[:, 0].tolist()) == ("failed", 6, [3.0, 6.0])
