"""Locations at which an activation function is not smooth."""

from functools import lru_cache

import numpy as np

from noisette.activations import Activation
from noisette.theory.gaussian._activation import values_in_pieces

KINKS = 6  # largest number of kinks besides one at zero


def kinks(activation: Activation) -> np.ndarray:
    """Return the inputs other than zero at which the slope of φ jumps, shape (kinks,)."""
    try:
        return _located(activation)
    except TypeError:  # an activation that is not hashable cannot be cached
        return _located.__wrapped__(activation)


@lru_cache(64)
def _located(activation: Activation) -> np.ndarray:
    """Scan for the largest changes of slope, and zoom in on each to tell a jump of φ' from smooth curvature."""
    # sinh spaces the 2001 inputs uniformly near zero and geometrically up to ±1000
    x = np.sinh(np.linspace(-7.6, 7.6, 2001))
    bend = _bends(x[None], values_in_pieces(activation, x[None]))[0]
    peaks = np.flatnonzero((bend[1:-1] > bend[:-2]) & (bend[1:-1] >= bend[2:])) + 1
    peaks = peaks[np.argsort(-bend[peaks])][: KINKS + 1]
    low, high = x[peaks], x[peaks + 2]
    if len(peaks) == 0:
        return low
    # mean slope between the neighbours of each peak, the scale of a jump of the slope there
    rough = np.abs(values_in_pieces(activation, high) - values_in_pieces(activation, low)) / (high - low)
    fine = np.linspace(low, high, 17, axis=1)
    phi = values_in_pieces(activation, fine)
    while (high - low).max() > 1e-6:
        bend = _bends(fine, phi)
        at, rows = bend.argmax(1), np.arange(len(low))
        # keep a margin of one point on both sides of the largest change, which rounding may displace
        low, high = fine[rows, np.maximum(at - 1, 0)], fine[rows, np.minimum(at + 3, 16)]
        fine = np.linspace(low, high, 17, axis=1)
        phi = values_in_pieces(activation, fine)
    bend = _bends(fine, phi)
    # on a length of 1e-6 smooth curvature changes the slope by 1e-6 of itself, a kink by its whole jump
    noise = 1e-13 * np.abs(phi).max(1) / (fine[:, 1] - fine[:, 0])
    place = (low + high) / 2
    return place[(bend.max(1) > np.maximum(1e-3 * rough, noise)) & (np.abs(place) > 1e-5)]


def _bends(x: np.ndarray, phi: np.ndarray) -> np.ndarray:
    """Return the absolute change of slope at the inner points of each row, shape (rows, points − 2)."""
    return np.abs(np.diff(np.diff(phi, axis=1) / np.diff(x, axis=1), axis=1))
