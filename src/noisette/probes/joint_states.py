"""Probe that counts pairs of successive states."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.networks import CodedState, Discretized, code_of_units
from noisette.probes._base import Probe, Variable, observed_units, original

MOST = 10  # largest number of units


class JointStates(Probe):
    """Counts of pairs of successive joint states of some units, over steps 0, …, steps − 1.

    Parameters
    ----------
    units : indices of the observed units, at most 10; all by default. Joint states are labelled by integer codes, with
        the first unit as the most significant bit

    Raises
    ------
    InputError : networks that are not binary, or invalid units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> flip = nz.SignNetwork([[-1.0]])
    >>> nz.simulate(flip, 5, nz.JointStates(), key=jax.random.key(0)).joint_states[0].values
    array([[0, 3],
           [2, 0]])
    """

    units: tuple[int, ...] | None = eqx.field(static=True)

    @check_arguments
    def __init__(self, units: Sequence[int] | None = None):
        self.units = None if units is None else tuple(integer(u, "unit", 0) for u in units)

    def bind(self, networks):
        """Return the probe with the indices of the observed units; raise if units are not binary."""
        require(
            not isinstance(networks[0], Discretized),
            f"joint states of a {type(original(networks[0])).__name__}",
            "joint states are counted for binary units, as in Boltzmann and SignNetwork",
            "use Trace or Covariance",
        )
        return JointStates(observed_units(self.units, networks[0].size, MOST))

    def init(self, network, steps):
        """Return zero counts, flattened, in 32 bits unless a count may exceed them: smaller arrays are faster."""
        return jnp.zeros(4 ** len(self.units or ()), jnp.int32 if steps < 2**31 else jnp.int64)

    def update(self, record, step):
        """Count a pair of successive states."""
        number = 2 ** len(self.units or ())
        before, after = self._code(step.state, step.before), self._code(step.state_after, step.after)
        return record.at[before * number + after].add(1, mode="promise_in_bounds")

    def _code(self, state, units):
        """Return the code of the observed units; that of the state itself, if it is coded and all are observed."""
        observed = self.units or ()
        if isinstance(state, CodedState) and observed == tuple(range(state.size)):
            return state.code
        return code_of(units, observed)

    def result(self, record, steps):
        """Return the counts, with the state before as the row."""
        number = 2 ** len(self.units or ())
        return {"joint_states": record.reshape(number, number).astype(jnp.int64)}

    def describe(self, network, steps):
        """Return the labels, with the codes of the states."""
        return {"joint_states": pair_labels(self.units or (), "count of successive states")}


def code_of(state, units):
    """Return the integer code of the given units of a state, with the first unit as the most significant bit."""
    return code_of_units(state[np.array(units)])


def pair_labels(units: Sequence[int], name: str) -> Variable:
    """Return the labels of a matrix over the states before and after a step."""
    codes = np.arange(2 ** len(units))
    attrs = {"long_name": name, "units": "", "observed_units": ",".join(map(str, units))}
    return Variable(("before", "after"), {"before": codes, "after": codes}, attrs)
