"""Transition probabilities of a binary network: as a dense matrix, or as a row-wise product of two thin matrices."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.special import ndtr

from noisette.codes import states
from noisette.errors import InputError, require
from noisette.networks import BinaryNetwork, SignNetwork, rounded_reach

DENSE_LIMIT = 12
FREE_LIMIT = 16
ROWS = 4096
NEGLIGIBLE = 1e-300
SHARED_LIMIT = 1000.0  # width of shared noise, relative to a unit's own switching, that the quadrature resolves


class Law(NamedTuple):
    """Gaussian noise of one step: std per unit (or None), and the loadings of one shared factor (or None)."""

    std: Float[Array, " N"] | None
    shared: Float[Array, " N"] | None


def law(network: BinaryNetwork, time: int | None = None) -> Law:
    """Return the noise of step `time` (or of every step), parallel shared factors merged into one."""
    std, factors = network.noise.step_law(network.size, time)
    loadings = np.asarray(factors)
    loadings = loadings[np.any(loadings != 0, axis=1)]
    if not len(loadings):
        return Law(std, None)
    strengths = np.linalg.svd(loadings, compute_uv=False)
    require(
        len(strengths) == 1 or strengths[1] <= 1e-12 * strengths[0],
        f"noise with {len(loadings)} different shared factors",
        "exact theory averages over one shared factor",
        "simulate, or make the loadings parallel",
    )
    return Law(std, jnp.asarray(np.sqrt((loadings**2).sum(0))))


def fits(network: BinaryNetwork, limit: int, remedy: str) -> None:
    """Refuse a network of more than `limit` units, and state the memory it would need."""
    n = network.size
    if n > limit:
        gigabytes = 8 * 4.0**n / 1e9 if n < 200 else math.inf
        raise InputError(
            f"{n} units are too many for the exact chain (2^{n} states, {gigabytes:.3g} GB as a matrix); "
            f"at most {limit} are allowed here; {remedy}"
        )


def probabilities(
    network: BinaryNetwork, fields: Float[Array, "A N"], std: Float[Array, " N"] | None, reach: float
) -> tuple[Float[Array, "A N"], Float[Array, "A N"]]:
    """Return (P(down), P(up)) of each unit, each accurate to its own last digits."""
    q = network.flip_probability(fields, std, reach=reach)
    return jnp.where(fields >= 0, q, 1 - q), jnp.where(fields >= 0, 1 - q, q)


def log_transition(network: BinaryNetwork, std: Float[Array, " N"] | None) -> np.ndarray:
    """Return ln P[a, b] in independent noise, over the whole range of rates and not that of float64."""
    every = states(network.size)
    fields = network.field(every)
    against = np.asarray(network.log_flip_probability(fields, std, reach=network.reach()))
    along = np.log1p(-np.exp(against))
    up = np.where(np.asarray(fields) >= 0, along, against)
    down = np.where(np.asarray(fields) >= 0, against, along)
    # −inf where a flip is impossible: no products with 0, which would be NaN
    return np.where(every > 0, up[:, None, :], down[:, None, :]).sum(-1)


def khatri_rao(down: Float[Array, "A n"], up: Float[Array, "A n"]) -> Float[Array, "A states"]:
    """Return the probability of each joint state of n independent units, row by row, first unit first."""
    rows = jnp.ones((down.shape[0], 1))
    for n in range(down.shape[1]):
        pair = jnp.stack([down[:, n], up[:, n]], axis=-1)
        rows = (rows[:, :, None] * pair[:, None, :]).reshape(len(rows), -1)
    return rows


def dense(network: BinaryNetwork, noise: Law, reach: float) -> Float[Array, "states states"]:
    """Return P[a, b], the probability to go from code a to code b; traceable."""
    fields = network.field(jnp.asarray(states(network.size)))
    if noise.shared is None:
        return khatri_rao(*probabilities(network, fields, noise.std, reach))
    if isinstance(network, SignNetwork) and not np.any(np.asarray(noise.std)):
        return _sign_common(network, np.asarray(fields), np.asarray(noise.shared))
    return _common(network, fields, noise, reach)


def _common(network: BinaryNetwork, fields: Array, noise: Law, reach: float) -> Array:
    """Average the product kernel over a shared Gaussian factor ζ, by a trapezoid rule on it."""
    shared, size = np.asarray(noise.shared), network.size
    # The rule's step respects the nearest singularity: the logistic pole, N-fold where loadings are equal; for
    # sign units the width of Φ.
    width = np.asarray(noise.std) if isinstance(network, SignNetwork) else math.pi
    distance = float(np.min(np.where(shared > 0, width / np.maximum(shared, 1e-300), np.inf)))
    ratio = 1 / distance if distance > 0 else math.inf
    require(
        ratio < SHARED_LIMIT,
        f"shared noise {ratio:.3g} times as wide as one unit's own switching",
        f"a ratio below {SHARED_LIMIT:g} is resolved",
        "weaken the shared noise or simulate",
    )
    step = min(0.4, 2 * math.pi * distance / (40 + 5 * size))
    half = min(39.0, 8.8 + min(float(shared.sum()), math.sqrt(2 * size * reach) + 1))
    batch = max(1, 4096 >> size)
    # node numbers and bounds are rounded up, so that compiled code is shared between strengths
    count = batch * 2 ** math.ceil(math.log2(max(2 * half / step / batch, 1)))
    z = step * (np.arange(count) - count / 2)
    mass = step * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return _average(
        network,
        fields,
        noise if np.any(np.asarray(noise.std)) else Law(None, noise.shared),  # no integral within the integral
        rounded_reach(reach + float(half * shared.max())),
        z.reshape(-1, batch),
        mass.reshape(-1, batch),
    )


@partial(jax.jit, static_argnames="reach")
def _average(network: BinaryNetwork, fields: Array, noise: Law, reach: float, z: Array, mass: Array) -> Array:
    def kernel(node):
        return khatri_rao(*probabilities(network, fields + node * noise.shared, noise.std, reach))

    def add(total, nodes):
        at, weight = nodes
        return total + jnp.tensordot(weight, jax.vmap(kernel)(at), 1), None

    return jax.lax.scan(add, jnp.zeros((len(fields), len(fields))), (z, mass))[0]


def _sign_common(network: SignNetwork, fields: np.ndarray, shared: np.ndarray) -> Array:
    """Follow the sign pattern as the shared factor ζ sweeps the line: a step function of ζ, so exact."""
    coupled, tie = shared > 0, float(network.zero_tolerance())
    rows = []
    for h in fields:
        cuts = np.unique(-h[coupled] / shared[coupled])
        left, right = np.append(-np.inf, cuts), np.append(cuts, np.inf)
        # each interval measured from its nearer end: the smaller tail keeps its digits
        mass = np.where(left > 0, ndtr(-left) - ndtr(-right), ndtr(right) - ndtr(left))
        inside = np.concatenate([[cuts[0] - 1], (cuts[1:] + cuts[:-1]) / 2, [cuts[-1] + 1]])
        u = np.where(coupled, h + inside[:, None] * shared, np.where(np.abs(h) <= tie, 0.0, h))
        up = np.where(u == 0, 0.5, u > 0)
        rows.append(mass @ np.asarray(khatri_rao(jnp.asarray(1 - up), jnp.asarray(up))))
    return jnp.asarray(np.stack(rows))


def by_blocks(measure: Callable[[Array], Any], network: BinaryNetwork) -> Any:
    """Return `measure(fields)` for the fields of all states, in blocks of states to bound the memory."""
    every = states(network.size)
    rows = min(len(every), 512)
    blocks = jax.lax.map(lambda s: measure(network.field(s)), every.reshape(-1, rows, network.size))
    return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), blocks)


class Factors(NamedTuple):
    """P[a, (i, j)] = first[a, i] · second[a, j]: a row-wise Khatri–Rao product of two thin matrices."""

    first: Float[Array, "A I"]
    second: Float[Array, "A J"]


@partial(jax.jit, static_argnames="reach")
def factors(network: BinaryNetwork, std: Float[Array, " N"], reach: float) -> Factors:
    """Return the two factors of the kernel, the first for the leading half of the units."""
    half = network.size // 2

    def block(fields):
        down, up = probabilities(network, fields, std, reach)
        return Factors(khatri_rao(down[:, :half], up[:, :half]), khatri_rao(down[:, half:], up[:, half:]))

    return by_blocks(block, network)


def apply(kernel: Factors, p: np.ndarray) -> np.ndarray:
    """Return pP without the matrix P: products of thin matrices, block of rows by block of rows."""
    first, second = np.asarray(kernel.first), np.asarray(kernel.second)
    total = np.zeros((first.shape[1], second.shape[1]))
    for start in range(0, len(p), ROWS):
        rows = slice(start, start + ROWS)
        total += (first[rows] * p[rows, None]).T @ second[rows]
    return total.ravel()


def transition_matrix(network: BinaryNetwork, time: int | None = None) -> np.ndarray:
    """Transition probabilities between all states, the noise of one step averaged exactly.

    .. math:: P(s'|s) = \\prod_n S(s'_n h_n(s); r_n), \\qquad h = W s + b

    Parameters
    ----------
    network : at most 12 units, in memoryless Gaussian noise (White, Common, Pulse, sums, gates)
    time : step whose noise counts, needed for noise gated in time only

    Returns
    -------
    array of float64, shape (2**N, 2**N): row = code of the state left, column = code of the state entered

    Raises
    ------
    InputError : too many units; noise with memory, with several different shared factors, or gated in
        time if no step is given.

    Examples
    --------
    >>> import noisette as nz
    >>> P = transition_matrix(nz.Boltzmann([[2.0]]))
    >>> P.round(4)
    array([[0.8808, 0.1192],
           [0.1192, 0.8808]])
    """
    fits(network, DENSE_LIMIT, "use the matrix-free measures, or simulate")
    matrix = np.asarray(matrix_of(network, law(network, time)))
    # near the smallest float64 a probability has no digits left and its inverse overflows, so it is set to zero
    return np.where(matrix < NEGLIGIBLE, 0.0, matrix)


def matrix_of(network: BinaryNetwork, noise: Law) -> Float[Array, "states states"]:
    if noise.shared is None:
        return _white(network, noise.std, network.reach())
    return dense(network, noise, network.reach())


@partial(jax.jit, static_argnames="reach")
def _white(network: BinaryNetwork, std: Array, reach: float) -> Array:
    return dense(network, Law(std, None), reach)
