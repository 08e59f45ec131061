"""Scan of the exact information curve I(r) on a logarithmic grid that resolves all scales of the fields.

The structure of I(r) lies near the ratios |h_n(a)|/σ_n of fields and noise amplitudes, which may span many decades
(see `reach`). The scan covers them with a geometric grid, and then halves the intervals, in ln r, in which the curve is
not yet resolved: those adjacent to a point that deviates from the straight line through its two neighbours by more than
a fraction `BEND` of the range of I.
"""

import math
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from noisette.analysis._options import Progress
from noisette.analysis._resonance import resonance, unit_noise
from noisette.codes import states
from noisette.networks import BinaryNetwork, SignNetwork
from noisette.theory.markov import DENSE_LIMIT, SHARED_LIMIT, SMALL, ExactEstimator

NEGLIGIBLE = 1e-20  # expected number of noise-driven flips in a run below which the noise has no effect
UNDERFLOW = 38.5  # argument x beyond which Φ(−x) underflows to zero in float64
TAIL = 10.0  # upper end of the scan, in units of the largest ratio; beyond, I decays as r⁻²
WEAK = 0.05  # noise, in units of the width of the logistic function, that changes its values by at most 0.13 %
BEND = 0.02  # largest unresolved deviation from a straight line, as a fraction of the range of I
EQUAL = 1e-7  # relative difference of I below which values count as equal
NARROW = 0.02  # length in ln r of the shortest interval that is halved
ROUNDS = 4  # largest number of refinements of the grid
MOST_PEAKS = 6  # number of local maxima that are refined, highest first


def resolution(size: int) -> float:
    """Return the round-off error of the exact information, in bits; smaller differences count as zero."""
    return 1e-11 if size <= DENSE_LIMIT else 1e-8


class Scan:
    """Points of the exact information curve, sorted by noise strength.

    Parameters
    ----------
    network, steps, start, estimator, progress : as for `resonance`, with an exact estimator

    Attributes
    ----------
    noise : strengths r, increasing, shape (points,)
    information : I in bits, shape (points,); NaN where it is undefined
    """

    def __init__(
        self,
        network: BinaryNetwork,
        steps: int,
        start: Any,
        estimator: ExactEstimator,
        progress: Progress | None = None,
    ):
        self._arguments: tuple[Any, ...] = (steps, start, estimator)
        self.network = network
        self.progress = progress
        self.noise = np.empty(0)
        self.information = np.empty(0)
        self._reason: tuple[float, str] = (-1.0, "")  # largest strength at which I is undefined, and why
        self._single: dict[float, xr.Dataset] = {}

    def add(self, strengths: np.ndarray) -> None:
        """Evaluate the curve at the strengths at which it has not been evaluated."""
        new = np.setdiff1d(strengths, self.noise)
        if new.size:
            self.insert(resonance(self.network, new, *self._arguments, progress=self.progress))

    def insert(self, curve: xr.Dataset) -> None:
        """Add the points of a curve computed elsewhere."""
        noise = np.concatenate([self.noise, curve.noise.values])
        information = np.concatenate([self.information, curve.information.values])
        self.noise, first = np.unique(noise, return_index=True)
        self.information = information[first]
        if "undefined" in curve.attrs:
            largest = float(curve.noise.values[np.isnan(curve.information.values)].max())
            self._reason = max(self._reason, (largest, curve.attrs["undefined"].partition(": ")[2]))

    def at(self, strength: float) -> xr.Dataset:
        """Return one point of the curve without adding it to the scan."""
        if strength not in self._single:
            self._single[strength] = resonance(self.network, [strength], *self._arguments)
        return self._single[strength]

    @property
    def undefined(self) -> str:
        """Strengths at which I is undefined, with the reason; empty if I is defined at all points."""
        noise = self.noise[~self.defined]
        if not noise.size:
            return ""
        return f"r = {noise[0]:.4g}" + (f" to {noise[-1]:.4g}" if len(noise) > 1 else "") + f" ({self._reason[1]})"

    @property
    def tolerance(self) -> float:
        """Difference of information, in bits, up to which strengths count as equally good."""
        return max(resolution(self.network.size), EQUAL * float(np.nanmax(self.information)))

    @property
    def defined(self) -> np.ndarray:
        """Mask of the points at which I is defined."""
        return np.isfinite(self.information)

    def bends(self) -> np.ndarray:
        """Return the geometric midpoints of the intervals in which the curve is not resolved."""
        if not self.defined.any():
            return np.empty(0)
        positive = self.noise > 0
        x, y = np.log(self.noise[positive]), self.information[positive]
        if len(x) < 3:
            return np.empty(0)
        # deviation of each inner point from the line through its two neighbours
        fraction = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
        deviation = np.abs(y[1:-1] - (1 - fraction) * y[:-2] - fraction * y[2:])
        spread = float(np.nanmax(self.information) - np.nanmin(self.information))
        allowed = max(BEND * spread, resolution(self.network.size))
        bent = np.flatnonzero(deviation > allowed)  # False beside undefined points, where the deviation is NaN
        intervals = np.unique(np.concatenate([bent, bent + 1]))
        long_enough = x[intervals + 1] - x[intervals] > NARROW
        return np.exp((x[intervals] + x[intervals + 1])[long_enough] / 2)

    def segments(self) -> list[slice]:
        """Return the runs of consecutive points at which I is defined."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self.defined, [False]]).astype(int)))
        return [slice(int(first), int(stop)) for first, stop in zip(edges[::2], edges[1::2], strict=True)]

    def peaks(self) -> list[int]:
        """Return the indices of local maxima, ends of segments included, highest first."""
        maxima: list[int] = []
        for segment in self.segments():
            maxima += [segment.start + index for index in prominent_maxima(self.information[segment], self.tolerance)]
        return sorted(maxima, key=lambda index: -self.information[index])


def prominent_maxima(values: np.ndarray, prominence: float) -> list[int]:
    """Return the indices of local maxima, ends included, that are higher by `prominence` than the curve around them.

    The prominence of a maximum is its height above the higher of the two lowest points that lie on either side before
    a point above the maximum; a side without points counts as infinitely low. The middle of a level maximum is
    returned. `scipy.signal.find_peaks` does the same inside the curve, but takes half a second to import.

    Examples
    --------
    >>> prominent_maxima(np.array([3.0, 1.0, 2.0, 2.0, 2.0, 1.9, 1.95]), 0.1)
    [0, 3]
    """
    starts = np.flatnonzero(np.diff(values, prepend=np.nan) != 0)  # of the runs of equal values
    stops = np.append(starts[1:], len(values))
    heights = np.concatenate([[-np.inf], values[starts], [-np.inf]])
    maxima = []
    for run in np.flatnonzero((heights[1:-1] > heights[:-2]) & (heights[1:-1] > heights[2:])):
        top = heights[run + 1]
        lowest = []
        for side in (heights[run::-1], heights[run + 2 :]):
            higher = np.flatnonzero(side > top)
            lowest.append(side[: higher[0]].min() if higher.size else side.min())
        if top - max(lowest) >= prominence:
            maxima.append(int(starts[run] + stops[run] - 1) // 2)
    return maxima


class Reach(NamedTuple):
    """Smallest and largest strength r of the range that contains the structure of I(r)."""

    low: float
    high: float


def reach(network: BinaryNetwork, steps: int, estimator: str) -> Reach:
    """Return the strength below which the noise has no effect, and that above which the fields have no effect.

    A sign unit in white noise of standard deviation r σ_n takes the sign opposite to its field h with the probability
    Φ(−|h|/(r σ_n)), so that the structure of I(r) lies near the ratios |h_n(a)|/σ_n of all units n and states a. Let q
    be the smallest ratio. At r = q/d the expected number of such flips in a run of N_T steps is at most about
    N_T Φ(−d) < N_T exp(−d²/2) per unit, which equals 10⁻²⁰ for d = √(2 ln(N_T/10⁻²⁰)). A stationary distribution
    depends on arbitrarily rare flips, and there the limit is the underflow of Φ(−d). Boltzmann units are stochastic
    even without noise: noise that is weak compared with the width of the logistic function has no effect. Above `TAIL`
    times the largest ratio I decays as r⁻².
    """
    std, factors = unit_noise(network).step_law(network.size, None)
    shared = np.sqrt((np.asarray(factors) ** 2).sum(0)) * np.ones(network.size)
    sigma = np.hypot(np.asarray(std) * np.ones(network.size), shared)
    noisy = np.isfinite(sigma) & (sigma > 0)
    if not noisy.any():
        return Reach(1.0, 1.0)
    fields = np.abs(np.asarray(network.field(states(network.size))))[:, noisy]
    ratios = (fields / sigma[noisy])[fields > float(network.zero_tolerance())]
    if isinstance(network, SignNetwork):
        if not ratios.size:
            return Reach(1.0, 1.0)
        depth = UNDERFLOW if estimator == "stationary" else min(UNDERFLOW, math.sqrt(2 * math.log(steps / NEGLIGIBLE)))
        return Reach(float(ratios.min()) / depth, TAIL * float(ratios.max()))
    widest = max(float(ratios.max(initial=0.0)), float(1 / sigma[noisy].min()))
    high = TAIL * widest
    if (shared > 0).any():  # stronger shared noise is beyond the range of its quadrature
        high = min(high, 0.99 * SHARED_LIMIT * math.pi / float(shared.max()))
    return Reach(WEAK / float(sigma[noisy].max()), high)


def grid(network: BinaryNetwork, steps: int, estimator: str, between: np.ndarray | None) -> np.ndarray:
    """Return zero and a geometric grid over the range of `reach`, or its part within the range of `between`."""
    scales = reach(network, steps, estimator)
    low, high = scales if between is None else (max(scales.low, between[0]), min(scales.high, between[-1]))
    # points of small networks are cheap, except for the elimination that yields a stationary distribution
    per_decade = 16 if network.size > SMALL else 24 if estimator == "stationary" else 48
    extra = np.zeros(1) if between is None else between
    if not 0 < low < high:
        return np.union1d(extra, [scales.low, scales.high]) if between is None else np.unique(extra)
    points = math.ceil(per_decade * math.log10(high / low)) + 1
    return np.union1d(extra, np.geomspace(low, high, max(points, 3)))


def scanned(scan: Scan, between: np.ndarray | None, steps: int, estimator: str) -> Scan:
    """Evaluate a scan on the grid, and then at the midpoints of intervals that are not resolved.

    Beyond the dense limit, where a point takes seconds to a minute, the given strengths are the grid.
    """
    scan.add(np.zeros(1) if between is None else between)  # raises for large networks before their states are listed
    if between is not None and scan.network.size > DENSE_LIMIT:
        return scan
    scan.add(grid(scan.network, steps, estimator, between))
    for _ in range(ROUNDS):
        midpoints = scan.bends()
        if not midpoints.size:
            break
        scan.add(midpoints)
    return scan
