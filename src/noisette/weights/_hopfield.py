"""Hebbian weights that store patterns."""

import numpy as np
from jaxtyping import Array

from noisette.codes import decode
from noisette.errors import integer, require
from noisette.weights._check import square


def hopfield(patterns: list[int] | tuple[int, ...] | np.ndarray | Array, coupling: float, size: int = 5) -> np.ndarray:
    """Store patterns by Hebb's rule, without self-couplings.

    .. math:: W = \\frac{J}{P} \\sum_{\\mu=1}^{P} \\xi^\\mu \\xi^{\\mu\\top}, \\qquad W_{ii} = 0

    One pattern, or a pattern and its mirror image, gives off-diagonal weights ±J.

    Parameters
    ----------
    patterns : ξ, integer codes (most significant bit first) or rows of ±1, shape (P, N)
    coupling : J
    size : number of units N, for integer codes

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : no pattern, a code that does not fit into `size` units, entries other than ±1.

    Examples
    --------
    >>> hopfield([24, 7], 10)[0]
    array([  0.,  10., -10., -10., -10.])
    """
    array = np.asarray(patterns)
    require(array.size > 0, "no pattern was given", "store at least one pattern")
    if array.ndim == 1:
        array = decode(array.astype(int), integer(size, "size is"))
    require(
        array.ndim == 2 and bool((np.abs(array) == 1).all()),
        f"patterns of shape {array.shape} hold values other than ±1",
        "patterns are integer codes, or rows of +1 and -1",
    )
    matrix = coupling / len(array) * array.T @ array
    np.fill_diagonal(matrix, 0.0)
    return square(matrix)


def mean_field_hopfield(size: int, coupling: float = 40.0, pattern: np.ndarray | None = None) -> np.ndarray:
    """Store one pattern with weights that shrink with the size, so that fields stay of the order of J.

    .. math:: W = \\frac{J}{N-1} (\\xi \\xi^\\top - 1)

    Parameters
    ----------
    size : number of units N ≥ 2
    coupling : J; a unit of a perfect state feels a field J along the pattern
    pattern : ξ, ±1 for each unit; all +1 by default

    Returns
    -------
    array of float64, shape (size, size)

    Examples
    --------
    >>> mean_field_hopfield(5, 40.0).sum(axis=1)
    array([40., 40., 40., 40., 40.])
    """
    integer(size, "size is", 2)
    stored = np.ones(size) if pattern is None else np.asarray(pattern, float)
    require(stored.shape == (size,), f"pattern of shape {stored.shape}", f"one ±1 for each of {size} units")
    return hopfield(stored[None], coupling / (size - 1))
