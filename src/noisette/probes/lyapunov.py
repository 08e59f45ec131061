"""Probes of Lyapunov exponents, by tangent vectors and by the separation of two trajectories."""

import math
from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import integer, real_number, require
from noisette.networks import BinaryNetwork, DiscreteNetwork, State
from noisette.probes._base import Probe, Variable
from noisette.probes._block_error import block_error, number_of_blocks
from noisette.probes._tangents import LOSS, MARGIN, inverse, largest_of_trials, orthonormalise

LONGEST = 50  # largest number of steps between orthonormalisations
RANGE = 50.0  # largest logarithm of the growth or decay between orthonormalisations


def _step_length(network) -> jax.Array:
    """Return the length of a step, in the network's unit of time."""
    return jnp.asarray(network.step_length, float)


def _require_differentiable(networks, name: str) -> None:
    """Raise for networks whose step is not differentiable, or not available to the probe."""
    require(
        not isinstance(networks[0], BinaryNetwork),
        f"{name} of a {type(networks[0]).__name__}",
        "continuous states are needed",
    )
    require(
        isinstance(networks[0], DiscreteNetwork),
        f"{name} with a solver that chooses its own steps",
        "the map of a single step is needed",
        "use euler or heun",
    )


Every = int | Literal["auto"]  # number of steps between orthonormalisations


class Lyapunov(Probe):
    """The k largest Lyapunov exponents, from tangent vectors propagated by the derivative of the step.

    .. math:: V(t + dt) = DM_t\\, V(t), \\qquad V = QR \\text{ every few steps}, \\qquad
       \\lambda_i = \\frac{1}{T} \\sum \\ln |R_{ii}|

    The derivative DM of the step is computed exactly, by forward-mode differentiation, so that no finite separation has
    to be chosen. Additive noise affects the exponents only through the states. Exponents are in 1/(unit of time of the
    network); in discrete time this is 1/step.

    Between orthonormalisations all tangents align with the fastest direction, and components below about 2⁻³⁸ of it
    are lost in round-off. The interval is therefore adapted to the observed growth: it begins at one step, is at most
    doubled, and keeps the ratio of the largest to the smallest R_ii near 50. All trials of a simulation are
    orthonormalised in the same steps. The intervals affect the exponents only by round-off.

    The results are ``lyapunov``; ``lyapunov_se``, its standard error, estimated from the means of up to 100 blocks of
    time with their correlations (NaN for fewer than 20 blocks of 10 steps); and ``lyapunov_running``, the exponents
    over the first 1, 2, … blocks, as functions of ``share``, the fraction of the time after the transient.

    - An exponent is −∞ if a direction vanishes within a single step: R_ii is zero, or below the round-off of the terms
      whose difference it is. Then DM is rank-deficient in double precision.
    - An exponent is NaN if R_ii falls below round-off within an interval of several steps. This happens if growth rates
      suddenly increase more than sixfold; ``every=1`` avoids it.

    Parameters
    ----------
    exponents : number of exponents k, at most the number of units
    every : largest number of steps between orthonormalisations; "auto" for 50
    discard : transient to discard, in the network's unit of time
    skipped : number of discarded steps, determined by the simulation

    Raises
    ------
    InputError : numbers of exponents or steps that are not integers or out of range, networks with discrete states, or
        adaptive and stiff solvers.

    See Also
    --------
    lyapunov_spectrum : One or many exponents of given networks, with standard errors, dimension and entropy rate.
    chaos_curve : Exponents against the gain, for several networks, with an audit of the step.
    TrajectorySeparation : The distance of two trajectories in the same noise, without tangents.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.0]])  # decays at rate 1, and in Euler steps at rate −ln(1 − dt)/dt
    >>> data = nz.simulate(network, duration=10, dt=0.1, probes=nz.Lyapunov(), key=0)
    >>> round(float(data.lyapunov[0, 0]), 4)
    -1.0536

    References
    ----------
    Benettin, Galgani, Giorgilli & Strelcyn (1980), Meccanica 15:9; Engelken, Wolf & Abbott (2023), Physical
    Review Research 5:043044.
    """

    exponents: int = eqx.field(static=True)
    every: Every = eqx.field(static=True)
    discard: float = eqx.field(static=True)
    skipped: int = eqx.field(static=True)

    @check_arguments
    def __init__(self, exponents: int = 1, every: Every = "auto", discard: float = 0.0, skipped: int = 0):
        self.exponents = integer(exponents, "exponents")
        self.every = every if isinstance(every, str) else integer(every, "every")
        require(discard >= 0 and math.isfinite(discard), f"discard {discard:g}", "a time of zero or more")
        self.discard, self.skipped = float(discard), skipped

    def bind(self, networks):
        """Return the probe with the transient as a number of steps; raise if `exponents` or the network is invalid."""
        size = networks[0].size
        require(self.exponents <= size, f"{self.exponents} exponents", f"between 1 and the number of units, {size}")
        _require_differentiable(networks, "Lyapunov exponents")
        skipped = math.ceil(self.discard / float(_step_length(networks[0])) * (1 - 1e-9) - 1e-9)
        return Lyapunov(self.exponents, self.every, self.discard, skipped)

    def init(self, network, steps):
        """Return (tangents in rows, sums of logarithms, sums at the ends of blocks, counters, dt).

        The counters are the number of steps since the last orthonormalisation, the interval to the next one, the total
        number of steps after the transient, and, for each column of the blocks, the index of its row of tangents.
        These indices change if a direction vanishes, since its row is moved to the end.
        """
        start = np.random.default_rng(0).standard_normal((network.size, self.exponents))
        tangents = jnp.asarray(np.linalg.qr(start)[0].T)
        counted = max(0, steps - self.skipped)
        clock = jnp.array([0, 1, counted, *range(self.exponents)])
        return (
            tangents,
            jnp.zeros(self.exponents),
            jnp.zeros((number_of_blocks(counted), self.exponents)),
            clock,
            _step_length(network),
        )

    def update(self, record, step):
        """Propagate the tangents through the step; orthonormalise them and add logarithms at the end of an interval."""
        former, sums, blocks, clock, dt = record
        tangents = self._propagated(former, step, step.before)
        clock = clock.at[0].add(1)
        # integers without batch axes, so that conditionals on them remain branches, and indexing with them slices
        elapsed, counted = step.time - self.skipped, largest_of_trials(clock[2])
        block = elapsed * len(blocks) // jnp.maximum(counted, 1)  # −1 in the last step of the transient
        ends = ((elapsed + 1) * len(blocks) // jnp.maximum(counted, 1) > block) & (elapsed >= -1)
        due = ends | (largest_of_trials(clock[0] >= clock[1]) > 0)

        def orthonormal():
            qr = orthonormalise(tangents, clock[0])
            qr = qr._replace(hidden=qr.hidden | self._uncertain(former, tangents, qr, step, clock[0]))
            vanished = jnp.isneginf(sums)[qr.order]
            logs = _logarithms(qr, clock[0], vanished)
            interval = self._interval(qr, vanished, clock[0], clock[1])
            counters = jnp.concatenate([jnp.stack([0, interval, clock[2]]), qr.place[clock[3:]]])
            return qr.tangents, jnp.where(elapsed >= 0, sums[qr.order] + logs, sums), counters

        tangents, sums, clock = jax.lax.cond(due, orthonormal, lambda: (tangents, sums, clock))
        row = jnp.clip(block, 0, len(blocks) - 1)
        blocks = blocks.at[row].set(jnp.where(ends & (elapsed >= 0), sums[clock[3:]], blocks[row]))
        return tangents, sums, blocks, clock, dt

    def _propagated(self, tangents, step, units):
        """Return the tangents after a step from `units`, by Jacobian–vector products."""

        def advance_units(units):
            return step.network.step(step.state._replace(units=units), step.time, key=step.key).units

        def propagate(tangent):
            return jax.jvp(advance_units, (units,), (tangent,))[1]

        return propagate(tangents[0])[None] if self.exponents == 1 else jax.vmap(propagate, 1, 1)(tangents.T).T

    def _uncertain(self, former, tangents, qr, step, since):
        """Return which tangents are smaller, after this step, than their error due to round-off of the state.

        At a superstable point the terms of DM cancel, and the remainder is determined by the round-off of the state.
        The error is estimated by repeating the step from a state that is changed by 4 ε. This is done only if a tangent
        shrinks to less than 64 ε of its size.
        """
        epsilon = jnp.finfo(tangents.dtype).eps
        size = lambda rows: jnp.abs(rows).max(1)  # noqa: E731
        shrunken = size(tangents) <= MARGIN * epsilon * size(former)

        def perturbation_error():
            moved = self._propagated(former, step, step.before * (1 + 4 * epsilon))
            return MARGIN * size(moved - tangents)

        error = jax.lax.cond(
            largest_of_trials(shrunken.any()) > 0, perturbation_error, lambda: jnp.zeros_like(qr.sizes)
        )
        remaining = jnp.where(since == 1, qr.sizes, size(tangents)[qr.order])
        return (shrunken & (error > 0))[qr.order] & (remaining <= error[qr.order])

    def _interval(self, qr, vanished, since, interval):
        """Return the number of steps to the next orthonormalisation, from the growth over the last `since` steps.

        R_jj is resolved while the ratio of the largest to the smallest one is below 1/(2¹⁴ ε) = 2³⁸, see `_tangents`.
        The intended ratio is (2¹⁴ ε)^−0.15, about 50 in double precision, so that the growth rate may increase by a
        factor of 1/0.15 > 6 without loss.
        """
        longest = LONGEST if isinstance(self.every, str) else self.every
        capacity = -math.log(LOSS * MARGIN * float(jnp.finfo(qr.sizes.dtype).eps))
        logs = jnp.log(qr.sizes)
        highest = jnp.where(qr.hidden, -jnp.inf, logs).max()
        lowest = jnp.where(qr.hidden, jnp.inf, logs).min()
        demand = jnp.maximum((highest - lowest) / (0.15 * capacity), jnp.maximum(highest, -lowest) / RANGE)
        demand = jnp.where((qr.hidden & ~vanished).any(), since, demand)
        proposal = jnp.where(demand > 0.5, since / demand, 2.0 * since)
        return jnp.clip(proposal, 1, jnp.minimum(longest, jnp.maximum(2 * since, interval))).astype(since.dtype)

    def result(self, record, steps):
        """Return the exponents in the order of the tangents, descending except for sampling errors, with −∞ last."""
        _, _, blocks, clock, dt = record
        sums = blocks[:, inverse(clock[3:])]
        ends = -(-jnp.arange(len(blocks) + 1) * clock[2] // len(blocks)) * dt  # times of the ends of the blocks
        running = sums / ends[1:, None]
        means = jnp.diff(sums, axis=0, prepend=0.0) / jnp.diff(ends)[:, None]
        return {"lyapunov": running[-1], "lyapunov_se": block_error(means), "lyapunov_running": running}

    def describe(self, network, steps):
        """Return the labels, with the indices of exponents and the fractions of time of the running exponents."""
        units = f"1/{network.time_unit}"
        blocks = number_of_blocks(max(0, steps - self.skipped))
        numbers = {"exponent": np.arange(self.exponents)}
        shares = {"share": np.arange(1, blocks + 1) / blocks}
        se_attrs = {"long_name": "standard error of the exponents", "units": units, "blocks": str(blocks)}
        running_attrs = {
            "long_name": "exponents over the first fraction of the time after the transient",
            "units": units,
        }
        return {
            "lyapunov": Variable(("exponent",), numbers, {"long_name": "Lyapunov exponents", "units": units}),
            "lyapunov_se": Variable(("exponent",), numbers, se_attrs),
            "lyapunov_running": Variable(("share", "exponent"), shares | numbers, running_attrs),
        }


def _logarithms(qr, since, vanished):
    """Return ln R_ii after `since` steps: −∞ if the direction has vanished, NaN if it is lost in round-off."""
    logs = jnp.log(qr.sizes)
    is_zero = vanished | (qr.hidden & (since == 1))
    return jnp.where(is_zero, -jnp.inf, jnp.where(qr.hidden, jnp.nan, logs))


@check_arguments
class TrajectorySeparation(Probe):
    """The largest Lyapunov exponent from two trajectories at a small distance δ, rescaled in every step.

    .. math:: \\lambda = \\frac{1}{T} \\sum_t \\ln \\frac{|y(t) - x(t)|}{\\delta}

    This is the orbit separation method (Sprott 2003), provided for comparison: in float32 with δ = 1e-5 its error
    is several tenths, in float64 it agrees with `Lyapunov`. The exponent is −∞ if the trajectories coincide, and NaN if
    their distance in a step falls below round-off. If distances contract faster than linearly, as for a superstable
    map, the result depends on δ.

    Parameters
    ----------
    delta : δ, Euclidean distance of the states
    discard : transient to discard, in the network's unit of time

    Raises
    ------
    InputError : a distance that is not positive, networks with discrete states, or adaptive and stiff solvers.

    See Also
    --------
    lyapunov_spectrum : One or many exponents of given networks, with standard errors, dimension and entropy rate.
    Lyapunov : Exponents within your own simulation, beside other probes.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.0]])
    >>> data = nz.simulate(network, duration=10, dt=0.1, probes=nz.TrajectorySeparation(), key=0)
    >>> round(float(data.separation[0]), 4)
    -1.0536

    References
    ----------
    Sprott (2003), Chaos and Time-Series Analysis; Huang & Huang (2025), Physical Review E 112:044227, Appendix A.
    """

    delta: float = eqx.field(static=True, default=1e-5)
    discard: float = eqx.field(static=True, default=0.0)

    def __check_init__(self):
        real_number(self.delta, "delta", "a distance above zero", lambda delta: 0 < delta < math.inf)
        real_number(self.discard, "discard", "a time of zero or more", lambda time: 0 <= time < math.inf)

    def bind(self, networks):
        """Return the probe; raise if the network is invalid."""
        _require_differentiable(networks, "trajectory separation")
        return self

    def init(self, network, steps):
        """Return (separation of the states, [sum of logarithms, number of steps], dt)."""
        start = np.random.default_rng(0).standard_normal(network.size)
        return jnp.asarray(start / np.linalg.norm(start) * self.delta), jnp.zeros(2), _step_length(network)

    def update(self, record, step):
        """Advance the second trajectory with the same noise, add the logarithm of the distance, and rescale."""
        separation, sums, dt = record
        network, state, key = step.network, step.state, step.key
        assert isinstance(network, DiscreteNetwork)
        assert isinstance(state, State)
        assert key is not None
        neighbour = state._replace(units=step.before + separation)
        moved = network.step(neighbour, step.time, key=key).units - step.after
        distance = jnp.linalg.norm(moved)
        round_off = MARGIN * jnp.finfo(moved.dtype).eps * jnp.linalg.norm(step.after)
        growth = jnp.where((distance > 0) & (distance <= round_off), jnp.nan, jnp.log(distance / self.delta))
        counts = step.time * dt >= self.discard * (1 - 1e-9) - 1e-12
        sums = jnp.where(counts, sums + jnp.stack([growth, jnp.ones_like(growth)]), sums)
        return jnp.where(distance == 0, separation, moved * self.delta / distance), sums, dt

    def result(self, record, steps):
        """Return the exponent."""
        _, (total, counted), dt = record
        return {"separation": total / (counted * dt)}

    def describe(self, network, steps):
        """Return the labels."""
        units = f"1/{network.time_unit}"
        return {
            "separation": Variable(
                (), {}, {"long_name": "largest exponent, from the separation of two trajectories", "units": units}
            )
        }
