"""Standard error of a rate from its means in successive blocks of time.

The sum S(t) of logarithms of growth is a random walk with drift λ, plus a stationary process that keeps no memory
beyond some correlation time. Between block ends it moves by

    d_b = λℓ + w_b + e_{b+1} − e_b,

with w and e independent from block to block if blocks are longer than that time. Both parts matter. Where growth is a
constant up to a coordinate change (the logistic map at r = 4, conjugate to the tent map) w vanishes, successive blocks
are anticorrelated, and the variance of S(T) stays bounded: block means treated as independent would overstate the
error by the square root of their number. Where growth is correlated over several blocks only the lowest frequencies
show the variance of the sum.

Hence the likelihood of the lowest cosine coefficients of d (those of higher frequencies see correlations within the
correlation time). Their covariance is s(I + r CᵀTC), C being the cosines and T = tridiag(−1, 2, −1) the covariance of
e_{b+1} − e_b; the variance of the sum is s(B + 2r). It is averaged over the ratio r, from none (independent blocks)
to infinity (w = 0), with weights likelihood × prior; the factor K/(K − 2) is that of Student's t, of which it is the
variance: the scale s is estimated from K coefficients. Cosine sums of long-run variances: Lazarus, Lewis, Stock &
Watson (2018), Journal of Business & Economic Statistics 36:541.
"""

from functools import cache

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

MOST_BLOCKS = 100
STEPS_PER_BLOCK = 10  # at least
FEWEST_BLOCKS = 20
MOST_COEFFICIENTS = 12
RATIOS = tuple(10 ** np.arange(0, 3.01, 0.5))  # of r, besides none and infinity
INDEPENDENT, BOUNDED = 0.5, 0.3  # prior weights of r = 0 and of r = ∞; the ratios share the rest


def number_of_blocks(steps: int) -> int:
    """Return how many blocks a number of counted steps is divided into, at least one."""
    return max(1, min(MOST_BLOCKS, steps // STEPS_PER_BLOCK))


@cache
def _model(blocks: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the cosines C, inverse covariances, log-weights and variances of the sum for each ratio r."""
    number = min(MOST_COEFFICIENTS, blocks // 3)
    times = (np.arange(blocks) + 0.5) / blocks
    cosines = np.sqrt(2 / blocks) * np.cos(np.pi * np.outer(times, np.arange(1, number + 1)))
    differences = 2 * np.eye(blocks) - np.eye(blocks, k=1) - np.eye(blocks, k=-1)
    moving = cosines.T @ differences @ cosines
    ratios = (0.0, *RATIOS)
    covariances = [np.eye(number) + r * moving for r in ratios] + [moving]
    sums = np.array([blocks + 2 * r for r in ratios] + [2.0])
    prior = np.full(len(sums), (1 - INDEPENDENT - BOUNDED) / len(RATIOS))
    prior[[0, -1]] = INDEPENDENT, BOUNDED
    weights = np.log(prior) - 0.5 * np.array([np.linalg.slogdet(c)[1] for c in covariances])
    return cosines, np.linalg.inv(covariances), weights, sums


def block_error(means: Float[Array | np.ndarray, "blocks *rest"]) -> Float[Array, "*rest"]:
    """Return the standard error of the mean over blocks of equal length; NaN for fewer than 20 blocks.

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
    means = jnp.asarray(means)
    blocks = means.shape[0]
    if blocks < FEWEST_BLOCKS:
        return jnp.full(means.shape[1:], jnp.nan)
    cosines, inverses, weights, sums = _model(blocks)
    coefficients = jnp.einsum("bk,b...->k...", cosines, means - means.mean(0))
    number = cosines.shape[1]
    scales = jnp.einsum("k...,gkl,l...->g...", coefficients, inverses, coefficients)  # K · s of each ratio
    smallest = jnp.finfo(means.dtype).tiny
    shape = (len(sums),) + (1,) * (means.ndim - 1)
    logs = jnp.reshape(weights, shape) - 0.5 * number * jnp.log(scales + smallest)
    logs = jnp.exp(logs - logs.max(0))
    share = logs / logs.sum(0)
    return jnp.sqrt((share * scales * jnp.reshape(sums, shape)).sum(0) / (number - 2)) / blocks
