"""The logistic function averaged over Gaussian noise."""

import math
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float

# Below this strength the average is taken over the Gaussian variable, above over the logistic one: the
# trapezoid rule's step is bound by the pole at distance π/std in the first form, at distance π in the second.
SWITCH = 2.0
UNDERFLOW = 745.0


def _over_gaussian(field: Array, std: Array, decades: float) -> Array:
    """∫ σ(h + r z) φ(z) dz for h ≤ 0 and r ≤ SWITCH."""
    step = 2 * math.pi**2 / SWITCH / (decades + 1)
    nodes = np.arange(-1, 2, 2)[:, None] * step * np.arange(math.ceil((math.sqrt(2 * decades) + SWITCH) / step))
    z = np.unique(nodes)
    weight = step * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return jax.nn.sigmoid(field[..., None] + std[..., None] * z) @ weight


def _over_logistic(field: Array, std: Array, decades: float, reach: float) -> Array:
    """E[Φ((h − y)/r)] over logistic y, for h ≤ 0 and r ≥ SWITCH."""
    step = 2 * math.pi**2 / (decades + 5)
    y = step * np.arange(-math.ceil(min(decades + reach, UNDERFLOW) / step), math.ceil(decades / step) + 1)
    fall = np.exp(-np.abs(y))
    weight = step * fall / (1 + fall) ** 2
    return 0.5 * jax.scipy.special.erfc((y - field[..., None]) / (std[..., None] * math.sqrt(2))) @ weight


def logistic_normal(
    field: Float[ArrayLike, "..."],
    std: Float[ArrayLike, "..."],
    *,
    reach: float = UNDERFLOW,
    digits: int = 16,
) -> Float[Array, "..."]:
    """Probability that a noisy Boltzmann unit goes on, averaged exactly over its Gaussian noise.

    .. math:: S(h; r) = \\int \\frac{1}{1 + e^{-(h + r z)}} \\frac{e^{-z^2/2}}{\\sqrt{2\\pi}} \\, dz

    A trapezoid rule; relative error at most 1e-14 for h ≤ 0 (for |h| beyond 100 as far as h itself is
    known: |h| ε). Gauss–Hermite rules are wrong here, by 8 % with 20 nodes at h = −20, r = 7.
    For h > 0 the value is 1 − S(−h): take the small one of the two where precision matters.

    Parameters
    ----------
    field : h, any shape
    std : r ≥ 0, broadcast against `field`
    reach : largest |h| in `field`; a smaller bound saves time
    digits : decimal digits wanted; fewer save time

    Returns
    -------
    array of float64, shape of `field` and `std` broadcast

    Examples
    --------
    >>> float(logistic_normal(-20.0, 7.0))  # 40-digit quadrature: 0.002861040665408165
    0.00286104066540816...
    """
    return _average(jnp.asarray(field, float), jnp.asarray(std, float), reach, digits)


@partial(jax.jit, static_argnames=("reach", "digits"))
def _average(field: Array, std: Array, reach: float, digits: int) -> Array:
    h, r = jnp.broadcast_arrays(field, std)
    decades = math.log(10.0) * (digits + 1)
    low = -jnp.abs(h)
    weak = r < SWITCH
    over_gaussian = _over_gaussian(low, jnp.where(weak, r, SWITCH), decades)
    over_logistic = _over_logistic(low, jnp.where(weak, SWITCH, r), decades, reach)
    tail = jnp.where(weak, over_gaussian, over_logistic)
    return jnp.where(h <= 0, tail, 1.0 - tail)
