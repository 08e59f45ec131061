"""Entropies estimated from counts."""

import numpy as np
from jaxtyping import Float, Int
from scipy.special import digamma, xlogy

from noisette.errors import require
from noisette.theory.chain import Measures

CORRECTIONS = ("none", "miller-madow", "grassberger")


def entropy_from_counts(
    counts: Int[np.ndarray, "*batch states"] | Float[np.ndarray, "*batch states"],
    correction: str = "none",
) -> np.ndarray:
    """Entropy estimated from counts, in bits.

    .. math:: \\hat H = -\\sum_i \\frac{n_i}{n} \\log_2 \\frac{n_i}{n}

    "miller-madow" adds (K − 1)/(2 n ln 2), K being the number of states seen; "grassberger" replaces the
    logarithms of counts by digamma functions.

    Parameters
    ----------
    counts : n_i, shape (..., states)
    correction : "none" (plug-in), "miller-madow" or "grassberger"

    Returns
    -------
    array of float64, shape (...)

    Examples
    --------
    >>> [round(float(entropy_from_counts(np.array([7, 3]), c)), 6) for c in CORRECTIONS]
    [0.881291, 0.953426, 0.957904]

    References
    ----------
    Miller (1955), Information Theory in Psychology 95; Grassberger (1988), Physics Letters A 128:369.
    """
    require(correction in CORRECTIONS, f"correction {correction!r}", f"one of {', '.join(CORRECTIONS)}")
    n = counts.sum(-1)
    if correction == "grassberger":
        seen = np.maximum(counts, 1)
        return np.asarray((digamma(n) - np.sum(counts * digamma(seen), axis=-1) / n) / np.log(2))
    p = counts / n[..., None]
    plain = -np.sum(xlogy(p, p), axis=-1) / np.log(2)
    if correction == "miller-madow":
        plain = plain + ((counts > 0).sum(-1) - 1) / (2 * n * np.log(2))
    return np.asarray(plain)


def plug_in(
    joint: Int[np.ndarray, "*batch before after"] | Float[np.ndarray, "*batch before after"],
    correction: str = "none",
) -> Measures:
    """Entropy, mutual information and divergence estimated from counts of successive states, in bits.

    The uncorrected ("plug-in") information of one run is too high, by about
    (K_ab − K_a − K_b + 1)/(2 N_T ln 2) with K the numbers of states and pairs of states seen.

    Parameters
    ----------
    joint : counts (or weights) of state before × state after, shape (..., K, K)
    correction : "none", "miller-madow" or "grassberger"

    Returns
    -------
    Measures of arrays of shape (...): H of the state before, I, and D = H − I

    Examples
    --------
    >>> pairs = np.array([[2, 1], [1, 5]])
    >>> [round(float(x), 6) for x in plug_in(pairs)]
    [0.918296, 0.178849, 0.739447]
    """
    before, after = joint.sum(-1), joint.sum(-2)
    flat = joint.reshape(*joint.shape[:-2], -1)
    h = entropy_from_counts(before, correction)
    information = h + entropy_from_counts(after, correction) - entropy_from_counts(flat, correction)
    return Measures(h, np.asarray(information), np.asarray(h - information))
