"""The noise at which information is greatest."""

from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar

from noisette.analysis.resonance import Progress, resonance, strengths, unit_noise
from noisette.errors import integer, require
from noisette.networks import BinaryNetwork
from noisette.theory import chain
from noisette.theory.chain import DENSE_LIMIT

MOST_TRIED = 40  # points of a search on the curve itself


class Optimum(NamedTuple):
    """Best noise strength and what it gives, in bits; `edge` if it lies at an end of the range searched."""

    noise: float
    information: float
    entropy: float
    edge: bool


def optimal_noise(
    network: BinaryNetwork,
    steps: int = 10_000,
    start: Any = 0,
    estimator: str = "fixed-start",
    *,
    between: ArrayLike | None = None,
    progress: Progress | None = None,
) -> Optimum:
    """Noise strength at which the exact mutual information of successive states is greatest.

    The exact curve is scanned for its highest point, then dI/dr = 0 is solved beside it: up to 7 units in
    independent noise the slope comes from automatic differentiation, else from a search on the curve.

    Parameters
    ----------
    network, steps, start, estimator : as for `resonance`, exact estimators only
    between : strengths to scan, at least two; by default 0 to twice the largest field
    progress : called with (done, total) during the scan and, beyond 7 units, during the search

    Returns
    -------
    Optimum

    Raises
    ------
    InputError : as `resonance`; a simulated estimator.

    Examples
    --------
    >>> import noisette as nz
    >>> best = nz.optimal_noise(nz.Boltzmann(nz.weights.autapses(10)))
    >>> round(best.noise, 4), round(best.information, 4)
    (2.4253, 4.932)
    """
    steps = integer(steps, "steps")
    chain.check_estimator(estimator)
    if between is None:
        grid = 2 * network.largest_field() * np.linspace(0, 1, 65) ** 2
    else:
        grid = np.unique(strengths(between))
    require(len(grid) >= 2, f"{len(grid)} strength to scan", "at least two")
    curve = resonance(network, grid, steps, start, estimator, progress=progress)
    information = np.nan_to_num(curve.information.values, nan=-np.inf)
    return refine(network, steps, start, estimator, grid, information, progress)


def refine(
    network: BinaryNetwork,
    steps: int,
    start: Any,
    estimator: str,
    grid: np.ndarray,
    information: np.ndarray,
    progress: Progress | None = None,
) -> Optimum:
    """Solve for the maximum beside the highest point of a scanned curve."""
    top = int(np.argmax(information))
    low, high = grid[max(top - 1, 0)], grid[min(top + 1, len(grid) - 1)]
    slope = _slope(network, steps, start, estimator)
    best = grid[top]
    if slope is not None:
        # at r = 0 every even function is flat: look just beside it
        low = low if low > 0 else 1e-3 * high
        if slope(low) > 0 > slope(high):
            root: Any = brentq(slope, low, high, xtol=1e-12, rtol=np.float64(1e-13))
            best = float(root)
    elif high > low:
        tried = count(1)

        def loss(r: float) -> float:
            if progress is not None:
                progress(min(next(tried), MOST_TRIED), MOST_TRIED)
            return -float(resonance(network, [r], steps, start, estimator).information[0])

        # seconds a point beyond the dense limit: four digits there, six below
        precision = 1e-6 if network.size <= DENSE_LIMIT else 1e-4
        options = {"xatol": precision * high, "maxiter": MOST_TRIED}
        found: Any = minimize_scalar(loss, bounds=(low, high), method="bounded", options=options)
        best = float(found.x) if -found.fun > information[top] else grid[top]
    there = resonance(network, [best], steps, start, estimator)
    # a flat or rounded curve must not beat the point that was scanned
    if float(there.information[0]) < information[top] - 1e-12:
        best = grid[top]
        there = resonance(network, [best], steps, start, estimator)
    return Optimum(float(best), float(there.information[0]), float(there.entropy[0]), bool(best in (grid[0], grid[-1])))


def _slope(network: BinaryNetwork, steps: int, start: Any, estimator: str) -> Callable[[float], float] | None:
    """Return dI/dr by automatic differentiation, or None where the chain is too large for it."""
    unit, factors = unit_noise(network).gaussian(network.size, None)
    if network.size > chain.SMALL or factors.shape[0]:
        return None
    first = chain.start_distribution("uniform" if estimator == "start-averaged" else start, network.size)
    quiet, reach = network.with_noise(None), network.reach()
    return lambda r: float(_derivative(quiet, unit, r, first, steps, estimator, reach))


_derivative = jax.jit(
    lambda network, unit, r, first, steps, estimator, reach: jax.jvp(
        lambda x: chain.small_measures(network, x * unit, first, steps, estimator, reach).information,
        (jnp.asarray(r, float),),
        (jnp.ones(()),),
    )[1],
    static_argnames=("estimator", "reach"),
)


def information_slope(
    network: BinaryNetwork, noise: float, steps: int = 10_000, start: Any = 0, estimator: str = "fixed-start"
) -> float:
    """Slope dI/dr of the exact mutual information, by automatic differentiation, in bits per unit of noise.

    Parameters
    ----------
    network : at most 7 units, in independent noise
    noise : r > 0
    steps, start, estimator : as for `resonance`

    Examples
    --------
    >>> import noisette as nz
    >>> abs(information_slope(nz.Boltzmann(nz.weights.autapses(10)), 2.4252655)) < 1e-4
    True
    """
    steps = integer(steps, "steps")
    chain.check_estimator(estimator)
    slope = _slope(network, steps, start, estimator)
    if slope is None:
        require(
            False,
            f"{network.size} units or shared noise",
            f"slopes are differentiated up to {chain.SMALL} units in independent noise",
        )
        raise AssertionError
    return slope(float(noise))
