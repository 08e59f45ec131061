"""Comparison of simulations with dt and dt/2 by Lyapunov exponent, kinetic energy and variance in blocks of time.

Runs with dt and dt/2 are compared by the means over a fixed number of equal blocks of time, which do not depend on dt.
For each measure the differences d_rb of run r and block b have the mean d̄ and a standard error s: that of the means of
independent runs, with ν = R − 1 degrees of freedom, or that of the blocks of a single trajectory, with ν = B − 1. The
critical value c = s t_ν(1 − α/2), with the quantile function t_ν of Student's distribution, corresponds to the level
α = `FAMILYWISE_ERROR`/(measures × comparisons), by Bonferroni's inequality. The tolerance δ is a fraction of the larger
value plus an absolute floor. A measure differs if |d̄| > √(c² + δ²), which reduces to the t-test where δ is negligible,
and to the tolerance where statistical errors are.
"""

from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array

from noisette.networks import ContinuousNetwork, Integrator, Network, State
from noisette.probes import Probe, Step
from noisette.probes._base import Variable

BLOCKS = 10
MEASURES = ("lyapunov", "kinetic_energy", "variance")
RELATIVE = 0.05  # tolerated difference, as a fraction of the larger value
ABSOLUTE = 0.02  # additional tolerance of exponents, in units of 1/(shortest time constant)
FLOOR = 1e-5  # additional tolerance of energies and variances, as a fraction of their initial values
FAMILYWISE_ERROR = 0.01  # familywise error rate of all comparisons in one call


class Blocks(Probe):
    """Largest Lyapunov exponent, kinetic energy per unit and temporal variance in equal blocks of a simulation.

    Results over ``block``: ``block_lyapunov``, the growth rate of one tangent vector, in 1/time;
    ``block_kinetic_energy``, the mean of ½ Σ f_i²/N; and ``block_variance``, the variance of each unit within the
    block, averaged over units. The blocks do not depend on dt.

    Parameters
    ----------
    discard : time before the first block, in the unit of time of the network
    """

    discard: float = eqx.field(static=True, default=0.0)

    def init(self, network: Network, steps: int):
        """Return a tangent vector, sums of (log growth, energy, square, steps) and of states per block, and the end."""
        start = np.random.default_rng(0).standard_normal(network.size)
        tangent = jnp.asarray(start / np.linalg.norm(start))
        end = jnp.asarray(steps, float) * network.step_length
        return tangent, jnp.zeros((BLOCKS, 4)), jnp.zeros((BLOCKS, network.size)), end

    def update(self, record, step: Step):
        """Advance the tangent vector by one step, and add to the sums of the current block."""
        tangent, sums, states, end = record
        network, state, key = step.network, step.state, step.key
        assert isinstance(network, Integrator)
        assert isinstance(state, State)
        assert key is not None

        def advance(units):
            return network.step(state._replace(units=units), step.time, key=key).units

        # derivative of the step, with the noise of the trajectory held fixed, along the tangent vector
        pushed = jax.jvp(advance, (step.before,), (tangent,))[1]
        norm = jnp.linalg.norm(pushed)
        energy = jnp.mean(network.force(step.before, step.time) ** 2) / 2
        share = (step.time * network.step_length - self.discard) / (end - self.discard)
        # the small offsets assign a step that coincides with an edge up to round-off to the following block
        block = jnp.clip(jnp.floor(share * BLOCKS * (1 + 1e-12) + 1e-9), 0, BLOCKS - 1).astype(int)
        counted = share >= -1e-9
        row = jnp.stack([jnp.log(norm), energy, jnp.mean(step.before**2), jnp.ones(())])
        sums = sums.at[block].add(jnp.where(counted, row, 0.0))
        states = states.at[block].add(jnp.where(counted, step.before, 0.0))
        return pushed / jnp.where(norm > 0, norm, 1.0), sums, states, end

    def result(self, record, steps):
        """Return the mean of each measure in each block."""
        _, sums, states, end = record
        count = sums[:, 3]
        length = (end / steps) * count
        variance = sums[:, 2] / count - jnp.mean((states / count[:, None]) ** 2, axis=1)
        values = (sums[:, 0] / length, sums[:, 1] / count, jnp.maximum(variance, 0.0))
        return {f"block_{name}": value for name, value in zip(MEASURES, values, strict=True)}

    def describe(self, network, steps):
        """Return dimensions, long names and units of the results."""
        about = (
            "growth rate of a tangent vector",
            "kinetic energy per unit",
            "variance within the block, mean over units",
        )
        units = (f"1/{network.time_unit}", "1", "1")
        return {
            f"block_{name}": Variable(("block",), {}, {"long_name": text, "units": unit})
            for name, text, unit in zip(MEASURES, about, units, strict=True)
        }


class Scale(NamedTuple):
    """Scales of the tolerances.

    Attributes
    ----------
    min_tau : shortest time constant
    energy : mean kinetic energy per unit of the initial states
    square : mean square of the initial states
    """

    min_tau: float
    energy: float
    square: float


class Comparison(NamedTuple):
    """Differences between dt and dt/2 of each of `MEASURES`; all arrays have the shape (measures,).

    Attributes
    ----------
    difference : value with dt minus value with dt/2
    error : standard error of the difference
    tolerance : tolerated difference
    critical : critical value of the t-test, the smallest significant difference
    """

    difference: np.ndarray
    error: np.ndarray
    tolerance: np.ndarray
    critical: np.ndarray

    @property
    def differs(self) -> np.ndarray:
        """Mask of the measures that differ by more than tolerance and critical value, added in quadrature."""
        return np.abs(self.difference) > np.hypot(self.tolerance, self.critical)

    @property
    def inconclusive(self) -> np.ndarray:
        """Mask of the measures that differ by more than the tolerance, but not significantly so."""
        return (np.abs(self.difference) > self.tolerance) & ~self.differs

    def summary(self) -> str:
        """Return the significant differences as one line of text."""
        parts = [
            f"{name} by {self.difference[i]:.2g} ± {self.error[i]:.1g}"
            for i, name in enumerate(("λ", "E_k/N", "the variance"))
            if self.differs[i]
        ]
        return " and ".join(parts)


def compare(coarse: xr.Dataset, fine: xr.Dataset, scale: Scale, *, comparisons: int, independent: bool) -> Comparison:
    """Compare runs with dt and dt/2.

    Differences are taken between the same blocks of the same runs, so that a common time course cancels. Their standard
    error is that of the means of independent runs; for a single run, or where all runs have the same initial state, it
    is at least that of the blocks. The criterion is derived at the top of this module.

    Parameters
    ----------
    coarse, fine : results of `Blocks` with dt and dt/2, over (run, block)
    scale : scales of the tolerances
    comparisons : number of networks and gains that are compared in one call, for the correction of the level
    independent : whether the runs start from different states
    """
    with np.errstate(over="ignore", invalid="ignore"):  # the square of a large but finite state may overflow
        return _compare(coarse, fine, scale, comparisons, independent)


def _compare(coarse: xr.Dataset, fine: xr.Dataset, scale: Scale, comparisons: int, independent: bool) -> Comparison:
    """Return the result of `compare`, without control of floating-point errors."""
    rows = []
    for name in MEASURES:
        first, second = (np.atleast_2d(data[f"block_{name}"].values) for data in (coarse, fine))
        floor = {"lyapunov": ABSOLUTE / scale.min_tau, "kinetic_energy": FLOOR * scale.energy}.get(
            name, FLOOR * scale.square
        )
        size = max(abs(float(first.mean())), abs(float(second.mean())))
        rows.append((*_difference(first - second, independent, comparisons), RELATIVE * size + floor))
    difference, error, critical, tolerance = np.array(rows).T
    return Comparison(difference, error, tolerance, critical)


def _difference(differences: np.ndarray, independent: bool, comparisons: int) -> tuple[float, float, float]:
    """Return the mean of differences of shape (runs, blocks), its standard error, and the critical value."""
    runs, blocks = differences.shape
    level = FAMILYWISE_ERROR / (len(MEASURES) * comparisons)
    errors = []
    if runs > 1:
        errors.append((differences.mean(1).std(ddof=1) / np.sqrt(runs), runs - 1))
    if not independent or runs == 1:
        errors.append((differences.mean(0).std(ddof=1) / np.sqrt(blocks), blocks - 1))
    from scipy.special import stdtrit  # imported on use, since the import takes 0.08 s

    critical = [error * float(stdtrit(dof, 1 - level / 2)) for error, dof in errors]
    return float(differences.mean()), max(error for error, _ in errors), max(critical)


def scale_of(network: ContinuousNetwork, starts: np.ndarray) -> Scale:
    """Return the scales of the tolerances for runs of a network from given initial states, shape (runs, N)."""
    energies = [float(_kinetic_energy(network, jnp.asarray(start))) / network.size for start in starts]
    return Scale(float(network.min_tau), float(np.mean(energies)), float(np.mean(starts**2)))


@eqx.filter_jit
def _kinetic_energy(network: ContinuousNetwork, units: Array) -> Array:
    """Return the kinetic energy at a state, by one program instead of one for each operation."""
    return network.kinetic_energy(units)
