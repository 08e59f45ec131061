"""What a study will take, measured on one of its tasks."""

import os
import resource
import sys
import time
from dataclasses import dataclass

import jax

from noisette.studies._measurement import Measurement
from noisette.studies.progress import format_duration

SHORT = 30.0  # seconds below which a task is done twice, to know it without compiling
SHARE = 0.5  # of the free memory that batches may fill
MOST = 4096  # points of a batch at most


@dataclass(frozen=True)
class Plan:
    """What a study takes.

    Parameters
    ----------
    points, tasks : how many
    first : seconds of the first task of a process, compiling included
    each : seconds of each later one
    memory : bytes that a process needs at most, as far as one task shows
    workers : for which `seconds` is meant
    failure : the first point of that task that failed, in one line; empty if none did
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
        """How long all tasks take."""
        rounds = -(-self.tasks // self.workers)
        return self.first + (rounds - 1) * self.each

    def line(self) -> str:
        """Return it in one line."""
        time = f"with {self.workers} at a time about {format_duration(self.seconds)}"
        failed = f"; in the task that was done a point failed: {self.failure}" if self.failure else ""
        return (
            f"{self.points:,} points in {self.tasks:,} tasks of {self.each:.3g} s (the first {self.first:.3g} s), "
            f"{self.memory / 1e6:,.0f} MB a process; {time}{failed}"
        )


def estimate(work: Measurement, workers: int) -> Plan:
    """Do one task, or the same twice, and return what all will take."""
    portions = work.grid.portions()
    times, failure = [], ""
    for _ in range(2):
        began = time.perf_counter()
        part = work.part(portions[len(portions) // 2])
        failure = part.failures[0].line() if part.failures else ""
        times.append(time.perf_counter() - began)
        if times[0] > SHORT:
            break
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    points = sum(map(len, portions))
    return Plan(points, len(portions), times[0], times[-1], peak, workers, failure)


def largest_batch(work: Measurement, workers: int) -> int:
    """Return how many points of a vectorised study fit into memory at once, a power of two or all of them.

    What a compiled batch of one and of two points needs is known without running it.
    """
    largest = max(work.grid.portions(), key=len)
    cells = [int(cell) for cell in largest]
    if len(cells) == 1:
        return 1
    one, two = (_bytes(work, cells[:n]) for n in (1, 2))
    each = max(two - one, 1)
    count = max(1, min(int((_free() * SHARE / workers - one) // each) + 1, MOST))
    return len(cells) if count >= len(cells) else 1 << (count.bit_length() - 1)


def _bytes(work: Measurement, cells: list[int]) -> int:
    function, _, arguments = work.program(cells)
    found = function.lower(*arguments).compile().memory_analysis()
    return found.temp_size_in_bytes + found.output_size_in_bytes + found.argument_size_in_bytes


def _free() -> float:
    """Return the memory of the device that JAX computes on, in bytes."""
    known = jax.devices()[0].memory_stats()
    if known and "bytes_limit" in known:
        return known["bytes_limit"] - known.get("bytes_in_use", 0)
    return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
