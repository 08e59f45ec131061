"""Speed of Noisette on a GPU beside the CPU of the same machine, and agreement of their results.

python benchmarks/gpu.py [--minutes 8] [--rehearse] [--out FILE]

The rows on the CPU are run in a process of their own, with JAX_PLATFORMS=cpu. Each row has a limit of time; rows for
which no time is left are reported as such. Without a GPU nothing is measured, and the exit status is 0; `--rehearse`
runs all rows in a small size with two processes on the CPU. The exit status is 1 if results of the two devices differ
by more than the tolerance of the row, or if a row fails on the GPU.
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any, NamedTuple

from _harness import duration, table
from _peer_worker import Failed, Worker

SCRIPT = Path(__file__).resolve().with_name("_gpu_worker.py")
HEADERS = ("work", "unit", "GPU", "CPU", "ratio", "first call, GPU", "largest deviation", "tolerance", "same")
ROUNDS = 3


class Row(NamedTuple):
    """A row: a job with its arguments, the numbers of steps, and the tolerance of the comparison of results."""

    question: str
    unit: str
    job: str
    arguments: dict[str, int]
    short: int  # steps of the call whose time is subtracted, and of the comparison
    steps: int  # steps of a round on the GPU
    cpu_steps: int
    work: int  # units of work per step
    tolerance: float  # relative to the largest number of each result


class Outcome(NamedTuple):
    """Seconds per unit of work of the rounds, seconds of the first call, and results."""

    times: list[float]
    first: float
    values: dict[str, list[Any]]


def rows(rehearse: bool) -> list[Row]:
    """Return the rows, those that matter most first."""
    if rehearse:
        return [
            Row("λ_max, 3 gains, N = 50", "gain and step", "curve", {"size": 50, "gains": 3}, 10, 500, 500, 3, 1e-6),
            Row("8 runs, N = 20", "run and step", "rate", {"size": 20, "runs": 8}, 16, 2000, 2000, 8, 1e-6),
            Row("4 networks", "trial", "training", {"networks": 4, "units": 20}, 2, 12, 12, 4, 1e-2),
        ]
    curves = [(4000, 4, 1000, 20), (10_000, 2, 500, 10)]
    ensemble, many = {"networks": 200, "units": 200}, 10_000
    small, large = {"size": 100, "runs": many}, {"size": 1000, "runs": many}
    shared = {"size": 1000, "gains": 16}
    return [
        Row("10⁴ runs, N = 100, white noise", "run and step", "rate", small, 32, 2048, 96, many, 1e-6),
        Row("λ_max, 16 gains, N = 1000", "gain and step", "curve", shared, 20, 2000, 100, 16, 1e-6),
        Row("200 networks in one program", "trial", "training", ensemble, 2, 42, 4, 200, 1e-2),
        Row("10⁴ runs, N = 1000, white noise", "run and step", "rate", large, 16, 256, 24, many, 1e-6),
        *(
            Row(f"λ_max, {g} gains, N = {n:,}", "gain and step", "curve", {"size": n, "gains": g}, 10, s, c, g, 1e-6)
            for n, g, s, c in curves
        ),
    ]  # fmt: skip


def measured(worker: Worker, row: Row, steps: int, limit: float) -> Outcome:
    """Time a row in a process, within a limit in seconds."""
    end = time.monotonic() + limit

    def call(**request: Any) -> dict:
        return worker.call(row.job, limit=max(1.0, end - time.monotonic()), arguments=row.arguments, **request)

    first = call(steps=row.short, first=True)["seconds"]
    values = call(steps=row.short, check=True)["values"]
    call(steps=steps)
    times = []
    for number in range(ROUNDS):
        began = time.monotonic()
        whole, part = (call(steps=n, seed=number)["seconds"] for n in (steps, row.short))
        each = (whole - part) / (steps - row.short)
        times.append((each if each > 0 else whole / steps) / row.work)  # disturbances may exceed few steps
        if time.monotonic() - began > end - time.monotonic():  # no time for another round
            break
    return Outcome(times, first, values)


def deviation(a: dict[str, list[Any]], b: dict[str, list[Any]]) -> float:
    """Return the largest difference of two results, each relative to the largest number of its name."""
    largest = 0.0
    for name, values in a.items():
        scale = max(max(abs(v) for v in values), 1e-12)
        pairs = zip(values, b[name], strict=True)
        differences = [abs(x - y) / scale for x, y in pairs]
        if not all(d <= float("inf") for d in differences):  # NaN
            return float("inf")
        largest = max(largest, *differences)
    return largest


def start(platform: str) -> Worker:
    """Start a process on the GPU ("" for JAX's default device) or on the CPU ("cpu")."""
    return Worker(sys.executable, SCRIPT, {"JAX_PLATFORMS": platform})


def compare(row: Row, workers: dict[str, Worker], limits: dict[str, float]) -> tuple[list[str], bool]:
    """Return a line of the table, and whether the row has failed."""
    outcomes: dict[str, Outcome] = {}
    texts = {"gpu": "", "cpu": ""}
    for name, steps in (("gpu", row.steps), ("cpu", row.cpu_steps)):
        try:
            outcomes[name] = measured(workers[name], row, steps, limits[name])
            texts[name] = duration(statistics.median(outcomes[name].times))
        except Failed as error:
            texts[name] = f"not measured: {error}"
    start_of_line = [row.question, row.unit, texts["gpu"], texts["cpu"]]
    first = duration(outcomes["gpu"].first) if "gpu" in outcomes else ""
    if len(outcomes) < 2:
        return [*start_of_line, "", first, "", f"{row.tolerance:g}", "not compared"], "gpu" not in outcomes
    ratio = statistics.median(outcomes["cpu"].times) / statistics.median(outcomes["gpu"].times)
    difference = deviation(outcomes["cpu"].values, outcomes["gpu"].values)
    same = difference <= row.tolerance
    line = [*start_of_line, f"{ratio:.3g}", first, f"{difference:.1e}", f"{row.tolerance:g}", "yes" if same else "NO"]
    return line, not same


def run(minutes: float, rehearse: bool) -> tuple[list[list[str]], bool]:
    """Run all rows; return the lines of the table, and whether one has failed."""
    end = time.monotonic() + 60 * minutes
    lines, failed = [], False
    workers = {"gpu": start("cpu" if rehearse else ""), "cpu": start("cpu")}
    chosen = rows(rehearse)
    try:
        for number, row in enumerate(chosen):
            left = end - time.monotonic()
            share = left / (len(chosen) - number)
            if share < 5:
                lines.append([row.question, row.unit, "no time left", *[""] * (len(HEADERS) - 3)])
                continue
            for name, platform in (("gpu", "cpu" if rehearse else ""), ("cpu", "cpu")):
                if workers[name].process.poll() is not None:  # ended by the limit of an earlier row
                    workers[name].close()
                    workers[name] = start(platform)
            limits = {"gpu": min(left, 1.5 * share) / 2, "cpu": min(left, 1.5 * share) / 2}
            line, wrong = compare(row, workers, limits)
            failed = failed or wrong
            lines.append(line)
            print(" | ".join(line), flush=True)
    finally:
        for worker in workers.values():
            worker.close()
    return lines, failed


def accelerators() -> tuple[int, str]:
    """Return the number of accelerators that JAX sees, and the kind of the first device."""
    with start("") as worker:
        values = worker.call("device", limit=120.0, check=True)["values"]
    return values["accelerators"][0], values["kind"][0]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=8.0, help="limit of the whole run")
    parser.add_argument("--rehearse", action="store_true", help="run everything in a small size on the CPU")
    parser.add_argument("--out", type=Path, metavar="FILE", help="file for the table as JSON")
    chosen = parser.parse_args()
    began, kind = time.monotonic(), "rehearsal on the CPU"
    if not chosen.rehearse:
        number, kind = accelerators()
        if not number:
            print(f"JAX sees no GPU (its first device is {kind!r}): nothing is measured; --rehearse runs on the CPU")
            return
    print(f"device: {kind}", flush=True)
    lines, failed = run(chosen.minutes - (time.monotonic() - began) / 60, chosen.rehearse)
    print("\n" + table(HEADERS, lines))
    print("\nMedians of rounds, per unit of work, beyond the time of a short call; float64, and float32 for training.")
    if chosen.out:
        content = {"device": kind, "rows": [dict(zip(HEADERS, line, strict=True)) for line in lines], "failed": failed}
        chosen.out.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    sys.exit(int(failed))


if __name__ == "__main__":
    main()
