"""Pairs of frequencies, and integrals over both of them.

Two fluctuations whose frequencies nearly cancel, ω₁ + ω₂ ≈ 0, travel far through the network: kernels have a ridge
there, as narrow as the network is close to instability. Panels of the second frequency are graded towards it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre

from noisette.theory.gaussian._legendre import legendre_rule

NODES = 12
SIDES = 8  # nodes of a graded panel beside the ridge
LEVELS = 14
HIGHEST = 14  # 2^14 and above, where what is left falls as ω⁻⁴


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Positive frequencies on panels that double in length; spectra are even functions of them.

    Attributes
    ----------
    nodes, weights : of the frequencies, the weights divided by 2π
    apart : which pairs (ω_i, −ω_j) are far from the ridge
    near, near_weights : −ω₂ for each ω₁ beside the ridge, and their weights
    """

    nodes: np.ndarray
    weights: np.ndarray
    apart: np.ndarray
    near: np.ndarray
    near_weights: np.ndarray
    _panel: np.ndarray
    _basis: np.ndarray

    def beside(self, spectra: np.ndarray) -> np.ndarray:
        """Return spectra (…, frequencies) at `near`, by interpolation."""
        series = spectra.reshape(*spectra.shape[:-1], -1, NODES) @ legendre_rule(NODES).to_coefficients.T
        return np.einsum("irk,...irk->...ir", self._basis, series[..., self._panel, :])


@lru_cache(8)
def frequencies(lowest: float, highest: float) -> Frequencies:
    """Return frequencies from zero to `highest`, resolved down to about `lowest`."""
    top = highest if np.isfinite(highest) else 2.0**HIGHEST
    doublings = max(int(np.ceil(np.log2(top / lowest))), 1)
    edges = np.concatenate([[0.0], top * 0.5 ** np.arange(doublings, -1, -1.0)])
    count = len(edges) - 1
    half = np.diff(edges)[:, None] / 2
    nodes = (edges[:-1, None] + half * (1 + legendre_rule(NODES).nodes)).ravel()
    weights = (half * legendre_rule(NODES).weights).ravel() / (2 * np.pi)
    panel = np.repeat(np.arange(count), NODES)
    apart = np.abs(panel[:, None] - panel) > 1
    apart[panel == 0] = True  # below the lowest frequency nothing changes any more
    low, high = edges[np.maximum(panel - 1, 0)], edges[np.minimum(panel + 2, count)]
    near, near_weights = zip(*(_graded(w, end) for w, end in ((nodes, low), (nodes, high))), strict=True)
    partner = np.concatenate(near, axis=1)
    partner_weights = np.concatenate(near_weights, axis=1)
    partner_weights[panel == 0] = 0.0
    there = np.clip(np.searchsorted(edges, partner, side="right") - 1, 0, count - 1)
    place = (2 * partner - edges[there] - edges[there + 1]) / (edges[there + 1] - edges[there])
    return Frequencies(nodes, weights, apart, partner, partner_weights, there, legendre.legvander(place, NODES - 1))


def _graded(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights between `start` and `end`, in panels that shrink towards the start."""
    s, w = legendre.leggauss(SIDES)
    bounds = np.concatenate([[0.0], 0.5 ** np.arange(LEVELS, -1, -1.0)])
    half = np.diff(bounds)[:, None] / 2
    place, weight = (bounds[:-1, None] + half * (1 + s)).ravel(), (half * w).ravel()
    span = (end - start)[:, None]
    return start[:, None] + span * place, np.abs(span) * weight / (2 * np.pi)
