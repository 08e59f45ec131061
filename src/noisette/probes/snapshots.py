"""The probe that keeps the states at a few chosen times."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import require
from noisette.probes._base import Probe, Variable, clock


class Snapshots(Probe):
    """States of all units at chosen times; the state at the end is in every result as ``final``.

    Parameters
    ----------
    times : in the network's unit of time (steps, if it is discrete), rising; the nearest step is taken

    Examples
    --------
    >>> import jax, noisette as nz
    >>> flip = nz.SignNetwork([[-1.0]])
    >>> nz.simulate(flip, 10, nz.Snapshots([0, 7]), key=jax.random.key(0)).snapshots[0, :, 0].values
    array([-1.,  1.])
    """

    times: tuple[float, ...] = eqx.field(static=True)
    steps: tuple[int, ...] = eqx.field(static=True)

    def __init__(self, times: Sequence[float], steps: Sequence[int] = ()):
        self.times, self.steps = tuple(float(t) for t in times), tuple(int(n) for n in steps)

    def bind(self, networks):
        """Turn times into numbers of steps."""
        dt = float(networks[0].step_length)
        steps = [round(time / dt) for time in self.times]
        require(
            len(steps) > 0 and steps[0] >= 0 and bool((np.diff(steps) > 0).all()),
            f"snapshots at {list(self.times)}",
            "rising times from 0 on, at least a step apart",
        )
        return Snapshots(self.times, steps)

    def init(self, network, steps):
        """Return room for the states."""
        require(
            self.steps[-1] < steps,
            f"a snapshot at {self.times[-1]:g}",
            "before the end",
            "the state at the end is in the result as `final`",
        )
        return jnp.zeros((len(self.steps), network.size))

    def update(self, record, step):
        """Write the state before a chosen step."""
        chosen = np.array(self.steps)
        row = jnp.searchsorted(chosen, step.time)
        due = (row < len(chosen)) & (jnp.asarray(chosen)[jnp.minimum(row, len(chosen) - 1)] == step.time)
        return jax.lax.cond(due, lambda r: r.at[row].set(step.before), lambda r: r, record)

    def result(self, record, steps):
        """Return the states."""
        return {"snapshots": record}

    def describe(self, network, steps):
        """Label times and units."""
        coords = {"snapshot": clock(network, np.array(self.steps)), "snapshot_unit": np.arange(network.size)}
        attrs = {"long_name": "state", "units": "1"}
        return {"snapshots": Variable(("snapshot", "snapshot_unit"), coords, attrs)}
