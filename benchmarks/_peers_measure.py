"""Measurement of rows: interleaved times, comparison of results, and limits of the machine."""

import math
import statistics
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

from _peer_worker import Failed, Worker
from _peers_environments import HERE, PLACES, interpreter
from _peers_rows import RELATIVE_ERROR, Contender, Demand, Row

CALL_LIMIT = 300.0  # seconds
LIMITS: dict[str, list[tuple[str, str, dict[str, Any], float]]] = {  # contender, job, arguments, amount per step
    "normal": [("numba", "numbers", {"normally": True}, 1e6), ("limits", "numpy_numbers", {"kind": "normal"}, 1e6)],
    "word": [("numba", "numbers", {"normally": False}, 1e6), ("limits", "numpy_numbers", {"kind": "uniform"}, 1e6)],
    "product": [("limits", "product", {"by": "XLA"}, 0), ("limits", "product", {"by": "BLAS"}, 0)],
    "read": [("limits", "read", {"by": "parts"}, 0), ("limits", "read", {"by": "XLA"}, 0)],
    "vector": [("limits, one thread", "vector_products", {}, 1)],
}
LIMITS["normal"].append(("limits", "jax_numbers", {"kind": "normal"}, 1e6))


class Timed(NamedTuple):
    """Times of a contender in seconds per step: of each round, of the first call, and beyond the steps of a call."""

    label: str
    times: list[float]
    first: float
    call: float
    steps: int
    agrees: str  # "yes", "not compared", or the deviation


class Measured(NamedTuple):
    """A measured row: contenders, Noisette first; the time that the limit allows, its kind, and what failed."""

    row: Row
    timed: list[Timed]
    bound: float | None
    kind: str
    failures: list[str]


class Processes:
    """The processes of the contenders, started when they are needed; they end with the `with` block."""

    def __init__(self, folder: Path, missing: Iterable[str]) -> None:
        self.folder, self.missing, self.stack = folder, set(missing), ExitStack()
        self.running: dict[str, Worker] = {}

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        self.stack.close()

    def call(self, place: str, job: str, **request: Any) -> dict:
        """Return the answer of a contender; a process that has ended is started again."""
        worker = self.running.get(place)
        if worker is None or worker.process.poll() is not None:
            worker = self.running[place] = self.stack.enter_context(self.start(place))
        return worker.call(job, limit=CALL_LIMIT, **request)

    def start(self, place: str) -> Worker:
        """Start a process."""
        environment, script, variables = PLACES[place]
        if environment in self.missing:
            raise Failed(f"{environment} is not installed")
        return Worker(interpreter(self.folder, environment), HERE / script, variables)


class Timer:
    """Calls of one contender of a row."""

    def __init__(self, processes: Processes, row: Row, contender: Contender) -> None:
        self.processes, self.row, self.contender = processes, row, contender
        self.short = contender.short or row.short
        self.steps, self.first, self.factor = contender.steps, 0.0, contender.share

    def seconds(self, steps: int, seed: int = 0, first: bool = False) -> float:
        return self.timed(steps, seed, first)["seconds"]

    def timed(self, steps: int, seed: int, first: bool = False) -> dict[str, float]:
        request = {"arguments": self.contender.arguments, "steps": steps, "seed": seed, "first": first}
        return self.processes.call(self.contender.place, self.contender.job, **request)

    def values(self, seed: int) -> dict[str, list[float]]:
        request = {"arguments": self.contender.arguments, "steps": self.row.check_steps, "seed": seed, "check": True}
        return self.processes.call(self.contender.place, self.contender.job, **request)["values"]

    def prepare(self, target: float) -> None:
        """Make the first calls, and choose the number of steps of a round that takes `target` seconds."""
        if not self.row.short:
            self.first = self.seconds(self.steps, first=True)
            return
        self.first = self.seconds(self.short, first=True)
        if self.steps:
            self.seconds(self.steps)
            return
        call, self.steps, last = self.seconds(self.short), self.short, 0.0
        least = max(target / 2, min(call, 4 * target))  # the steps must not drown in the time of a call
        while last - call < least and self.steps < self.row.longest:
            self.steps *= 4
            last = self.seconds(self.steps)
            if last - call >= least:
                last = self.seconds(self.steps)  # the first call may have included compilation

    def round(self, seed: int) -> tuple[float, float]:
        """Return the seconds per step, and those of a call beyond its steps."""
        answer = self.timed(self.steps, seed)
        whole = answer["seconds"]
        if not self.row.short:
            return self.factor * whole / self.steps, 0.0
        if "each" in answer:  # the process knows the time of its steps
            return self.factor * answer["each"], max(0.0, whole - self.steps * answer["each"])
        part = self.seconds(self.short, seed)
        each = (whole - part) / (self.steps - self.short)
        if each <= 0:  # the disturbance of the machine exceeds the steps
            each = whole / self.steps
        return self.factor * each, max(0.0, part - self.short * each)


def measure(processes: Processes, row: Row, rounds: int, target: float, budget: float) -> Measured:
    """Time all contenders of a row alternately, and compare their results.

    After two rounds, no further round begins if the row has taken longer than the budget in seconds.
    """
    failures: list[str] = []
    end = time.monotonic() + budget
    timers: dict[str, Timer] = {}
    values: dict[str, list[dict[str, list[float]]]] = {}
    for contender in row.contenders:
        timer = Timer(processes, row, contender)
        try:
            timer.prepare(target)
            values[contender.label] = [timer.values(seed) for seed in range(100, 100 + row.seeds)]
            timers[contender.label] = timer
        except Failed as error:
            failures.append(f"{row.name}, {contender.label}: {error}")
    times: dict[str, list[tuple[float, float]]] = {label: [] for label in timers}
    for number in range(min(rounds, row.rounds or rounds)):
        if number >= 2 and time.monotonic() > end:
            break
        for label in list(timers):
            try:
                times[label].append(timers[label].round(number))
            except Failed as error:
                failures.append(f"{row.name}, {label}: {error}")
                del timers[label], times[label]
    ours = values.get(row.contenders[0].label)
    timed = []
    for label, timer in timers.items():
        agrees = "not compared" if ours is None else agreement(ours, values[label], row, timer.contender)
        factor = equal_error_factor(values[label]) if timer.contender.equal_error else 1.0
        each = [factor * t for t, _ in times[label]]
        call = statistics.median(c for _, c in times[label])
        timed.append(Timed(label, each, timer.first, call, timer.steps, agrees))
    return Measured(row, timed, None, "", failures)


def combined(values: list[dict[str, list[float]]]) -> dict[str, tuple[float, float]]:
    """Return means over seeds, with their standard errors."""
    result = {}
    for name in values[0]:
        each = [v[name][0] for v in values]
        error = math.sqrt(sum(v[name][1] ** 2 for v in values)) / len(values)
        result[name] = statistics.mean(each), error
    return result


def agreement(ours: list, other: list, row: Row, contender: Contender) -> str:
    """Return "yes" if the results deviate by less than five standard errors and the tolerance, or the deviation."""
    a, b = combined(ours), combined(other)
    names = [n for n in b if contender.compared is None or n in contender.compared]
    deviations = []
    for name in names:
        (x, dx), (y, dy) = a[name], b[name]
        allowed = 5 * math.hypot(dx, dy) + row.tolerance * abs(x) + 1e-12
        if not abs(x - y) <= allowed:
            deviations.append(f"{name} {y:.6g} instead of {x:.6g} ± {math.hypot(dx, dy):.2g}")
    if deviations:
        return "; ".join(deviations)
    return "yes" if names else "not compared"


def equal_error_factor(values: list[dict[str, list[float]]]) -> float:
    """Return the factor of the time at which the standard error is the required fraction of the value."""
    errors = [v["D"][1] / v["D"][0] for v in values]
    return (statistics.mean(errors) / RELATIVE_ERROR) ** 2


class Speeds:
    """Speeds of the machine, in units of work per second: the best of several ways, each measured several times."""

    def __init__(self, processes: Processes) -> None:
        self.processes = processes
        self.best: dict[str, tuple[Demand, list[float]]] = {}

    def measure(self, demands: Iterable[Demand], rounds: int) -> None:
        """Measure the speeds for all demands once more."""
        for demand in demands:
            name = key_of(demand)
            speeds = [self._speed(way, demand, rounds) for way in LIMITS[demand.kind]]
            known = [s for s in speeds if s is not None]
            if known:
                self.best.setdefault(name, (demand, []))[1].append(max(known))

    def _speed(self, way: tuple, demand: Demand, rounds: int) -> float | None:
        place, job, arguments, amount = way
        own = {**arguments, **demand.arguments}
        if demand.kind == "product":
            amount = 2.0 * own["rows"] * own["inner"] * own["columns"]
        if demand.kind == "read":
            amount = 8.0 * own["size"]
        one = demand.kind in ("normal", "word")
        steps = 1 if one else max(1, round({"product": 4e8, "read": 1e8, "vector": 2000.0}[demand.kind] / amount))
        request = {"arguments": own, "steps": steps}
        try:
            self.processes.call(place, job, **request)
            times = [self.processes.call(place, job, seed=n, **request)["seconds"] for n in range(rounds)]
        except Failed:
            return None
        return steps * amount / statistics.median(times)

    def bound(self, row: Row) -> tuple[float | None, str]:
        """Return the shortest time of a step at the highest speeds measured, and its kind; kinds may overlap."""
        times: dict[str, float] = {}
        for demand in row.demands:
            if key_of(demand) in self.best:
                speed = max(self.best[key_of(demand)][1])
                times[demand.kind] = times.get(demand.kind, 0.0) + demand.amount / speed
        if not times:
            return None, ""
        kind = max(times, key=lambda name: times[name])
        return times[kind], kind


def key_of(demand: Demand) -> str:
    """Return a name of what is measured for a demand."""
    shape = " × ".join(str(v) for v in demand.arguments.values())
    return f"{demand.kind} {shape}".strip()
