"""`noisette reproduce`: a paper's figures in one command, and which of its claims hold."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from noisette.cli import _output
from noisette.cli._options import Seed
from noisette.errors import require
from noisette.papers import PAPERS, SCALES, Figure, Paper, multiplicity, reproduce, write_report
from noisette.studies import Claim, Progress, count_verdicts


def command(
    paper: Annotated[str, typer.Argument(help="Name of the paper, as in recurrence-resonance.")],
    figures: Annotated[list[str] | None, typer.Argument(help="Figures; all if none is named.")] = None,
    scale: Annotated[
        str, typer.Option(help="quick (minutes; working-memory a quarter of an hour) or paper (the paper's sizes).")
    ] = "quick",
    out: Annotated[
        Path | None, typer.Option(help="Folder for data, figures and claims; noisette-out/PAPER by default.")
    ] = None,
    seed: Seed = 0,
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Compute figures again; networks that are trained already are kept.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the claims as one JSON object.")] = False,
) -> None:
    """Reproduce figures of a paper: data, PNG, PDF, and a table of its claims with verdicts.

    Example: noisette reproduce recurrence-resonance fig2a --scale quick --out results
    """
    require(paper in PAPERS, f"unknown paper {paper!r}", f"papers are {', '.join(PAPERS)}")
    chosen = PAPERS[paper].chosen(figures or [])
    require(scale in SCALES, f"--scale {scale!r}", " or ".join(SCALES))
    folder = _output.folder(out or Path("noisette-out") / paper)
    assert folder is not None
    _prepare(PAPERS[paper], chosen, scale, seed, folder)
    table: dict[str, list[Claim]] = {}
    for number, figure in enumerate(chosen, 1):
        began = time.monotonic()
        with Progress(f"[{number}/{len(chosen)}] {figure.name}") as progress:
            table[figure.name], found = reproduce(
                PAPERS[paper], figure, folder, scale=scale, seed=seed, fresh=fresh, progress=progress
            )
        how = "data found, drawn again" if found else f"{time.monotonic() - began:.1f} s"
        print(f"[{number}/{len(chosen)}] {figure.name}: {figure.title} ({how})", file=sys.stderr, flush=True)
    report = write_report(PAPERS[paper], folder)
    tests = multiplicity(claim for claims in table.values() for claim in claims)
    if json:
        claims = [{"figure": name, **claim.row()} for name, each in table.items() for claim in each]
        _output.show_json({"paper": paper, "scale": scale, "seed": seed, "claims": claims, "tests": tests.row()})
        return
    rows = [[name, c.statement, c.paper, c.value, c.verdict, c.reason] for name, each in table.items() for c in each]
    _output.show_table(PAPERS[paper].title, ["figure", "claim", "paper", "ours ± s.e.", "verdict", "reason"], rows)
    print(tests.sentence())
    verdicts = count_verdicts(claim for claims in table.values() for claim in claims)
    print(f"{verdicts}; data, PNG and PDF are in {folder}, all together in {report}")


def _prepare(paper: Paper, figures: list[Figure], scale: str, seed: int, folder: Path) -> None:
    """Do the long work that the figures of a paper have in common, if there is any."""
    if paper.prepare is None:
        return
    with Progress("networks") as progress:
        paper.prepare(scale, seed, folder, figures, progress.say)
