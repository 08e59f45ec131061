"""What makes an array a weight matrix."""

import numpy as np

from noisette.errors import real_array, require


def square(matrix: object, name: str = "weights") -> np.ndarray:
    """Return `matrix` as a square, finite float64 array or say what is wrong with it.

    Raises
    ------
    InputError : not two-dimensional and square, empty, or not finite real numbers (see `errors.real_array`).

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
