"""Growth of time and peak memory of simulations with N, steps, runs and networks, as fitted exponents."""

import math
import statistics
from typing import Any, NamedTuple

from _peers_measure import Processes

FACTORS = (1, 4, 16)
SHORT = 8  # steps of the call whose time is subtracted
LEAST = 4e6  # bytes; smaller peaks are those of the interpreter
CASES: dict[str, tuple[str, dict[str, Any], int]] = {  # job, arguments and steps of the smallest simulation
    "binary network": ("binary", {"size": 100, "runs": 64, "networks": 1}, 1024),
    "rate network": ("rate", {"size": 100, "runs": 64, "networks": 1}, 1024),
    "rate network with Covariance": ("rate", {"size": 100, "runs": 16, "networks": 1, "covariance": True}, 1024),
}
AXES = {"size": "N", "steps": "steps", "runs": "runs", "networks": "networks"}


class Growth(NamedTuple):
    """Times in seconds and peaks of memory in bytes of simulations that differ in one number."""

    case: str
    axis: str
    numbers: list[int]
    seconds: list[float]
    memory: list[float | None]


def exponent(x: list[int], y: list[float]) -> tuple[float, float, float]:
    """Return the slope of log y against log x, and its smallest and largest value between neighbouring points."""
    if len(x) < 2 or min(y) <= 0:
        raise ValueError("an exponent requires two points with positive values")
    a, b = [math.log(v) for v in x], [math.log(v) for v in y]
    mean_a, mean_b = statistics.mean(a), statistics.mean(b)
    slope = sum((u - mean_a) * (v - mean_b) for u, v in zip(a, b, strict=True)) / sum((u - mean_a) ** 2 for u in a)
    local = [(b[i + 1] - b[i]) / (a[i + 1] - a[i]) for i in range(len(a) - 1)]
    return slope, min(local), max(local)


def measure_growth(processes: Processes, quick: bool) -> list[Growth]:
    """Measure all cases along all axes."""
    results = []
    for case, (job, arguments, steps) in CASES.items():
        base = _point(processes, job, arguments, steps)
        for axis, label in AXES.items():
            factors = FACTORS[:2] if quick or (axis != "steps" and arguments.get("covariance")) else FACTORS
            factors = [round(f**0.75) for f in factors] if axis == "size" else [*factors]
            numbers, seconds, memory = [], [], []
            for factor in factors:
                start = steps if axis == "steps" else arguments[axis]
                own = arguments if axis == "steps" else {**arguments, axis: start * factor}
                count = steps * factor if axis == "steps" else steps
                time, peak = base if factor == 1 else _point(processes, job, own, count)
                numbers.append(start * factor)
                seconds.append(time)
                memory.append(peak)
            results.append(Growth(case, label, numbers, seconds, memory))
    return results


def _point(processes: Processes, job: str, arguments: dict, steps: int) -> tuple[float, float | None]:
    request = {"arguments": arguments, "steps": steps}
    processes.call("noisette", job, **request)
    whole, call = (
        min(processes.call("noisette", job, arguments=arguments, steps=n, seed=seed)["seconds"] for seed in range(2))
        for n in (steps, SHORT)
    )
    return max(whole - call, 1e-6), processes.call("noisette", job, memory=True, **request)["bytes"]


def growth_rows(measured: list[Growth]) -> list[tuple[str, ...]]:
    """Return the rows of the table of exponents."""
    rows = []
    for growth in measured:
        slope, least, most = exponent(growth.numbers, growth.seconds)
        span = f"{growth.numbers[0]} to {growth.numbers[-1]}"
        rows.append((growth.case, f"{growth.axis}, {span}", f"{slope:.2f} ({least:.2f}–{most:.2f})", _memory(growth)))
    return rows


def _memory(growth: Growth) -> str:
    peaks = [peak for peak in growth.memory if peak is not None]
    if len(peaks) < len(growth.memory):
        return "not measured"
    shown = f"{peaks[0] / 1e6:.0f} to {peaks[-1] / 1e6:.0f} MB"
    if max(peaks) < LEAST or min(peaks) <= 0:
        return shown
    return f"{exponent(growth.numbers, peaks)[0]:.2f}, {shown}"
