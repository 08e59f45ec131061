"""Quadrature over pairs of frequencies.

Products of fluctuations whose frequencies nearly cancel, ω₁ + ω₂ ≈ 0, vary slowly and are amplified most by the
recurrent connections. The kernels of covariances therefore have a ridge along ω₁ + ω₂ = 0, which narrows as the network
approaches instability. Close to the ridge the panels of the second frequency shrink towards it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import legendre

from noisette.theory.gaussian._legendre import legendre_rule

NODES = 12  # per panel
SIDES = 8  # nodes per graded panel beside the ridge
LEVELS = 14  # halvings of the graded panels
HARMONICS = 4  # harmonics of an oscillation that are resolved
HIGHEST = 14  # power of two of the highest frequency in continuous time, above which the integrands fall as ω⁻⁴


@dataclass(frozen=True, eq=False)
class Frequencies:
    """Positive frequencies on panels that double in length; spectra are even functions of the frequency.

    Attributes
    ----------
    nodes, weights : frequencies and weights, divided by 2π, shape (frequencies,)
    apart : whether the pair (ω_i, −ω_j) is far from the ridge, shape (frequencies, frequencies)
    near, near_weights : −ω₂ close to the ridge for each ω₁ and their weights, divided by 2π, shape (frequencies, near)
    """

    nodes: np.ndarray
    weights: np.ndarray
    apart: np.ndarray
    near: np.ndarray
    near_weights: np.ndarray
    _panel: np.ndarray
    _basis: np.ndarray

    def at_near(self, spectra: np.ndarray) -> np.ndarray:
        """Return spectra, shape (…, frequencies), at the frequencies `near`, by interpolation on each panel."""
        series = spectra.reshape(*spectra.shape[:-1], -1, NODES) @ legendre_rule(NODES).to_coefficients.T
        return np.einsum("irk,...irk->...ir", self._basis, series[..., self._panel, :])


@lru_cache(8)
def frequencies(lowest: float, highest: float, peaks: tuple[tuple[float, float], ...] = ()) -> Frequencies:
    """Return the quadrature from zero to `highest`, resolved down to about `lowest`.

    Parameters
    ----------
    lowest, highest : smallest panel next to zero, and the end of the last panel
    peaks : pairs (ω, κ) of peaks of the spectra and their half widths, around which the panels shrink to κ
    """
    top = highest if np.isfinite(highest) else 2.0**HIGHEST
    doublings = max(int(np.ceil(np.log2(top / lowest))), 1)
    edges = np.concatenate([[0.0], top * 0.5 ** np.arange(doublings, -1, -1.0)])
    if peaks:
        edges = _refined(float(edges[1]), top, peaks)
    count = len(edges) - 1
    half = np.diff(edges)[:, None] / 2
    nodes = (edges[:-1, None] + half * (1 + legendre_rule(NODES).nodes)).ravel()
    weights = (half * legendre_rule(NODES).weights).ravel() / (2 * np.pi)
    panel = np.repeat(np.arange(count), NODES)
    # pairs in the same panel or in neighbouring ones are close to the ridge and integrated with the graded nodes
    apart = np.abs(panel[:, None] - panel) > 1
    apart[panel == 0] = True  # all functions are constant below the lowest frequency, hence no ridge there
    low, high = edges[np.maximum(panel - 1, 0)], edges[np.minimum(panel + 2, count)]
    near, near_weights = zip(*(_graded(w, end) for w, end in ((nodes, low), (nodes, high))), strict=True)
    partner = np.concatenate(near, axis=1)
    partner_weights = np.concatenate(near_weights, axis=1)
    partner_weights[panel == 0] = 0.0
    # panel of every graded node and its position in [−1, 1] on that panel, for the interpolation of spectra
    source = np.clip(np.searchsorted(edges, partner, side="right") - 1, 0, count - 1)
    place = (2 * partner - edges[source] - edges[source + 1]) / (edges[source + 1] - edges[source])
    return Frequencies(nodes, weights, apart, partner, partner_weights, source, legendre.legvander(place, NODES - 1))


def _refined(first: float, top: float, peaks: tuple[tuple[float, float], ...]) -> np.ndarray:
    """Return edges from zero to `top`, of panels that are not longer than their distance from any peak, or its width.

    Activation functions add harmonics to an oscillation, which are as wide.
    """
    harmonics = [(k * omega, width) for omega, width in peaks for k in range(1, HARMONICS + 1)]
    edges = [0.0, first]
    while edges[-1] < top:
        w = edges[-1]
        # the length is half of the distance to a peak ahead, and the whole distance from a peak behind
        ahead = [max(width, (peak - w) / 2 if peak > w else w - peak) for peak, width in harmonics]
        length = min(w, *ahead)
        edges.append(top if w + 1.5 * length > top else w + length)
    return np.array(edges)


def _graded(start: np.ndarray, end: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes and weights from `start` to `end`, each of shape (rows,), in panels that shrink towards the start.

    Returns
    -------
    two arrays of shape (rows, nodes), the weights positive and divided by 2π
    """
    s, w = legendre.leggauss(SIDES)
    bounds = np.concatenate([[0.0], 0.5 ** np.arange(LEVELS, -1, -1.0)])
    half = np.diff(bounds)[:, None] / 2
    place, weight = (bounds[:-1, None] + half * (1 + s)).ravel(), (half * w).ravel()
    span = (end - start)[:, None]
    return start[:, None] + span * place, np.abs(span) * weight / (2 * np.pi)
