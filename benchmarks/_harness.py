"""Shared by all benchmarks: fixed numbers of threads, interleaved timing, and tables; imports no numerical library."""

import argparse
import os
import platform
import statistics
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import NamedTuple

BLAS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
PACKAGES = ("noisette", "jax", "jaxlib", "equinox", "numpy", "scipy", "xarray")
HEADERS = ("question", "Noisette", "other way", "ratio", "target", "met")
Times = dict[str, list[float]]
Bounds = list[tuple[str, str]]
Show = Callable[[float], str]


def options(about: str | None) -> bool:
    """Read the command line, fix the numbers of threads, print the environment, and return the option `quick`."""
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--blas", type=int, default=1, help="number of threads of BLAS")
    parser.add_argument("--xla", type=int, default=min(2, os.cpu_count() or 1), help="number of threads of XLA")
    chosen = parser.parse_args()
    fix_threads(chosen.blas, chosen.xla)
    print("\n".join(environment()), flush=True)
    return chosen.quick


def report(rows: "list[Row]", notes: list[str], bounds: Bounds) -> None:
    """Print the results."""
    print("\nMedians (minimum–maximum) over interleaved rounds; ratios are computed per round.\n")
    print(table(HEADERS, rows))
    print("\n" + "\n".join(f"- {note}" for note in notes))
    print("\nThe limits of the machine, measured in the same run:\n")
    print(table(("limit", "median (minimum–maximum)"), bounds))


def fix_threads(blas: int, xla: int) -> None:
    """Set the numbers of threads of BLAS and XLA; must be called before NumPy and JAX are imported."""
    for name in BLAS:
        os.environ[name] = str(blas)
    os.environ["NPROC"] = str(xla)  # the size of XLA's pool of threads
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(xla > 1).lower()}"
    os.environ["JAX_PLATFORMS"] = "cpu"


def environment() -> list[str]:
    """Return a description of the processor, the threads and the versions, line by line."""
    return [
        f"processor: {_processor()}, {os.cpu_count()} cores; load at the start {os.getloadavg()[0]:.2f}",
        f"threads: BLAS {os.environ[BLAS[0]]} ({', '.join(BLAS)})",
        f"threads: XLA {os.environ['NPROC']} (NPROC, XLA_FLAGS={os.environ['XLA_FLAGS']})",
        f"Python {platform.python_version()}, " + ", ".join(f"{p} {version(p)}" for p in PACKAGES),
    ]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


class Spread(NamedTuple):
    """Median, minimum and maximum of repeated measurements."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


class Row(NamedTuple):
    """One row of the table: Noisette and another implementation of the same computation."""

    question: str
    ours: str
    other: str
    ratio: str
    target: str
    met: str


Part = tuple[list[Row], list[str]]  # rows, and notes below the table


class Job(NamedTuple):
    """A function of a number of steps that is timed."""

    run: Callable[[int], object]
    steps: int
    beyond: int = 0  # number of steps of a short call, whose time is subtracted to remove the overhead of a call
    share: float = 1.0  # units of work per step


def seconds(action: Callable[[], object]) -> float:
    """Return the time of one call in seconds."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def interleave(actions: dict[str, Callable[[], object]], rounds: int) -> tuple[Times, dict[str, float]]:
    """Time actions alternately, A B A B …, so that a disturbance affects all of them.

    Returns the seconds of each round, and those of the first call of each action, which includes compilation and is not
    one of the rounds.
    """
    first = {name: seconds(action) for name, action in actions.items()}
    times: Times = {name: [] for name in actions}
    for _ in range(rounds):
        for name, action in actions.items():
            times[name].append(seconds(action))
    return times, first


def paced(jobs: dict[str, Job], rounds: int) -> tuple[Times, dict[str, float], Times]:
    """Time jobs alternately; return the seconds per unit of work, of first calls, and of the short calls."""
    actions: dict[str, Callable[[], object]] = {}
    for name, job in jobs.items():
        actions[name] = lambda job=job: job.run(job.steps)
        if job.beyond:
            actions[f"{name}, cost of a call"] = lambda job=job: job.run(job.beyond)
    times, first = interleave(actions, rounds)
    per_unit: Times = {}
    for name, job in jobs.items():
        short = times.get(f"{name}, cost of a call", [0.0] * rounds)
        number = (job.steps - job.beyond) * job.share
        per_unit[name] = [(whole - part) / number for whole, part in zip(times[name], short, strict=True)]
    return per_unit, first, {name: times[f"{name}, cost of a call"] for name, job in jobs.items() if job.beyond}


def compare(question: str, ours: list[float], other: list[float], target: float | None, show: Show, label: str) -> Row:
    """Return a row with the seconds of Noisette and of an alternative, which is described by `label`."""
    ratio = Spread.of([b / a for a, b in zip(ours, other, strict=True)])
    return Row(
        question,
        spread(Spread.of(ours), show),
        f"{spread(Spread.of(other), show)} {label}",
        spread(ratio, lambda x: f"{x:.3g}"),
        "" if target is None else f">= {target:g}",
        "" if target is None else verdict(ratio.median >= target),
    )


def spread(values: Spread, show: Show) -> str:
    """Return 'median (minimum–maximum)'."""
    return f"{show(values.median)} ({show(values.least)}–{show(values.most)})"


def duration(value: float) -> str:
    """Return a time in seconds as text, in s, ms or µs."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def verdict(met: bool) -> str:
    """Return the entry of the column `met`."""
    return "yes" if met else "NO"


def table(headers: tuple[str, ...], rows: list) -> str:
    """Return a table in Markdown with aligned columns."""
    lines = [headers, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    filled = [" | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    rule = "|".join("-" * (w + 2) for w in widths)
    return "\n".join([f"| {filled[0]} |", f"|{rule}|", *(f"| {line} |" for line in filled[1:])])
