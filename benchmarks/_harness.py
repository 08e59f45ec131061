"""Fixed threads, interleaved timing and a table: what every benchmark shares; nothing here computes."""

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
Show = Callable[[float], str]


def fix_threads(blas: int, xla: int) -> None:
    """Give BLAS and XLA these many threads; only before NumPy and JAX are imported."""
    for name in BLAS:
        os.environ[name] = str(blas)
    os.environ["NPROC"] = str(xla)  # the size of XLA's pool of threads
    os.environ["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={str(xla > 1).lower()}"
    os.environ["JAX_PLATFORMS"] = "cpu"


def environment() -> list[str]:
    """Return what the figures depend on, line by line."""
    return [
        f"processor: {_processor()}, {os.cpu_count()} cores; load when started {os.getloadavg()[0]:.2f}",
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
    """Median, least and greatest of repeated measurements."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: list[float]) -> "Spread":
        return cls(statistics.median(values), min(values), max(values))


class Row(NamedTuple):
    """One line of the table: ours against another way to the same answer."""

    question: str
    ours: str
    other: str
    ratio: str
    target: str
    met: str


def seconds(action: Callable[[], object]) -> float:
    """Return the time one call takes."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def interleave(contenders: dict[str, Callable[[], object]], rounds: int) -> tuple[Times, dict[str, float]]:
    """Time contenders in turn, A B A B …, so that a disturbance meets them all.

    Returns the seconds of each round, and of each contender's first call, which compiles and is not counted.
    """
    first = {name: seconds(action) for name, action in contenders.items()}
    times: Times = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, action in contenders.items():
            times[name].append(seconds(action))
    return times, first


def compare(question: str, ours: list[float], other: list[float], target: float | None, show: Show, label: str) -> Row:
    """Return a row of the seconds of two contenders, round by round; `label` says what the other one is."""
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
    """Return 'median (least–most)'."""
    return f"{show(values.median)} ({show(values.least)}–{show(values.most)})"


def duration(value: float) -> str:
    """Return seconds as a person reads them."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-6:.3g} µs"


def verdict(met: bool) -> str:
    """Return the last column."""
    return "yes" if met else "NO"


def table(headers: tuple[str, ...], rows: list) -> str:
    """Return a table that reads well as plain text and as Markdown."""
    lines = [headers, *rows]
    widths = [max(len(line[i]) for line in lines) for i in range(len(headers))]
    filled = [" | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) for line in lines]
    rule = "|".join("-" * (w + 2) for w in widths)
    return "\n".join([f"| {filled[0]} |", f"|{rule}|", *(f"| {line} |" for line in filled[1:])])
