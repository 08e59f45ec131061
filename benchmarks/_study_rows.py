"""Rows of the benchmark of studies: wall time relative to that of the tasks alone, and memory of the main process."""

import os
import resource
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import dask
import joblib
from _harness import Bounds, Part, Row, Spread, interleave, seconds, spread, verdict
from _study_task import TASK, task
from distributed import Client, LocalCluster
from joblib.externals.loky import get_reusable_executor

from noisette.studies import ProcessPool, Serial, Study

TASKS = 2000
MANY = 20_000
GOAL, GROWTH = 1.15, 300.0  # largest ratio to the faster alternative; largest growth in MB


def ours(workers: int, count: int) -> None:
    # joblib also computes in this process if there is one worker
    executor = Serial() if workers == 1 else ProcessPool(workers)
    with tempfile.TemporaryDirectory() as folder:
        Study("overhead", task, {"x": list(range(count))}).run(store=folder, executor=executor)


def by_joblib(workers: int, count: int) -> None:
    joblib.Parallel(n_jobs=workers, backend="loky")(joblib.delayed(task)(x) for x in range(count))
    get_reusable_executor().shutdown(wait=True, kill_workers=True)  # every round starts new processes


def by_dask(workers: int, count: int) -> None:
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        dask.compute([dask.delayed(task)(x) for x in range(count)])


CONTENDERS: dict[str, Callable[[int, int], None]] = {"ours": ours, "joblib": by_joblib, "dask": by_dask}


def run(quick: bool) -> tuple[list[Row], list[str], Bounds]:
    """Time tasks on one and on two workers, and measure the memory of the main process."""
    rows, notes, bounds = [], [], []
    count, rounds = (200, 1) if quick else (TASKS, 2)
    for workers in (1, 2):
        if workers > (os.cpu_count() or 1):
            notes.append(f"{workers} workers are not timed on one core")
            continue
        rows += overhead(workers, count, rounds)
        bounds.append((f"{count} tasks of {TASK * 1e3:.0f} ms, {workers} workers", f"{count * TASK / workers:.1f} s"))
    row, remarks = memory(2000 if quick else MANY)
    return rows + row, notes + remarks, bounds


def overhead(workers: int, count: int, rounds: int) -> list[Row]:
    """Compare wall times, including the start of processes and storage."""
    actions = {name: partial(action, workers, count) for name, action in CONTENDERS.items()}
    times, _ = interleave(actions, rounds)
    alone = count * TASK / workers
    show = lambda value: f"{value:.1f} s = {value / alone:.3f} ×"  # noqa: E731
    fastest = min(("joblib", "dask"), key=lambda name: Spread.of(times[name]).median)
    rows = []
    for name in ("joblib", "dask"):
        ratio = Spread.of([a / b for a, b in zip(times["ours"], times[name], strict=True)])
        goal = name == fastest
        rows.append(
            Row(
                f"{count} tasks of 20 ms, {workers} worker{'s' if workers > 1 else ''}, results stored",
                spread(Spread.of(times["ours"]), show),
                f"{spread(Spread.of(times[name]), show)} {name}, results not stored",
                spread(ratio, lambda x: f"{x:.3g}"),
                f"<= {GOAL:g}" if goal else "",
                verdict(ratio.median <= GOAL) if goal else "",
            )
        )
    return rows


def memory(count: int) -> Part:
    """Measure the growth of the memory of the main process over many short tasks."""
    unit = 1 if sys.platform == "darwin" else 1024
    with tempfile.TemporaryDirectory() as folder:
        many = Study("many", short, {"x": list(range(count))})
        Study("first", short, {"x": [0]}).run(store=Path(folder) / "first", executor=ProcessPool(1))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
        duration = seconds(partial(many.run, store=Path(folder) / "many", executor=ProcessPool()))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6 - before
    row = Row(
        f"memory of the main process, {count:,} tasks",
        f"+{grown:.0f} MB",
        f"{before:.0f} MB before",
        "",
        f"< {GROWTH:g} MB",
        verdict(grown < GROWTH),
    )
    return [row], [
        f"{count:,} tasks without work, stored and merged: {duration:.0f} s, {1e3 * duration / count:.2f} ms each"
    ]


def short(x: int) -> dict[str, object]:
    """Return a number and a hundred values without computation."""
    return {"y": float(x), "curve": ("t", [float(x)] * 100)}
