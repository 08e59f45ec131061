"""The interface of executors: portions, outcomes, and the functions that run a task."""

import inspect
import os
import pickle
import sysconfig
from collections.abc import Generator, Iterable
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple, Protocol, runtime_checkable

import cloudpickle
import numpy as np
from threadpoolctl import threadpool_limits

from noisette.errors import InputError
from noisette.studies._measurement import Measurement
from noisette.studies._part import Failure, Part, encode
from noisette.threads import threads_of

TRIES = 3  # attempts at a task whose worker dies
Portion = tuple[int, np.ndarray]  # number and points of a task


class Outcome(NamedTuple):
    """The outcome of one task: contents of its file, failures, and duration in seconds."""

    data: bytes
    failures: list[Failure]
    seconds: float = 0.0


Outcomes = Generator[tuple[int, Outcome], None, None]


@runtime_checkable
class Executor(Protocol):
    """Protocol of executors, which run tasks and yield each outcome as soon as it is available."""

    @property
    def workers(self) -> int:
        """Number of tasks that run simultaneously."""
        ...

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Run tasks in any order; closing the generator ends the workers."""
        ...


def pickled(work: Measurement) -> bytes:
    """Return a measurement as bytes that other processes can load.

    Raises
    ------
    InputError : If the measurement contains an object that cannot be pickled.
    """
    module = _user_module(work.measure)
    try:
        if module is not None:  # pickled by value, because workers may be unable to import it
            cloudpickle.register_pickle_by_value(module)
        return cloudpickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
        raise InputError(
            f"the measure, or an object that it uses, cannot be sent to workers ({error}); open files, locks and "
            "connections within the measure, or run the study in this process"
        ) from error
    finally:
        if module is not None:
            cloudpickle.unregister_pickle_by_value(module)


def _user_module(measure: Any) -> ModuleType | None:
    """Return the module in which a function is defined, or None if it belongs to an installed library."""
    module = inspect.getmodule(inspect.unwrap(getattr(measure, "func", measure)))
    file = getattr(module, "__file__", None)
    if module is None or file is None or module.__name__ in ("__main__", "__mp_main__"):
        return None
    installed = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    library = module.__name__.split(".")[0] == "noisette" or any(
        Path(file).is_relative_to(folder) for folder in installed
    )
    return None if library else module


@lru_cache(maxsize=2)
def unpickled(data: bytes) -> Measurement:
    """Return the measurement in `data`; cached, so that a process loads it once."""
    return pickle.loads(data)


def run_task(data: bytes, cells: np.ndarray) -> Outcome:
    """Run one task."""
    part = unpickled(data).part(cells)
    return Outcome(encode(part), part.failures, part.seconds)


def failed_outcome(work: Measurement, cells: np.ndarray, why: str) -> Outcome:
    """Return the outcome of a task whose worker died in every attempt."""
    failures = [Failure(work.grid.labels(int(cell)), "worker died", why) for cell in cells]
    return Outcome(encode(Part([], failures)), failures)


@lru_cache(maxsize=1)
def limit_threads(count: int) -> None:
    """Limit BLAS in this process to `count` threads, and also XLA if it has not been initialised yet."""
    os.environ.update(threads_of(count))
    threadpool_limits(count)
