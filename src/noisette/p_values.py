"""Corrections of p values for the number of tests, and the Anderson–Darling test of normality."""

import numpy as np
from scipy.special import log_ndtr

LEAST = 8  # smallest sample for which the approximation of the p value holds
LARGEST = 13.0  # statistic beyond which the p value, below 1e-24, no longer decreases


def holm_adjusted(p: np.ndarray) -> np.ndarray:
    """Return p values, shape (m,), after Holm's step-down correction, which controls the familywise error rate.

    Examples
    --------
    >>> holm_adjusted(np.array([0.01, 0.04, 0.03]))
    array([0.03, 0.06, 0.06])

    References
    ----------
    Holm (1979), Scandinavian Journal of Statistics 6:65.
    """
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.maximum.accumulate(np.minimum(p[order] * np.arange(len(p), 0, -1), 1.0))
    return adjusted


def anderson_darling(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the Anderson–Darling statistic of normality and its p value, for mean and variance that are estimated.

    .. math:: A^2 = -n - \\frac{1}{n}\\sum_{i=1}^n (2i - 1)\\big[\\ln\\Phi(y_{(i)}) + \\ln\\Phi(-y_{(n+1-i)})\\big],
       \\qquad A^{*2} = A^2 \\big(1 + 0.75/n + 2.25/n^2\\big)

    Parameters
    ----------
    values : samples, shape (n, columns); each column is tested

    Returns
    -------
    A*² and p of each column, shapes (columns,); p follows the approximation of D'Agostino and Stephens

    Examples
    --------
    >>> grid = (np.arange(1000) + 0.5) / 1000
    >>> statistic, p = anderson_darling(grid[:, None])  # uniform numbers
    >>> round(float(statistic[0]), 1), bool(p[0] < 1e-15)
    (11.1, True)

    References
    ----------
    D'Agostino & Stephens (1986), Goodness-of-fit techniques, table 4.9.
    """
    n = len(values)
    ordered = np.sort((values - values.mean(axis=0)) / values.std(axis=0, ddof=1), axis=0)
    weights = (2 * np.arange(1, n + 1) - 1)[:, None] / n
    statistic = -n - (weights * (log_ndtr(ordered) + log_ndtr(-ordered[::-1]))).sum(axis=0)
    statistic = statistic * (1 + 0.75 / n + 2.25 / n**2)
    a = np.minimum(statistic, LARGEST)
    conditions = [a < 0.2, a < 0.34, a < 0.6]
    p = np.select(
        conditions,
        [
            1 - np.exp(-13.436 + 101.14 * a - 223.73 * a**2),
            1 - np.exp(-8.318 + 42.796 * a - 59.938 * a**2),
            np.exp(0.9177 - 4.279 * a - 1.38 * a**2),
        ],
        np.exp(1.2937 - 5.709 * a + 0.0186 * a**2),
    )
    return statistic, p
