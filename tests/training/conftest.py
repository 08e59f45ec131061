"""Private parts of training that several files of tests use."""

import functools

import jax
import pytest

from noisette.training import _checkpoint, _condense, _draws, _one, _program, ensemble, run_trial


@pytest.fixture(scope="session")
def draws():
    """Return the function that draws the noise of a trial and its initial state."""
    return _draws.draws


@pytest.fixture(scope="session")
def program():
    """Return the module of the compiled programs of training."""
    return _program


@pytest.fixture(scope="session")
def frozen_part():
    """Return the function that collects what training does not change of a network."""
    return _condense.frozen_part


@pytest.fixture(scope="session")
def trials_from():
    """Return the function that draws a block of trials of a task."""
    return _one.trials_from


@pytest.fixture(scope="session")
def initial_state():
    """Return the training state before the first step, of seed 0: initial_state(initial, index, protocol)."""
    return lambda initial, index, protocol: _one.initial_state(ensemble.drawn(initial, 0, index), protocol)


@pytest.fixture(scope="session")
def resume(initial_state):
    """Return a function that writes a checkpoint, reads it and trains on to the end, with seed 0."""

    def run(state, path, initial, index, task, protocol):
        _checkpoint.keep(state, path)
        resumed = _checkpoint.resumed(initial_state(initial, index, protocol), path)
        key = jax.random.fold_in(jax.random.fold_in(jax.random.key(0), index), 1)
        return _one.trained_on(resumed, task, protocol, key=key)

    return run


@pytest.fixture(scope="session")
def plain_loss():
    """Return the loss of one trial and its outputs, by the equations as they are written."""

    @functools.partial(jax.jit, static_argnames="loss")
    def run(parts, network, trial, key, loss):
        noise = _draws.draws(key, len(trial.target) - 1, network.size, network.noise_weights.shape[1])
        outputs = run_trial(network.trained(parts), trial.inputs, *noise)[1]
        return loss(outputs, trial), outputs

    return run
