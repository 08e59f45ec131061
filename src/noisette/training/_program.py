"""The two compiled programs of training: steps of the optimiser, and a test."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from noisette.networks import Trainable
from noisette.tasks import Task, Trial
from noisette.training._condense import Frozen
from noisette.training._draws import PlacedNoise, Stds, placed_noise, trial_noise
from noisette.training._loop import without_fusion
from noisette.training._trajectory import rate_trajectory
from noisette.training.protocol import Protocol


class Constants(NamedTuple):
    """Numbers of a network that training does not change, compiled into the program except for `step_noise`."""

    tau_range: tuple[float, float]
    dt: float
    sensory_noise: float
    step_noise: Stds | None = None


class Learner(NamedTuple):
    """Variables of a step of the optimiser: parameters, optimiser state, and the number of trials so far."""

    parts: Trainable
    optimiser: Any
    trials: Int[Array, ""]


class Bounds(NamedTuple):
    """Sum of losses and number of errors beyond which a test can no longer be passed."""

    loss: Float[Array, "*networks"]
    errors: Int[Array, "*networks"]


def trial_outputs(
    parts: Trainable, frozen: Frozen, constants: Constants, inputs: Float[Array, "time channels"], key: PRNGKeyArray
) -> Float[Array, "steps outputs"]:
    """Return the outputs of one trial, with the noise of `key`."""
    low, high = constants.tau_range
    alpha = constants.dt / (low + (high - low) * jax.nn.sigmoid(parts.logits))
    weights = jax.nn.relu(parts.weights) * frozen.signs
    if frozen.mask is not None:
        weights = weights * frozen.mask
    size, channels = parts.noise_weights.shape
    psi, xi, initial = without_fusion(
        lambda key: trial_noise(key, inputs.shape[0] - 1, size, channels, frozen.order), key
    )
    outer = jnp.concatenate([parts.noise_weights, frozen.input_weights], axis=1)
    signals = jnp.concatenate([psi, inputs[:-1]], axis=1)
    noise = constants.sensory_noise * xi
    stds = constants.step_noise
    if stds is None:
        rates = rate_trajectory(weights, outer, alpha, signals, noise, initial)
        return rates @ parts.readout.T + parts.readout_bias
    steps, sizes = len(signals), {"size": size, "outputs": len(parts.readout), "width": weights.shape[1]}
    placed = without_fusion(lambda key: placed_noise(key, stds, steps, order=frozen.order, **sizes), key)
    weights, noise, initial = moved_noise(placed, weights, alpha, noise, initial)
    rates = rate_trajectory(weights, outer, alpha, signals, noise, initial)
    observed = rates if placed.rate is None else rates + placed.rate[1:]
    outputs = observed @ parts.readout.T + parts.readout_bias
    return outputs if placed.readout is None else outputs + placed.readout


def moved_noise(placed: PlacedNoise, weights: Array, alpha: Array, noise: Array, initial: Array) -> tuple[Array, ...]:
    """Return weights, noise and initial state of `rate_trajectory` that have the same effect as noise at all places.

    With η_t inside the activation and ρ_t on the rates, y_t = x_t + η_t obeys the equation of x_t with noise on the
    current only, and has the rates σ(y_t):

        y_t = (1 − α) ∘ y_{t−1} + α ∘ (W σ(y_{t−1}) + V s_t) + n'_t,    y_0 = x_0 + η_0,

        n'_t = n_t + η_t − (1 − α) ∘ η_{t−1} + α ∘ (W ρ_{t−1}).

    Parameters
    ----------
    placed : noise at places other than the current
    weights, alpha : W, shape (N, K), and α
    noise, initial : noise on the current, n_t, and initial state x_0
    """
    if placed.synapses is not None:
        weights = weights * (1 + placed.synapses)
    if placed.activation is not None:
        noise = noise + placed.activation[1:] - (1 - alpha) * placed.activation[:-1]
        initial = initial + placed.activation[0]
    if placed.rate is not None:
        noise = noise + alpha * (placed.rate[:-1, : weights.shape[1]] @ weights.T)
    return weights, noise, initial


def noise_key(key: PRNGKeyArray, number: Int[Array, ""] | int) -> PRNGKeyArray:
    """Return the key of the noise of one trial."""
    return jax.random.fold_in(key, number)


@eqx.filter_jit
def learn(
    learner: Learner,
    frozen: Frozen,
    trials: Trial,
    count: Int[Array, ""],
    key: PRNGKeyArray,
    constants: Constants,
    protocol: Protocol,
) -> tuple[Learner, Float[Array, ""]]:
    """Take `count` steps of the optimiser on the first of the trials; return also the mean loss."""
    transformation = protocol.transformation()
    batch = protocol.batch

    def loss(parts, trial, number):
        return protocol.loss(trial_outputs(parts, frozen, constants, trial.inputs, noise_key(key, number)), trial)

    def mean_loss(parts, block, first):
        if batch == 1:
            return loss(parts, jax.tree.map(lambda leaf: leaf[0], block), first)
        return jnp.mean(jax.vmap(loss, (None, 0, 0))(parts, block, first + jnp.arange(batch)))

    def step(i, carry):
        current, total = carry
        block = jax.tree.map(lambda leaf: jax.lax.dynamic_slice_in_dim(leaf, i * batch, batch), trials)
        value, gradient = jax.value_and_grad(mean_loss)(current.parts, block, current.trials)
        change, state = transformation.update(gradient, current.optimiser, current.parts)
        parts = jax.tree.map(jnp.add, current.parts, change)
        return Learner(parts, state, current.trials + batch), total + value

    after, total = jax.lax.fori_loop(0, count, step, (learner, jnp.zeros((), learner.parts.weights.dtype)))
    return after, total / count


@eqx.filter_jit
def test(
    parts: Trainable,
    frozen: Frozen,
    trials: Trial,
    key: PRNGKeyArray,
    bounds: Bounds,
    constants: Constants,
    protocol: Protocol,
    task: Task,
) -> tuple[Float[Array, ""], Int[Array, ""], Int[Array, ""]]:
    """Run the trials of a test until it can no longer be passed.

    Returns
    -------
    (sum of losses, number of errors, number of trials run)
    """
    number = trials.label.shape[0]

    def unfinished(carry):
        i, total, errors = carry
        return (i < number) & (errors <= bounds.errors) & ~(total >= bounds.loss)

    def run(carry):
        i, total, errors = carry
        trial = jax.tree.map(lambda leaf: leaf[i], trials)
        outputs = trial_outputs(parts, frozen, constants, trial.inputs, noise_key(key, i))
        correct = task.correct(outputs, trial, protocol.score)
        return i + 1, total + protocol.loss(outputs, trial), errors + ~correct

    zero = jnp.zeros((), jnp.int32)
    done, total, errors = jax.lax.while_loop(unfinished, run, (zero, jnp.zeros((), bounds.loss.dtype), zero))
    return total, errors, done
