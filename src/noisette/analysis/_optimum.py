"""Noise strength at which the information of successive states is greatest.

The maximisation has three stages. `_scan.scanned` evaluates I(r) on an adaptive grid, so that each local maximum is
bracketed by three neighbouring points. `_refined` solves dI/dr = 0 within the bracket by Brent's root finder if the
slope is available by automatic differentiation; otherwise it minimises −I over ln r by bounded Brent minimisation.
Finally `search` classifies the highest maximum: it is "flat" or an "edge" if the set of adjacent points whose values
are equal to it within `Scan.tolerance` is wide or reaches the end of a segment in which I is defined.
"""

from collections.abc import Callable
from itertools import count
from typing import Any, Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from noisette.analysis._options import Progress
from noisette.analysis._resonance import strengths, unit_noise
from noisette.analysis._scan import MOST_PEAKS, Scan, resolution, scanned
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.theory import markov
from noisette.theory.markov import DENSE_LIMIT

MOST_EVALUATIONS = 40  # largest number of evaluations in a minimisation without derivative
EVALUATIONS = 12  # typical number of them, for the remaining time
PLATEAU = 1.2  # ratio of strengths beyond which a level maximum counts as flat
Kind = Literal["maximum", "edge", "flat", "undefined"]


class Optimum(NamedTuple):
    """Noise strength at which the information of successive states is greatest, and the kind of this optimum.

    ``print`` describes it in a sentence.

    Attributes
    ----------
    noise : strength r, in units of the noise of the network; NaN if `kind` is "undefined"
    information, entropy : I and H at this strength, in bits
    kind : "maximum", a peak inside the range searched; "edge", I is greatest at an end of the range in which it is
        defined, so that it may be greater beyond, or may only be approached as a limit; "flat", the greatest value is
        attained over an interval (`level`), of which `noise` is the geometric mean, or the smallest strength if I is
        constant; "undefined", I is defined at none of the strengths searched
    searched : smallest and largest strength searched
    level : interval about `noise` in which I differs from its greatest value by a relative difference below 10⁻⁷
    maxima : (r, I) of the local maxima, highest first, ends included
    undefined : strengths of the range searched at which I is undefined, with the reason; empty if there are none
    """

    noise: float
    information: float
    entropy: float
    kind: Kind
    searched: tuple[float, float]
    level: tuple[float, float]
    maxima: tuple[tuple[float, float], ...] = ()
    undefined: str = ""

    @property
    def edge(self) -> bool:
        """Whether I is greatest at an end of the range in which it is defined."""
        return self.kind == "edge"

    def _end(self) -> str:
        """Return a description of the end of the range at which I is greatest."""
        if self.noise == self.searched[1]:
            return "the strongest noise searched; beyond, it may be greater"
        if self.noise == 0:
            return "where there is no noise"
        if self.noise == self.searched[0]:
            return "the weakest noise searched; below, it may be greater"
        return "next to a range in which it is undefined, so that it may approach a limit there"

    def __str__(self) -> str:
        between = f"between r = {self.searched[0]:.4g} and {self.searched[1]:.4g}"
        value = f"{self.information:.4g} bit"
        text = {
            "maximum": f"The information I has its maximum, {value}, at r = {self.noise:.4g}",
            "edge": f"The information I has no maximum {between}: it is greatest, {value}, at an edge, "
            f"r = {self.noise:.4g}, {self._end()}",
            "flat": f"The information I is {value} at all strengths from r = {self.level[0]:.4g} to "
            f"{self.level[1]:.4g}: no single strength is best",
            "undefined": f"The information I is defined at no strength {between}",
        }[self.kind]
        others = [f"{value:.4g} bit at r = {r:.4g}" for r, value in self.maxima[1:]]
        if others and self.kind != "flat":
            text += f" (further local maxima: {', '.join(others)})"
        return f"{text}. It is undefined at {self.undefined}." if self.undefined else f"{text}."


@check_arguments
@public_call
def optimal_noise(
    network: NetworkLike,
    steps: int = 10_000,
    start: Any = 0,
    estimator: markov.ExactEstimator = "fixed-start",
    *,
    between: ArrayLike | None = None,
    progress: Progress | None = None,
) -> Optimum:
    """Noise strength at which the exact mutual information of successive states is greatest.

    The exact curve is scanned at r = 0 and on a logarithmic grid, from below the smallest field |h_n(a)| of any unit n
    in any state a to above the largest, however many decades lie between them; intervals in which linear interpolation
    is inaccurate are halved. Each local maximum is then refined. For up to 7 units in independent noise dI/dr = 0 is
    solved, with the slope from automatic differentiation; for other networks I is maximised without it. Strengths at
    which I is undefined, such as r = 0 for the stationary estimator of a sign network with several attractors, are
    omitted and reported.

    Parameters
    ----------
    network, steps, start, estimator : as for `resonance`, with an exact estimator
    between : at least two strengths; the search is restricted to the range from the smallest to the largest, and
        includes these strengths. By default it covers all strengths at which the noise has an effect
    progress : True to show a bar, or a function called with (done, total) as strengths are evaluated

    Returns
    -------
    Optimum with ``noise``, ``information``, ``entropy`` and ``kind``: "maximum", "edge", "flat" or "undefined"

    Raises
    ------
    InputError : as for `resonance`; a simulated estimator.

    See Also
    --------
    noise_effect : One answer: whether noise helps, at which strength, and why.
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.
    theory.markov.measures : H, I and D of one network at one strength, exactly.

    Examples
    --------
    >>> import noisette as nz
    >>> best = nz.optimal_noise(nz.Boltzmann(nz.weights.autapses(10)))
    >>> round(best.noise, 4), round(best.information, 4), best.kind
    (2.4253, 4.932, 'maximum')

    A signed permutation has no stationary optimum: its information falls with the noise.

    >>> print(nz.optimal_noise(nz.Boltzmann(nz.weights.autapses(10)), estimator="stationary"))
    The information I has no maximum between r = 0 and 100: it is greatest, 4.996 bit, at an edge, r = 0, where there
    is no noise.
    """
    steps = integer(steps, "steps")
    limits = None if between is None else np.unique(strengths(between))
    require(limits is None or len(limits) >= 2, "a single strength in between", "at least two different strengths")
    binary = as_network(network, BinaryNetwork)
    return search(Scan(binary, steps, start, estimator, progress), limits, steps, start, estimator)


def search(scan: Scan, between: np.ndarray | None, steps: int, start: Any, estimator: str) -> Optimum:
    """Scan the curve, refine its local maxima and classify the highest of them."""
    scanned(scan, between, steps, estimator)
    searched = (float(scan.noise[0]), float(scan.noise[-1]))
    if not scan.defined.any():
        return Optimum(np.nan, np.nan, np.nan, "undefined", searched, (np.nan, np.nan), (), scan.undefined)
    slope = _slope(scan.network, steps, start, estimator)
    peaks = scan.peaks()
    maxima = [_refined(scan, top, slope) for top in peaks[:MOST_PEAKS]]
    maxima += [(float(scan.noise[top]), float(scan.information[top])) for top in peaks[MOST_PEAKS:]]
    ranking = sorted(range(len(maxima)), key=lambda i: -maxima[i][1])
    top, (noise, highest) = peaks[ranking[0]], maxima[ranking[0]]
    low, high, edges = _level(scan, top, highest)
    level = (float(scan.noise[low]), float(scan.noise[high]))
    kind: Kind = "maximum"
    if highest - float(np.nanmin(scan.information)) <= scan.tolerance:
        kind, noise, level = "flat", float(scan.noise[scan.defined][0]), (searched[0], searched[1])
        level = (noise, float(scan.noise[scan.defined][-1]))
    elif any(edges):
        kind, noise = "edge", level[0] if edges[0] else level[1]
    elif high - low >= 2 and level[1] > PLATEAU * level[0]:
        kind, noise = "flat", float(np.sqrt(level[0] * level[1]))
    else:
        level = (min(noise, level[0]), max(noise, level[1])) if high > low else (noise, noise)
    point = scan.at(noise)
    ranked = tuple(maxima[i] for i in ranking)
    values = (noise, float(point.information[0]), float(point.entropy[0]))
    return Optimum(*values, kind, searched, level, ranked, scan.undefined)


def _level(scan: Scan, top: int, highest: float) -> tuple[int, int, tuple[bool, bool]]:
    """Return the first and last of the points about `top` that are equally high, and whether they end the segment."""
    segment = next(segment for segment in scan.segments() if segment.start <= top < segment.stop)
    least = highest - scan.tolerance
    low = high = top
    while low > segment.start and scan.information[low - 1] >= least:
        low -= 1
    while high < segment.stop - 1 and scan.information[high + 1] >= least:
        high += 1
    return low, high, (low == segment.start, high == segment.stop - 1)


def _refined(scan: Scan, top: int, slope: Callable[[float], float] | None) -> tuple[float, float]:
    """Return strength and information of the local maximum near a scanned point; never less than at that point."""
    noise, information = scan.noise, scan.information
    scanned_point = float(noise[top]), float(information[top])
    inside = 0 < top < len(noise) - 1 and np.isfinite(information[[top - 1, top + 1]]).all()
    flat = inside and np.ptp(information[top - 1 : top + 2]) <= resolution(scan.network.size)
    if not inside or flat:
        return scanned_point
    from scipy.optimize import brentq, minimize_scalar  # imported on use, since the import takes 0.15 s

    # I is an even function of r, whose slope vanishes at r = 0; the bracket therefore begins just above
    low, high = float(noise[top - 1]) or 1e-3 * float(noise[top]), float(noise[top + 1])
    best = None
    if slope is not None and slope(low) > 0 > slope(high):
        root: Any = brentq(slope, low, high, xtol=1e-12, rtol=np.float64(1e-13))
        best = float(root)
    else:
        evaluations = count(1)

        def loss(logarithm: float) -> float:
            if callable(scan.progress):
                scan.progress(min(next(evaluations), EVALUATIONS), EVALUATIONS)
            return -float(scan.at(float(np.exp(logarithm))).information[0])

        # beyond the dense limit each evaluation takes seconds to a minute, and three digits of r suffice
        precision = 1e-6 if scan.network.size <= DENSE_LIMIT else 1e-3
        options = {"xatol": precision, "maxiter": MOST_EVALUATIONS}
        minimum: Any = minimize_scalar(loss, bounds=(np.log(low), np.log(high)), method="bounded", options=options)
        best = float(np.exp(minimum.x))
    value = float(scan.at(best).information[0])
    return (best, value) if value >= scanned_point[1] - 1e-12 else scanned_point  # a NaN value fails the comparison


def read_off(curve: xr.Dataset) -> Optimum:
    """Return the highest point of a simulated curve, without interpolation.

    The curve is "flat" if its largest and smallest value differ by less than three standard errors of the difference.
    """
    noise, information = curve.noise.values, curve.information.values
    order = np.argsort(noise)
    noise, information = noise[order], information[order]
    searched = (float(noise[0]), float(noise[-1]))
    defined = np.isfinite(information)
    if not defined.any():
        return Optimum(np.nan, np.nan, np.nan, "undefined", searched, (np.nan, np.nan), (), "all strengths")
    top, bottom = int(np.nanargmax(information)), int(np.nanargmin(information))
    error = curve.information_se.values[order] if "information_se" in curve else np.zeros(len(noise))
    known = noise[defined]
    level = (float(noise[top]), float(noise[top]))
    kind: Kind = "edge" if noise[top] in known[[0, -1]] else "maximum"
    if len(known) > 1 and information[top] - information[bottom] <= 3 * np.hypot(error[top], error[bottom]):
        kind, level = "flat", (float(known[0]), float(known[-1]))
    entropy = float(curve.entropy.values[order][top])
    return Optimum(float(noise[top]), float(information[top]), entropy, kind, searched, level)


def _slope(network: BinaryNetwork, steps: int, start: Any, estimator: str) -> Callable[[float], float] | None:
    """Return dI/dr as a function of r, by automatic differentiation, or None where the chain is too large for it."""
    unit, factors = unit_noise(network).step_law(network.size, None)
    if network.size > markov.SMALL or factors.shape[0]:
        return None
    first = markov.start_distribution("uniform" if estimator == "start-averaged" else start, network.size)
    noiseless, reach = network.with_noise(None), network.reach()
    return lambda r: float(_derivative(noiseless, unit, r, first, steps, estimator, reach))


_derivative = jax.jit(
    lambda network, unit, r, first, steps, estimator, reach: jax.jvp(
        lambda x: markov.small_measures(network, x * unit, first, steps, estimator, reach).information,
        (jnp.asarray(r, float),),
        (jnp.ones(()),),
    )[1],
    static_argnames=("estimator", "reach"),
)


@check_arguments
def information_slope(
    network: NetworkLike,
    noise: float,
    steps: int = 10_000,
    start: Any = 0,
    estimator: markov.ExactEstimator = "fixed-start",
) -> float:
    """Slope dI/dr of the exact mutual information, by automatic differentiation, in bits per unit of noise.

    Parameters
    ----------
    network : binary network of at most 7 units, in independent noise
    noise : strength r > 0
    steps, start, estimator : as for `resonance`, with an exact estimator

    Returns
    -------
    dI/dr, in bits per unit of r

    Raises
    ------
    InputError : more than 7 units, shared noise; invalid arguments of `resonance`.

    Examples
    --------
    >>> import noisette as nz
    >>> abs(information_slope(nz.Boltzmann(nz.weights.autapses(10)), 2.4252655)) < 1e-4
    True
    """
    steps = integer(steps, "steps")
    real_number(noise, "noise", "a strength above zero", lambda r: 0 < r < np.inf)
    network = as_network(network, BinaryNetwork)
    slope = _slope(network, steps, start, estimator)
    if slope is None:
        require(
            False,
            f"{network.size} units or shared noise",
            f"the slope is available for up to {markov.SMALL} units in independent noise",
        )
        raise AssertionError
    return slope(float(noise))
