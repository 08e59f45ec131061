"""Entropy production of binary networks along simulated runs."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer
from noisette.networks import Boltzmann, as_network
from noisette.probes._base import Probe, Variable
from noisette.probes.conditional import DIGITS, measured_steps, reach_of

PROBIT = 8 / math.pi  # variance of Gaussian noise that widens a step of height 1 to the slope of a logistic function


class EntropyProduction(Probe):
    """Entropy production of a stationary Boltzmann network per step, for any number of units.

    .. math:: \\sigma = \\frac{1}{2 \\ln 2} \\Big\\langle \\sum_n s_n' L_n(s) - s_n L_n(s') \\Big\\rangle, \\qquad
       L_n(s) = \\ln \\frac{P(s_n' = 1 \\mid s)}{P(s_n' = -1 \\mid s)}

    It is the average of ln P(s'|s)/P(s|s') over successive states s, s' in a stationary run, from which terms are
    omitted that have the same average over s and s'. Averages over s' given s are taken exactly where they are known:
    of s'_n, and of the part of L_n(s') that is linear in s', which is all of it without noise. The estimate is unbiased
    in the stationary state; in a run of T steps that begins elsewhere its error is of order 1/T.

    Parameters
    ----------
    every : number of steps between evaluations
    discard : number of steps that are not measured, while the network approaches its stationary state
    reach : upper bound on |h|, 0 without noise, determined by the simulation

    Raises
    ------
    InputError : networks that are not Boltzmann networks, noise shared between units or gated in time, or no step that
        is measured.

    See Also
    --------
    theory.markov.entropy_production : The exact value, for at most 12 units.
    theory.binary_mean_field : Its value per unit in large random networks.
    ConditionalEntropy : H(s'|s) of all units, for any number of units.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann([[0.0, 1.0], [-1.0, 0.0]])
    >>> data = nz.simulate(network, 50, nz.EntropyProduction(), key=0)
    >>> round(float(data.entropy_production[0]), 3), round(nz.theory.markov.entropy_production(network), 3)
    (1.333, 1.333)

    References
    ----------
    Blackwell (1947), Annals of Mathematical Statistics 18:105.
    """

    every: int = eqx.field(static=True)
    discard: int = eqx.field(static=True)
    reach: float = eqx.field(static=True)

    @check_arguments
    def __init__(self, every: int = 1, discard: int = 0, reach: float = 745.0):
        self.every, self.discard = integer(every, "every"), integer(discard, "discard", 0)
        self.reach = reach

    def bind(self, networks):
        """Check networks and noise, and bound the fields."""
        for network in networks:
            as_network(network, Boltzmann).noise.step_law(network.size, None)  # raises for noise that changes in time
        return EntropyProduction(self.every, self.discard, reach_of(networks))

    def init(self, network, steps):
        """Return zero."""
        measured_steps(steps, self.every, self.discard)
        return jnp.zeros(())

    def update(self, record, step):
        """Add the contribution of a step and of the average over its result."""
        network = step.network
        assert isinstance(network, Boltzmann)

        def measured(total):
            std, _ = network.noise.step_law(network.size, None)
            before, after = network.field(step.before), network.field(step.after)
            odds = [_log_odds(network, field, std, self.reach) for field in (before, after)]
            mean = jnp.tanh(odds[0] / 2)
            slope = 1 / jnp.sqrt(1 + std**2 / PROBIT)  # of L close to h = 0; any value leaves the average unchanged
            rest = odds[1] - slope * (after - network.field(mean))
            return total + jnp.sum(mean * odds[0] - step.before * rest) / (2 * math.log(2))

        due = (step.time % self.every == 0) & (step.time >= self.discard)
        return jax.lax.cond(due, measured, lambda total: total, record)

    def result(self, record, steps):
        """Return the mean over time."""
        return {"entropy_production": record / measured_steps(steps, self.every, self.discard)}

    def describe(self, network, steps):
        """Return the labels."""
        attrs = {"long_name": "entropy production of all units per step", "units": "bit"}
        return {"entropy_production": Variable((), {}, attrs)}


def _log_odds(network: Boltzmann, field: jax.Array, std: jax.Array, reach: float) -> jax.Array:
    """Return the log-odds of each unit being on; they are the fields where there is no noise."""
    if reach == 0:
        return field
    q = jnp.maximum(network.flip_probability(field, std, reach=reach, digits=DIGITS), np.finfo(float).tiny)
    return jnp.sign(field) * (jnp.log1p(-q) - jnp.log(q))


__all__ = ["EntropyProduction"]
