"""Random numbers of a trial: standard normal, in float32, independent of the order of units."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PRNGKeyArray, UInt

from noisette.networks import StepNoise
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


class Stds(NamedTuple):
    """The standard deviations of `StepNoise`; None for a place without noise, for which nothing is compiled.

    As arrays they are arguments of the compiled program, which then serves networks with any noise at these places.
    """

    activation: Float[Array, ""] | float | None = None
    rate: Float[Array, ""] | float | None = None
    synapses: Float[Array, ""] | float | None = None
    readout: Float[Array, ""] | float | None = None


def stds_of(step_noise: StepNoise) -> Stds | None:
    """Return the standard deviations as arrays of float32; None if all are zero.

    Examples
    --------
    >>> stds = stds_of(StepNoise(rate=0.5))
    >>> stds.activation is None, float(stds.rate)
    (True, 0.5)
    """
    return Stds(*(jnp.float32(std) if std else None for std in step_noise)) if any(step_noise) else None


class PlacedNoise(NamedTuple):
    """Noise of a trial of T steps at the places of `networks.StepNoise`; None where there is none.

    Parameters
    ----------
    activation : κ ν_0 … κ ν_T, shape (T + 1, N)
    rate : ρ ω_0 … ρ ω_T, shape (T + 1, N)
    synapses : ς Z, shape (N, K)
    readout : ε υ_1 … ε υ_T, shape (T, outputs)
    """

    activation: Float[Array, "times N"] | None = None
    rate: Float[Array, "times N"] | None = None
    synapses: Float[Array, "N K"] | None = None
    readout: Float[Array, "steps outputs"] | None = None


def placed_noise(
    key: PRNGKeyArray,
    stds: Stds,
    steps: int,
    *,
    size: int,
    outputs: int,
    order: Int[Array, " N"] | None = None,
    width: int | None = None,
) -> PlacedNoise:
    """Return the noise of one trial at other places than the current, in float32.

    The keys differ from those of `trial_noise`, whose numbers therefore do not depend on `stds`. A permutation of the
    units by `order` permutes the numbers; only the first `width` columns of synaptic noise are returned.
    """
    units = jnp.arange(size) if order is None else order
    keys = [jax.random.fold_in(key, 2 + i) for i in range(len(stds))]  # `jax.random.split` uses 0 and 1

    def scaled(place: int, rows: int, columns: Array) -> Array | None:
        std = stds[place]
        return None if std is None else std * normal(keys[place], rows, columns)

    relative = scaled(2, size, units[:width])
    return PlacedNoise(
        scaled(0, steps + 1, units),
        scaled(1, steps + 1, units),
        relative if relative is None or order is None else relative[order],
        scaled(3, steps, jnp.arange(outputs)),
    )


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
