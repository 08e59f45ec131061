"""Probes of one scalar output of a network: means over blocks of steps, and intervals between threshold crossings."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.errors import real_array, require
from noisette.networks import Network
from noisette.probes import Probe, Step
from noisette.probes._base import Variable, clock


def _value(weights: Array, rates: bool, step: Step) -> Float[Array, ""]:
    """Return the output before a step."""
    activity = step.network.activity
    return weights @ (activity(step.before) if rates and activity is not None else step.before)


class Output(Probe):
    """Output y = c · x or c · φ(x), averaged over blocks of steps.

    The mean over a block suppresses frequencies above the sampling frequency, which single values would alias.

    Parameters
    ----------
    weights : c, shape (N,)
    rates : whether the output is that of the rates φ(x)
    every : number of steps in a block
    discard : number of steps before the first block
    """

    weights: Float[Array, " N"]
    rates: bool = eqx.field(static=True)
    every: int = eqx.field(static=True)
    discard: int = eqx.field(static=True)

    def bind(self, networks):
        """Return the probe; raise if the networks have no rates and rates are asked for."""
        has_rates = networks[0].activity is not None
        require(has_rates or not self.rates, "the rates of a network that has none", 'of="current"')
        return self

    def init(self, network: Network, steps: int):
        """Return zeros, shape (samples,), and the sum over the current block."""
        return jnp.zeros((steps - self.discard) // self.every), jnp.zeros(())

    def update(self, record, step: Step):
        """Add the output before the step to the sum of its block, and record the mean of a block that is complete."""
        means, total = record
        since = step.time - self.discard
        total = jnp.where(since % self.every == 0, 0.0, total) + _value(self.weights, self.rates, step)
        row = since // self.every
        complete = (since >= 0) & (since % self.every == self.every - 1) & (row < means.shape[0])
        # the condition is the same for all trials, so that nothing is copied in other steps
        write = lambda m: m.at[row].set(total / self.every)  # noqa: E731
        return jax.lax.cond(complete, write, lambda m: m, means), total

    def result(self, record, steps):
        """Return the means."""
        return {"output": record[0]}

    def describe(self, network, steps):
        """Return the labels, with the times at which the blocks begin."""
        first = np.arange((steps - self.discard) // self.every) * self.every + self.discard
        return {"output": Variable(("time",), {"time": clock(network, first)}, {"long_name": "output", "units": ""})}


class Crossings(Probe):
    """Number, mean and mean square of the intervals between upward crossings of a threshold by the output.

    After a crossing the next one is counted only when the output has been below a lower level. Times of crossings are
    interpolated linearly between steps.

    Parameters
    ----------
    weights : c, shape (N,)
    rates : whether the output is that of the rates φ(x)
    threshold, reset : level of the crossings, and the level below which the output returns between two of them
    discard : number of steps before the first crossing that counts
    """

    weights: Float[Array, " N"]
    threshold: Float[Array, ""]
    reset: Float[Array, ""]
    rates: bool = eqx.field(static=True)
    discard: int = eqx.field(static=True)

    def init(self, network: Network, steps: int):
        """Return whether a crossing is possible, output and time of the last crossing, and number and sums."""
        return jnp.zeros((), bool), jnp.full((2,), jnp.nan), jnp.zeros(3)

    def update(self, record, step: Step):
        """Count the crossing between the previous state and the state before the step, if there is one."""
        armed, (last_value, last_time), sums = record
        value = _value(self.weights, self.rates, step)
        crossed = armed & (value >= self.threshold) & (last_value < self.threshold) & (step.time >= self.discard)
        rise = jnp.where(crossed, value - last_value, 1.0)
        time = step.time - 1 + (self.threshold - jnp.where(crossed, last_value, 0.0)) / rise
        interval = jnp.where(crossed & jnp.isfinite(last_time), time - last_time, 0.0)
        # intervals are counted from the first crossing, whose own interval is not known
        sums = sums + jnp.stack([(interval > 0).astype(float), interval, interval**2])
        armed = jnp.where(value >= self.threshold, False, armed | (value < self.reset))
        return armed, jnp.stack([value, jnp.where(crossed, time, last_time)]), sums

    def result(self, record, steps):
        """Return the sums of the powers 0, 1 and 2 of the intervals, in steps."""
        return {"intervals": record[2]}

    def describe(self, network, steps):
        """Return the labels."""
        attrs = {"long_name": "sums of powers of the intervals", "units": ""}
        return {"intervals": Variable(("power",), {"power": np.arange(3)}, attrs)}


def output_weights(output: object, size: int) -> np.ndarray:
    """Return the weights of the units in the output, by default 1/N each.

    Examples
    --------
    >>> output_weights(None, 4)
    array([0.25, 0.25, 0.25, 0.25])
    """
    weights = np.full(size, 1 / size) if output is None else real_array(output, "output")
    require(weights.shape == (size,), f"output of shape {weights.shape}", f"weights of {size} units")
    return weights


__all__ = ["Crossings", "Output", "output_weights"]
