"""Weight matrices from files."""

from pathlib import Path

import numpy as np

from noisette.array_files import read_array
from noisette.weights._check import square


def _is_matrix(array: np.ndarray) -> bool:
    return array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and array.dtype.kind in "biuf"


def load(path: str | Path) -> np.ndarray:
    """Load a weight matrix from `.npy`, `.npz`, `.csv` or `.mat`.

    From an archive of several arrays it takes the only square matrix; where there are more,
    append the name: ``network.mat:w``.

    Parameters
    ----------
    path : file, or file:NAME for one variable of an `.npz` or `.mat` archive

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : unreadable or pickled file, unknown suffix, no or several matrices, not square, not finite.

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
