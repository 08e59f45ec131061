"""Derivatives of the factor b(x) of multiplicative noise."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array

from noisette.errors import require

SAME = 1e-8  # largest relative difference of derivatives along two directions
PROBE = 0.3, 0.7  # of the states at which a factor is examined: sizes of displacements


def slope(function: Callable[[Array], Array], units: Array) -> tuple[Array, Array]:
    """Return b(x) and ∂b_i/∂x_i of a function b whose value b_i depends on x_i alone, each of shape (N,).

    For such a function the derivative along (1, 1, …) contains the derivative of each unit.

    Examples
    --------
    >>> value, derivative = slope(lambda x: x**2, jnp.array([1.0, 3.0]))
    >>> value.tolist(), derivative.tolist()
    ([1.0, 9.0], [2.0, 6.0])
    """
    return jax.jvp(function, (units,), (jnp.ones_like(units),))


def require_diagonal(function: Callable[[Array], Array], units: Array, purpose: str) -> None:
    """Raise if b_i depends on other units than i: at a state and at two states displaced from it.

    If ∂b_i/∂x_j = 0 for i ≠ j, the derivative along any direction v is that along (1, 1, …) times v. A random direction
    shows any other dependence.

    Examples
    --------
    >>> require_diagonal(lambda x: x**2, jnp.ones(3), "Milstein's method")
    """
    if isinstance(units, Tracer):
        return
    rng = np.random.default_rng(0)
    direction = jnp.asarray(rng.standard_normal(units.shape))
    for size in (0.0, *PROBE):
        state = jnp.asarray(units) + size * jnp.asarray(rng.standard_normal(units.shape))
        _, along = jax.jvp(function, (state,), (direction,))
        expected = direction * slope(function, state)[1]
        if isinstance(along, Tracer):
            return
        difference = np.abs(np.asarray(along - expected))
        scale = np.abs(np.asarray(along)).max() + np.abs(np.asarray(expected)).max()
        unit = int(np.nanargmax(difference)) if np.isfinite(difference).any() else 0
        require(
            not difference[unit] > SAME * scale,
            f"{purpose} with a factor of the noise of unit {unit} that depends on other units",
            "b_i(x) may depend on x_i alone",
            "use the Itô product and euler",
        )


__all__ = ["require_diagonal", "slope"]
