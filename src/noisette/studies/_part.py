"""What one task of a study leaves behind: arrays, failures, and a file that notices when it was damaged."""

import json
import math
from dataclasses import asdict, dataclass, field
from hashlib import blake2b
from typing import Any

import numpy as np
import xarray as xr

MAGIC = b"noisette task 1\n"
DIGEST, LENGTH = 32, 8  # bytes

Column = tuple[tuple[str, ...], np.ndarray, dict[str, Any]]  # dimensions, values, attributes


class DamagedError(ValueError):
    """A file that is not what a task wrote: cut short, changed, or of another program."""


@dataclass(frozen=True)
class Failure:
    """A point that blew up: where, how, and the words of the error.

    Parameters
    ----------
    coordinates : of the point, by their names
    kind : "exception", "not finite" or "worker died"
    message : in one line
    traceback : empty where there is none
    """

    coordinates: dict[str, Any]
    kind: str
    message: str
    traceback: str = ""

    def line(self) -> str:
        """Return it in one line."""
        where = ", ".join(f"{name} = {value}" for name, value in self.coordinates.items())
        return f"{where}: {self.kind}: {self.message}"


@dataclass
class Block:
    """Results of the same form: variables have the points as their first axis, coordinates do not."""

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
    """Return results of points as blocks, points of one form together."""
    forms: dict[Any, list[int]] = {}
    for cell, data in results.items():
        variables = tuple((name, one.dims, one.shape, one.dtype.str) for name, one in data.data_vars.items())
        coords = tuple((name, one.dims, one.dtype.str, one.values.tobytes()) for name, one in data.coords.items())
        forms.setdefault((variables, coords), []).append(cell)
    found = []
    for cells in forms.values():
        first = results[cells[0]]
        variables = {
            str(name): (
                tuple(map(str, one.dims)),
                np.stack([results[cell][name].values for cell in cells]),
                plain(one.attrs),
            )
            for name, one in first.data_vars.items()
        }
        coords = {
            str(name): (tuple(map(str, one.dims)), one.values, plain(one.attrs)) for name, one in first.coords.items()
        }
        found.append(Block(cells, variables, coords, plain(first.attrs)))
    return found


def plain(attrs: dict[Any, Any]) -> dict[str, Any]:
    """Return attributes as JSON and netCDF hold them: texts, numbers, lists of one of these; others as JSON text."""
    found = json.loads(json.dumps({str(name): value for name, value in attrs.items()}, default=_as_json))
    return {name: value if _is_simple(value) else json.dumps(value) for name, value in found.items()}


def _is_simple(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and len({type(one) for one in value}) == 1 and _is_simple(value[0])
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _as_json(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else str(value)


def encode(part: Part) -> bytes:
    """Return a part as the bytes of its file: a word, a checksum, a head in JSON with its length, and the arrays."""
    arrays: list[bytes] = []
    size = 0

    def columns(given: dict[str, Column]) -> dict[str, Any]:
        nonlocal size
        found = {}
        for name, (dims, values, attrs) in given.items():
            found[name] = [list(dims), values.dtype.str, list(values.shape), size, attrs]
            arrays.append(np.ascontiguousarray(values).tobytes())
            size += values.nbytes
        return found

    blocks = []
    for one in part.blocks:
        inner = {"variables": columns(one.variables), "coords": columns(one.coords)}
        blocks.append({"cells": list(map(int, one.cells)), "attrs": one.attrs} | inner)
    failures = [asdict(one) for one in part.failures]
    head = {"blocks": blocks, "failures": failures, "seconds": part.seconds, "versions": part.versions}
    text = json.dumps(head).encode()
    body = b"".join([len(text).to_bytes(LENGTH, "little"), text, *arrays])
    return MAGIC + blake2b(body, digest_size=DIGEST).digest() + body


def checked(data: bytes) -> bytes:
    """Return the inner part of a file, after comparing its checksum.

    Raises
    ------
    DamagedError : truncated, changed or foreign.
    """
    start = len(MAGIC) + DIGEST
    if not data.startswith(MAGIC):
        raise DamagedError("empty" if not data else "not written by a study")
    if blake2b(data[start:], digest_size=DIGEST).digest() != data[len(MAGIC) : start]:
        raise DamagedError("cut short or changed: its checksum is another")
    return data[start:]


def decode(data: bytes) -> Part:
    """Return the part that `encode` wrote.

    Raises
    ------
    DamagedError : truncated, changed or foreign.
    """
    body = checked(data)
    start = LENGTH + int.from_bytes(body[:LENGTH], "little")
    head = json.loads(body[LENGTH:start])

    def columns(given: dict[str, Any]) -> dict[str, Column]:
        found = {}
        for name, (dims, kind, shape, place, attrs) in given.items():
            values = (
                np.frombuffer(body, kind, math.prod(shape), start + place) if math.prod(shape) else np.empty(0, kind)
            )
            found[name] = (tuple(dims), values.reshape(shape), attrs)
        return found

    blocks = [Block(b["cells"], columns(b["variables"]), columns(b["coords"]), b["attrs"]) for b in head["blocks"]]
    return Part(blocks, [Failure(**one) for one in head["failures"]], head["seconds"], head["versions"])
