"""Proportions estimated from trials, with confidence intervals."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import ndtri

from noisette.errors import require

BOUNDS = ["lower", "upper"]


def wilson_interval(successes: ArrayLike, trials: ArrayLike, confidence: float = 0.95) -> np.ndarray:
    """Return Wilson's score interval of a proportion, which has a positive width even at 0 or n successes.

    .. math:: \\frac{s + z^2/2 \\pm z \\sqrt{s(n - s)/n + z^2/4}}{n + z^2}

    The interval contains the proportions π that a score test of s successes in n trials does not reject, and z is the
    normal quantile Φ⁻¹((1 + `confidence`)/2).

    Parameters
    ----------
    successes : number of successes s, a number or an array
    trials : number of trials n, broadcast against `successes`
    confidence : nominal probability that the interval contains π

    Returns
    -------
    lower and upper bounds, array of float64 of shape (..., 2)

    Raises
    ------
    InputError : If counts are negative or not whole numbers, there are more successes than trials, or no trials.

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
    integral = np.isfinite(s) & np.isfinite(n) & (s == np.floor(s)) & (n == np.floor(n))
    valid = integral & (s >= 0) & (s <= n) & (n >= 1)
    require(bool(valid.all()), f"{s} successes in {n} trials", "whole numbers, 0 ≤ successes ≤ trials, trials ≥ 1")
    z = -float(ndtri((1 - confidence) / 2))
    middle, half = s + z**2 / 2, z * np.sqrt(s * (n - s) / n + z**2 / 4)
    low, high = (middle - half) / (n + z**2), (middle + half) / (n + z**2)
    # The bounds at s = 0 and s = n are set exactly, since rounding would leave values of about 1e-17.
    return np.stack([np.where(s == 0, 0.0, low), np.where(s == n, 1.0, high)], axis=-1)


@dataclass(frozen=True)
class Proportion:
    """Proportion of successful trials with its standard error and Wilson's score interval.

    ``share, error = proportion`` unpacks the proportion and its standard error.

    Attributes
    ----------
    successes, trials : numbers of successes and of trials
    share : proportion, successes/trials
    standard_error : half the width of Wilson's interval at z = 1 (68.3 %). It converges to √(p(1 − p)/n) for many
        trials, and is positive even without successes
    low, high : bounds of Wilson's interval
    confidence : confidence level of the interval
    data : the numbers as a Dataset, whose attributes describe how they were obtained; None if they were not simulated
    """

    successes: int
    trials: int
    share: float
    standard_error: float
    low: float
    high: float
    confidence: float = 0.95
    data: xr.Dataset | None = field(default=None, repr=False, compare=False)

    @classmethod
    def of(cls, successes: int, trials: int, confidence: float = 0.95) -> "Proportion":
        """Return the proportion of successes among trials.

        Parameters
        ----------
        successes, trials : numbers of successes and of trials
        confidence : confidence level of the interval

        Raises
        ------
        InputError : as for `wilson_interval`.

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
