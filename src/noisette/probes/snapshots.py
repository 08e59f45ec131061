"""Probe that records the states at selected times."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import real_array, require
from noisette.probes._base import Probe, Variable, clock


class Snapshots(Probe):
    """States of all units at selected times; every result also contains the last state, as ``final``.

    Parameters
    ----------
    times : strictly increasing times, in the network's unit of time (in discrete time, steps), rounded to steps
    steps : indices of the steps, determined by the simulation

    Raises
    ------
    InputError : no times, or times that do not increase, are negative, or are not before the end of the trial.

    See Also
    --------
    Trace : States at regular intervals.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> flip = nz.SignNetwork([[-1.0]])
    >>> nz.simulate(flip, 10, nz.Snapshots([0, 7]), key=jax.random.key(0)).snapshots[0, :, 0].values
    array([-1.,  1.])
    """

    times: tuple[float, ...] = eqx.field(static=True)
    steps: tuple[int, ...] = eqx.field(static=True)

    @check_arguments
    def __init__(self, times: Sequence[float], steps: Sequence[int] = ()):
        self.times, self.steps = tuple(real_array(times, "times").tolist()), tuple(int(n) for n in steps)

    def bind(self, networks):
        """Return the probe with the times as indices of steps."""
        dt = float(networks[0].step_length)
        steps = [round(time / dt) for time in self.times]
        require(
            len(steps) > 0 and steps[0] >= 0 and bool((np.diff(steps) > 0).all()),
            f"snapshots at {list(self.times)}",
            "increasing times from 0 on, at least one step apart",
        )
        return Snapshots(self.times, steps)

    def init(self, network, steps):
        """Return an array for the states, shape (times, N)."""
        require(
            self.steps[-1] < steps,
            f"a snapshot at {self.times[-1]:g}",
            "a time before the end",
            "the state at the end is in the result as `final`",
        )
        return jnp.zeros((len(self.steps), network.size))

    def update(self, record, step):
        """Record the state before a selected step."""
        selected = np.array(self.steps)
        row = jnp.searchsorted(selected, step.time)
        due = (row < len(selected)) & (jnp.asarray(selected)[jnp.minimum(row, len(selected) - 1)] == step.time)
        return jax.lax.cond(due, lambda r: r.at[row].set(step.before), lambda r: r, record)

    def result(self, record, steps):
        """Return the states."""
        return {"snapshots": record}

    def describe(self, network, steps):
        """Return the labels, with times and indices of units."""
        coords = {"snapshot": clock(network, np.array(self.steps)), "snapshot_unit": np.arange(network.size)}
        attrs = {"long_name": "state", "units": ""}
        return {"snapshots": Variable(("snapshot", "snapshot_unit"), coords, attrs)}
