"""Numbers that were not made by Noisette, and the calls that compute the same quantities.

`tests/data/oracles.toml` contains the numbers. `tests/test_oracles.py` compares them with the results of the functions
below, and `validation` prints both.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from docs._sphinx import oracle_calls

FILE = Path(__file__).parents[2] / "tests" / "data" / "oracles.toml"
TEST = "tests/test_oracles.py"
KINDS = ("published", "exact", "program")


@dataclass(frozen=True, eq=False)
class Oracle:
    """A number, or several, with its source, and the call that computes our value; fields as in the file."""

    section: str
    name: str
    quantity: str
    kind: str
    source: str
    function: str
    value: Any
    call: str
    arguments: tuple[Any, ...] = ()
    absolute: Any = 0.0
    relative: Any = 0.0
    test: str = TEST

    @property
    def compute(self) -> Callable[..., Any]:
        """Return the function that computes our value."""
        return getattr(oracle_calls, self.function)

    @property
    def theirs(self) -> np.ndarray:
        """Return the numbers of the source."""
        return np.asarray(self.value, float)

    @cached_property
    def ours(self) -> np.ndarray:
        """Return our numbers, computed on first use."""
        return np.asarray(self.compute(*self.arguments), float)

    @property
    def tolerance(self) -> np.ndarray:
        """Return the largest absolute deviation that is accepted, for each number."""
        return np.asarray(self.absolute, float) + np.asarray(self.relative, float) * np.abs(self.theirs)

    @property
    def deviation(self) -> np.ndarray:
        """Return the absolute deviation of each number; NaN where the source has none."""
        return np.abs(self.ours - self.theirs)

    @property
    def agrees(self) -> bool:
        """Return whether all numbers agree."""
        stated = ~np.isnan(self.theirs)
        return self.ours.shape == self.theirs.shape and bool((self.deviation <= self.tolerance)[stated].all())


def read(path: Path = FILE) -> list[Oracle]:
    """Return all oracles of the file, in its order."""
    tables = tomllib.loads(path.read_text(encoding="utf-8"))["oracle"]
    return [Oracle(**{**table, "arguments": tuple(table.get("arguments", ()))}) for table in tables]
