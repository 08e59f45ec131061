"""Networks in continuous time: a drift, and noise multiplied by a diffusion."""

from abc import abstractmethod
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import real_values, require
from noisette.networks._base import Network

Units = Float[Array, " N"]
Time = float | int | Array | np.number


def number(value: ArrayLike | Array, name: str) -> Array:
    """Return a parameter as an array without dimensions, refused if it is not one finite number (unless traced)."""
    array = real_values(value, name)
    require(array.ndim == 0, f"{name} of shape {array.shape}", "one finite number")
    return jnp.asarray(array, float)


class ContinuousNetwork(Network):
    """A network whose state drifts, in noise.

    .. math:: d\\mathbf x = \\mathbf F(\\mathbf x, t)\\, dt + \\mathbf b(\\mathbf x) \\circ d\\mathbf N(t)
       \\qquad \\text{(Itô)}

    A network gives `size`, `noise` and `drift`; the rest has defaults: the diffusion b is 1, the time constants are 1,
    and `force`, the velocity whose square is the kinetic energy, is the drift itself.
    """

    requirement: ClassVar[str] = "a network in continuous time, such as RateNetwork, Onsager or networks.Flow"

    @property
    def time_unit(self) -> str:
        """Unit of time: "tau", that of the time constants, unless a network says otherwise."""
        return "tau"

    @property
    def min_tau(self) -> float:
        """The shortest time constant of a unit: the scale of the longest sensible step."""
        return 1.0

    @property
    def time_constants(self) -> Float[Array, "*units"]:
        """Time constants of the units, one number or shape (N,)."""
        return jnp.ones(())

    def dynamics(self) -> "ContinuousNetwork":
        """Return the network in the parameters that simulations compute with, see `Network.dynamics`."""
        return self

    def instants(self, duration: float | None = None) -> tuple[float, ...]:
        """Times within `duration` at which an explicitly time-dependent drift is examined; 0 if it does not depend."""
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
