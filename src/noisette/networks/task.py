"""Task networks: excitatory and inhibitory rate units, parametrised for training on tasks."""

import math
from typing import ClassVar, Literal, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Bool, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.activations import sigmoid
from noisette.arguments import check_arguments
from noisette.errors import integer, real_array, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks._base import as_noise
from noisette.networks._continuous import ContinuousNetwork
from noisette.networks._single_precision import PRECISION, single_precision
from noisette.networks._step_noise import NO_STEP_NOISE, StepNoise, checked_step_noise, placed_noises
from noisette.networks.rate import RateNetwork
from noisette.noise import Channels, Noise, White
from noisette.reprs import extent, shown

Population = Literal["all", "excitatory", "inhibitory"]


# parameters of a task network, apart from its step noise
PARTS = ("weights", "signs", "logits", "input_weights", "readout", "readout_bias", "noise_weights", "mask")
PARTS += ("tau_range", "dt", "sensory_noise")


class Trainable(NamedTuple):
    """Trainable parameters: raw weights, logits of the time constants, readout, and noise weights."""

    weights: Float[Array, "N K"]
    logits: Float[Array, " N"]
    readout: Float[Array, "outputs N"]
    readout_bias: Float[Array, " outputs"]
    noise_weights: Float[Array, "N C"]


class TaskNetwork(ContinuousNetwork):
    """Rate network of excitatory and inhibitory units for training on tasks.

    .. math::
       x_{t+1} = (1 - \\alpha) x_t + \\alpha \\big(W r_t + W_{\\text{noise}} \\psi_t + W_{\\text{in}} u_t\\big)
       + s \\xi_t, \\qquad r = \\sigma(x), \\quad o = W_{\\text{out}} r + b

    .. math::
       W = \\max(w, 0) \\circ M \\, \\mathrm{diag}(\\text{signs}), \\qquad \\alpha_i = dt/\\tau_i, \\qquad
       \\tau_i = \\tau_{\\min} + (\\tau_{\\max} - \\tau_{\\min}) \\, \\sigma(g_i)

    Here ψ and ξ are standard normal and independent in every step; for noise inside the activation, on rates, synapses
    or the read-out see `StepNoise`. Times are in ms. A task network can be used like any other network in continuous
    time: in simulations, linearisations and Lyapunov spectra, and as the network of `Onsager`. All of these use
    `network`, the equivalent `RateNetwork`.

    Parameters
    ----------
    weights : w, raw weights, row = target, shape (N, N); a value that is not positive is a missing connection
    signs : +1 for an excitatory unit, −1 for an inhibitory one, shape (N,)
    logits : g, logits of the time constants, shape (N,)
    input_weights : W_in, shape (N, channels); not trained
    readout : W_out, shape (outputs, N)
    readout_bias : b, a scalar or shape (outputs,)
    noise_weights : W_noise, shape (N, C); None for no noise channels
    mask : M, shape (N, N), nonzero for synapses that are kept; None keeps all
    tau_range : τ_min and τ_max, in ms
    dt : step, in ms
    sensory_noise : s, standard deviation of the noise added to each unit per step
    step_noise : standard deviations of the noise at other places, `StepNoise`; none by default

    Raises
    ------
    InputError : inconsistent shapes, values that are not finite, signs other than ±1, or an invalid range.

    See Also
    --------
    RateNetwork : Continuous rates with any activation.

    Examples
    --------
    >>> import jax
    >>> network = TaskNetwork.random(noise_channels=10, key=jax.random.key(0))
    >>> network.size, network.channels, network.noise_channels
    (200, 2, 10)
    >>> bool((network.tau > 20).all() and (network.tau < 125).all())
    True
    >>> import noisette as nz
    >>> nz.simulate(network, duration=100, dt=1, probes=nz.Trace(every=20), key=0).time.values  # ms
    array([ 0., 20., 40., 60., 80.])

    References
    ----------
    Rungratsameetaweemana, Kim, Chotibut & Sejnowski (2025), PNAS 122:e2316745122, Eqs 6–9; Kim, Li & Sejnowski
    (2019), PNAS 116:22811.
    """

    requirement: ClassVar[str] = "a task network, or what training.load returns"

    weights: Float[Array, "N N"]
    signs: Float[Array, " N"]
    logits: Float[Array, " N"]
    input_weights: Float[Array, "N channels"]
    readout: Float[Array, "outputs N"]
    readout_bias: Float[Array, " outputs"]
    noise_weights: Float[Array, "N C"]
    mask: Bool[Array, "N N"] | None
    tau_range: tuple[float, float] = eqx.field(static=True)
    dt: float = eqx.field(static=True)
    sensory_noise: float = eqx.field(static=True)
    step_noise: StepNoise = eqx.field(static=True)

    @check_arguments
    def __init__(
        self,
        weights: ArrayLike | Array,
        signs: ArrayLike | Array,
        logits: ArrayLike | Array,
        input_weights: ArrayLike | Array,
        readout: ArrayLike | Array,
        *,
        readout_bias: ArrayLike | Array = 0.0,
        noise_weights: ArrayLike | Array | None = None,
        mask: ArrayLike | Array | None = None,
        tau_range: tuple[float, float] = (20.0, 125.0),
        dt: float = 5.0,
        sensory_noise: float = 0.1,
        step_noise: StepNoise = NO_STEP_NOISE,
    ):
        raw = real_array(weights, "weights", finite=False)
        require(raw.ndim == 2 and raw.shape[0] == raw.shape[1], f"weights of shape {raw.shape}", "a square matrix")
        size = len(raw)
        outputs = np.atleast_2d(real_array(readout, "readout weights", finite=False))
        noise = np.zeros((size, 0)) if noise_weights is None else noise_weights
        bias = real_array(readout_bias, "readout bias", finite=False)
        bias = np.broadcast_to(bias, outputs.shape[:1]) if bias.ndim == 0 else bias
        self.weights = single_precision(raw, (size, size), "weights")
        self.signs = single_precision(signs, (size,), "signs")
        self.logits = single_precision(logits, (size,), "logits of the time constants")
        self.input_weights = single_precision(input_weights, (size, None), "input weights")
        self.readout = single_precision(outputs, (None, size), "readout weights")
        self.readout_bias = single_precision(bias, outputs.shape[:1], "readout bias")
        self.noise_weights = single_precision(noise, (size, None), "noise weights")
        self.mask = None if mask is None else single_precision(mask, (size, size), "mask") != 0
        require(bool((jnp.abs(self.signs) == 1).all()), "signs other than +1 and -1", "+1 or -1 for each unit")
        low, high = (real_number(value, "tau range", "a time in ms") for value in tau_range)
        require(0 < low < high < math.inf, f"tau range {low:g} … {high:g} ms", "two increasing times above zero")
        dt = real_number(dt, "dt")
        sensory_noise = real_number(sensory_noise, "sensory noise", "zero or positive", lambda s: 0 <= s < math.inf)
        require(
            0 < dt <= low, f"dt {dt:g} ms with time constants from {low:g} ms", "0 < dt ≤ the shortest time constant"
        )
        self.tau_range, self.dt, self.sensory_noise = (low, high), float(dt), float(sensory_noise)
        self.step_noise = checked_step_noise(step_noise)

    @classmethod
    def random(
        cls,
        size: int = 200,
        *,
        channels: int = 2,
        outputs: int = 1,
        noise_channels: int = 0,
        inhibitory: float = 0.2,
        density: float = 0.2,
        gain: float = 1.5,
        tau_range: tuple[float, float] = (20.0, 125.0),
        dt: float = 5.0,
        sensory_noise: float = 0.1,
        step_noise: StepNoise = NO_STEP_NOISE,
        key: KeyLike,
    ) -> "TaskNetwork":
        """Draw a random network, the initial network of training.

        .. math:: w_{ij} = \\frac{\\text{gain}}{\\sqrt{N p}} |\\mathcal N(0, 1)| \\text{ with probability } p, \\quad
           W_{\\text{in}}, W_{\\text{noise}}, g \\sim \\mathcal N(0, 1), \\quad
           W_{\\text{out}} \\sim \\mathcal N(0, 10^{-4})

        Parameters
        ----------
        size : number of units N
        channels : number of input channels U
        outputs : number of outputs
        noise_channels : number of noise channels C
        inhibitory : probability that a unit is inhibitory; the number of inhibitory units is binomial
        density : p, connection probability
        gain : gain of the initial weights
        tau_range, dt, sensory_noise, step_noise : as for the class
        key : random key, or an integer

        Examples
        --------
        >>> import jax
        >>> network = TaskNetwork.random(1000, key=jax.random.key(0))
        >>> round(float((network.weights > 0).mean()), 2), round(float((network.signs < 0).mean()), 1)
        (0.2, 0.2)
        """
        for name, value, least in (
            ("size", size, 1),
            ("channels", channels, 1),
            ("outputs", outputs, 1),
            ("noise channels", noise_channels, 0),
        ):
            integer(value, name, least)
        key = as_key(key)
        require(0 <= inhibitory <= 1, f"inhibitory {inhibitory:g}", "a probability")
        require(0 < density <= 1, f"density {density:g}", "a probability above zero")
        require(0 < gain < math.inf, f"gain {gain:g}", "a number above zero")
        draw = lambda name, *shape: np.asarray(jax.random.normal(_subkey(key, name), shape, float))  # noqa: E731
        connected = np.asarray(jax.random.bernoulli(_subkey(key, "mask"), density, (size, size)))
        negative = np.asarray(jax.random.bernoulli(_subkey(key, "signs"), inhibitory, (size,)))
        return cls(
            np.abs(draw("weights", size, size)) * connected * gain / math.sqrt(size * density),
            np.where(negative, -1.0, 1.0),
            draw("logits", size),
            draw("input", size, channels),
            draw("readout", outputs, size) / 100,
            noise_weights=draw("noise", size, noise_channels),
            tau_range=tau_range,
            dt=dt,
            sensory_noise=sensory_noise,
            step_noise=step_noise,
        )

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.weights.shape[0]

    @property
    def channels(self) -> int:
        """Number of input channels U."""
        return self.input_weights.shape[1]

    @property
    def noise_channels(self) -> int:
        """Number of noise channels C."""
        return self.noise_weights.shape[1]

    @property
    def tau(self) -> Float[np.ndarray | Array, " N"]:
        """Time constants in ms, shape (N,)."""
        low, high = self.tau_range
        return low + (high - low) * _as_numpy(jax.nn.sigmoid(self.logits.astype(float)))

    @property
    def time_unit(self) -> str:
        """Unit of time: "ms"."""
        return "ms"

    @property
    def time_constants(self) -> Float[Array, " N"]:
        """Time constants in ms, shape (N,)."""
        return jnp.asarray(self.tau)

    @property
    def min_tau(self) -> float:
        """Shortest time constant, in ms."""
        return float(np.min(np.asarray(self.tau)))

    @property
    def activity(self):
        """The activation function σ."""
        return sigmoid

    @property
    def excitatory(self) -> Bool[np.ndarray, " N"]:
        """Whether each unit is excitatory, shape (N,)."""
        return np.asarray(self.signs > 0)

    @property
    def effective(self) -> Float[np.ndarray | Array, "N N"]:
        """Effective weights W = max(w, 0) ∘ M diag(signs), row = target, shape (N, N)."""
        signed = jnp.maximum(self.weights.astype(float), 0.0) * self.signs.astype(float)
        return _as_numpy(signed if self.mask is None else signed * self.mask)

    @property
    def trainable(self) -> Trainable:
        """The trainable parameters."""
        return Trainable(self.weights, self.logits, self.readout, self.readout_bias, self.noise_weights)

    def trained(self, parameters: Trainable) -> "TaskNetwork":
        """Return a copy of the network with other trainable parameters."""
        return eqx.tree_at(lambda n: tuple(n.trainable), self, tuple(parameters))

    @property
    def noise(self) -> Noise:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Noise that adds α W_noise ψ + s ξ in a step of `dt`, defined by its intensity, and hence for any step.

        The noise at other places, see `StepNoise`, has values that are held for `dt`.
        """
        noise: Noise = White(self.sensory_noise / math.sqrt(self.dt))
        if self.noise_channels > 0:
            channels = math.sqrt(self.dt) * _as_numpy(self.noise_weights.astype(float)) / self.tau[:, None]
            noise = Channels(channels) + noise
        return sum(placed_noises(self.step_noise, self.dt), start=noise)

    @property
    def network(self) -> RateNetwork:
        """The equivalent `RateNetwork`, in ms and float64."""
        return RateNetwork(
            self.effective,
            tau=self.tau,
            activation=sigmoid,
            noise=self.noise,
            input_weights=_as_numpy(self.input_weights.astype(float)),
            readout=_as_numpy(self.readout.astype(float)),
            readout_bias=_as_numpy(self.readout_bias.astype(float)),
            unit_of_time="ms",
        )

    def facts(self):
        """Return the numbers of inputs, outputs and noise channels, the time constants and the sensory noise."""
        placed = {f"{place}_noise": shown(std) for place, std in self.step_noise._asdict().items() if std}
        return {
            "inputs": str(self.channels),
            "outputs": str(self.readout.shape[0]),
            "tau": f"{extent(self.tau)} ms",
            "noise_channels": str(self.noise_channels),
            "sensory_noise": shown(self.sensory_noise),
            **placed,
        }

    def dynamics(self) -> RateNetwork:
        """Return the equivalent `RateNetwork`, for which weights and time constants are computed once."""
        return self.network

    def drift(self, units, time=0.0, inputs=None):
        """Return (−x + W σ(x) + W_in u)/τ."""
        return self.network.drift(units, time, inputs)

    def with_noise(self, noise: Noise | None) -> RateNetwork:  # pyright: ignore[reportIncompatibleMethodOverride]
        """Return the equivalent `RateNetwork` with another noise; `noise_weights` determine that of a task network."""
        return self.network.with_noise(as_noise(noise))

    @check_arguments
    def with_tau(self, tau: float, cells: Population = "all") -> "TaskNetwork":
        """Return a copy of the network with the time constants of all or some units set to a value.

        Parameters
        ----------
        tau : time constant, in ms, within the closed `tau_range`
        cells : units that are changed, "all", "excitatory" or "inhibitory"

        Examples
        --------
        >>> import jax
        >>> slow = TaskNetwork.random(key=jax.random.key(0)).with_tau(125.0, "inhibitory")
        >>> float(slow.tau[~slow.excitatory].min())
        125.0
        """
        low, high = self.tau_range
        require(low <= tau <= high, f"tau {tau:g} ms", f"{low:g} … {high:g} ms, the range of this network")
        fraction = (tau - low) / (high - low)
        # in float64 the logistic function is exactly 1 at 40 and exactly 0 at −800
        logit = 40.0 if fraction == 1 else -800.0 if fraction == 0 else math.log(fraction / (1 - fraction))
        masks = {"all": np.ones(self.size, bool), "excitatory": self.excitatory, "inhibitory": ~self.excitatory}
        return eqx.tree_at(lambda n: n.logits, self, jnp.where(masks[cells], PRECISION(logit), self.logits))

    def with_noise_weights(self, noise_weights: ArrayLike | Array) -> "TaskNetwork":
        """Return a copy of the network with other noise weights, shape (N, C)."""
        checked = single_precision(noise_weights, (self.size, None), "noise weights")
        return eqx.tree_at(lambda n: n.noise_weights, self, checked)

    def with_step_noise(self, step_noise: StepNoise) -> "TaskNetwork":
        """Return a copy of the network with another `StepNoise`.

        Examples
        --------
        >>> import jax
        >>> network = TaskNetwork.random(10, step_noise=StepNoise(activation=0.5), key=jax.random.key(0))
        >>> network.with_step_noise(StepNoise(rate=0.1)).step_noise.activation
        0.0
        """
        parts = {name: vars(self)[name] for name in PARTS}
        return TaskNetwork(**parts, step_noise=step_noise)


def _subkey(key: PRNGKeyArray, name: str) -> PRNGKeyArray:
    """Fold a name into a key, so that each draw is independent of the order of the draws."""
    return jax.random.fold_in(key, int.from_bytes(name.encode()[:4], "big"))


def _as_numpy(values: Array) -> np.ndarray | Array:
    """Return a NumPy array, or the JAX array itself if it is traced."""
    return values if isinstance(values, Tracer) else np.asarray(values)
