"""The problem that all contenders work on, and the proof that they compute the same."""

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from _training_plain import autodiff, one_product
from _training_remote import Remote, received, sent

import noisette as nz
from noisette.networks.task import TaskNetwork, Trainable
from noisette.training import _condense, _program, summed_error
from noisette.training._draws import trial_noise
from noisette.training._program import Constants

TASK = nz.tasks.DMS()  # 250 ms, two input channels
SIZE, CHANNELS = 200, 10
NETWORKS = 10  # of the ensemble in PyTorch
FORMS = ("published", "elementwise", "hoisted", "together")
TRIALS = 100
KEY = jax.random.key(11)


def network_of(live: int) -> TaskNetwork:
    """Return a network in which so many units are heard."""
    made = TaskNetwork.random(SIZE, channels=TASK.channels, noise_channels=CHANNELS, key=jax.random.key(0))
    weights = np.array(made.weights)
    weights[:, np.random.default_rng(0).permutation(SIZE)[live:]] = -0.01
    return made.trained(made.trainable._replace(weights=jnp.asarray(weights)))


def given_trials() -> Any:
    """Return the trials of all contenders but ours, which makes its own."""
    return TASK.block(TRIALS, key=jax.random.key(2))


def constants_of(network: TaskNetwork) -> Constants:
    """Return what is compiled into the program of training."""
    return Constants(network.tau_range, network.dt, network.sensory_noise)


def tell(remote: Remote, network: TaskNetwork) -> None:
    """Give PyTorch the problem: parts, trials, and noise for the comparison of gradients."""
    trials = given_trials()
    psi, xi, start = trial_noise(KEY, TASK.steps - 1, SIZE, CHANNELS)
    arrays = {**network.trainable._asdict(), "signs": network.signs, "input_weights": network.input_weights}
    arrays |= {"inputs": trials.inputs, "target": trials.target, "psi": psi, "xi": xi, "start": start}
    arrays |= {"tau_range": np.asarray(network.tau_range)}
    numbers = {"dt": network.dt, "sensory_noise": network.sensory_noise, "networks": NETWORKS}
    remote.ask("hold", {name: sent(values) for name, values in arrays.items()} | numbers)


def agreement(remote: Remote | None, live: int) -> str:
    """Check that all contenders find the same loss and gradients; say how far they are apart, in float32."""
    network, trial = network_of(live), jax.tree.map(lambda leaf: leaf[0], given_trials())
    noise = trial_noise(KEY, TASK.steps - 1, SIZE, CHANNELS)
    exact = lambda tree: jax.tree.map(lambda leaf: jnp.asarray(leaf, float), tree)  # noqa: E731
    # float64 all through, as the reference
    reference = jax.jit(partial(autodiff, exact(network)))(exact(network.trainable), exact(trial), exact(noise))
    gradients = {"Noisette": ours(network, trial)}
    plain = {"JAX, autodiff": autodiff, "JAX, dW in one product": one_product}
    gradients |= {name: jax.jit(partial(of, network))(network.trainable, trial, noise) for name, of in plain.items()}
    if remote is not None:
        tell(remote, network)
        for form in FORMS:
            answer = remote.ask("gradient", form)
            gradient = Trainable(*(received(answer[name]) for name in Trainable._fields))
            gradients[f"PyTorch, {form}"] = answer["loss"], gradient
    apart = {name: distance(value, reference) for name, value in gradients.items()}
    for name, value in apart.items():
        assert value < 1e-4, f"{name} finds other gradients: {value:.1e}"
    text = ", ".join(f"{name} {value:.1e}" for name, value in apart.items())
    return (
        f"{live} units heard: loss {float(reference[0]):.6g}; greatest distance of the loss or of a gradient from "
        f"float64, relative to the greatest of its kind: {text}."
    )


def ours(network: TaskNetwork, trial: Any) -> tuple[Any, Trainable]:
    """Return loss and gradients by the program of training, dead columns left out, in the order of the network."""
    live = _condense.live_columns(np.asarray(network.weights), None)
    width = _condense.width_of(int(live.sum()), SIZE)
    order = None if width == SIZE else np.argsort(~live, kind="stable")
    frozen, parts = _condense.frozen_part(network, order, width), network.trainable
    if order is not None:
        parts = _condense.condensed(parts, order, width)
    constants = constants_of(network)

    def loss(parts):
        return summed_error(_program.outputs_of(parts, frozen, constants, trial.inputs, KEY), trial)

    value, gradient = jax.jit(jax.value_and_grad(loss))(parts)
    if order is None:
        return value, gradient
    nothing = jax.tree.map(jnp.zeros_like, network.trainable)
    return value, _condense.expanded(gradient, nothing, order, width)


def distance(result: tuple[Any, Trainable], reference: tuple[Any, Trainable]) -> float:
    """Return the greatest difference over parts, each relative to the greatest value in it."""
    pairs = zip(jax.tree.leaves(result), jax.tree.leaves(reference), strict=True)
    return max(float(np.abs(np.asarray(a, float) - b).max() / np.abs(b).max()) for a, b in pairs)
