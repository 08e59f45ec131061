"""The Onsager reaction term, with which any differentiable network descends its kinetic energy."""

from collections.abc import Callable
from typing import cast

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import require
from noisette.networks._base import NetworkLike, as_network
from noisette.networks._continuous import ContinuousNetwork, Time, number
from noisette.networks._schedules import Switch

INSTANTS = 9


class Onsager(ContinuousNetwork):
    """A network with the reaction of the other units on each unit, of weight γ: frozen at γ = 1.

    .. math:: \\dot{\\mathbf x} = (1-\\gamma)\\, \\mathbf f - \\gamma \\nabla E_k
       \\;\\;\\big(= \\mathbf f - \\gamma\\, \\phi'(\\mathbf x) \\circ J^\\top \\mathbf f
       \\text{ for rate units with } \\tau = 1\\big), \\qquad E_k = \\tfrac12 \\sum_i f_i^2

    At γ = 1 and without noise it is the gradient flow of the kinetic energy of the network inside, f being that
    network's velocity; at γ = 0 it is that network. The gradient is taken by reverse differentiation, so any
    differentiable network will do.

    Parameters
    ----------
    network : any network in continuous time, trained ones included; its noise is kept
    gamma : γ, a number, or a function of time such as `Switch` or `Ramp`
    stimulus : "inside", inputs belong to f (the flow stays −∇E_k of the driven network); "outside", they are
        added after the reaction term, as in the paper's code

    Raises
    ------
    InputError : a network without a velocity, a stimulus that is neither.

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
    stimulus: str = eqx.field(static=True)

    def __init__(
        self,
        network: NetworkLike,
        gamma: ArrayLike | Array | Callable[[Array], Array] = 1.0,
        stimulus: str = "inside",
    ):
        inner = as_network(network)
        require(
            isinstance(inner, ContinuousNetwork),
            f"{type(inner).__name__} has no velocity",
            "the reaction term needs a differentiable network in continuous time, such as RateNetwork",
        )
        require(stimulus in ("inside", "outside"), f"stimulus {stimulus!r}", "inside or outside")
        self.network, self.stimulus = cast(ContinuousNetwork, inner).dynamics(), stimulus
        self.gamma = gamma if callable(gamma) else number(gamma, "gamma")

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.network.size

    @property
    def time_unit(self) -> str:
        """Unit of time of the network inside."""
        return self.network.time_unit

    @property
    def activity(self):
        """Function from the state of the units to their rates, None where units have no rates."""
        return self.network.activity

    @property
    def min_tau(self) -> float:
        """The shortest time constant of the network inside."""
        return self.network.min_tau

    def instants(self, duration=None):
        """Return those of the network inside, and times at which γ is examined: after jumps, and nine in between."""
        instants = self.network.instants(duration)
        if not callable(self.gamma):
            return instants
        jumps = np.asarray(self.gamma.times) if isinstance(self.gamma, Switch) else np.zeros(0)
        end = duration if duration is not None else float(jumps.max(initial=0.0))
        times = {*instants, *np.linspace(0.0, end, INSTANTS).tolist(), *jumps[jumps <= end].tolist()}
        return tuple(sorted(times))

    @property
    def noise(self):  # pyright: ignore[reportIncompatibleVariableOverride]
        """The noise of the network inside."""
        return self.network.noise

    def gamma_at(self, time: Time) -> Float[Array, ""]:
        """Return γ at `time`."""
        return self.gamma(jnp.asarray(time)) if callable(self.gamma) else self.gamma

    def force(self, units, time=0.0, inputs=None):
        """Return the velocity f of the network inside, whose energy γ = 1 descends."""
        return self.network.drift(units, time, inputs if self.stimulus == "inside" else None)

    def drift(self, units, time=0.0, inputs=None):
        """Return (1 − γ) f − γ Aᵀ f, A being the Jacobian of f."""
        signal = inputs if self.stimulus == "inside" else None
        force, pull_back = jax.vjp(lambda x: self.network.drift(x, time, signal), units)
        # without the barrier XLA rewrites f/τ differently in this line and in a tangent, and multiplies by Jᵀ once more
        (gradient,) = pull_back(jax.lax.optimization_barrier(force))
        gamma = self.gamma_at(time)
        velocity = (1 - gamma) * force - gamma * gradient
        if self.stimulus == "inside" or inputs is None:
            return velocity
        return velocity + self.network.drift(units, time, inputs) - force

    def diffusion(self, units):
        """Return that of the network inside."""
        return self.network.diffusion(units)

    def with_noise(self, noise):
        """Return the same network in another noise."""
        return Onsager(self.network.with_noise(noise), self.gamma, self.stimulus)
