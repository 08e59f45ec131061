"""Proportions estimated from trials, and how far they can be trusted."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from noisette.errors import require

BOUNDS = ["lower", "upper"]


def wilson_interval(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> np.ndarray:
    """Wilson's score interval of a proportion, which has a width even if no trial succeeded, or all did.

    .. math:: \\frac{s + z^2/2 \\pm z \\sqrt{s(n - s)/n + z^2/4}}{n + z^2}

    the proportions π that a test of s successes in n trials at the normal quantile z does not reject.

    Parameters
    ----------
    successes : s, a number or an array
    trials : n, broadcast against `successes`
    confidence : probability that the interval covers π, at least approximately

    Returns
    -------
    array of float64, shape (..., 2): lower and upper bound

    Raises
    ------
    InputError : counts that are negative, no whole numbers, or more successes than trials; no trial.

    Examples
    --------
    >>> wilson_interval(0, 10).round(4)
    array([0.    , 0.2775])

    References
    ----------
    Wilson (1927), Journal of the American Statistical Association 22:209.
    """
    require(0 < confidence < 1, f"confidence {confidence:g}", "a probability between 0 and 1")
    s, n = np.broadcast_arrays(np.asarray(successes, float), np.asarray(trials, float))
    whole = np.isfinite(s) & np.isfinite(n) & (s == np.floor(s)) & (n == np.floor(n))
    right = whole & (s >= 0) & (s <= n) & (n >= 1)
    require(bool(right.all()), f"{s} successes in {n} trials", "whole numbers, 0 ≤ successes ≤ trials, trials ≥ 1")
    z = -float(ndtri((1 - confidence) / 2))
    middle, half = s + z**2 / 2, z * np.sqrt(s * (n - s) / n + z**2 / 4)
    low, high = (middle - half) / (n + z**2), (middle + half) / (n + z**2)
    # exact at the ends, where rounding would leave 1e-17
    return np.stack([np.where(s == 0, 0.0, low), np.where(s == n, 1.0, high)], axis=-1)


@dataclass(frozen=True)
class Proportion:
    """A share of trials, with its standard error and Wilson's interval; ``share, error = proportion`` unpacks it.

    Attributes
    ----------
    successes, trials : counts
    share : successes/trials
    standard_error : half the width of Wilson's interval of one standard deviation (68.3 %). It tends to
        √(p(1 − p)/n) for many trials, and is not zero where no trial succeeded
    low, high : Wilson's interval at `confidence`
    confidence : 0.95 by default
    """

    successes: int
    trials: int
    share: float
    standard_error: float
    low: float
    high: float
    confidence: float = 0.95

    @classmethod
    def of(cls, successes: int, trials: int, confidence: float = 0.95) -> "Proportion":
        """Return the proportion of `successes` among `trials`.

        Examples
        --------
        >>> print(Proportion.of(0, 10))
        0 (0 of 10; 95 % interval 0 to 0.2775)
        """
        low, high = wilson_interval(successes, trials, confidence).tolist()
        below, above = wilson_interval(successes, trials, 1 - 2 * 0.15865525393145707).tolist()  # z = 1
        return cls(
            int(successes), int(trials), successes / trials, (above - below) / 2, float(low), float(high), confidence
        )

    def __iter__(self) -> Iterator[float]:
        return iter((self.share, self.standard_error))

    def __str__(self) -> str:
        interval = f"{100 * self.confidence:g} % interval {self.low:.4g} to {self.high:.4g}"
        return f"{self.share:.4g} ({self.successes} of {self.trials}; {interval})"
