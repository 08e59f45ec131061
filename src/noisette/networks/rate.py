"""Rate networks: leaky units coupled through an activation function."""

from collections.abc import Callable, Sequence
from typing import Any

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.activations import Activation, tanh
from noisette.arguments import check_arguments
from noisette.errors import real_values, require
from noisette.functions import try_function
from noisette.networks._base import as_noise, checked_names
from noisette.networks._continuous import ContinuousNetwork, Time, number
from noisette.networks._state import State
from noisette.noise import PLACES, Noise, Place, by_place
from noisette.random_numbers import fold_in
from noisette.reprs import extent, shown
from noisette.weights import labels, square

OBSERVED: tuple[Place, ...] = ("activation", "rate", "readout")  # places of noise that the outputs contain
VALUED = "a noise that has values, that is, a correlation time"


def _per_unit(values: Any, size: int, name: str, least: float = -np.inf) -> Array:
    """Return a scalar or one value per unit as an array; raise if a value is not above `least`."""
    array = real_values(values, name)
    require(
        array.shape in ((), (size,)), f"{name} of shape {array.shape}", f"one number, or one for each of {size} units"
    )
    if isinstance(array, Tracer):
        return array
    lowest = float(np.min(np.asarray(array)))
    require(lowest > least, f"{name} {lowest:g}", f"numbers above {least:g}")
    return jnp.asarray(array, float)


def _matrix(values: Any, rows: int | None, columns: int | None, name: str) -> Array:
    """Return a matrix as an array; raise if it does not have the given numbers of rows and columns."""
    array = real_values(values, name)
    shape = (rows or "any", columns or "any")
    fits = array.ndim == 2 and rows in (None, array.shape[0]) and columns in (None, array.shape[1])
    require(fits, f"{name} of shape {array.shape}", f"a matrix of shape {shape}")
    return array if isinstance(array, Tracer) else jnp.asarray(array, float)


def _square(weights: Any) -> Array:
    """Return validated weights; JAX arrays keep their precision."""
    if isinstance(weights, Tracer):
        return real_values(weights, "weights")
    matrix = square(weights)
    return weights if isinstance(weights, Array) and weights.dtype.kind == "f" else jnp.asarray(matrix)


class RateNetwork(ContinuousNetwork):
    """Network of leaky rate units coupled through an activation function.

    .. math:: \\tau_i \\dot x_i = -x_i + g \\sum_j W_{ij} \\phi(x_j) + b_i + \\sum_c B_{ic} u_c(t),
       \\qquad \\text{plus noise on } x_i

    The noise is multiplied by `noise_scale` of x, if given, with the product of Itô; see `Flow` for Stratonovich.

    Parameters
    ----------
    weights : W, row = target, shape (N, N): an array, a sparse array, a DataFrame, a DataArray or a graph, see
        `weights.square`
    gain : g, factor of W; networks that differ only in gain share W in a simulation, which saves most of the run time
    tau : τ, time constants, a scalar or shape (N,), in units of `unit_of_time`
    bias : b, a scalar or one value per unit, shape (N,)
    activation : φ, any differentiable function of arrays; see `activations`
    noise : noise added to x; None for no noise. White(σ) adds σ √dt ξ in each step. For noise inside the activation,
        on rates, synapses, inputs or read-out see `noise.Placed`
    input_weights : B, shape (N, channels); None for a single channel that is added to every unit, B = 1
    readout : output weights on φ(x), shape (outputs, N); None for no outputs
    readout_bias : bias of the outputs, a scalar or shape (outputs,)
    unit_of_time : unit of the time constants and of time in results, "tau" or "ms"
    unit_names : names of the units, which label results; by default the labels of the weights, if they have any
    noise_scale : factor of the noise of each unit, a function from the state x, shape (N,), to an array of this shape;
        None for 1. With a function of x_i alone, as jnp.abs, the solver "milstein" has strong order 1

    Raises
    ------
    InputError : inconsistent shapes, values that are not finite, time constants that are not positive, or a noise that
        is not a `noise.Noise`.

    See Also
    --------
    Boltzmann : Probabilistic binary units.
    Onsager : A network with a reaction term that freezes chaos.
    networks.TaskNetwork : Rates of excitatory and inhibitory units, for training on tasks.
    networks.Flow : Your own differential equation.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(100, 0.1, self_coupling=False, key=jax.random.key(0))
    >>> network = nz.RateNetwork(W, gain=0.5)
    >>> data = nz.simulate(network, duration=20, dt=0.1, key=1)
    >>> bool(abs(data.final).max() < 1e-3)  # below g = 1 all activity decays
    True

    References
    ----------
    Sompolinsky, Crisanti & Sommers (1988), Physical Review Letters 61:259.
    """

    weights: Float[Array, "N N"]
    gain: Float[Array, ""]
    tau: Float[Array, "*units"]
    bias: Float[Array, "*units"]
    activation: Activation
    noise: Noise | None
    input_weights: Float[Array, "N channels"] | None
    readout: Float[Array, "outputs N"] | None
    readout_bias: Float[Array, "*outputs"]
    unit_of_time: str = eqx.field(static=True)
    noise_scale: Callable[[Array], Array] | None = None

    @check_arguments
    def __init__(
        self,
        weights: Any,
        gain: ArrayLike | Array = 1.0,
        *,
        tau: float | ArrayLike | Array = 1.0,
        bias: float | ArrayLike | Array = 0.0,
        activation: Activation = tanh,
        noise: Noise | None = None,
        input_weights: ArrayLike | Array | None = None,
        readout: ArrayLike | Array | None = None,
        readout_bias: float | ArrayLike | Array = 0.0,
        unit_of_time: str = "tau",
        unit_names: Sequence[str] | None = None,
        noise_scale: Callable[[Array], Array] | None = None,
    ):
        self.weights = _square(weights)
        size = self.weights.shape[0]
        names = checked_names(labels(weights) if unit_names is None else unit_names, size)
        if names is not None:
            self.unit_names = names
        try_function(activation, "activation", (size,), returns=(size,))
        if noise_scale is not None:
            try_function(noise_scale, "noise_scale", (size,), returns=(size,))
        self.noise_scale = noise_scale
        self.gain = number(gain, "gain")
        self.tau, self.bias = _per_unit(tau, size, "tau", 0.0), _per_unit(bias, size, "bias")
        self.activation, self.noise, self.unit_of_time = activation, as_noise(noise), unit_of_time
        self.input_weights = None if input_weights is None else _matrix(input_weights, size, None, "input weights")
        self.readout = None if readout is None else _matrix(readout, None, size, "readout weights")
        outputs = 1 if self.readout is None else self.readout.shape[0]
        self.readout_bias = _per_unit(readout_bias, outputs, "readout bias")

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.weights.shape[0]

    @property
    def min_tau(self) -> float:
        """Shortest time constant."""
        return float(np.min(np.asarray(self.tau)))

    @property
    def time_unit(self) -> str:
        """Unit of the time constants and of time."""
        return self.unit_of_time

    @property
    def time_constants(self) -> Float[Array, "*units"]:
        """Time constants τ."""
        return self.tau

    @property
    def activity(self):
        """The activation function φ."""
        return self.rate

    def facts(self):
        """Return gain, time constants, activation and noise, and the numbers of inputs and outputs if there are any."""
        facts = {"gain": shown(self.gain), "tau": extent(self.tau), "activation": shown(self.activation)}
        if self.unit_of_time != "tau":
            facts["tau"] += f" {self.unit_of_time}"
        if np.any(np.asarray(self.bias)) if not isinstance(self.bias, Tracer) else True:
            facts["bias"] = shown(self.bias)
        if self.input_weights is not None:
            facts["inputs"] = str(self.input_weights.shape[1])
        if self.readout is not None:
            facts["outputs"] = str(self.readout.shape[0])
        if self.noise_scale is not None:
            facts["noise scale"] = shown(self.noise_scale)
        return {**facts, "noise": shown(self.noise)}

    def rate(self, units: Float[Array, "*batch N"]) -> Float[Array, "*batch N"]:
        """Return φ(x)."""
        return self.activation(units)

    def drive(self, inputs: Float[Array, " channels"] | None) -> Float[Array, "*units"]:
        """Return the external input B u, shape (N,) or a scalar."""
        if inputs is None:
            return jnp.zeros(())
        channels = 1 if self.input_weights is None else self.input_weights.shape[1]
        require(
            inputs.shape == (channels,),
            f"{inputs.shape[0]} input channels",
            f"the network has {channels}",
            "give input_weights with one column for each channel",
        )
        return inputs[0] if self.input_weights is None else self.input_weights @ inputs

    def drift(self, units, time=0.0, inputs=None):
        """Return (−x + g W φ(x) + b + B u)/τ."""
        return (-units + self.gain * (self.weights @ self.rate(units)) + self.bias + self.drive(inputs)) / self.tau

    def diffusion(self, units):
        """Return the factor of the noise of each unit, shape (N,); None for 1."""
        return None if self.noise_scale is None else self.noise_scale(units)

    def init(self, units, *, key):
        """Return the initial state with the given units and newly initialised noises of all places."""
        parts = by_place(self.noise)
        if parts.keys() <= {"current"}:
            return super().init(units, key=key)
        keys = {place: fold_in(key, PLACES.index(place)) for place in parts}
        states = {place: part.init(self.processes(place), key=keys[place]) for place, part in parts.items()}
        return State(units, states)

    def processes(self, place: Place) -> int:
        """Return the number of processes of noise at a place: N, N² for synapses, channels or outputs."""
        counts = {"inputs": 1 if self.input_weights is None else self.input_weights.shape[1]}
        counts["readout"] = 0 if self.readout is None else self.readout.shape[0]
        counts["synapses"] = self.size**2
        return counts.get(place, self.size)

    def sample_noise(self, state, time, *, key, dt):
        """Return the noise of a step at each place, or on the current only, and the next states.

        Inside the activation this is the value η, elsewhere the noise integrated over the step.
        """
        parts = by_place(self.noise)
        if parts.keys() <= {"current"}:
            return super().sample_noise(state, time, key=key, dt=dt)
        samples, after = {}, {}
        for place, part in parts.items():
            size, own_key = self.processes(place), fold_in(key, PLACES.index(place))
            samples[place], after[place] = part.sample(state[place], time, size, key=own_key, dt=dt)
            if place == "activation":
                samples[place] = part.value(state[place], time, size, dt=dt)
        return samples, after

    def increment(self, units, time, inputs, dt, sample):
        """Return the change of the state in an Euler–Maruyama step, with noise as defined by `noise.Placed`."""
        sent = dt * self.rate(units + sample.get("activation", 0.0)) + sample.get("rate", 0.0)
        received = self.weights @ sent
        if "synapses" in sample:
            relative = sample["synapses"].reshape(self.weights.shape)
            received = received + (self.weights * relative) @ (sent / dt)
        signal = dt * self.drive(inputs)
        if "inputs" in sample:
            signal = signal + self.drive(sample["inputs"])
        leak = dt * (self.bias - units)
        factor, current = self.diffusion(units), sample.get("current", 0.0)
        added = current if factor is None else factor * current
        return (leak + self.gain * received + signal) / self.tau + added

    def noisy_output(self, state: State, time: Time, dt: Time = 1.0) -> Float[Array, " outputs"]:
        """Return the outputs with the values of the noise inside the activation, on the rates and on the read-out.

        Parameters
        ----------
        state : state of the network, with that of its noise
        time, dt : time of the state and length of a step

        Raises
        ------
        InputError : a network without readout weights, or white noise on the rates or the read-out, whose value is
            infinite.
        """
        noises = by_place(self.noise)
        observed: list[Place] = [place for place in OBSERVED if place in noises]
        if not observed:
            return self.output(state.units)
        values = {p: noises[p].value(state.noise[p], time, self.processes(p), dt=dt) for p in observed}
        require(self.readout is not None, "a network without readout weights", "give readout= to RateNetwork")
        assert self.readout is not None
        rates = self.rate(state.units + values.get("activation", 0.0)) + values.get("rate", 0.0)
        return self.readout @ rates + self.readout_bias + values.get("readout", 0.0)

    def _try_noise(self, noise):
        super()._try_noise(noise)
        parts = by_place(noise)
        for place in ("activation", "readout"):
            if place in parts:
                count = self.processes(place)
                require(count > 0, "noise on the read-out of a network without readout", "give readout=")
                require(
                    parts[place].has_values,
                    f"{parts[place]!r} at the place {place!r}",
                    VALUED,
                    "nz.OrnsteinUhlenbeck(s, tau)",
                )
        if {"rate", "synapses"} <= parts.keys():
            valued = parts["rate"].has_values or parts["synapses"].has_values
            require(
                valued, "white noise on both rates and synapses", "at most one of the two, as their product diverges"
            )

    def output(self, units: Float[Array, "*batch N"]) -> Float[Array, "*batch outputs"]:
        """Return the outputs, the readout of φ(x) plus the readout bias."""
        require(self.readout is not None, "a network without readout weights", "give readout= to RateNetwork")
        assert self.readout is not None
        return self.rate(units) @ self.readout.T + self.readout_bias

    def with_gain(self, gain: ArrayLike | Array) -> "RateNetwork":
        """Return a copy of the network with another gain, which shares its weights."""
        return eqx.tree_at(lambda n: n.gain, self, number(gain, "gain"))
