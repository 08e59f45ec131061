"""`noisette reproduce`: reproduction of the figures and claims of one paper, or of all papers."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._all_papers import reproduce_every_paper
from noisette.cli._claims import claim_lines
from noisette.cli._options import Seed
from noisette.cli._types import Figure, Outcome, Paper, Settings
from noisette.errors import require
from noisette.registry import words


def command(
    paper: Annotated[
        str | None, typer.Argument(help="Paper, such as recurrence-resonance, or MODULE:NAME; omitted with --all.")
    ] = None,
    figures: Annotated[list[str] | None, typer.Argument(help="Names of figures; all by default.")] = None,
    all_papers: Annotated[
        bool, typer.Option("--all", help="Reproduce all papers, and write one page about them, OUT/index.html.")
    ] = False,
    scale: Annotated[
        str,
        typer.Option(
            help="smoke (seconds per figure; tests that everything runs; most claims are not judged), quick (minutes; "
            "a quarter of an hour for working-memory) or paper (the sizes of the paper)."
        ),
    ] = "quick",
    out: Annotated[
        Path | None,
        typer.Option(
            help="Folder for data, figures and claims; noisette-out/PAPER by default, or noisette-out with --all."
        ),
    ] = None,
    seed: Seed = 0,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Recompute saved figures; trained networks are kept.")
    ] = False,
    workers: Annotated[
        int, typer.Option(help="Number of papers that --all reproduces side by side, each in its own process.", min=1)
    ] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Address of a Dask scheduler that runs the studies, tcp://HOST:PORT.")
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print the claims in full, with reasons.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the claims as one JSON object.")] = False,
) -> None:
    """Reproduce figures of a paper, or of all papers: data, PNG, PDF, and claims with verdicts, one line each.

    Long texts are cut in these lines; --verbose and report.html show the claims in full, with reasons.
    A figure that fails does not stop the others; failures are listed at the end. The same command resumes an
    interrupted reproduction: finished figures are reused. With --all, one page shows figures and claims of all papers.

    Exit status: 0 all figures completed, 1 some failed, 2 invalid input, 130 interrupted.

    Example: noisette reproduce recurrence-resonance fig2a --scale quick --out results

    Example: noisette reproduce --all --scale quick --workers 2 --out report
    """
    from noisette import papers

    _check_paper(paper, all_papers, workers, verbose)
    require(scale in papers.SCALES, f"--scale {scale!r}", f"one of {', '.join(papers.SCALES)}")
    executor = None if scheduler is None else nz.studies.Dask(scheduler)
    settings = papers.Settings(scale, seed, recompute, executor)
    if paper is None:
        place = _output.folder(out or Path("noisette-out"))
        assert place is not None
        reproduce_every_paper(words("papers"), place, settings, workers, json)
    else:
        _one_paper(paper, figures or [], out, settings, verbose, json)


def _check_paper(paper: str | None, all_papers: bool, workers: int, verbose: bool) -> None:
    """Raise `InputError` unless exactly one of PAPER and --all is given, with options that fit."""
    names = f"PAPER is {', '.join(words('papers'))}, or MODULE:NAME"
    require(paper is not None or all_papers, "neither PAPER nor --all", f"one of the two; {names}")
    require(paper is None or not all_papers, f"PAPER {paper!r} and --all", "one of the two")
    only = "1; this is the number of papers that are reproduced side by side"
    require(all_papers or workers == 1, f"--workers {workers} without --all", only)
    require(not (all_papers and verbose), "--verbose with --all", "one of the two", "index.html shows the reasons")


def _one_paper(
    paper: str, figures: Sequence[str], out: Path | None, settings: Settings, verbose: bool, json: bool
) -> None:
    """Reproduce figures of one paper, and print their claims."""
    from noisette.papers import from_string, multiplicity, write_report

    reproduced = from_string(paper)
    chosen = reproduced.chosen(figures)
    folder = _output.folder(out or Path("noisette-out") / reproduced.name)
    assert folder is not None
    outcomes = _outcomes(reproduced, chosen, folder, settings)
    unfinished = [item for item in outcomes if item.failed or item.skipped]
    report = write_report(reproduced, folder, {item.figure.name: item.failed or item.skipped for item in unfinished})
    tests = multiplicity(claim for outcome in outcomes for claim in outcome.claims)
    if json:
        claims = [{"figure": item.figure.name, **claim.row()} for item in outcomes for claim in item.claims]
        failed = [{"figure": item.figure.name, "reason": item.failed} for item in outcomes if item.failed]
        skipped = [{"figure": item.figure.name, "reason": item.skipped} for item in outcomes if item.skipped]
        table = {
            "paper": reproduced.name,
            "scale": settings.scale,
            "seed": settings.seed,
            "claims": claims,
            "failed": failed,
            "skipped": skipped,
        }
        table["tests"] = tests.row()
        _output.show_json(table)
    else:
        print(reproduced.title)
        for line in claim_lines(outcomes, verbose):
            print(line)
        print(tests.sentence())
        print(f"{_count(outcomes)}; data, PNG and PDF files are in {folder}, the report is {report}")
    for item in unfinished:
        print(f"noisette: {item.line()}", file=sys.stderr)
    if any(item.failed for item in unfinished):
        raise typer.Exit(1)


def _outcomes(paper: Paper, chosen: Sequence[Figure], folder: Path, settings: Settings) -> list[Outcome]:
    """Reproduce the figures, with a progress bar for each and a line when it is finished."""
    from noisette.papers import reproduce_all

    outcomes: list[Outcome] = []
    with ExitStack() as shown:
        common = shown.enter_context(nz.studies.Progress("networks"))

        def progress(figure: Figure) -> nz.studies.Progress:
            shown.close()
            return shown.enter_context(nz.studies.Progress(f"[{len(outcomes) + 1}/{len(chosen)}] {figure.name}"))

        for outcome in reproduce_all(
            paper,
            chosen,
            folder,
            scale=settings.scale,
            seed=settings.seed,
            recompute=settings.recompute,
            progress=progress,
            report=common.update,
            executor=settings.executor,
        ):
            shown.close()
            outcomes.append(outcome)
            print(f"[{len(outcomes)}/{len(chosen)}] {outcome.line()}", file=sys.stderr, flush=True)
    return outcomes


def _count(outcomes: Sequence[Outcome]) -> str:
    verdicts = nz.studies.count_verdicts(claim for outcome in outcomes for claim in outcome.claims)
    failed = sum(bool(outcome.failed) for outcome in outcomes)
    figures = f"{failed} figure{'s' if failed > 1 else ''} failed" if failed else ""
    return ", ".join(part for part in (verdicts, figures) if part) or "no claims"
