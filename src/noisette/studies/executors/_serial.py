"""Executor for the current process."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice

import numpy as np
from threadpoolctl import threadpool_limits

from noisette.errors import integer
from noisette.studies._measurement import Measurement
from noisette.studies._part import Part, encode
from noisette.studies.executors._work import Outcome, Outcomes, Portion


@dataclass(frozen=True)
class Serial:
    """Executor that runs the tasks of a study in the current process, which simplifies debugging.

    Parameters
    ----------
    workers : number of threads, each of which runs one task; more than one is faster only if most of the time is spent
        in NumPy, SciPy or JAX, which release the global interpreter lock

    Examples
    --------
    >>> Serial().workers
    1
    """

    workers: int = 1

    def __post_init__(self):
        integer(self.workers, "workers")

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Run tasks; see `Executor`."""
        for number, part in self.parts(work.part, portions):
            yield number, Outcome(encode(part), part.failures)

    def parts(self, measure: Callable[[np.ndarray], Part], portions: Iterable[Portion]) -> Iterator[tuple[int, Part]]:
        """Run tasks with a measuring function, and yield their results without encoding them."""

        def run_task(number: int, cells: np.ndarray) -> tuple[int, Part]:
            return number, measure(cells)

        waiting = iter(portions)
        if self.workers == 1:
            yield from (run_task(*portion) for portion in waiting)
            return
        with threadpool_limits(1, "blas"):  # more BLAS threads than cores would slow each other down
            pool = ThreadPoolExecutor(self.workers)
            try:
                running = {pool.submit(run_task, *portion) for portion in islice(waiting, 2 * self.workers)}
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    running |= {pool.submit(run_task, *portion) for portion in islice(waiting, len(done))}
                    for future in done:
                        yield future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
