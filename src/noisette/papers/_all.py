"""Reproduction of several papers into one folder, one after another or side by side in separate processes."""

import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Literal

from noisette.arguments import check_arguments
from noisette.disk import check_folder_name
from noisette.errors import integer, require
from noisette.papers._expected import expected_seconds
from noisette.papers._paper import SCALES, THREADS, Figure, Paper, Progress
from noisette.papers._report import write_report
from noisette.papers._session import reproduce_all
from noisette.papers._words import from_string
from noisette.studies import Executor, Serial
from noisette.threads import environment, threads_of

SENT_EVERY = 0.2  # shortest interval between reports of the progress of one paper, s
PATIENCE = 10.0  # seconds that a process has to close its files when it is stopped


@check_arguments
@dataclass(frozen=True)
class Settings:
    """Settings of the reproduction of several papers.

    Parameters
    ----------
    scale : "smoke", "quick" or "paper"
    seed : seed of all simulations
    recompute : recompute the data of figures even if they exist
    executor : how the tasks of the studies are run, as in `reproduce`
    """

    scale: str = "quick"
    seed: int = 0
    recompute: bool = False
    executor: Executor | None = None

    def __post_init__(self):
        require(self.scale in SCALES, f"scale {self.scale!r}", f"one of {', '.join(SCALES)}")
        integer(self.seed, "seed", 0)


@dataclass(frozen=True)
class Event:
    """News of a reproduction of several papers.

    Parameters
    ----------
    kind : "progress" of a figure or of the preparation; "figure", which is finished; or "paper", which is finished
    paper : name of the paper
    text : what is in progress, or the outcome of the figure in one line
    done, total : finished and all parts of what is in progress, or of the figures of the paper
    figure : name of the figure that is finished
    failed, skipped : reason why it was not reproduced; empty if it was
    """

    kind: Literal["progress", "figure", "paper"]
    paper: str
    text: str = ""
    done: int = 0
    total: int = 1
    figure: str = ""
    failed: str = ""
    skipped: str = ""


@dataclass
class PaperOutcome:
    """Figures of a paper that were not reproduced, with reasons by figure name.

    Parameters
    ----------
    failed : figures that failed
    skipped : figures whose extra is not installed
    """

    failed: dict[str, str] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    @property
    def problems(self) -> dict[str, str]:
        """Reasons for all figures that were not reproduced."""
        return self.failed | self.skipped


Watch = Callable[[Event], None]


@check_arguments
def reproduce_papers(
    papers: Sequence[str],
    out: Path,
    settings: Settings | None = None,
    *,
    workers: int = 1,
    watch: Callable[[Event], None] | None = None,
) -> dict[str, PaperOutcome]:
    """Reproduce all figures of several papers, each in a folder of its own, and resume where a previous run stopped.

    Each folder also gets the report of its paper, as of `write_report`; `write_index` writes the common page.

    Parameters
    ----------
    papers : names of papers, or ``MODULE:NAME``
    out : folder; the figures of each paper are saved in a subfolder with the name of the paper
    settings : scale, seed, and executor
    workers : number of papers that are reproduced simultaneously, each in its own process; with more than one, call the
        function of a script under ``if __name__ == "__main__":``
    watch : function called with each `Event`

    Returns
    -------
    figures that failed or were skipped, by names of papers

    Raises
    ------
    InputError : If a paper is unknown, two papers have the same name, or a folder cannot be written.
    """
    integer(workers, "workers")
    settings, show = settings or Settings(), watch or (lambda event: None)
    loaded = {word: from_string(word) for word in papers}
    names = [paper.name for paper in loaded.values()]
    different = len(set(names)) == len(papers) > 0
    require(different, f"papers {', '.join(papers) or '(none)'}", "one or more different papers")
    for name in names:
        check_folder_name(name)
    if workers == 1:
        return {paper.name: _one(paper, out, settings, show) for paper in loaded.values()}
    return _SideBySide(loaded, out, settings, workers, show).run()


def _one(paper: Paper, out: Path, settings: Settings, tell: Watch) -> PaperOutcome:
    """Reproduce one paper, and report each step."""
    folder, outcome, total = out / paper.name, PaperOutcome(), len(paper.figures)

    def progress(figure: Figure) -> Progress:
        return lambda done, of: tell(Event("progress", paper.name, figure.name, done, of))

    def report(title: str, done: int, of: int, *more: Any) -> None:
        tell(Event("progress", paper.name, title, done, of))

    results = reproduce_all(
        paper,
        paper.figures,
        folder,
        scale=settings.scale,
        seed=settings.seed,
        recompute=settings.recompute,
        progress=progress,
        report=report,
        executor=settings.executor,
    )
    for number, result in enumerate(results, 1):
        name, failed, skipped = result.figure.name, result.failed, result.skipped
        _record(outcome, name, failed, skipped)
        tell(Event("figure", paper.name, result.line(), number, total, name, failed, skipped))
    write_report(paper, folder, outcome.problems)
    tell(Event("paper", paper.name, "", total, total))
    return outcome


def _record(outcome: PaperOutcome, name: str, failed: str, skipped: str) -> None:
    """Add the reason why a figure was not reproduced, if there is one."""
    if failed:
        outcome.failed[name] = failed
    elif skipped:
        outcome.skipped[name] = skipped


@dataclass
class _Child:
    """A process that reproduces one paper."""

    paper: Paper
    process: BaseProcess
    outcome: PaperOutcome = field(default_factory=PaperOutcome)
    done: int = 0
    complete: bool = False

    def receive(self, event: Event) -> None:
        """Keep what an event says about the outcome."""
        if event.kind == "figure":
            self.done = event.done
            _record(self.outcome, event.figure, event.failed, event.skipped)
        self.complete |= event.kind == "paper"

    def end(self) -> PaperOutcome:
        """Return the outcome; if the process has ended early, the remaining figures have failed."""
        self.process.join()
        if not self.complete:
            code = self.process.exitcode or 0
            cause = "; possibly out of memory" if code < 0 else ""
            reason = f"the process that reproduces {self.paper.name} ended with exit code {code}{cause}"
            self.outcome.failed |= {figure.name: reason for figure in self.paper.figures[self.done :]}
        return self.outcome


class _SideBySide:
    """Reproduction of papers in several processes, the longest first."""

    def __init__(self, papers: dict[str, Paper], out: Path, settings: Settings, workers: int, watch: Watch):
        self.papers, self.out, self.settings, self.workers, self.watch = papers, out, settings, workers, watch
        self.running: dict[Connection, _Child] = {}

    def run(self) -> dict[str, PaperOutcome]:
        """Return the outcomes; if an exception ends this process, it also ends the others."""
        seconds = {word: expected_seconds(paper.name, self.settings.scale) for word, paper in self.papers.items()}
        waiting = sorted(self.papers, key=lambda word: seconds[word] or 0.0)
        outcomes: dict[str, PaperOutcome] = {}
        try:
            while waiting or self.running:
                while waiting and len(self.running) < self.workers:
                    self._begin(waiting.pop())
                for connection in wait(list(self.running)):
                    assert isinstance(connection, Connection)
                    if (finished := self._receive(connection)) is not None:
                        outcomes[finished.paper.name] = finished.end()
        finally:
            self._stop()
        return {paper.name: outcomes[paper.name] for paper in self.papers.values()}

    def _begin(self, word: str) -> None:
        ours, theirs = get_context("spawn").Pipe(duplex=False)
        threads = max(1, (os.cpu_count() or 1) // self.workers)
        process = get_context("spawn").Process(
            target=_serve, args=(theirs, word, self.out, self.settings, threads), name=word
        )
        with environment(threads_of(threads)):  # read when the libraries are imported
            process.start()
        theirs.close()
        self.running[ours] = _Child(self.papers[word], process)

    def _receive(self, connection: Connection) -> _Child | None:
        """Handle one event; return the process if it has ended."""
        child = self.running[connection]
        try:
            event = connection.recv()
        except (EOFError, OSError):
            del self.running[connection]
            return child
        child.receive(event)
        self.watch(event)
        return None

    def _stop(self) -> None:
        for child in self.running.values():
            child.process.terminate()
        for child in self.running.values():
            child.process.join(PATIENCE)
            if child.process.is_alive():
                child.process.kill()


def _serve(connection: Connection, word: str, out: Path, settings: Settings, threads: int) -> None:
    """Reproduce one paper in this process, and send events to the parent process."""
    _obey_parent()
    sent = -SENT_EVERY

    def tell(event: Event) -> None:
        nonlocal sent
        if event.kind != "progress" or time.monotonic() - sent >= SENT_EVERY:
            sent = time.monotonic()
            connection.send(event)

    if settings.executor is None:
        serial = Serial(min(threads, THREADS[settings.scale]))
        settings = Settings(settings.scale, settings.seed, settings.recompute, serial)
    _one(from_string(word), out, settings, tell)
    connection.close()


def _obey_parent() -> None:
    """Let the parent process decide when this one stops: keyboard interrupts reach both, its end reaches none."""

    def stop(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    def end_with_parent() -> None:
        if (parent := parent_process()) is not None:
            parent.join()
        os._exit(1)

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=end_with_parent, daemon=True).start()
