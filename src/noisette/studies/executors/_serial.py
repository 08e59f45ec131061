"""In this process."""

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
    """Does the tasks of a study in this process: nothing has to be sent anywhere, and errors are easy to follow.

    Parameters
    ----------
    workers : threads, each with a task; more than one helps only where NumPy, SciPy and JAX do the work

    Examples
    --------
    >>> Serial().workers
    1
    """

    workers: int = 1

    def __post_init__(self):
        integer(self.workers, "workers")

    def run(self, work: Measurement, portions: Iterable[Portion]) -> Outcomes:
        """Do tasks; see `Executor`."""
        for number, part in self.parts(work.part, portions):
            yield number, Outcome(encode(part), part.failures)

    def parts(self, measure: Callable[[np.ndarray], Part], portions: Iterable[Portion]) -> Iterator[tuple[int, Part]]:
        """Do tasks, and keep what they find in memory."""

        def run_task(number: int, cells: np.ndarray) -> tuple[int, Part]:
            return number, measure(cells)

        waiting = iter(portions)
        if self.workers == 1:
            yield from (run_task(*one) for one in waiting)
            return
        with threadpool_limits(1, "blas"):  # BLAS threads beyond the number of cores wait for one another
            pool = ThreadPoolExecutor(self.workers)
            try:
                running = {pool.submit(run_task, *one) for one in islice(waiting, 2 * self.workers)}
                while running:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    running |= {pool.submit(run_task, *one) for one in islice(waiting, len(done))}
                    for future in done:
                        yield future.result()
            finally:
                pool.shutdown(wait=False, cancel_futures=True)
