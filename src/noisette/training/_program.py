"""The two compiled programs of training: some steps of the optimiser, and a test."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from noisette.networks import Trainable
from noisette.tasks import Task, Trial
from noisette.training._condense import Frozen
from noisette.training._draws import draws
from noisette.training._loop import apart
from noisette.training._trajectory import trajectory
from noisette.training.protocol import Protocol


class Constants(NamedTuple):
    """Numbers of a network that training does not change, and that are part of the program."""

    tau_range: tuple[float, float]
    dt: float
    sensory_noise: float


class Learner(NamedTuple):
    """What training changes: parts, state of the optimiser, and the number of trials so far."""

    parts: Trainable
    optimiser: Any
    trials: Int[Array, ""]


def outputs_of(
    parts: Trainable, frozen: Frozen, constants: Constants, inputs: Float[Array, "time channels"], key: PRNGKeyArray
) -> Float[Array, "steps outputs"]:
    """Return the outputs of one trial in fresh noise."""
    low, high = constants.tau_range
    alpha = constants.dt / (low + (high - low) * jax.nn.sigmoid(parts.logits))
    weights = jax.nn.relu(parts.weights) * frozen.signs
    if frozen.mask is not None:
        weights = weights * frozen.mask
    size, channels = parts.noise_weights.shape
    psi, xi, start = apart(lambda key: draws(key, inputs.shape[0] - 1, size, channels, frozen.order), key)
    outer = jnp.concatenate([parts.noise_weights, frozen.input_weights], axis=1)
    signals = jnp.concatenate([psi, inputs[:-1]], axis=1)
    rates = trajectory(weights, outer, alpha, signals, constants.sensory_noise * xi, start)
    return rates @ parts.readout.T + parts.readout_bias


def noise_key(key: PRNGKeyArray, number: Int[Array, ""] | int) -> PRNGKeyArray:
    """Return the key of the noise of a trial."""
    return jax.random.fold_in(key, number)


@eqx.filter_jit
def learn(
    learner: Learner,
    frozen: Frozen,
    given: Trial,
    count: Int[Array, ""],
    key: PRNGKeyArray,
    constants: Constants,
    protocol: Protocol,
) -> tuple[Learner, Float[Array, ""]]:
    """Take `count` steps of the optimiser on the first of the given trials; return also the mean loss."""
    transformation = protocol.transformation()
    batch = protocol.batch

    def loss(parts, trial, at):
        return protocol.loss(outputs_of(parts, frozen, constants, trial.inputs, noise_key(key, at)), trial)

    def batched(parts, trials, first):
        if batch == 1:
            return loss(parts, jax.tree.map(lambda leaf: leaf[0], trials), first)
        return jnp.mean(jax.vmap(loss, (None, 0, 0))(parts, trials, first + jnp.arange(batch)))

    def step(i, carried):
        now, total = carried
        trials = jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, i * batch, batch), given)
        value, gradient = jax.value_and_grad(batched)(now.parts, trials, now.trials)
        change, state = transformation.update(gradient, now.optimiser, now.parts)
        parts = jax.tree.map(jnp.add, now.parts, change)
        return Learner(parts, state, now.trials + batch), total + value

    after, total = jax.lax.fori_loop(0, count, step, (learner, jnp.zeros((), learner.parts.weights.dtype)))
    return after, total / count


@eqx.filter_jit
def test(
    parts: Trainable,
    frozen: Frozen,
    given: Trial,
    key: PRNGKeyArray,
    most: Float[Array, ""],
    errors: Int[Array, ""],
    constants: Constants,
    protocol: Protocol,
    task: Task,
) -> tuple[Float[Array, ""], Int[Array, ""], Int[Array, ""]]:
    """Test until it can no longer be passed; return the sum of losses, the errors, and the number of trials done.

    `most` is the sum of losses, and `errors` the number of errors, above which it cannot be.
    """
    number = given.label.shape[0]

    def unfinished(carried):
        i, total, wrong = carried
        return (i < number) & (wrong <= errors) & ~(total >= most)

    def trial(carried):
        i, total, wrong = carried
        one = jax.tree.map(lambda leaf: leaf[i], given)
        outputs = outputs_of(parts, frozen, constants, one.inputs, noise_key(key, i))
        right = task.correct(outputs, one, protocol.score)
        return i + 1, total + protocol.loss(outputs, one), wrong + ~right

    zero = jnp.zeros((), jnp.int32)
    done, total, wrong = jax.lax.while_loop(unfinished, trial, (zero, jnp.zeros((), most.dtype), zero))
    return total, wrong, done
