"""Estimates of the time that a computation will still take."""

from collections import deque

LEAST = 3  # finished parts before which there is no estimate
WINDOW = 0.25  # fraction of the finished parts, the latest ones, from which the speed is estimated
KEPT = 4096  # largest number of parts that are remembered


class TimeLeft:
    """The remaining time of a computation, estimated from the latest finished parts.

    With the fraction w of the work that is finished at time t, the speed over a window is :math:`\\Delta w/\\Delta t`
    and the remaining time is :math:`(1 - w)\\,\\Delta t/\\Delta w`. The window contains the latest quarter of the
    finished parts, and at least three. It therefore forgets the compilation in the first part, and follows parts that
    become slower or faster. There is no estimate before three parts are finished.

    Parameters
    ----------
    time : time at which the computation begins, s
    work : fraction of the work that is finished at that time, as in a resumed computation

    Examples
    --------
    >>> left = TimeLeft(0.0)
    >>> for part in (1, 2, 3):
    ...     left.add(10.0 * part, part / 10)
    >>> left.seconds(30.0)
    70.0
    """

    def __init__(self, time: float, work: float = 0.0):
        self.points = deque([(time, work)], maxlen=KEPT)

    def add(self, time: float, work: float) -> None:
        """Record that a fraction `work` of the whole is finished at `time`."""
        self.points.append((time, work))

    def seconds(self, now: float) -> float | None:
        """Return the remaining time in seconds at the time `now`, at least zero; None if it cannot be estimated yet."""
        finished = len(self.points) - 1
        if finished < LEAST:
            return None
        end, work = self.points[-1]
        begin, earlier = self.points[-1 - max(LEAST, int(WINDOW * finished))]
        if work <= earlier:
            return None
        return max((1 - work) * (end - begin) / (work - earlier) - (now - end), 0.0)
