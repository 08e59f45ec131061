"""Base class of networks in continuous time: a drift, and noise multiplied by a diffusion coefficient."""

from abc import abstractmethod
from typing import ClassVar

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, PRNGKeyArray, PyTree
from numpy.typing import ArrayLike

from noisette.errors import InputError, real_number, real_values, require
from noisette.functions import check_array, traced
from noisette.networks._base import Network
from noisette.noise import Place

Units = Float[Array, " N"]
Time = float | int | Array | np.number
Sample = Array | dict[Place, Array]  # noise of a step, on the current or at several places


def number(value: ArrayLike | Array, name: str) -> Array:
    """Return a parameter as a zero-dimensional array; raise if it is not a finite scalar (unless traced)."""
    array = real_values(value, name)
    require(array.ndim == 0, f"{name} of shape {array.shape}", "one finite number")
    return jnp.asarray(array, float)


class ContinuousNetwork(Network):
    """Base class of networks that obey a stochastic differential equation.

    .. math:: d\\mathbf x = \\mathbf F(\\mathbf x, t)\\, dt + \\mathbf b(\\mathbf x) \\circ d\\mathbf N(t)
       \\qquad \\text{(Itô)}

    Here x, shape (N,), is the state of the units, F the `drift`, b the `diffusion`, and N(t) the integral of `noise`. A
    subclass defines `size`, `noise` and `drift`. By default b and the time constants are 1, and `force`, the velocity
    whose square defines the kinetic energy, is the drift.

    Examples
    --------
    >>> import equinox as eqx, noisette as nz
    >>> class Decay(nz.networks.ContinuousNetwork):
    ...     noise: nz.noise.Noise | None = None
    ...     size: int = eqx.field(static=True, default=1)
    ...
    ...     def drift(self, units, time=0.0, inputs=None):
    ...         return -units
    >>> float(nz.simulate(Decay(), duration=1, dt=0.5, start=1.0, key=0).final[0, 0])  # (1 − dt)²
    0.25
    """

    requirement: ClassVar[str] = "a network in continuous time, such as RateNetwork, Onsager or networks.Flow"

    @property
    def time_unit(self) -> str:
        """Unit of time: "tau", the unit of the time constants, unless a subclass overrides it."""
        return "tau"

    @property
    def min_tau(self) -> float:
        """Shortest time constant, which sets the scale of the longest admissible step."""
        return 1.0

    @property
    def time_constants(self) -> Float[Array, "*units"]:
        """Time constants of the units, a scalar or shape (N,)."""
        return jnp.ones(())

    def dynamics(self) -> "ContinuousNetwork":
        """Return the network in the parametrisation used by simulations, see `Network.dynamics`."""
        return self

    def instants(self, duration: float | None = None) -> tuple[float, ...]:
        """Return the times within `duration` at which a time-dependent drift is examined; (0,) if it is autonomous."""
        return (0.0,)

    @abstractmethod
    def drift(self, units: Units, time: Time = 0.0, inputs: Float[Array, " channels"] | None = None) -> Units:
        """Return the drift F(x, t), without noise, for the input signals at time t."""

    def force(self, units: Units, time: Time = 0.0, inputs: Float[Array, " channels"] | None = None) -> Units:
        """Return the velocity f, which is the drift without the Onsager reaction term."""
        return self.drift(units, time, inputs)

    def kinetic_energy(
        self, units: Units, time: Time = 0.0, inputs: Float[Array, " channels"] | None = None
    ) -> Float[Array, ""]:
        """Return the total kinetic energy E_k = ½ Σ f_i², where f is the `force`."""
        return jnp.sum(self.force(units, time, inputs) ** 2) / 2

    def diffusion(self, units: Units) -> Units | None:
        """Return the factor b(x) of the noise of each unit, shape (N,); None stands for 1."""
        return None

    def sample_noise(self, state: PyTree, time: Time, *, key: PRNGKeyArray, dt: Time) -> tuple[Sample, PyTree]:
        """Return the noise of a step of `dt` that begins at `time`, and the next state of the noise.

        The noise is an array of shape (N,), integrated over the step; a network whose noise enters at several places,
        see `noise.Placed`, returns one array for each of them.
        """
        assert self.noise is not None
        return self.noise.sample(state, time, self.size, key=key, dt=dt)

    def increment(
        self, units: Units, time: Time, inputs: Float[Array, " channels"] | None, dt: Time, sample: dict[Place, Array]
    ) -> Units:
        """Return the change of the state in an Euler–Maruyama step with noise at several places.

        Parameters
        ----------
        units, time, inputs : state, time and input signals before the step
        dt : length of the step
        sample : noise of the step at each place, from `sample_noise`

        Raises
        ------
        InputError : a network other than a `RateNetwork`.
        """
        raise InputError(f"noise at {', '.join(sample)} of a {type(self).__name__}; noise on the current")

    def _try(self) -> None:
        super()._try()
        kind, shape = type(self).__name__, (self.size,)
        shortest = self.min_tau
        if not isinstance(shortest, Tracer):
            real_number(shortest, f"min_tau of {kind}", "a time above zero", lambda tau: 0 < tau < np.inf)
        units, time = jnp.zeros(shape), jnp.zeros(())
        check_array(traced(self.drift, f"drift of {kind}", units, time), f"drift of {kind}", shape)
        factor = traced(self.diffusion, f"diffusion of {kind}", units)
        if factor is not None:
            check_array(factor, f"diffusion of {kind}", shape)
