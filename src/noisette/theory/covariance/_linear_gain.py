"""Gain of a linear random network from the spread of its covariances: the inverse of the relations of `_linear`.

With N ⟨C_ij²⟩ = tr C²/N − (tr C/N)² for N → ∞, the scaled spread is N ⟨C_ij²⟩/⟨C_ii⟩² = 1/D − 1, where D is the
participation dimension. It does not depend on the noise. In n units drawn at random from the N, ⟨C_ij²⟩ and ⟨C_ii⟩ have
the same expectations as in all of them, so that a sample of units suffices if N is given.
"""

from scipy.optimize import root_scalar

from noisette.arguments import check_arguments
from noisette.errors import real_number
from noisette.theory.covariance._linear import lasting, white
from noisette.theory.covariance._options import CovarianceKind

CLOSEST = 1e-6  # smallest distance to the critical gain 1


@check_arguments
def linear_gain(spread: float, covariance: CovarianceKind = "long-window") -> float:
    """Gain of a linear random network whose covariances have a given spread, for N → ∞.

    .. math:: \\frac{N \\langle C_{ij}^2 \\rangle}{\\langle C_{ii} \\rangle^2} = \\frac1D - 1, \\qquad
       D = (1 - g^2)^2 \\text{ in long windows}

    At equal times in white noise D = 8k³/(k⁴ + 2k³ + 4k² − 2k + 3), k = √(1 − g²), which is solved numerically. D is
    the participation dimension of all N units, and i ≠ j. In frozen noise D is that of long windows.

    Parameters
    ----------
    spread : N ⟨C_ij²⟩/⟨C_ii⟩², where N is the number of units of the network, also if fewer are observed; values below
        zero, which unbiased estimates may have, give g = 0
    covariance : "long-window", of averages over long windows, or "equal-time", in white noise

    Returns
    -------
    g, between 0 and 1: the standard deviation of the weights is g/√N

    Raises
    ------
    InputError : a spread that is not finite, or another word for the covariance.

    See Also
    --------
    theory.correlations : The covariances of a network of given gain.
    analysis.effective_gain : The gain from recordings, with its interval.

    Examples
    --------
    >>> known = 1 / (1 - 0.5**2) ** 2 - 1
    >>> linear_gain(known)
    0.5
    >>> round(linear_gain(known, "equal-time"), 3)  # the same spread at equal times needs a higher gain
    0.744

    References
    ----------
    Hu & Sompolinsky (2022), PLOS Computational Biology 18:e1010327; Dahmen, Grün, Diesmann & Helias (2019), Proceedings
    of the National Academy of Sciences 116:13051.
    """
    value = real_number(spread, "spread")
    if value <= 0:
        return 0.0
    relation = lasting if covariance == "long-window" else white

    def excess(gain: float) -> float:
        return 1 / relation(gain, 1.0).dimension[0] - 1 - value

    highest = 1 - CLOSEST
    if excess(highest) <= 0:
        return highest
    return round(float(root_scalar(excess, bracket=(0.0, highest), xtol=1e-14).root), 13)


__all__ = ["linear_gain"]
