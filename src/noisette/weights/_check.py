"""Validation of weight matrices, and conversion of sparse, labelled and graph objects to arrays."""

from typing import Any

import numpy as np

from noisette.arguments import check_arguments
from noisette.array_files import LabelledMatrix, Sparse, graph_matrix, unit_names
from noisette.errors import real_array, require

ORIENTATION = ("target", "source")


@check_arguments
def square(matrix: Any, name: str = "weights") -> np.ndarray:
    """Return a weight matrix as an array of float64, after checking that it is square and finite.

    Parameters
    ----------
    matrix : weights, shape (N, N): nested lists, any array, a sparse array or matrix of SciPy, a DataFrame of pandas, a
        DataArray of xarray, or a graph of networkx, in which an edge from j to i is W[i, j]
    name : description of the matrix in error messages

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : If the matrix is not square, is empty, or does not consist of finite real numbers (see
        ``noisette.errors.real_array``).

    Examples
    --------
    >>> import scipy.sparse
    >>> square(scipy.sparse.eye_array(2))
    array([[1., 0.],
           [0., 1.]])
    """
    array = real_array(_dense(matrix, name), name)
    require(
        array.ndim == 2 and array.shape[0] == array.shape[1] and array.size > 0,
        f"{name} have shape {array.shape}",
        "a weight matrix is square, (N, N), row = target",
        _remedy(array),
    )
    return array


def labels(matrix: Any, name: str = "weights") -> tuple[str, ...] | None:
    """Return the names of the units of a weight matrix with labels; None if it has none, or they only count.

    Parameters
    ----------
    matrix, name : as for `square`

    Raises
    ------
    InputError : If rows and columns have different labels, or a label occurs twice.

    Examples
    --------
    >>> import xarray as xr
    >>> labels(xr.DataArray(np.eye(2), {"target": ["AVAL", "AVAR"]}, ["target", "source"]))
    ('AVAL', 'AVAR')
    """
    if isinstance(matrix, LabelledMatrix):
        return matrix.unit_names
    if _is_of(matrix, "networkx"):
        return unit_names([str(node) for node in matrix.nodes], None, name)
    if _is_of(matrix, "pandas") and getattr(matrix, "ndim", 0) == 2:
        return unit_names(_texts(matrix.index), _texts(matrix.columns), name)
    if _is_of(matrix, "xarray") and getattr(matrix, "ndim", 0) == 2:
        axes = [matrix.coords[dim].values if dim in matrix.coords else None for dim in matrix.dims]
        rows, columns = (None if axis is None else _texts(axis) for axis in axes)
        return unit_names(rows, columns, name)
    return None


def _texts(values: Any) -> list[str]:
    """Return labels as text."""
    return [str(value) for value in values]


def _is_of(value: Any, package: str) -> bool:
    """Return whether a class of an object is defined in a package, without importing the package."""
    return any(base.__module__.partition(".")[0] == package for base in type(value).__mro__)


def _dense(matrix: Any, name: str) -> Any:
    """Return sparse matrices, graphs and labelled arrays as plain arrays, and all else unchanged."""
    if _is_of(matrix, "networkx") and hasattr(matrix, "edges"):
        return graph_matrix(matrix, name).values
    if _is_of(matrix, "xarray") and getattr(matrix, "dims", None) == ORIENTATION[::-1]:
        return matrix.T.values
    if type(matrix).__module__.startswith("scipy.sparse") and hasattr(matrix, "tocoo"):
        triplets = matrix.tocoo()
        require(triplets.ndim == 2, f"{name} have shape {triplets.shape}", "a weight matrix is square, (N, N)")
        return Sparse(triplets.row, triplets.col, triplets.data, triplets.shape).dense(name)
    return matrix


def _remedy(array: np.ndarray) -> str:
    """Return a remedy for an array of a wrong shape."""
    if array.ndim == 2 and array.size > 0:
        rows, columns = array.shape
        if abs(rows - columns) == 1:
            return "remove the row or column of labels"
    return "give the matrix between all units"
