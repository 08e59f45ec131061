"""On Dask: at the address of a scheduler, whose workers may die, leave and join."""

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from noisette.errors import InputError, integer, require
from noisette.imports import import_extra
from noisette.studies._measurement import Measurement
from noisette.studies.executors._work import (
    TRIES,
    Outcome,
    Outcomes,
    Portion,
    failed_outcome,
    limit_threads,
    pickled,
    run_task,
)

AHEAD = 3  # tasks that each thread of a worker has at hand
PATIENCE = 15.0  # seconds to find a scheduler
LOOK = 1.0  # seconds between looks at how many workers there are
LARGE = 10e6  # bytes


@dataclass(frozen=True)
class Dask:
    """Does the tasks of a study on the workers of a Dask scheduler.

    Workers may die, leave at their walltime and join late: what they had at hand is done elsewhere. They need the same
    versions of the libraries; results come to this process, which alone writes.

    Parameters
    ----------
    address : such as "tcp://10.0.0.1:8786"
    workers : how many tasks at a time a plan counts on; a run uses all the workers that there are

    Examples
    --------
    >>> Dask("tcp://127.0.0.1:8786").address
    'tcp://127.0.0.1:8786'
    """

    address: str
    workers: int = 1

    def __post_init__(self):
        integer(self.workers, "workers")
        known = self.address.startswith(("tcp://", "tls://", "ucx://", "ws://", "wss://", "inproc://"))
        require(known, f"scheduler {self.address!r}", "an address such as tcp://10.0.0.1:8786")
        distributed()

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Do tasks; see `Executor`."""
        try:
            client = distributed().Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise InputError(
                f"no scheduler answers at {self.address}; give the address that `dask scheduler` prints"
            ) from error
        with closing(client):
            yield from run_with_client(client, work, portions)


def distributed() -> Any:
    """Return the library, or say which extra brings it."""
    return import_extra("distributed", "cluster")


def run_with_client(client: Any, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
    """Do tasks through a client of Dask."""
    from distributed.client import FutureCancelledError

    try:
        yield from _results(client, work, portions)
    except (FutureCancelledError, OSError) as gone:  # of which lost connections and patience are kinds
        raise InputError("the scheduler of Dask has gone; finished tasks are safe: run it again") from gone


def _results(client: Any, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
    data, waiting, running, tries = pickled(work), iter(portions), {}, Counter()
    require(len(data) < LARGE, f"a measure of {len(data) / 1e6:.0f} MB", "at most 10 MB", "load what is large in it")
    queue = distributed().as_completed(loop=client.loop)

    def send(one: Portion) -> None:
        number, cells = one
        key = f"noisette-{work.seed}-{number}-{tries[number]}-{id(running)}"
        future = client.submit(_run_task, data, np.asarray(cells), key=key, pure=False)
        running[future.key] = one
        queue.add(future)

    threads, looked = 1, -LOOK
    while True:
        if time.monotonic() - looked > LOOK:  # workers come and go
            threads, looked = sum(client.nthreads().values()), time.monotonic()
        for one in islice(waiting, max(0, max(2, AHEAD * threads) - len(running))):
            send(one)
        if not running:
            return
        future = next(queue)
        one = running.pop(future.key)
        error = future.exception()
        if error is None:
            yield one[0], future.result()
        elif not isinstance(error, distributed().KilledWorker):
            if future.status == "cancelled":
                raise error
            what = f"{type(error).__name__}: {error}"
            raise InputError(f"a worker of Dask cannot do the task ({what}); see that it has the same programs")
        elif tries[one[0]] + 1 < TRIES:
            tries[one[0]] += 1
            send(one)
        else:
            yield one[0], failed_outcome(work, one[1], "it ended its workers; too little memory?")


def _run_task(data: bytes, cells: np.ndarray) -> Outcome:
    limit_threads(1)
    return run_task(data, cells)
