"""Transition probabilities of a binary network: a dense matrix, or a row-wise Khatri–Rao product of two matrices."""

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from scipy.special import ndtr

from noisette.arguments import check_arguments
from noisette.codes import states
from noisette.errors import InputError, require
from noisette.networks import BinaryNetwork, SignNetwork, rounded_reach

DENSE_LIMIT = 12  # largest number of units with a dense matrix, 134 MB
FREE_LIMIT = 16  # largest number of units without it
ROWS = 4096  # states per block of matrix-free products, which bounds the memory
NEGLIGIBLE = 1e-300  # transition probabilities below this are set to zero
SHARED_LIMIT = 1000.0  # largest width of shared noise, relative to the width of a unit's transfer function


class Law(NamedTuple):
    """Gaussian noise of one step: standard deviation per unit and loadings of one shared factor; either may be None."""

    std: Float[Array, " N"] | None
    shared: Float[Array, " N"] | None


def law(network: BinaryNetwork, time: int | None = None) -> Law:
    """Return the noise of step `time`, or of every step, with parallel shared factors merged into one.

    Raises
    ------
    InputError : If the noise has several shared factors that are not parallel.
    """
    std, factors = network.noise.step_law(network.size, time)
    loadings = np.asarray(factors)
    loadings = loadings[np.any(loadings != 0, axis=1)]
    if not len(loadings):
        return Law(std, None)
    # parallel factors c_k l ζ_k with independent ζ_k add up to a single factor with loadings (Σ c_k²)^½ l. Its overall
    # sign is arbitrary because ζ is symmetric, but the signs of the units relative to each other are not.
    strengths = np.linalg.svd(loadings, compute_uv=False)
    require(
        len(strengths) == 1 or strengths[1] <= 1e-12 * strengths[0],
        f"noise with {len(loadings)} different shared factors",
        "the exact theory averages over a single shared factor",
        "simulate, or make the loadings parallel",
    )
    strongest = loadings[np.abs(loadings).sum(1).argmax()]
    return Law(std, jnp.asarray(np.copysign(np.sqrt((loadings**2).sum(0)), strongest)))


def fits(network: BinaryNetwork, limit: int, remedy: str) -> None:
    """Raise `InputError` for more than `limit` units, with the memory that the matrix would need and a remedy."""
    n = network.size
    if n > limit:
        gigabytes = 8 * 4.0**n / 1e9 if n < 200 else math.inf
        raise InputError(
            f"{n} units are too many for the exact chain (2^{n} states, {gigabytes:.3g} GB as a matrix); "
            f"at most {limit} are allowed; {remedy}"
        )


def probabilities(
    network: BinaryNetwork, fields: Float[Array, "A N"], std: Float[Array, " N"] | None, reach: float
) -> tuple[Float[Array, "A N"], Float[Array, "A N"]]:
    """Return P(down) and P(up) of each unit, the smaller of them with a small relative error."""
    # q is the probability against the field; 1 − q is used only where it exceeds 1/2, so that nothing cancels
    q = network.flip_probability(fields, std, reach=reach)
    return jnp.where(fields >= 0, q, 1 - q), jnp.where(fields >= 0, 1 - q, q)


def log_transition(network: BinaryNetwork, std: Float[Array, " N"] | None) -> np.ndarray:
    """Return ln P[a, b] in independent noise, also where P underflows in float64, shape (2^N, 2^N)."""
    every = states(network.size)
    fields = network.field(every)
    against = np.asarray(network.log_flip_probability(fields, std, reach=network.reach()))
    along = np.log1p(-np.exp(against))
    up = np.where(np.asarray(fields) >= 0, along, against)
    down = np.where(np.asarray(fields) >= 0, against, along)
    # np.where selects the logarithms: sums weighted by 0 and 1 would give NaN where a logarithm is −∞
    return np.where(every > 0, up[:, None, :], down[:, None, :]).sum(-1)


def khatri_rao(down: Float[Array, "A n"], up: Float[Array, "A n"]) -> Float[Array, "A states"]:
    """Return the probabilities of the 2^n joint states of n independent units, row by row; unit 0 varies slowest."""
    rows = jnp.ones((down.shape[0], 1))
    for n in range(down.shape[1]):
        pair = jnp.stack([down[:, n], up[:, n]], axis=-1)
        rows = (rows[:, :, None] * pair[:, None, :]).reshape(len(rows), -1)
    return rows


def dense(network: BinaryNetwork, noise: Law, reach: float) -> Float[Array, "states states"]:
    """Return P[a, b], the probability of the transition from code a to code b; can be traced by JAX."""
    fields = network.field(jnp.asarray(states(network.size)))
    if noise.shared is None:
        return khatri_rao(*probabilities(network, fields, noise.std, reach))
    if isinstance(network, SignNetwork) and not np.any(np.asarray(noise.std)):
        return _sign_common(network, np.asarray(fields), np.asarray(noise.shared))
    return _common(network, fields, noise, reach)


def _common(network: BinaryNetwork, fields: Array, noise: Law, reach: float) -> Array:
    """Return the transition matrix averaged over a shared Gaussian factor ζ, by the trapezoidal rule.

    Given ζ the units are independent, with the fields h + ζ · loadings.
    """
    shared, size = np.abs(np.asarray(noise.shared)), network.size
    # the error of the trapezoidal rule falls as exp(−2π distance/step), with the distance of the real axis of ζ to the
    # nearest singularity: for logistic units the pole at iπ over the loading, of order N where loadings are equal, and
    # for sign units the width over which Φ rises
    std = np.asarray(noise.std) if noise.std is not None else np.zeros(size)
    width = std if isinstance(network, SignNetwork) else math.pi
    distance = float(np.min(np.where(shared > 0, width / np.maximum(shared, 1e-300), np.inf)))
    ratio = 1 / distance if distance > 0 else math.inf
    require(
        ratio < SHARED_LIMIT,
        f"shared noise {ratio:.3g} times as wide as the transfer function of a unit",
        f"ratios below {SHARED_LIMIT:g} are resolved",
        "use weaker shared noise, or simulate",
    )
    step = min(0.4, max(2 * math.pi * distance / (40 + 5 * size), _smooth_step(std, shared)))
    # beyond the largest shift of e^(−ζ²/2) by the tails, 8.8 standard deviations leave e^(−39)
    half = min(39.0, 8.8 + _largest_shift(network, np.asarray(fields), std, shared, reach))
    batch = max(1, 4096 >> size)
    # numbers of nodes and bounds are rounded up, so that different strengths of noise share compiled code
    count = batch * 2 ** math.ceil(math.log2(max(2 * half / step / batch, 1)))
    z = step * (np.arange(count) - count / 2)
    mass = step * np.exp(-(z**2) / 2) / math.sqrt(2 * math.pi)
    return _average(
        network,
        fields,
        noise if np.any(np.asarray(noise.std)) else Law(None, noise.shared),  # skips averages over absent noise
        rounded_reach(reach + float(half * shared.max())),
        z.reshape(-1, batch),
        mass.reshape(-1, batch),
    )


def _largest_shift(
    network: BinaryNetwork, fields: np.ndarray, std: np.ndarray, shared: np.ndarray, reach: float
) -> float:
    """Return how far, at most, the maximum of the integrand in ζ is from 0.

    Products of logistic tails fall at most as e^(−ζ Σ |loadings|), which shifts the maximum by at most Σ |loadings|.
    Tails of sign units fall as Φ(−x), x = (|h| − ζ loading)/σ, with a logarithmic slope below x + 1, so the maximum is
    where ζ = Σ (loading/σ) (x + 1) at most.
    """
    if not isinstance(network, SignNetwork):
        return min(float(shared.sum()), math.sqrt(2 * network.size * reach) + 1)
    width = np.where(shared > 0, std, 1.0)  # units without shared noise have slope 0
    slope = shared / width
    return float(np.max((np.abs(fields) / width + 1) @ slope) / (1 + np.sum(slope**2)))


def _smooth_step(std: np.ndarray, shared: np.ndarray) -> float:
    """Return the step in ζ with which independent noise resolves the average, 0 without it.

    A transfer function averaged over independent noise of standard deviation σ has no singularity: a shift of the
    contour of that average shows that |S(h + iy)| ≤ e^(y²/2σ²) S(h). The integrand at ζ + iy is therefore at most
    e^(A y²/2) times that at ζ, with A = 1 + Σ (loading/σ)² and the 1 from the density of ζ, and the relative error of
    the trapezoidal rule is at most exp(−2πy/step + A y²/2) for every y. Its minimum, exp(−2π²/(A step²)), is e^(−40)
    for the step returned.
    """
    coupled = shared > 0
    if not np.all(std[coupled] > 0):
        return 0.0
    return math.pi / math.sqrt(20 * (1 + float(np.sum((shared[coupled] / std[coupled]) ** 2))))


@partial(jax.jit, static_argnames="reach")
def _average(network: BinaryNetwork, fields: Array, noise: Law, reach: float, z: Array, mass: Array) -> Array:
    def kernel(node):
        return khatri_rao(*probabilities(network, fields + node * noise.shared, noise.std, reach))

    def add(total, nodes):
        at, weight = nodes
        return total + jnp.tensordot(weight, jax.vmap(kernel)(at), 1), None

    return jax.lax.scan(add, jnp.zeros((len(fields), len(fields))), (z, mass))[0]


def _sign_common(network: SignNetwork, fields: np.ndarray, shared: np.ndarray) -> Array:
    """Return the transition matrix of sign units in shared noise alone, exactly.

    The next state is a step function of the factor ζ that changes at ζ = −h_n/loading_n, so its probabilities are
    Gaussian masses of intervals.
    """
    coupled, tolerance = shared != 0, float(network.zero_tolerance())
    rows = []
    for h in fields:
        cuts = np.unique(-h[coupled] / shared[coupled])
        left, right = np.append(-np.inf, cuts), np.append(cuts, np.inf)
        # differences of the smaller tail probabilities: those of Φ cancel where both are close to 1
        mass = np.where(left > 0, ndtr(-left) - ndtr(-right), ndtr(right) - ndtr(left))
        inside = np.concatenate([[cuts[0] - 1], (cuts[1:] + cuts[:-1]) / 2, [cuts[-1] + 1]])
        u = np.where(coupled, h + inside[:, None] * shared, np.where(np.abs(h) <= tolerance, 0.0, h))
        up = np.where(u == 0, 0.5, u > 0)
        rows.append(mass @ np.asarray(khatri_rao(jnp.asarray(1 - up), jnp.asarray(up))))
    return jnp.asarray(np.stack(rows))


def by_blocks(measure: Callable[[Array], Any], network: BinaryNetwork) -> Any:
    """Return `measure(fields)` for the fields of all states, in blocks of 512 states to bound the memory."""
    every = states(network.size)
    rows = min(len(every), 512)
    blocks = jax.lax.map(lambda s: measure(network.field(s)), every.reshape(-1, rows, network.size))
    return jax.tree.map(lambda x: x.reshape(-1, *x.shape[2:]), blocks)


class Factors(NamedTuple):
    """Factors of P[a, (i, j)] = first[a, i] · second[a, j], with 2^(N/2) columns each, for N units in two halves."""

    first: Float[Array, "A I"]
    second: Float[Array, "A J"]


@partial(jax.jit, static_argnames="reach")
def factors(network: BinaryNetwork, std: Float[Array, " N"], reach: float) -> Factors:
    """Return the two factors of the transition matrix, the first of them for the leading half of the units."""
    half = network.size // 2

    def block(fields):
        down, up = probabilities(network, fields, std, reach)
        return Factors(khatri_rao(down[:, :half], up[:, :half]), khatri_rao(down[:, half:], up[:, half:]))

    return by_blocks(block, network)


def apply(kernel: Factors, p: np.ndarray) -> np.ndarray:
    """Return pP without the matrix P, shape (2^N,).

    (pP)[i, j] = Σ_a first[a, i] p[a] second[a, j] is a matrix product that costs 2^(2N) operations but only 2^(3N/2)
    numbers of memory.
    """
    first, second = np.asarray(kernel.first), np.asarray(kernel.second)
    total = np.zeros((first.shape[1], second.shape[1]))
    for start in range(0, len(p), ROWS):
        rows = slice(start, start + ROWS)
        total += (first[rows] * p[rows, None]).T @ second[rows]
    return total.ravel()


@check_arguments
def transition_matrix(network: BinaryNetwork, time: int | None = None) -> np.ndarray:
    """Transition probabilities between all states, averaged exactly over the noise of one step.

    .. math:: P(s'|s) = \\prod_n S(s'_n h_n(s); r_n), \\qquad h = W s + b

    with the transfer function S averaged over independent noise of strength r, the weights W and the biases b. Shared
    noise is averaged over the product.

    Parameters
    ----------
    network : at most 12 units, in memoryless Gaussian noise (White, Common, Pulse, sums, gates)
    time : step whose noise is used; only needed for noise that is gated in time

    Returns
    -------
    array of float64, shape (2**N, 2**N): row = code of the state left, column = code of the state entered

    Raises
    ------
    InputError : If there are too many units, or if the noise has memory, has several different shared factors, or is
        gated in time and no step is given.

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
    # subnormal probabilities have few digits, and their inverses overflow
    return np.where(matrix < NEGLIGIBLE, 0.0, matrix)


def matrix_of(network: BinaryNetwork, noise: Law) -> Float[Array, "states states"]:
    """Return the transition matrix in given noise, by compiled code if the noise is independent between units."""
    if noise.shared is None:
        return _white(network, noise.std, network.reach())
    return dense(network, noise, network.reach())


@partial(jax.jit, static_argnames="reach")
def _white(network: BinaryNetwork, std: Array, reach: float) -> Array:
    return dense(network, Law(std, None), reach)
