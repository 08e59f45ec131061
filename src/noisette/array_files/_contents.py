"""Contents of array files: dense and sparse arrays, labels of rows and columns, and what cannot be read."""

import os
from typing import NamedTuple

import numpy as np

from noisette.errors import require

Labels = list[str] | None


class Unreadable(NamedTuple):
    """A member of a file that is not an array of numbers or text.

    Attributes
    ----------
    reason : what the member is, such as "a pickled object"
    harmless : whether the other members can be chosen from without naming this one, as beside a cell array of MATLAB
    """

    reason: str
    harmless: bool = False


class Sparse(NamedTuple):
    """A sparse matrix as triplets; repeated entries are summed.

    Attributes
    ----------
    rows, columns : indices of the entries, shape (entries,)
    values : values of the entries, shape (entries,)
    shape : numbers of rows and columns
    """

    rows: np.ndarray
    columns: np.ndarray
    values: np.ndarray
    shape: tuple[int, int]

    @property
    def ndim(self) -> int:
        """Number of dimensions, 2."""
        return 2

    @property
    def dtype(self) -> np.dtype:
        """Type of the values."""
        return self.values.dtype

    def dense(self, name: str = "sparse matrix") -> np.ndarray:
        """Return the matrix as an array; raise if it does not fit into memory or an index is out of range.

        Examples
        --------
        >>> Sparse(np.array([0, 0]), np.array([1, 1]), np.array([2.0, 3.0]), (2, 2)).dense()
        array([[0., 5.],
               [0., 0.]])
        """
        rows, columns = self.shape
        kind = bool if self.dtype.kind == "b" else np.result_type(self.dtype, float)
        size = rows * columns * np.dtype(kind).itemsize
        require(
            size <= memory(),
            f"{name} of shape {self.shape} as a dense matrix takes {size / 2**30:.3g} GiB",
            f"this machine has {memory() / 2**30:.3g} GiB of memory",
            "select a subset of the units",
        )
        sizes = {self.rows.size, self.columns.size, self.values.size}
        require(len(sizes) == 1, f"{name} with arrays of different lengths", "one row, one column and one value each")
        for indices, limit, axis in ((self.rows, rows, "row"), (self.columns, columns, "column")):
            outside = indices.size > 0 and not (int(indices.min()) >= 0 and int(indices.max()) < limit)
            require(not outside, f"{name} with a {axis} index out of range", f"indices below {limit}")
        matrix = np.zeros(self.shape, kind)
        if kind is bool:
            matrix[self.rows, self.columns] = self.values
        else:
            np.add.at(matrix, (self.rows, self.columns), self.values)
        return matrix


def compressed(data: np.ndarray, indices: np.ndarray, pointers: np.ndarray, shape: tuple[int, int], axis: int):
    """Return a sparse matrix in compressed rows (axis 0) or columns (axis 1) as triplets.

    Examples
    --------
    >>> compressed(np.array([5.0]), np.array([1]), np.array([0, 0, 1]), (2, 2), 0).rows.tolist()
    [1]
    """
    pointers, indices = np.asarray(pointers).astype(np.int64).ravel(), np.asarray(indices).astype(np.int64).ravel()
    counts = np.diff(pointers)
    valid = pointers.size == shape[axis] + 1 and bool((counts >= 0).all()) and int(pointers[0]) == 0
    require(valid and int(pointers[-1]) <= indices.size, "a sparse matrix with inconsistent pointers", "a valid matrix")
    number = int(pointers[-1])
    major, minor = np.repeat(np.arange(shape[axis]), counts), indices[:number]
    rows, columns = (major, minor) if axis == 0 else (minor, major)
    return Sparse(rows, columns, np.asarray(data).ravel()[:number], shape)


def memory() -> int:
    """Return the size of the physical memory in bytes; 16 GiB if the system does not report it."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return 16 * 2**30


class Table(NamedTuple):
    """A matrix with labels.

    Attributes
    ----------
    values : matrix
    rows, columns : labels of rows and columns; None if there are none
    """

    values: np.ndarray
    rows: Labels = None
    columns: Labels = None


Member = np.ndarray | Sparse | Table | Unreadable
