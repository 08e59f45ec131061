"""`noisette run`: execution of a study with a persistent store, in one or several processes or on a cluster."""

from __future__ import annotations

import sys
import time
import warnings
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._code import code_of_study
from noisette.disk import check_folder_name
from noisette.errors import FailedPointsWarning, InputError, StudyFailedError, require
from noisette.imports import import_object

SHOWN = 10  # largest number of failures that are printed
EVERY = 1.0  # shortest interval between lines of progress with --json, in seconds


def command(
    study: Annotated[str, typer.Argument(help="Study: FILE.toml, or MODULE:NAME or FILE.py:NAME.")],
    out: Annotated[Path | None, typer.Option(help="Folder of the store; noisette-out/NAME by default.")] = None,
    workers: Annotated[
        int, typer.Option(help="Number of processes, or of jobs with --cluster; 0 for this process.", min=0)
    ] = 0,
    threads: Annotated[int, typer.Option(help="Number of BLAS and XLA threads per process.", min=1)] = 1,
    scheduler: Annotated[str | None, typer.Option(help="Address of a Dask scheduler, tcp://HOST:PORT.")] = None,
    cluster: Annotated[
        str | None, typer.Option(help="Cluster: slurm, pbs, lsf, sge …, or a YAML configuration file of dask-jobqueue.")
    ] = None,
    cores: Annotated[int | None, typer.Option(help="Cores per job; 1 by default.", min=1)] = None,
    memory: Annotated[str | None, typer.Option(help="Memory per job; 2GB by default.")] = None,
    walltime: Annotated[
        str | None,
        typer.Option(help="Time limit per job, 1:00:00 by default; jobs are resubmitted until the study is done."),
    ] = None,
    queue: Annotated[str | None, typer.Option(help="Queue or partition of the cluster.")] = None,
    batch: Annotated[str | None, typer.Option(help="Points per task, or auto: as many as fit into memory.")] = None,
    plan: Annotated[
        bool, typer.Option("--plan", help="Run one task and estimate the time and memory of the study.")
    ] = False,
    script: Annotated[bool, typer.Option("--script", help="Print the job script of the cluster and exit.")] = False,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Repeat tasks with failed points.")] = False,
    accept_changes: Annotated[
        bool,
        typer.Option(
            "--accept-changes", help="Resume a store although the study has changed; the grid must be the same."
        ),
    ] = False,
    no_code: Annotated[
        bool, typer.Option("--no-code", help="Refuse a study file that names code (MODULE:NAME or FILE.py:NAME).")
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print JSON lines: progress, and the status at the end.")
    ] = False,
) -> None:
    """Run a study. The same command resumes an interrupted study.

    Exit status: 0 all points completed, 1 some points failed (they are listed), 2 invalid input, 130 interrupted.

    Example: noisette run study.toml --workers 2
    """
    with code_of_study(study, refuse=no_code):
        loaded = _with_batch(_study(study), batch)
        job_options = {"cores": cores, "memory": memory, "walltime": walltime, "queue": queue}
        job_options = {name: value for name, value in job_options.items() if value is not None}
        executor = _executor(workers, threads, scheduler, cluster, job_options)
        if script:
            _print_script(executor)
        elif plan:
            _print_plan(loaded, executor, json)
        else:
            _run(loaded, executor, out, json, retry_failed=retry_failed, accept_changes=accept_changes)


def _print_script(executor: nz.studies.Executor) -> None:
    if not isinstance(executor, nz.studies.Cluster):
        raise InputError("--script without --cluster; --script prints the job script of a cluster; give --cluster")
    print(executor.script())


def _print_plan(study: nz.studies.Study, executor: nz.studies.Executor, json: bool) -> None:
    """Run one task and print the plan; the exit status is 1 if the task failed."""
    with warnings.catch_warnings(action="ignore", category=FailedPointsWarning):  # printed below
        estimate = study.plan(executor)
    if json:
        _output.show_json(vars(estimate) | {"seconds": estimate.seconds})
    else:
        print(estimate.line())
    if estimate.failure:
        print(f"noisette: the measured task failed: {estimate.failure}; the estimate may be wrong", file=sys.stderr)
        raise typer.Exit(1)


def _run(
    study: nz.studies.Study,
    executor: nz.studies.Executor,
    out: Path | None,
    json: bool,
    *,
    retry_failed: bool,
    accept_changes: bool,
) -> None:
    if out is None:
        check_folder_name(study.name)
    store = Path("noisette-out") / study.name.replace(" ", "-") if out is None else out
    with nz.studies.Progress(study.name, quiet=json) as progress:
        report = _JsonLines() if json else progress
        with warnings.catch_warnings(action="ignore", category=FailedPointsWarning), suppress(StudyFailedError):
            study.run(report, executor, store=store, retry_failed=retry_failed, accept_changes=accept_changes)
    _report(store, json)
    if nz.studies.failures(store):
        raise typer.Exit(1)


def _study(text: str) -> nz.studies.Study:
    if text.endswith(".toml"):
        from noisette.study_files import read_study

        return read_study(text)
    require(":" in text, f"study {text!r}", "FILE.toml, or MODULE:NAME or FILE.py:NAME of a Study")
    imported = import_object(text, "study", lambda value: isinstance(value, nz.studies.Study))
    require(
        isinstance(imported, nz.studies.Study), f"{text!r} is a {type(imported).__name__}", "a noisette.studies.Study"
    )
    return imported


def _with_batch(study: nz.studies.Study, batch: str | None) -> nz.studies.Study:
    if batch is None:
        return study
    require(batch == "auto" or batch.isdigit(), f"--batch {batch!r}", "a number of points, or auto")
    return replace(study, batch=batch if batch == "auto" else int(batch))


def _executor(
    workers: int, threads: int, scheduler: str | None, cluster: str | None, job_options: dict[str, Any]
) -> nz.studies.Executor:
    require(scheduler is None or cluster is None, "--scheduler and --cluster", "one of the two")
    is_file = cluster is not None and cluster.endswith((".yaml", ".yml"))
    names = ", ".join(f"--{name}" for name in job_options)
    require(not job_options or cluster is not None, f"{names} without --cluster", "--cluster slurm, pbs, lsf, sge …")
    require(not (job_options and is_file), f"{names} with {cluster}", "set these options in the file")
    if scheduler is not None:
        return nz.studies.Dask(scheduler, max(1, workers))
    if cluster is None:
        return nz.studies.ProcessPool(workers, threads) if workers else nz.studies.Serial()
    if is_file:
        return nz.studies.Cluster.read(cluster, max(1, workers))
    options = {"queue": job_options.pop("queue")} if "queue" in job_options else {}
    return nz.studies.Cluster(cluster, max(1, workers), **job_options, options=options)


class _JsonLines:
    """Callback that prints progress as JSON lines, at most one per second."""

    def __init__(self):
        self.printed = -EVERY

    def __call__(self, done: int, total: int) -> None:
        if time.monotonic() - self.printed >= EVERY:
            self.printed = time.monotonic()
            _output.show_json({"tasks": total, "done": done})


def _report(store: Path, json: bool) -> None:
    state, failed = nz.studies.status(store), nz.studies.failures(store)
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
        print(f"noisette: and {len(failed) - SHOWN} more; see {store / 'failed'}", file=sys.stderr)
    print(f"saved in {store / 'result.nc'}")
