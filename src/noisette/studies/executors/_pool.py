"""In processes of this machine, which may be killed."""

import os
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain

from loky import ProcessPoolExecutor

from noisette.errors import require
from noisette.studies._measurement import Measurement
from noisette.studies.executors._work import TRIES, Outcome, Outcomes, Portion, died, packed, perform, threads_of

AHEAD = 2  # tasks that a process has at hand
LOOK = 1.0  # seconds


@dataclass(frozen=True)
class Pool:
    """Does the tasks of a study in processes of this machine.

    Results do not depend on the number of processes; they may, in their last bits, on the number of threads in each.
    A process that dies is replaced, and its task done again; a task that ends three is recorded as failed.

    Parameters
    ----------
    workers : processes; as many as there are cores for by default
    threads : of BLAS and XLA in each; all together do not exceed the cores

    Examples
    --------
    >>> Pool(1).workers
    1
    """

    workers: int = 0
    threads: int = 1

    def __post_init__(self):
        cores = os.cpu_count() or 1
        require(self.threads >= 1, f"{self.threads} threads", "at least one")
        if self.workers == 0:
            object.__setattr__(self, "workers", max(1, cores // self.threads))
        require(
            self.workers >= 1 and self.workers * self.threads <= max(cores, self.threads),
            f"{self.workers} workers × {self.threads} threads",
            f"at least one worker, and together no more threads than the {cores} cores of this machine",
        )

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Do tasks; see `Executor`."""
        data, waiting, tries = packed(work), iter(portions), Counter()
        lanes = [_Lane(self.threads) for _ in range(self.workers)]
        again: deque[Portion] = deque()
        try:
            while True:
                for lane in lanes:
                    lane.fill(data, chain(_taken(again), waiting))
                if not any(lane.running for lane in lanes):
                    return
                wait([future for lane in lanes for future in lane.running], LOOK, FIRST_COMPLETED)
                for lane in lanes:
                    yield from lane.done()
                    if lane.broken:
                        first, *others = lane.replaced()
                        tries[first[0]] += 1
                        if tries[first[0]] < TRIES:
                            again.append(first)
                        else:
                            yield first[0], died(work, first[1], f"it ended {TRIES} processes; too little memory?")
                        again.extend(others)
        finally:
            for lane in lanes:
                lane.end()


def _taken(again: deque[Portion]) -> Iterator[Portion]:
    while again:
        yield again.popleft()


class _Lane:
    """One process and what it has at hand, in order: if it dies, it is known of which task."""

    def __init__(self, threads: int):
        self.threads, self.broken = threads, False
        self.running: dict[Future, Portion] = {}
        self._begin()

    def _begin(self) -> None:
        self.pool = ProcessPoolExecutor(
            1, initializer=_prepare, initargs=(os.getpid(),), env=threads_of(self.threads), timeout=None
        )

    def fill(self, data: bytes, portions: Iterator[Portion]) -> None:
        while len(self.running) < AHEAD and not self.broken:
            one = next(portions, None)
            if one is None:
                return
            try:
                self.running[self.pool.submit(perform, data, one[1])] = one
            except BrokenProcessPool:
                self.broken = True
                self.running[Future()] = one

    def done(self) -> Iterator[tuple[int, Outcome]]:
        for future in [one for one in self.running if one.done()]:
            try:
                outcome = future.result()
            except BrokenProcessPool:
                self.broken = True
                return
            yield self.running.pop(future)[0], outcome

    def replaced(self) -> list[Portion]:
        """Begin a new process; return what the old one had at hand, what it was doing first."""
        left = list(self.running.values())
        self.end()
        self.running, self.broken = {}, False
        self._begin()
        return left

    def end(self) -> None:
        self.pool.shutdown(wait=True, kill_workers=True)


def _prepare(parent: int) -> None:
    # an interrupt reaches the whole group; the process that started this one says when to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    def end_with_parent():
        while os.getppid() == parent:
            time.sleep(LOOK)
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()
