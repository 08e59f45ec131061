"""Time discretisation of networks in continuous time: sampling every dt, and explicit integrators."""

import math
from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float, Int, PRNGKeyArray

from noisette.arguments import check_fields
from noisette.errors import InputError, real_number, require
from noisette.networks._base import DiscreteNetwork, Network
from noisette.networks._continuous import ContinuousNetwork, Sample
from noisette.networks._multiplicative import require_diagonal
from noisette.networks._state import State
from noisette.reprs import shown


class Discretized(Network):
    """Network in continuous time sampled every dt, with inputs that are constant during each step.

    Parameters
    ----------
    network : network in continuous time
    dt : length of a step, in the network's unit of time
    inputs : input signals at each step, shape (steps, channels); the last row applies to all later steps
    """

    network: ContinuousNetwork
    dt: Float[Array, ""]
    inputs: Float[Array, "steps channels"] | None = None

    def __check_init__(self):
        check_fields(self)
        if not isinstance(self.dt, Tracer):
            real_number(self.dt, "dt", "a time above zero", lambda dt: 0 < dt < math.inf)

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.network.size

    @property
    def noise(self):  # pyright: ignore[reportIncompatibleVariableOverride]
        """Noise of the network in continuous time."""
        return self.network.noise

    def facts(self):
        """Return the network in continuous time and the step."""
        return {"network": shown(self.network), "dt": shown(self.dt)}

    @property
    def time_unit(self) -> str:
        """Unit of time of the network in continuous time."""
        return self.network.time_unit

    @property
    def step_length(self) -> Float[Array, ""]:
        """Length dt of a step."""
        return self.dt

    @property
    def activity(self):
        """Function from the state of the units to their rates; None if the units have no rates."""
        return self.network.activity

    def with_noise(self, noise):
        """Return a copy of the network with another noise."""
        return eqx.tree_at(lambda n: n.network, self, self.network.with_noise(noise))

    def start(self, start=None, *, key=None):
        """Return the initial state of the units, shape (N,)."""
        return self.network.start(start, key=key)

    def init(self, units, *, key):
        """Return the initial state of the network in continuous time."""
        return self.network.init(units, key=key)

    def signal(self, time: Int[Array, ""]) -> Float[Array, " channels"] | None:
        """Return the inputs during step `time`, shape (channels,)."""
        return None if self.inputs is None else self.inputs[jnp.minimum(time, self.inputs.shape[0] - 1)]

    def force(self, units: Float[Array, " N"], time: Int[Array, ""]) -> Float[Array, " N"]:
        """Return the velocity, without the Onsager reaction term, at step `time`."""
        return self.network.force(units, time * self.dt, self.signal(time))

    def drift(self, units: Float[Array, " N"], time: Int[Array, ""]) -> Float[Array, " N"]:
        """Return the drift at step `time`."""
        return self.network.drift(units, time * self.dt, self.signal(time))


class Integrator(Discretized, DiscreteNetwork):  # pyright: ignore[reportIncompatibleVariableOverride]
    """Base class of integrators, which advance a network in continuous time by steps of dt."""

    def step(self, state: State, time: Int[Array, ""], *, key: PRNGKeyArray) -> State:
        """Advance by dt; `time` is the index of the step, starting at 0."""
        noise = self.noise
        if noise is None:
            return State(self.advance(state.units, time, None), state.noise)
        added, after = self.network.sample_noise(state.noise, time * self.dt, key=key, dt=self.dt)
        return State(self.advance(state.units, time, added), after)

    @abstractmethod
    def advance(self, units: Float[Array, " N"], time: Int[Array, ""], added: Sample | None) -> Float[Array, " N"]:
        """Return the units after one step with the noise `added`, see `ContinuousNetwork.sample_noise`."""


class Euler(Integrator):
    """Euler–Maruyama method: x + F(x) dt + b(x) ∘ ΔN.

    The strong and weak orders are 1 for additive noise; for multiplicative noise (Itô) the strong order is ½. A real
    mode of decay rate μ is stable for dt μ < 2.

    See Also
    --------
    networks.Heun : Longer steps at the same error, with two evaluations of the drift per step.
    networks.Milstein : Strong order 1 in multiplicative noise.

    Examples
    --------
    >>> import noisette as nz
    >>> decay = nz.networks.Flow(lambda x: -x, 1)
    >>> data = nz.simulate(decay, duration=1, dt=0.1, solver="euler", start=1.0, key=0)
    >>> round(float(data.final[0, 0]), 4)  # 0.9¹⁰; exact: 0.3679
    0.3487

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, chapter 10.
    """

    def advance(self, units, time, added):
        """Return x + F dt + b ΔN."""
        if isinstance(added, dict):
            return units + self.network.increment(units, time * self.dt, self.signal(time), self.dt, added)
        after = units + self.dt * self.drift(units, time)
        if added is None:
            return after
        diffusion = self.network.diffusion(units)
        return after + (added if diffusion is None else diffusion * added)


class Heun(Integrator):
    """Stochastic Heun method, which averages the velocities before and after an Euler step.

    Without noise its order is 2. It is restricted to additive noise, since with multiplicative noise it converges to
    the Stratonovich solution. As for Euler's method, a real mode of decay rate μ is stable for dt μ < 2.

    Raises
    ------
    InputError : noise that depends on the state.

    See Also
    --------
    networks.Euler : One evaluation of the drift per step.

    Examples
    --------
    >>> import noisette as nz
    >>> decay = nz.networks.Flow(lambda x: -x, 1)
    >>> data = nz.simulate(decay, duration=1, dt=0.1, solver="heun", start=1.0, key=0)
    >>> round(float(data.final[0, 0]), 4)  # 0.905¹⁰; exact: 0.3679
    0.3685

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, chapter 15.
    """

    def advance(self, units, time, added):
        """Return x + ½ (F(x) + F(x + F dt + ΔN)) dt + ΔN."""
        require(
            self.network.diffusion(units) is None,
            "Heun's method with noise that depends on the state",
            "additive noise, since the solution is in the Itô sense",
            "use euler",
        )
        if isinstance(added, dict):
            raise InputError(f"Heun's method with noise at {', '.join(added)}; noise on the current; use euler")
        noise = 0.0 if added is None else added
        first = self.drift(units, time)
        end, signal = (time + 1) * self.dt, self.signal(time)
        second = self.network.drift(units + self.dt * first + noise, end, signal)
        return units + self.dt / 2 * (first + second) + noise


class Milstein(Integrator):
    """Milstein's method for multiplicative noise: x + F dt + b ΔN + ½ b b' (ΔN² − σ² dt).

    Its strong order is 1, that of Euler's method ½. The factor b_i of the noise of a unit may depend on x_i alone; its
    derivative is computed by automatic differentiation. The noise is white, and may be correlated between units. For
    additive noise the method is Euler's. A real mode of decay rate μ is stable for dt μ < 2.

    Raises
    ------
    InputError : a factor b_i that depends on other units, or noise that has a correlation time, for which Euler's
        method is already of order 1, or has no constant intensity.

    See Also
    --------
    networks.Euler : The same without the last term.
    networks.Flow : Multiplicative noise by Itô or Stratonovich.

    Examples
    --------
    >>> import noisette as nz
    >>> growth = nz.networks.Flow(lambda x: 0 * x, 1, nz.White(0.5), scale=lambda x: x)
    >>> data = nz.simulate(growth, duration=1, dt=0.01, solver="milstein", start=1.0, key=0)
    >>> rough = nz.simulate(growth, duration=1, dt=0.01, solver="euler", start=1.0, key=0)
    >>> round(float(data.final[0, 0]), 3), round(float(rough.final[0, 0]), 3)
    (0.0, 0.0)

    References
    ----------
    Kloeden & Platen (1992), Numerical Solution of Stochastic Differential Equations, section 10.3.
    """

    def advance(self, units, time, added):
        """Return x + F dt + b ΔN + ½ b b' (ΔN² − σ² dt)."""
        after = units + self.dt * self.drift(units, time)
        noise, diffusion = self.noise, self.network.diffusion
        if added is None or noise is None:
            return after
        factor, derivative = jax.jvp(lambda x: _array(diffusion(x), x), (units,), (jnp.ones_like(units),))
        if diffusion(units) is None:
            return after + added
        std, factors = noise.white_part(self.size)
        variance = self.dt * (std**2 + (factors**2).sum(0))
        return after + factor * added + factor * derivative * (added**2 - variance) / 2


def _array(factor: Array | None, units: Array) -> Array:
    """Return the factor of the noise as an array."""
    return jnp.ones_like(units) if factor is None else factor


def require_milstein(network: ContinuousNetwork, units: Array) -> None:
    """Raise if Milstein's method does not apply to a network at a state of shape (N,).

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.networks.Flow(lambda x: -x, 2, nz.White(0.5), lambda x: x[::-1])
    >>> require_milstein(network, jnp.ones(2))
    Traceback (most recent call last):
    noisette.errors.InputError: Milstein's method with a factor ... that depends on other units; ...
    """
    if network.noise is None or network.diffusion(units) is None:
        return
    kind = type(network.noise).__name__
    require(
        not network.noise.has_values,
        f"Milstein's method with {kind} noise, which has a correlation time",
        "white noise; for this noise Euler's method is of order 1",
        "use euler",
    )
    network.noise.white_part(network.size)
    require_diagonal(lambda x: _array(network.diffusion(x), x), units, "Milstein's method")


#: Fixed-step integrators, by the names that `solver` accepts.
INTEGRATORS: dict[str, type[Integrator]] = {"euler": Euler, "heun": Heun, "milstein": Milstein}
