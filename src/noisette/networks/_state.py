"""States of networks."""

from typing import NamedTuple

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int, PyTree, UInt32, UInt64

from noisette.random_numbers import philox


class State(NamedTuple):
    """State of a network: the state of its units, shape (N,), and the state of its noise."""

    units: Float[Array, " N"]
    noise: PyTree


class CodedState(eqx.Module):
    """State of a small binary network as an integer code, with the random number of the next step.

    The number is a part of the state so that XLA computes it in a loop of its own over the trials, which it vectorises,
    and not in each of the loops that read the table of the network.

    Attributes
    ----------
    code : code of the state, see `codes`
    word : 64 random bits for the next step
    key : two words of a key
    size : number of units N
    """

    code: Int[Array, "*trials"]
    word: UInt64[Array, "*trials"]
    key: tuple[UInt32[Array, "*trials"], UInt32[Array, "*trials"]]
    size: int = eqx.field(static=True)

    @property
    def units(self) -> Float[Array, "*trials N"]:
        """State of the units, ±1, shape (N,)."""
        places = np.arange(self.size - 1, -1, -1)
        return jnp.where(jnp.asarray(self.code)[..., None] >> places & 1, jnp.ones((), float), -1.0)

    @classmethod
    def from_units(cls, units: Float[Array, " N"], key: tuple[Array, Array]) -> "CodedState":
        """Return the initial state with the given units, ±1, shape (N,)."""
        code = code_of_units(units).astype(jnp.int32)
        return cls(code, _word(key, jnp.zeros((), int)), key, units.shape[-1])

    def after(self, code: Int[Array, ""], time: Int[Array, ""]) -> "CodedState":
        """Return the state after step `time`, from its code."""
        return CodedState(code, _word(self.key, time + 1), self.key, self.size)


def code_of_units(units: Float[Array, " N"]) -> Int[Array, ""]:
    """Return the integer code of a state of ±1 units, with the first unit as the most significant bit."""
    places = np.left_shift(1, np.arange(units.shape[-1] - 1, -1, -1))
    return jnp.sum(jnp.where(units > 0, places, 0))


def _word(key: tuple[Array, Array], time: Int[Array, ""]) -> UInt64[Array, ""]:
    """Return the 64 random bits of step `time`."""
    first, second = philox(key[0], time.astype(jnp.uint32), key[1])
    return (first << 32) | second
