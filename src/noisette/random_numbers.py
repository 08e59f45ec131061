"""Counter-based random numbers in float64: uniform and standard normal numbers, and keys.

A number depends only on its key and its index, so that it is the same for any batch size and any number of threads.
Keys are those of `jax.random`; numbers are drawn by Philox-2x32 with 10 rounds, whose products of 32 by 32 bits XLA
vectorises in the registers that hold the numbers of float64. The rounds are unrolled: XLA fuses them with the
transformation of the bits, and with the code that uses the numbers, into one loop. `jax.random` has loops over rounds,
which prevent this, and a quantile function with branches. The functions are compiled as programs of their own, so that
the many programs that call them are traced in less time; XLA inlines the calls.

References
----------
Salmon, Moraes, Dror & Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC '11.
"""

import math
from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.lax import bitcast_convert_type
from jaxtyping import Array, Float, PRNGKeyArray, UInt

ROTATIONS = (13, 15, 26, 6), (17, 29, 16, 24)  # of Threefry-2x32, alternating from one group of four rounds to the next
MULTIPLIER, INCREMENT, ROUNDS = 0xD256D193, 0x9E3779B9, 10  # of Philox-2x32
MASK = 0xFFFF_FFFF  # the low word of 64 bits
ONE = 0x3FF0_0000_0000_0000  # bits of 1.0 in float64
HALF_STEP_40, HALF_STEP_24 = 1 << 11, 1 << 27  # bits that add half of 2⁻⁴⁰ or of 2⁻²⁴ to a number in [1, 2)
ROOT_HALF = 0x3FE6_A09E_667F_3BCD  # bits of √½
INTEGERS = 1.5 * 2.0**52  # numbers in [2⁵², 2⁵³) are integers
INTEGER = 0x4330_0000_0000_0000  # bits of 2⁵²; the fraction of a number in [2⁵², 2⁵³) is an integer
LOGARITHM = (  # coefficients of ln(1 + x)/x on [√½ − 1, √2 − 1], from x⁰; relative error 2e-15
    *(0.9999999999999982, -0.4999999999999949, 0.3333333333356651, -0.250000000004906, 0.1999999994927493),
    *(-0.16666666547716802, 0.142857184516011, -0.12500011471341066, 0.11110946732564925, -0.09999461251094016),
    *(0.09094245643118994, -0.08346792322588518, 0.07660269933848152, -0.06962422860954641, 0.0672671996026464),
    *(-0.0742774141525569, 0.06999188890512222, -0.03253855332837162),
)
SINE = (  # coefficients of sin(πv/2)/v in powers of v² on [0, 1], from v⁰; relative error 4e-16
    *(1.5707963267948963, -0.6459640975062232, 0.07969262624568337, -0.004681754131447062, 0.0001604411695631063),
    *(-3.5988107063136794e-06, 5.688318064017795e-08, -6.449471237809134e-10),
)
EXPONENTIAL = tuple(1 / math.factorial(k) for k in range(13))  # on [−½ ln 2, ½ ln 2], relative error 2e-16
Word = UInt[Array, "*shape"]  # 32 bits in an integer of 64 bits


@jax.jit
def philox(key: Array, first: Array, second: Array) -> tuple[Word, Word]:
    """Return the two words of Philox-2x32-10 for a key of one word and a counter of two words.

    Arguments are unsigned integers below 2³²; the results are of type uint64.

    Examples
    --------
    >>> [hex(word) for word in philox(jnp.uint32(0), jnp.uint32(0), jnp.uint32(0))]  # Salmon et al., known answers
    ['0xff1dae59', '0x6cd10df2']
    """
    left, right = first.astype(jnp.uint64), second.astype(jnp.uint64)
    for i in range(ROUNDS):
        round_key = (key + jnp.uint32(i * INCREMENT & MASK)).astype(jnp.uint64)
        product = left * jnp.uint64(MULTIPLIER)
        left, right = (product >> 32) ^ round_key ^ right, product & jnp.uint64(MASK)
    return left, right


def key_words(key: PRNGKeyArray) -> tuple[Array, Array]:
    """Return the two words of a key; for keys of another generator than Threefry, two words drawn with it."""
    data = jax.random.key_data(key) if _is_typed(key) else key
    if data.shape[-1] != 2:
        data = jax.random.bits(key, (2,), jnp.uint32)
    return data[..., 0], data[..., 1]


def words(key: PRNGKeyArray, shape: tuple[int, ...]) -> tuple[Word, Word]:
    """Return two random words of 32 bits for each index of an array of the given shape, in row-major order."""
    size = math.prod(shape)
    if size > MASK:
        raise ValueError(f"{size} numbers from one key; at most 2^32")
    key_word, counter = key_words(key)
    return philox(key_word, jnp.arange(size, dtype=jnp.uint32).reshape(shape), counter)


@partial(jax.jit, static_argnames="shape")
def uniform(key: PRNGKeyArray, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    """Return uniform numbers in (0, 1), float64: the centres of 2⁵² intervals of equal length.

    Examples
    --------
    >>> values = uniform(jax.random.key(0), (10000,))
    >>> round(float(values.mean()), 1), round(float(values.var() * 12), 1)
    (0.5, 1.0)
    """
    first, second = words(key, shape)
    return _as_float((first << 20) | (second >> 12) | jnp.uint64(ONE)) - (1 - 2.0**-53)


@partial(jax.jit, static_argnames="shape")
def normal(key: PRNGKeyArray, shape: tuple[int, ...]) -> Float[Array, "*shape"]:
    """Return standard normal numbers, float64, one from each pair of 32-bit words.

    .. math:: x = \\sqrt{-2 \\ln u}\\, \\sin(\\pi v/2), \\qquad u \\in (0, 1), \\quad v \\in (-1, 1)

    This is the method of Box and Muller with the angle restricted to a half circle, on which the sine has the same
    distribution as on the full one. The radius has 40 bits, so that \\|x\\| ≤ 7.54, which a normal number exceeds with
    probability 5e-14; the angle has the other 24 bits. The logarithm and the sine are polynomials with relative errors
    of 2e-15 and 4e-16, which XLA vectorises, unlike its own logarithm in float64.

    Parameters
    ----------
    key : random key
    shape : shape of the result; a number depends on the key and on its index in an array of this shape, in row-major
        order

    Examples
    --------
    >>> values = normal(jax.random.key(0), (10000,))
    >>> round(float(values.mean()), 1) + 0.0, round(float(values.var()), 1)
    (0.0, 1.0)

    References
    ----------
    Box & Muller (1958), Annals of Mathematical Statistics 29:610.
    """
    u, v = uniform_pair(key, shape)
    return jnp.sqrt(-2 * logarithm(u)) * (v * polynomial(SINE, v * v))


@partial(jax.jit, static_argnames="shape")
def uniform_pair(key: PRNGKeyArray, shape: tuple[int, ...]) -> tuple[Float[Array, "*shape"], Float[Array, "*shape"]]:
    """Return independent uniform numbers u in (0, 1), of 40 bits, and v in (−1, 1), of 24 bits, from the same words.

    Examples
    --------
    >>> u, v = uniform_pair(jax.random.key(0), (10000,))
    >>> round(float(u.mean()), 1), round(float((v**2).mean()), 1)
    (0.5, 0.3)
    """
    first, second = words(key, shape)
    u = 2 - _as_float((first << 20) | ((second & jnp.uint64(0xFF)) << 12) | jnp.uint64(ONE | HALF_STEP_40))
    return u, 2 * _as_float(((second >> 8) << 28) | jnp.uint64(ONE | HALF_STEP_24)) - 3


@jax.jit
def logarithm(value: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return ln x of normal positive numbers in float64, with a relative error of 3e-15.

    x is 2ⁿ(1 + f) with 1 + f in [√½, √2). The bits of x minus those of √½ are those of a number whose exponent is n.

    Examples
    --------
    >>> float(logarithm(jnp.float64(10.0)))
    2.30258509299404...
    """
    bits = bitcast_convert_type(value, jnp.uint64) + jnp.uint64(ONE - ROOT_HALF)
    exponent = _as_float((bits >> 52) | jnp.uint64(INTEGER)) - (2.0**52 + 1023)
    f = _as_float((bits & jnp.uint64((1 << 52) - 1)) + jnp.uint64(ROOT_HALF)) - 1
    return exponent * math.log(2) + f * polynomial(LOGARITHM, f)


@jax.jit
def exponential(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return e^x for \\|x\\| ≤ 700 in float64, with a relative error below 2e-15 (1 + \\|x\\|/10).

    e^x is 2ᵏ e^f with an integer k and \\|f\\| ≤ ½ ln 2. The low bits of k + 1.5 · 2⁵² are those of k.

    Examples
    --------
    >>> float(exponential(jnp.float64(1.0)))
    2.71828182845904...
    """
    k = jnp.round(x * (1 / math.log(2)))  # XLA would cancel an added and subtracted number
    power = (bitcast_convert_type(k + INTEGERS, jnp.uint64) + jnp.uint64(1023)) << 52
    return polynomial(EXPONENTIAL, x - k * math.log(2)) * _as_float(power)


def polynomial(coefficients: Sequence[Any], x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return Σ c_k x^k by Estrin's scheme, whose products depend less on each other than those of Horner's rule.

    Examples
    --------
    >>> float(polynomial((1.0, 2.0, 3.0), jnp.float64(2.0)))
    17.0
    """
    terms, power = list(coefficients), x
    while len(terms) > 1:
        pairs = [low + high * power for low, high in zip(terms[::2], terms[1::2], strict=False)]
        terms = pairs + terms[2 * len(pairs) :]
        power = power * power
    return jnp.broadcast_to(terms[0], x.shape)


def fold_in(key: PRNGKeyArray, number: int | np.integer | Array) -> PRNGKeyArray:
    """Return the key that ``jax.random.fold_in(key, number)`` returns, computed without a loop over rounds.

    Examples
    --------
    >>> key = jax.random.key(1)
    >>> bool(fold_in(key, 7) == jax.random.fold_in(key, 7))
    True
    """
    if _is_typed(key) and jax.random.key_impl(key) != "threefry2x32":
        return jax.random.fold_in(key, number)
    zero = jnp.uint32(0)
    data = jnp.stack(threefry(key_words(key), zero, jnp.asarray(number).astype(jnp.uint32)))
    return jax.random.wrap_key_data(data, impl="threefry2x32") if _is_typed(key) else data


@jax.jit
def threefry(key: tuple[Array, Array] | Array, first: Array, second: Array) -> tuple[Array, Array]:
    """Return the two words of Threefry-2x32-20 for a counter of two words, all of type uint32.

    The result equals that of `jax.random`; the 20 rounds are unrolled.

    Examples
    --------
    >>> zero = jnp.uint32(0)
    >>> [hex(word) for word in threefry((zero, zero), zero, zero)]  # Salmon et al., known answers
    ['0x6b200159', '0x99ba4efe']
    """
    keys = key[0], key[1], key[0] ^ key[1] ^ jnp.uint32(0x1BD11BDA)
    first, second = first + keys[0], second + keys[1]
    for i in range(5):
        for rotation in ROTATIONS[i % 2]:
            first = first + second
            second = first ^ (second << rotation | second >> 32 - rotation)
        first, second = first + keys[(i + 1) % 3], second + keys[(i + 2) % 3] + jnp.uint32(i + 1)
    return first, second


def _is_typed(key: PRNGKeyArray) -> bool:
    """Return whether a key has a key type, and is not a raw array of words."""
    return jnp.issubdtype(key.dtype, jax.dtypes.prng_key)


def _as_float(bits: UInt[Array, "*shape"]) -> Float[Array, "*shape"]:
    """Return the float64 numbers with the given bits."""
    return bitcast_convert_type(bits, jnp.float64)
