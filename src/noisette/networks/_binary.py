"""Base class of binary networks: weights, biases, noise, and synchronous updates."""

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, ClassVar, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt64
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.codes import decode, states
from noisette.errors import InputError, real_array, require
from noisette.keys import KeyLike
from noisette.networks._alias import alias_table, draw
from noisette.networks._base import DiscreteNetwork, as_noise, checked_names
from noisette.networks._log_odds import LogOdds
from noisette.networks._state import CodedState, State
from noisette.noise import Channels, Noise, Sum, White, by_place, own_noises
from noisette.random_numbers import exponential, fold_in, key_words, normal, uniform
from noisette.reprs import shown
from noisette.weights import labels, square

Binary = TypeVar("Binary", bound="BinaryNetwork")
LARGEST_TABLE = 8  # largest number of units for which the rows of the chain are tabulated, 512 KB
SYNAPTIC = "perturb the weights for noise that is constant in a trial"
NOISE = 0  # number folded into the key of a step for its noise


@check_arguments
def rounded_reach(largest: float) -> float:
    """Round a bound on |h| up to 48 · 2^k; the few distinct values limit the number of compilations.

    Examples
    --------
    >>> rounded_reach(10.0), rounded_reach(50.0)
    (48.0, 96.0)
    """
    require(math.isfinite(largest), f"bound {largest:g}", "a finite number")
    return 48.0 * 2.0 ** max(0, math.ceil(math.log2(max(largest, 1.0) / 48)))


class BinaryNetwork(DiscreteNetwork):
    """Base class of networks of ±1 units, all updated synchronously from their noisy inputs.

    .. math:: u_n(t) = \\sum_m W_{nm} s_m(t-1) + b_n + \\text{noise}_n(t)

    A subclass defines the distribution of the next state s_n(t) given u_n(t), and `flip_probability`.

    Gaussian noise without memory is not drawn by simulations, see `dynamics`.

    Parameters
    ----------
    weights : W, row = target, shape (N, N): an array, a sparse array, a DataFrame, a DataArray or a graph, see
        `weights.square`
    bias : b, a scalar or one value per unit, shape (N,)
    noise : noise added to u at each step; None for no noise. `noise.Placed` noise on the rates or synapses is replaced
        by the equivalent noise on u
    unit_names : names of the units, which label results; by default the labels of the weights, if they have any

    Raises
    ------
    InputError : weights that are not square or not finite, biases of another size, or a noise that is not a
        `noise.Noise`.
    """

    requirement: ClassVar[str] = "a binary network, Boltzmann or SignNetwork"

    weights: Float[Array, "N N"]
    bias: Float[Array, " N"]
    noise: Noise
    log_odds: LogOdds | None
    table: UInt64[Array, "states states"] | None

    @check_arguments
    def __init__(
        self,
        weights: Any,
        bias: ArrayLike = 0.0,
        noise: Noise | None = None,
        *,
        unit_names: Sequence[str] | None = None,
    ):
        self.weights = jnp.asarray(square(weights))
        size = self.weights.shape[0]
        names = checked_names(labels(weights) if unit_names is None else unit_names, size)
        if names is not None:
            self.unit_names = names
        bias_array = real_array(bias, "bias")
        require(
            bias_array.shape in ((), (size,)),
            f"bias of shape {bias_array.shape}",
            f"a finite number, or {size} finite numbers",
        )
        self.bias = jnp.asarray(np.broadcast_to(bias_array, (size,)).copy())
        self.noise = self._on_current(as_noise(noise))  # pyright: ignore[reportIncompatibleVariableOverride]
        self.log_odds = self.table = None

    @classmethod
    def from_zero_one(cls: type[Binary], weights: Any, bias: ArrayLike = 0.0, noise: Noise | None = None) -> Binary:
        """Return the network of ±1 units equivalent to a network of {0, 1} units.

        With x = (s + 1)/2 the weights become W/2 and the biases b_n + Σ_m W_nm/2; codes and noise are unchanged.

        Examples
        --------
        >>> from noisette.networks import Boltzmann
        >>> Boltzmann.from_zero_one([[0.0, 2.0], [4.0, 0.0]]).bias.tolist()
        [1.0, 2.0]
        """
        matrix = square(weights)
        network = cls(matrix / 2, real_array(bias, "bias") + matrix.sum(1) / 2, noise)
        return network._with_names(labels(weights))

    def _on_current(self, noise: Noise | None) -> Noise:
        """Return the equivalent noise on the current, to which exact theory applies.

        Inside the activation, noise is the same as on the current. Noise on the rates adds Σ_m W_nm ρ_m. White synaptic
        noise adds Σ_m W_nm ζ_nm s_m, which for s_m = ±1 is white, independent for each unit, and of variance
        σ² Σ_m W_nm².
        """
        parts = by_place(noise)
        if noise is None or parts.keys() <= {"current"}:
            return noise or White(0.0)
        current = [parts[place] for place in ("current", "activation") if place in parts]
        if "rate" in parts:
            current.append(Channels(self.weights, parts["rate"]))
        if "synapses" in parts:
            synaptic = parts["synapses"]
            allowed = "White of one strength, which is drawn in each step"
            require(isinstance(synaptic, White), f"{synaptic!r} on the synapses of a binary network", allowed, SYNAPTIC)
            assert isinstance(synaptic, White)
            one = synaptic.strength.size == 1
            require(one, f"white noise with {synaptic.strength.size} strengths on synapses", allowed)
            current.append(White(synaptic.strength.reshape(()) * jnp.sqrt((self.weights**2).sum(1))))
        absent = ", ".join(place for place in ("inputs", "readout") if place in parts)
        require(not absent, f"noise on {absent} of a binary network", "current, activation, rate or synapses")
        return current[0] if len(current) == 1 else Sum(tuple(current))

    def facts(self):
        """Return the biases, if any is not zero, and the noise."""
        biased = isinstance(self.bias, Tracer) or np.any(np.asarray(self.bias))
        return ({"bias": shown(self.bias)} if biased else {}) | {"noise": shown(self.noise)}

    @property
    def size(self) -> int:
        """Number of units N."""
        return self.weights.shape[0]

    def with_noise(self: Binary, noise: Noise | None) -> Binary:
        """Return a copy of the network with another noise."""
        return type(self)(self.weights, self.bias, noise)._with_names(self.unit_names)

    def _with_names(self: Binary, names: tuple[str, ...] | None) -> Binary:
        """Return the network with names of its units."""
        return self if names is None else type(self)(self.weights, self.bias, self.noise, unit_names=names)

    def field(self, units: Float[Array | np.ndarray, "*batch N"]) -> Float[Array, "*batch N"]:
        """Return the local field h = W s + b, the input without noise."""
        return jnp.asarray(units) @ self.weights.T + self.bias

    def reach(self) -> float:
        """Return a bound on |h| over all states, rounded up so that compiled code is reused, see `rounded_reach`."""
        return rounded_reach(self.largest_field())

    def largest_field(self) -> float:
        """Return a bound on |h| over all states: the maximum over n of Σ_m |W_nm| + |b_n|."""
        return float(np.max(np.abs(self.weights).sum(1) + np.abs(self.bias)))

    def zero_tolerance(self) -> Float[Array, ""]:
        """Return the tolerance below which a field counts as zero: the rounding error of its sum."""
        return 1e-12 * (jnp.max(jnp.abs(self.weights).sum(1)) + jnp.max(jnp.abs(self.bias)))

    def start(self, start: int | ArrayLike | None = None, *, key: KeyLike | None = None) -> np.ndarray:
        """Return the initial state from an integer code (0 by default) or from N values ±1."""
        array = np.asarray(0 if start is None else start)
        allowed = f"an integer code below 2^{self.size}, or {self.size} values ±1"
        if array.ndim == 0:
            require(array.dtype.kind in "iu", f"start {start!r}", allowed)
            return decode(array, self.size)
        units = real_array(start, "start")
        require(
            units.shape == (self.size,) and bool((np.abs(units) == 1).all()), f"start of shape {array.shape}", allowed
        )
        return units

    def dynamics(self):
        """Return the network with tabulated probabilities of the next state, if its noise is Gaussian without memory.

        The noise of each unit is then averaged over exactly instead of being drawn, so that a step takes one random
        number per unit, which is compared with the probability that the unit is on; only factors shared by units are
        drawn. For at most 8 units without shared factors, a step takes a single random number, by which the alias
        method selects the next state from a row of the transition matrix. The law of the states is the same.
        """
        law = self._stationary_law()
        if law is None or self.size > LARGEST_TABLE or len(law[1]):
            return self.averaged()
        table = jnp.asarray(alias_table(self._rows(law[0])))
        return eqx.tree_at(lambda n: n.table, self, table, is_leaf=lambda x: x is None)

    def averaged(self: Binary) -> Binary:
        """Return the network with the log-odds of its units, if its noise is Gaussian without memory, see `dynamics`.

        The log-odds are functions of the field, so that they also hold for other weights and biases.
        """
        law = self._stationary_law()
        if law is None:
            return self
        std, _ = law
        # the fields that are set depend only on shapes, so that networks with different strengths can be stacked
        if all(np.ndim(leaf) == 0 for leaf in jax.tree.leaves(self.noise)):
            std = std[:1]
        return eqx.tree_at(lambda n: n.log_odds, self, self._log_odds(std), is_leaf=lambda x: x is None)

    def _stationary_law(self) -> tuple[np.ndarray, np.ndarray] | None:
        """Return standard deviations and shared factors of Gaussian noise without memory; None for other noise."""
        leaves = (self.weights, self.bias, *jax.tree.leaves(self.noise))
        if any(isinstance(leaf, Tracer) for leaf in leaves) or any(own_noises(self.noise, self.size)):
            return None
        try:
            std, factors = self.noise.step_law(self.size, None)
        except InputError:
            return None
        return np.asarray(std), np.asarray(factors)

    def _rows(self, std: np.ndarray) -> np.ndarray:
        """Return the transition matrix in independent noise, shape (2^N, 2^N)."""
        field = self.field(states(self.size))
        q = np.asarray(self.flip_probability(field, jnp.asarray(std), reach=self.reach()))
        on = np.where(np.asarray(field) >= 0, 1 - q, q)
        rows = np.ones((len(field), 1))
        for p in on.T[:, :, None]:  # the first unit is the most significant bit
            rows = np.stack([rows * (1 - p), rows * p], axis=-1).reshape(len(field), -1)
        return rows

    def init(self, units, *, key) -> Any:
        """Return the initial state with the given units and a newly initialised noise."""
        return super().init(units, key=key) if self.table is None else CodedState.from_units(units, key_words(key))

    def step(self, state: Any, time: Int[Array, ""], *, key: PRNGKeyArray) -> Any:
        """Update all units once; `time` is the index of the step, starting at 0."""
        if isinstance(state, CodedState):
            assert self.table is not None
            return state.after(draw(self.table, state.code, state.word), time)
        field, for_noise = self.field(state.units), fold_in(key, NOISE)
        if self.log_odds is None:
            sample, noise = self.noise.sample(state.noise, time, self.size, key=for_noise)
            return State(self._draw(field + sample, key=key), noise)
        _, factors = self.noise.step_law(self.size, None)
        if len(factors):
            field += normal(for_noise, (len(factors),)) @ factors
        odds_of_off = exponential(-self.log_odds(field))
        return State(jnp.where(uniform(key, field.shape) * (1 + odds_of_off) < 1, 1.0, -1.0), state.noise)

    @abstractmethod
    def _draw(self, u: Float[Array, " N"], *, key: PRNGKeyArray) -> Float[Array, " N"]:
        """Draw the next state of each unit from its noisy input."""

    @abstractmethod
    def flip_probability(
        self, field: Float[Array, "..."], std: Float[Array, "..."] | None, *, reach: float, digits: int = 16
    ) -> Float[Array, "..."]:
        """Return the probability q ≤ ½ of the sign opposite to the field, in white noise of strength `std`."""

    @abstractmethod
    def _log_odds(self, std: np.ndarray) -> LogOdds:
        """Return the log-odds of units in white noise of strengths `std`, one or one per unit."""

    def log_flip_probability(
        self, field: Float[Array, "..."], std: Float[Array, "..."] | None, *, reach: float
    ) -> Float[Array, "..."]:
        """Return ln q; −∞ where q is zero or underflows in float64."""
        return jnp.log(self.flip_probability(field, std, reach=reach))
