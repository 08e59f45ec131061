"""Random and constructed weight matrices without stored patterns."""

from collections.abc import Sequence

import jax
import numpy as np
from jaxtyping import Array, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_array, real_number, require
from noisette.limits import unit_count
from noisette.recipes import remembered
from noisette.weights._check import square

REFERENCE_PERMUTATION = (1, 2, 3, 0, 4)
REFERENCE_SIGNS = (1, 1, 1, -1, 1)


@check_arguments
@remembered
def gaussian(size: int, std: ArrayLike = 1.0, *, self_coupling: bool = True, key: PRNGKeyArray) -> np.ndarray:
    """Draw independent and identically distributed normal weights.

    .. math:: W_{ij} \\sim \\mathcal N(0, \\mathrm{std}^2)

    Parameters
    ----------
    size : number of units N
    std : standard deviation of the weights; usually 1 for Boltzmann networks, and 1/√N for rate networks with gain g
    self_coupling : whether the diagonal is drawn as well; otherwise it is zero
    key : random key

    Returns
    -------
    array of float64, shape (size, size)

    See Also
    --------
    weights.symmetric : Symmetric normal weights.
    weights.excitatory_inhibitory : Sparse weights of excitatory and inhibitory units.

    Examples
    --------
    >>> import jax
    >>> gaussian(3, key=jax.random.key(0)).shape
    (3, 3)
    """
    unit_count(size)
    scale = real_number(std, "std", "a standard deviation, zero or positive", lambda s: 0 <= s < np.inf)
    matrix = scale * np.asarray(jax.random.normal(key, (size, size), float))
    if not self_coupling:
        np.fill_diagonal(matrix, 0.0)
    return matrix


@check_arguments
@remembered
def symmetric(size: int, std: ArrayLike = 1.0, *, key: PRNGKeyArray) -> np.ndarray:
    """Draw symmetric normal weights without self-couplings: W_ij = W_ji ~ N(0, std²), W_ii = 0.

    Parameters
    ----------
    size : number of units N
    std : standard deviation of the weights
    key : random key

    Returns
    -------
    array of float64, shape (size, size)

    See Also
    --------
    weights.gaussian : Independent normal weights.
    weights.excitatory_inhibitory : Sparse weights of excitatory and inhibitory units.

    Examples
    --------
    >>> import jax
    >>> W = symmetric(3, key=jax.random.key(0))
    >>> bool((W == W.T).all())
    True
    """
    upper = np.triu(gaussian(size, std, key=key), 1)
    return upper + upper.T


@check_arguments
@remembered
def autapses(weight: ArrayLike, size: int = 5) -> np.ndarray:
    """Return the matrix of N uncoupled units with equal self-couplings, W = weight · 1.

    If the weight is positive, each of the 2^N states is a fixed point of the sign map.

    Parameters
    ----------
    weight : weight of the self-couplings
    size : number of units N

    Returns
    -------
    array of float64, shape (N, N)

    See Also
    --------
    weights.nrooks : One weight in each row and column.
    weights.hopfield : Weights that store patterns by Hebb's rule.

    Examples
    --------
    >>> autapses(10, 2)
    array([[10.,  0.],
           [ 0., 10.]])

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """
    return square(np.diag(np.full(unit_count(size), real_number(weight, "weight"))))


@check_arguments
@remembered
def nrooks(
    weight: ArrayLike,
    permutation: Sequence[int] | np.ndarray | Array | None = None,
    signs: Sequence[int] | np.ndarray | Array | None = None,
    *,
    size: int = 5,
    key: PRNGKeyArray | None = None,
) -> np.ndarray:
    """Return a signed permutation matrix times a weight: one non-zero weight in each row and column.

    .. math:: W_{i, \\mathrm{permutation}_i} = \\mathrm{weight} \\cdot \\mathrm{signs}_i

    The positions of the weights are those of N rooks on a chessboard that do not attack each other. Without
    `permutation` and `key`, the result is the reference network of five units, whose sign map has four 8-cycles.

    Parameters
    ----------
    weight : magnitude of the non-zero weights
    permutation : column of the non-zero weight in each row, shape (N,)
    signs : signs ±1 of the weights, shape (N,); all +1 if only a permutation is given
    size : number of units N of a random matrix
    key : random key from which the permutation and the signs are drawn

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : If `permutation` is not a permutation of 0 … N − 1, or `signs` has values other than ±1.

    See Also
    --------
    weights.is_nrooks : Whether a given matrix is of this kind.
    weights.autapses : Uncoupled units with self-couplings.
    weights.hopfield : Weights that store patterns by Hebb's rule.

    Examples
    --------
    >>> nrooks(20, (1, 0), (1, -1))
    array([[  0.,  20.],
           [-20.,   0.]])

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """
    if permutation is None:
        permutation, signs = _placement(size, key)
    columns = np.atleast_1d(real_array(permutation, "permutation"))
    n = len(columns)
    row_signs = np.ones(n) if signs is None else real_array(signs, "signs")
    require(
        sorted(columns.tolist()) == list(range(n)),
        f"permutation {columns.tolist()}",
        f"each of 0 … {n - 1} appears once",
    )
    require(
        row_signs.shape == (n,) and bool((np.abs(row_signs) == 1).all()),
        f"signs {row_signs.tolist()}",
        f"{n} numbers, each +1 or -1",
    )
    matrix = np.zeros((n, n))
    matrix[np.arange(n), columns.astype(int)] = real_number(weight, "weight") * row_signs
    return square(matrix)


@check_arguments
def is_nrooks(weights: ArrayLike, share: ArrayLike = 0.9) -> bool:
    """Return whether one weight dominates in each row and in each column, so that units copy or invert single units.

    .. math:: W_{i, p(i)}^2 \\ge \\mathrm{share} \\sum_j W_{ij}^2 \\quad \\text{for a permutation } p

    The magnitudes of the dominant weights need not be equal.

    Parameters
    ----------
    weights : weight matrix, shape (N, N)
    share : smallest share of the largest squared weight in the sum of squares of its row, above 1/2

    Raises
    ------
    InputError : If the share is outside (0.5, 1].

    See Also
    --------
    weights.nrooks : Matrices of this kind.

    Examples
    --------
    >>> is_nrooks([[0.1, 5.0], [-3.0, 0.0]]), is_nrooks([[1.0, 0.9], [-3.0, 0.0]]), is_nrooks([[5.0, 0.0], [3.0, 0.0]])
    (True, False, False)
    """
    squares = square(weights) ** 2
    least = real_number(share, "share", "a share above 0.5, at most 1", lambda x: 0.5 < x <= 1)
    total = squares.sum(1)
    dominant = squares.max(1) >= least * total
    return bool(dominant.all() and (total > 0).all() and len(set(squares.argmax(1))) == len(squares))


def _placement(size: int, key: PRNGKeyArray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return a random permutation and random signs, or those of the reference network if there is no key."""
    if key is not None:
        order_key, sign_key = jax.random.split(key)
        order = jax.random.permutation(order_key, unit_count(size))
        return np.asarray(order), np.asarray(jax.random.rademacher(sign_key, (size,)))
    require(
        size == 5,
        f"nrooks of {size} units without permutation or key",
        "the reference has 5 units",
        "give a permutation, or a key for a random one",
    )
    return np.array(REFERENCE_PERMUTATION), np.array(REFERENCE_SIGNS)
