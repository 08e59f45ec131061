"""Executor for the current process."""

import ctypes
import threading
import time
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from itertools import islice
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

import numpy as np
from threadpoolctl import threadpool_limits

from noisette.errors import integer
from noisette.studies._measurement import Measurement
from noisette.studies._part import encode
from noisette.studies.executors._work import Outcome, Outcomes, Portion
from noisette.threads import TASK

T = TypeVar("T")
PATIENCE, AGAIN = 1.0, 0.1  # seconds to wait for stopped threads, and between requests to stop


@dataclass(frozen=True)
class Serial:
    """Executor that runs the tasks of a study in the current process, which simplifies debugging.

    An interrupt ends the running tasks, in threads as in the main thread, as soon as the interpreter executes the next
    instruction, thus after the current call of a compiled function. Finished tasks are kept.

    Parameters
    ----------
    workers : number of threads, each of which runs one task; more than one is faster only if most of the time is spent
        in NumPy, SciPy or JAX, which release the global interpreter lock

    See Also
    --------
    studies.ProcessPool : Several processes on this machine.
    studies.Dask : An existing Dask scheduler.
    studies.Cluster : Jobs of SLURM, PBS, LSF, SGE, HTCondor or OAR.

    Examples
    --------
    >>> Serial().workers
    1
    """

    workers: int = 1

    def __post_init__(self):
        integer(self.workers, "workers")

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Run tasks; see `Executor`. Tasks that are finished when an interrupt is thrown into the generator follow."""

        def run_task(cells: np.ndarray) -> Outcome:
            part = work.part(cells)
            return Outcome(encode(part), part.failures)

        yield from self.results(run_task, portions)

    def results(
        self, measure: Callable[[np.ndarray], T], portions: Iterable[Portion]
    ) -> Generator[tuple[int, T], None, None]:
        """Run tasks with another measuring function, and yield the numbers and results of tasks."""
        if self.workers == 1:
            yield from ((number, measure(cells)) for number, cells in portions)
            return
        with threadpool_limits(1, "blas"):  # more BLAS threads than cores would slow each other down
            threads = _Threads(self.workers, measure)
            try:
                yield from threads.results(portions)
            finally:
                threads.stop()


class _Threads(Generic[T]):
    """Threads that run tasks until they are stopped; those of `concurrent.futures` always finish the running tasks."""

    def __init__(self, count: int, measure: Callable[[np.ndarray], T]):
        self.count, self.measure, self.stopped = count, measure, False
        self.waiting: SimpleQueue[Portion | None] = SimpleQueue()
        self.finished: SimpleQueue[tuple[int, T | BaseException]] = SimpleQueue()
        self.busy: set[int] = set()  # identifiers of the threads that run a task
        self.threads = [threading.Thread(target=self._work, name=f"{TASK}-{i}") for i in range(count)]
        for thread in self.threads:
            thread.start()

    def _work(self) -> None:
        this = threading.get_ident()
        while (portion := self.waiting.get()) is not None:
            number, cells = portion
            self.busy.add(this)
            try:
                outcome = self.measure(cells)
            except BaseException as error:  # raised in the main thread, unless it is the request to stop
                if self.stopped:
                    return
                outcome = error
            finally:
                self.busy.discard(this)
            self.finished.put((number, outcome))

    def results(self, portions: Iterable[Portion]) -> Generator[tuple[int, T], None, None]:
        """Yield the results of tasks; after an interrupt also those of tasks that were finished before it."""
        tasks, unfinished = iter(portions), 0
        try:
            while True:
                for portion in islice(tasks, 2 * self.count - unfinished):
                    self.waiting.put(portion)
                    unfinished += 1
                if not unfinished:
                    return
                number, outcome = self.finished.get()
                unfinished -= 1
                if isinstance(outcome, BaseException):
                    raise outcome
                yield number, outcome
        except (KeyboardInterrupt, SystemExit):
            self.stop()
            while not self.finished.empty():
                number, outcome = self.finished.get()
                if not isinstance(outcome, BaseException):
                    yield number, outcome
            raise

    def stop(self) -> None:
        """Raise `SystemExit` in the threads that run tasks, end the others, and wait a moment for all of them.

        The request is repeated, because an exception that arrives in a finaliser is ignored. A thread within a call of
        a compiled function ends after the call.
        """
        self.stopped = True
        try:
            while True:
                self.waiting.get_nowait()
        except Empty:
            pass
        for _ in self.threads:
            self.waiting.put(None)
        end = time.monotonic() + PATIENCE
        while any(thread.is_alive() for thread in self.threads) and time.monotonic() < end:
            for identifier in list(self.busy):
                ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(identifier), ctypes.py_object(SystemExit))
            for thread in self.threads:
                thread.join(AGAIN / self.count)
