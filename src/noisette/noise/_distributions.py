"""Random numbers of other distributions than the normal one, from the words of `random_numbers`."""

import math

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PRNGKeyArray

from noisette.random_numbers import SINE, exponential, fold_in, logarithm, polynomial, uniform, uniform_pair

TAIL = 10.0  # standard deviations below the mean, where the sum over a Poisson distribution begins
NEGLIGIBLE = 1e-20  # probability of a count at which the sum ends
FARTHEST = 700.0  # largest exponent of `exponential`


def sine(v: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return sin(πv/2) for \\|v\\| ≤ 1, with an error of 4e-16.

    Examples
    --------
    >>> round(float(sine(jnp.asarray(1 / 3))), 15)
    0.5
    """
    return v * polynomial(SINE, v * v)


def uniform_numbers(key: PRNGKeyArray, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    """Return uniform numbers on [−√3, √3], of mean 0 and variance 1.

    Examples
    --------
    >>> round(float(uniform_numbers(jax.random.key(0), (10000,)).var()), 1)
    1.0
    """
    return math.sqrt(12) * (uniform(key, shape) - 0.5)


def laplace_numbers(key: PRNGKeyArray, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    """Return numbers of the Laplace distribution, density e^(−√2 \\|x\\|)/√2, of mean 0 and variance 1.

    Examples
    --------
    >>> round(float(laplace_numbers(jax.random.key(0), (10000,)).var()), 1)
    1.0
    """
    v = 2 * uniform(key, shape) - 1
    return -jnp.sign(v) * logarithm(1 - jnp.abs(v)) * math.sqrt(0.5)


def student_numbers(key: PRNGKeyArray, shape: tuple[int, ...], df: float | Array) -> Float[Array, "*shape"]:
    """Return numbers of Student's t distribution with ν = `df` > 2 degrees of freedom, scaled to variance 1.

    .. math:: t = \\sqrt{\\nu (u^{-2/\\nu} - 1)}\\, \\sin(\\pi v/2), \\qquad u \\in (0, 1), \\quad v \\in (-1, 1)

    This is the method of Box and Muller with another radius.

    Examples
    --------
    >>> round(float(student_numbers(jax.random.key(0), (10000,), 8.0).var()), 1)
    1.0

    References
    ----------
    Bailey (1994), Mathematics of Computation 62:779.
    """
    u, v = uniform_pair(key, shape)
    grown = exponential(-2 / df * logarithm(u)) - 1
    return jnp.sqrt((df - 2) * jnp.maximum(grown, 0.0)) * sine(v)


def stable_numbers(key: PRNGKeyArray, shape: tuple[int, ...], alpha: float) -> Float[Array, "*shape"]:
    """Return symmetric α-stable numbers with the characteristic function e^(−\\|k\\|^α), for 0 < α ≤ 2.

    .. math:: x = \\frac{\\sin \\alpha V}{(\\cos V)^{1/\\alpha}}
       \\left(\\frac{\\cos (1-\\alpha) V}{E}\\right)^{(1-\\alpha)/\\alpha}, \\qquad V = \\pi v/2

    with uniform v on (−1, 1) and exponential E. For α = 2 the variance is 2; α = 1 is the Cauchy distribution.

    Examples
    --------
    >>> x = stable_numbers(jax.random.key(0), (10000,), 1.0)
    >>> round(float(jnp.median(jnp.abs(x))), 1)  # the quartile of the Cauchy distribution is 1
    1.0

    References
    ----------
    Chambers, Mallows & Stuck (1976), Journal of the American Statistical Association 71:340.
    """
    v, waited = 2 * uniform(fold_in(key, 0), shape) - 1, -logarithm(uniform(fold_in(key, 1), shape))
    complement = 1 - jnp.abs(v)  # cos(πv/2) = sin(π(1 − |v|)/2) keeps its relative accuracy at v = ±1
    if alpha == 1:
        return sine(v) / sine(complement)
    if alpha == 2:
        return 2 * sine(v) * jnp.sqrt(waited)
    half = alpha / 2 * v  # |half| < 1; sin 2x = 2 sin x cos x keeps the argument of the sine below π/2
    numerator = 2 * sine(half) * sine(1 - jnp.abs(half))
    power = (logarithm(sine(1 - abs(1 - alpha) * jnp.abs(v))) - logarithm(waited)) * (1 - alpha)
    exponent = (power - logarithm(sine(complement))) / alpha
    return numerator * exponential(jnp.clip(exponent, -FARTHEST, FARTHEST))


def poisson_numbers(key: PRNGKeyArray, shape: tuple[int, ...], mean: Float[Array, "..."]) -> Float[Array, "*shape"]:
    """Return Poisson numbers by inversion of the distribution function, one uniform number for each.

    The sum of probabilities begins 10 standard deviations below the mean, so that the number of terms grows as √mean.

    Parameters
    ----------
    key, shape : as for `random_numbers.uniform`
    mean : mean, a scalar or an array that broadcasts to `shape`; it is not differentiated

    Examples
    --------
    >>> x = poisson_numbers(jax.random.key(0), (10000,), jnp.asarray(3.0))
    >>> round(float(x.mean())), round(float(x.var()))
    (3, 3)
    """
    mean = jax.lax.stop_gradient(jnp.asarray(mean, float))
    u = uniform(key, shape)
    first = jnp.maximum(jnp.floor(mean - TAIL * jnp.sqrt(mean)), 0.0)
    exponent = jax.scipy.special.xlogy(first, mean) - mean - jax.lax.lgamma(first + 1)
    start = (first, jnp.exp(exponent), jnp.exp(exponent), jnp.broadcast_to(first, shape))

    def goes_on(carry):
        n, probability, total, _ = carry
        return jnp.any((u > total) & ((n < mean) | (probability > NEGLIGIBLE)))

    def add(carry):
        n, probability, total, count = carry
        probability = probability * mean / (n + 1)
        return n + 1, probability, total + probability, count + (u > total)

    return jax.lax.while_loop(goes_on, add, start)[3]


__all__ = [
    "laplace_numbers",
    "poisson_numbers",
    "sine",
    "stable_numbers",
    "student_numbers",
    "uniform_numbers",
]
