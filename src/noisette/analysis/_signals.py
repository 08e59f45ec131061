"""Weak input signals: a sinusoid, a realisation of a noise, or given values."""

import math
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from noisette.arguments import check_arguments
from noisette.errors import real_number, require
from noisette.noise import Noise, OrnsteinUhlenbeck

SAMPLES_PER_TIME = 16  # samples of an aperiodic signal per correlation time
ABOVE_ZERO = "a number above zero"


class Sinusoid(eqx.Module):
    """Periodic signal u(t) = A cos(2πt/P).

    Parameters
    ----------
    amplitude : A
    period : P, in the network's unit of time (in discrete time, a whole number of steps)

    Raises
    ------
    InputError : an amplitude or a period that is not a finite number above zero.

    See Also
    --------
    analysis.sines : Sum of sines of the step number.

    Examples
    --------
    >>> signal = Sinusoid(0.1, period=20.0)
    >>> round(float(signal(5.0)), 6), round(float(signal(10.0)), 6), round(signal.frequency, 3)
    (0.0, -0.1, 0.314)
    """

    amplitude: float
    period: float

    @check_arguments
    def __init__(self, amplitude: float, period: float):
        positive = {"amplitude": amplitude, "period": period}
        self.amplitude, self.period = (
            real_number(value, f"{name} of a sinusoid", ABOVE_ZERO, lambda x: 0 < x < math.inf)
            for name, value in positive.items()
        )

    @property
    def frequency(self) -> float:
        """Angular frequency Ω = 2π/P."""
        return 2 * math.pi / self.period

    def __call__(self, time: float | Array | np.ndarray) -> Float[Array, "*times"]:
        """Return u at `time`."""
        return self.amplitude * jnp.cos(self.frequency * jnp.asarray(time))


def signal_of(amplitude: float, period: float | None, correlation_time: float | None) -> Sinusoid | OrnsteinUhlenbeck:
    """Return a sinusoid or an Ornstein–Uhlenbeck signal, depending on which of the two times is given.

    Examples
    --------
    >>> signal_of(0.1, 20.0, None).period
    20.0
    """
    allowed = "one of them: the period of a sinusoid, or the correlation time of an aperiodic signal"
    none = period is None and correlation_time is None
    described = "neither a period nor a correlation time" if none else "both a period and a correlation time"
    require((period is None) != (correlation_time is None), described, allowed)
    if period is not None:
        return Sinusoid(amplitude, period)
    assert correlation_time is not None
    return OrnsteinUhlenbeck(amplitude, correlation_time)


class Sampling(NamedTuple):
    """Steps of a simulation and the samples that are kept.

    Attributes
    ----------
    dt : length of a step; 1 in discrete time
    discard : number of steps to discard
    steps : number of steps, including those to discard
    every : number of steps that are averaged for one sample
    """

    dt: float
    discard: int
    steps: int
    every: int

    @property
    def interval(self) -> float:
        """Time between two samples."""
        return self.dt * self.every

    @property
    def samples(self) -> int:
        """Number of samples."""
        return (self.steps - self.discard) // self.every

    def averaged(self, signal: Float[np.ndarray, " steps"]) -> Float[np.ndarray, " samples"]:
        """Return the samples of a signal that has one value per step."""
        kept = signal[self.discard : self.discard + self.samples * self.every]
        return kept.reshape(self.samples, self.every).mean(1)


def realisation(noise: Noise, steps: int, dt: float, key: PRNGKeyArray) -> Float[np.ndarray, " steps"]:
    """Return the means of a noise over successive steps of dt, for a single unit."""
    first, each = jax.random.split(key)

    def advance(state, step):
        added, after = noise.sample(state, step * dt, 1, key=jax.random.fold_in(each, step), dt=dt)
        return after, added[0] / dt

    start = noise.init(1, key=first)
    values = jax.jit(lambda state: jax.lax.scan(advance, state, jnp.arange(steps))[1])(start)
    return np.asarray(values)


def correlation_steps(signal: Float[np.ndarray, " steps"]) -> int:
    """Return the first lag at which the autocorrelation of a signal is below 1/e, in steps.

    Examples
    --------
    >>> correlation_steps(np.cos(2 * np.pi * np.arange(1000) / 100))  # arccos(1/e) = 0.19 periods
    19
    """
    centred = signal - signal.mean()
    power = np.abs(np.fft.rfft(centred, 2 * len(centred))) ** 2
    autocovariance = np.fft.irfft(power)[: len(centred)]
    below = np.flatnonzero(autocovariance < autocovariance[0] / math.e)
    return int(below[0]) if below.size else len(signal)


__all__ = ["SAMPLES_PER_TIME", "Sampling", "Sinusoid", "correlation_steps", "realisation", "signal_of"]
