"""What every executor is given and gives back."""

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

TRIES = 3  # of a task that ends its worker
Portion = tuple[int, np.ndarray]  # the number of a task, and its points


class Outcome(NamedTuple):
    """What came of one task: the bytes of its file, what failed in it, and how long it took."""

    data: bytes
    failures: list[Failure]
    seconds: float = 0.0


Outcomes = Generator[tuple[int, Outcome], None, None]


@runtime_checkable
class Executor(Protocol):
    """Does tasks somewhere, and hands over each as soon as it is done."""

    @property
    def workers(self) -> int:
        """How many tasks are done at a time."""
        ...

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Do tasks, in any order; ends the workers when it is closed."""
        ...


def pickled(work: Measurement) -> bytes:
    """Return a measurement as bytes for another process.

    Raises
    ------
    InputError : it holds something that cannot be sent.
    """
    own = _user_module(work.measure)
    try:
        if own is not None:  # other machines may not have it
            cloudpickle.register_pickle_by_value(own)
        return cloudpickle.dumps(work)
    except (pickle.PicklingError, AttributeError, TypeError, RecursionError) as error:
        raise InputError(
            f"the measure, or something that it uses, cannot be sent to workers ({error}); open files, locks and "
            "connections inside of the measure, or run in this process"
        ) from error
    finally:
        if own is not None:
            cloudpickle.unregister_pickle_by_value(own)


def _user_module(measure: Any) -> ModuleType | None:
    """Return the module that a function comes from, if it is a file of the user's own and not an installed library."""
    module = inspect.getmodule(inspect.unwrap(getattr(measure, "func", measure)))
    file = getattr(module, "__file__", None)
    if module is None or file is None or module.__name__ in ("__main__", "__mp_main__"):
        return None
    installed = [Path(sysconfig.get_path(name)) for name in ("stdlib", "purelib", "platlib")]
    library = module.__name__.split(".")[0] == "noisette" or any(Path(file).is_relative_to(one) for one in installed)
    return None if library else module


@lru_cache(maxsize=2)
def unpickled(data: bytes) -> Measurement:
    """Return the measurement that was packed; a process does this once."""
    return pickle.loads(data)


def run_task(data: bytes, cells: np.ndarray) -> Outcome:
    """Do one task."""
    part = unpickled(data).part(cells)
    return Outcome(encode(part), part.failures, part.seconds)


def failed_outcome(work: Measurement, cells: np.ndarray, why: str) -> Outcome:
    """Return what is left of a task that ended its worker each time."""
    failures = [Failure(work.grid.labels(int(cell)), "worker died", why) for cell in cells]
    return Outcome(encode(Part([], failures)), failures)


@lru_cache(maxsize=1)
def limit_threads(count: int) -> None:
    """Keep BLAS in this process to so many threads, and XLA, unless it has begun."""
    os.environ.update(threads_of(count))
    threadpool_limits(count)
