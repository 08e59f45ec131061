"""Noise restricted to an interval of time."""

import jax.numpy as jnp
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_number, real_values, require
from noisette.noise._base import Noise, Time, as_strength
from noisette.noise.white import White


class Gated(Noise):
    """Noise that acts only for start ≤ t < stop.

    Parameters
    ----------
    noise : noise to gate
    start : time at which the noise begins, in the network's unit of time; in discrete time the first step with noise
    stop : time at which it ends; in discrete time the first step without noise. May be infinite

    Raises
    ------
    InputError : a stop before the start, or a noise that is not a `Noise`.

    See Also
    --------
    Pulse : White noise that acts once, to switch a state.

    Examples
    --------
    >>> gated = Gated(White(3.0), 10, 20)
    >>> gated.step_law(1, 9)[0].tolist(), gated.step_law(1, 10)[0].tolist()
    ([0.0], [3.0])
    """

    noise: Noise
    start: Float[Array, ""]
    stop: Float[Array, ""]

    @check_arguments
    def __init__(self, noise: Noise, start: ArrayLike | Array, stop: ArrayLike | Array):
        self.noise = noise
        require(isinstance(noise, Noise), f"a gate for {noise!r}", "a noise")
        # an infinite stop is never reached
        first, last = (real_values(t, "time of a gate", finite=False) for t in (start, stop))
        require(
            first.ndim == last.ndim == 0,
            f"times of shapes {first.shape} and {last.shape}",
            "a single start and a single stop",
        )
        if not isinstance(first, Tracer) and not isinstance(last, Tracer):
            fits = bool(last >= first)  # false for NaN
            require(fits, f"a gate from {start} to {stop}", "the stop of a gate is not earlier than its start")
        self.start, self.stop = jnp.asarray(first, float), jnp.asarray(last, float)

    def _is_open(self, time: Time, dt: Time = 1.0) -> Array:
        """Return whether the noise acts in the step of length `dt` that begins at `time`."""
        middle = time + dt / 2  # compared at the middle of a step, so that rounding of `time` has no effect
        return (middle >= self.start) & (middle < self.stop)

    def init(self, size, *, key):
        """Return the state of the gated noise."""
        return self.noise.init(size, key=key)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the sample of the gated noise, zero while the gate is closed; the state is updated in any case."""
        value, state = self.noise.sample(state, time, size, key=key, dt=dt)
        return jnp.where(self._is_open(time, dt), value, 0.0), state

    def value(self, state, time, size, *, dt=1.0):
        """Return the value of the gated noise, zero while the gate is closed."""
        return jnp.where(self._is_open(time, dt), self.noise.value(state, time, size, dt=dt), 0.0)

    def step_law(self, size, time):
        """Return the law of the gated noise, zero while the gate is closed."""
        require(
            time is not None,
            "noise gated in time",
            "exact theory needs noise whose law is the same in all steps",
            "simulate, or compute the transition matrix of a single step",
        )
        assert time is not None
        independent, factors = self.noise.step_law(size, time)
        is_open = self._is_open(time)
        return jnp.where(is_open, independent, 0.0), jnp.where(is_open, factors, 0.0)

    def white_part(self, size):
        """Return the white part of a noise that has none; otherwise raise, since a gate changes it in time."""
        constant = "an intensity that is the same at all times"
        require(self.has_values, "white noise gated in time", constant, "gate noise with a correlation time")
        return self.noise.white_part(size)

    @property
    def has_values(self):
        """Whether the gated noise has values."""
        return self.noise.has_values

    @property
    def correlation_time(self):
        """Shortest correlation time of the gated noise."""
        return self.noise.correlation_time

    @property
    def has_variance(self):
        """Whether the variance of the gated noise is finite."""
        return self.noise.has_variance

    def scaled(self, factor):
        """Return the scaled noise with the same gate."""
        return Gated(self.noise.scaled(factor), self.start, self.stop)


@check_arguments
def Pulse(strength: object, start: ArrayLike | Array = 0, duration: ArrayLike = 1, noise: Noise | None = None) -> Gated:  # noqa: N802
    """Return a pulse of noise, which acts from `start` for `duration` and is zero before and after.

    Parameters
    ----------
    strength : factor of `noise`, a scalar or shape (N,); with the default noise, its strength σ
    start : time at which the pulse begins; in discrete time its first step
    duration : duration of the pulse, in the network's unit of time; in discrete time a number of steps; may be infinite
    noise : noise of the pulse; `White()` by default

    Raises
    ------
    InputError : a negative strength, or a duration that is not positive.

    See Also
    --------
    White : Independent for each unit and uncorrelated in time.
    Gated : Any noise within a window of time.

    Examples
    --------
    >>> Pulse(7.0).step_law(2, 0)[0].tolist(), Pulse(7.0).step_law(2, 1)[0].tolist()
    ([7.0, 7.0], [0.0, 0.0])
    """
    allowed = "a pulse lasts for at least one step, or a time above zero"
    duration = real_number(duration, "pulse of duration", allowed, lambda d: d > 0)
    start = real_values(start, "start of a pulse")
    return Gated(
        (White() if noise is None else noise).scaled(as_strength(strength, "pulse strength")),
        start,
        start + duration,
    )
