"""Networks side by side: one process for each core, networks outside and time inside."""

import os
import pickle
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from multiprocessing import connection, get_context, parent_process
from typing import Any

from noisette.errors import InputError
from noisette.threads import threads_of

LOOK = 0.5  # seconds between looks at what the processes report
shared: dict[str, Any] = {}


def _prepare(reports: Any, stop: Any) -> None:
    import signal

    # an interrupt reaches the whole group; the process that started this one says when to stop
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    shared.update(reports=reports, stop=stop, busy=threading.Lock(), orphaned=threading.Event())
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """Wait for the end of the process that started this one; end then, too, when what is being done is saved."""
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    shared["orphaned"].set()
    with shared["busy"]:
        os._exit(1)  # nobody is left to wait for, or to tell


def _work(job: Callable[..., Any], index: int) -> Any:
    with shared["busy"]:
        return job(index, _tell, _stopping)


def _tell(said: Any) -> None:
    if not shared["orphaned"].is_set():
        shared["reports"].put(said)


def _stopping() -> bool:
    """Return whether this process was asked to stop, or the one that started it has been killed."""
    return shared["orphaned"].is_set() or shared["stop"].is_set()


@contextmanager
def _single_threaded() -> Iterator[None]:
    """Let processes begin with one thread: one that has a core for itself must not share out its work."""
    flags = f"{os.environ.get('XLA_FLAGS', '')} --xla_cpu_multi_thread_eigen=false".strip()  # the user's stay
    single = threads_of(1) | {"XLA_FLAGS": flags}
    before = {name: os.environ.get(name) for name in single}
    os.environ.update(single)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def side_by_side(
    job: Callable[..., Any],
    indices: list[int],
    workers: int,
    report: Callable[[Any], None],
    finished: Callable[[Any], None],
) -> None:
    """Run ``job(index, report, stopping)`` for every index in processes, and pass on what they report and return.

    At an interrupt the jobs are asked to stop, and have time to save what they have.
    """
    context = get_context("spawn")
    reports, stop = context.SimpleQueue(), context.Event()
    with _single_threaded(), ProcessPoolExecutor(workers, context, _prepare, (reports, stop)) as pool:
        waiting: set[Future] = {pool.submit(_work, job, index) for index in indices}
        try:
            while waiting:
                done, waiting = wait(waiting, LOOK, FIRST_COMPLETED)
                _drain(reports, report)
                for future in done:
                    finished(future.result())
        except BrokenProcessPool as error:
            raise InputError(
                "a process that trained networks died; was there too little memory, or is this a script without "
                "`if __name__ == '__main__':`? Resume, with fewer workers if it was memory"
            ) from error
        finally:
            stop.set()
            for future in waiting:
                future.cancel()


def sendable(what: Any) -> None:
    """Refuse what cannot be sent to other processes."""
    try:
        pickle.dumps(what)
    except (pickle.PicklingError, AttributeError, TypeError) as error:
        raise InputError(
            f"something that cannot be sent to workers ({error}); functions of a module, without lambdas, and for an "
            "optimiser a function that makes it, such as functools.partial(optax.sgd, 0.1); or train with one worker"
        ) from error


def _drain(reports: Any, report: Callable[[Any], None]) -> None:
    while not reports.empty():
        report(reports.get())


def here(
    job: Callable[..., Any],
    indices: list[int],
    report: Callable[[Any], None],
    finished: Callable[[Any], None],
) -> None:
    """Do the same in this process, one after the other."""
    for index in indices:
        finished(job(index, report, lambda: False))


def now() -> float:
    """Return a time that only runs forward."""
    return time.monotonic()
