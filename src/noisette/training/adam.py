"""Adam in the form of TensorFlow, which the published networks were trained with."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int

FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8


class Moments(NamedTuple):
    """Number of steps, and running means of gradients and of their squares."""

    steps: Int[Array, ""]
    first: Any
    second: Any


def published_adam(learning_rate: float = 0.01) -> optax.GradientTransformation:
    """Adam as TensorFlow 1 has it, whose ε stands beside the uncorrected √v (its paper's ε-hat form).

    .. math:: m \\leftarrow \\beta_1 m + (1 - \\beta_1) g, \\quad v \\leftarrow \\beta_2 v + (1 - \\beta_2) g^2, \\quad
       \\theta \\leftarrow \\theta - \\eta \\frac{\\sqrt{1 - \\beta_2^n}}{1 - \\beta_1^n}
       \\frac{m}{\\sqrt v + \\varepsilon}

    with β₁ = 0.9, β₂ = 0.999, ε = 1e−8. ``optax.adam`` has ε beside √v̂, so the two differ where gradients are
    of the size of ε.

    Parameters
    ----------
    learning_rate : η

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> adam = published_adam(0.01)
    >>> update, state = adam.update(jnp.array([3.0]), adam.init(jnp.zeros(1)))
    >>> float(update[0].round(6))
    -0.01

    References
    ----------
    Kingma & Ba (2015), Adam: a method for stochastic optimization, ICLR, section 2; Kim, Li & Sejnowski (2019),
    PNAS 116:22811.
    """

    def init(params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return Moments(jnp.zeros((), jnp.int32), zeros, zeros)

    def update(updates, state, params=None):
        steps = state.steps + 1
        first = jax.tree.map(lambda m, g: FIRST * m + (1 - FIRST) * g, state.first, updates)
        second = jax.tree.map(lambda v, g: SECOND * v + (1 - SECOND) * g * g, state.second, updates)
        times = steps.astype(jnp.float32)
        rate = learning_rate * jnp.sqrt(-jnp.expm1(times * math.log(SECOND))) / -jnp.expm1(times * math.log(FIRST))
        change = jax.tree.map(lambda m, v: (-rate * m / (jnp.sqrt(v) + EPSILON)).astype(m.dtype), first, second)
        return change, Moments(steps, first, second)

    return optax.GradientTransformation(init, update)
