"""The Kruskal–Wallis test of several independent groups, with its effect size ε²."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from scipy.special import chdtrc, ndtr

from noisette.analysis.statistics._null import ranked
from noisette.errors import require

MOST = 4_000_000  # largest number of values resampled at once


def kruskal_wallis(
    groups: dict[str, np.ndarray], z: float, resamples: int, key: PRNGKeyArray | None
) -> dict[str, float | tuple[str, list[float]]]:
    """Return the results of the Kruskal–Wallis test, with ε² as the effect size.

    ε² is the fraction of the variance of the ranks that lies between groups; H = (N − 1) ε² also holds with ties.
    """
    sizes = np.array([len(group) for group in groups.values()])
    pooled = np.concatenate(list(groups.values()))
    require(np.ptp(pooled) > 0, f"all {len(pooled)} values are {pooled[0]:g}", "values that differ")
    effect = float(explained(pooled, sizes))
    statistic = (len(pooled) - 1) * effect
    return {
        "statistic": statistic,
        "p": float(chdtrc(len(sizes) - 1, statistic)),
        "effect": effect,
        "effect_interval": ("bound", _resampled(pooled, sizes, z, resamples, key)),
    }


def explained(values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    """Return ε² of values of shape (…, N), in which groups of the given sizes follow one another."""
    ranks = ranked(values)
    deviations = ranks - (values.shape[-1] + 1) / 2
    sums = np.add.reduceat(deviations, np.cumsum(sizes) - sizes, axis=-1)
    total = (deviations**2).sum(-1)
    between = (sums**2 / sizes).sum(-1)
    return np.divide(between, total, out=np.zeros_like(total), where=total > 0)


def _resampled(
    pooled: np.ndarray, sizes: np.ndarray, z: float, resamples: int, key: PRNGKeyArray | None
) -> list[float]:
    """Return the bias-corrected percentile interval of a bootstrap within groups.

    Under the null hypothesis ε² has the mean (k − 1)/(N − 1), and resampling adds a bias of the same size. The usual
    correction by degrees of freedom, 1 − (1 − ε²)(N − 1)/(N − k) (Ezekiel 1930), removes one such bias; it is applied
    twice, so that the intervals of groups that do not differ begin at zero.
    """
    require(resamples >= 100, f"{resamples} resamples", "at least 100; 2000 yield two digits")
    number, degrees_of_freedom = len(pooled), len(pooled) - len(sizes)
    if not degrees_of_freedom:
        return [0.0, 1.0]  # with one value per group the variance within groups is unknown
    chosen = jax.random.key(0) if key is None else key
    draw = np.random.default_rng(np.asarray(jax.random.key_data(chosen)).ravel())
    starts = np.cumsum(sizes) - sizes

    def resample(rows: int) -> np.ndarray:
        indices = [start + draw.integers(size, size=(rows, size)) for start, size in zip(starts, sizes, strict=True)]
        return explained(pooled[np.concatenate(indices, axis=1)], sizes)

    at_once = max(1, MOST // number)
    drawn = np.concatenate([resample(min(at_once, resamples - done)) for done in range(0, resamples, at_once)])
    unbiased = 1 - (1 - drawn) * ((number - 1) / degrees_of_freedom) ** 2
    return [max(0.0, float(bound)) for bound in np.quantile(unbiased, ndtr([-z, z]))]
