"""Noise without memory: independent for every unit, or shared by all."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.noise._base import Noise, as_strength, per_unit
from noisette.noise._spectrum import NoiseSpectrum, common_variance


class White(Noise):
    """White noise, independent for every unit: σ_n √dt η_n in each step of dt, η ~ N(0, 1).

    Parameters
    ----------
    strength : σ_n, a number or one for each unit, shape (N,): in continuous networks the intensity,
        ⟨ξ(t) ξ(t')⟩ = σ² δ(t − t') (Itô); in discrete ones, where dt = 1, the standard deviation per step

    Examples
    --------
    >>> independent, factors = White(2.0).step_law(3, 0)
    >>> independent.tolist(), factors.shape
    ([2.0, 2.0, 2.0], (0, 3))
    """

    strength: Float[Array, "*units"]

    def __init__(self, strength: object = 1.0):
        self.strength = as_strength(strength, "noise strength")

    def init(self, size, *, key):
        """Check that there is one strength, or one a unit; nothing is remembered."""
        per_unit(self.strength, size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return σ √dt η."""
        return self.strength * jnp.sqrt(dt) * jax.random.normal(key, (size,), float), state

    def step_law(self, size, time):
        """Return (r, no factor)."""
        return per_unit(self.strength, size), jnp.asarray(np.zeros((0, size)))

    def spectrum(self):
        """Return σ² δ(τ)."""
        return NoiseSpectrum(white=common_variance(self.strength, "white"))

    def scaled(self, factor):
        """Return white noise of strength `factor` · r."""
        return White(factor * self.strength)


class Common(Noise):
    """White noise that all units share: c_n √dt ζ, one ζ ~ N(0, 1) a step.

    Parameters
    ----------
    strength : c_n, as for `White`; a number or one loading for each unit, shape (N,)

    Examples
    --------
    >>> independent, factors = Common(2.0).step_law(3, 0)
    >>> independent.tolist(), factors.tolist()
    ([0.0, 0.0, 0.0], [[2.0, 2.0, 2.0]])
    """

    strength: Float[Array, "*units"]

    def __init__(self, strength: object = 1.0):
        self.strength = as_strength(strength, "common noise strength")

    def init(self, size, *, key):
        """Check that there is one strength, or one a unit; nothing is remembered."""
        per_unit(self.strength, size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return c √dt ζ."""
        return jnp.broadcast_to(self.strength * jnp.sqrt(dt) * jax.random.normal(key, (), float), (size,)), state

    def step_law(self, size, time):
        """Return (nothing independent, one factor c)."""
        return jnp.asarray(np.zeros(size)), per_unit(self.strength, size)[None]

    def scaled(self, factor):
        """Return common noise of strength `factor` · c."""
        return Common(factor * self.strength)
