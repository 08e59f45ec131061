"""Noise channels projected onto the units by a matrix."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_values, require
from noisette.noise._base import Noise
from noisette.noise.white import White


class Channels(Noise):
    """C noise channels projected onto N units by a matrix.

    .. math:: \\text{noise}_n(t) = \\sum_c B_{nc} \\psi_c(t)

    Parameters
    ----------
    weights : B, row = unit, column = channel, shape (N, C)
    noise : ψ, any noise, with one process per channel; `White()` by default

    Raises
    ------
    InputError : weights that are not a matrix of finite real numbers.

    See Also
    --------
    White : Independent for each unit and uncorrelated in time.
    Common : White, and the same for all units.

    Examples
    --------
    >>> independent, factors = Channels([[1.0], [2.0], [0.0]]).step_law(3, 0)
    >>> independent.tolist(), factors.tolist()
    ([0.0, 0.0, 0.0], [[1.0, 2.0, 0.0]])
    """

    weights: Float[Array, "N C"]
    noise: Noise

    @check_arguments
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
        """Return the initial state of the channels."""
        require(
            size == self.weights.shape[0],
            f"channels into {self.weights.shape[0]} units",
            f"the network has {size}",
            "give the channel weights one row for each unit",
        )
        return self.noise.init(self.number, key=key)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return B ψ integrated over the step, shape (N,), and the new state of the channels."""
        value, state = self.noise.sample(state, time, self.number, key=key, dt=dt)
        return self.weights @ value, state

    def value(self, state, time, size, *, dt=1.0):
        """Return B ψ, shape (N,)."""
        return self.weights @ self.noise.value(state, time, self.number, dt=dt)

    def step_law(self, size, time):
        """Return zero independent standard deviations, and a factor per independent or common channel noise."""
        return self._projected(self.noise.step_law(self.number, time), size)

    def white_part(self, size):
        """Return the white part of the channels, projected as in `step_law`."""
        return self._projected(self.noise.white_part(self.number), size)

    def _projected(self, law: tuple[Array, Array], size: int) -> tuple[Array, Array]:
        """Return the law of B ψ for that of ψ."""
        independent, factors = law
        loadings = jnp.concatenate([jnp.diag(independent), factors]) @ self.weights.T
        return jnp.asarray(np.zeros(size)), loadings

    @property
    def has_values(self):
        """Whether the channels have values."""
        return self.noise.has_values

    @property
    def correlation_time(self):
        """Shortest correlation time of the channels."""
        return self.noise.correlation_time

    @property
    def has_variance(self):
        """Whether the variance of the channels is finite."""
        return self.noise.has_variance

    def scaled(self, factor):
        """Return the channels with weights scaled by `factor`, a scalar or one factor per unit."""
        return Channels(jnp.asarray(factor)[..., None] * self.weights, self.noise)
