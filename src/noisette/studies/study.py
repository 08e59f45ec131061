"""A grid of parameters and one measured function."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
import xarray as xr
from threadpoolctl import threadpool_limits

from noisette.errors import require


@dataclass(frozen=True)
class Study:
    """One function measured on every point of a grid.

    Parameters
    ----------
    name : how the study is called, in files and messages
    measure : called with one value of each coordinate and with all of `fixed`; returns a Dataset
    grid : coordinates and the values they run through, the last one fastest
    fixed : further arguments, the same at every point

    Examples
    --------
    >>> square = lambda x, power: xr.Dataset({"y": x**power})
    >>> Study("squares", square, {"x": [1, 2, 3]}, {"power": 2}).run().y.values
    array([1, 4, 9])
    """

    name: str
    measure: Callable[..., xr.Dataset]
    grid: Mapping[str, Sequence[Any] | np.ndarray]
    fixed: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self):
        for name, values in self.grid.items():
            require(len(values) > 0, f"study {self.name!r} has no value of {name!r}", "at least one")

    def run(self, progress: Callable[[int, int], None] | None = None, threads: int = 1) -> xr.Dataset:
        """Measure every point and join the results along the grid.

        Parameters
        ----------
        progress : called with (points done, points)
        threads : points measured side by side; results do not depend on it
        """
        cells = list(product(*self.grid.values()))
        each = max(1, (os.cpu_count() or 1) // threads)
        # BLAS threads beyond the number of cores wait for one another, and take many times as long
        with threadpool_limits(None if threads == 1 else each, "blas"):
            pool = ThreadPoolExecutor(threads)
            jobs = [pool.submit(self.measure, **dict(zip(self.grid, c, strict=True)), **self.fixed) for c in cells]
            try:
                for done, job in enumerate(as_completed(jobs), 1):
                    job.result()  # raises what a point raised, at once
                    if progress is not None:
                        progress(done, len(cells))
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
        parts = [job.result() for job in jobs]
        return _join(parts, [(name, list(values)) for name, values in self.grid.items()])


def _join(parts: list[xr.Dataset], axes: list[tuple[str, list[Any]]]) -> xr.Dataset:
    """Concatenate results of a grid, last axis first."""
    for name, values in reversed(axes):
        label = xr.DataArray(np.asarray(values), dims=name, name=name)
        parts = [
            xr.concat(
                parts[i : i + len(values)],
                dim=label,
                combine_attrs="override",
                coords="minimal",
                compat="override",
                join="outer",
            )
            for i in range(0, len(parts), len(values))
        ]
    return parts[0]
