"""What makes an array a weight matrix."""

import numpy as np

from noisette.errors import require


def square(matrix: object, name: str = "weights") -> np.ndarray:
    """Return `matrix` as a square, finite float64 array or say what is wrong with it.

    Raises
    ------
    InputError : not numeric, not two-dimensional and square, empty, complex, NaN or infinite.

    Examples
    --------
    >>> square([[0, 1], [1, 0]]).dtype
    dtype('float64')
    """
    array = np.asarray(matrix)
    require(
        array.dtype.kind in "biuf",
        f"{name} hold {array.dtype.type.__name__} values",
        "weights are real numbers",
        "pass a numeric array",
    )
    require(
        array.ndim == 2 and array.shape[0] == array.shape[1] and array.size > 0,
        f"{name} have shape {array.shape}",
        "a weight matrix is square, (N, N), row = target",
        "check the orientation and the file",
    )
    bad = np.argwhere(~np.isfinite(array))
    if len(bad):
        row, column = bad[0]
        require(
            False,
            f"{name} hold {len(bad)} values NaN or infinite, the first in row {row}, column {column}",
            "every weight is a finite number",
            "mend the matrix",
        )
    return array.astype(float)
