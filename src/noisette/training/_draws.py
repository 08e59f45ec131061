"""Random numbers of a trial: standard normal, in float32, independent of the order of units."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt

from noisette.random_numbers import threefry

INITIAL_STD = 0.01  # standard deviation of the state in which a trial begins
QUANTILE = (
    *(-0.00110317182, 0.000871911194, 0.00811514901, -0.0109705898, -0.0181625949),
    *(0.0570141281, -0.0575257158, -0.00749190665, 1.59994318, 3.10810807),
)


def initial_units(key: PRNGKeyArray, size: int) -> Float[Array, " N"]:
    """Return x_0, the state in which a trial begins, in float32."""
    return INITIAL_STD * jax.random.normal(key, (size,), jnp.float32)


def trial_noise(
    key: PRNGKeyArray, steps: int, size: int, channels: int, order: Int[Array, " N"] | None = None
) -> tuple[Float[Array, "steps C"], Float[Array, "steps N"], Float[Array, " N"]]:
    """Return ψ, ξ and x_0 of one trial, in float32.

    Each unit and each channel has its own counter, so that a permutation of the units by `order` permutes the numbers
    without changing any.
    """
    noise_key, initial_key = jax.random.split(key)
    columns = jnp.arange(size + channels, dtype=jnp.uint32)  # N units, then C channels
    initial = initial_units(initial_key, size)
    if order is not None:
        columns, initial = columns.at[:size].set(order.astype(jnp.uint32)), initial[order]
    values = normal(noise_key, steps, columns)  # (steps, N + C)
    return values[:, size:], values[:, :size], initial


def normal(
    key: PRNGKeyArray, rows: int, columns: Int[Array, " columns"] | UInt[Array, " columns"]
) -> Float[Array, "rows columns"]:
    """Return standard normal numbers in float32; each column depends only on the key and its own index.

    Drawing noise takes a quarter of the time of a trial. `jax.random.normal` takes twice as long as this function, for
    two reasons. First, Threefry turns a pair of counters (time, column) into two words; both are used in the same
    column, at times t and t + rows/2, so that columns can be drawn in any order at no cost. Second, the quantile
    function is one polynomial with a relative error of 1e-5, without a branch for the tails.

    Examples
    --------
    >>> import jax
    >>> values = normal(jax.random.key(0), 1001, jnp.arange(101))
    >>> values.shape, bool(abs(values.mean()) < 0.02), bool(abs(values.var() - 1) < 0.02)
    ((1001, 101), True, True)
    >>> bool((normal(jax.random.key(0), 1001, jnp.array([7]))[:, 0] == values[:, 7]).all())
    True
    """
    half = jnp.arange((rows + 1) // 2, dtype=jnp.uint32)
    counters = jnp.broadcast_arrays(half[:, None], columns.astype(jnp.uint32))  # each (rows/2, columns)
    bits = jnp.concatenate(threefry(jax.random.bits(key, (2,), jnp.uint32), *counters))[:rows]
    # The upper 23 bits select one of 2²³ equal parts of (−1, 1); u is the centre of that part. |u| ≤ 1 − 2⁻²³ < 1,
    # so that the quantile is finite, and u is exact in float32.
    return quantile((bits >> 9).astype(jnp.float32) * jnp.float32(2**-22) - jnp.float32(1 - 2**-23))


def quantile(uniform: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return √2 erf⁻¹(u) for \\|u\\| < 1 in float32, with a relative error of 1e-5.

    .. math:: \\sqrt 2\\, \\operatorname{erf}^{-1}(u) = u\\, p\\big(\\sqrt{2 - \\ln(1 - u^2)} - 2.75\\big)

    The argument makes the function nearly linear: erf⁻¹(u) grows as √(−ln(1 − u²)) towards the ends, and the 2 keeps
    the root smooth at u = 0. The polynomial p of degree 9 is fitted in relative error up to \\|u\\| = 1 − 2⁻²⁴, and
    evaluated by Horner's rule about the centre of the range of the root. 1 − u² is computed as (1 − u)(1 + u), which
    loses no digits at the ends.

    Examples
    --------
    >>> bool(abs(quantile(jnp.float32(0.95)) - 1.959964) < 2e-5)
    True
    """
    root = jnp.sqrt(2 - jnp.log((1 - uniform) * (1 + uniform))) - jnp.float32(2.75)
    value = jnp.full_like(root, QUANTILE[0])
    for coefficient in QUANTILE[1:]:
        value = value * root + jnp.float32(coefficient)
    return value * uniform
