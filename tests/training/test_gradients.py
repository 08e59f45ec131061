"""Gradients of training against an independent forward pass, and parameters without gradient."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette import tasks, training
from noisette.networks import TaskNetwork
from noisette.training import _condense, _program

SIZE, CHANNELS = 14, 3
TASK = tasks.DMS(fixation=10, stimulus=15, delay=10, gap=5, response=30, duration=90)


@pytest.fixture(scope="module")
def network():
    drawn = TaskNetwork.random(SIZE, noise_channels=CHANNELS, density=0.6, key=jax.random.key(0))
    weights = np.array(drawn.weights)
    weights[:, 3] = -0.01  # a unit whose outgoing weights are all dead
    mask = np.ones((SIZE, SIZE), bool)
    mask[2, 5] = False
    return TaskNetwork(
        weights,
        drawn.signs,
        drawn.logits,
        drawn.input_weights,
        10 * drawn.readout,
        readout_bias=[0.1],
        noise_weights=drawn.noise_weights,
        mask=mask,
    )


@pytest.fixture(scope="module")
def trial():
    return TASK.trial(key=jax.random.key(1), label=1)


KEY = jax.random.key(2)


@pytest.fixture(scope="module")
def noise(trial_noise):
    return [np.asarray(values, float) for values in trial_noise(KEY, TASK.steps - 1, SIZE, CHANNELS)]


def independent_loss(xp, network, trial, noise, parameters):
    """Return the loss from the plain equations, in NumPy or JAX with float64; the derivative of relu at 0 is 0."""
    raw, logits, readout, bias, noise_weights = parameters
    psi, xi, x = noise
    inputs, target = np.asarray(trial.inputs, float), np.asarray(trial.target, float)
    tau = 20 + 105 / (1 + xp.exp(-logits))
    weights = xp.where(raw > 0, raw, 0.0) * np.asarray(network.signs, float)[None, :] * np.asarray(network.mask)
    total = 0.0
    for t in range(TASK.steps - 1):
        rate = 1 / (1 + xp.exp(-x))
        current = weights @ rate + noise_weights @ psi[t] + np.asarray(network.input_weights, float) @ inputs[t]
        x = (1 - 5 / tau) * x + 5 / tau * current + 0.1 * xi[t]
        total = total + ((readout @ (1 / (1 + xp.exp(-x))) + bias - target[t]) ** 2).sum()
    return xp.sqrt(total)


def fast_loss(parts, frozen, trial):
    constants = _program.Constants((20.0, 125.0), 5.0, 0.1)
    return training.summed_error(_program.trial_outputs(parts, frozen, constants, trial.inputs, KEY), trial)


@pytest.fixture(scope="module")
def gradients(network, trial):
    frozen = _condense.frozen_part(network, None, SIZE)
    return jax.jit(jax.grad(fast_loss))(network.trainable, frozen, trial)


@pytest.mark.slow
def test_gradients_are_those_of_an_independent_forward_pass(network, trial, noise, gradients):
    exact = [np.asarray(leaf, float) for leaf in network.trainable]
    expected = jax.grad(lambda p: independent_loss(jnp, network, trial, noise, p))(exact)
    for name, ours, theirs in zip(gradients._fields, gradients, expected, strict=True):
        scale = np.abs(theirs).max()
        assert scale > 0, name
        assert np.abs(np.asarray(ours) - theirs).max() < 1e-5 * scale, name


@pytest.mark.slow
def test_gradients_are_finite_differences(network, trial, noise, gradients):
    exact = [np.asarray(leaf, float) for leaf in network.trainable]
    alive = tuple(np.argwhere(exact[0] > 0.05)[7])
    places = {"weights": alive, "logits": (4,), "readout": (0, 6), "readout_bias": (0,), "noise_weights": (5, 1)}
    for i, (name, place) in enumerate(places.items()):
        ends = []
        for sign in (1, -1):
            moved = [leaf.copy() for leaf in exact]
            moved[i][place] += sign * 1e-5
            ends.append(independent_loss(np, network, trial, noise, moved))
        slope = (ends[0] - ends[1]) / 2e-5
        scale = float(np.abs(gradients[i]).max())
        assert float(getattr(gradients, name)[place]) == pytest.approx(slope, abs=1e-5 * scale), name


def test_dead_weights_have_no_gradient(network, gradients):
    """The derivative at a raw weight of zero is 0, not ½ as for a symmetric maximum, so that it stays dead."""
    raw = np.asarray(network.weights)
    assert (raw == 0).any()
    assert (np.asarray(gradients.weights)[raw <= 0] == 0).all()
    assert (np.asarray(gradients.weights)[raw > 0] != 0).mean() > 0.9


def test_masked_weights_have_no_gradient(gradients):
    assert float(gradients.weights[2, 5]) == 0


@pytest.mark.slow
def test_leaving_dead_columns_out_does_not_change_gradients(network, trial, gradients):
    live = _condense.live_columns(np.asarray(network.weights), np.asarray(network.mask))
    assert not live[3]
    order, width = np.argsort(~live, kind="stable"), int(live.sum())
    parts, frozen = _condense.condensed(network.trainable, order, width), _condense.frozen_part(network, order, width)
    result = jax.jit(jax.grad(fast_loss))(parts, frozen, trial)
    back = _condense.expanded(result, jax.tree.map(jnp.zeros_like, gradients), order, width)
    for ours, expected in zip(back, gradients, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=0, atol=2e-6 * float(np.abs(expected).max()))


def test_condensing_and_expanding_is_the_identity(network):
    order, width = np.random.default_rng(0).permutation(SIZE), 9
    back = _condense.expanded(_condense.condensed(network.trainable, order, width), network.trainable, order, width)
    assert all((np.asarray(a) == np.asarray(b)).all() for a, b in zip(back, network.trainable, strict=True))


@pytest.mark.parametrize("size", [1, 8, 17, 200, 1000])
def test_every_number_of_live_columns_fits_a_width(size):
    widths = _condense.widths(size)
    assert widths == sorted(set(widths), reverse=True)
    assert widths[0] == size
    for live in range(size + 1):
        assert live <= _condense.width_of(live, size) <= size
