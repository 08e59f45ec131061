"""A reproduction of several figures, in which one that fails or lacks an extra leaves the others as they are."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from noisette.errors import InputError
from noisette.imports import missing
from noisette.papers._paper import Figure, Paper, Progress, Say, reproduce
from noisette.studies import Claim


@dataclass(frozen=True)
class Outcome:
    """What became of one figure.

    Parameters
    ----------
    figure : which
    claims : with verdicts; none if it was not made
    seconds : that it took
    reused : whether its data were in the folder already
    failed : why it failed, in one line; empty if it did not
    skipped : why it was skipped, in one line; empty if it was not
    """

    figure: Figure
    claims: list[Claim] = field(default_factory=list)
    seconds: float = 0.0
    reused: bool = False
    failed: str = ""
    skipped: str = ""

    def line(self) -> str:
        """Return it in one line."""
        if self.failed or self.skipped:
            return f"{self.figure.name}: {'failed' if self.failed else 'skipped'}: {self.failed or self.skipped}"
        how = "data reused, drawn again" if self.reused else f"{self.seconds:.1f} s"
        return f"{self.figure.name}: {self.figure.title} ({how})"


def reproduce_all(
    paper: Paper,
    figures: Sequence[Figure],
    out: Path,
    *,
    scale: str = "quick",
    seed: int = 0,
    recompute: bool = False,
    progress: Callable[[Figure], Progress] | None = None,
    say: Say | None = None,
) -> Iterator[Outcome]:
    """Reproduce figures one after another; go on with the next where one fails.

    A figure whose extra is not installed is skipped. If a figure fails by an error of the program, the traceback is
    kept in ``FIGURE.traceback.txt``; the reason given names the file.

    Parameters
    ----------
    paper, figures, out, scale, seed, recompute : as in `reproduce`
    progress : from a figure to what is called with (done, total)
    say : progress of work that several figures rest on

    Returns
    -------
    the outcome of each figure, as soon as it is known
    """
    absent = {figure.name: missing(figure.extra) for figure in figures}
    problems = _prepared(paper, [f for f in figures if not absent[f.name]], out, scale, seed, say)
    for figure in figures:
        began = time.monotonic()
        trace = out / f"{figure.name}.traceback.txt"
        if libraries := absent[figure.name]:
            needs = f"it needs {' and '.join(libraries)} of the extra {figure.extra!r}"
            yield Outcome(figure, skipped=f"{needs}; pip install 'noisette[{figure.extra}]'")
            continue
        if figure.name in problems:
            yield Outcome(figure, failed=problems[figure.name])
            continue
        try:
            claims, reused = reproduce(
                paper, figure, out, scale=scale, seed=seed, recompute=recompute, progress=progress and progress(figure)
            )
        except Exception as error:  # whatever it is, the figures after it do not depend on it
            outcome = Outcome(figure, failed=_reason(error, trace), seconds=time.monotonic() - began)
        else:
            trace.unlink(missing_ok=True)
            outcome = Outcome(figure, claims, time.monotonic() - began, reused)
        yield outcome


def _prepared(
    paper: Paper, figures: Sequence[Figure], out: Path, scale: str, seed: int, say: Say | None
) -> dict[str, str]:
    """Do the work that several figures rest on; return why it failed, by the names of the figures that need it."""
    if paper.prepare is None or not figures:
        return {}
    say = say or (lambda *line: None)
    try:
        paper.prepare(scale, seed, out, figures, say)
        return {}
    except Exception as error:
        if len(figures) == 1:
            return {figures[0].name: _reason(error, out / f"{figures[0].name}.traceback.txt")}
    problems: dict[str, str] = {}
    for figure in figures:  # each alone: what is finished is kept, and only those that need what fails are lost
        problems |= _prepared(paper, [figure], out, scale, seed, say)
    return problems


def _reason(error: Exception, trace: Path) -> str:
    """Return an error in one line, and keep the traceback of one that the user's input did not cause."""
    text = " ".join(str(error).split())
    if isinstance(error, InputError):
        return text
    reason = f"{type(error).__name__}: {text}"[:300]
    with suppress(OSError):  # a full disk may be what failed
        trace.parent.mkdir(parents=True, exist_ok=True)
        trace.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        return f"{reason}; the traceback is in {trace}"
    return reason
