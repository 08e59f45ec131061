"""Environment variables, among them those for the number of threads of BLAS and XLA, and threads that run tasks."""

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

TASK = "noisette-task"  # beginning of the names of threads that run tasks of a study


def threads_of(count: int) -> dict[str, str]:
    """Return the environment variables that limit BLAS and XLA to a number of threads.

    They take effect only if they are set before the libraries are imported.

    Parameters
    ----------
    count : number of threads

    Examples
    --------
    >>> threads_of(2)["OPENBLAS_NUM_THREADS"]
    '2'
    """
    names = ("NPROC", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return dict.fromkeys(names, str(count))  # NPROC sets the number of threads of the CPU client of JAX


@contextmanager
def environment(values: Mapping[str, str]) -> Iterator[None]:
    """Set environment variables for the processes that are started in this context.

    Examples
    --------
    >>> with environment({"NOISETTE_EXAMPLE": "1"}):
    ...     os.environ["NOISETTE_EXAMPLE"]
    '1'
    >>> "NOISETTE_EXAMPLE" in os.environ
    False
    """
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def are_tasks_running() -> bool:
    """Return whether a thread runs a task of a study, as after an interrupt during a call of a compiled function.

    Examples
    --------
    >>> are_tasks_running()
    False
    """
    return any(thread.name.startswith(TASK) for thread in threading.enumerate())
