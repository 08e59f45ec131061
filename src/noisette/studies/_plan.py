"""Estimates of the time and memory that a study takes, measured on one of its tasks."""

import os
import resource
import sys
import time
from dataclasses import dataclass

import jax

from noisette.progress import format_duration
from noisette.studies._measurement import Measurement

SHORT = 30.0  # a task shorter than this, in seconds, is run twice, to measure it without compilation
SHARE = 0.5  # fraction of the free memory that batches may use
MOST = 4096  # largest number of points in a batch


@dataclass(frozen=True)
class Plan:
    """Size of a study, and estimates of its run time and memory.

    Parameters
    ----------
    points, tasks : number of points and of tasks
    first : duration of the first task of a process, including compilation, s
    each : duration of each later task, s
    memory : peak memory of a process during the measured task, bytes
    workers : number of workers assumed in `seconds`
    failure : first failed point of the measured task, as one line; empty if there is none
    """

    points: int
    tasks: int
    first: float
    each: float
    memory: int
    workers: int
    failure: str = ""

    @property
    def seconds(self) -> float:
        """Estimated duration of all tasks, s."""
        rounds = -(-self.tasks // self.workers)
        return self.first + (rounds - 1) * self.each

    def line(self) -> str:
        """Return the plan as one line of text."""
        duration = f"about {format_duration(self.seconds)} with {self.workers} at a time"
        failed = f"; a point of the measured task failed: {self.failure}" if self.failure else ""
        return (
            f"{self.points:,} points in {self.tasks:,} tasks of {self.each:.3g} s (the first {self.first:.3g} s), "
            f"{self.memory / 1e6:,.0f} MB per process; {duration}{failed}"
        )


def estimate(work: Measurement, workers: int) -> Plan:
    """Return the plan of a study, estimated by running one task once or twice."""
    portions = work.grid.portions()
    times, failure = [], ""
    for _ in range(2):
        start = time.perf_counter()
        part = work.part(portions[len(portions) // 2])
        failure = part.failures[0].line() if part.failures else ""
        times.append(time.perf_counter() - start)
        if times[0] > SHORT:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    points = sum(map(len, portions))
    return Plan(points, len(portions), times[0], times[-1], peak, workers, failure)


def largest_batch(work: Measurement, workers: int) -> int:
    """Return the number of points of a vectorised study that fit into memory: a power of two, or all of them.

    The memory per point is extrapolated from the programs compiled for one and for two points, which are not run.
    """
    largest = max(work.grid.portions(), key=len)
    cells = [int(cell) for cell in largest]
    if len(cells) == 1:
        return 1
    single, double = (_bytes(work, cells[:n]) for n in (1, 2))
    per_point = max(double - single, 1)
    count = max(1, min(int((_free() * SHARE / workers - single) // per_point) + 1, MOST))
    return len(cells) if count >= len(cells) else 1 << (count.bit_length() - 1)


def _bytes(work: Measurement, cells: list[int]) -> int:
    function, _, arguments = work.program(cells)
    memory = function.lower(*arguments).compile().memory_analysis()
    return memory.temp_size_in_bytes + memory.output_size_in_bytes + memory.argument_size_in_bytes


def _free() -> float:
    """Return the free memory of the JAX device in bytes."""
    statistics = jax.devices()[0].memory_stats()
    if statistics and "bytes_limit" in statistics:
        return statistics["bytes_limit"] - statistics.get("bytes_in_use", 0)
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
