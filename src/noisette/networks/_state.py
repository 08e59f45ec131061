"""The state of any network."""

from typing import NamedTuple

from jaxtyping import Array, Float, PyTree


class State(NamedTuple):
    """State of a network: its units, and the state of its noise."""

    units: Float[Array, " N"]
    noise: PyTree
