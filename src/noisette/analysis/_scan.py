"""The exact information curve I(r), scanned on a logarithmic grid that resolves every scale of the fields."""

import math
from typing import Any, NamedTuple

import numpy as np
import xarray as xr
from scipy.signal import find_peaks

from noisette.analysis._options import ExactEstimator, Progress
from noisette.analysis._resonance import resonance, unit_noise
from noisette.codes import states
from noisette.networks import BinaryNetwork, SignNetwork
from noisette.theory.chain import DENSE_LIMIT, SHARED_LIMIT, SMALL

NEGLIGIBLE = 1e-20  # expected number of noise-driven flips in a run below which the noise has no effect
UNDERFLOW = 38.5  # beyond, Φ(−x) is zero in float64
TAIL = 10.0  # in units of the largest field: beyond, I falls off as r⁻²
WEAK = 0.05  # in units of the width of the logistic function: below, noise changes its values by 0.13 % at most
BEND = 0.02  # of the range of I: deviation from a straight line that a halved interval must resolve
EQUAL = 1e-7  # relative to the largest I: smaller differences count as equal
NARROW = 0.02  # in ln r: shortest interval that is halved
ROUNDS = 4
MOST_PEAKS = 6  # local maxima that are refined, highest first


def resolution(size: int) -> float:
    """Return the round-off error of exact information, in bits; smaller differences count as zero."""
    return 1e-11 if size <= DENSE_LIMIT else 1e-8


class Scan:
    """Points of the exact curve, sorted by strength; I is NaN where it is undefined."""

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

    def add(self, strengths: np.ndarray) -> None:
        """Evaluate the curve where it is not known yet."""
        new = np.setdiff1d(strengths, self.noise)
        if new.size:
            self.insert(resonance(self.network, new, *self._arguments, progress=self.progress))

    def insert(self, curve: xr.Dataset) -> None:
        """Add points of a curve that was computed before."""
        noise = np.concatenate([self.noise, curve.noise.values])
        information = np.concatenate([self.information, curve.information.values])
        self.noise, first = np.unique(noise, return_index=True)
        self.information = information[first]
        if "undefined" in curve.attrs:
            largest = float(curve.noise.values[np.isnan(curve.information.values)].max())
            self._reason = max(self._reason, (largest, curve.attrs["undefined"].partition(": ")[2]))

    def at(self, strength: float) -> xr.Dataset:
        """Return one point of the curve, without keeping it."""
        return resonance(self.network, [strength], *self._arguments)

    @property
    def undefined(self) -> str:
        """The strengths at which I is undefined, with the reason; empty if it is defined everywhere."""
        where = self.noise[~self.defined]
        if not where.size:
            return ""
        return f"r = {where[0]:.4g}" + (f" to {where[-1]:.4g}" if len(where) > 1 else "") + f" ({self._reason[1]})"

    @property
    def tolerance(self) -> float:
        """The difference of information up to which strengths are called equally good, in bits."""
        return max(resolution(self.network.size), EQUAL * float(np.nanmax(self.information)))

    @property
    def defined(self) -> np.ndarray:
        """Mask of the points at which I is defined."""
        return np.isfinite(self.information)

    def bends(self) -> np.ndarray:
        """Return the geometric middles of the intervals in which the curve is not yet a straight line in ln r."""
        if not self.defined.any():
            return np.empty(0)
        known = self.noise > 0
        x, y = np.log(self.noise[known]), self.information[known]
        if len(x) < 3:
            return np.empty(0)
        part = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
        deviation = np.abs(y[1:-1] - (1 - part) * y[:-2] - part * y[2:])
        spread = float(np.nanmax(self.information) - np.nanmin(self.information))
        allowed = max(BEND * spread, resolution(self.network.size))
        bent = np.flatnonzero(deviation > allowed)  # NaN beside it is no bend
        intervals = np.unique(np.concatenate([bent, bent + 1]))
        wide = x[intervals + 1] - x[intervals] > NARROW
        return np.exp((x[intervals] + x[intervals + 1])[wide] / 2)

    def segments(self) -> list[slice]:
        """Return the stretches of consecutive points at which I is defined."""
        edges = np.flatnonzero(np.diff(np.concatenate([[False], self.defined, [False]]).astype(int)))
        return [slice(int(first), int(stop)) for first, stop in zip(edges[::2], edges[1::2], strict=True)]

    def peaks(self) -> list[int]:
        """Return the indices of local maxima, ends of stretches included, highest first."""
        tops: list[int] = []
        for part in self.segments():
            padded = np.concatenate([[-np.inf], self.information[part], [-np.inf]])
            # find_peaks does not take infinities; one bit below the least value has the same effect
            padded[[0, -1]] = padded[1:-1].min() - 1.0
            indices = find_peaks(padded, prominence=self.tolerance)[0]
            tops += [part.start + int(index) - 1 for index in indices]
        return sorted(tops, key=lambda index: -self.information[index])


class Reach(NamedTuple):
    """Smallest and largest strength between which I(r) has its structure."""

    low: float
    high: float


def reach(network: BinaryNetwork, steps: int, estimator: str) -> Reach:
    """Return the strengths below which noise has no effect, and above which the fields have none.

    A unit in white noise of standard deviation r σ_n goes against its field h with a probability that depends on
    |h|/(r σ_n) alone (sign units), so all structure of I(r) lies near the values of |h_n(a)|/σ_n over units n and
    states a, which may span many decades. Below the least of them by a factor d the expected number of flips in a
    run of N_T steps is about N_T exp(−d²/2): with d = √(2 ln(N_T/1e-20)) it is negligible. A stationary
    distribution has no such limit before Φ(−d) underflows. Boltzmann units are stochastic without noise: noise that is
    weak compared with the width of the logistic function has no effect.
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
    if (shared > 0).any():  # beyond, shared noise is refused
        high = min(high, 0.99 * SHARED_LIMIT * math.pi / float(shared.max()))
    return Reach(WEAK / float(sigma[noisy].max()), high)


def grid(network: BinaryNetwork, steps: int, estimator: str, between: np.ndarray | None) -> np.ndarray:
    """Return zero and a logarithmic grid over all scales, or the part of it within the range of `between`."""
    scales = reach(network, steps, estimator)
    low, high = scales if between is None else (max(scales.low, between[0]), min(scales.high, between[-1]))
    # small networks are cheap, but for the elimination that a stationary distribution takes
    per_decade = 16 if network.size > SMALL else 24 if estimator == "stationary" else 48
    extra = np.zeros(1) if between is None else between
    if not 0 < low < high:
        return np.union1d(extra, [scales.low, scales.high]) if between is None else np.unique(extra)
    points = math.ceil(per_decade * math.log10(high / low)) + 1
    return np.union1d(extra, np.geomspace(low, high, max(points, 3)))


def scanned(scan: Scan, between: np.ndarray | None, steps: int, estimator: str) -> Scan:
    """Fill a scan: the grid first, then the middles of intervals in which the curve bends."""
    scan.add(np.zeros(1) if between is None else between)  # refuses what is too large before states are listed
    scan.add(grid(scan.network, steps, estimator, between))
    for _ in range(ROUNDS):
        middles = scan.bends()
        if not middles.size:
            break
        scan.add(middles)
    return scan
