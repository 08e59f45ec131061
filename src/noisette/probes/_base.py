"""What every probe is: a triple of pure functions (init, update, result)."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from noisette.errors import integer, require
from noisette.networks import Discretized, Network, State


class Step(NamedTuple):
    """One step of a network: `after` are the units of ``network.step(state, time, key=key)``.

    Solvers that choose their own steps have neither a state of the noise nor a key.
    """

    time: Int[Array, ""]
    before: Float[Array, " N"]
    after: Float[Array, " N"]
    network: Network
    state: State | None = None
    key: PRNGKeyArray | None = None


class Variable(NamedTuple):
    """Labels of a result: dimensions, coordinates along them, and attributes."""

    dims: tuple[str, ...]
    coords: dict[str, np.ndarray]
    attrs: dict[str, str]


class Probe(eqx.Module):
    """A streaming measure of one trial of one network.

    ``init`` returns the empty record, ``update`` adds a step to it, ``result`` turns it into arrays. All
    three are pure; the simulation runs them inside its loop and batches them over trials.
    """

    def bind(self, networks: Sequence[Network]) -> "Probe":
        """Return the probe fitted to the networks of a simulation (called once, outside compiled code)."""
        return self

    @abstractmethod
    def init(self, network: Network, steps: int) -> PyTree:
        """Return the empty record for a trial of `steps` steps."""

    @abstractmethod
    def update(self, record: PyTree, step: Step) -> PyTree:
        """Return the record with one step added."""

    @abstractmethod
    def result(self, record: PyTree, steps: int) -> dict[str, Array]:
        """Return the named results of a trial."""

    @abstractmethod
    def describe(self, network: Network, steps: int) -> dict[str, Variable]:
        """Return how each result is labelled."""


def clock(network: Network, steps: np.ndarray) -> np.ndarray:
    """Return the times at which steps begin; in a discrete network the steps themselves."""
    return steps * float(network.step_length) if isinstance(network, Discretized) else steps


def original(network: Network) -> Network:
    """Return the network that a simulation was called with: the one in continuous time, where it is discretised."""
    return network.network if isinstance(network, Discretized) else network


def chosen(units: Sequence[int] | None, size: int, most: int) -> tuple[int, ...]:
    """Return the observed units of a network of `size`, all by default, at most `most`."""
    observed = tuple(range(size)) if units is None else tuple(integer(u, "unit", 0) for u in units)
    require(
        len(set(observed)) == len(observed) > 0 and all(0 <= u < size for u in observed),
        f"units {list(observed)[:20]}",
        f"different unit numbers from 0 to {size - 1}",
    )
    require(
        len(observed) <= most,
        f"{len(observed)} units have 2^{len(observed)} joint states",
        f"at most {most} units are counted together",
        "name a subset with units=",
    )
    return observed
