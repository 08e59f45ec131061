"""Noise: what is added to the input of every unit at every step.

A noise is a process with a pair of pure functions, ``init`` and ``sample``. Noises add (``a + b``), scale
(``3 * a``) and are gated in time. In discrete networks a strength is the standard deviation per step.
"""

from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from noisette.errors import InputError, require


def _strength(value: object, name: str) -> Array:
    strength = value if isinstance(value, Array) else jnp.asarray(np.asarray(value, float))
    require(strength.ndim <= 1, f"{name} of shape {strength.shape}", "a number, or one number for each unit")
    if not isinstance(strength, Tracer):
        lowest = float(np.min(np.asarray(strength)))  # NaN fails the comparison too
        require(lowest >= 0, f"{name} {lowest:g}", "a noise strength is zero or positive")
    return strength


class Noise(eqx.Module):
    """What every noise is: a state, and a sample to add to each unit at each step."""

    def init(self, size: int, *, key: PRNGKeyArray) -> PyTree:
        """Return the state in which the process starts; memoryless noise has none."""
        return ()

    @abstractmethod
    def sample(
        self, state: PyTree, time: Int[Array, ""], size: int, *, key: PRNGKeyArray
    ) -> tuple[Float[Array, " {size}"], PyTree]:
        """Return what is added to each unit at step `time`, and the next state."""

    def gaussian(
        self, size: int, time: int | Array | None
    ) -> tuple[Float[Array, " {size}"], Float[Array, "factors {size}"]]:
        """Return the law at step `time` as (standard deviation per unit, loadings of shared factors).

        The sample is s ∘ ξ + Lᵀ ζ with independent standard normal ξ (one a unit) and ζ (one a factor). Only
        noise without memory has such a law; it is what exact theory needs.

        With time None it is the law of every step.

        Raises
        ------
        InputError : if the noise has memory, is not Gaussian, or (time None) changes from step to step.
        """
        raise InputError(
            f"{type(self).__name__} has no independent Gaussian law per step; "
            "exact theory needs White, Common, Pulse, their sums and gates; use a simulated estimator"
        )

    @abstractmethod
    def scaled(self, factor: float | Array) -> "Noise":
        """Return the same noise, `factor` times as strong."""

    def __add__(self, other: "Noise") -> "Noise":
        """Return the sum of two independent noises."""
        return Sum((self, other))

    def __mul__(self, factor: float | Array) -> "Noise":
        """Return this noise, `factor` times as strong."""
        return self.scaled(factor)

    __rmul__ = __mul__


class White(Noise):
    """White noise, independent for every unit and step: r_n η_n(t), η ~ N(0, 1).

    Parameters
    ----------
    strength : r, standard deviation per step; a number or one for each unit, shape (N,)

    Examples
    --------
    >>> independent, factors = White(2.0).gaussian(3, 0)
    >>> independent.tolist(), factors.shape
    ([2.0, 2.0, 2.0], (0, 3))
    """

    strength: Float[Array, "*units"]

    def __init__(self, strength: object = 1.0):
        self.strength = _strength(strength, "noise strength")

    def sample(self, state, time, size, *, key):
        """Return r η."""
        return self.strength * jax.random.normal(key, (size,), float), state

    def gaussian(self, size, time):
        """Return (r, no factor)."""
        return _per_unit(self.strength, size), jnp.asarray(np.zeros((0, size)))

    def scaled(self, factor):
        """Return white noise of strength `factor` · r."""
        return White(factor * self.strength)


class Common(Noise):
    """White noise that all units share: c_n ζ(t), one ζ ~ N(0, 1) a step.

    Parameters
    ----------
    strength : c, standard deviation per step; a number or one loading for each unit, shape (N,)

    Examples
    --------
    >>> independent, factors = Common(2.0).gaussian(3, 0)
    >>> independent.tolist(), factors.tolist()
    ([0.0, 0.0, 0.0], [[2.0, 2.0, 2.0]])
    """

    strength: Float[Array, "*units"]

    def __init__(self, strength: object = 1.0):
        self.strength = _strength(strength, "common noise strength")

    def sample(self, state, time, size, *, key):
        """Return c ζ."""
        return jnp.broadcast_to(self.strength * jax.random.normal(key, (), float), (size,)), state

    def gaussian(self, size, time):
        """Return (nothing independent, one factor c)."""
        return jnp.asarray(np.zeros(size)), _per_unit(self.strength, size)[None]

    def scaled(self, factor):
        """Return common noise of strength `factor` · c."""
        return Common(factor * self.strength)


class Gated(Noise):
    """A noise that acts only while start ≤ t < stop.

    Parameters
    ----------
    noise : the noise to gate
    start, stop : first step with noise, first step without

    Examples
    --------
    >>> gated = Gated(White(3.0), 10, 20)
    >>> gated.gaussian(1, 9)[0].tolist(), gated.gaussian(1, 10)[0].tolist()
    ([0.0], [3.0])
    """

    noise: Noise
    start: Int[Array, ""]
    stop: Int[Array, ""]

    def __init__(self, noise: Noise, start: int | Array, stop: int | Array):
        self.noise = noise
        self.start, self.stop = jnp.asarray(start), jnp.asarray(stop)

    def _open(self, time) -> Array:
        return (time >= self.start) & (time < self.stop)

    def init(self, size, *, key):
        """Return the state of the gated noise."""
        return self.noise.init(size, key=key)

    def sample(self, state, time, size, *, key):
        """Return the inner sample while the gate is open, zero otherwise; the process itself goes on."""
        value, state = self.noise.sample(state, time, size, key=key)
        return jnp.where(self._open(time), value, 0.0), state

    def gaussian(self, size, time):
        """Return the inner law while the gate is open, silence otherwise."""
        require(
            time is not None,
            "noise gated in time",
            "the exact chain has the same law at every step",
            "simulate, or ask for the transition matrix of one step",
        )
        independent, factors = self.noise.gaussian(size, time)
        heard = self._open(time)
        return jnp.where(heard, independent, 0.0), jnp.where(heard, factors, 0.0)

    def scaled(self, factor):
        """Return the gate around the scaled noise."""
        return Gated(self.noise.scaled(factor), self.start, self.stop)


def Pulse(strength: object, start: int = 0, duration: int = 1, noise: Noise | None = None) -> Gated:  # noqa: N802
    """Return a short pulse of noise: `duration` steps from `start` on, silence before and after.

    Parameters
    ----------
    strength : factor of `noise`: the standard deviation per step with the default, unit white noise
    start : first step of the pulse
    duration : number of steps, at least 1
    noise : what is pulsed; `White()` by default

    Examples
    --------
    >>> Pulse(7.0).gaussian(2, 0)[0].tolist(), Pulse(7.0).gaussian(2, 1)[0].tolist()
    ([7.0, 7.0], [0.0, 0.0])
    """
    require(duration >= 1, f"pulse of {duration} steps", "a pulse lasts at least one step")
    return Gated(
        (White() if noise is None else noise).scaled(_strength(strength, "pulse strength")),
        start,
        start + duration,
    )


class Sum(Noise):
    """The sum of independent noises.

    Examples
    --------
    >>> independent, factors = (White(3.0) + White(4.0) + Common(1.0)).gaussian(1, 0)
    >>> independent.tolist(), factors.tolist()
    ([5.0], [[1.0]])
    """

    parts: tuple[Noise, ...]

    def init(self, size, *, key):
        """Return the states of all parts."""
        keys = jax.random.split(key, len(self.parts))
        return tuple(part.init(size, key=k) for part, k in zip(self.parts, keys, strict=True))

    def sample(self, state, time, size, *, key):
        """Return the sum of the parts' samples."""
        keys = jax.random.split(key, len(self.parts))
        pairs = [part.sample(inner, time, size, key=k) for part, inner, k in zip(self.parts, state, keys, strict=True)]
        return sum((value for value, _ in pairs), jnp.zeros(size)), tuple(inner for _, inner in pairs)

    def gaussian(self, size, time):
        """Return independent strengths added in quadrature, and all factors."""
        laws = [part.gaussian(size, time) for part in self.parts]
        square = sum((single**2 for single, _ in laws), jnp.zeros(size))
        silent = square == 0  # keeps the root differentiable where nothing is added
        independent = jnp.where(silent, 0.0, jnp.sqrt(jnp.where(silent, 1.0, square)))
        return independent, jnp.concatenate([factors for _, factors in laws])

    def scaled(self, factor):
        """Return the sum of the scaled parts."""
        return Sum(tuple(part.scaled(factor) for part in self.parts))


def _per_unit(strength: Array, size: int) -> Array:
    require(
        strength.shape in ((), (1,), (size,)),
        f"noise with {strength.size} strengths",
        f"the network has {size} units: one number, or {size}",
    )
    return jnp.broadcast_to(strength, (size,))


NOISES = {
    "White": "independent white noise, one strength or one a unit",
    "Common": "white noise that all units share",
    "Pulse": "noise for a few steps only",
    "Gated": "any noise, while start ≤ t < stop",
    "Sum": "independent noises added: a + b",
}

__all__ = ["NOISES", "Common", "Gated", "Noise", "Pulse", "Sum", "White"]
