"""Probe that records the states."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.probes._base import Probe, Variable, clock, observed_units


class Trace(Probe):
    """States before steps 0, every, 2·every, …; the memory is proportional to the number of steps.

    Parameters
    ----------
    every : number of steps between records
    units : indices of the observed units; all by default

    Raises
    ------
    InputError : a number of steps below 1, or invalid units.

    See Also
    --------
    Snapshots : States at selected times only.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> flip = nz.SignNetwork([[-1.0]])
    >>> nz.simulate(flip, 4, nz.Trace(), key=jax.random.key(0)).trace[0, :, 0].values
    array([-1.,  1., -1.,  1.])
    """

    every: int = eqx.field(static=True)
    units: tuple[int, ...] | None = eqx.field(static=True)

    @check_arguments
    def __init__(self, every: int = 1, units: Sequence[int] | None = None):
        every = integer(every, "every", None)
        require(every >= 1, f"every {every}", "at least 1")
        self.every, self.units = every, None if units is None else tuple(integer(u, "unit", 0) for u in units)

    def bind(self, networks):
        """Return the probe with the indices of the observed units."""
        return Trace(self.every, observed_units(self.units, networks[0].size, networks[0].size))

    def init(self, network, steps):
        """Return an array for the states, shape (records, observed units)."""
        assert self.units is not None
        return jnp.zeros((-(-steps // self.every), len(self.units)))

    def update(self, record, step):
        """Record the state before every `every`-th step."""
        row = step.time // self.every
        write = lambda r: r.at[row].set(step.before[jnp.array(self.units)])  # noqa: E731
        return jax.lax.cond(step.time % self.every == 0, write, lambda r: r, record)

    def result(self, record, steps):
        """Return the recorded states."""
        return {"trace": record}

    def describe(self, network, steps):
        """Return the labels, with times (in discrete time, steps) and indices of units."""
        coords = {"time": clock(network, np.arange(0, steps, self.every)), "unit": np.array(self.units)}
        return {"trace": Variable(("time", "unit"), coords, {"long_name": "state", "units": ""})}
