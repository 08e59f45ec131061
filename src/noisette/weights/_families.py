"""Families of weight matrices that are not learnt."""

import jax
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.errors import integer, require
from noisette.weights._check import square

REFERENCE_PERMUTATION = (1, 2, 3, 0, 4)
REFERENCE_SIGNS = (1, 1, 1, -1, 1)


def gaussian(size: int, std: float = 1.0, *, self_coupling: bool = True, key: PRNGKeyArray) -> np.ndarray:
    """Draw independent normal weights.

    .. math:: W_{ij} \\sim \\mathcal N(0, \\mathrm{std}^2)

    Parameters
    ----------
    size : number of units N
    std : standard deviation of one weight; 1 for Boltzmann networks, 1/√N for rate networks, whose gain is g
    self_coupling : whether the diagonal is drawn too, or zero
    key : random key

    Returns
    -------
    array of float64, shape (size, size)

    Examples
    --------
    >>> import jax
    >>> gaussian(3, key=jax.random.key(0)).shape
    (3, 3)
    """
    integer(size, "size is")
    require(std >= 0, f"std is {std}", "a standard deviation is not negative")
    matrix = std * np.asarray(jax.random.normal(key, (size, size), float))
    if not self_coupling:
        np.fill_diagonal(matrix, 0.0)
    return matrix


def symmetric(size: int, std: float = 1.0, *, key: PRNGKeyArray) -> np.ndarray:
    """Draw symmetric normal weights without self-couplings: W_ij = W_ji ~ N(0, std²), W_ii = 0.

    Returns
    -------
    array of float64, shape (size, size)

    Examples
    --------
    >>> import jax
    >>> W = symmetric(3, key=jax.random.key(0))
    >>> bool((W == W.T).all())
    True
    """
    upper = np.triu(gaussian(size, std, key=key), 1)
    return upper + upper.T


def autapses(weight: float, size: int = 5) -> np.ndarray:
    """Couple every unit to itself alone: W = weight · identity.

    Each of the 2^N states is a fixed point of the sign map if weight > 0.

    Examples
    --------
    >>> autapses(10, 2)
    array([[10.,  0.],
           [ 0., 10.]])

    References
    ----------
    Metzner, Schilling, Maier & Krauss (2024), Frontiers in Complex Systems 2:1479417.
    """
    return square(np.diag(np.full(integer(size, "size is"), float(weight))))


def nrooks(
    weight: float,
    permutation: tuple[int, ...] | np.ndarray | Array | None = None,
    signs: tuple[int, ...] | np.ndarray | Array | None = None,
    *,
    size: int = 5,
    key: PRNGKeyArray | None = None,
) -> np.ndarray:
    """Place one weight of given size in every row and every column, as N rooks on a board.

    .. math:: W_{i, \\mathrm{permutation}_i} = \\mathrm{weight} \\cdot \\mathrm{signs}_i

    With neither permutation nor key it is the reference of five units whose sign map has four 8-cycles.

    Parameters
    ----------
    weight : size of every non-zero weight
    permutation : column of the rook in each row
    signs : ±1 for each row; all +1 if only a permutation is given
    size : number of units, for a random placement
    key : draws a random permutation and random signs

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : not a permutation of 0 … N−1, or signs other than ±1.

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
    columns = np.asarray(permutation)
    n = len(columns)
    row_signs = np.ones(n) if signs is None else np.asarray(signs)
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
    matrix[np.arange(n), columns] = weight * row_signs
    return square(matrix)


def _placement(size: int, key: PRNGKeyArray | None) -> tuple[np.ndarray, np.ndarray]:
    """Return a random permutation and random signs, or those of the reference if there is no key."""
    if key is not None:
        for_order, for_signs = jax.random.split(key)
        order = jax.random.permutation(for_order, integer(size, "size is"))
        return np.asarray(order), np.asarray(jax.random.rademacher(for_signs, (size,)))
    require(
        size == 5,
        f"nrooks of {size} units without permutation or key",
        "the reference has 5 units",
        "give a permutation, or a key for a random one",
    )
    return np.array(REFERENCE_PERMUTATION), np.array(REFERENCE_SIGNS)
