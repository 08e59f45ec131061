"""Rows of the benchmark of studies: wall time over the time of the tasks alone, and the memory of the parent."""

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
GOAL, GROWTH = 1.15, 300.0  # times the better of the others; MB


def ours(workers: int, count: int) -> None:
    executor = (
        Serial() if workers == 1 else ProcessPool(workers)
    )  # joblib, too, does the work of one worker in this process
    with tempfile.TemporaryDirectory() as folder:
        Study("overhead", task, {"x": list(range(count))}).run(store=folder, executor=executor)


def by_joblib(workers: int, count: int) -> None:
    joblib.Parallel(n_jobs=workers, backend="loky")(joblib.delayed(task)(x) for x in range(count))
    get_reusable_executor().shutdown(wait=True, kill_workers=True)  # every round begins with new processes


def by_dask(workers: int, count: int) -> None:
    with (
        LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        dask.compute([dask.delayed(task)(x) for x in range(count)])


CONTENDERS: dict[str, Callable[[int, int], None]] = {"ours": ours, "joblib": by_joblib, "dask": by_dask}


def run(quick: bool) -> tuple[list[Row], list[str], Bounds]:
    """Time tasks on one and on two workers, and watch the memory of the parent."""
    rows, notes, bounds = [], [], []
    count, rounds = (200, 1) if quick else (TASKS, 2)
    for workers in (1, 2):
        if workers > (os.cpu_count() or 1):
            notes.append(f"no {workers} workers on one core")
            continue
        rows += overhead(workers, count, rounds)
        bounds.append((f"{count} tasks of {TASK * 1e3:.0f} ms, {workers} workers", f"{count * TASK / workers:.1f} s"))
    row, remarks = memory(2000 if quick else MANY)
    return rows + row, notes + remarks, bounds


def overhead(workers: int, count: int, rounds: int) -> list[Row]:
    """Compare wall times, starting of processes and storage included."""
    actions = {name: partial(action, workers, count) for name, action in CONTENDERS.items()}
    times, _ = interleave(actions, rounds)
    alone = count * TASK / workers
    show = lambda value: f"{value:.1f} s = {value / alone:.3f} ×"  # noqa: E731
    better = min(("joblib", "dask"), key=lambda name: Spread.of(times[name]).median)
    rows = []
    for name in ("joblib", "dask"):
        ratio = Spread.of([a / b for a, b in zip(times["ours"], times[name], strict=True)])
        goal = name == better
        rows.append(
            Row(
                f"{count} tasks of 20 ms, {workers} worker{'s' if workers > 1 else ''}, everything kept",
                spread(Spread.of(times["ours"]), show),
                f"{spread(Spread.of(times[name]), show)} {name}, nothing kept",
                spread(ratio, lambda x: f"{x:.3g}"),
                f"<= {GOAL:g}" if goal else "",
                verdict(ratio.median <= GOAL) if goal else "",
            )
        )
    return rows


def memory(count: int) -> Part:
    """Measure how much the parent grows over many short tasks."""
    unit = 1 if sys.platform == "darwin" else 1024
    with tempfile.TemporaryDirectory() as folder:
        made = Study("many", short, {"x": list(range(count))})
        Study("first", short, {"x": [0]}).run(store=Path(folder) / "first", executor=ProcessPool(1))
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6
        took = seconds(partial(made.run, store=Path(folder) / "many", executor=ProcessPool()))
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6 - before
    row = Row(
        f"memory of the parent, {count:,} tasks",
        f"+{grown:.0f} MB",
        f"{before:.0f} MB before",
        "",
        f"< {GROWTH:g} MB",
        verdict(grown < GROWTH),
    )
    return [row], [f"{count:,} tasks of no work, kept and merged: {took:.0f} s, {1e3 * took / count:.2f} ms each"]


def short(x: int) -> dict[str, object]:
    """Return a hundred numbers at once."""
    return {"y": float(x), "curve": ("t", [float(x)] * 100)}
