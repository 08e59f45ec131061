"""Log-odds of the next sign of a binary unit in white noise, as a polynomial that is evaluated in every step.

The probability that a unit is on, averaged over the noise, is 1/(1 + e^(−h g(h²))) at the field h: it is ½ at h = 0 and
its log-odds are odd in h. Their ratio g to h varies slowly: it is 1 without noise for logistic units, and grows from
√(8/π)/r to h/2r² for Φ(h/r). Its singularities are the complex zeros of the probability. In the variable

    w = a − b/(h² + c),  from −1 at h = 0 to 1 at the largest field,

with c of the order of the distance of the nearest singularity, they are far from the interval [−1, 1], so that a
polynomial of degree 32 in w has an error of the probability below 1e-12 for all strengths of the noise. Beyond the
largest field, the probability of the opposite sign is below e^−38, which is less than 52 random bits resolve.
"""

import math
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.polynomial import chebyshev

from noisette.random_numbers import polynomial

LARGEST = 38.0  # log-odds up to which g is approximated
DEGREE = 32


class LogOdds(eqx.Module):
    """Polynomial approximation of the log-odds h g(h²) of units in white noise.

    Attributes
    ----------
    coefficients : of the powers of w, shape (units, degree + 1), with one row if all units have the same noise
    largest : largest field, shape (units,)
    scale : c, shape (units,)
    offset, factor : a and b, shape (units,)
    """

    coefficients: Float[Array, "units terms"]
    largest: Float[Array, " units"]
    scale: Float[Array, " units"]
    offset: Float[Array, " units"]
    factor: Float[Array, " units"]

    def __call__(self, field: Float[Array, " N"]) -> Float[Array, " N"]:
        """Return the log-odds of each unit being on, at its field h."""
        h = jnp.clip(field, -self.largest, self.largest)
        w = self.offset - self.factor / (h * h + self.scale)
        return h * polynomial(list(self.coefficients.T), w)


def log_odds(
    log_flip: Callable[[np.ndarray, np.ndarray], np.ndarray], std: np.ndarray, width: float, slope: float
) -> LogOdds:
    """Return the log-odds of units in white noise.

    Parameters
    ----------
    log_flip : function that returns the logarithm of the probability of the sign opposite to the field, for fields h
        of shape (levels, points) and standard deviations of shape (levels, 1)
    std : standard deviations r of the noise, a single one or one per unit, shape (units,)
    width : standard deviation of the distribution whose cumulative distribution is the probability without noise
    slope : rate at which its log-odds grow with large h, infinite if it is a step
    """
    levels, unit = np.unique(std, return_inverse=True)
    r = levels[:, None]
    # log-odds of LARGEST are reached where the Gaussian is as small, or earlier in the exponential tail
    gaussian, tail = r * math.sqrt(2 * LARGEST), LARGEST / slope + slope * r**2 / 2
    largest = np.where(gaussian * slope < 2 * LARGEST, tail, gaussian) if math.isfinite(slope) else gaussian
    scale = 40 * r**2 + 30 * width**2
    top = largest**2 / (largest**2 + scale)
    nodes = np.cos(np.pi * (np.arange(DEGREE + 1) + 0.5) / (DEGREE + 1))
    part = (nodes + 1) / 2 * top
    h = np.maximum(np.sqrt(scale * part / (1 - part)), 1e-4 * largest)  # below this, log-odds lose digits
    log_q = np.asarray(log_flip(h, r))
    ratio = (np.log1p(-np.exp(log_q)) - log_q) / h
    coefficients = np.stack([chebyshev.cheb2poly(c) for c in chebyshev.chebfit(nodes, ratio.T, DEGREE).T])
    every = coefficients, largest[:, 0], scale[:, 0], (2 / top - 1)[:, 0], (2 * scale / top)[:, 0]
    return LogOdds(*(jnp.asarray(array[unit]) for array in every))
