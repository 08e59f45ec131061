"""Standard error of a rate from its means in successive blocks of time.

The sum S(t) of logarithmic growth factors is modelled as a random walk with drift λ plus a stationary process with a
finite correlation time. Over block b, of length ℓ, it changes by

    d_b = λℓ + w_b + e_{b+1} − e_b,

where w and e are independent between blocks if blocks are longer than the correlation time. Both terms are needed. If
the growth rate is constant up to a change of coordinates (as for the logistic map at r = 4, which is conjugate to the
tent map), w vanishes, successive blocks are anticorrelated, and the variance of S(T) is bounded; treating the block
means as independent would overestimate the error by the square root of their number. If growth is correlated over
several blocks, only the lowest frequencies reveal the variance of the sum.

The estimate therefore uses the likelihood of the K lowest cosine coefficients of d; coefficients of higher frequency
are affected by correlations within the correlation time. With s the variance of w and r the ratio of the variances of e
and w, their covariance is s(I + r CᵀTC), where C contains the cosines and T = tridiag(−1, 2, −1) is the covariance of
e_{b+1} − e_b in units of the variance of e. The variance of the sum over B blocks is s(B + 2r). It is averaged over r,
from 0 (independent blocks) to infinity (w = 0), with weights likelihood × prior. Since s is estimated from K
coefficients, the error has a Student t distribution with K degrees of freedom, whose variance contributes the factor
K/(K − 2). For long-run variances from cosine sums see Lazarus, Lewis, Stock & Watson (2018), Journal of Business &
Economic Statistics 36:541.
"""

from functools import cache
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.arguments import check_arguments

MOST_BLOCKS = 100  # largest number of blocks B
STEPS_PER_BLOCK = 10  # smallest number of steps of a block, if there are several
FEWEST_BLOCKS = 20  # smallest number of blocks for which an error is estimated
MOST_COEFFICIENTS = 12  # largest number K of cosine coefficients
RATIOS = tuple(10 ** np.arange(0, 3.01, 0.5))  # values of r besides 0 and infinity
INDEPENDENT, BOUNDED = 0.5, 0.3  # prior weights of r = 0 and r = ∞; the remaining weight is uniform over RATIOS


def number_of_blocks(steps: int) -> int:
    """Return the number of blocks, at least one, into which a number of steps is divided."""
    return max(1, min(MOST_BLOCKS, steps // STEPS_PER_BLOCK))


@cache
def _model(blocks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the cosines C, and for each ratio r the inverse covariance, log-weight and variance of the sum.

    With G values of r, the shapes are (B, K), (G, K, K), (G,) and (G,); variances are in units of s. The log-weight is
    ln(prior) − ½ ln det of the covariance, the part of the log-posterior that does not depend on the data. The last
    value, r = ∞, has the covariance CᵀTC, with the variance of e as its unit.
    """
    number = min(MOST_COEFFICIENTS, blocks // 3)
    times = (np.arange(blocks) + 0.5) / blocks
    cosines = np.sqrt(2 / blocks) * np.cos(np.pi * np.outer(times, np.arange(1, number + 1)))
    differences = 2 * np.eye(blocks) - np.eye(blocks, k=1) - np.eye(blocks, k=-1)
    difference_covariance = cosines.T @ differences @ cosines
    ratios = (0.0, *RATIOS)
    covariances = [np.eye(number) + r * difference_covariance for r in ratios] + [difference_covariance]
    sums = np.array([blocks + 2 * r for r in ratios] + [2.0])
    prior = np.full(len(sums), (1 - INDEPENDENT - BOUNDED) / len(RATIOS))
    prior[[0, -1]] = INDEPENDENT, BOUNDED
    weights = np.log(prior) - 0.5 * np.array([np.linalg.slogdet(c)[1] for c in covariances])
    return cosines, np.linalg.inv(covariances), weights, sums


@check_arguments
def block_error(means: Float[Array | np.ndarray, "blocks *rest"]) -> Float[Array | np.ndarray, "*rest"]:
    """Return the standard error of the mean over blocks of equal length; NaN for fewer than 20 blocks.

    Parameters
    ----------
    means : means of the blocks in chronological order, shape (blocks, …)

    Returns
    -------
    array, shape (…); NaN where a mean is NaN. It is a NumPy array if the means are one; nothing is compiled then, which
    would take longer than the calculation for each new number of blocks

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> independent = rng.standard_normal((100, 1000))
    >>> round(float(block_error(independent).mean()), 2)  # 1/√100
    0.1
    >>> bounded = np.diff(rng.standard_normal((101, 1000)), axis=0)
    >>> bool(block_error(bounded).mean() < 1.5 * 2**0.5 / 100)
    True
    """
    if not isinstance(means, np.ndarray):
        return _block_error(means, jnp)
    with np.errstate(all="ignore"):  # means that are not finite result in NaN
        return np.asarray(_block_error(means, np))


def _block_error(means: Any, xp: Any) -> Any:
    """Return the standard error, computed by NumPy or by `jax.numpy`."""
    blocks = means.shape[0]
    if blocks < FEWEST_BLOCKS:
        return xp.full(means.shape[1:], xp.nan)
    cosines, inverses, weights, sums = _model(blocks)
    coefficients = xp.einsum("bk,b...->k...", cosines, means - means.mean(0))
    number = cosines.shape[1]
    # K s for each ratio r, with the s of maximum likelihood; the likelihood is then proportional to (K s)^(−K/2)
    scales = xp.einsum("k...,gkl,l...->g...", coefficients, inverses, coefficients)
    smallest = xp.finfo(means.dtype).tiny
    shape = (len(sums),) + (1,) * (means.ndim - 1)
    log_weights = xp.reshape(weights, shape) - 0.5 * number * xp.log(scales + smallest)
    relative = xp.exp(log_weights - log_weights.max(0))  # shifted, so that the exponential does not underflow
    posterior = relative / relative.sum(0)
    return xp.sqrt((posterior * scales * xp.reshape(sums, shape)).sum(0) / (number - 2)) / blocks
