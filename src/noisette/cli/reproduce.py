"""`noisette reproduce`: reproduction of the figures and claims of a paper."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._claims import claim_lines
from noisette.cli._options import Seed
from noisette.cli._types import Figure, Outcome, Paper
from noisette.errors import require


def command(
    paper: Annotated[str, typer.Argument(help="Paper, such as recurrence-resonance, or MODULE:NAME.")],
    figures: Annotated[list[str] | None, typer.Argument(help="Names of figures; all by default.")] = None,
    scale: Annotated[
        str,
        typer.Option(
            help="smoke (seconds per figure; tests that everything runs; most claims are not judged), quick (minutes; "
            "a quarter of an hour for working-memory) or paper (the sizes of the paper)."
        ),
    ] = "quick",
    out: Annotated[
        Path | None, typer.Option(help="Folder for data, figures and claims; noisette-out/PAPER by default.")
    ] = None,
    seed: Seed = 0,
    recompute: Annotated[
        bool, typer.Option("--recompute", help="Recompute saved figures; trained networks are kept.")
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Print the claims in full, with reasons.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the claims as one JSON object.")] = False,
) -> None:
    """Reproduce figures of a paper: data, PNG, PDF, and its claims with verdicts, one line each.

    Long texts are cut in these lines; --verbose and report.html show the claims in full, with reasons.
    A figure that fails does not stop the others; failures are listed at the end.

    Exit status: 0 all figures completed, 1 some failed, 2 invalid input, 130 interrupted.

    Example: noisette reproduce recurrence-resonance fig2a --scale quick --out results
    """
    from noisette.papers import SCALES, from_string, multiplicity, write_report

    reproduced = from_string(paper)
    chosen = reproduced.chosen(figures or [])
    require(scale in SCALES, f"--scale {scale!r}", f"one of {', '.join(SCALES)}")
    folder = _output.folder(out or Path("noisette-out") / reproduced.name)
    assert folder is not None
    outcomes = _outcomes(reproduced, chosen, folder, scale, seed, recompute)
    unfinished = [item for item in outcomes if item.failed or item.skipped]
    report = write_report(reproduced, folder, {item.figure.name: item.failed or item.skipped for item in unfinished})
    tests = multiplicity(claim for outcome in outcomes for claim in outcome.claims)
    if json:
        claims = [{"figure": item.figure.name, **claim.row()} for item in outcomes for claim in item.claims]
        failed = [{"figure": item.figure.name, "reason": item.failed} for item in outcomes if item.failed]
        skipped = [{"figure": item.figure.name, "reason": item.skipped} for item in outcomes if item.skipped]
        table = {
            "paper": reproduced.name,
            "scale": scale,
            "seed": seed,
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


def _outcomes(
    paper: Paper, chosen: Sequence[Figure], folder: Path, scale: str, seed: int, recompute: bool
) -> list[Outcome]:
    """Reproduce the figures, with a progress bar for each and a line when it is finished."""
    from noisette.papers import reproduce_all

    outcomes: list[Outcome] = []
    with ExitStack() as shown:
        common = shown.enter_context(nz.studies.Progress("networks"))

        def progress(figure: Figure) -> nz.studies.Progress:
            shown.close()
            return shown.enter_context(nz.studies.Progress(f"[{len(outcomes) + 1}/{len(chosen)}] {figure.name}"))

        for outcome in reproduce_all(
            paper, chosen, folder, scale=scale, seed=seed, recompute=recompute, progress=progress, report=common.update
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
