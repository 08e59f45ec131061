"""Validation of weight matrices."""

import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import real_array, require


@check_arguments
def square(matrix: object, name: str = "weights") -> np.ndarray:
    """Return a weight matrix as an array of float64, after checking that it is square and finite.

    Parameters
    ----------
    matrix : weights, shape (N, N)
    name : description of the matrix in error messages

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : If the matrix is not square, is empty, or does not consist of finite real numbers (see
        `errors.real_array`).

    Examples
    --------
    >>> square([[0, 1], [1, 0]]).dtype
    dtype('float64')
    """
    array = real_array(matrix, name)
    require(
        array.ndim == 2 and array.shape[0] == array.shape[1] and array.size > 0,
        f"{name} have shape {array.shape}",
        "a weight matrix is square, (N, N), row = target",
        "check the orientation and the file",
    )
    return array
