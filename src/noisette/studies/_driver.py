"""How a study is carried out into a store: what is left to do, in what order it is kept, and how it stops."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from noisette.studies._folder import Folder, storage_errors
from noisette.studies._grid import Axis
from noisette.studies._lock import Lock, is_alive, lock_owner
from noisette.studies._measurement import Measurement
from noisette.studies._merge import merged
from noisette.studies._part import Block, Failure
from noisette.studies.executors import Executor
from noisette.studies.progress import format_duration
from noisette.studies.store import save

RESULT = "result.nc"
RECENT = 200  # tasks that the time left is estimated from


@dataclass(frozen=True)
class Status:
    """How far a study is.

    Parameters
    ----------
    name : of the study
    tasks, done, failed : tasks in all, those with a result, those of them in which points failed
    owner : who is at work on it: host, pid, since; None if nobody is
    seconds_left : estimate from the latest tasks, None before three are done
    """

    name: str
    tasks: int
    done: int
    failed: int
    owner: dict[str, Any] | None
    seconds_left: float | None

    @property
    def running(self) -> bool:
        """Whether a process is at work on it."""
        return self.owner is not None

    def line(self) -> str:
        """Return it in one line."""
        state = "done" if self.done == self.tasks else "running" if self.running else "interrupted"
        bad = f", {self.failed} with failures" if self.failed else ""
        left = f", about {format_duration(self.seconds_left)} left" if self.running and self.seconds_left else ""
        return f"{self.name}: {self.done} of {self.tasks} tasks done{bad}, {state}{left}"


def run_into_store(
    configuration: dict[str, Any],
    work: Measurement,
    portions: list[np.ndarray],
    store: str | Path,
    executor: Executor,
    *,
    progress: Callable[[int, int], None] | None,
    notice: Callable[[str], None],
    retry_failed: bool,
    accept_changes: bool,
) -> None:
    """Do the tasks that a store lacks, and keep each as soon as it is done."""
    folder = Folder(store)
    with _sigterm_as_exit(), _locked(folder.place):
        folder.begin(configuration, notice, accept_changes)
        folder.sweep()
        done = set(folder.finished(len(portions), notice))
        if retry_failed:
            done -= set(folder.failed())
        left = [number for number in range(len(portions)) if number not in done]
        count = len(done)
        if progress is not None:
            progress(count, len(portions))
        if not left:
            return
        with closing(executor.run(work, ((number, portions[number]) for number in left))) as outcomes:
            for number, outcome in outcomes:
                folder.keep(number, outcome.data, outcome.failures)
                count += 1
                if progress is not None:
                    progress(count, len(portions))


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    lock = Lock(place)
    with storage_errors(place):
        place.mkdir(parents=True, exist_ok=True)
        lock.__enter__()
    try:
        yield
    finally:
        lock.__exit__(None, None, None)


@contextmanager
def _sigterm_as_exit() -> Iterator[None]:
    """Let a request to terminate end work in order, as an interrupt from the keyboard does."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def status(store: str | Path) -> Status:
    """Return how far the study of a store is.

    Parameters
    ----------
    store : folder

    Raises
    ------
    InputError : it is no store.

    Examples
    --------
    >>> import tempfile, noisette as nz
    >>> folder = tempfile.mkdtemp()
    >>> found = nz.Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).run(store=folder)
    >>> status(folder).line()
    'squares: 3 of 3 tasks done, done'
    """
    folder = Folder(store)
    about = folder.read()["configuration"]
    lock = folder.place / "lock"
    owner = lock_owner(lock)
    if owner is not None and not is_alive(lock, owner):
        owner = None
    done = folder.done()
    left = (about["tasks"] - done) * pace if (pace := _pace(folder.times())) is not None else None
    return Status(about["name"], about["tasks"], done, len(folder.failed()), owner, left)


def _pace(times: list[float]) -> float | None:
    """Return the seconds between tasks of late, without the longest pause: it may be that of an interruption."""
    between = np.diff(np.sort(times)[-RECENT:])
    return float((between.sum() - between.max()) / (len(between) - 1)) if len(between) > 1 else None


def open_store(store: str | Path) -> xr.Dataset:
    """Return what is done of a study as one dataset over its grid; what is not yet is NaN.

    Parameters
    ----------
    store : folder

    Returns
    -------
    Dataset with ``study``, ``seed``, ``tasks``, ``tasks_done`` and ``failures`` (a line each) as attributes

    Raises
    ------
    InputError : it is no store.

    Examples
    --------
    >>> import tempfile, noisette as nz
    >>> folder = tempfile.mkdtemp()
    >>> found = nz.Study("squares", lambda x: x**2, {"x": [1, 2, 3]}).run(store=folder)
    >>> open_store(folder).value.values
    array([1, 4, 9])
    """
    folder = Folder(store)
    about = folder.read()["configuration"]
    blocks: list[Block] = []
    done = 0
    for number in range(about["tasks"]):
        part = folder.part(number)
        if part is not None:
            blocks += part.blocks
            done += 1
    axes = [Axis(name, tuple(about["axes"][name]), tuple(about["axes"][name])) for name in about["order"]]
    data = merged(axes, blocks)
    lost = "\n".join(one.line() for one in folder.failures())
    return data.assign_attrs(
        study=about["name"], seed=about["seed"], tasks=about["tasks"], tasks_done=done, failures=lost
    )


def merge_store(store: str | Path) -> xr.Dataset:
    """Return what is done of a study, and keep it as one file in its store, too."""
    data = open_store(store)
    with storage_errors(Path(store)):
        save(data, Path(store) / RESULT)
    return data


def failures(store: str | Path) -> list[Failure]:
    """Return the points of a store that failed, with the words and the place of their errors.

    Examples
    --------
    >>> import tempfile, noisette as nz
    >>> folder = tempfile.mkdtemp()
    >>> found = nz.Study("inverse", lambda x: 1 / x, {"x": [0, 1]}).run(store=folder)
    >>> failures(folder)[0].line()
    'x = 0: exception: ZeroDivisionError: division by zero'
    """
    folder = Folder(store)
    folder.read()
    return folder.failures()


def batch_of(store: str | Path) -> int | None:
    """Return the points of a task that a store was begun with, None if it is new."""
    folder = Folder(store)
    return folder.read()["configuration"]["batch"] if folder.manifest.is_file() else None
