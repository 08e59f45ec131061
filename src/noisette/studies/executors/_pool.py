"""Executor for local processes, which are replaced when they die."""

import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import islice

import numpy as np
from loky import ProcessPoolExecutor

from noisette.errors import integer, require
from noisette.studies._measurement import Measurement
from noisette.studies.executors._work import TRIES, Outcome, Outcomes, Portion, failed_outcome, pickled, run_task
from noisette.threads import threads_of

AHEAD = 2  # messages queued per process
SENT, MOST = 0.2, 50  # largest work (s) and largest number of tasks in a message
LOOK = 1.0  # seconds between checks of the processes


@dataclass(frozen=True)
class ProcessPool:
    """Executor that runs the tasks of a study in local processes.

    Results do not depend on the number of processes, but their last bits may depend on the number of threads in each.
    A process that dies is replaced and its task repeated; a task during which three processes die is recorded as
    failed.

    Parameters
    ----------
    workers : number of processes; 0 for as many as the cores allow
    threads : number of BLAS and XLA threads per process; ``workers * threads`` must not exceed the number of cores

    See Also
    --------
    studies.Serial : One process; no start-up time, and errors are easy to debug.
    studies.Dask : An existing Dask scheduler.
    studies.Cluster : Jobs of SLURM, PBS, LSF, SGE, HTCondor or OAR.

    Examples
    --------
    >>> ProcessPool(1).workers
    1
    """

    workers: int = 0
    threads: int = 1

    def __post_init__(self):
        cores = os.cpu_count() or 1
        integer(self.threads, "threads")
        integer(self.workers, "workers", 0)
        if self.workers == 0:
            object.__setattr__(self, "workers", max(1, cores // self.threads))
        require(
            self.workers >= 1 and self.workers * self.threads <= max(cores, self.threads),
            f"{self.workers} workers × {self.threads} threads",
            f"at least one worker, and together no more threads than the {cores} cores of this machine",
        )

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Run tasks; see `Executor`."""
        data, waiting, tries = pickled(work), iter(portions), Counter()
        processes = [_Worker(self.threads) for _ in range(self.workers)]
        repeated: deque[Portion] = deque()
        try:
            while True:
                for process in processes:
                    process.fill(data, repeated, waiting)
                if not any(process.running for process in processes):
                    return
                wait([future for process in processes for future in process.running], LOOK, FIRST_COMPLETED)
                for process in processes:
                    yield from process.done()
                    if process.broken:
                        first, others = process.replaced()
                        repeated.extend(others)
                        if len(first) > 1:  # any of them may have ended the process: repeat each one alone
                            repeated.extend(first)
                        elif tries[first[0][0]] + 1 < TRIES:
                            tries[first[0][0]] += 1
                            repeated.extend(first)
                        else:
                            number, cells = first[0]
                            message = f"the task ended {TRIES} processes; possibly out of memory"
                            yield number, failed_outcome(work, cells, message)
        finally:
            for process in processes:
                process.end()


class _Worker:
    """One process and its queue, which is kept in order so that the task that ended the process can be identified.

    Short tasks are sent several at a time, since a message takes about a millisecond.
    """

    def __init__(self, threads: int):
        self.threads, self.broken, self.pace = threads, False, SENT
        self.running: dict[Future, list[Portion]] = {}
        self._begin()

    def _begin(self) -> None:
        self.pool = ProcessPoolExecutor(
            1, initializer=_prepare, initargs=(os.getpid(),), env=threads_of(self.threads), timeout=None
        )

    def fill(self, data: bytes, repeated: deque[Portion], portions: Iterator[Portion]) -> None:
        while len(self.running) < AHEAD and not self.broken:
            count = min(MOST, max(1, int(SENT / self.pace)))
            portions_sent = [repeated.popleft()] if repeated else list(islice(portions, count))
            if not portions_sent:
                return
            try:
                self.running[self.pool.submit(run_tasks, data, [cells for _, cells in portions_sent])] = portions_sent
            except BrokenProcessPool:
                self.broken = True
                self.running[Future()] = portions_sent

    def done(self) -> Iterator[tuple[int, Outcome]]:
        for future in [item for item in self.running if item.done()]:
            try:
                outcomes = future.result()
            except BrokenProcessPool:
                self.broken = True
                return
            self.pace = max(sum(item.seconds for item in outcomes) / len(outcomes), 1e-4)
            yield from zip([number for number, _ in self.running.pop(future)], outcomes, strict=True)

    def replaced(self) -> tuple[list[Portion], list[Portion]]:
        """Start a new process; return the tasks that the old one was running, and those that were queued."""
        first, *others = self.running.values()
        self.end()
        self.running, self.broken = {}, False
        self._begin()
        return first, [portion for message in others for portion in message]

    def end(self) -> None:
        self.pool.shutdown(wait=True, kill_workers=True)


def run_tasks(data: bytes, portions: list[np.ndarray]) -> list[Outcome]:
    """Run several tasks, and return their outcomes in order."""
    return [run_task(data, cells) for cells in portions]


def _prepare(parent: int) -> None:
    # A keyboard interrupt reaches the whole process group, but the parent process decides when workers stop.
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with_parent():
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
