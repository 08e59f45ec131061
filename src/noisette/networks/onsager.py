"""The Onsager reaction term, which turns a differentiable network into the gradient flow of its kinetic energy."""

from collections.abc import Callable
from typing import Literal, cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.functions import try_function
from noisette.networks._base import NetworkLike, as_network
from noisette.networks._continuous import ContinuousNetwork, Time, number
from noisette.networks._schedules import Switch
from noisette.reprs import shown

INSTANTS = 9


class Onsager(ContinuousNetwork):
    """Network with an Onsager reaction term of weight γ; at γ = 1 chaotic activity is frozen.

    .. math:: \\dot{\\mathbf x} = (1-\\gamma)\\, \\mathbf f - \\gamma \\nabla E_k
       \\;\\;\\big(= \\mathbf f - \\gamma\\, \\phi'(\\mathbf x) \\circ J^\\top \\mathbf f
       \\text{ for rate units with } \\tau = 1\\big), \\qquad E_k = \\tfrac12 \\sum_i f_i^2

    Here f is the velocity of the original network. At γ = 1 and without noise the flow is the gradient descent of the
    kinetic energy; at γ = 0 it is the original network. The gradient is computed by reverse-mode differentiation, so
    any differentiable network can be used.

    Parameters
    ----------
    network : network in continuous time, including trained networks; its noise is kept
    gamma : γ, a scalar, or a function of time such as `Switch` or `Ramp`
    stimulus : "inside", inputs are part of f (the flow is −∇E_k of the driven network); "outside", inputs are added
        after the reaction term, as in the code of Huang & Huang (2025)

    Raises
    ------
    InputError : a network in discrete time, which has no velocity, or an unknown value of `stimulus`.

    See Also
    --------
    RateNetwork : Continuous rates with any activation.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(50, 50**-0.5, self_coupling=False, key=jax.random.key(0))
    >>> frozen = nz.Onsager(nz.RateNetwork(W, gain=2.0))
    >>> x = jax.random.normal(jax.random.key(1), 50)
    >>> descent = -jax.grad(frozen.kinetic_energy)(x)
    >>> bool(abs(frozen.drift(x) - descent).max() < 1e-12)
    True

    References
    ----------
    Huang & Huang (2025), Physical Review E 112:044227, arXiv:2503.08069.
    """

    network: ContinuousNetwork
    gamma: Float[Array, ""] | Callable[[Array], Array]
    stimulus: Literal["inside", "outside"] = eqx.field(static=True)

    @check_arguments
    def __init__(
        self,
        network: NetworkLike,
        gamma: ArrayLike | Array | Callable[[Array], Array] = 1.0,
        stimulus: Literal["inside", "outside"] = "inside",
    ):
        inner = as_network(network)
        require(
            isinstance(inner, ContinuousNetwork),
            f"{type(inner).__name__} has no velocity",
            "the reaction term needs a differentiable network in continuous time, such as RateNetwork",
        )
        self.network, self.stimulus = cast(ContinuousNetwork, inner).dynamics(), stimulus
        if inner.unit_names is not None:
            self.unit_names = inner.unit_names
        if callable(gamma):
            try_function(gamma, "gamma", (), returns=())
        self.gamma = gamma if callable(gamma) else number(gamma, "gamma")

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.network.size

    @property
    def time_unit(self) -> str:
        """Unit of time of the original network."""
        return self.network.time_unit

    @property
    def activity(self):
        """Function from the state of the units to their rates; None if the units have no rates."""
        return self.network.activity

    @property
    def min_tau(self) -> float:
        """Shortest time constant of the original network."""
        return self.network.min_tau

    @property
    def time_constants(self) -> Float[Array, "*units"]:
        """Time constants of uncoupled units, 1/(|1 − γ|/τ + |γ|/τ²), with γ at time 0."""
        gamma, rate = self.gamma_at(0.0), 1 / self.network.time_constants
        return 1 / (jnp.abs(1 - gamma) * rate + jnp.abs(gamma) * rate**2)

    def instants(self, duration=None):
        """Return the instants of the original network, nine equidistant times, and the times of jumps of γ."""
        instants = self.network.instants(duration)
        if not callable(self.gamma):
            return instants
        jumps = np.asarray(self.gamma.times) if isinstance(self.gamma, Switch) else np.zeros(0)
        end = duration if duration is not None else float(jumps.max(initial=0.0))
        times = {*instants, *np.linspace(0.0, end, INSTANTS).tolist(), *jumps[jumps <= end].tolist()}
        return tuple(sorted(times))

    @property
    def noise(self):  # pyright: ignore[reportIncompatibleVariableOverride]
        """Noise of the original network."""
        return self.network.noise

    def facts(self):
        """Return the original network and γ."""
        return {"network": shown(self.network), "gamma": shown(self.gamma)}

    def gamma_at(self, time: Time) -> Float[Array, ""]:
        """Return γ at `time`."""
        return self.gamma(jnp.asarray(time)) if callable(self.gamma) else self.gamma

    def force(self, units, time=0.0, inputs=None):
        """Return the velocity f of the original network, whose energy decreases along the flow at γ = 1."""
        return self.network.drift(units, time, inputs if self.stimulus == "inside" else None)

    def drift(self, units, time=0.0, inputs=None):
        """Return (1 − γ) f − γ Aᵀ f, where A is the Jacobian of f."""
        signal = inputs if self.stimulus == "inside" else None
        force, pull_back = jax.vjp(lambda x: self.network.drift(x, time, signal), units)
        # without the barrier XLA simplifies f/τ differently in this line and in its tangent, and therefore evaluates
        # the product with Jᵀ a second time
        (gradient,) = pull_back(jax.lax.optimization_barrier(force))
        gamma = self.gamma_at(time)
        velocity = (1 - gamma) * force - gamma * gradient
        if self.stimulus == "inside" or inputs is None:
            return velocity
        return velocity + self.network.drift(units, time, inputs) - force

    def diffusion(self, units):
        """Return the diffusion of the original network."""
        return self.network.diffusion(units)

    def with_noise(self, noise):
        """Return a copy of the network with another noise."""
        return Onsager(self.network.with_noise(noise), self.gamma, self.stimulus)
