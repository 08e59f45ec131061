"""The probe of the kinetic energy."""

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array

from noisette.errors import integer, require
from noisette.networks import Discretized
from noisette.probes._base import Probe, Variable, clock

ROUNDING = 1e-26  # of the energy of a state at rest, relative to its square


class Speed(Probe):
    """Kinetic energy per unit, E_k/N = ½ ⟨f_i²⟩, f being the velocity of the unregulated equation.

    Results: ``kinetic_energy`` at the end, ``mean_kinetic_energy`` over the second half, ``rising``, the share of
    steps of the second half on which it rose (zero for a gradient flow in steps that are short enough), and, with
    `every`, ``speed``, its course.

    Parameters
    ----------
    every : steps between two records of the course; None keeps none

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

    def __init__(self, every: int | None = None):
        self.every = None if every is None else integer(every, "every")

    def bind(self, networks):
        """Check that there is a velocity."""
        require(
            isinstance(networks[0], Discretized),
            f"{type(networks[0]).__name__} has no velocity",
            "the kinetic energy is that of a network in continuous time",
        )
        return self

    def init(self, network, steps):
        """Return energies of nothing: (last, sum of the second half, rises in it, course)."""
        course = jnp.zeros(0 if self.every is None else -(-steps // self.every))
        return jnp.full((3,), jnp.inf, float).at[1:].set(0.0), course, jnp.asarray(steps)

    def update(self, record, step):
        """Add the state before the step."""
        (last, total, rises), course, steps = record[0], record[1], record[2]
        network = step.network
        assert isinstance(network, Discretized)
        energy = jnp.mean(network.force(step.before, step.time) ** 2) / 2
        late = step.time >= steps // 2
        rose = energy > last + ROUNDING * jnp.mean(step.before**2)  # at rest it is round-off that rises and falls
        if self.every is not None:
            row = step.time // self.every
            course = course.at[row].set(jnp.where(step.time % self.every == 0, energy, course[row]))
        numbers: Array = jnp.stack([energy, total + late * energy, rises + (late & rose)])
        return numbers, course, steps

    def result(self, record, steps):
        """Return the energy at the end, its mean and its rises."""
        (last, total, rises), course, _ = record
        number = steps - steps // 2
        energies = {"kinetic_energy": last, "mean_kinetic_energy": total / number, "rising": rises / number}
        return energies if self.every is None else energies | {"speed": course}

    def describe(self, network, steps):
        """Label the numbers."""
        about = {
            "kinetic_energy": "kinetic energy per unit at the end",
            "mean_kinetic_energy": "kinetic energy per unit, mean over the second half",
            "rising": "share of steps on which the kinetic energy rose, second half",
        }
        labels = {name: Variable((), {}, {"long_name": text, "units": "1"}) for name, text in about.items()}
        if self.every is not None:
            times = clock(network, np.arange(0, steps, self.every))
            attrs = {"long_name": "kinetic energy per unit", "units": "1"}
            labels["speed"] = Variable(("speed_time",), {"speed_time": times}, attrs)
        return labels
