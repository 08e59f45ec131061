"""Reproduction of several figures; a figure that fails or lacks an extra does not affect the others."""

import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from noisette.arguments import check_arguments
from noisette.errors import InputError
from noisette.imports import missing
from noisette.papers._paper import Figure, Paper, Progress, Report, reproduce
from noisette.papers._times import add_preparation
from noisette.studies import Claim, Executor


@dataclass(frozen=True)
class Outcome:
    """Outcome of one figure.

    Parameters
    ----------
    figure : the figure
    claims : claims with verdicts; empty if the figure failed or was skipped
    seconds : run time of this session
    reused : whether existing data were reused
    failed : reason for the failure, in one line; empty if the figure did not fail
    skipped : reason why the figure was skipped, in one line; empty if it was not skipped
    """

    figure: Figure
    claims: list[Claim] = field(default_factory=list)
    seconds: float = 0.0
    reused: bool = False
    failed: str = ""
    skipped: str = ""

    def line(self) -> str:
        """Return the outcome in one line."""
        if self.failed or self.skipped:
            return f"{self.figure.name}: {'failed' if self.failed else 'skipped'}: {self.failed or self.skipped}"
        how = "data reused, plot redrawn" if self.reused else f"{self.seconds:.1f} s"
        return f"{self.figure.name}: {self.figure.title} ({how})"


@check_arguments
def reproduce_all(
    paper: Paper,
    figures: Sequence[Figure],
    out: Path,
    *,
    scale: str = "quick",
    seed: int = 0,
    recompute: bool = False,
    progress: Callable[[Figure], Progress] | None = None,
    report: Report | None = None,
    executor: Executor | None = None,
) -> Iterator[Outcome]:
    """Reproduce figures one after another, and continue with the next figure if one fails.

    A figure whose extra is not installed is skipped. If an error in the program makes a figure fail, the traceback is
    saved as ``FIGURE.traceback.txt``, and the reason names this file.

    Parameters
    ----------
    paper, figures, out, scale, seed, recompute, executor : as in `reproduce`
    progress : function of a figure that returns a callback with the arguments (done, total)
    report : callback that reports the progress of ``Paper.prepare``

    Returns
    -------
    iterator over the outcomes of the figures; each outcome is yielded as soon as it is known
    """
    absent = {figure.name: missing(figure.extra) for figure in figures}
    problems = _prepared(paper, [f for f in figures if not absent[f.name]], out, scale, seed, report)
    for figure in figures:
        began = time.monotonic()
        trace = out / f"{figure.name}.traceback.txt"
        if libraries := absent[figure.name]:
            required = f"it requires {' and '.join(libraries)} (extra {figure.extra!r})"
            yield Outcome(figure, skipped=f"{required}; pip install 'noisette[{figure.extra}]'")
            continue
        if figure.name in problems:
            yield Outcome(figure, failed=problems[figure.name])
            continue
        try:
            claims, reused = reproduce(
                paper,
                figure,
                out,
                scale=scale,
                seed=seed,
                recompute=recompute,
                progress=progress and progress(figure),
                executor=executor,
            )
        except Exception as error:  # the following figures do not depend on this one
            outcome = Outcome(figure, failed=_reason(error, trace), seconds=time.monotonic() - began)
        else:
            trace.unlink(missing_ok=True)
            outcome = Outcome(figure, claims, time.monotonic() - began, reused)
        yield outcome


def _prepared(
    paper: Paper, figures: Sequence[Figure], out: Path, scale: str, seed: int, report: Report | None
) -> dict[str, str]:
    """Run ``Paper.prepare``; return the reasons for its failures, by the names of the figures that depend on it.

    Its duration is recorded if it reported progress: otherwise it found everything prepared.
    """
    if paper.prepare is None or not figures:
        return {}
    show = report or (lambda *line: None)
    began, worked = time.monotonic(), False

    def reported(*line: Any) -> None:
        nonlocal worked
        worked = True
        show(*line)

    try:
        paper.prepare(scale, seed, out, figures, reported)
        return {}
    except Exception as error:
        if len(figures) == 1:
            return {figures[0].name: _reason(error, out / f"{figures[0].name}.traceback.txt")}
    finally:
        if worked:
            add_preparation(out, scale, seed, time.monotonic() - began)
    problems: dict[str, str] = {}
    for figure in figures:  # one at a time, so that only the figures that depend on the failed part are lost
        problems |= _prepared(paper, [figure], out, scale, seed, report)
    return problems


def _reason(error: Exception, trace: Path) -> str:
    """Return an error in one line; save its traceback unless the user's input caused it."""
    text = " ".join(str(error).split())
    if isinstance(error, InputError):
        return text
    reason = f"{type(error).__name__}: {text}"[:300]
    with suppress(OSError):  # writing also fails if the disk is full
        trace.parent.mkdir(parents=True, exist_ok=True)
        trace.write_text("".join(traceback.format_exception(error)), encoding="utf-8")
        return f"{reason}; the traceback is in {trace}"
    return reason
