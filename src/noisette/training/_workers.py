"""Worker processes: each trains one network at a time on one core."""

import os
import pickle
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Any

from noisette.errors import InputError
from noisette.threads import environment, threads_of

POLL_INTERVAL = 0.5  # seconds between reads of the reports of the workers
worker: dict[str, Any] = {}  # queue, events and lock of a worker process, set by `_initialise`


def _initialise(reports: Any, stop: Any) -> None:
    """Initialise a worker process."""
    import signal

    # An interrupt reaches the whole process group. Workers ignore it: the parent sets `stop`, so that they can save.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    worker.update(reports=reports, stop=stop, busy=threading.Lock(), orphaned=threading.Event())
    threading.Thread(target=_exit_with_parent, daemon=True).start()


def _exit_with_parent() -> None:
    """Wait for the end of the parent process, then exit as soon as the current job has saved its state."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    worker["orphaned"].set()
    with worker["busy"]:
        os._exit(1)  # a regular exit would wait for the parent to read the queues


def _run_job(job: Callable[..., Any], index: int) -> Any:
    """Run a job in a worker process, which does not exit before the job ends."""
    with worker["busy"]:
        return job(index, _report, _stopping)


def _report(report: Any) -> None:
    """Send a report to the parent process, unless it has been killed."""
    if not worker["orphaned"].is_set():
        worker["reports"].put(report)


def _stopping() -> bool:
    """Return whether the parent process requested a stop or has been killed."""
    return worker["orphaned"].is_set() or worker["stop"].is_set()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Set the environment of new processes to one thread each: every worker has one core."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()  # keep the user's flags
    single = threads_of(1) | {"XLA_FLAGS": flags}
    with environment(single):
        yield


def run_in_processes(
    job: Callable[..., Any],
    indices: list[int],
    workers: int,
    report: Callable[[Any], None],
    on_end: Callable[[Any], None],
) -> None:
    """Run ``job(index, report, stopping)`` for every index in worker processes.

    At an interrupt, ``stopping()`` returns True in the jobs, which then save their state and return.

    Parameters
    ----------
    job : picklable function
    indices : numbers of the networks
    workers : number of processes
    report : called in this process with each report of a job
    on_end : called in this process with the result of each job
    """
    context = get_context("spawn")
    reports, stop = context.SimpleQueue(), context.Event()
    with _single_threaded(), ProcessPoolExecutor(workers, context, _initialise, (reports, stop)) as pool:
        waiting: set[Future] = {pool.submit(_run_job, job, index) for index in indices}
        try:
            while waiting:
                done, waiting = wait(waiting, POLL_INTERVAL, FIRST_COMPLETED)
                _read(reports, report)
                for future in done:
                    on_end(future.result())
        except BrokenProcessPool as error:
            raise InputError(
                "a worker process died; either memory was insufficient, or this is a script without "
                "`if __name__ == '__main__':`; resume, with fewer workers if memory was the cause"
            ) from error
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


def require_picklable(value: Any) -> None:
    """Raise `InputError` if a value cannot be sent to worker processes."""
    try:
        pickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InputError(
            f"an argument that cannot be sent to workers ({error}); functions of a module, without lambdas, and "
            "a function that returns the optimiser, such as functools.partial(optax.sgd, 0.1); or train with one worker"
        ) from error


def _read(reports: Any, report: Callable[[Any], None]) -> None:
    """Pass all waiting reports to `report`."""
    while not reports.empty():
        report(reports.get())


def run_serially(
    job: Callable[..., Any],
    indices: list[int],
    report: Callable[[Any], None],
    on_end: Callable[[Any], None],
) -> None:
    """Run the same jobs in this process, one after another; parameters as for `run_in_processes`."""
    for index in indices:
        on_end(job(index, report, lambda: False))
