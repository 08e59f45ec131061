"""Progress reports on standard error."""

import sys
import time
from types import TracebackType

from noisette.time_left import TimeLeft

PATIENCE = 2.0  # seconds before anything is shown
LINE_EVERY = 15.0  # seconds between lines if standard error is not a terminal


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
    the latest finished parts, as in `noisette.time_left.TimeLeft`, and is not shown before three parts are finished.

    Parameters
    ----------
    title : description of the work
    quiet : whether to show nothing

    Examples
    --------
    >>> with Progress("counting") as progress:
    ...     for i in range(3):
    ...         progress(i + 1, 3)
    """

    def __init__(self, title: str, quiet: bool = False):
        self.title, self.quiet = title, quiet
        self.bar = None

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
        if self.quiet or (self.bar is None and now - self.start < PATIENCE):
            return
        seconds = self.left.seconds(now) if left is None else left
        remaining = "" if seconds is None else f"about {format_duration(seconds)} left"
        if sys.stderr.isatty():
            self._draw(done, total, remaining)
        elif now - self.printed > LINE_EVERY:
            line = ", ".join(filter(None, (f"{self.title}: {100 * done / max(total, 1):.0f} %", remaining)))
            print(line, file=sys.stderr, flush=True)
            self.printed = now

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
