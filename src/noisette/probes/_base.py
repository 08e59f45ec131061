"""Base class of probes, which are triples of pure functions (init, update, result)."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from noisette.errors import integer, require, shown
from noisette.networks import CodedState, Discretized, Network, State
from noisette.registry import words
from noisette.reprs import as_call


class Step(NamedTuple):
    """A step of a network, from the units `before` to the units `after`.

    Attributes
    ----------
    time : index of the step, starting at 0
    before : units before the step, shape (N,)
    after : units after the step, those of ``network.step(state, time, key=key)``, shape (N,)
    network : network that is simulated
    state : state before the step; None for adaptive and stiff solvers
    key : random key of the step; None for adaptive and stiff solvers
    state_after : state after the step; None for adaptive and stiff solvers
    """

    time: Int[Array, ""]
    before: Float[Array, " N"]
    after: Float[Array, " N"]
    network: Network
    state: State | CodedState | None = None
    key: PRNGKeyArray | None = None
    state_after: State | CodedState | None = None


class Variable(NamedTuple):
    """Labels of a result: dimensions, coordinates by dimension, and attributes."""

    dims: tuple[str, ...]
    coords: dict[str, np.ndarray]
    attrs: dict[str, str]


class Probe(eqx.Module):
    """Base class of streaming measurements of a trial of a network.

    ``init`` returns the empty record, ``update`` adds a step to it, and ``result`` computes the results from it. These
    functions are pure; the simulation calls them in its compiled loop, batched over networks and trials.
    """

    def __repr__(self) -> str:
        return as_call(self)

    @staticmethod
    def refusal(value: object) -> str:
        """Return the error message for a value that is not a probe, with the probe that may be meant."""
        name = value.__name__ if isinstance(value, type) else str(value)
        matches = [word for word in words("probes") if word.lower() == name.lower()]
        allowed = "a probe, several, or a mapping from names to probes"
        return f"{shown(value)} as probes; {allowed}; probes=nz.{matches[0] if matches else 'Trace'}(…)"

    def bind(self, networks: Sequence[Network]) -> "Probe":
        """Return the probe configured for the networks of a simulation; called once, outside compiled code."""
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
        """Return the labels of each result."""


def clock(network: Network, steps: np.ndarray) -> np.ndarray:
    """Return the times at which steps begin, in the network's unit of time; in discrete time their indices."""
    return steps * float(network.step_length) if isinstance(network, Discretized) else steps


def original(network: Network) -> Network:
    """Return the network that `simulate` was called with, which for a discretised one is in continuous time."""
    return network.network if isinstance(network, Discretized) else network


def observed_units(units: Sequence[int] | None, size: int, most: int) -> tuple[int, ...]:
    """Return the indices of the observed units, all by default; raise if they are invalid or more than `most`."""
    observed = tuple(range(size)) if units is None else tuple(integer(u, "unit", 0) for u in units)
    require(
        len(set(observed)) == len(observed) > 0 and all(0 <= u < size for u in observed),
        f"units {list(observed)[:20]}",
        f"distinct unit indices from 0 to {size - 1}",
    )
    require(
        len(observed) <= most,
        f"{len(observed)} units have 2^{len(observed)} joint states",
        f"joint states of at most {most} units",
        "select a subset with units=",
    )
    return observed
