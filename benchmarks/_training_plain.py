"""Training in plain JAX: the equations step by step, differentiated by JAX, in one compiled function."""

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

from noisette.networks.task import TaskNetwork, Trainable
from noisette.training import published_adam, run_trial, summed_error

Noise = tuple[jax.Array, jax.Array, jax.Array]
Gradient = Callable[[Any, Trainable, Any, Noise], tuple[jax.Array, Trainable]]


def autodiff(network: TaskNetwork, parts: Trainable, trial: Any, noise: Noise) -> tuple[jax.Array, Trainable]:
    """Return loss and gradients of one trial by direct differentiation of the loop."""

    def loss(parts):
        return summed_error(run_trial(network.trained(parts), trial.inputs, *noise)[1], trial)

    return jax.value_and_grad(loss)(parts)


def one_product(network: TaskNetwork, parts: Trainable, trial: Any, noise: Noise) -> tuple[jax.Array, Trainable]:
    """Return the same; the gradient of the weights is computed by one product after the loop."""

    def loss(parts, current):
        fixed = parts._replace(weights=jax.lax.stop_gradient(parts.weights))
        units, outputs = run_trial(network.trained(fixed), trial.inputs, *noise, current)
        return summed_error(outputs, trial), units

    zero = jnp.zeros_like(noise[1])
    (value, units), (gradient, current_gradient) = jax.value_and_grad(loss, (0, 1), has_aux=True)(parts, zero)
    rates = jax.nn.sigmoid(jnp.concatenate([noise[2][None], units[:-1]]))
    return value, gradient._replace(weights=jnp.where(parts.weights > 0, current_gradient.T @ rates * network.signs, 0))


def draw_noise(key: jax.Array, steps: int, size: int, channels: int) -> Noise:
    """Draw the noise of a trial by jax.random."""
    keys = jax.random.split(key, 3)
    shapes = (steps, channels), (steps, size), (size,)
    psi, xi, start = (jax.random.normal(k, shape, jnp.float32) for k, shape in zip(keys, shapes, strict=True))
    return psi, xi, 0.01 * start


class Plain:
    """Training in plain JAX: trials from the beginning, with one step of Adam per trial, in one compiled loop."""

    def __init__(self, gradient: Gradient, network: TaskNetwork, trials: Any) -> None:
        self.network, self.trials, self.gradient = network, trials, gradient

    def run(self, steps: int) -> None:
        key = jax.random.key(1)
        jax.block_until_ready(_learn(self.gradient, self.network, self.trials, jnp.asarray(steps, jnp.int32), key))


@partial(jax.jit, static_argnums=0)
def _learn(gradient: Gradient, network: TaskNetwork, trials: Any, count: jax.Array, key: jax.Array) -> Any:
    adam, number = published_adam(0.01), trials.label.shape[0]

    def step(i, carry):
        parts, state, total = carry
        trial = jax.tree.map(lambda leaf: leaf[i % number], trials)
        noise = draw_noise(jax.random.fold_in(key, i), trial.inputs.shape[0] - 1, network.size, network.noise_channels)
        value, slopes = gradient(network, parts, trial, noise)
        change, state = adam.update(slopes, state, parts)
        return jax.tree.map(jnp.add, parts, change), state, total + value

    first = network.trainable, adam.init(network.trainable), jnp.zeros((), jnp.float32)
    return jax.lax.fori_loop(0, count, step, first)
