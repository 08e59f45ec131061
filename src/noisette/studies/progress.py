"""Progress of long work, on standard error."""

import sys
import time
from types import TracebackType

PATIENCE = 2.0  # seconds before anything is shown
LINE_EVERY = 15.0  # seconds between lines where there is no terminal


class Progress:
    """Shows how far work has come and how long it will take, once it has taken two seconds.

    In a terminal it is a bar, in a log file a line now and then. Call it with (done, total).

    Parameters
    ----------
    title : what is being done
    quiet : show nothing

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
        self.began = self.said = time.monotonic()
        return self

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` parts are finished."""
        now = time.monotonic()
        if self.quiet or (self.bar is None and now - self.began < PATIENCE):
            return
        if sys.stderr.isatty():
            self._draw(done, total)
        elif now - self.said > LINE_EVERY:
            left = (now - self.began) * (total - done) / max(done, 1)
            print(
                f"{self.title}: {100 * done / total:.0f} %, about {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )
            self.said = now

    def _draw(self, done: int, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
        from rich.progress import Progress as Bar

        if self.bar is None:
            columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:3.0f} %"))
            self.bar = Bar(*columns, TimeRemainingColumn(), console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task(self.title, total=total)
        self.bar.update(self.task, description=self.title, completed=done, total=total)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.bar is not None:
            self.bar.stop()
