"""Base classes of networks, and validation of networks and noise passed as arguments."""

import numbers
from abc import abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar, cast, runtime_checkable

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int, PRNGKeyArray

from noisette.arguments import check_arguments, nearest
from noisette.errors import InputError, integer, real_array, require, shown
from noisette.functions import check_array, is_own, traced, try_carry
from noisette.keys import KeyLike, as_key
from noisette.networks._state import State
from noisette.noise import Noise, try_noise
from noisette.reprs import as_html
from noisette.reprs import shown as short_text
from noisette.signatures import shorten_signatures

STARTS = ("normal", "uniform")
NEXT_STATE = ("the next state", "return state._replace(units=…)")
Same = TypeVar("Same", bound="Network")


class Network(eqx.Module):
    """Base class of all networks: N units with a noise, initial states and a unit of time.

    There are two kinds of networks. A `DiscreteNetwork` has a ``step``; a `ContinuousNetwork` has a ``drift``, which an
    `Integrator` turns into steps of length dt. A user-defined network derives from one of the two and defines
    ``size``, ``noise`` (a field or a property) and ``step`` or ``drift``; all other members have defaults.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.5]], noise=nz.White(0.1))
    >>> network.size, network.time_unit, network.start(2.0).tolist()
    (1, 'tau', [2.0])
    >>> nz.SignNetwork([[-1.0]]).time_unit
    'step'

    Attributes
    ----------
    unit_names : names of the units, which are the coordinate ``unit`` of results; None if they have no names
    """

    noise: eqx.AbstractVar[Noise | None]
    unit_names: tuple[str, ...] | None = eqx.field(static=True, default=None, init=False, repr=False)
    requirement: ClassVar[str] = "a network, such as RateNetwork or Boltzmann, or what training.load returns"

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        shorten_signatures(cls)

    def __check_init__(self) -> None:
        if is_own(self):
            self._try()
        self._try_noise(vars(self).get("noise"))

    def _try(self) -> None:
        """Try the methods of a network of the user's own on abstract arrays."""
        integer(self.size, f"size of {type(self).__name__}")
        as_noise(self.noise)

    def _try_noise(self, noise: Noise | None) -> None:
        """Try a noise of the user's own on abstract arrays."""
        try_noise(noise, self.size, discrete=isinstance(self, DiscreteNetwork))

    def facts(self) -> dict[str, str]:
        """Return the properties that the representation of the network shows, as texts by their names."""
        return {"noise": short_text(self.noise)}

    def __repr__(self) -> str:
        facts = "".join(f", {name}={text}" for name, text in self.facts().items())
        return f"{type(self).__name__}({self.size} unit{'s' if self.size != 1 else ''}{facts})"

    def _repr_html_(self) -> str:
        return as_html(type(self).__name__, {"units": str(self.size), **self.facts()})

    @property
    @abstractmethod
    def size(self) -> int:
        """Number of units N."""

    @property
    @abstractmethod
    def time_unit(self) -> str:
        """Unit of time: "step", "tau" (a time constant) or "ms"."""

    @property
    def step_length(self) -> float | Float[Array, ""]:
        """Length of a step in the network's unit of time; 1 in discrete time."""
        return 1.0

    @property
    def activity(self) -> Callable[[Array], Array] | None:
        """Function from the state of the units to their rates; None if the units have no rates."""
        return None

    def dynamics(self) -> "Network":
        """Return the network in the parametrisation used by simulations.

        By default this is the network itself. A network whose weights or time constants are derived from other
        parameters returns an equivalent network, so that they are computed once and not in every step: a
        `TaskNetwork` returns the equivalent `RateNetwork`.
        """
        return self

    def start(self, start: Any = None, *, key: KeyLike | None = None) -> np.ndarray | Array:
        """Return the initial state of the units, shape (N,).

        Parameters
        ----------
        start : "normal" (standard normal, the default), "uniform" (between −1 and 1), a scalar, or one value per
            unit, shape (N,)
        key : random key, used for "normal" and "uniform"
        """
        allowed = f"{' or '.join(STARTS)}, a finite number, or {self.size} finite numbers"
        if start is None or isinstance(start, str):
            require(start in (None, *STARTS), f"start {start!r}", allowed, nearest(start, STARTS))
            random = as_key(0 if key is None else key)
            if start == "uniform":
                units = jax.random.uniform(random, (self.size,), float, -1.0, 1.0)
            else:
                units = jax.random.normal(random, (self.size,), float)
            return units if isinstance(units, Tracer) else np.asarray(units)
        array = real_array(start, "start")
        require(array.shape in ((), (self.size,)), f"start of shape {array.shape}", allowed)
        return np.broadcast_to(array, (self.size,)).copy()

    def init(self, units: Float[Array, " N"], *, key: PRNGKeyArray) -> State:
        """Return the initial state with the given units and a newly initialised noise."""
        return State(units, () if self.noise is None else self.noise.init(self.size, key=key))

    def with_noise(self: Same, noise: Noise | None) -> Same:
        """Return a copy of the network with another noise."""
        self._try_noise(as_noise(noise))
        return eqx.tree_at(lambda n: n.noise, self, noise, is_leaf=lambda x: x is None)


shorten_signatures(Network)


class DiscreteNetwork(Network):
    """Base class of networks in discrete time, which define `step`.

    Examples
    --------
    >>> import equinox as eqx, jax, noisette as nz
    >>> class Doubling(nz.networks.DiscreteNetwork):
    ...     noise: nz.noise.Noise | None = None
    ...     size: int = eqx.field(static=True, default=1)
    ...
    ...     def step(self, state, time, *, key):
    ...         return state._replace(units=2 * state.units % 1)
    >>> float(nz.simulate(Doubling(), 2, start=0.3, key=0).final[0, 0].round(6))
    0.2
    """

    requirement: ClassVar[str] = "a network in discrete time, such as Boltzmann, SignNetwork or networks.Map"

    @property
    def time_unit(self) -> str:
        """Unit of time: "step"."""
        return "step"

    @abstractmethod
    def step(self, state: State, time: Int[Array, ""], *, key: PRNGKeyArray) -> State:
        """Return the state after one step; `time` is the index of the step, starting at 0."""

    def _try(self) -> None:
        super()._try()
        kind, key = type(self).__name__, jax.random.key(0)
        state = traced(lambda units: self.init(units, key=key), f"init of {kind}", jnp.zeros(self.size))

        def step(state: State) -> State:
            after = self.step(state, jnp.zeros((), int), key=key)
            require(isinstance(after, State), f"step of {kind} returns {shown(after)}", *NEXT_STATE)
            check_array(after.units, f"step of {kind}", (self.size,))
            return after

        traced(step, f"step of {kind}", state)
        try_carry(step, f"state of {kind}", state)


@runtime_checkable
class HasNetwork(Protocol):
    """Protocol of objects with an attribute ``network``, such as results of `training.load` and `training.train`."""

    @property
    def network(self) -> Network:
        """The network."""
        ...


#: A network, or an object that has one, such as a trained network.
NetworkLike = Network | HasNetwork
Kind = TypeVar("Kind", bound=Network)


@check_arguments
def as_network(value: object, kind: type[Kind] = Network) -> Kind:
    """Return the network passed as an argument, and raise a one-line error for anything else.

    Parameters
    ----------
    value : network, or an object with an attribute ``network``, such as the result of `training.load`
    kind : required class

    Raises
    ------
    InputError : `value` is not a network, or not of the required class.

    Examples
    --------
    >>> import noisette as nz
    >>> as_network(nz.Boltzmann([[2.0]])).size
    1
    >>> as_network(5)
    Traceback (most recent call last):
    noisette.errors.InputError: 5 is not a network; ... or what training.load returns; nz.RateNetwork(W) makes ...
    """
    network = value
    if not isinstance(value, Network) and not isinstance(value, type) and isinstance(value, HasNetwork):
        network = value.network
    if isinstance(network, kind):
        return network
    if isinstance(network, Network):
        raise InputError(f"a {type(network).__name__}; expected {kind.requirement}")
    raise InputError(f"{shown(network)} is not a network; expected {kind.requirement}; {_remedy(network)}")


def as_networks(value: object) -> tuple[list[Network], bool]:
    """Return a network or a sequence of networks as a list, and whether it was a sequence.

    Parameters
    ----------
    value : any argument of `as_network`, or a sequence of such arguments

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann([[2.0]])
    >>> as_networks(network)[1], as_networks([network])[1]
    (False, True)
    """
    # the result of `training.load` is a named tuple, that is a sequence; objects with a network are tested first
    single = isinstance(value, NetworkLike | str | bytes)
    if single or not isinstance(value, Sequence):
        return [as_network(value)], False
    members = cast("Sequence[object]", value)
    numeric = any(isinstance(row, Sequence | numbers.Number) and not isinstance(row, HasNetwork) for row in members)
    require(not numeric, f"{shown(value)} is not a network", f"expected {Network.requirement}", _remedy(value))
    require(len(members) > 0, "no networks", "at least one is needed")
    return [as_network(member) for member in members], True


def checked_names(names: object, size: int) -> tuple[str, ...] | None:
    """Return names of units, after checking that there is a different one for each unit; None for no names.

    Examples
    --------
    >>> checked_names(["AVAL", "AVAR"], 2)
    ('AVAL', 'AVAR')
    """
    if names is None:
        return None
    allowed = f"{size} different strings, one for each unit"
    require(isinstance(names, Sequence) and not isinstance(names, str), f"unit names {shown(names)}", allowed)
    texts = tuple(cast("Sequence[str]", names))
    require(all(isinstance(name, str) for name in texts), "unit names that are no strings", allowed)
    require(len(texts) == len(set(texts)) == size, f"{len(set(texts))} different unit names", allowed)
    return texts


def as_noise(noise: object) -> Noise | None:
    """Return the noise passed as an argument, and raise a one-line error for anything else.

    Examples
    --------
    >>> as_noise(0.1)
    Traceback (most recent call last):
    noisette.errors.InputError: 0.1 as noise; a noise such as nz.White(σ), or None; noise=nz.White(0.1)
    """
    if noise is None or isinstance(noise, Noise):
        return noise
    raise InputError(Noise.refusal(noise))


def _remedy(value: object) -> str:
    """Return the last part of an error message: how to obtain a network from a value."""
    if isinstance(value, type):
        return f"give an instance, such as {value.__name__}(…)" if issubclass(value, Network) else "nz.RateNetwork(W)"
    if isinstance(value, str | Path) and str(value).endswith((".npz", ".mat")):
        return f"nz.training.load({str(value)!r}) reads a network from a file"
    if isinstance(value, eqx.Module):
        return "derive the class from networks.DiscreteNetwork or networks.ContinuousNetwork"
    return "nz.RateNetwork(W) makes a network from a matrix W"


__all__ = [
    "DiscreteNetwork",
    "HasNetwork",
    "Network",
    "NetworkLike",
    "as_network",
    "as_networks",
    "as_noise",
]
