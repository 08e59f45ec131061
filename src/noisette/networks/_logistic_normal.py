"""Logistic-normal integral: the mean of a logistic function over Gaussian noise."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, ArrayLike, Float

from noisette.arguments import check_arguments
from noisette.errors import InputError, integer, require

# S(h; r) is the probability that h + r z − y > 0 for a standard normal z and a standard logistic y. Integrating out y
# leaves an integral over z; integrating out z leaves an integral over y. The trapezoid rule on the real line converges
# exponentially, with an error of about exp(−2π a/step) for an integrand that is analytic in a strip of half-width a
# (Trefethen & Weideman 2014, SIAM Review 56:385). The nearest pole is at distance a = π/r in the first form and π in
# the second, so the first form is used for r below SWITCH and the second one above.
SWITCH = 2.0
UNDERFLOW = 745.0  # e^−745 is about the smallest positive number of float64


def _over_gaussian(field: Array, std: Array, log_accuracy: float) -> Array:
    """Return ∫ σ(h + r z) e^(−z²/2)/√(2π) dz for h ≤ 0 and r ≤ SWITCH, to a relative error of e^(−log_accuracy)."""
    step = 2 * math.pi**2 / SWITCH / (log_accuracy + 1)
    nodes = np.arange(-1, 2, 2)[:, None] * step * np.arange(math.ceil((math.sqrt(2 * log_accuracy) + SWITCH) / step))
    z = np.unique(nodes)
    weight = step * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return jax.nn.sigmoid(field[..., None] + std[..., None] * z) @ weight


def _over_logistic(field: Array, std: Array, log_accuracy: float, reach: float) -> Array:
    """Return E[Φ((h − y)/r)] over a logistic y, for h ≤ 0 and r ≥ SWITCH, to a relative error of e^(−log_accuracy)."""
    step = 2 * math.pi**2 / (log_accuracy + 5)
    y = step * np.arange(-math.ceil(min(log_accuracy + reach, UNDERFLOW) / step), math.ceil(log_accuracy / step) + 1)
    decay = np.exp(-np.abs(y))
    weight = step * decay / (1 + decay) ** 2
    return 0.5 * jax.scipy.special.erfc((y - field[..., None]) / (std[..., None] * math.sqrt(2))) @ weight


@check_arguments
def logistic_normal(
    field: Float[ArrayLike, "..."],
    std: Float[ArrayLike, "..."],
    *,
    reach: float = UNDERFLOW,
    digits: int = 16,
) -> Float[Array, "..."]:
    """Probability that a Boltzmann unit turns on, averaged over Gaussian noise on its input.

    .. math:: S(h; r) = \\int \\frac{1}{1 + e^{-(h + r z)}} \\frac{e^{-z^2/2}}{\\sqrt{2\\pi}} \\, dz

    The integral is computed by the trapezoid rule, with a relative error of at most 1e-14 for h ≤ 0, or of |h| ε for
    |h| > 100, which is due to the rounding of h. Gauss–Hermite quadrature is inaccurate: with 20 nodes, at h = −20 and
    r = 7, its error is 8 %. For h > 0 the value is computed as 1 − S(−h); use S(−h) itself where the relative precision
    of a small complement matters.

    Parameters
    ----------
    field : h, any shape
    std : r ≥ 0, broadcast against `field`
    reach : upper bound on |h| in `field`; a smaller bound saves time
    digits : number of accurate decimal digits; fewer digits save time

    Returns
    -------
    array of float64, with the broadcast shape of `field` and `std`; NaN where one of them is NaN

    Examples
    --------
    >>> float(logistic_normal(-20.0, 7.0))  # 40-digit quadrature: 0.002861040665408165
    0.00286104066540816...
    """
    integer(digits, "digits")
    require(not math.isnan(reach), f"reach {reach:g}", "a bound on |h|")
    if not isinstance(field, Tracer) and not isinstance(std, Tracer):
        shapes = np.shape(field), np.shape(std)
        try:
            np.broadcast_shapes(*shapes)
        except ValueError:
            raise InputError(
                f"field of shape {shapes[0]} and std of shape {shapes[1]}; shapes that broadcast"
            ) from None
    return _average(jnp.asarray(field, float), jnp.asarray(std, float), reach, digits)


@partial(jax.jit, static_argnames=("reach", "digits"))
def _average(field: Array, std: Array, reach: float, digits: int) -> Array:
    """Return S(h; r), with h ≤ 0 evaluated directly and h > 0 as 1 − S(−h; r)."""
    h, r = jnp.broadcast_arrays(field, std)
    log_accuracy = math.log(10.0) * (digits + 1)
    low = -jnp.abs(h)
    weak = r < SWITCH
    over_gaussian = _over_gaussian(low, jnp.where(weak, r, SWITCH), log_accuracy)
    over_logistic = _over_logistic(low, jnp.where(weak, SWITCH, r), log_accuracy, reach)
    tail = jnp.where(weak, over_gaussian, over_logistic)
    return jnp.where(h <= 0, tail, 1.0 - tail)
