"""Probes that use the exact probability of the next state instead of the sampled state (Rao–Blackwell)."""

from collections.abc import Sequence

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer, require
from noisette.information import binary_entropy
from noisette.networks import BinaryNetwork, Network
from noisette.noise import White
from noisette.probes._base import Probe, Step, Variable, observed_units, original
from noisette.probes.joint_states import MOST, code_of, pair_labels

DIGITS = 8  # precision of the probabilities; sampling errors are much larger


def reach_of(networks: Sequence[Network]) -> float:
    """Return a bound on the fields for averages over noise, 0 without noise.

    Raises
    ------
    InputError : networks that are not binary, and noise shared between units.
    """
    binary = [network for network in networks if isinstance(network, BinaryNetwork)]
    require(
        len(binary) == len(networks),
        f"{type(original(networks[0])).__name__} has no exact probability of the next state",
        "this probe needs a binary network",
    )
    for member in binary:
        _, factors = member.noise.step_law(member.size, 0)
        require(
            factors.shape[0] == 0,
            "noise shared between units",
            "this probe needs units that are independent given the state",
            "use JointStates",
        )
    noisy = any(not isinstance(each.noise, White) or np.any(np.asarray(each.noise.strength)) for each in binary)
    return max(member.reach() for member in binary) if noisy else 0.0


def measured_steps(steps: int, every: int, discard: int) -> int:
    """Return the number of multiples of `every` from `discard` up to the number of steps; raise if there is none."""
    count = -(-steps // every) - -(-discard // every)
    require(count > 0, f"no measured step among {steps} after {discard} discarded", "at least one", "use more steps")
    return count


def _flips(step: Step, units: tuple[int, ...], reach: float):
    """Return the fields of the observed units before the step, and the probabilities q of the opposite signs."""
    which, network = np.array(units), step.network
    assert isinstance(network, BinaryNetwork)
    std, _ = network.noise.step_law(network.size, step.time)
    field = network.field(step.before)[which]
    return field, network.flip_probability(field, std[which] if reach > 0 else None, reach=reach, digits=DIGITS)


class ConditionalStates(Probe):
    """Joint distribution of successive states of some units, with exact probabilities of the second state.

    .. math:: \\hat P(a, b) = \\frac{1}{N_T} \\sum_t [s_A(t) = a] \\prod_{n \\in A} P(s_n(t+1) = b_n | s(t))

    This is the Rao–Blackwell estimator. Since the next state is not sampled, estimates of the mutual information have
    a much smaller bias than with `JointStates`.

    Parameters
    ----------
    units : indices of the observed units A, at most 10; all by default
    reach : upper bound on |h|, 0 without noise, determined by the simulation

    Raises
    ------
    InputError : networks that are not binary, noise shared between units, or invalid units.

    See Also
    --------
    JointStates : Counts of pairs of states of some units; biased if there are few steps per pair.
    ConditionalEntropy : H(s'|s) of all units, for any number of units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann([[2.0]])
    >>> data = nz.simulate(network, 1, nz.ConditionalStates(), key=jax.random.key(0))
    >>> data.conditional_states[0].values.round(4)
    array([[0.8808, 0.1192],
           [0.    , 0.    ]])

    References
    ----------
    Blackwell (1947), Annals of Mathematical Statistics 18:105.
    """

    units: tuple[int, ...] | None = eqx.field(static=True)
    reach: float = eqx.field(static=True)

    @check_arguments
    def __init__(self, units: Sequence[int] | None = None, reach: float = 745.0):
        self.units = None if units is None else tuple(integer(u, "unit", 0) for u in units)
        self.reach = reach

    def bind(self, networks):
        """Check units and noise, and bound the fields."""
        return ConditionalStates(observed_units(self.units, networks[0].size, MOST), reach_of(networks))

    def init(self, network, steps):
        """Return a matrix of zeros over states before and after."""
        number = 2 ** len(self.units or ())
        return jnp.zeros((number, number))

    def update(self, record, step):
        """Add the distribution of the next state to the row of the present state."""
        field, q = _flips(step, self.units or (), self.reach)
        down, up = jnp.where(field >= 0, q, 1 - q), jnp.where(field >= 0, 1 - q, q)
        row = jnp.ones(1)
        for n in range(len(self.units or ())):
            row = jnp.stack([row * down[n], row * up[n]], axis=-1).reshape(-1)
        return record.at[code_of(step.before, self.units)].add(row)

    def result(self, record, steps):
        """Return the joint distribution."""
        return {"conditional_states": record / steps}

    def describe(self, network, steps):
        """Label states by their codes."""
        return {"conditional_states": pair_labels(self.units or (), "joint probability of successive states")}


class ConditionalEntropy(Probe):
    """Conditional entropy of the next state given the present state, also called divergence, for any number of units.

    .. math:: H(s'|s) = \\Big\\langle \\sum_n h_2\\big(q_n(s)\\big) \\Big\\rangle

    Here h2 is the binary entropy, in bits, and q_n the `BinaryNetwork.flip_probability` of unit n. States are not
    counted, so that the number of units is not limited. In the limit of long trials and for all units, it equals
    D = H − I, the entropy of the states minus the mutual information of successive states.

    Parameters
    ----------
    units : indices of the observed units; all by default
    every : number of steps between evaluations
    reach : upper bound on |h|, 0 without noise, determined by the simulation
    discard : number of steps that are not measured, while the network approaches its stationary state

    Raises
    ------
    InputError : networks that are not binary, noise shared between units, invalid units, or no step that is measured.

    See Also
    --------
    JointStates : Counts of pairs of states of some units; biased if there are few steps per pair.
    ConditionalStates : The same distribution with a much smaller bias, if the noise is independent between units.
    EntropyProduction : Entropy production of Boltzmann networks, for any number of units.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10, 100), noise=nz.White(4.0))
    >>> data = nz.simulate(network, 10, nz.ConditionalEntropy(), key=jax.random.key(0))
    >>> round(float(data.conditional_entropy[0]), 4)  # 100 h2(0.0115854)
    9.1129
    """

    units: tuple[int, ...] | None = eqx.field(static=True)
    every: int = eqx.field(static=True)
    reach: float = eqx.field(static=True)
    discard: int = eqx.field(static=True)

    @check_arguments
    def __init__(self, units: Sequence[int] | None = None, every: int = 1, reach: float = 745.0, discard: int = 0):
        every = integer(every, "every", None)
        require(every >= 1, f"every {every}", "at least 1")
        self.units = None if units is None else tuple(integer(u, "unit", 0) for u in units)
        self.every, self.reach, self.discard = every, reach, integer(discard, "discard", 0)

    def bind(self, networks):
        """Check units and noise, and bound the fields."""
        units = observed_units(self.units, networks[0].size, networks[0].size)
        return ConditionalEntropy(units, self.every, reach_of(networks), self.discard)

    def init(self, network, steps):
        """Return zero."""
        measured_steps(steps, self.every, self.discard)
        return jnp.zeros(())

    def update(self, record, step):
        """Add Σ h2(q) for the present state, in every `every`-th step."""

        def measured(total):
            return total + jnp.sum(binary_entropy(_flips(step, self.units or (), self.reach)[1]))

        due = (step.time % self.every == 0) & (step.time >= self.discard)
        return jax.lax.cond(due, measured, lambda total: total, record)

    def result(self, record, steps):
        """Return the mean over time."""
        return {"conditional_entropy": record / measured_steps(steps, self.every, self.discard)}

    def describe(self, network, steps):
        """Return the labels."""
        attrs = {"long_name": "conditional entropy H(s'|s)", "units": "bit"}
        return {"conditional_entropy": Variable((), {}, attrs)}
