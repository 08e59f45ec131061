"""Calculations behind a page: at once, or in the background with progress; the newest request of a session wins."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from math import inf
from typing import Any

from noisette.app.answers import Answer, Part
from noisette.app.views import View
from noisette.errors import InputError
from noisette.progress import format_duration

KEPT = 128  # finished calculations that are kept
WORKERS = 2
PATIENCE = 20.0  # seconds after which a calculation stops that no session asks for
STOPPED = "stopped"  # message of a calculation that ended early; it begins again when it is requested again
LIMIT = 600.0  # seconds after which any calculation stops

Key = tuple[str, str, View]


class Stopped(Exception):
    """Raised within a calculation when it is to stop."""


class Calculation:
    """A calculation of one part of a page for one view, which other threads watch.

    Parameters
    ----------
    part : part of the page
    view : view for which it is computed
    """

    def __init__(self, part: Part, view: View) -> None:
        self.part, self.view = part, view
        self.answer: Answer | None = None
        self.error = ""
        self.done = self.total = 0
        self.version = 0  # increases with each answer
        self.finished = threading.Event()
        self.asked = self.begin = time.monotonic()
        self.sessions: set[str] = set()
        self.left: set[str] = set()  # sessions that ended their request

    def ask(self, session: str) -> None:
        """Record that a session waits for the calculation."""
        self.sessions.add(session)
        self.asked = time.monotonic()

    def report(self, done: int, total: int) -> None:
        """Record progress; raise `Stopped` if no session waits any more, or the limit of time is reached."""
        self.done, self.total = done, total
        now = time.monotonic()
        if not self.sessions or now - self.asked > PATIENCE:
            raise Stopped
        if now - self.begin > LIMIT:
            raise InputError(f"stopped after {LIMIT:.0f} s; choose a shorter or smaller simulation")

    def remaining(self) -> str:
        """Return the progress in words."""
        if not self.total:
            return "computing …"
        fraction = self.done / self.total
        seconds = (time.monotonic() - self.begin) * (1 - fraction) / fraction if fraction else 0.0
        left = f", about {format_duration(seconds)} left" if seconds > 1 else ""
        return f"computing: {100 * fraction:.0f} %{left}"

    def run(self) -> None:
        """Compute all answers; errors become messages."""
        self.begin = time.monotonic()
        try:
            if self.sessions:
                for answer in self._answers():
                    self.answer, self.version = answer, self.version + 1
                    self.report(self.done, self.total)
            else:
                self.error = STOPPED
        except Stopped:
            self.error = STOPPED
        except InputError as error:
            self.error = str(error)
        except Exception as error:  # a page must not end because of one view
            self.error = f"this view cannot be computed: {type(error).__name__}: {error}"
        finally:
            self.finished.set()

    def _answers(self) -> Iterator[Answer]:
        produced: Any = self.part.compute(self.view, self.report)
        if isinstance(produced, Answer):
            yield produced
        else:
            yield from produced


class Calculations:
    """All calculations of a server: running ones, and those that finished last.

    Examples
    --------
    >>> import xarray as xr
    >>> part = Part("square", (), lambda view, report: Answer({}, "a sentence", xr.Dataset()))
    >>> Calculations().now("page", part, View()).answer.sentence
    'a sentence'
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Key, Calculation] = OrderedDict()
        self._pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="calculation")

    def now(self, page: str, part: Part, view: View) -> Calculation:
        """Compute a part in this thread, or wait for another thread that computes it.

        Parameters
        ----------
        page : name of the page
        part : part of the page
        view : view of the page
        """
        calculation, new = self._find(page, part, view, "this request")
        if new:
            calculation.asked = inf  # the session waits for this thread, and asks no more
            calculation.run()
        calculation.finished.wait()
        return calculation

    def request(self, page: str, part: Part, view: View, session: str, *, again: bool = False) -> Calculation:
        """Start a part in the background unless it is running or finished; earlier requests of the session end.

        Parameters
        ----------
        page : name of the page
        part : part of the page
        view : view of the page
        session : name of the session that waits for it
        again : whether the session repeats a request; it does not restart what the session itself has stopped
        """
        with self._lock:
            known = self._known.get((page, part.name, view))
            if again and known is not None and session in known.left:
                return known
            for (_, name, other), calculation in self._known.items():
                if name == part.name and other != view:
                    calculation.sessions.discard(session)
        calculation, new = self._find(page, part, view, session)
        if new:
            self._pool.submit(calculation.run)
        return calculation

    def leave(self, session: str, part: str) -> None:
        """End the requests of a session for a part; a calculation for which no other session waits stops.

        Parameters
        ----------
        session : name of the session
        part : name of the part
        """
        with self._lock:
            for (_, name, _), calculation in self._known.items():
                if name == part and session in calculation.sessions:
                    calculation.sessions.discard(session)
                    calculation.left.add(session)

    def known(self, page: str, part: Part, view: View) -> Answer | None:
        """Return the answer for a view, computed now if the part is quick; None for what is not finished.

        Parameters
        ----------
        page : name of the page
        part : part of the page
        view : view of the page
        """
        if not part.long(view):
            return self.now(page, part, view).answer
        with self._lock:
            calculation = self._known.get((page, part.name, view))
        return calculation.answer if calculation is not None and calculation.finished.is_set() else None

    def _find(self, page: str, part: Part, view: View, session: str) -> tuple[Calculation, bool]:
        key = (page, part.name, view)
        with self._lock:
            known = self._known.get(key)
            ending = known is not None and not known.sessions and not known.finished.is_set()
            if known is not None and known.error != STOPPED and not ending:
                known.ask(session)
                known.left.discard(session)
                self._known.move_to_end(key)
                return known, False
            calculation = self._known[key] = Calculation(part, view)
            calculation.ask(session)
            self._known.move_to_end(key)
            finished = [k for k, c in self._known.items() if c.finished.is_set()]
            for old in finished[: max(0, len(self._known) - KEPT)]:
                del self._known[old]
            return calculation, True


__all__ = ["STOPPED", "Calculation", "Calculations", "Stopped"]
