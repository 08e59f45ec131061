"""What networks in continuous time share: a velocity, noise, and where they start."""

from abc import abstractmethod
from typing import TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.errors import real_array, real_values, require
from noisette.noise import Noise

Units = Float[Array, " N"]
Time = float | int | Array | np.number
Network = TypeVar("Network", bound="ContinuousNetwork")
STARTS = ("normal", "uniform")


def number(value: ArrayLike | Array, name: str) -> Array:
    """Return a parameter as an array without dimensions, refused if it is not one finite number (unless traced)."""
    array = real_values(value, name)
    require(array.ndim == 0, f"{name} of shape {array.shape}", "one finite number")
    return jnp.asarray(array, float)


class ContinuousNetwork(eqx.Module):
    """Units whose state moves with a velocity, in noise.

    .. math:: d\\mathbf x = \\mathbf F(\\mathbf x, t)\\, dt + \\mathbf b(\\mathbf x) \\circ d\\mathbf N(t)
       \\qquad \\text{(Itô)}

    A network gives `size` and `velocity`; the rest has defaults: amplitude b = 1, `force` (the velocity whose
    square is the kinetic energy) the velocity itself.
    """

    noise: eqx.AbstractVar[Noise | None]

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of units N."""

    @property
    def min_tau(self) -> float:
        """The shortest time constant of a unit: the scale of the longest sensible step."""
        return 1.0

    def instants(self, duration: float | None = None) -> tuple[float, ...]:
        """Times within `duration` at which to look at a velocity that changes in time of itself; 0 if it does not."""
        return (0.0,)

    @abstractmethod
    def drift(self, units: Units, time: Time = 0.0, inputs: Float[Array, " channels"] | None = None) -> Units:
        """Return F(x, t) without noise, given the input signals at that time."""

    def force(self, units: Units, time: Time = 0.0, inputs: Float[Array, " channels"] | None = None) -> Units:
        """Return the velocity of the unregulated equation."""
        return self.drift(units, time, inputs)

    def kinetic_energy(
        self, units: Units, time: Time = 0.0, inputs: Float[Array, " channels"] | None = None
    ) -> Float[Array, ""]:
        """Return E_k = ½ Σ f_i², f being the force; divide by N to compare networks."""
        return jnp.sum(self.force(units, time, inputs) ** 2) / 2

    def diffusion(self, units: Units) -> Units | None:
        """Return what multiplies the noise of each unit, None being 1."""
        return None

    def start(self, start: str | ArrayLike | None = None, *, key: PRNGKeyArray | None = None) -> np.ndarray:
        """Return the units to start from.

        Parameters
        ----------
        start : "normal" (standard normal, the default), "uniform" (between −1 and 1), a number for all units, or
            one for each, shape (N,)
        key : random key of the first two
        """
        if start is None or isinstance(start, str):
            require(start in (None, *STARTS), f"start {start!r}", f"{' or '.join(STARTS)}, a number, or {self.size}")
            key = jax.random.key(0) if key is None else key
            if start == "uniform":
                return np.asarray(jax.random.uniform(key, (self.size,), float, -1.0, 1.0))
            return np.asarray(jax.random.normal(key, (self.size,), float))
        array = real_array(start, "start")
        require(
            array.shape in ((), (self.size,)),
            f"start of shape {array.shape}",
            f"a simulation starts from {' or '.join(STARTS)}, a finite number, or {self.size} of them",
        )
        return np.broadcast_to(array, (self.size,)).copy()

    def with_noise(self: Network, noise: Noise | None) -> Network:
        """Return the same network in another noise."""
        return eqx.tree_at(lambda n: n.noise, self, noise, is_leaf=lambda x: x is None)
