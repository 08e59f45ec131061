"""The result of one task of a study, and its file format with a checksum."""

import json
import math
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import xarray as xr

MAGIC = b"noisette task 1\n"
DIGEST, LENGTH = 32, 8  # bytes

Column = tuple[tuple[str, ...], np.ndarray, dict[str, Any]]  # dimensions, values, attributes


class DamagedError(ValueError):
    """Error for a file that is truncated, altered, or not the result of a task."""


@dataclass(frozen=True)
class Failure:
    """The failure of a point.

    Parameters
    ----------
    coordinates : coordinates of the point
    kind : "exception", "not finite" or "worker died"
    message : error message, in one line
    traceback : traceback of the exception; empty if there is none
    """

    coordinates: dict[str, Any]
    kind: str
    message: str
    traceback: str = ""

    def line(self) -> str:
        """Return the failure as one line of text."""
        where = ", ".join(f"{name} = {value}" for name, value in self.coordinates.items())
        return f"{where}: {self.kind}: {self.message}"


@dataclass
class Block:
    """Results of points with the same structure; the points are the first axis of variables, but not of coordinates."""

    cells: list[int]
    variables: dict[str, Column]
    coords: dict[str, Column]
    attrs: dict[str, Any]


@dataclass
class Part:
    """The results of one task."""

    blocks: list[Block] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=dict)


def blocks_of(results: dict[int, xr.Dataset]) -> list[Block]:
    """Return the results of points as blocks, one for each distinct structure."""
    forms: dict[Any, list[int]] = {}
    for cell, data in results.items():
        variables = tuple(
            (name, value.dims, value.shape, value.dtype.str) for name, value in columns(data, data.data_vars)
        )
        coords = tuple(
            (name, value.dims, value.dtype.str, value.values.tobytes()) for name, value in columns(data, data.coords)
        )
        forms.setdefault((variables, coords), []).append(cell)
    blocks = []
    for cells in forms.values():
        first = results[cells[0]]
        variables = {
            str(name): (
                tuple(map(str, value.dims)),
                np.stack([results[cell].variables[name].values for cell in cells]),
                plain(value.attrs),
            )
            for name, value in columns(first, first.data_vars)
        }
        coords = {
            str(name): (tuple(map(str, value.dims)), value.values, plain(value.attrs))
            for name, value in columns(first, first.coords)
        }
        blocks.append(Block(cells, variables, coords, plain(first.attrs)))
    return blocks


def columns(data: xr.Dataset, names: Iterable[Any]) -> list[tuple[Any, xr.Variable]]:
    """Return variables by name, without the `DataArray` of each, whose construction takes longer than a short task.

    Examples
    --------
    >>> columns(xr.Dataset({"y": 1.5}), ["y"])[0][1].item()
    1.5
    """
    return [(name, data.variables[name]) for name in names]


def plain(attrs: dict[Any, Any]) -> dict[str, Any]:
    """Return attributes as strings, numbers and uniform lists, which netCDF can store; other values as JSON text."""
    simple = json.loads(json.dumps({str(name): value for name, value in attrs.items()}, default=_as_json))
    return {name: value if _is_simple(value) else json.dumps(value) for name, value in simple.items()}


def _is_simple(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and len({type(element) for element in value}) == 1 and _is_simple(value[0])
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _as_json(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def encode(part: Part) -> bytes:
    """Return a part as bytes: magic string, checksum, length of the JSON header, header, and arrays."""
    arrays: list[bytes] = []
    size = 0

    def stored(by_name: dict[str, Column]) -> dict[str, Any]:
        nonlocal size
        entries = {}
        for name, (dims, values, attrs) in by_name.items():
            entries[name] = [list(dims), values.dtype.str, list(values.shape), size, attrs]
            arrays.append(np.ascontiguousarray(values).tobytes())
            size += values.nbytes
        return entries

    blocks = []
    for item in part.blocks:
        inner = {"variables": stored(item.variables), "coords": stored(item.coords)}
        blocks.append({"cells": list(map(int, item.cells)), "attrs": item.attrs} | inner)
    failures = [asdict(item) for item in part.failures]
    header = {"blocks": blocks, "failures": failures, "seconds": part.seconds, "versions": part.versions}
    text = json.dumps(header).encode()
    body = b"".join([len(text).to_bytes(LENGTH, "little"), text, *arrays])
    return MAGIC + blake2b(body, digest_size=DIGEST).digest() + body


def checked(data: bytes) -> bytes:
    """Return the contents of a file without magic string and checksum, after verifying both.

    Raises
    ------
    DamagedError : If the file is truncated, altered, or not the result of a task.
    """
    start = len(MAGIC) + DIGEST
    if not data.startswith(MAGIC):
        raise DamagedError("empty" if not data else "not the result of a task")
    if blake2b(data[start:], digest_size=DIGEST).digest() != data[len(MAGIC) : start]:
        raise DamagedError("truncated or altered: its checksum does not match")
    return data[start:]


def decode(data: bytes) -> Part:
    """Return the part written by `encode`.

    Raises
    ------
    DamagedError : If the file is truncated, altered, or not the result of a task.
    """
    body = checked(data)
    start = LENGTH + int.from_bytes(body[:LENGTH], "little")
    header = json.loads(body[LENGTH:start])

    def arrays(entries: dict[str, Any]) -> dict[str, Column]:
        columns_by_name = {}
        for name, (dims, kind, shape, place, attrs) in entries.items():
            values = (
                np.frombuffer(body, kind, math.prod(shape), start + place) if math.prod(shape) else np.empty(0, kind)
            )
            columns_by_name[name] = (tuple(dims), values.reshape(shape), attrs)
        return columns_by_name

    blocks = [Block(b["cells"], arrays(b["variables"]), arrays(b["coords"]), b["attrs"]) for b in header["blocks"]]
    return Part(blocks, [Failure(**failure) for failure in header["failures"]], header["seconds"], header["versions"])
