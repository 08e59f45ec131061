"""Weight matrices from files."""

from pathlib import Path
from typing import Any

import numpy as np

from noisette.arguments import check_arguments
from noisette.array_files import LabelledMatrix, labelled, read_array
from noisette.errors import require
from noisette.weights._check import square


def _is_matrix(array: Any) -> bool:
    """Return whether an array of a file may be a weight matrix; logical masks are not."""
    return array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and array.dtype.kind in "iuf"


@check_arguments
def load(path: str | Path) -> np.ndarray:
    """Load a weight matrix from a file.

    ==========================  =======================================================================================
    ``.npy``, ``.npz``          of NumPy, or a sparse matrix of ``scipy.sparse.save_npz``
    ``.mat``                    MATLAB 4, 5 and 7.3, dense or sparse
    ``.csv .tsv .txt``          a table of numbers, with or without labels of rows (targets) and columns (sources); or a
                                list of edges with the header ``source,target,weight``
    ``.graphml``                a graph; an edge from j to i is W[i, j], with the attribute ``weight``
    ==========================  =======================================================================================

    If an archive contains several arrays, its only square matrix of numbers is loaded; logical masks are not. If it
    contains several square matrices, or a pickled object, append the name of the variable: ``network.mat:w``. Labels
    that do more than count are names of the units: networks of this matrix have them as ``unit_names``, and results as
    the coordinate ``unit``.

    Parameters
    ----------
    path : file, or ``FILE:NAME`` for a variable of an `.npz` or `.mat` archive

    Returns
    -------
    array of float64, shape (N, N); if the file has labels, with the attribute ``unit_names``

    Raises
    ------
    InputError : If the file is unreadable, its suffix is unknown, it contains no or several square matrices, or the
        matrix is not square and finite. Pickled objects are never unpickled.

    See Also
    --------
    weights.from_string : A matrix named by a word or a file, as at the terminal.
    weights.ensemble : A function that draws any number of matrices.
    training.load : A trained network from a file.

    Examples
    --------
    >>> import numpy as np, tempfile, os
    >>> file = os.path.join(tempfile.mkdtemp(), "w.csv")
    >>> with open(file, "w") as table:
    ...     _ = table.write(",AVAL,AVAR\\nAVAL,0,1.5\\nAVAR,-1,0\\n")
    >>> load(file).tolist(), load(file).unit_names
    ([[0.0, 1.5], [-1.0, 0.0]], ('AVAL', 'AVAR'))
    """
    array = read_array(path, "weights", _is_matrix, "square matrices", square=True)
    names = array.unit_names if isinstance(array, LabelledMatrix) else None
    if array.ndim == 2 and array.dtype.kind == "f" and not np.isfinite(array).all():
        places = np.argwhere(~np.isfinite(array))
        row, column = places[0] + 1
        first = f"the first in row {row}, column {column} (counted from 1)"
        require(
            False,
            f"weights in {str(path)!r} with {len(places)} of {array.size} values NaN or infinite, {first}",
            "finite numbers",
        )
    return labelled(square(np.asarray(array), f"weights in {str(path)!r}"), names)
