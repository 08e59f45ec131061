"""State of a network."""

from typing import NamedTuple

from jaxtyping import Array, Float, PyTree


class State(NamedTuple):
    """State of a network: the state of its units, shape (N,), and the state of its noise."""

    units: Float[Array, " N"]
    noise: PyTree
