"""Probe of the means of binary units over time, from which overlaps of runs are computed."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from noisette.probes import Probe, Variable


class UnitMeans(Probe):
    """Mean of each unit over time, and mean over units of the product of successive states.

    Parameters
    ----------
    discard : number of steps that are not measured
    """

    discard: int = eqx.field(static=True)

    def init(self, network, steps):
        """Return zeros."""
        return jnp.zeros(network.size), jnp.zeros(())

    def update(self, record, step):
        """Add the state before a step, and its product with the state after it."""
        means, product = record
        measured = step.time >= self.discard
        return means + measured * step.before, product + measured * jnp.mean(step.before * step.after)

    def result(self, record, steps):
        """Return the averages over time."""
        means, product = record
        count = steps - self.discard
        return {"unit_mean": means / count, "autocorrelation": product / count}

    def describe(self, network, steps):
        """Return the labels."""
        means = Variable(("unit",), {"unit": np.arange(network.size)}, {"long_name": "mean of units over time"})
        return {"unit_mean": means, "autocorrelation": Variable((), {}, {"long_name": "mean of s_i(t) s_i(t + 1)"})}
