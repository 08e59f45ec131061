"""Probe that counts pairs of successive states."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer
from noisette.networks import CodedState, code_of_units
from noisette.probes._base import Probe, Variable, observed_units

MOST = 10  # largest number of units


class JointStates(Probe):
    """Counts of pairs of successive joint states of some units, over all steps.

    In continuous time the state of a unit is the sign of x, and states are sampled every `every`-th step. They are not
    a Markov chain in general, since the sign does not determine x.

    Parameters
    ----------
    units : indices of the observed units, at most 10; all by default. Joint states are labelled by integer codes, with
        the first unit as the most significant bit
    every : number of steps k between the two states of a pair, the states before the steps 0, k, 2k, …

    Raises
    ------
    InputError : invalid units or numbers of steps.

    See Also
    --------
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.
    ConditionalStates : The same distribution with a much smaller bias, if the noise is independent between units.
    ConditionalEntropy : H(s'|s) of all units, for any number of units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> flip = nz.SignNetwork([[-1.0]])
    >>> nz.simulate(flip, 5, nz.JointStates(), key=jax.random.key(0)).joint_states[0].values
    array([[0, 3],
           [2, 0]])
    >>> rate = nz.RateNetwork([[2.0]])  # two fixed points, x ≈ ±1.9
    >>> data = nz.simulate(rate, duration=5, dt=0.1, probes=nz.JointStates(every=10), start=1.0, key=0)
    >>> data.joint_states[0].values
    array([[0, 0],
           [0, 5]])
    """

    units: tuple[int, ...] | None = eqx.field(static=True)
    every: int = eqx.field(static=True)

    @check_arguments
    def __init__(self, units: Sequence[int] | None = None, every: int = 1):
        self.units = None if units is None else tuple(integer(u, "unit", 0) for u in units)
        self.every = integer(every, "every", 1)

    def bind(self, networks):
        """Return the probe with the indices of the observed units."""
        return JointStates(observed_units(self.units, networks[0].size, MOST), self.every)

    def init(self, network, steps):
        """Return zero counts, flattened, in 32 bits unless a count may exceed them: smaller arrays are faster.

        If states are further apart than a step, the code of the first state of a pair is a part of the record.
        """
        counts = jnp.zeros(4 ** len(self.units or ()), jnp.int32 if steps < 2**31 else jnp.int64)
        return counts if self.every == 1 else (counts, jnp.zeros((), int))

    def update(self, record, step):
        """Count a pair of successive states."""
        if self.every == 1:
            return self._counted(record, self._code(step.state, step.before), step, 1)
        counts, first = record
        phase = step.time % self.every
        first = jnp.where(phase == 0, self._code(step.state, step.before), first).astype(int)
        return self._counted(counts, first, step, jnp.where(phase == self.every - 1, 1, 0).astype(counts.dtype)), first

    def _counted(self, counts, before, step, number):
        """Return the counts after a number of pairs of the state `before` and that after the step."""
        after = self._code(step.state_after, step.after)
        return counts.at[before * 2 ** len(self.units or ()) + after].add(number, mode="promise_in_bounds")

    def _code(self, state, units):
        """Return the code of the observed units; that of the state itself, if it is coded and all are observed."""
        observed = self.units or ()
        if isinstance(state, CodedState) and observed == tuple(range(state.size)):
            return state.code
        return code_of(units, observed)

    def result(self, record, steps):
        """Return the counts, with the state before as the row."""
        number = 2 ** len(self.units or ())
        counts = record if self.every == 1 else record[0]
        return {"joint_states": counts.reshape(number, number).astype(jnp.int64)}

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
