"""Executor for a Dask scheduler, whose workers may die, leave and join at any time."""

import os
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

from noisette.arguments import check_arguments
from noisette.errors import InputError, integer, require
from noisette.imports import NO_CODE, import_extra, watched_imports
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

AHEAD = 3  # tasks queued per worker thread
PATIENCE = 15.0  # seconds to find a scheduler
LOOK = 1.0  # seconds between counts of the workers
LARGE = 10e6  # largest size of a pickled measure, bytes


@check_arguments
@dataclass(frozen=True)
class Dask:
    """Executor that runs the tasks of a study on the workers of a Dask scheduler.

    Workers may die, reach their time limit or join late; their unfinished tasks are rescheduled. All workers need the
    same library versions. Results are returned to this process, which is the only one that writes to the store.

    Parameters
    ----------
    address : address of the scheduler, such as "tcp://10.0.0.1:8786"
    workers : number of simultaneous tasks assumed by `Study.plan`; a run uses all available workers

    See Also
    --------
    studies.Serial : One process; no start-up time, and errors are easy to debug.
    studies.ProcessPool : Several processes on this machine.
    studies.Cluster : Jobs of SLURM, PBS, LSF, SGE, HTCondor or OAR.

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
        """Run tasks; see `Executor`."""
        try:
            client = distributed().Client(self.address, timeout=PATIENCE, set_as_default=False)
        except (OSError, TimeoutError) as error:
            raise InputError(
                f"no Dask scheduler responds at {self.address}; give the address that `dask scheduler` prints"
            ) from error
        with closing(client):
            yield from run_with_client(client, work, portions)


def distributed() -> Any:
    """Return the library, or raise an error that names the extra that installs it."""
    return import_extra("distributed", "cluster")


def run_with_client(client: Any, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
    """Run tasks through a Dask client."""
    from distributed.client import FutureCancelledError

    try:
        yield from _results(client, work, portions)
    except (FutureCancelledError, OSError) as error:  # OSError includes lost connections and timeouts
        raise InputError(
            "the connection to the Dask scheduler was lost; finished tasks are kept; run the study again"
        ) from error


def _results(client: Any, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
    data, waiting, running, tries = pickled(work), iter(portions), {}, Counter()
    require(
        len(data) < LARGE,
        f"a measure of {len(data) / 1e6:.0f} MB",
        "at most 10 MB",
        "load large data within the measure",
    )
    queue = distributed().as_completed(loop=client.loop)

    def send(portion: Portion) -> None:
        number, cells = portion
        key = f"noisette-{work.seed}-{number}-{tries[number]}-{id(running)}"
        future = client.submit(_run_task, data, np.asarray(cells), NO_CODE in os.environ, key=key, pure=False)
        running[future.key] = portion
        queue.add(future)

    threads, last_count = 1, -LOOK
    while True:
        if time.monotonic() - last_count > LOOK:  # the number of workers may change
            threads, last_count = sum(client.nthreads().values()), time.monotonic()
        for portion in islice(waiting, max(0, max(2, AHEAD * threads) - len(running))):
            send(portion)
        if not running:
            return
        future = next(queue)
        portion = running.pop(future.key)
        error = future.exception()
        if error is None:
            yield portion[0], future.result()
        elif not isinstance(error, distributed().KilledWorker):
            if future.status == "cancelled":
                raise error
            reason = f"{type(error).__name__}: {error}"
            raise InputError(
                f"a Dask worker cannot run the task ({reason}); install the same library versions on workers"
            )
        elif tries[portion[0]] + 1 < TRIES:
            tries[portion[0]] += 1
            send(portion)
        else:
            yield portion[0], failed_outcome(work, portion[1], "the task ended its workers; possibly out of memory")


def _run_task(data: bytes, cells: np.ndarray, no_code: bool = False) -> Outcome:
    limit_threads(1)
    with watched_imports(lambda name: None, refuse=no_code):
        return run_task(data, cells)
