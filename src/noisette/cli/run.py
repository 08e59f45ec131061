"""`noisette run`: execution of a study in a persistent store, locally, in several processes or on a cluster."""

import json as json_text
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

from noisette.cli import _output
from noisette.errors import InputError, require
from noisette.imports import import_object
from noisette.studies import Cluster, Dask, Executor, ProcessPool, Progress, Serial, Study, failures, status
from noisette.study_files import read_study

SHOWN = 10  # largest number of failures that are printed
EVERY = 1.0  # shortest interval between lines of progress with --json, in seconds


def command(
    study: Annotated[str, typer.Argument(help="FILE.toml, or MODULE:NAME or FILE.py:NAME of a Study.")],
    out: Annotated[Path | None, typer.Option(help="The store, a folder; noisette-out/NAME by default.")] = None,
    workers: Annotated[int, typer.Option(help="Processes; with --cluster jobs. 0: in this process.", min=0)] = 0,
    threads: Annotated[int, typer.Option(help="Threads of BLAS and XLA in each process.", min=1)] = 1,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://HOST:PORT.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="slurm, pbs, lsf, sge …, or a YAML file in the form of dask-jobqueue.")
    ] = None,
    cores: Annotated[int | None, typer.Option(help="Cores of a job; 1 by default.", min=1)] = None,
    memory: Annotated[str | None, typer.Option(help="Memory of a job; 2GB by default.")] = None,
    walltime: Annotated[
        str | None, typer.Option(help="Time limit of a job, 1:00:00 by default; such jobs follow until all is done.")
    ] = None,
    queue: Annotated[str | None, typer.Option(help="Queue or partition of the cluster.")] = None,
    batch: Annotated[str | None, typer.Option(help="Points of a task, or auto: as many as memory holds.")] = None,
    plan: Annotated[bool, typer.Option("--plan", help="Only do one task, and say what all will take.")] = False,
    script: Annotated[bool, typer.Option("--script", help="Only print the job script of the cluster.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Do tasks with failed points again.")] = False,
    accept_changes: Annotated[
        bool, typer.Option("--accept-changes", help="Go on with a store of another study with the same grid.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON lines: progress, and at the end the status.")] = False,
) -> None:
    """Run a study. An interrupted study is resumed by the same command.

    Exit status: 0 all points done, 1 some points failed (they are listed), 2 invalid input, 130 interrupted.

    Example: noisette run study.toml --workers 2
    """
    loaded = _with_batch(_study(study), batch)
    job_options = {"cores": cores, "memory": memory, "walltime": walltime, "queue": queue}
    executor = _executor(workers, threads, scheduler, cluster, {k: v for k, v in job_options.items() if v is not None})
    if script:
        if not isinstance(executor, Cluster):
            raise InputError("--script without --cluster; it prints the job script of a cluster")
        print(executor.script())
        return
    if plan:
        estimate = loaded.plan(executor)
        if json:
            _output.show_json(vars(estimate) | {"seconds": estimate.seconds})
        else:
            print(estimate.line())
        return
    store = Path("noisette-out") / loaded.name.replace(" ", "-") if out is None else out
    with Progress(loaded.name, quiet=json) as progress:
        report = _lines() if json else progress
        data = loaded.run(report, executor, store=store, retry_failed=retry_failed, accept_changes=accept_changes)
    _report(store, json)
    if data.attrs["failures"]:
        raise typer.Exit(1)


def _study(text: str) -> Study:
    if text.endswith(".toml"):
        return read_study(text)
    require(":" in text, f"study {text!r}", "FILE.toml, or MODULE:NAME or FILE.py:NAME of a Study")
    imported = import_object(text, "study", lambda value: isinstance(value, Study))
    require(isinstance(imported, Study), f"{text!r} is a {type(imported).__name__}", "a noisette.studies.Study")
    return imported


def _with_batch(study: Study, batch: str | None) -> Study:
    if batch is None:
        return study
    require(batch == "auto" or batch.isdigit(), f"--batch {batch!r}", "a number of points, or auto")
    return replace(study, batch=batch if batch == "auto" else int(batch))


def _executor(
    workers: int, threads: int, scheduler: str | None, cluster: str | None, of_jobs: dict[str, Any]
) -> Executor:
    require(scheduler is None or cluster is None, "--scheduler and --cluster", "one of the two")
    described = cluster is not None and cluster.endswith((".yaml", ".yml"))
    names = ", ".join(f"--{name}" for name in of_jobs)
    require(not of_jobs or cluster is not None, f"{names} without --cluster", "--cluster slurm, pbs, lsf, sge …")
    require(not (of_jobs and described), f"{names} beside {cluster}", "the same in the file")
    if scheduler is not None:
        return Dask(scheduler, max(1, workers))
    if cluster is None:
        return ProcessPool(workers, threads) if workers else Serial()
    if described:
        return Cluster.read(cluster, max(1, workers))
    options = {"queue": of_jobs.pop("queue")} if "queue" in of_jobs else {}
    return Cluster(cluster, max(1, workers), **of_jobs, options=options)


class _lines:  # noqa: N801
    """Callback that prints progress as JSON lines, at most one per second."""

    def __init__(self):
        self.said = -EVERY

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.said >= EVERY:
            self.said = time.monotonic()
            print(json_text.dumps({"tasks": total, "done": done}), flush=True)


def _report(store: Path, json: bool) -> None:
    state, failed = status(store), failures(store)
    if json:
        lines = [failure.line() for failure in failed]
        _output.show_json(
            {"name": state.name, "tasks": state.tasks, "done": state.done, "failures": lines, "store": str(store)}
        )
        return
    print(state.line())
    for failure in failed[:SHOWN]:
        print(f"noisette: failed: {failure.line()}", file=sys.stderr)
    if len(failed) > SHOWN:
        print(f"noisette: and {len(failed) - SHOWN} more, in {store / 'failed'}", file=sys.stderr)
    print(f"saved in {store / 'result.nc'}")
