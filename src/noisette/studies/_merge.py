"""Merging of the results of points into one dataset over the grid."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import xarray as xr

from noisette.calls import CALL
from noisette.studies._grid import Axis
from noisette.studies._part import Block, Column


def merged(axes: Sequence[Axis], blocks: Iterable[Block]) -> xr.Dataset:
    """Return one dataset over the axes of a grid and the dimensions of the results.

    If points have different coordinates along a dimension, their union is taken. Missing values (points that are left
    out, failed or not yet measured, and coordinates that a point lacks) are NaN, or empty strings. Integers and
    booleans are converted to floating-point numbers if any value is missing.
    """
    blocks = list(blocks)
    shape = tuple(len(axis.labels) for axis in axes)
    names = tuple(axis.name for axis in axes)
    indexes = _indexes(blocks)
    columns: dict[str, Any] = {}
    for name in dict.fromkeys(name for block in blocks for name in block.variables):
        holders = [(block, block.variables[name]) for block in blocks if name in block.variables]
        columns[name] = _filled(holders, names, shape, indexes)
    coords: dict[str, Any] = {axis.name: (axis.name, np.asarray(axis.labels), axis.attrs) for axis in axes}
    for dim, index in indexes.items():
        if index.labels is not None:
            coords[dim] = (dim, index.labels, index.attrs)
    others = dict.fromkeys(name for block in blocks for name in block.coords)
    for name in (name for name in others if name not in indexes and name not in names):
        coords[name] = _auxiliary([b for b in blocks if name in b.coords], name, names, shape, indexes)
    return xr.Dataset(columns, coords, _attributes(blocks))


def _attributes(blocks: list[Block]) -> dict[str, Any]:
    """Return the attributes of the results, without the record of a call, which describes a single point."""
    return {name: value for name, value in blocks[0].attrs.items() if name != CALL} if blocks else {}


class _Index:
    """The union of the coordinates along a dimension, or the largest length if it has no coordinates."""

    def __init__(self):
        self.labels: np.ndarray | None = None
        self.length = 0
        self.attrs: dict[str, Any] = {}
        self.seen: dict[bytes, np.ndarray] = {}

    def add(self, labels: np.ndarray | None, length: int, attrs: dict[str, Any]) -> None:
        self.length = max(self.length, length)
        if labels is None or labels.tobytes() in self.seen:
            return
        self.seen[labels.tobytes()] = labels
        self.labels = labels if self.labels is None else np.union1d(self.labels, labels)
        self.length, self.attrs = len(self.labels), attrs

    def places(self, labels: np.ndarray | None, length: int) -> np.ndarray | slice:
        """Return the positions of values with these coordinates along the merged dimension."""
        if labels is None or self.labels is None or len(self.seen) == 1:
            return slice(length)
        return np.searchsorted(self.labels, labels)  # np.union1d has sorted the labels


def _indexes(blocks: list[Block]) -> dict[str, _Index]:
    indexes: dict[str, _Index] = {}
    for block in blocks:
        for column in (*block.variables.values(), *block.coords.values()):
            dims, values, _ = column
            for dim, length in zip(dims, values.shape[values.ndim - len(dims) :], strict=True):
                coordinate = block.coords.get(dim)
                labels, attrs = (coordinate[1], coordinate[2]) if coordinate is not None else (None, {})
                indexes.setdefault(dim, _Index()).add(labels, length, attrs)
    return indexes


def _filled(
    holders: list[tuple[Block, Column]], names: tuple[str, ...], shape: tuple[int, ...], indexes: dict[str, _Index]
) -> tuple[tuple[str, ...], np.ndarray, dict[str, Any]]:
    dims, _, attrs = holders[0][1]
    inner = tuple(indexes[dim].length for dim in dims)
    dtype = np.result_type(*(values.dtype for _, (_, values, _) in holders))
    complete = _is_complete(holders, int(np.prod(shape)), inner)
    if not complete and dtype.kind in "iub":
        dtype = np.result_type(float)
    out = np.full((int(np.prod(shape)), *inner), "" if dtype.kind == "U" else 0 if complete else np.nan, dtype)
    for block, (stored_dims, values, _) in holders:
        order = [0, *(1 + stored_dims.index(dim) for dim in dims)]
        values = values.transpose(order)
        places = [indexes[dim].places(_labels(block, dim), n) for dim, n in zip(dims, values.shape[1:], strict=True)]
        if all(isinstance(place, slice) for place in places):
            out[(block.cells, *places)] = values
        else:
            arrays = [
                np.asarray(range(n)[p] if isinstance(p, slice) else p) for p, n in zip(places, inner, strict=True)
            ]
            out[np.ix_(np.asarray(block.cells), *arrays)] = values
    return (*names, *dims), out.reshape(*shape, *inner), attrs


def _labels(block: Block, dim: str) -> np.ndarray | None:
    return block.coords[dim][1] if dim in block.coords else None


def _is_complete(holders: list[tuple[Block, Column]], size: int, inner: tuple[int, ...]) -> bool:
    all_cells = sum(len(block.cells) for block, _ in holders) == size
    return all_cells and all(sorted(values.shape[1:]) == sorted(inner) for _, (_, values, _) in holders)


def _auxiliary(
    blocks: list[Block], name: str, names: tuple[str, ...], shape: tuple[int, ...], indexes: dict[str, _Index]
) -> Any:
    """Return a non-index coordinate: unchanged if it is equal at all points, otherwise expanded over the grid."""
    first = blocks[0].coords[name]
    identical = all(
        b.coords[name][0] == first[0] and np.array_equal(b.coords[name][1], first[1]) for b in blocks[1:]
    ) and first[1].shape == tuple(indexes[dim].length for dim in first[0])
    if identical:
        return first
    expanded = []
    for block in blocks:
        dims, values, attrs = block.coords[name]
        expanded.append((block, (dims, np.broadcast_to(values, (len(block.cells), *values.shape)), attrs)))
    return _filled(expanded, names, shape, indexes)
