"""Hebbian weight matrices, which store patterns."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.codes import decode
from noisette.errors import real_array, real_number, require
from noisette.limits import unit_count
from noisette.recipes import remembered
from noisette.weights._check import square


@check_arguments
@remembered
def hopfield(patterns: Sequence[Any] | np.ndarray | Array, coupling: ArrayLike, size: int = 5) -> np.ndarray:
    """Return the weights that store patterns by Hebb's rule, without self-couplings.

    .. math:: W = \\frac{J}{P} \\sum_{\\mu=1}^{P} \\xi^\\mu \\xi^{\\mu\\top}, \\qquad W_{ii} = 0

    A single pattern, or a pattern and its negative, gives off-diagonal weights ±J.

    Parameters
    ----------
    patterns : patterns ξ, as integer codes (most significant bit first), shape (P,), or as rows of ±1, shape (P, N)
    coupling : coupling strength J
    size : number of units N, used for integer codes only

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : If there is no pattern, a code does not fit into `size` units, or entries are not ±1.

    See Also
    --------
    weights.autapses : Uncoupled units with self-couplings.
    weights.nrooks : One weight in each row and column.
    weights.mean_field_hopfield : Weights that store one pattern, in networks of any size.

    Examples
    --------
    >>> hopfield([24, 7], 10)[0]
    array([  0.,  10., -10., -10., -10.])
    """
    array = real_array(patterns, "patterns")
    require(array.size > 0, "no pattern", "at least one pattern is needed")
    if array.ndim == 1:
        array = decode(np.asarray(patterns), unit_count(size))
    require(
        array.ndim == 2 and bool((np.abs(array) == 1).all()),
        f"patterns of shape {array.shape} with values other than ±1",
        "patterns are integer codes, or rows of +1 and -1",
    )
    matrix = real_number(coupling, "coupling") / len(array) * array.T @ array
    np.fill_diagonal(matrix, 0.0)
    return square(matrix)


@check_arguments
@remembered
def mean_field_hopfield(size: int, coupling: ArrayLike = 40.0, pattern: ArrayLike | None = None) -> np.ndarray:
    """Return the weights that store one pattern, scaled by 1/(N − 1) so that the fields are of order J.

    .. math:: W = \\frac{J}{N-1} (\\xi \\xi^\\top - 1)

    Parameters
    ----------
    size : number of units N ≥ 2
    coupling : coupling strength J; in the state ξ, the field of unit i is J ξ_i
    pattern : pattern ξ of ±1, shape (N,); all +1 by default

    Returns
    -------
    array of float64, shape (size, size)

    See Also
    --------
    weights.hopfield : Several patterns, not scaled by the number of units.
    theory.markov.one_pattern_measures : Exact measures of this network.

    Examples
    --------
    >>> mean_field_hopfield(5, 40.0).sum(axis=1)
    array([40., 40., 40., 40., 40.])
    """
    unit_count(size, 2)
    stored = np.ones(size) if pattern is None else real_array(pattern, "pattern")
    require(stored.shape == (size,), f"pattern of shape {stored.shape}", f"one ±1 for each of {size} units")
    return hopfield(stored[None], real_number(coupling, "coupling") / (size - 1))
