"""The class `Study`: one function measured on a grid of parameters."""

import sys
import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Literal

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.errors import FailedPointsWarning, InputError, StudyFailedError, integer, require, users_frame
from noisette.progress import Callback, ProgressLike, reporting
from noisette.studies import _driver
from noisette.studies._conditions import Condition
from noisette.studies._digest import described, of_function
from noisette.studies._grid import Axis, Grid
from noisette.studies._measurement import REPEAT, Measurement, check_measure, has_argument
from noisette.studies._merge import merged
from noisette.studies._names import unstorable_text
from noisette.studies._plan import Plan, estimate, largest_batch
from noisette.studies._report import TaskReport
from noisette.studies.executors import Executor, ProcessPool, Serial


def _print_notice(line: str) -> None:
    print(f"noisette: {line}", file=sys.stderr, flush=True)


@check_arguments
@dataclass(frozen=True)
class Study:
    """One function measured at every point of a grid.

    The points are measured in tasks. The assignment of points to tasks depends only on the study, and the random
    numbers of a point only on its coordinates and the seed. Results are therefore identical to the bit for any number
    of workers on any machines, and whether or not the run was interrupted.

    Parameters
    ----------
    name : name of the study in files and messages
    measure : function called with one value of each coordinate, with all entries of `fixed`, and with the JAX random
        key of the point if it has an argument named ``key``. It returns a number, an array, a dictionary of arrays or
        of pairs (dimensions, array), or a Dataset
    grid : mapping of coordinates to their values; the last coordinate varies fastest. Values are numbers and strings,
        or a dictionary from labels to arbitrary objects (weights, noises, networks)
    fixed : further arguments, identical at every point
    repeats : number of measurements of each point with independent random numbers; they form the last coordinate,
        ``repeat``
    batch : number of points per task; "auto" takes as many as fit into memory. The default is 1, or, with
        `vectorised`, all points that the vectorised coordinates span
    vectorised : numeric coordinates that a task evaluates in parallel as one compiled function (`jax.vmap`). The
        measure must then return JAX arrays; the other coordinates are distributed over tasks
    where : conditions on the coordinates, as strings such as "inhibitory < size" or as functions of the coordinates;
        points that violate a condition are left out
    seed : seed of all random numbers
    shared : coordinates that do not enter the random key: points that differ only in them use the same random numbers
    allow_nan : whether NaN and infinite values are valid results. By default, points with such values count as failed
    cost : relative run time of a point, a function of its coordinates, from which the remaining time is estimated; by
        default all tasks count the same. Results do not depend on it
    units : units of coordinates, by their names, such as ``{"delay": "ms"}``; other numbers have no unit

    Raises
    ------
    InputError : If a coordinate is empty or unknown, values of a coordinate are not distinct, or the measure does not
        take one of the arguments.

    See Also
    --------
    studies.Serial : One process; no start-up time, and errors are easy to debug.
    studies.ProcessPool : Several processes on this machine.
    studies.Dask : An existing Dask scheduler.
    studies.Cluster : Jobs of SLURM, PBS, LSF, SGE, HTCondor or OAR.

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
    grid: Mapping[Any, Any]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    repeats: int | None = None
    batch: int | Literal["auto"] | None = None
    vectorised: Sequence[str] = ()
    where: Condition | Sequence[Condition] = ()
    seed: int = 0
    shared: Sequence[str] = ()
    allow_nan: bool = False
    cost: Callable[..., float] | None = None
    units: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self):
        try:
            self._check()
        except InputError as error:
            raise type(error)(f"study {self.name!r}: {error}") from None

    def _check(self) -> None:
        text = isinstance(self.name, str) and self.name != "" and not unstorable_text(self.name)
        require(text, f"name {self.name!r}", "text without control characters")
        if self.repeats is not None:
            integer(self.repeats, "repeats")
        if self.batch is not None and self.batch != "auto":
            integer(self.batch, "batch")
        integer(self.seed, "seed", 0)
        require(self.batch != "auto" or bool(self.vectorised), "batch 'auto'", "it needs `vectorised` coordinates")
        names = [axis.name for axis in self.axes]
        for kind in ("vectorised", "shared", "units"):
            unknown = [name for name in getattr(self, kind) if name not in names]
            require(not unknown, f"{kind} {', '.join(unknown)}", f"one of the coordinates {', '.join(names)}")
        for axis in self.axes:
            not_numeric = axis.name in self.vectorised and any(
                not isinstance(value, int | float) for value in axis.values
            )
            require(
                not not_numeric, f"vectorised {axis.name!r} holds {axis.values[0]!r}", "numbers", "do not vectorise it"
            )
        check_measure(self.measure, names, self.fixed)
        random = has_argument(self.measure, "key") or has_argument(self.measure, REPEAT)
        require(
            self.repeats is None or random,
            "repeats of a measure without randomness",
            "a measure with an argument `key`",
        )

    @cached_property
    def axes(self) -> tuple[Axis, ...]:
        """The coordinates of the grid, including ``repeat``."""
        axes = [Axis.read(name, values, self.units.get(name, "")) for name, values in self.grid.items()]
        require(
            self.repeats is None or REPEAT not in self.grid, f"{REPEAT!r} in the grid and repeats", "one of the two"
        )
        if self.repeats is not None:
            axes.append(Axis.read(REPEAT, range(self.repeats)))
        return tuple(axes)

    def _conditions(self) -> tuple[Condition, ...]:
        if isinstance(self.where, str) or callable(self.where):
            return (self.where,)
        require(isinstance(self.where, Sequence), f"where {self.where!r}", "a condition, or a list of conditions")
        return tuple(self.where)

    def _grid(self, batch: int | None = None) -> Grid:
        if batch is None:
            batch = self.batch if isinstance(self.batch, int) else 0 if self.vectorised else 1
        return Grid(self.axes, self._conditions(), tuple(self.vectorised), batch)

    def _work(self, batch: int | None = None) -> Measurement:
        return Measurement(self.measure, self._grid(batch), self.fixed, self.seed, self.shared, self.allow_nan)

    def _batch(self, executor: Executor) -> int | None:
        # Workers of these executors share the memory of one machine.
        sharing = executor.workers if isinstance(executor, Serial | ProcessPool) else 1
        return largest_batch(self._work(0), sharing) if self.batch == "auto" else None

    def _costs(self, grid: Grid, portions: Sequence[np.ndarray]) -> list[float]:
        """Return the relative cost of each task; 1 without `cost`."""
        cost = self.cost
        if cost is None:
            return [1.0] * len(portions)
        return [sum(float(cost(**grid.values(int(cell)))) for cell in cells) for cells in portions]

    def configuration(self) -> dict[str, Any]:
        """Return everything on which the results depend, as data that JSON can represent."""
        named = {axis.name: described(self.grid[axis.name]) for axis in self.axes if _is_named(self.grid, axis.name)}
        return {
            "name": self.name,
            "measure": of_function(self.measure),
            "order": [axis.name for axis in self.axes],
            "axes": {axis.name: list(axis.labels) for axis in self.axes},
            "named": named,
            "fixed": described(self.fixed),
            "vectorised": list(self.vectorised),
            "where": [rule if isinstance(rule, str) else of_function(rule) for rule in self._conditions()],
            "seed": self.seed,
            "shared": list(self.shared),
            "allow_nan": self.allow_nan,
        } | ({"units": dict(self.units)} if self.units else {})

    def run(
        self,
        progress: ProgressLike = None,
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
        progress : True to show a bar with the remaining time (see `show_progress`), or a function called with
            (finished tasks, all tasks)
        executor : how tasks are run; by default one after another in this process
        store : folder in which each task is saved as soon as it is finished. A later run with the same store resumes
            where the previous one stopped; points that raise an error are recorded there and the run continues.
            Without a store nothing is saved, and an error ends the run
        retry_failed : whether to repeat tasks in which points failed
        accept_changes : whether to resume a store although the study has changed since; finished tasks are kept as
            they are. A store with a different grid or batch is refused in any case, because its tasks contain
            different points
        notice : function called with one-line messages about damaged files; by default they are printed to standard
            error

        Returns
        -------
        Dataset over the coordinates. With a store it is the dataset that `open_store` returns, and it is also saved as
        ``result.nc`` in the store

        Raises
        ------
        InputError : If the store belongs to a different study (the message lists the differences), is in use, or
            cannot be written.
        UnstorableError : If netCDF cannot store a result; the run ends at the first such point.
        StudyFailedError : If all points failed; their errors and results are in the store.

        Warns
        -----
        FailedPointsWarning : some points failed
        """
        executor = Serial() if executor is None else executor
        allowed = "an executor, such as Serial(), ProcessPool(2) or Dask()"
        require(callable(getattr(executor, "run", None)), f"executor {executor!r}", allowed)
        with reporting(progress, self.name) as callback:
            if store is None:
                return self._run_without_store(callback, executor)
            return self._run_into_store(callback, executor, store, retry_failed, accept_changes, notice)

    def _run_into_store(
        self,
        progress: Callback | None,
        executor: Executor,
        store: str | Path,
        retry_failed: bool,
        accept_changes: bool,
        notice: Callable[[str], None],
    ) -> xr.Dataset:
        batch = _driver.batch_of(store) if self.batch == "auto" else None
        batch = self._batch(executor) if batch is None else batch
        work = self._work(batch)
        portions = work.grid.portions()
        configuration = self.configuration() | {"batch": work.grid.batch, "tasks": len(portions)}
        data = _driver.run_into_store(
            configuration,
            work,
            portions,
            store,
            executor,
            progress=progress,
            costs=self._costs(work.grid, portions),
            notice=notice,
            retry_failed=retry_failed,
            accept_changes=accept_changes,
        )
        self._report_failures(data.attrs["failures"].splitlines(), sum(map(len, portions)))
        return data

    def _report_failures(self, lines: list[str], points: int) -> None:
        """Raise `StudyFailedError` if all points failed, and warn if some did."""
        if not lines:
            return
        about = f"of study {self.name!r} failed; the first is {lines[0]}"
        if len(lines) >= points:
            remedy = "correct the cause, and run the study again with retry_failed"
            raise StudyFailedError(f"all {points} points {about}; {remedy}")
        warnings.warn(f"{len(lines)} of {points} points {about}", FailedPointsWarning, stacklevel=users_frame())

    def _run_without_store(self, progress: Callback | None, executor: Executor) -> xr.Dataset:
        if not isinstance(executor, Serial):
            raise InputError(
                f"executor {type(executor).__name__} without a store; give a `store`, or use the executor Serial"
            )
        work = self._work(self._batch(executor))
        portions, parts = work.grid.portions(), {}
        report = TaskReport(progress, self._costs(work.grid, portions))
        # Nothing is saved without a store, so the first error of a point ends the run.
        with closing(executor.results(partial(work.part, record_failures=False), enumerate(portions))) as measured:
            for number, part in measured:
                parts[number] = part
                report.finished(number)
        return merged(self.axes, [block for number in sorted(parts) for block in parts[number].blocks])

    def plan(self, executor: Executor | None = None) -> Plan:
        """Run one task, and return the number of tasks with estimates of their run time and memory.

        Warns
        -----
        FailedPointsWarning : a point of the task failed, so that the estimates may be wrong

        Examples
        --------
        >>> Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).plan().tasks
        3
        """
        executor = Serial() if executor is None else executor
        plan = estimate(self._work(self._batch(executor)), executor.workers)
        if plan.failure:
            message = f"a point of the measured task of study {self.name!r} failed: {plan.failure}"
            warnings.warn(message, FailedPointsWarning, stacklevel=users_frame())
        return plan

    @staticmethod
    def open(store: str | Path) -> xr.Dataset:
        """Return the results of the finished tasks; see `open_store`."""
        return _driver.open_store(store)

    @staticmethod
    def status(store: str | Path) -> "_driver.Status":
        """Return the progress of a study; see `noisette.studies.status`."""
        return _driver.status(store)


def _is_named(grid: Mapping[str, Any], name: str) -> bool:
    return isinstance(grid.get(name), Mapping)
