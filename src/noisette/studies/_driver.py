"""Runs of a study with a store: selection of the remaining tasks, storage of results, and orderly termination."""

import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.progress import Callback, format_duration
from noisette.studies._folder import Folder, storage_errors
from noisette.studies._grid import Axis
from noisette.studies._lock import Lock, is_alive, lock_owner
from noisette.studies._measurement import Measurement
from noisette.studies._merge import merged
from noisette.studies._names import check_block
from noisette.studies._part import Block, Failure, decode
from noisette.studies._report import TaskReport
from noisette.studies.executors import Executor
from noisette.studies.executors._work import Outcome, Outcomes
from noisette.studies.store import save

RESULT = "result.nc"
RECENT = 200  # number of latest tasks from which the remaining time is estimated


@dataclass(frozen=True)
class Status:
    """Progress of a study.

    Parameters
    ----------
    name : name of the study
    tasks : number of tasks
    done : number of tasks with a result
    failed : number of tasks with a result in which points failed
    owner : process that runs the study, as a dictionary with ``host``, ``pid`` and ``since``; None if it is not running
    seconds_left : remaining time in seconds, estimated from the latest tasks; None before three tasks are finished
    """

    name: str
    tasks: int
    done: int
    failed: int
    owner: dict[str, Any] | None
    seconds_left: float | None

    @property
    def running(self) -> bool:
        """Whether a process is running the study."""
        return self.owner is not None

    def line(self) -> str:
        """Return the status as one line of text."""
        state = "complete" if self.done == self.tasks else "running" if self.running else "interrupted"
        failed = f", {self.failed} with failures" if self.failed else ""
        left = f", about {format_duration(self.seconds_left)} left" if self.running and self.seconds_left else ""
        return f"{self.name}: {self.done} of {self.tasks} tasks done{failed}, {state}{left}"


def run_into_store(
    configuration: dict[str, Any],
    work: Measurement,
    portions: list[np.ndarray],
    store: str | Path,
    executor: Executor,
    *,
    progress: Callback | None,
    costs: Sequence[float],
    notice: Callable[[str], None],
    retry_failed: bool,
    accept_changes: bool,
) -> xr.Dataset:
    """Run the tasks that are missing in a store, save each as soon as it is finished, and return and save the result.

    The result is saved while the store is locked, because the next owner of the lock removes temporary files.
    """
    folder = Folder(store)
    with _sigterm_as_exit(), _locked(folder.place):
        folder.begin(configuration, notice, accept_changes)
        folder.sweep()
        done = set(folder.finished(len(portions), notice))
        if retry_failed:
            done -= set(folder.failed())
        remaining = [number for number in range(len(portions)) if number not in done]
        report = TaskReport(progress, costs, done)
        report.show()
        with closing(_outcomes(executor, work, portions, remaining)) as outcomes:
            tested = done  # results of an earlier run have the same names and types

            def keep(number: int, outcome: Outcome) -> None:
                nonlocal tested
                if not tested:
                    for block in decode(outcome.data).blocks:
                        check_block(block)
                        tested = {number}
                folder.keep(number, outcome.data, outcome.failures)
                report.finished(number)

            _keep_all(outcomes, keep)
        return merge_store(store)


def _keep_all(outcomes: Outcomes, keep: Callable[[int, Outcome], None]) -> None:
    """Keep each outcome; after an interrupt also those of the tasks that were finished before it."""
    latest = None
    try:
        for latest in outcomes:
            keep(*latest)
    except (KeyboardInterrupt, SystemExit) as interrupt:
        if latest is not None:
            keep(*latest)  # its storage may have been interrupted
        with suppress(type(interrupt)):  # raised by the executor after its last outcome
            keep(*outcomes.throw(interrupt))
            for outcome in outcomes:
                keep(*outcome)
        raise


def _outcomes(executor: Executor, work: Measurement, portions: list[np.ndarray], remaining: list[int]) -> Outcomes:
    """Yield the outcomes of the remaining tasks; no worker is started if there are none."""
    if remaining:
        yield from executor.run(work, ((number, portions[number]) for number in remaining))


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    lock = Lock(place, hint="`noisette status` shows its progress")
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        lock.__enter__()
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Raise `SystemExit` on SIGTERM, so that contexts are closed as after a keyboard interrupt."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


@check_arguments
def status(store: str | Path) -> Status:
    """Return the progress of the study in a store.

    Parameters
    ----------
    store : folder of the study

    Raises
    ------
    InputError : If the folder is not the store of a study.

    Examples
    --------
    >>> import tempfile, noisette as nz
    >>> folder = tempfile.mkdtemp()
    >>> data = nz.Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).run(store=folder)
    >>> status(folder).line()
    'squares: 3 of 3 tasks done, complete'
    """
    folder = Folder(store)
    configuration = folder.read()["configuration"]
    lock = folder.place / "lock"
    owner = lock_owner(lock)
    if owner is not None and not is_alive(lock, owner):
        owner = None
    done = folder.done()
    left = (configuration["tasks"] - done) * pace if (pace := _pace(folder.times())) is not None else None
    return Status(configuration["name"], configuration["tasks"], done, len(folder.failed()), owner, left)


def _pace(times: list[float]) -> float | None:
    """Return the mean time between the latest tasks in seconds, without the longest gap, a possible interruption."""
    between = np.diff(np.sort(times)[-RECENT:])
    return float((between.sum() - between.max()) / (len(between) - 1)) if len(between) > 1 else None


@check_arguments
def open_store(store: str | Path) -> xr.Dataset:
    """Return the results of the finished tasks of a study as one dataset over its grid.

    Points that have not been measured yet are NaN.

    Parameters
    ----------
    store : folder of the study

    Returns
    -------
    Dataset with the attributes ``study``, ``seed``, ``tasks``, ``tasks_done`` and ``failures`` (one line per failed
    point)

    Raises
    ------
    InputError : If the folder is not the store of a study.

    See Also
    --------
    studies.load : A result from a file.
    studies.status : The progress of a study.
    studies.failures : Its failed points.

    Examples
    --------
    >>> import tempfile, noisette as nz
    >>> folder = tempfile.mkdtemp()
    >>> data = nz.Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).run(store=folder)
    >>> open_store(folder).value.values
    array([1, 4, 9])
    """
    folder = Folder(store)
    configuration = folder.read()["configuration"]
    blocks: list[Block] = []
    done = 0
    for number in range(configuration["tasks"]):
        part = folder.part(number)
        if part is not None:
            blocks += part.blocks
            done += 1
    labels = {name: tuple(configuration["axes"][name]) for name in configuration["order"]}
    units = configuration.get("units", {})
    axes = [Axis(name, values, values, units.get(name, "")) for name, values in labels.items()]
    data = merged(axes, blocks)
    failed = "\n".join(failure.line() for failure in folder.failures())
    return data.assign_attrs(
        study=configuration["name"],
        seed=configuration["seed"],
        tasks=configuration["tasks"],
        tasks_done=done,
        failures=failed,
    )


def merge_store(store: str | Path) -> xr.Dataset:
    """Return the results of the finished tasks of a study, and save them as one file in its store."""
    data = open_store(store)
    with storage_errors(Path(store)):
        save(data, Path(store) / RESULT)
    return data


@check_arguments
def failures(store: str | Path) -> list[Failure]:
    """Return the failed points of a store, with error messages and tracebacks.

    Examples
    --------
    >>> import tempfile, warnings, noisette as nz
    >>> folder = tempfile.mkdtemp()
    >>> with warnings.catch_warnings(action="ignore", category=nz.FailedPointsWarning):
    ...     data = nz.Study("inverse", lambda x: 1 / x, {"x": [0, 1]}).run(store=folder)
    >>> failures(folder)[0].line()
    'x = 0: exception: ZeroDivisionError: division by zero'
    """
    folder = Folder(store)
    folder.read()
    return folder.failures()


def batch_of(store: str | Path) -> int | None:
    """Return the number of points per task with which a store was created; None if it does not exist yet."""
    folder = Folder(store)
    return folder.read()["configuration"]["batch"] if folder.manifest.is_file() else None
