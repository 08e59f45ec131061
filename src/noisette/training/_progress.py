"""Progress of the training of an ensemble: counts, rate and remaining time."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

SAMPLES = 400  # number of reports over which the rate is computed
LEAST_INTERVAL = 2.0  # seconds before the rate is reported, since a report covers a hundred trials
LEAST_SHARE = 0.05  # smallest number of remaining trials of a running network, as a fraction of the expected trials


@dataclass
class EnsembleProgress:
    """Progress of the training of an ensemble.

    Parameters
    ----------
    networks : number of networks
    max_trials : trials after which a network has failed
    ends : status of the networks that have ended, by number
    trials : trials of each network, by number
    compiling : numbers of the networks with a single report so far, which are compiling and not yet training
    samples : (time in s, trials of all networks) at the latest reports, from which the rate is computed
    """

    networks: int
    max_trials: int
    ends: dict[int, str] = field(default_factory=dict)
    trials: dict[int, int] = field(default_factory=dict)
    compiling: set[int] = field(default_factory=set)
    samples: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=SAMPLES))

    def count(self, status: str) -> int:
        """Return the number of networks that ended with a status."""
        return sum(end == status for end in self.ends.values())

    def line(self, name: str) -> str:
        """Return the progress as one line of text."""
        counts = {status: self.count(status) for status in ("trained", "failed", "diverged")} | {
            "running": self.running
        }
        text = ", ".join(f"{number} {status}" for status, number in counts.items() if number or status != "diverged")
        return f"{name}: {text} of {self.networks}; {self.rate:.0f} trials/s"

    @property
    def running(self) -> int:
        """Number of networks that have started and not ended."""
        return len(self.trials.keys() - self.ends.keys())

    @property
    def rate(self) -> float:
        """Trials per second, summed over networks, over the latest reports; 0 while it is unknown."""
        if not self.samples:
            return 0.0
        (start, first), (end, last) = self.samples[0], self.samples[-1]
        return max(last - first, 0) / (end - start) if end - start >= LEAST_INTERVAL else 0.0

    def record(self, index: int, trials: int, time: float) -> None:
        """Record the number of trials of a network at a time in seconds."""
        first_report = index not in self.trials
        self.trials[index] = trials
        if first_report or index in self.compiling:  # the time up to this report was spent on compiling
            self.samples.clear()
        (self.compiling.add if first_report else self.compiling.discard)(index)
        self.samples.append((time, sum(self.trials.values())))

    @property
    def remaining_trials(self) -> float:
        """Expected number of remaining trials.

        A network is expected to take as many trials as the mean of those that have ended, or `max_trials` before any
        has ended.
        """
        ended = [self.trials[i] for i in self.ends if i in self.trials]
        expected = float(np.mean(ended)) if ended else float(self.max_trials)
        running = [done for i, done in self.trials.items() if i not in self.ends]
        remaining = sum(max(expected - done, LEAST_SHARE * expected) for done in running)
        return remaining + expected * (self.networks - len(self.trials.keys() | self.ends.keys()))

    @property
    def seconds_left(self) -> float:
        """Remaining time at the present rate, in seconds; infinite while the rate is unknown."""
        return self.remaining_trials / self.rate if self.rate > 0 else float("inf")

    def show(self, name: str, report: Callable[[str, int, int, float], None]) -> None:
        """Call `report` with a line, trials done, trials expected and seconds left, once the rate is known."""
        if self.rate > 0:
            done = sum(self.trials.values())
            report(self.line(name), done, round(done + self.remaining_trials), self.seconds_left)
