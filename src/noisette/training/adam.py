"""Adam in the form of TensorFlow, with which the published networks were trained."""

import math
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jaxtyping import Array, Int

from noisette.arguments import check_arguments
from noisette.errors import real_number

FIRST, SECOND, EPSILON = 0.9, 0.999, 1e-8


class Moments(NamedTuple):
    """Number of steps, and exponential moving averages of gradients and of their squares."""

    steps: Int[Array, ""]
    first: Any
    second: Any


@check_arguments
def published_adam(learning_rate: float = 0.01) -> optax.GradientTransformation:
    """Adam as in TensorFlow 1, where ε is added to the uncorrected √v (the ε-hat form of Kingma & Ba).

    .. math:: m \\leftarrow \\beta_1 m + (1 - \\beta_1) g, \\quad v \\leftarrow \\beta_2 v + (1 - \\beta_2) g^2, \\quad
       \\theta \\leftarrow \\theta - \\eta \\frac{\\sqrt{1 - \\beta_2^n}}{1 - \\beta_1^n}
       \\frac{m}{\\sqrt v + \\varepsilon}

    with β₁ = 0.9, β₂ = 0.999 and ε = 1e−8. In ``optax.adam``, ε is added to the bias-corrected √v̂; the two differ if
    gradients are of the order of ε.

    Parameters
    ----------
    learning_rate : η

    Returns
    -------
    optax transformation

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
    real_number(learning_rate, "learning_rate", "a number above zero", lambda rate: 0 < rate < math.inf)

    def init(params):
        zeros = jax.tree.map(jnp.zeros_like, params)
        return Moments(jnp.zeros((), jnp.int32), zeros, zeros)

    def update(updates, state, params=None):
        steps = state.steps + 1
        first = jax.tree.map(lambda m, g: FIRST * m + (1 - FIRST) * g, state.first, updates)
        second = jax.tree.map(lambda v, g: SECOND * v + (1 - SECOND) * g * g, state.second, updates)
        count = steps.astype(jnp.float32)
        rate = learning_rate * jnp.sqrt(-jnp.expm1(count * math.log(SECOND))) / -jnp.expm1(count * math.log(FIRST))
        change = jax.tree.map(lambda m, v: (-rate * m / (jnp.sqrt(v) + EPSILON)).astype(m.dtype), first, second)
        return change, Moments(steps, first, second)

    return optax.GradientTransformation(init, update)
