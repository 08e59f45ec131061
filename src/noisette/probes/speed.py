"""Probe of the kinetic energy."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.networks import Discretized
from noisette.probes._base import Probe, Variable, clock

ROUNDING = 1e-26  # round-off of the energy per unit, relative to the mean square of the state


class Speed(Probe):
    """Kinetic energy per unit, E_k/N = ½ ⟨f_i²⟩_i, where f is the velocity without the Onsager reaction term.

    The results are ``kinetic_energy``, the energy at the end; ``mean_kinetic_energy``, the mean over the second half of
    the trial; ``rising``, the fraction of steps of the second half in which the energy increased (zero for a gradient
    flow with sufficiently short steps); and, with `every`, ``speed``, the energy as a function of time.

    Parameters
    ----------
    every : number of steps between records of ``speed``; None for no records

    Raises
    ------
    InputError : networks in discrete time, which have no velocity.

    See Also
    --------
    find_fixed_points : States at which the speed vanishes.
    Lyapunov : Exponents, which distinguish chaos from regular motion.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> W = nz.weights.gaussian(50, 50**-0.5, self_coupling=False, key=jax.random.key(0))
    >>> frozen = nz.Onsager(nz.RateNetwork(W, gain=2.0))
    >>> data = nz.simulate(frozen, duration=20, dt=0.02, probes=nz.Speed(), key=jax.random.key(1))
    >>> float(data.rising[0]), bool(data.kinetic_energy[0] < 0.01)
    (0.0, True)
    """

    every: int | None = eqx.field(static=True)

    @check_arguments
    def __init__(self, every: int | None = None):
        self.every = None if every is None else integer(every, "every")

    def bind(self, networks):
        """Return the probe; raise if the networks are not in continuous time."""
        require(
            isinstance(networks[0], Discretized),
            f"{type(networks[0]).__name__} has no velocity",
            "the kinetic energy is that of a network in continuous time",
        )
        return self

    def init(self, network, steps):
        """Return ([last energy, its sum and number of increases over the second half], records, number of steps)."""
        records = jnp.zeros(0 if self.every is None else -(-steps // self.every))
        return jnp.full((3,), jnp.inf, float).at[1:].set(0.0), records, jnp.asarray(steps)

    def update(self, record, step):
        """Add the energy of the state before the step."""
        (last, total, rises), records, steps = record[0], record[1], record[2]
        network = step.network
        assert isinstance(network, Discretized)
        energy = jnp.mean(network.force(step.before, step.time) ** 2) / 2
        second_half = step.time >= steps // 2
        # at a fixed point the energy fluctuates by round-off
        rose = energy > last + ROUNDING * jnp.mean(step.before**2)
        if self.every is not None:
            row = step.time // self.every
            records = records.at[row].set(jnp.where(step.time % self.every == 0, energy, records[row]))
        numbers: Array = jnp.stack([energy, total + second_half * energy, rises + (second_half & rose)])
        return numbers, records, steps

    def result(self, record, steps):
        """Return the energy at the end, its mean, the fraction of increases, and the records."""
        (last, total, rises), records, _ = record
        number = steps - steps // 2
        energies = {"kinetic_energy": last, "mean_kinetic_energy": total / number, "rising": rises / number}
        return energies if self.every is None else energies | {"speed": records}

    def describe(self, network, steps):
        """Return the labels."""
        descriptions = {
            "kinetic_energy": "kinetic energy per unit at the end",
            "mean_kinetic_energy": "kinetic energy per unit, mean over the second half",
            "rising": "fraction of steps in which the kinetic energy increased, second half",
        }
        labels = {name: Variable((), {}, {"long_name": text, "units": ""}) for name, text in descriptions.items()}
        if self.every is not None:
            times = clock(network, np.arange(0, steps, self.every))
            attrs = {"long_name": "kinetic energy per unit", "units": ""}
            labels["speed"] = Variable(("speed_time",), {"speed_time": times}, attrs)
        return labels
