"""Entropies estimated from counts."""

from typing import Any, Literal, get_args

import numpy as np
from scipy.special import digamma, xlogy

from noisette.arguments import check_arguments
from noisette.errors import require
from noisette.information import Values, finite_numbers
from noisette.theory.markov import Measures

Correction = Literal["none", "miller-madow", "digamma", "grassberger-1988", "grassberger"]
CORRECTIONS: tuple[Correction, ...] = get_args(Correction)


@check_arguments
def entropy_from_counts(counts: Values, correction: Correction = "none") -> np.ndarray:
    """Entropy estimated from counts, in bits.

    .. math:: \\hat H = -\\sum_i \\frac{n_i}{n} \\log_2 \\frac{n_i}{n}

    is the plug-in estimate, with n = Σ n_i, which is biased downwards. The corrected estimates are, in nats before the
    conversion to bits and with sums over the K observed states:

    - "miller-madow": Ĥ + (K − 1)/(2n) [Miller 1955];
    - "digamma": ψ(n) − Σ n_i ψ(n_i)/n [Zhang 2012; the identity with the digamma form by Schürmann 2015];
    - "grassberger-1988": ln n − Σ n_i [ψ(n_i) + (−1)^{n_i}/(n_i (n_i + 1))]/n;
    - "grassberger": ln n − Σ n_i G(n_i)/n with G(n) = ψ(n) + (−1)ⁿ [ψ((n + 1)/2) − ψ(n/2)]/2, Grassberger's
      estimator of 2003, the least biased of these for small counts.

    Parameters
    ----------
    counts : n_i, shape (..., states): non-negative integers, at least one of them positive in each distribution. The
        plug-in estimate does not depend on their scale and also accepts weights, such as probabilities
    correction : "none" (plug-in), "miller-madow", "digamma", "grassberger-1988" or "grassberger"

    Returns
    -------
    array of float64, shape (...), in bits

    Raises
    ------
    InputError : negative or non-finite counts, a distribution without counts, fractions with a correction, an unknown
        correction.

    See Also
    --------
    analysis.plug_in : Entropy, information and divergence from counts of pairs.
    information.entropy : The entropy of given probabilities.

    Examples
    --------
    >>> [round(float(entropy_from_counts([7, 3], c)), 4) for c in CORRECTIONS]
    [0.8813, 0.9534, 0.9579, 1.0853, 1.1921]

    References
    ----------
    Miller (1955), Information Theory in Psychology 95; Grassberger (1988), Physics Letters A 128:369; Grassberger
    (2003), arXiv:physics/0307138; Zhang (2012), Neural Computation 24:1368; Schürmann (2015), Neural Computation
    27:2097.
    """
    return _estimate(_counts(counts, 1, correction), correction)


def _counts(values: Any, dimensions: int, correction: str) -> np.ndarray:
    """Return counts as float64; raise `InputError` for negative, non-finite or fractional counts."""
    array = finite_numbers(values, "counts")
    require(array.ndim >= dimensions, f"counts of shape {array.shape}", f"at least {dimensions} dimensions")
    least = float(array.min(initial=0.0))
    require(least >= 0, f"a count of {least:g}", "counts are zero or positive")
    totals = array.sum(axis=tuple(range(-dimensions, 0)))
    require(
        array.size > 0 and bool((totals > 0).all()),
        f"counts of shape {array.shape} with nothing counted in {int(np.sum(totals == 0))} distributions",
        "at least one count in each",
    )
    fraction = array[array != np.floor(array)]
    require(
        correction == "none" or not fraction.size,
        f"a count of {fraction.flat[0] if fraction.size else 0:g}",
        f"correction {correction!r} needs whole numbers",
        "use counts instead of probabilities",
    )
    return array


def _estimate(counts: np.ndarray, correction: str) -> np.ndarray:
    """Return the estimates of `entropy_from_counts` for valid counts, shape (..., states), in bits."""
    n = counts.sum(-1)
    positive = np.maximum(counts, 1)  # terms with n_i = 0 have weight 0
    sign = np.where(counts % 2 == 0, 1.0, -1.0)
    if correction in ("none", "miller-madow"):
        p = counts / n[..., None]
        nats = -np.sum(xlogy(p, p), axis=-1)
        return np.asarray((nats + (((counts > 0).sum(-1) - 1) / (2 * n) if correction != "none" else 0)) / np.log(2))
    if correction == "digamma":
        first, terms = digamma(n), digamma(positive)
    elif correction == "grassberger-1988":
        first, terms = np.log(n), digamma(positive) + sign / (positive * (positive + 1))
    else:
        difference = digamma((positive + 1) / 2) - digamma(positive / 2)
        first, terms = np.log(n), digamma(positive) + sign * difference / 2
    return np.asarray((first - np.sum(counts * terms, axis=-1) / n) / np.log(2))


@check_arguments
def plug_in(joint: Values, correction: Correction = "none") -> Measures:
    """Entropy, mutual information and divergence estimated from counts of successive states, in bits.

    .. math:: I = H_a + H_b - H_{ab}, \\qquad D = H_a - I

    with the entropies of the state before (a), of the state after (b) and of the pair, as in `entropy_from_counts`. For
    N_T independent pairs the uncorrected ("plug-in") information is too high by about
    (K_ab − K_a − K_b + 1)/(2 N_T ln 2) bits, with K the numbers of observed states and pairs of states. Successive
    states of one run are not independent, and their information may also be too low: see `resonance`.

    Parameters
    ----------
    joint : counts of pairs (state before, state after), shape (..., K, K); with correction "none" also weights
    correction : as for `entropy_from_counts`

    Returns
    -------
    Measures of arrays of shape (...), in bits: H = H_a, I and D

    Raises
    ------
    InputError : as for `entropy_from_counts`.

    See Also
    --------
    analysis.entropy_from_counts : The entropy alone, with a choice of corrections of the bias.
    JointStates : The probe that counts the states.

    Examples
    --------
    >>> [round(float(x), 6) for x in plug_in([[2, 1], [1, 5]])]
    [0.918296, 0.178849, 0.739447]
    """
    counts = _counts(joint, 2, correction)
    h = _estimate(counts.sum(-1), correction)
    flat = counts.reshape(*counts.shape[:-2], -1)
    information = h + _estimate(counts.sum(-2), correction) - _estimate(flat, correction)
    return Measures(h, np.asarray(information), np.asarray(h - information))
