"""The grid of a study: its coordinates, the points that are measured, and their division into tasks."""

import json
import math
import numbers
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import product
from typing import Any

import numpy as np

from noisette.calls import LABELS
from noisette.errors import InputError, UnstorableError, require
from noisette.studies._conditions import Condition, rule
from noisette.studies._names import check_name, unstorable_text

Label = str | bool | int | float
MOST_CELLS = 10_000_000


@dataclass(frozen=True)
class Axis:
    """A coordinate of the grid: its values, their labels, and their unit."""

    name: str
    labels: tuple[Label, ...]
    values: tuple[Any, ...]
    unit: str = ""

    @property
    def attrs(self) -> dict[str, str]:
        """Attributes of the coordinate in results: its name in plots and, for numbers, its unit."""
        numeric = not any(isinstance(label, str | bool) for label in self.labels)
        return {"long_name": LABELS.get(self.name, self.name.replace("_", " "))} | (
            {"units": self.unit} if numeric else {}
        )

    @classmethod
    def read(cls, name: Any, values: Any, unit: str = "") -> "Axis":
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
        repeated = [str(label) for label, count in Counter(labels).items() if count > 1]
        require(not repeated, f"axis {name!r} has {', '.join(repeated)} more than once", "each value once")
        return cls(name, labels, tuple(values.values() if named else values), unit)


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
        names = [axis.name for axis in self.axes]
        rules = [rule(condition, names) for condition in self.conditions]
        points = (dict(zip(names, values, strict=True)) for values in product(*(axis.values for axis in self.axes)))
        kept = [cell for cell, point in enumerate(points) if all(holds(point) for holds in rules)]
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
