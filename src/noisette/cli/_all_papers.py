"""Reproduction of all papers at the terminal: progress, outcomes of figures, and the summary."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._types import Event, Settings
from noisette.progress import format_duration

LINE_EVERY = 15.0  # seconds between lines of progress if standard error is not a terminal


def reproduce_every_paper(words: Sequence[str], folder: Path, settings: Settings, workers: int, json: bool) -> None:
    """Reproduce papers, write the common page, and print a summary or the content of ``report.json``.

    Parameters
    ----------
    words : names of papers
    folder : folder of the page, with a subfolder for each paper
    settings : scale, seed and executor
    workers : number of papers that are reproduced simultaneously
    json : whether to print JSON
    """
    from noisette.papers import expectation, from_string, reproduce_papers, write_index

    papers = [from_string(word) for word in words]
    expected = expectation([paper.name for paper in papers], settings.scale)
    for line in expected if settings.scale == "paper" else expected[len(papers) :]:
        print(f"noisette: {line}", file=sys.stderr, flush=True)
    with Display(sum(len(paper.figures) for paper in papers)) as display:
        outcomes = reproduce_papers(words, folder, settings, workers=workers, watch=display.show)
    content = write_index(papers, folder, settings, {name: outcome.problems for name, outcome in outcomes.items()})
    failed = [(name, *item) for name, outcome in outcomes.items() for item in outcome.failed.items()]
    if json:
        _output.show_json(content)
    else:
        _print_summary(content, len(failed))
        print(f"data, PNG and PDF files are in {folder}, the report is {folder / 'index.html'}")
    for paper, figure, reason in failed:
        print(f"noisette: {paper} {figure}: failed: {reason}", file=sys.stderr)
    if failed:
        raise typer.Exit(1)


def _print_summary(content: dict[str, Any], failed: int) -> None:
    """Print the numbers of claims by verdict, one line per paper."""
    for paper in content["papers"]:
        done = [figure for figure in paper["figures"] if not figure["problem"]]
        verdicts = _count(claim for figure in done for claim in figure["claims"])
        seconds = sum(figure["seconds"] or 0.0 for figure in done) + (paper["preparation_seconds"] or 0.0)
        figures = f"{len(done)} figure{'' if len(done) == 1 else 's'}"
        print(f"{paper['paper']}: {verdicts} ({figures}, {format_duration(seconds)})")
    total = _count(claim for paper in content["papers"] for figure in paper["figures"] for claim in figure["claims"])
    failures = f", {failed} figure{'s' if failed > 1 else ''} failed" if failed else ""
    print(f"{total}{failures}")


def _count(claims: Iterable[dict[str, Any]]) -> str:
    known = [nz.studies.Claim("", "", "", claim["verdict"], "") for claim in claims]
    return nz.studies.count_verdicts(known) or "no claims"


class Display:
    """Context manager that shows the progress of several papers on standard error.

    In a terminal, each paper in progress has a bar; otherwise a line with all of them is printed every 15 seconds. The
    outcome of each figure is one line.

    Parameters
    ----------
    figures : number of figures of all papers
    """

    def __init__(self, figures: int):
        self.figures, self.finished, self.bars = figures, 0, None
        self.running: dict[str, str] = {}  # what each paper is doing
        self.tasks: dict[str, Any] = {}

    def __enter__(self) -> Display:
        self.printed = time.monotonic()
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            texts = TextColumn("{task.description}", markup=False), TextColumn("{task.percentage:3.0f} %")
            self.bars = Progress(texts[0], BarColumn(), texts[1], console=Console(stderr=True), transient=True)
            self.bars.start()
        return self

    def __exit__(self, *error: object) -> None:
        if self.bars is not None:
            self.bars.stop()

    def show(self, event: Event) -> None:
        """Show one event."""
        if event.kind == "progress":
            self._progress(event)
        else:
            self.running.pop(event.paper, None)
            if self.bars is not None and event.paper in self.tasks:
                self.bars.remove_task(self.tasks.pop(event.paper))
        if event.kind == "figure":
            self.finished += 1
            print(f"[{self.finished}/{self.figures}] {event.paper} {event.text}", file=sys.stderr, flush=True)

    def _progress(self, event: Event) -> None:
        title, total = f"{event.paper} {event.text}", max(event.total, 1)
        self.running[event.paper] = f"{title}: {100 * event.done / total:.0f} %"
        if self.bars is not None:
            if event.paper not in self.tasks:
                self.tasks[event.paper] = self.bars.add_task(title, total=total)
            self.bars.update(self.tasks[event.paper], description=title, completed=event.done, total=total)
        elif time.monotonic() - self.printed > LINE_EVERY:
            self.printed = time.monotonic()
            print("; ".join(self.running.values()), file=sys.stderr, flush=True)
