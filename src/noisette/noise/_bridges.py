"""Refinement of recorded paths: values between the times of a record, by Lévy's construction of bridges.

A recorded step is halved again and again, up to 20 times. The value at the middle of an interval is drawn from its
distribution given the values at both ends, with a key derived from the recorded step and from the index of the interval
in the binary tree of intervals. The value at a time is therefore a function of the record and of this time: it depends
neither on the order in which times are evaluated nor on the step of the simulation.

References
----------
Lévy (1948), Processus stochastiques et mouvement brownien. Gauthier-Villars.
Gaines & Lyons (1997), SIAM Journal on Applied Mathematics 57:1455.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from noisette.noise._base import Noise, Time
from noisette.random_numbers import fold_in, normal

DEPTH = 20  # number of halvings of a recorded step
PARTS = 1 << DEPTH  # number of times in a recorded step at which a path is defined
Value = Float[Array, " N"]


class Position(NamedTuple):
    """A time on the grid of a record: index of the recorded step, and offset in units of 2⁻²⁰ of its length."""

    step: Int[Array, ""]
    offset: Int[Array, ""]


def position(time: Time, dt: Time) -> Position:
    """Return the position of a time in a record with steps of `dt`, rounded to 2⁻²⁰ dt.

    Times are products of floating-point numbers, such as 3 · 0.1; rounding restores their position on the grid.

    Examples
    --------
    >>> [int(part) for part in position(3 * 0.1, 0.1)], int(position(0.05, 0.1).offset) == PARTS // 2
    ([3, 0], True)
    """
    index = jnp.round(time / jnp.asarray(dt) * PARTS).astype(int)
    return Position(index >> DEPTH, index & (PARTS - 1))


def bridge(
    left: Value,
    right: Value,
    offset: Int[Array, ""],
    length: Float[Array, ""],
    midpoint: Callable[[Value, Value, Array, Array], Value],
    key: Array,
) -> Value:
    """Return the value of a path at an offset within an interval, given its values at both ends.

    Parameters
    ----------
    left, right : values at both ends, shape (N,)
    offset : offset from the left end, in units of 2⁻²⁰ of the length
    length : length of the interval
    midpoint : function of the values at both ends of an interval, its length and a key to the value at its middle
    key : key of the interval

    Examples
    --------
    >>> mean = lambda left, right, length, key: (left + right) / 2
    >>> zero, one = jnp.zeros(1), jnp.ones(1)
    >>> float(bridge(zero, one, jnp.asarray(3 * PARTS // 8), jnp.ones(()), mean, jax.random.key(0))[0])
    0.375
    """

    def halve(carry):
        left, right, rest, node, length = carry
        # the condition always holds; without it, XLA fuses the random numbers with both ends and draws them twice
        middle = jax.lax.cond(rest > 0, lambda: midpoint(left, right, length, fold_in(key, node)), lambda: left)
        upper = rest >= PARTS // 2
        ends = jnp.where(upper, middle, left), jnp.where(upper, right, middle)
        return *ends, (2 * rest) & (PARTS - 1), 2 * node + upper, length / 2

    # the nodes are numbered from 1 row by row, so that an interval has the same number at every depth of evaluation
    start = left, right, offset, jnp.ones((), offset.dtype), jnp.asarray(length, left.dtype)
    return jax.lax.while_loop(lambda carry: carry[2] > 0, halve, start)[0]


def brownian_midpoint(law: Noise, size: int) -> Callable[[Value, Value, Array, Array], Value]:
    """Return the law of a Brownian path at the middle of an interval: N((a + b)/2, C h/4) for an intensity C.

    Parameters
    ----------
    law : white noise with covariance C = diag(s²) + Lᵀ L per unit of time, see `Noise.step_law`
    size : number of units N
    """
    std, factors = law.step_law(size, None)

    def midpoint(left, right, length, key):
        drawn = std * normal(fold_in(key, 0), (size,))
        if len(factors):
            drawn = drawn + normal(fold_in(key, 1), (len(factors),)) @ factors
        return (left + right) / 2 + jnp.sqrt(length) / 2 * drawn

    return midpoint


def relaxing_midpoint(std: Array, tau: Array | float, size: int) -> Callable[[Value, Value, Array, Array], Value]:
    """Return the law of an Ornstein–Uhlenbeck process at the middle of an interval.

    With ρ = e^(−h/2τ) the value is N(ρ (a + b)/(1 + ρ²), s² (1 − ρ²)/(1 + ρ²)) for an interval of length h.

    Parameters
    ----------
    std, tau : s and τ of the process; infinity for a constant value
    size : number of units N
    """

    def midpoint(left, right, length, key):
        decay = jnp.exp(-length / (2 * tau))
        variance = -jnp.expm1(-length / tau) / (1 + decay**2)
        return decay / (1 + decay**2) * (left + right) + std * jnp.sqrt(variance) * normal(key, (size,))

    return midpoint
