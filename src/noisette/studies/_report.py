"""Progress of the tasks of a study, reported with the fraction of the work that is finished."""

from collections.abc import Collection, Sequence

from noisette.progress import Callback, Progress


class TaskReport:
    """Report of finished tasks to a callback.

    Parameters
    ----------
    progress : function called with (finished tasks, all tasks), or None. A `Progress` also gets the finished fraction
        of the work, since the tasks may differ in their cost
    costs : relative cost of each task
    done : numbers of the tasks that are finished already
    """

    def __init__(self, progress: Callback | None, costs: Sequence[float], done: Collection[int] = ()):
        self.progress, self.costs, self.total = progress, costs, sum(costs)
        self.done, self.spent = len(done), sum(costs[number] for number in done)

    def finished(self, number: int) -> None:
        """Record that a task is finished, and report."""
        self.done += 1
        self.spent += self.costs[number]
        self.show()

    def show(self) -> None:
        """Report the present state."""
        if isinstance(self.progress, Progress):
            self.progress(self.done, len(self.costs), work=self.spent / self.total if self.total > 0 else None)
        elif callable(self.progress):
            self.progress(self.done, len(self.costs))
