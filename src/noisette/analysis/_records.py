"""Records of states at equal intervals of time, whatever the step."""

from collections.abc import Sequence

import equinox as eqx

from noisette.networks import Network
from noisette.probes import Trace


class Records(Trace):
    """States at times 0, T, 2T, …, for a step that is chosen by the simulation.

    Parameters
    ----------
    interval : T, in the network's unit of time, rounded to a whole number of steps
    units : indices of the observed units; all by default
    """

    interval: float = eqx.field(static=True)

    def __init__(self, interval: float, units: Sequence[int] | None = None):
        super().__init__(1, units)
        self.interval = interval

    def bind(self, networks: Sequence[Network]) -> Trace:
        """Return a trace with the interval as a number of steps."""
        return Trace(max(1, round(self.interval / float(networks[0].step_length))), self.units).bind(networks)


__all__ = ["Records"]
