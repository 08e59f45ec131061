"""Fixtures for private functions of training that several test files use."""

import functools
from types import SimpleNamespace

import jax
import pytest

from noisette.training import (
    TrainingOptions,
    _checkpoint,
    _condense,
    _draws,
    _network,
    _program,
    ensemble,
    run_trial,
)


@pytest.fixture(scope="session")
def trial_noise():
    """Return the function that draws the noise of a trial and its initial state."""
    return _draws.trial_noise


@pytest.fixture(scope="session")
def program():
    """Return the module of the compiled programs of training."""
    return _program


@pytest.fixture(scope="session")
def internals():
    """Return the private modules of training, by name."""
    return SimpleNamespace(draws=_draws, condense=_condense, network=_network, program=_program)


@pytest.fixture(scope="session")
def frozen_part():
    """Return the function that collects the parts of a network that training does not change."""
    return _condense.frozen_part


@pytest.fixture(scope="session")
def trials_from():
    """Return the function that draws a block of trials of a task."""
    return _network.trials_from


@pytest.fixture(scope="session")
def member():
    """Return a function that returns an untrained network of the ensemble of key 0, and its training key."""

    def untrained(draw, index, task, protocol):
        ensemble_of_key_0 = ensemble.Ensemble(draw, task, protocol, 0, None, TrainingOptions())
        return ensemble_of_key_0.draw_network(index), ensemble_of_key_0.training_key(index)

    return untrained


@pytest.fixture(scope="session")
def initial_state(member):
    """Return a function that returns the training state of a network of key 0 before its first trial."""
    return lambda draw, index, task, protocol: _network.initial_state(member(draw, index, task, protocol)[0], protocol)


@pytest.fixture(scope="session")
def resume(member, initial_state):
    """Return a function that writes a checkpoint, reads it and resumes training to the end, with key 0."""

    def run(state, path, draw, index, task, protocol):
        _checkpoint.save_checkpoint(state, path)
        resumed = _checkpoint.load_checkpoint(initial_state(draw, index, task, protocol), path)
        key = member(draw, index, task, protocol)[1]
        return _network.train_network(resumed, task, protocol, key=key)

    return run


@pytest.fixture(scope="session")
def plain_loss():
    """Return a function that computes the loss and outputs of one trial from the plain equations."""

    @functools.partial(jax.jit, static_argnames="loss")
    def run(parts, network, trial, key, loss):
        noise = _draws.trial_noise(key, len(trial.target) - 1, network.size, network.noise_weights.shape[1])
        outputs = run_trial(network.trained(parts), trial.inputs, *noise)[1]
        return loss(outputs, trial), outputs

    return run
