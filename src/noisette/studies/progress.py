"""Progress reports on standard error."""

import sys
import time
from types import TracebackType

from noisette.arguments import check_arguments

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
    the time taken so far.

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

    @check_arguments
    def __init__(self, title: str, quiet: bool = False):
        self.title, self.quiet = title, quiet
        self.bar = None

    def __enter__(self) -> "Progress":
        self.start = self.since = self.latest = self.printed = time.monotonic()
        self.done = self.initial = 0
        self.first = True
        return self

    def update(self, title: str, done: int, total: int, left: float | None = None) -> None:
        """Set a new title and report that `done` of `total` parts are finished."""
        self.title = title
        self(done, total, left)

    def __call__(self, done: int, total: int, left: float | None = None) -> None:
        """Report that `done` of `total` parts are finished; `left` is the remaining time in seconds."""
        now = time.monotonic()
        if done < self.done:  # a smaller count means that the next piece of work has begun
            self.since, self.first = self.latest, True
        if self.first:  # an initial count above 1 comes from an earlier, interrupted run
            self.initial, self.first = done if done > 1 else 0, False
        self.done, self.latest = done, now
        if self.quiet or (self.bar is None and now - self.start < PATIENCE):
            return
        if left is None:
            left = (now - self.since) * (total - done) / max(done - self.initial, 1)
        if sys.stderr.isatty():
            self._draw(done, total, f"about {format_duration(left)} left")
        elif now - self.printed > LINE_EVERY:
            line = f"{self.title}: {100 * done / total:.0f} %, about {format_duration(left)} left"
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
