"""Problem solved by all implementations, and a check that their losses and gradients agree."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from _training_plain import autodiff, one_product
from _training_remote import Remote, decoded, encoded

import noisette as nz
from noisette.networks.task import TaskNetwork, Trainable
from noisette.training import _condense, _program, summed_error
from noisette.training._draws import trial_noise
from noisette.training._program import Constants

TASK = nz.tasks.DMS()  # 250 ms, two input channels
SIZE, CHANNELS = 200, 10
NETWORKS = 10  # size of the ensemble in PyTorch
FORMS = ("published", "elementwise", "hoisted", "together")
TRIALS = 100
KEY = jax.random.key(11)


def network_of(live: int) -> TaskNetwork:
    """Return a network in which `live` units have outgoing connections."""
    network = TaskNetwork.random(SIZE, channels=TASK.channels, noise_channels=CHANNELS, key=jax.random.key(0))
    weights = np.array(network.weights)
    weights[:, np.random.default_rng(0).permutation(SIZE)[live:]] = -0.01
    return network.trained(network.trainable._replace(weights=jnp.asarray(weights)))


def given_trials() -> Any:
    """Return the trials of all implementations except Noisette, which draws its own trials."""
    return TASK.block(TRIALS, key=jax.random.key(2))


def constants_of(network: TaskNetwork) -> Constants:
    """Return the constants that are compiled into the training program."""
    return Constants(network.tau_range, network.dt, network.sensory_noise)


def send_problem(remote: Remote, network: TaskNetwork) -> None:
    """Send the problem to PyTorch: trainable arrays, trials, and the noise for the comparison of gradients."""
    trials = given_trials()
    psi, xi, start = trial_noise(KEY, TASK.steps - 1, SIZE, CHANNELS)
    arrays = {**network.trainable._asdict(), "signs": network.signs, "input_weights": network.input_weights}
    arrays |= {"inputs": trials.inputs, "target": trials.target, "psi": psi, "xi": xi, "start": start}
    arrays |= {"tau_range": np.asarray(network.tau_range)}
    numbers = {"dt": network.dt, "sensory_noise": network.sensory_noise, "networks": NETWORKS}
    remote.call("set_problem", {name: encoded(values) for name, values in arrays.items()} | numbers)


def gradient_note(remote: Remote | None, live: int) -> str:
    """Check that losses and gradients in float32 agree, and return a note on their deviations from float64."""
    network, trial = network_of(live), jax.tree.map(lambda leaf: leaf[0], given_trials())
    noise = trial_noise(KEY, TASK.steps - 1, SIZE, CHANNELS)
    exact = lambda tree: jax.tree.map(lambda leaf: jnp.asarray(leaf, float), tree)  # noqa: E731
    # reference in float64
    reference = jax.jit(partial(autodiff, exact(network)))(exact(network.trainable), exact(trial), exact(noise))
    gradients = {"Noisette": ours(network, trial)}
    plain = {"JAX, autodiff": autodiff, "JAX, dW in one product": one_product}
    gradients |= {
        name: jax.jit(partial(form, network))(network.trainable, trial, noise) for name, form in plain.items()
    }
    if remote is not None:
        send_problem(remote, network)
        for form in FORMS:
            answer = remote.call("gradient", form)
            gradient = Trainable(*(decoded(answer[name]) for name in Trainable._fields))
            gradients[f"PyTorch, {form}"] = answer["loss"], gradient
    deviations = {name: deviation(value, reference) for name, value in gradients.items()}
    for name, value in deviations.items():
        assert value < 1e-4, f"gradients of {name} deviate by {value:.1e}"
    text = ", ".join(f"{name} {value:.1e}" for name, value in deviations.items())
    return (
        f"{live} units with outgoing connections: loss {float(reference[0]):.6g}; largest deviation of the loss or of "
        f"a gradient from float64, relative to its largest entry: {text}."
    )


def ours(network: TaskNetwork, trial: Any) -> tuple[Any, Trainable]:
    """Return loss and gradients by the training program without empty columns, in the order of units of the network."""
    live = _condense.live_columns(np.asarray(network.weights), None)
    width = _condense.width_of(int(live.sum()), SIZE)
    order = None if width == SIZE else np.argsort(~live, kind="stable")
    frozen, parts = _condense.frozen_part(network, order, width), network.trainable
    if order is not None:
        parts = _condense.condensed(parts, order, width)
    constants = constants_of(network)

    def loss(parts):
        return summed_error(_program.trial_outputs(parts, frozen, constants, trial.inputs, KEY), trial)

    value, gradient = jax.jit(jax.value_and_grad(loss))(parts)
    if order is None:
        return value, gradient
    zeros = jax.tree.map(jnp.zeros_like, network.trainable)
    return value, _condense.expanded(gradient, zeros, order, width)


def deviation(result: tuple[Any, Trainable], reference: tuple[Any, Trainable]) -> float:
    """Return the largest difference over all arrays, each relative to the largest entry of the array."""
    pairs = zip(jax.tree.leaves(result), jax.tree.leaves(reference), strict=True)
    return max(float(np.abs(np.asarray(a, float) - b).max() / np.abs(b).max()) for a, b in pairs)
