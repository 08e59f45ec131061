"""Exhaustive enumeration of ensembles of small networks."""

from collections import Counter
from functools import partial
from itertools import permutations, product

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.codes import encode, states
from noisette.errors import integer, real_array, real_number, require
from noisette.networks import Boltzmann, rounded_reach
from noisette.theory.markov import small_measures


@check_arguments
def signed_permutations(size: int = 5) -> Counter[tuple[int, ...]]:
    """Count the attractor structures of all N! 2^N networks whose weight matrix is a signed permutation.

    Every state of such a network lies on a cycle of the sign map. The keys are the sorted lengths of all cycles.

    Parameters
    ----------
    size : number of units N ≤ 6

    Returns
    -------
    Counter from cycle lengths to numbers of networks

    Raises
    ------
    InputError : a size outside 1 to 6.

    Examples
    --------
    >>> signed_permutations(5)[(8, 8, 8, 8)]  # of 5! 2⁵ = 3840
    480
    """
    size = integer(size, "size", None)
    require(1 <= size <= 6, f"{size} units", "1 to 6 units")
    positive = states(size) > 0
    signs = np.array(list(product([False, True], repeat=size)))
    structures: Counter[tuple[int, ...]] = Counter()
    for columns in permutations(range(size)):
        maps = encode(positive[:, list(columns)][None] ^ signs[:, None, :])
        structures.update(_lengths(next_codes) for next_codes in maps)
    return structures


def _lengths(next_codes: np.ndarray) -> tuple[int, ...]:
    """Return the sorted cycle lengths of a permutation, the map of each code to the next."""
    unvisited, lengths = set(range(len(next_codes))), []
    while unvisited:
        code, length = unvisited.pop(), 1
        while (code := int(next_codes[code])) in unvisited:
            unvisited.remove(code)
            length += 1
        lengths.append(length)
    return tuple(sorted(lengths))


def motifs() -> Float[np.ndarray, "classes 3 3"]:
    """Weight matrices with entries −1, 0 and +1 of all three-neuron networks, one for each class under permutation.

    Returns
    -------
    array of float64, shape (3411, 3, 3), in lexicographic order of the entries

    Examples
    --------
    >>> len(motifs())  # of 3⁹ = 19683 matrices
    3411

    References
    ----------
    Krauss, Prebeck, Schilling & Metzner (2019), Frontiers in Computational Neuroscience 13:64.
    """
    matrices = np.array(list(product((-1, 0, 1), repeat=9))).reshape(-1, 3, 3)
    # entries are the digits of a number in base 3; a matrix represents its class if no permutation has a smaller number
    digits = 3 ** np.arange(8, -1, -1)
    codes = np.stack(
        [(matrices[:, list(p)][:, :, list(p)].reshape(-1, 9) + 1) @ digits for p in permutations(range(3))]
    )
    return matrices[codes.min(0) == codes[0]].astype(float)


@check_arguments
def resonant_fraction(
    weights: Float[np.ndarray, "networks N N"],
    noise: Float[np.ndarray, " strengths"],
    gain: float = 0.05,
    bias: Float[np.ndarray, "networks N"] | None = None,
) -> tuple[float, np.ndarray, np.ndarray]:
    """Fraction of Boltzmann networks whose stationary information increases with noise by more than `gain` bits.

    The information is the mutual information I of successive states in the stationary distribution.

    Parameters
    ----------
    weights : weight matrices, shape (networks, N, N) with N ≤ 7
    noise : increasing noise strengths to scan, of which the first is the reference, shape (strengths,)
    gain : increase of I above its value at the first strength that must be exceeded for resonance, in bits
    bias : bias vectors, shape (networks, N); zero by default

    Returns
    -------
    (fraction, optimal noise of each network, gain of each network in bits); networks whose stationary distribution at
    the first strength cannot be resolved in float64 have NaN and do not count as resonant

    Examples
    --------
    >>> import noisette as nz
    >>> share, best, gains = resonant_fraction(nz.weights.hopfield([24, 7], 10)[None], np.linspace(0, 40, 41))
    >>> share, float(best[0])
    (1.0, 22.0)
    """
    require(len(real_array(noise, "noise")) > 0, "no noise strengths", "at least one")
    real_number(gain, "gain")
    networks, n = weights.shape[:2]
    biases = np.zeros((networks, n)) if bias is None else bias
    reach = rounded_reach(float(np.max(np.abs(weights).sum(-1) + np.abs(biases))))
    information = np.concatenate(
        [np.asarray(_stationary(w, b, noise, reach)) for w, b in zip(*_blocks(weights, biases), strict=True)]
    )[:networks]
    # strengths at which the stationary distribution is not resolved (NaN) are never the optimum
    comparable = np.where(np.isnan(information), -np.inf, information)
    best = comparable.argmax(1)
    gains = np.where(np.isnan(information[:, 0]), np.nan, comparable.max(1) - information[:, 0])
    return float((gains > gain).mean()), np.where(np.isnan(gains), np.nan, noise[best]), gains


def _blocks(weights: np.ndarray, biases: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split networks into blocks of equal size; the last block is padded with copies of the last network."""
    size = min(256, len(weights))
    index = np.minimum(np.arange(-(-len(weights) // size) * size), len(weights) - 1)
    blocks = [x[index].reshape(-1, size, *x.shape[1:]) for x in (weights, biases)]
    return blocks[0], blocks[1]


@partial(jax.jit, static_argnames="reach")
def _stationary(weights: Array, biases: Array, noise: Array, reach: float) -> Float[Array, "networks strengths"]:
    """Return the stationary information I of Boltzmann networks at each noise strength, in bits."""
    n = weights.shape[-1]
    template = Boltzmann(np.zeros((n, n)))
    first = jnp.zeros(2**n)

    def information(w, b, r):
        network = jax.tree.unflatten(jax.tree.structure(template), [w, b, jnp.zeros(())])
        return small_measures(network, jnp.full(n, r), first, 1, "stationary", reach).information

    return jax.vmap(lambda w, b: jax.lax.map(lambda r: information(w, b, r), noise))(weights, biases)
