"""The grid of a study: its coordinates, the points that are measured, and their division into tasks."""

import ast
import json
import math
import numbers
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

import numpy as np

from noisette.errors import InputError, UnstorableError, require
from noisette.studies._names import check_name, unstorable_text

Label = str | bool | int | float
Condition = str | Callable[..., bool]
MOST_CELLS = 10_000_000


@dataclass(frozen=True)
class Axis:
    """A coordinate of the grid: its values and their labels."""

    name: str
    labels: tuple[Label, ...]
    values: tuple[Any, ...]

    @classmethod
    def read(cls, name: Any, values: Any) -> "Axis":
        """Return the axis for a list of values, or for a dictionary from labels to values."""
        check_name(name, "coordinate")
        named = isinstance(values, Mapping)
        require(
            named or (hasattr(values, "__len__") and not isinstance(values, str)),
            f"axis {name!r} is {values!r}",
            "a list of values, or a dictionary of names and values",
        )
        require(len(values) > 0, f"no value of {name!r}", "at least one")
        labels = tuple(_label(name, label) for label in values)
        repeated = (
            [str(label) for label in dict.fromkeys(labels) if labels.count(label) > 1] if len(labels) < 10_000 else []
        )
        require(not repeated, f"axis {name!r} has {', '.join(repeated)} more than once", "each value once")
        return cls(name, labels, tuple(values.values() if named else values))


def _label(axis: str, value: Any) -> Label:
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if isinstance(value, str) and (reason := unstorable_text(value)):
        raise UnstorableError(f"axis {axis!r} has {value!r}, which {reason}; text that netCDF can store; rename it")
    if isinstance(value, str | bool | np.bool):
        return bool(value) if isinstance(value, np.bool) else value
    if isinstance(value, numbers.Integral):
        fits = -(2**63) <= int(value) < 2**63
        require(fits, f"axis {axis!r} has {value}", "integers of 64 bits", "give it a name: {'large': …}")
        return int(value)
    if isinstance(value, numbers.Real):
        require(not math.isnan(value), f"axis {axis!r} has {value}", "numbers, infinity included, other than NaN")
        return float(value)
    raise InputError(
        f"axis {axis!r} has a {type(value).__name__}; values are numbers and strings; "
        "give other objects names: {'weak': White(0.1), 'strong': White(1.0)}"
    )


@dataclass(frozen=True)
class Grid:
    """The points of a grid that satisfy all conditions, divided into portions, one for each task.

    Parameters
    ----------
    axes : coordinates; the last one varies fastest
    conditions : conditions that each measured point satisfies
    vectorised : names of the axes that vary within a portion; the other coordinates are constant in it
    batch : largest number of points in a portion; 0 for all points that the vectorised axes span
    """

    axes: tuple[Axis, ...]
    conditions: tuple[Condition, ...] = ()
    vectorised: tuple[str, ...] = ()
    batch: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        """Number of values of each axis."""
        return tuple(len(axis.labels) for axis in self.axes)

    def labels(self, cell: int) -> dict[str, Label]:
        """Return the labels of a point as a dictionary from coordinates to labels."""
        places = np.unravel_index(cell, self.shape)
        return {axis.name: axis.labels[i] for axis, i in zip(self.axes, places, strict=True)}

    def values(self, cell: int) -> dict[str, Any]:
        """Return the values of a point as a dictionary from coordinates to values."""
        places = np.unravel_index(cell, self.shape)
        return {axis.name: axis.values[i] for axis, i in zip(self.axes, places, strict=True)}

    def cells(self) -> np.ndarray:
        """Return the flat indices of the points that are measured."""
        size = math.prod(self.shape)
        require(size <= MOST_CELLS, f"{size:,} points", f"at most {MOST_CELLS:,}", "split the study")
        if not self.conditions:
            return np.arange(size)
        rules = [_rule(condition, [axis.name for axis in self.axes]) for condition in self.conditions]
        kept = [cell for cell in range(size) if all(rule(self.values(cell)) for rule in rules)]
        require(bool(kept), "no point of the grid satisfies the conditions", "at least one", "relax `where`")
        return np.asarray(kept)

    def portions(self) -> list[np.ndarray]:
        """Return the points of each task; they depend on neither the number of workers nor interruptions."""
        cells = self.cells()
        if not self.vectorised:
            step = self.batch or len(cells)
            return [cells[i : i + step] for i in range(0, len(cells), step)]
        places = np.array(np.unravel_index(cells, self.shape))
        split = [i for i, axis in enumerate(self.axes) if axis.name not in self.vectorised]
        groups: dict[tuple[int, ...], list[int]] = {}
        for cell, place in zip(cells.tolist(), places[split].T.tolist(), strict=True):
            groups.setdefault(tuple(place), []).append(cell)
        portions = []
        for group in groups.values():
            step = self.batch or len(group)
            portions += [np.asarray(group[i : i + step]) for i in range(0, len(group), step)]
        return portions


ALLOWED = (
    *(ast.Expression, ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.BinOp, ast.Add, ast.Sub),
    *(ast.Mult, ast.Div, ast.Mod, ast.Pow, ast.Compare, ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE),
    *(ast.In, ast.NotIn, ast.Name, ast.Load, ast.Constant, ast.Tuple, ast.List),
)


def _rule(condition: Condition, names: Sequence[str]) -> Callable[[dict[str, Any]], bool]:
    """Return a condition as a function of the values of a point; strings are limited to comparisons and arithmetic."""
    if not isinstance(condition, str):
        return lambda values: bool(condition(**values))
    text = f"condition {condition!r}"
    allowed = f"comparisons of {', '.join(names)} and numbers (inf is infinity), joined by and, or, not"
    try:
        tree = ast.parse(condition, mode="eval")
    except SyntaxError as error:
        raise InputError(f"{text} cannot be read; {allowed}") from error
    for node in ast.walk(tree):
        require(isinstance(node, ALLOWED), f"{text} contains a {type(node).__name__.lower()}", allowed)
        require(
            not isinstance(node, ast.Name) or node.id in (*names, "inf"),
            f"{text} contains the unknown name {getattr(node, 'id', '')!r}",
            allowed,
        )
    code = compile(tree, "<where>", "eval")

    def rule(values: dict[str, Any]) -> bool:
        try:
            return bool(eval(code, {"__builtins__": {}, "inf": math.inf}, values))  # safe: every node was checked above
        except (TypeError, ArithmeticError) as error:
            raise InputError(f"{text} fails at {values}: {error}; {allowed}") from error

    return rule


def coordinate_hash(seed: int, labels: Mapping[str, Label], shared: Sequence[str] = ()) -> tuple[int, int]:
    """Return a hash of the coordinates of a point and the seed, as two 32-bit integers.

    The hash does not depend on other points of the grid, on the order of the coordinates, or on `shared` coordinates.

    Examples
    --------
    >>> coordinate_hash(0, {"a": 1, "b": 2}) == coordinate_hash(0, {"b": 2.0, "a": 1})
    True
    >>> coordinate_hash(0, {"a": 1, "b": 2}, shared=["b"]) == coordinate_hash(0, {"a": 1, "b": 3}, shared=["b"])
    True
    """
    distinct = {name: _same(label) for name, label in labels.items() if name not in shared}
    text = json.dumps([seed, sorted(distinct.items())])
    digest = blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest[:4], "big"), int.from_bytes(digest[4:], "big")


def _same(label: Label) -> Label:
    """Return 2 for 2.0, so that equal coordinates use equal random numbers."""
    return int(label) if isinstance(label, float) and label.is_integer() else label
