"""A few noise signals that reach many units through a matrix."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import real_values, require
from noisette.noise._base import Noise
from noisette.noise.white import White


class Channels(Noise):
    """C noise signals, heard by N units through a matrix: B ψ(t).

    .. math:: \\text{noise}_n(t) = \\sum_c B_{nc} \\psi_c(t)

    Parameters
    ----------
    weights : B, row = unit, column = channel, shape (N, C)
    noise : ψ, any noise, one process a channel; `White()` by default

    Raises
    ------
    InputError : weights that are not a matrix of finite real numbers.

    Examples
    --------
    >>> independent, factors = Channels([[1.0], [2.0], [0.0]]).step_law(3, 0)
    >>> independent.tolist(), factors.tolist()
    ([0.0, 0.0, 0.0], [[1.0, 2.0, 0.0]])
    """

    weights: Float[Array, "N C"]
    noise: Noise

    def __init__(self, weights: ArrayLike | Array, noise: Noise | None = None):
        matrix = real_values(weights, "channel weights")
        require(
            matrix.ndim == 2 and matrix.size > 0,
            f"channel weights of shape {matrix.shape}",
            "a matrix with a row for each unit and a column for each channel",
        )
        self.weights = matrix
        self.noise = White() if noise is None else noise

    @property
    def number(self) -> int:
        """Number of channels C."""
        return self.weights.shape[1]

    def init(self, size, *, key):
        """Return the state of the signals."""
        require(
            size == self.weights.shape[0],
            f"channels into {self.weights.shape[0]} units",
            f"the network has {size}",
            "give the channel weights one row for each unit",
        )
        return self.noise.init(self.number, key=key)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return B ψ, summed over the step."""
        value, state = self.noise.sample(state, time, self.number, key=key, dt=dt)
        return self.weights @ value, state

    def step_law(self, size, time):
        """Return one factor for each independent signal and for each shared one."""
        independent, factors = self.noise.step_law(self.number, time)
        loadings = jnp.concatenate([jnp.diag(independent), factors]) @ self.weights.T
        return jnp.asarray(np.zeros(size)), loadings

    def scaled(self, factor):
        """Return the same channels, `factor` times as strong."""
        return Channels(factor * self.weights, self.noise)
