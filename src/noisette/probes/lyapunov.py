"""Probes of Lyapunov exponents: by tangent vectors, and by two orbits a small distance apart."""

import math

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import integer, require
from noisette.networks import BinaryNetwork, DiscreteNetwork, State
from noisette.probes._base import Probe, Variable
from noisette.probes._block_error import block_error, number_of_blocks
from noisette.probes._tangents import LOSS, MARGIN, inverse, largest_of_trials, orthonormalise

LONGEST = 50  # steps between two orthonormalisations, whatever the growth
RANGE = 50.0  # e^50 is the largest growth between two of them that is planned for


def _length(network) -> jax.Array:
    return jnp.asarray(network.step_length, float)


def _followed(networks, name: str) -> None:
    require(
        not isinstance(networks[0], BinaryNetwork),
        f"{name} of a {type(networks[0]).__name__}",
        "they need states that vary continuously",
    )
    require(
        isinstance(networks[0], DiscreteNetwork),
        f"{name} with a solver that chooses its own steps",
        "it follows the map of one step",
        "use euler or heun",
    )


class Lyapunov(Probe):
    """The k largest Lyapunov exponents, from tangent vectors carried by the network's own step.

    .. math:: V(t + dt) = DM_t\\, V(t), \\qquad V = QR \\text{ every few steps}, \\qquad
       \\lambda_i = \\frac{1}{T} \\sum \\ln |R_{ii}|

    The derivative of the step is exact (forward differentiation), so there is no separation to choose. Additive noise
    enters through the states that it leads to. In discrete time the unit is a step.

    Between two orthonormalisations all tangents turn towards the fastest direction, and what shrinks by more than
    about 2⁻³⁸ relative to it is lost in round-off. The interval therefore follows the growth that is seen: it begins
    at one step, at most doubles, and keeps the ratio of the R_ii near 50 (all trials of a simulation are
    orthonormalised together). The intervals leave the exponents unchanged but for round-off.

    Results: ``lyapunov``; ``lyapunov_se``, its standard error, from the means of up to 100 blocks of the counted time
    with what is seen of their correlations (NaN for fewer than 20 blocks of 10 steps); ``lyapunov_running``, the
    exponents of the first 1, 2, … blocks, over ``share``, the share of the counted time.

    - An exponent is −∞ where a direction vanishes within a single step: R_ii is zero, or below the round-off of the
      components that it is the difference of. Then DM has no full rank in double precision.
    - An exponent is NaN where round-off hides it: R_ii falls below round-off within an interval of several steps.
      That is so if growth rises more than sixfold at once; ``every=1`` excludes it.

    Parameters
    ----------
    k : number of exponents, at most the number of units
    every : largest number of steps between two orthonormalisations; "auto" is 50
    discard : time before counting begins, in the network's unit of time

    Raises
    ------
    InputError : numbers of exponents or steps that are no integers or out of range, networks whose states do not vary
        continuously, solvers that choose their own steps.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.0]])  # decays at rate 1; a step of Euler by ln(1 − dt)/dt
    >>> data = nz.simulate(network, duration=10, dt=0.1, probes=nz.Lyapunov(), key=0)
    >>> round(float(data.lyapunov[0, 0]), 4)
    -1.0536

    References
    ----------
    Benettin, Galgani, Giorgilli & Strelcyn (1980), Meccanica 15:9; Engelken, Wolf & Abbott (2023), Physical
    Review Research 5:043044.
    """

    k: int = eqx.field(static=True)
    every: int | str = eqx.field(static=True)
    discard: float = eqx.field(static=True)
    skipped: int = eqx.field(static=True)

    def __init__(self, k: int = 1, every: int | str = "auto", discard: float = 0.0, skipped: int = 0):
        self.k = integer(k, "exponents")
        self.every = every if isinstance(every, str) else integer(every, "every")
        require(not isinstance(every, str) or every == "auto", f"every {every!r}", "a number of steps, or 'auto'")
        require(discard >= 0 and math.isfinite(discard), f"discard {discard:g}", "a time of zero or more")
        self.discard, self.skipped = float(discard), skipped

    def bind(self, networks):
        """Check k and that steps can be differentiated; turn the time to discard into steps."""
        size = networks[0].size
        require(self.k <= size, f"{self.k} exponents", f"between 1 and the number of units, {size}")
        _followed(networks, "Lyapunov exponents")
        skipped = math.ceil(self.discard / float(_length(networks[0])) * (1 - 1e-9) - 1e-9)
        return Lyapunov(self.k, self.every, self.discard, skipped)

    def init(self, network, steps):
        """Return (tangents in rows, sums of logarithms, sums at the ends of blocks, [clock, columns], dt).

        The clock is (steps since the last orthonormalisation, interval to the next, steps counted); columns are the
        rows that columns of the blocks belong to, which change when a direction vanishes: its row moves to the end.
        """
        start = np.random.default_rng(0).standard_normal((network.size, self.k))
        tangents = jnp.asarray(np.linalg.qr(start)[0].T)
        counted = max(0, steps - self.skipped)
        clock = jnp.array([0, 1, counted, *range(self.k)])
        return tangents, jnp.zeros(self.k), jnp.zeros((number_of_blocks(counted), self.k)), clock, _length(network)

    def update(self, record, step):
        """Carry the tangents through the step; orthonormalise and count when it is due."""
        former, sums, blocks, clock, dt = record
        tangents = self._carried(former, step, step.before)
        clock = clock.at[0].add(1)
        # of integers without batch axes: what they choose stays a branch, what they index a slice
        late, counted = step.time - self.skipped, largest_of_trials(clock[2])
        block = late * len(blocks) // jnp.maximum(counted, 1)  # −1 on the last step before counting begins
        ends = ((late + 1) * len(blocks) // jnp.maximum(counted, 1) > block) & (late >= -1)
        due = ends | (largest_of_trials(clock[0] >= clock[1]) > 0)

        def orthonormal():
            made = orthonormalise(tangents, clock[0])
            made = made._replace(hidden=made.hidden | self._uncertain(former, tangents, made, step, clock[0]))
            known = jnp.isneginf(sums)[made.order]
            logs = _logarithms(made, clock[0], known)
            interval = self._interval(made, known, clock[0], clock[1])
            now = jnp.concatenate([jnp.stack([0, interval, clock[2]]), made.place[clock[3:]]])
            return made.tangents, jnp.where(late >= 0, sums[made.order] + logs, sums), now

        tangents, sums, clock = jax.lax.cond(due, orthonormal, lambda: (tangents, sums, clock))
        row = jnp.clip(block, 0, len(blocks) - 1)
        blocks = blocks.at[row].set(jnp.where(ends & (late >= 0), sums[clock[3:]], blocks[row]))
        return tangents, sums, blocks, clock, dt

    def _carried(self, tangents, step, units):
        """Return the tangents after a step that begins at `units`."""

        def advance(units):
            return step.network.step(step.state._replace(units=units), step.time, key=step.key).units

        def carry(tangent):
            return jax.jvp(advance, (units,), (tangent,))[1]

        return carry(tangents[0])[None] if self.k == 1 else jax.vmap(carry)(tangents)

    def _uncertain(self, former, tangents, made, step, since):
        """Return which tangents shrink in this step to less than they change by if the state does by its round-off.

        At a superstable point DM is a difference of equal terms: what is left of it is the round-off of the state.
        Only tangents that shrink to less than 64 ε are looked at.
        """
        epsilon = jnp.finfo(tangents.dtype).eps
        size = lambda rows: jnp.abs(rows).max(1)  # noqa: E731
        small = size(tangents) <= MARGIN * epsilon * size(former)

        def compared():
            moved = self._carried(former, step, step.before * (1 + 4 * epsilon))
            return MARGIN * size(moved - tangents)

        doubt = jax.lax.cond(largest_of_trials(small.any()) > 0, compared, lambda: jnp.zeros_like(made.sizes))
        remaining = jnp.where(since == 1, made.sizes, size(tangents)[made.order])
        return (small & (doubt > 0))[made.order] & (remaining <= doubt[made.order])

    def _interval(self, made, dead, since, interval):
        """Return how many steps the next orthonormalisation may wait, from the growth over the last `since` steps.

        Spreads of (2¹⁴ ε)^−0.15, 50 in double precision, leave room for growth six times as fast.
        """
        longest = LONGEST if isinstance(self.every, str) else self.every
        capacity = -math.log(LOSS * MARGIN * float(jnp.finfo(made.sizes.dtype).eps))
        logs = jnp.log(made.sizes)
        highest = jnp.where(made.hidden, -jnp.inf, logs).max()
        lowest = jnp.where(made.hidden, jnp.inf, logs).min()
        demand = jnp.maximum((highest - lowest) / (0.15 * capacity), jnp.maximum(highest, -lowest) / RANGE)
        demand = jnp.where((made.hidden & ~dead).any(), since, demand)
        wanted = jnp.where(demand > 0.5, since / demand, 2.0 * since)
        return jnp.clip(wanted, 1, jnp.minimum(longest, jnp.maximum(2 * since, interval))).astype(since.dtype)

    def result(self, record, steps):
        """Return the exponents in the order of their tangents, descending but for sampling, those of −∞ last."""
        _, _, blocks, clock, dt = record
        sums = blocks[:, inverse(clock[3:])]
        ends = -(-jnp.arange(len(blocks) + 1) * clock[2] // len(blocks)) * dt  # times at which blocks end
        running = sums / ends[1:, None]
        means = jnp.diff(sums, axis=0, prepend=0.0) / jnp.diff(ends)[:, None]
        return {"lyapunov": running[-1], "lyapunov_se": block_error(means), "lyapunov_running": running}

    def describe(self, network, steps):
        """Label exponents, and the shares of the counted time that running exponents are of."""
        units = f"1/{network.time_unit}"
        blocks = number_of_blocks(max(0, steps - self.skipped))
        numbers = {"exponent": np.arange(self.k)}
        shares = {"share": np.arange(1, blocks + 1) / blocks}
        seen = {"long_name": "standard error of the exponents", "units": units, "blocks": str(blocks)}
        course = {"long_name": "exponents over the first share of the counted time", "units": units}
        return {
            "lyapunov": Variable(("exponent",), numbers, {"long_name": "Lyapunov exponents", "units": units}),
            "lyapunov_se": Variable(("exponent",), numbers, seen),
            "lyapunov_running": Variable(("share", "exponent"), shares | numbers, course),
        }


def _logarithms(made, since, dead):
    """Return the logarithms to count of R_ii after `since` steps: −∞ where a direction died, NaN where it is hidden."""
    logs = jnp.log(made.sizes)
    vanished = dead | (made.hidden & (since == 1))
    return jnp.where(vanished, -jnp.inf, jnp.where(made.hidden, jnp.nan, logs))


class TrajectorySeparation(Probe):
    """The largest Lyapunov exponent from two orbits a small distance δ apart, rescaled at every step.

    .. math:: \\lambda = \\frac{1}{T} \\sum_t \\ln \\frac{|y(t) - x(t)|}{\\delta}

    This is the orbit separation of the literature, for comparison: in float32 with δ = 1e-5 it is off by tenths,
    in float64 it agrees with `Lyapunov`. It is −∞ if the two orbits meet, and NaN if they come so close in a step that
    the distance is round-off. A step that shrinks small distances faster than in proportion, as that of a superstable
    map does, is seen at the distance δ.

    Parameters
    ----------
    delta : δ, Euclidean distance
    discard : time before counting begins

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.0]])
    >>> data = nz.simulate(network, duration=10, dt=0.1, probes=nz.TrajectorySeparation(), key=0)
    >>> round(float(data.separation[0]), 4)
    -1.0536

    References
    ----------
    Sprott (2003), Chaos and Time-Series Analysis; Huang & Huang (2025), Appendix A.
    """

    delta: float = eqx.field(static=True, default=1e-5)
    discard: float = eqx.field(static=True, default=0.0)

    def bind(self, networks):
        """Check the distance and the time to discard."""
        require(self.delta > 0 and math.isfinite(self.delta), f"delta {self.delta:g}", "a distance above zero")
        require(
            self.discard >= 0 and math.isfinite(self.discard), f"discard {self.discard:g}", "a time of zero or more"
        )
        _followed(networks, "separations of orbits")
        return self

    def init(self, network, steps):
        """Return the separation, the sum of logarithms, the steps counted and their length."""
        start = np.random.default_rng(0).standard_normal(network.size)
        return jnp.asarray(start / np.linalg.norm(start) * self.delta), jnp.zeros(2), _length(network)

    def update(self, record, step):
        """Advance the other orbit in the same noise, measure, rescale."""
        apart, sums, dt = record
        network, state, key = step.network, step.state, step.key
        assert isinstance(network, DiscreteNetwork)
        assert isinstance(state, State)
        assert key is not None
        beside = state._replace(units=step.before + apart)
        moved = network.step(beside, step.time, key=key).units - step.after
        distance = jnp.linalg.norm(moved)
        round_off = MARGIN * jnp.finfo(moved.dtype).eps * jnp.linalg.norm(step.after)
        growth = jnp.where((distance > 0) & (distance <= round_off), jnp.nan, jnp.log(distance / self.delta))
        counts = step.time * dt >= self.discard * (1 - 1e-9) - 1e-12
        sums = jnp.where(counts, sums + jnp.stack([growth, jnp.ones_like(growth)]), sums)
        return jnp.where(distance == 0, apart, moved * self.delta / distance), sums, dt

    def result(self, record, steps):
        """Return the exponent."""
        _, (total, counted), dt = record
        return {"separation": total / (counted * dt)}

    def describe(self, network, steps):
        """Label the exponent."""
        units = f"1/{network.time_unit}"
        return {"separation": Variable((), {}, {"long_name": "exponent of orbit separation", "units": units})}
