"""Reading of `.npy` and `.npz` files, without pickled objects."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np

from noisette.array_files._contents import Member, Sparse, Unreadable, compressed
from noisette.errors import require

SPARSE = {"format", "shape", "data"}  # members of every file of `scipy.sparse.save_npz`


def read_npy(path: Path) -> dict[str, Member]:
    """Return the array of a `.npy` file, under an empty name."""
    with path.open("rb") as file:
        require(file.read(6) == b"\x93NUMPY", "it is no .npy file", "an array saved by numpy.save")
        file.seek(0)
        version = np.lib.format.read_magic(file)
        dtype = _header(file, version)
        require(not dtype.hasobject, "it contains pickled objects", "an array of numbers")
        file.seek(0)
        return {"": np.load(file, allow_pickle=False)}


def read_npz(path: Path) -> dict[str, Member]:
    """Return the arrays of a `.npz` file by name; members that are pickled or not arrays are `Unreadable`."""
    members: dict[str, Member] = {}
    with path.open("rb") as file:
        require(file.read(6) != b"\x93NUMPY", "it is a single array", "an archive of arrays is needed")
    with zipfile.ZipFile(path) as archive:
        require(len(archive.namelist()) > 0, "it is an empty archive", "at least one array")
        for info in archive.infolist():
            name = info.filename.removesuffix(".npy")
            members[name] = _member(archive, info)
    if members.keys() >= SPARSE and not any(isinstance(member, Unreadable) for member in members.values()):
        return {"": _sparse(members)}
    return members


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Member:
    """Return an array of an archive, or why it is none."""
    try:
        with archive.open(info) as file:
            if file.read(6) != b"\x93NUMPY":
                return Unreadable("no array")
        with archive.open(info) as file:
            dtype = _header(file, np.lib.format.read_magic(file))
            if dtype.hasobject:
                return Unreadable("a pickled object")
        with archive.open(info) as file:
            return np.lib.format.read_array(file, allow_pickle=False)
    except Exception as error:  # damaged archives raise exceptions of many types
        return Unreadable(f"damaged: {str(error).split(chr(10))[0] or type(error).__name__}")


def _header(file: Any, version: tuple[int, int]) -> np.dtype:
    """Return the type of the array whose header follows in a file."""
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    return read(file)[2]


def _sparse(members: dict[str, Any]) -> Sparse:
    """Return the matrix of a file of `scipy.sparse.save_npz`."""
    kind = bytes(np.asarray(members["format"]).ravel()[0]).decode("ascii", "replace")
    rows, columns = (int(number) for number in np.asarray(members["shape"]).ravel())
    require(
        rows >= 0 and columns >= 0, f"a sparse matrix of shape ({rows}, {columns})", "zero or more rows and columns"
    )
    data, shape = np.asarray(members["data"]), (rows, columns)
    if kind in ("csr", "csc"):
        return compressed(data, members["indices"], members["indptr"], shape, 0 if kind == "csr" else 1)
    if kind == "coo":
        row, column = (members["row"], members["col"]) if "row" in members else members["coords"]
        return Sparse(np.asarray(row), np.asarray(column), data, shape)
    if kind == "dia":
        column = np.broadcast_to(np.arange(data.shape[1]), data.shape)
        row = column - np.asarray(members["offsets"])[:, None]
        kept = (row >= 0) & (row < rows) & (column < columns)
        return Sparse(row[kept], column[kept], data[kept], shape)
    require(kind == "bsr", f"a sparse matrix of format {kind[:20]!r}", "csr, csc, coo, dia or bsr")
    height, width = data.shape[1:]
    require(min(height, width) > 0, "a sparse matrix with empty blocks", "blocks with rows and columns")
    blocks = compressed(
        np.arange(len(data)), members["indices"], members["indptr"], (rows // height, columns // width), 0
    )
    row = blocks.rows[:, None, None] * height + np.arange(height)[:, None]
    column = blocks.columns[:, None, None] * width + np.arange(width)
    row, column = np.broadcast_arrays(row, column)
    return Sparse(row.ravel(), column.ravel(), data[: len(blocks.rows)].ravel(), shape)
