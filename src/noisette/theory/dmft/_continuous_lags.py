"""Lags in continuous time: panels that double in length from zero on, with Gauss–Legendre nodes.

Some 400 nodes represent functions that decay at widely different rates to twelve digits, where equal steps would need
10⁴. A unit driven with autocovariance f has the autocovariance K f, where K is the convolution with e^(−|τ|)/2, the
inverse of 1 − ∂². Lags are in units of the time constant.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre
from scipy.special import spherical_jn

from noisette.noise import NoiseSpectrum
from noisette.theory.gaussian._legendre import legendre_rule

NODES = 16  # per panel
# largest phase of an oscillation in a panel up to a number of decay times: the nodes represent the oscillation and its
# third harmonic to 1e-7, and, after ten decay times, when harmonics have decayed, the oscillation to 1e-9
PHASES = {10.0: 3.0, 30.0: 8.0}
MOST_PANELS = 100  # of all oscillations
PIECES = (0.0, 1.0, 3.0, 7.0, 15.0, 31.0, 47.0)  # of u: 20 nodes between two of them integrate e^(−u) × degree 15


@dataclass(frozen=True, eq=False)
class ContinuousLags:
    """Grid of lag 0 and the nodes of all panels.

    Even functions are represented by their values at these lags, shape (lags,), and vanish beyond the last panel.

    Attributes
    ----------
    edges : boundaries of the panels, from zero
    """

    edges: Float[np.ndarray, " edges"]
    step = None  # no time step, unlike `EulerLags`
    highest = np.inf  # highest angular frequency

    @cached_property
    def lags(self) -> np.ndarray:
        """Return the lags τ ≥ 0, starting with zero."""
        half = np.diff(self.edges)[:, None] / 2
        return np.concatenate([[0.0], (self.edges[:-1, None] + half * (1 + legendre_rule(NODES).nodes)).ravel()])

    @property
    def end(self) -> float:
        """Return the last lag."""
        return float(self.edges[-1])

    def smooth(self, f: np.ndarray) -> np.ndarray:
        """Return K f = ½ ∫ e^(−|τ−s|) f(s) ds of an even function."""
        return self.kernel @ f

    @cached_property
    def kernel(self) -> np.ndarray:
        """Return the matrix of `smooth`, shape (lags, lags)."""
        lags, edges, count = self.lags[1:], self.edges, len(self.edges) - 1
        kernel = np.zeros((len(self.lags), len(self.lags)))
        for source in range(count):
            left, right = edges[source : source + 2]
            forward = _decaying((right - left) / 2)
            # ∫ e^(−(right−s)) f ds and ∫ e^(−(s−left)) f ds over the panel; the nodes are symmetric
            to_right, to_left = forward[-1], forward[-1, ::-1]
            nodes = slice(1 + source * NODES, 1 + (source + 1) * NODES)
            before, after = lags < left, lags > right
            # e^(−|τ−s|) factorises for τ outside the panel, so two integrals serve all lags there; within the panel the
            # kernel has a kink at s = τ, and the two sides are integrated separately
            part = np.zeros((len(lags), NODES))
            part[after] = np.exp(right - lags[after])[:, None] * to_right
            part[before] = np.exp(lags[before] - left)[:, None] * to_left
            part[~(before | after)] = forward[:-1] + forward[:-1][::-1, ::-1]
            # f is even: the mirror image of the panel contributes e^(−τ−left) ∫ e^(−(s−left)) f ds
            kernel[1:, nodes] = (part + np.exp(-lags - left)[:, None] * to_left) / 2
            kernel[0, nodes] = np.exp(-left) * to_left
        return kernel

    def noise(self, spectrum: NoiseSpectrum) -> np.ndarray:
        """Return the autocovariance of an uncoupled unit in white and coloured noise, shape (lags,)."""
        t = self.lags
        return spectrum.white / 2 * np.exp(-t) + sum(
            (square * _filtered(t, rate) for square, rate in spectrum.decaying), np.zeros_like(t)
        )

    def noise_spectrum(self, spectrum: NoiseSpectrum, frequencies: np.ndarray) -> np.ndarray:
        """Return the power spectrum of white and coloured noise."""
        return spectrum.power(frequencies)

    def response(self, frequencies: np.ndarray) -> np.ndarray:
        """Return the response 1/(1 + iω) of a unit."""
        return 1 / (1 + 1j * frequencies)

    def transform(self, f: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
        """Return ∫ f(τ) e^(iωτ) dτ of even functions, shape (…, lags), exactly for polynomials on each panel."""
        return f[..., 1:] @ _waves(self, tuple(frequencies)).T

    def at(self, f: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Return a function at other lags, of any sign and shape, by interpolation."""
        t = np.abs(lags).ravel()
        panel = np.clip(np.searchsorted(self.edges, t, side="right") - 1, 0, len(self.edges) - 2)
        left, right = self.edges[panel], self.edges[panel + 1]
        place = np.minimum((2 * t - left - right) / (right - left), 1.0)
        series = f[1:].reshape(-1, NODES) @ legendre_rule(NODES).to_coefficients.T
        values = (legendre.legvander(place, NODES - 1) * series[panel]).sum(1)
        return np.where(t <= self.end, values, 0.0).reshape(np.shape(lags))


@lru_cache(8)
def continuous_lags(low: int, high: int, oscillations: tuple[tuple[float, float], ...] = ()) -> ContinuousLags:
    """Return the grid with panels [0, 2^low], [2^low, 2^(low+1)], … up to 2^high.

    While a component e^(−κτ) cos ωτ of the noise has not decayed, panels are not longer than the phases ωτ of PHASES.

    Parameters
    ----------
    low, high : log₂ of the first and of the last edge
    oscillations : pairs (ω, κ) of the noise
    """
    edges = np.concatenate([[0.0], 2.0 ** np.arange(low, high + 1)])
    for omega, decay in oscillations:
        for until, phase in PHASES.items():
            parts = np.ceil(np.diff(edges) * omega / phase)
            parts[edges[:-1] >= until / decay] = 1
            pieces = [
                np.linspace(a, b, max(int(n), 1) + 1)[1:] for (a, b), n in zip(pairwise(edges), parts, strict=True)
            ]
            edges = np.concatenate([[0.0], *pieces])
    return ContinuousLags(edges)


def is_resolved(oscillations: tuple[tuple[float, float], ...]) -> bool:
    """Return whether a grid of a moderate number of panels represents the oscillations (ω, κ) of the noise."""
    ends, phases = np.array([0.0, *PHASES]), np.array([*PHASES.values()])
    panels = sum(omega / decay for omega, decay in oscillations) * float((np.diff(ends) / phases).sum())
    return panels <= MOST_PANELS


def _decaying(half: float) -> np.ndarray:
    """Return the matrix from f at the nodes to h ∫_−1^x e^(−h(x−t)) f(t) dt at x = the nodes and 1.

    With u = h (x − t) the integral is ∫_0^{h(x+1)} e^(−u) f(x − u/h) du. It is split at PIECES, since on long panels
    e^(−u) is far from a polynomial on the whole range; e^(−47) is negligible.

    Parameters
    ----------
    half : h, half the length of the panel

    Returns
    -------
    array, shape (nodes + 1, nodes)
    """
    x = np.append(legendre_rule(NODES).nodes, 1.0)
    s, w = legendre.leggauss(20)
    bounds = np.minimum(PIECES, half * (x[:, None] + 1))
    width = np.diff(bounds, axis=1)[..., None] / 2
    u = bounds[:, :-1, None] + width * (1 + s)
    weight = width * w * np.exp(-u)
    basis = legendre.legvander(x[:, None, None] - u / half, NODES - 1)  # shape (nodes + 1, pieces, 20, nodes)
    return np.einsum("xpu,xpuk->xk", weight, basis) @ legendre_rule(NODES).to_coefficients


def _filtered(t: np.ndarray, rate: complex) -> np.ndarray:
    """Return K Re e^(−λ|τ|) = Re (e^(−λt) − λ e^(−t))/(1 − λ²), without its removable singularity at λ = 1.

    It is written as Re 1/(1 + λ) [e^(−t) + (e^(−λt) − e^(−t))/(1 − λ)]. With y = t (1 − λ) the last term is
    t e^(−t) (e^y − 1)/y, which is used for Re y < 1; for larger y this form would overflow.
    """
    y = t * (1 - rate)
    small = np.where(y.real < 1, y, 0.0)
    near = t * np.exp(-t) * np.where(small == 0, 1.0, np.expm1(small) / np.where(small == 0, 1.0, small))
    far = (np.exp(-rate * t) - np.exp(-t)) / (1 - rate) if rate.real < 1 else near
    return ((np.exp(-t) + np.where(y.real < 1, near, far)) / (1 + rate)).real


@lru_cache(16)
def _waves(grid: ContinuousLags, frequencies: tuple[float, ...]) -> np.ndarray:
    """Return the matrix of the transform, from ∫ P_k(t) e^(iωt) dt = 2 iᵏ j_k(ω) on [−1, 1].

    The integrals over a panel are exact at any ω, where a quadrature would need nodes for every oscillation.
    """
    w = np.array(frequencies)
    half, centre = np.diff(grid.edges) / 2, (grid.edges[1:] + grid.edges[:-1]) / 2
    k = np.arange(NODES)
    bessel = spherical_jn(k, w[:, None, None] * half[:, None])
    phase = np.exp(1j * w[:, None] * centre)[..., None] * 1j**k
    waves = 4 * half[:, None] * bessel * phase.real  # 4 = 2 · 2: positive and negative lags
    return (waves @ legendre_rule(NODES).to_coefficients).reshape(len(w), -1)
