"""What every probe is: a triple of pure functions (init, update, result)."""

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import equinox as eqx
import numpy as np
from jaxtyping import Array, Float, Int, PyTree

from noisette.errors import integer, require


class Step(NamedTuple):
    """One step of a network, as a probe sees it: ``network.step(state, time, key=key)`` made `after`."""

    time: Int[Array, ""]
    before: Float[Array, " N"]
    after: Float[Array, " N"]
    network: Any
    state: Any = None
    key: Any = None


class Variable(NamedTuple):
    """How one result is labelled: dimensions, coordinates along them, and attributes."""

    dims: tuple[str, ...]
    coords: dict[str, np.ndarray]
    attrs: dict[str, str]


class Probe(eqx.Module):
    """A streaming measure of one trial of one network.

    ``init`` returns the empty record, ``update`` adds a step to it, ``result`` turns it into arrays. All
    three are pure; the simulation runs them inside its loop and batches them over trials.
    """

    def bind(self, networks: Sequence[Any]) -> "Probe":
        """Return the probe fitted to the networks it will see (called once, outside compiled code)."""
        return self

    @abstractmethod
    def init(self, network: Any, steps: int) -> PyTree:
        """Return the empty record for a trial of `steps` steps."""

    @abstractmethod
    def update(self, record: PyTree, step: Step) -> PyTree:
        """Return the record with one step added."""

    @abstractmethod
    def result(self, record: PyTree, steps: int) -> dict[str, Array]:
        """Return the named results of a trial."""

    @abstractmethod
    def describe(self, network: Any, steps: int) -> dict[str, Variable]:
        """Return how each result is labelled."""


def clock(network: Any, steps: np.ndarray) -> np.ndarray:
    """Return the times at which steps begin; in a discrete network the steps themselves."""
    return steps * float(network.dt) if hasattr(network, "dt") else steps


def chosen(units: Sequence[int] | None, size: int, most: int) -> tuple[int, ...]:
    """Return the observed units of a network of `size`, all by default, at most `most`."""
    found = tuple(range(size)) if units is None else tuple(integer(u, "unit", 0) for u in units)
    require(
        len(set(found)) == len(found) > 0 and all(0 <= u < size for u in found),
        f"units {list(found)[:20]}",
        f"different unit numbers from 0 to {size - 1}",
    )
    require(
        len(found) <= most,
        f"{len(found)} units have 2^{len(found)} joint states",
        f"at most {most} units are counted together",
        "name a subset with units=",
    )
    return found
