"""Noise that acts for a while only."""

import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.errors import real_number, real_values, require
from noisette.noise._base import Noise, Time, as_strength
from noisette.noise.white import White


class Gated(Noise):
    """A noise that acts only while start ≤ t < stop.

    Parameters
    ----------
    noise : the noise to gate
    start, stop : times between which it acts; in discrete networks the first step with noise, the first without

    Examples
    --------
    >>> gated = Gated(White(3.0), 10, 20)
    >>> gated.step_law(1, 9)[0].tolist(), gated.step_law(1, 10)[0].tolist()
    ([0.0], [3.0])
    """

    noise: Noise
    start: Float[Array, ""]
    stop: Float[Array, ""]

    def __init__(self, noise: Noise, start: ArrayLike | Array, stop: ArrayLike | Array):
        self.noise = noise
        require(isinstance(noise, Noise), f"a gate for {noise!r}", "a noise")
        first, last = (real_values(t, "time of a gate", finite=False) for t in (start, stop))  # ∞ is never
        require(first.ndim == last.ndim == 0, f"times of shapes {first.shape} and {last.shape}", "one start, one stop")
        if not isinstance(first, Tracer) and not isinstance(last, Tracer):
            fits = bool(last >= first)  # false for NaN
            require(fits, f"a gate from {start} to {stop}", "its stop does not come before its start")
        self.start, self.stop = jnp.asarray(first, float), jnp.asarray(last, float)

    def _open(self, time: Time, dt: Time = 1.0) -> Array:
        middle = time + dt / 2  # rounding of time cannot move a step to the other side
        return (middle >= self.start) & (middle < self.stop)

    def init(self, size, *, key):
        """Return the state of the gated noise."""
        return self.noise.init(size, key=key)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the inner sample while the gate is open, zero otherwise; the process itself goes on."""
        value, state = self.noise.sample(state, time, size, key=key, dt=dt)
        return jnp.where(self._open(time, dt), value, 0.0), state

    def step_law(self, size, time):
        """Return the inner law while the gate is open, silence otherwise."""
        require(
            time is not None,
            "noise gated in time",
            "the exact chain has the same law at every step",
            "simulate, or ask for the transition matrix of one step",
        )
        assert time is not None
        independent, factors = self.noise.step_law(size, time)
        heard = self._open(time)
        return jnp.where(heard, independent, 0.0), jnp.where(heard, factors, 0.0)

    def scaled(self, factor):
        """Return the gate around the scaled noise."""
        return Gated(self.noise.scaled(factor), self.start, self.stop)


def Pulse(strength: object, start: ArrayLike | Array = 0, duration: ArrayLike = 1, noise: Noise | None = None) -> Gated:  # noqa: N802
    """Return a pulse of noise: `duration` from `start` on, silence before and after.

    Parameters
    ----------
    strength : factor of `noise`; with the default, unit white noise, the strength of that
    start : when the pulse begins; the first step of it in discrete networks
    duration : how long it lasts: a time, or a number of steps
    noise : what is pulsed; `White()` by default

    Examples
    --------
    >>> Pulse(7.0).step_law(2, 0)[0].tolist(), Pulse(7.0).step_law(2, 1)[0].tolist()
    ([7.0, 7.0], [0.0, 0.0])
    """
    allowed = "a pulse lasts at least one step, or a time above zero"
    duration = real_number(duration, "pulse of duration", allowed, lambda d: d > 0)
    start = real_values(start, "start of a pulse")
    return Gated(
        (White() if noise is None else noise).scaled(as_strength(strength, "pulse strength")),
        start,
        start + duration,
    )
