"""Progress reports on standard error, in terminals and notebooks, and the switch that turns them on for all calls."""

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from types import TracebackType
from typing import Any, cast

from noisette.errors import InputError
from noisette.time_left import TimeLeft

PATIENCE = 2.0  # seconds before anything is shown
PYTHON_PATIENCE = 0.5  # the same for calls from Python, where progress reports are shown on request only
LINE_EVERY = 15.0  # seconds between lines if standard error is neither a terminal nor a notebook
REFRESH = 0.2  # seconds between two updates in a notebook
BAR = 30  # width of the bar in a notebook, in characters

Callback = Callable[[int, int], None]  # called with (done, total)
ProgressLike = Callback | bool | None  # True shows a bar, None one if `show_progress` has been called, False none


def format_duration(seconds: float) -> str:
    """Return a duration as text, in seconds, minutes or hours.

    Parameters
    ----------
    seconds : duration, s

    Examples
    --------
    >>> format_duration(42.3), format_duration(600), format_duration(3e4)
    ('42 s', '10 min', '8.3 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


class Progress:
    """Context manager that reports progress and the remaining time, beginning after two seconds.

    In a terminal it draws a bar; otherwise it prints a line every 15 seconds. Call it with (done, total), and
    optionally with an estimate of the remaining seconds. Without an estimate, the remaining time is extrapolated from
    the latest finished parts, as in ``noisette.time_left.TimeLeft``, and is not shown before three parts are finished.

    Parameters
    ----------
    title : description of the work
    quiet : whether to show nothing
    patience : seconds before anything is shown

    Examples
    --------
    >>> with Progress("counting") as progress:
    ...     for i in range(3):
    ...         progress(i + 1, 3)
    """

    def __init__(self, title: str, quiet: bool = False, patience: float = PATIENCE):
        self.title, self.quiet, self.patience = title, quiet, patience
        self.bar = None
        self.written = 0  # characters of the line in a notebook

    def __enter__(self) -> "Progress":
        self.start = self.start_of_work = self.latest = self.printed = time.monotonic()
        self.done = 0
        self.first = True
        return self

    def update(self, title: str, done: int, total: int, left: float | None = None) -> None:
        """Set a new title and report that `done` of `total` parts are finished."""
        self.title = title
        self(done, total, left)

    def __call__(self, done: int, total: int, left: float | None = None, work: float | None = None) -> None:
        """Report that `done` of `total` parts are finished.

        Parameters
        ----------
        done, total : finished parts and all parts
        left : remaining time in seconds, if the caller knows it
        work : finished fraction of the work, if the parts differ in their cost; done/total by default
        """
        now = time.monotonic()
        work = done / max(total, 1) if work is None else work
        if done < self.done:  # a smaller count means that the next piece of work has begun
            self.start_of_work, self.first = self.latest, True
        if self.first:  # an initial count above 1 comes from an earlier, interrupted run
            self.first = False
            resumed = done > 1
            self.left = TimeLeft(now if resumed else self.start_of_work, work if resumed else 0.0)
            if done == 1:
                self.left.add(now, work)
        else:
            self.left.add(now, work)
        self.done, self.latest = done, now
        if self.quiet or (self.bar is None and now - self.start < self.patience):
            return
        seconds = self.left.seconds(now) if left is None else left
        remaining = "" if seconds is None else f"about {format_duration(seconds)} left"
        if in_notebook():
            self._write(done, total, remaining, now)
        elif sys.stderr.isatty():
            self._draw(done, total, remaining)
        elif now - self.printed > LINE_EVERY:
            line = ", ".join(filter(None, (f"{self.title}: {100 * done / max(total, 1):.0f} %", remaining)))
            print(line, file=sys.stderr, flush=True)
            self.printed = now

    def _write(self, done: int, total: int, left: str, now: float) -> None:
        """Write a bar of text over the previous one; notebooks interpret carriage returns."""
        if self.written and now - self.printed < REFRESH and done < total:
            return
        full = round(BAR * done / max(total, 1))
        percent = 100 * done / max(total, 1)
        line = f"{self.title} {'━' * full}{'╌' * (BAR - full)} {percent:3.0f} %  {left}"
        print("\r" + line.ljust(self.written), end="", file=sys.stderr, flush=True)
        self.written, self.printed = len(line), now

    def _draw(self, done: int, total: int, left: str) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn
        from rich.progress import Progress as Bar

        if self.bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
            more = TextColumn("{task.fields[left]}")
            self.bar = Bar(*columns, more, console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task(self.title, total=total, left=left)
        self.bar.update(self.task, description=self.title, completed=done, total=total, left=left)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()
        if self.written:
            print("\r" + " " * self.written + "\r", end="", file=sys.stderr, flush=True)


def in_notebook() -> bool:
    """Return whether the program runs in a Jupyter notebook, whose output is not a terminal but can be overwritten."""
    ipython = sys.modules.get("IPython")
    shell = None if ipython is None else ipython.get_ipython()
    return shell is not None and getattr(shell, "kernel", None) is not None


def counted(values: Sequence[Any], progress: ProgressLike) -> Iterator[Any]:
    """Yield values, and report each of them to a callback when it is done.

    Parameters
    ----------
    values : the values
    progress : function called with (values done, values); anything else is ignored

    Examples
    --------
    >>> [value for value in counted("ab", lambda done, total: print(done, total))]
    1 2
    2 2
    ['a', 'b']
    """
    for index, value in enumerate(values):
        yield value
        if callable(progress):
            progress(index + 1, len(values))


_switch = {"shown": False}
_in_call: ContextVar[bool] = ContextVar("in_call", default=False)


def show_progress(shown: bool = True) -> None:
    """Show the progress of all long calls, with the time left; nothing is shown by default.

    A call shows a bar if it takes longer than half a second. The argument ``progress`` of a call takes precedence:
    True shows a bar, False none, and a function is called with (done, total).

    Parameters
    ----------
    shown : whether to show progress

    Raises
    ------
    InputError : an argument that is not True or False.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.show_progress()
    >>> curve = nz.resonance(nz.Boltzmann(nz.weights.autapses(10)), [0.0, 4.0])  # a bar, if this took longer
    >>> nz.show_progress(False)
    """
    if not isinstance(shown, bool):
        raise InputError(f"show_progress({shown!r}); True or False")
    _switch["shown"] = shown


@contextmanager
def reporting(progress: object, title: str) -> Iterator[Callback | None]:
    """Context of a long call that yields its progress callback, or None; a bar is removed when the call ends.

    Calls within the call show no bars of their own unless they are passed ``progress=True``.

    Parameters
    ----------
    progress : the argument ``progress`` of the call
    title : description of the work

    Raises
    ------
    InputError : an argument that is neither a function, True, False nor None.

    Examples
    --------
    >>> with reporting(None, "work") as callback:
    ...     callback is None
    True
    """
    if not (progress is None or isinstance(progress, bool) or callable(progress)):
        raise InputError(f"progress {progress!r}; True, False, or a function of (done, total)")
    shown = progress is True or (progress is None and _switch["shown"] and not _in_call.get())
    token = _in_call.set(True)
    try:
        if shown:
            with Progress(title, patience=PYTHON_PATIENCE) as bar:
                yield bar
        else:
            yield cast(Callback, progress) if callable(progress) else None
    finally:
        _in_call.reset(token)


__all__ = [
    "Callback",
    "Progress",
    "ProgressLike",
    "counted",
    "format_duration",
    "in_notebook",
    "reporting",
    "show_progress",
]
