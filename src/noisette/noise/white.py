"""White noise, independent for each unit or common to all units."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.noise._base import Noise, as_strength, per_unit
from noisette.noise._spectrum import NoiseSpectrum, common_variance
from noisette.random_numbers import normal


class White(Noise):
    """White noise, independent for each unit: σ_n √dt η_n in each step of dt, with η_n ~ N(0, 1).

    Parameters
    ----------
    strength : σ_n, a scalar or one value per unit, shape (N,). In continuous time it sets the intensity,
        ⟨ξ(t) ξ(t')⟩ = σ² δ(t − t') (Itô); in discrete time, where dt = 1, it is the standard deviation per step

    Raises
    ------
    InputError : a negative or infinite strength.

    See Also
    --------
    Common : White, and the same for all units.
    OrnsteinUhlenbeck : Correlated in time, with a correlation time τ.
    Frozen : Constant in time: the limit of a long correlation time.
    Channels : Correlated between units: few signals through a matrix.
    Correlated : With a given covariance between units.
    Independent : Values of another distribution.
    noise.from_convention : Noise from the σ of another program.

    Examples
    --------
    >>> independent, factors = White(2.0).step_law(3, 0)
    >>> independent.tolist(), factors.shape
    ([2.0, 2.0, 2.0], (0, 3))
    """

    strength: Float[Array, "*units"]

    @check_arguments
    def __init__(self, strength: object = 1.0):
        self.strength = as_strength(strength, "noise strength")

    def init(self, size, *, key):
        """Check the shape of the strength and return the empty state, since white noise has no memory."""
        per_unit(self.strength, size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return σ √dt η, shape (N,), and the unchanged state."""
        return self.strength * jnp.sqrt(dt) * normal(key, (size,)), state

    def step_law(self, size, time):
        """Return the independent standard deviations σ, shape (N,), and no common factor, shape (0, N)."""
        return per_unit(self.strength, size), jnp.asarray(np.zeros((0, size)))

    def spectrum(self):
        """Return σ² δ(τ)."""
        return NoiseSpectrum(white=common_variance(self.strength, "white"))

    def scaled(self, factor):
        """Return white noise of strength `factor` · σ."""
        return White(factor * self.strength)


class Common(Noise):
    """White noise common to all units: c_n √dt ζ in each step of dt, with a single ζ ~ N(0, 1) per step.

    Parameters
    ----------
    strength : c_n, a scalar or one loading per unit, shape (N,); units as for `White`

    Raises
    ------
    InputError : a negative or infinite strength.

    See Also
    --------
    White : Independent for each unit and uncorrelated in time.
    Channels : Correlated between units: few signals through a matrix.

    Examples
    --------
    >>> independent, factors = Common(2.0).step_law(3, 0)
    >>> independent.tolist(), factors.tolist()
    ([0.0, 0.0, 0.0], [[2.0, 2.0, 2.0]])
    """

    strength: Float[Array, "*units"]

    @check_arguments
    def __init__(self, strength: object = 1.0):
        self.strength = as_strength(strength, "common noise strength")

    def init(self, size, *, key):
        """Check the shape of the strength and return the empty state, since white noise has no memory."""
        per_unit(self.strength, size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return c √dt ζ, shape (N,), and the unchanged state."""
        return jnp.broadcast_to(self.strength * jnp.sqrt(dt) * normal(key, ()), (size,)), state

    def step_law(self, size, time):
        """Return zero independent standard deviations, shape (N,), and the common factor c, shape (1, N)."""
        return jnp.asarray(np.zeros(size)), per_unit(self.strength, size)[None]

    def scaled(self, factor):
        """Return common noise of strength `factor` · c."""
        return Common(factor * self.strength)
