"""Binary networks with a time-dependent input."""

import equinox as eqx
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray

from noisette.networks._base import DiscreteNetwork
from noisette.networks._binary import BinaryNetwork
from noisette.networks._state import State
from noisette.reprs import shown


class DrivenBinary(DiscreteNetwork):
    """Binary network whose biases are shifted in each step by an input signal.

    .. math:: u_n(t) = \\sum_m W_{nm} s_m(t-1) + b_n + I_n(t) + \\text{noise}_n(t)

    Parameters
    ----------
    network : binary network
    inputs : I at each step, shape (steps, 1) for all units or (steps, N); the last row applies to all later steps
    """

    network: BinaryNetwork
    inputs: Float[Array, "steps channels"]

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.network.size

    @property
    def noise(self):  # pyright: ignore[reportIncompatibleVariableOverride]
        """Noise of the binary network."""
        return self.network.noise

    def facts(self):
        """Return the network without input."""
        return {"network": shown(self.network)}

    def with_noise(self, noise):
        """Return a copy of the network with another noise."""
        return DrivenBinary(self.network.with_noise(noise), self.inputs)  # pyright: ignore[reportCallIssue]

    def start(self, start=None, *, key=None):
        """Return the initial state of the units, shape (N,)."""
        return self.network.start(start, key=key)

    def dynamics(self):
        """Return the network with Gaussian noise averaged over, see `BinaryNetwork.dynamics`.

        The table of a small network holds for one bias only, so that its units are drawn one by one.
        """
        return eqx.tree_at(lambda n: n.network, self, self.network.averaged())

    def step(self, state: State, time: Int[Array, ""], *, key: PRNGKeyArray) -> State:
        """Update all units once, with the input of step `time`."""
        signal = self.inputs[jnp.minimum(time, self.inputs.shape[0] - 1)]
        shifted = eqx.tree_at(lambda n: n.bias, self.network, self.network.bias + signal)
        return shifted.step(state, time, key=key)
