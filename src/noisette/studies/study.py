"""A grid of parameters and one measured function."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import xarray as xr

from noisette.errors import InputError, integer, require
from noisette.studies import _driver
from noisette.studies._digest import described, of_function
from noisette.studies._grid import Axis, Condition, Grid
from noisette.studies._measurement import REPEAT, Measurement, check_arguments, has_argument
from noisette.studies._merge import merged
from noisette.studies._plan import Plan, estimate, largest_batch
from noisette.studies.executors import Executor, ProcessPool, Serial


def _print_notice(line: str) -> None:
    print(f"noisette: {line}", file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Study:
    """One function measured on every point of a grid.

    Points are measured in tasks. What belongs to a task is a matter of the study, and random numbers are a matter of
    the point: so results are the same bits for any number of workers, wherever they are, interrupted or not.

    Parameters
    ----------
    name : how the study is called, in files and messages
    measure : called with one value of each coordinate, with all of `fixed`, and with a JAX random ``key`` of the point
        if it has an argument of that name. Returns a number, an array, a dictionary of arrays or of
        (dimensions, array), or a Dataset
    grid : coordinates and the values they run through, the last one fastest: numbers and names, or a dictionary of
        names and anything (weights, noises, networks)
    fixed : further arguments, the same at every point
    repeats : how often each point is measured, with other random numbers: the last coordinate, ``repeat``
    batch : points of a task; "auto" takes as many as memory holds. By default one, or with `vectorised` all that these
        span
    vectorised : coordinates, of numbers, that a task runs through side by side as one compiled function (`jax.vmap`);
        the measure then returns JAX arrays, and all else in the grid is split over tasks
    where : conditions on the coordinates, such as "inhibitory < size", or functions of them; other points are left out
    seed : of all random numbers
    shared : coordinates at all values of which random numbers are the same
    allow_nan : whether NaN and infinite values are results like others; points that have them otherwise count as failed

    Raises
    ------
    InputError : an empty or unknown coordinate, values that cannot be told apart, arguments the measure does not take.

    Examples
    --------
    >>> square = lambda x, power: xr.Dataset({"y": x**power})
    >>> Study("squares", square, {"x": [1, 2, 3]}, {"power": 2}).run().y.values
    array([1, 4, 9])
    >>> import jax
    >>> throw = lambda bias, key: {"heads": jax.random.uniform(key) < bias}
    >>> study = Study("coins", throw, {"bias": [0.2, 0.8]}, repeats=1000, vectorised=["repeat"])
    >>> study.run().heads.mean("repeat").values.round(1)
    array([0.2, 0.8])
    """

    name: str
    measure: Callable[..., Any]
    grid: Mapping[str, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    repeats: int | None = None
    batch: int | str | None = None
    vectorised: Sequence[str] = ()
    where: Condition | Sequence[Condition] = ()
    seed: int = 0
    shared: Sequence[str] = ()
    allow_nan: bool = False

    def __post_init__(self):
        try:
            self._check()
        except InputError as error:
            raise InputError(f"study {self.name!r}: {error}") from None

    def _check(self) -> None:
        if self.repeats is not None:
            integer(self.repeats, "repeats")
        if self.batch is not None and self.batch != "auto":
            integer(self.batch, "batch")
        integer(self.seed, "seed", 0)
        require(self.batch != "auto" or bool(self.vectorised), "batch 'auto'", "it needs `vectorised` coordinates")
        names = [axis.name for axis in self.axes]
        for kind in ("vectorised", "shared"):
            unknown = [name for name in getattr(self, kind) if name not in names]
            require(not unknown, f"{kind} {', '.join(unknown)}", f"one of the coordinates {', '.join(names)}")
        for axis in self.axes:
            text = axis.name in self.vectorised and any(not isinstance(one, int | float) for one in axis.values)
            require(not text, f"vectorised {axis.name!r} holds {axis.values[0]!r}", "numbers; split it over tasks")
        check_arguments(self.measure, names, self.fixed)
        random = has_argument(self.measure, "key") or has_argument(self.measure, REPEAT)
        require(self.repeats is None or random, "repeats of a measure without randomness", "a measure with a `key`")

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """The coordinates."""
        found = [Axis.read(name, values) for name, values in self.grid.items()]
        require(
            self.repeats is None or REPEAT not in self.grid, f"{REPEAT!r} in the grid and repeats", "one of the two"
        )
        if self.repeats is not None:
            found.append(Axis.read(REPEAT, range(self.repeats)))
        return tuple(found)

    def _conditions(self) -> tuple[Condition, ...]:
        return (self.where,) if isinstance(self.where, str) or callable(self.where) else tuple(self.where)

    def _grid(self, batch: int | None = None) -> Grid:
        if batch is None:
            batch = self.batch if isinstance(self.batch, int) else 0 if self.vectorised else 1
        return Grid(self.axes, self._conditions(), tuple(self.vectorised), batch)

    def _work(self, batch: int | None = None) -> Measurement:
        return Measurement(self.measure, self._grid(batch), self.fixed, self.seed, self.shared, self.allow_nan)

    def _batch(self, executor: Executor) -> int | None:
        side_by_side = (
            executor.workers if isinstance(executor, Serial | ProcessPool) else 1
        )  # in the memory of one machine
        return largest_batch(self._work(0), side_by_side) if self.batch == "auto" else None

    def configuration(self) -> dict[str, Any]:
        """Return what the results depend on, as JSON."""
        named = {axis.name: described(self.grid[axis.name]) for axis in self.axes if _is_named(self.grid, axis.name)}
        return {
            "name": self.name,
            "measure": of_function(self.measure),
            "order": [axis.name for axis in self.axes],
            "axes": {axis.name: list(axis.labels) for axis in self.axes},
            "named": named,
            "fixed": described(self.fixed),
            "vectorised": list(self.vectorised),
            "where": [one if isinstance(one, str) else of_function(one) for one in self._conditions()],
            "seed": self.seed,
            "shared": list(self.shared),
            "allow_nan": self.allow_nan,
        }

    def run(
        self,
        progress: Callable[[int, int], None] | None = None,
        executor: Executor | None = None,
        *,
        store: str | Path | None = None,
        retry_failed: bool = False,
        accept_changes: bool = False,
        notice: Callable[[str], None] = _print_notice,
    ) -> xr.Dataset:
        """Measure every point and join the results along the grid.

        Parameters
        ----------
        progress : called with (tasks done, tasks)
        executor : where tasks are done; by default here, one after another
        store : folder in which every task is kept as soon as it is done. Run it again, and it goes on where it stopped;
            points that blow up are recorded there, and the rest goes on. Without a store nothing is kept, and an error
            ends the run
        retry_failed : do tasks in which points failed again
        accept_changes : go on with a store even though the study is another now; finished tasks stay as they are. A
            store of another grid or batch is refused all the same: its tasks hold other points
        notice : called with lines on damaged files and on points that failed; prints them on standard error by default

        Returns
        -------
        Dataset over the coordinates; with a store as `open_store` gives it, and as ``result.nc`` in the store

        Raises
        ------
        InputError : a store of another study (it says what differs), in use, or that cannot be written.
        """
        executor = Serial() if executor is None else executor
        if store is None:
            return self._run_without_store(progress, executor)
        batch = _driver.batch_of(store) if self.batch == "auto" else None
        batch = self._batch(executor) if batch is None else batch
        work = self._work(batch)
        portions = work.grid.portions()
        about = self.configuration() | {"batch": work.grid.batch, "tasks": len(portions)}
        _driver.run_into_store(
            about,
            work,
            portions,
            store,
            executor,
            progress=progress,
            notice=notice,
            retry_failed=retry_failed,
            accept_changes=accept_changes,
        )
        data = _driver.merge_store(store)
        if lost := data.attrs["failures"].splitlines():
            notice(f"{len(lost)} of {sum(map(len, portions))} points failed, such as {lost[0]}")
        return data

    def _run_without_store(self, progress: Callable[[int, int], None] | None, executor: Executor) -> xr.Dataset:
        if not isinstance(executor, Serial):
            raise InputError(f"{type(executor).__name__} without a store; executor Serial, or a `store`")
        work = self._work(self._batch(executor))
        portions, parts = work.grid.portions(), {}
        # an error is raised as soon as a point raises it
        for number, part in executor.parts(partial(work.part, forgiving=False), enumerate(portions)):
            parts[number] = part
            if progress is not None:
                progress(len(parts), len(portions))
        return merged(self.axes, [block for number in sorted(parts) for block in parts[number].blocks])

    def plan(self, executor: Executor | None = None) -> Plan:
        """Return how many tasks there are, and how long and how much memory they will take, by doing one of them.

        Examples
        --------
        >>> Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).plan().tasks
        3
        """
        executor = Serial() if executor is None else executor
        return estimate(self._work(self._batch(executor)), executor.workers)

    @staticmethod
    def open(store: str | Path) -> xr.Dataset:
        """Return what is done of a study; see `open_store`."""
        return _driver.open_store(store)

    @staticmethod
    def status(store: str | Path) -> "_driver.Status":
        """Return how far a study is; see `noisette.studies.status`."""
        return _driver.status(store)


def _is_named(grid: Mapping[str, Any], name: str) -> bool:
    return isinstance(grid.get(name), Mapping)
