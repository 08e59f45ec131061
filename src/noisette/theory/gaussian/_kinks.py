"""Where an activation function is not smooth."""

from functools import lru_cache

import numpy as np

from noisette.activations import Activation
from noisette.theory.gaussian._activation import values_in_pieces

KINKS = 6  # most kinks that are located


def kinks(activation: Activation) -> np.ndarray:
    """Return where, zero aside, the slope of φ jumps."""
    try:
        return _located(activation)
    except TypeError:  # an activation that cannot be hashed is searched anew
        return _located.__wrapped__(activation)


@lru_cache(64)
def _located(activation: Activation) -> np.ndarray:
    """Scan for the largest changes of slope, then zoom in on each of them until rounding or a jump of φ' is left."""
    x = np.sinh(np.linspace(-7.6, 7.6, 2001))
    bend = _bends(x[None], values_in_pieces(activation, x[None]))[0]
    peaks = np.flatnonzero((bend[1:-1] > bend[:-2]) & (bend[1:-1] >= bend[2:])) + 1
    peaks = peaks[np.argsort(-bend[peaks])][: KINKS + 1]
    low, high = x[peaks], x[peaks + 2]
    if len(peaks) == 0:
        return low
    rough = np.abs(values_in_pieces(activation, high) - values_in_pieces(activation, low)) / (high - low)
    fine = np.linspace(low, high, 17, axis=1)
    phi = values_in_pieces(activation, fine)
    while (high - low).max() > 1e-6:
        bend = _bends(fine, phi)
        at, rows = bend.argmax(1), np.arange(len(low))
        low, high = fine[rows, np.maximum(at - 1, 0)], fine[rows, np.minimum(at + 3, 16)]  # rounding must not lose it
        fine = np.linspace(low, high, 17, axis=1)
        phi = values_in_pieces(activation, fine)
    bend = _bends(fine, phi)
    noise = 1e-13 * np.abs(phi).max(1) / (fine[:, 1] - fine[:, 0])
    place = (low + high) / 2
    return place[(bend.max(1) > np.maximum(1e-3 * rough, noise)) & (np.abs(place) > 1e-5)]


def _bends(x: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Return by how much the slope changes at the inner points of each row."""
    return np.abs(np.diff(np.diff(phi, axis=1) / np.diff(x, axis=1), axis=1))
