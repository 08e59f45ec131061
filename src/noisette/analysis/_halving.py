"""The comparison of a simulation with dt and with dt/2: exponent, energy and variance in blocks of time."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.stats
import xarray as xr

from noisette.probes import Probe
from noisette.probes._base import Variable

BLOCKS = 10
MEASURES = ("lyapunov", "kinetic_energy", "variance")
RELATIVE = 0.05  # differences below this share of the larger value are tolerated
ABSOLUTE = 0.02  # of exponents, in 1/(shortest time constant)
DEAD = 1e-5  # energies and variances below this share of those of the start are those of rest
FALSE_ALARMS = 0.01  # probability that chance alone makes any of the comparisons of one call a difference


class Blocks(Probe):
    """Largest exponent, kinetic energy per unit and variance in time, in equal blocks of a simulation.

    Results over ``block``: ``block_lyapunov`` (growth of one tangent), ``block_kinetic_energy`` and ``block_variance``,
    the variance of each unit within the block, averaged over units. Blocks do not depend on dt.

    Parameters
    ----------
    discard : time before the first block
    """

    discard: float = eqx.field(static=True, default=0.0)

    def init(self, network, steps):
        """Return a tangent, sums (growth, energy, square, steps) and sums of the state in each block."""
        start = np.random.default_rng(0).standard_normal(network.size)
        tangent = jnp.asarray(start / np.linalg.norm(start))
        end = jnp.asarray(steps, float) * network.dt
        return tangent, jnp.zeros((BLOCKS, 4)), jnp.zeros((BLOCKS, network.size)), end

    def update(self, record, step):
        """Carry the tangent through the step, and add to the sums of its block."""
        tangent, sums, states, end = record
        network = step.network

        def advance(units):
            return network.step(step.state._replace(units=units), step.time, key=step.key).units

        after = jax.jvp(advance, (step.before,), (tangent,))[1]
        size = jnp.linalg.norm(after)
        energy = jnp.mean(network.force(step.before, step.time) ** 2) / 2
        share = (step.time * network.dt - self.discard) / (end - self.discard)
        block = jnp.clip(jnp.floor(share * BLOCKS * (1 + 1e-12) + 1e-9), 0, BLOCKS - 1).astype(int)
        counted = share >= -1e-9
        row = jnp.stack([jnp.log(size), energy, jnp.mean(step.before**2), jnp.ones(())])
        sums = sums.at[block].add(jnp.where(counted, row, 0.0))
        states = states.at[block].add(jnp.where(counted, step.before, 0.0))
        return after / jnp.where(size > 0, size, 1.0), sums, states, end

    def result(self, record, steps):
        """Return the means of each block."""
        _, sums, states, end = record
        count = sums[:, 3]
        length = (end / steps) * count
        variance = sums[:, 2] / count - jnp.mean((states / count[:, None]) ** 2, axis=1)
        values = (sums[:, 0] / length, sums[:, 1] / count, jnp.maximum(variance, 0.0))
        return {f"block_{name}": value for name, value in zip(MEASURES, values, strict=True)}

    def describe(self, network, steps):
        """Label the blocks."""
        about = ("growth of a tangent", "kinetic energy per unit", "variance within the block, mean over units")
        units = ("1/tau", "1", "1")
        return {
            f"block_{name}": Variable(("block",), {}, {"long_name": text, "units": unit})
            for name, text, unit in zip(MEASURES, about, units, strict=True)
        }


class Scale(NamedTuple):
    """What differences are compared with: shortest time constant, energy per unit and mean square of the start."""

    min_tau: float
    energy: float
    square: float


class Comparison(NamedTuple):
    """Differences between dt and dt/2 of each of `MEASURES`.

    Attributes
    ----------
    difference : value with dt minus value with dt/2
    error : standard error of the difference
    tolerance : difference that is tolerated
    resolved : difference that chance does not explain
    """

    difference: np.ndarray
    error: np.ndarray
    tolerance: np.ndarray
    resolved: np.ndarray

    @property
    def differs(self) -> np.ndarray:
        """Which measures differ by more than chance and tolerance together, added in quadrature."""
        return np.abs(self.difference) > np.hypot(self.tolerance, self.resolved)

    @property
    def open(self) -> np.ndarray:
        """Which measures differ by more than is tolerated, but not by more than chance explains on top of it."""
        return (np.abs(self.difference) > self.tolerance) & ~self.differs

    def words(self) -> str:
        """Return the differences in one line."""
        parts = [
            f"{name} by {self.difference[i]:.2g} ± {self.error[i]:.1g}"
            for i, name in enumerate(("λ", "E_k/N", "the variance"))
            if self.differs[i]
        ]
        return " and ".join(parts)


def compare(coarse: xr.Dataset, fine: xr.Dataset, scale: Scale, *, comparisons: int, independent: bool) -> Comparison:
    """Compare runs with dt and with dt/2, both over (run, block).

    Differences are taken block by block and run by run, so that a course that both share cancels. Their standard error
    is that of the means of independent runs; where all runs have one start, or there is one run, not less than that of
    the blocks. A difference counts if it is beyond √(c² + d²): c is what chance exceeds in 1 % of calls (Student's t,
    divided by the number of comparisons in the call), and d what is tolerated, 5 %, plus 0.02/τ for exponents.

    Parameters
    ----------
    coarse, fine : results of `Blocks`
    scale : of the differences
    comparisons : cells that one call compares
    independent : whether runs start from different states
    """
    with np.errstate(over="ignore", invalid="ignore"):  # a state that runs away is finite for long
        return _compare(coarse, fine, scale, comparisons, independent)


def _compare(coarse: xr.Dataset, fine: xr.Dataset, scale: Scale, comparisons: int, independent: bool) -> Comparison:
    rows = []
    for name in MEASURES:
        first, second = (np.atleast_2d(data[f"block_{name}"].values) for data in (coarse, fine))
        floor = {"lyapunov": ABSOLUTE / scale.min_tau, "kinetic_energy": DEAD * scale.energy}.get(
            name, DEAD * scale.square
        )
        size = max(abs(float(first.mean())), abs(float(second.mean())))
        rows.append((*_difference(first - second, independent, comparisons), RELATIVE * size + floor))
    difference, error, resolved, tolerance = np.array(rows).T
    return Comparison(difference, error, tolerance, resolved)


def _difference(apart: np.ndarray, independent: bool, comparisons: int) -> tuple[float, float, float]:
    """Return the mean difference, its standard error, and the size beyond which chance does not explain it."""
    runs, blocks = apart.shape
    chance = FALSE_ALARMS / (len(MEASURES) * comparisons)
    errors = []
    if runs > 1:
        errors.append((apart.mean(1).std(ddof=1) / np.sqrt(runs), runs - 1))
    if not independent or runs == 1:
        errors.append((apart.mean(0).std(ddof=1) / np.sqrt(blocks), blocks - 1))
    quantiles = [error * float(scipy.stats.t.ppf(1 - chance / 2, freedom)) for error, freedom in errors]
    return float(apart.mean()), max(error for error, _ in errors), max(quantiles)


def scale_of(network: Any, starts: np.ndarray) -> Scale:
    """Return the scale of differences for runs of a network from these starts, shape (runs, N)."""
    energies = [float(network.kinetic_energy(jnp.asarray(start))) / network.size for start in starts]
    return Scale(float(network.min_tau), float(np.mean(energies)), float(np.mean(starts**2)))
