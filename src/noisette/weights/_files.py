"""Weight matrices from files."""

from pathlib import Path

import numpy as np

from noisette.arguments import check_arguments
from noisette.array_files import read_array
from noisette.weights._check import square


def _is_matrix(array: np.ndarray) -> bool:
    """Return whether an array of a file may be a weight matrix."""
    return array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and array.dtype.kind in "biuf"


@check_arguments
def load(path: str | Path) -> np.ndarray:
    """Load a weight matrix from `.npy`, `.npz`, `.csv` or `.mat`.

    If an archive contains several arrays, its only square matrix is loaded. If it contains several square matrices,
    append the name of the variable: ``network.mat:w``.

    Parameters
    ----------
    path : file, or ``FILE:NAME`` for a variable of an `.npz` or `.mat` archive

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : If the file is unreadable or contains pickled objects, its suffix is unknown, it contains no or several
        square matrices, or the matrix is not square and finite.

    Examples
    --------
    >>> import numpy as np, tempfile, os
    >>> file = os.path.join(tempfile.mkdtemp(), "w.npy")
    >>> np.save(file, np.eye(2))
    >>> load(file)
    array([[1., 0.],
           [0., 1.]])
    """
    array = read_array(path, "weights", _is_matrix, "square matrices")
    return square(array, f"weights in {str(path)!r}")
