"""Training many networks: to a protocol, each until it is done, none lost."""

import functools
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import jax
import numpy as np

from noisette.errors import integer, require
from noisette.networks import TaskNetwork
from noisette.tasks import Task
from noisette.training._folder import Folder, Trained, configuration, ended
from noisette.training._one import RUNNING, TrainingState, initial_state, trained_on
from noisette.training._together import trained_together
from noisette.training._workers import here, now, sendable, side_by_side
from noisette.training.protocol import Protocol, published_protocol
from noisette.training.trials import fits

CHECKPOINT_EVERY = 20.0  # seconds
LOOKS = 400  # reports over which the rate is taken
SETTLED = 2.0  # seconds before there is one: a report is of a hundred trials
LAYOUTS = ("auto", "apart", "together")
Callback = Callable[[int, TrainingState], None]


@dataclass
class EnsembleProgress:
    """How far an ensemble has come.

    Parameters
    ----------
    networks : how many there are
    most : trials after which a network has failed
    ends : status of those that have ended, by their number
    trials : trials done of each network, by its number
    young : numbers of those that were looked at once; what follows is compiling, not training
    seen : (when, trials of all) at the last looks, from which the rate is taken
    """

    networks: int
    most: int
    ends: dict[int, str] = field(default_factory=dict)
    trials: dict[int, int] = field(default_factory=dict)
    young: set[int] = field(default_factory=set)
    seen: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=LOOKS))

    def count(self, status: str) -> int:
        """Return how many networks ended in a status."""
        return sum(end == status for end in self.ends.values())

    def line(self, name: str) -> str:
        """Return in one line how far training has come."""
        counts = {status: self.count(status) for status in ("trained", "failed", "diverged")} | {
            "running": self.running
        }
        words = ", ".join(f"{number} {status}" for status, number in counts.items() if number or status != "diverged")
        return f"{name}: {words} of {self.networks}; {self.rate:.0f} trials/s"

    @property
    def running(self) -> int:
        """Number of networks that have begun and not ended."""
        return len(self.trials.keys() - self.ends.keys())

    @property
    def rate(self) -> float:
        """Network-trials per second, over the last looks."""
        if not self.seen:
            return 0.0
        (began, first), (ended_at, last) = self.seen[0], self.seen[-1]
        return max(last - first, 0) / (ended_at - began) if ended_at - began >= SETTLED else 0.0

    def on_test(self, index: int, trials: int, when: float) -> None:
        """Note how many trials a network had done at a time."""
        fresh = index not in self.trials
        self.trials[index] = trials
        if fresh or index in self.young:
            self.seen.clear()
        (self.young.add if fresh else self.young.discard)(index)
        self.seen.append((when, sum(self.trials.values())))

    @property
    def remaining(self) -> float:
        """Trials that are left, if networks take as many as those that have ended (at first: the most)."""
        ended_in = [self.trials[i] for i in self.ends if i in self.trials]
        expected = float(np.mean(ended_in)) if ended_in else float(self.most)
        begun = [done for i, done in self.trials.items() if i not in self.ends]
        remaining = sum(max(expected - done, 0.05 * expected) for done in begun)
        return remaining + expected * (self.networks - len(self.trials.keys() | self.ends.keys()))

    @property
    def left(self) -> float:
        """Seconds that are left at the present rate."""
        return self.remaining / self.rate if self.rate > 0 else float("inf")

    def show(self, name: str, say: Callable[[str, int, int, float], None]) -> None:
        """Call a function with a line, trials done, trials expected and seconds left, once these are known."""
        if self.rate > 0:
            done = sum(self.trials.values())
            say(self.line(name), done, round(done + self.remaining), self.left)


def train(
    task: Task,
    networks: int | Sequence[int] = 4,
    *,
    noise_channels: int = 0,
    initial: Callable[..., TaskNetwork] | None = None,
    protocol: Protocol | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    resume: bool = True,
    workers: int = 1,
    finished: Callable[[Trained], None] | None = None,
    progress: Callable[[EnsembleProgress], None] | None = None,
    callbacks: Sequence[Callback] = (),
    exact: bool = True,
    layout: str = "auto",
) -> list[Trained]:
    """Train networks on a task, each until it passes a test, fails, or diverges.

    The default is the published protocol: Adam, one trial a step, a test of 100 trials every 100, at most 20,000; for
    go/no-go no success before 1,500 trials (`published_protocol`).
    Everything random depends on the seed, the number of the network and that of the trial alone: results are the
    same, bit by bit, with any number of workers and interruptions.

    Mind that two ensembles of one seed are therefore paired: with C = 0 and with C = 10 network n starts from the same
    weights, signs and time constants, and sees the same stimuli in the same order. Only the noise differs, which makes
    small effects of it visible, if values are compared as pairs: `as_dataset` and `analysis.compare_groups` do. Give
    each ensemble a seed of its own for independent groups.

    Parameters
    ----------
    task : what is learned, see `tasks`
    networks : how many, or which numbers of the ensemble
    noise_channels : C, noise channels with trainable weights
    initial : function of ``key=`` that returns a `TaskNetwork`; by default one of 200 units for this task
    protocol : see `Protocol`; `published_protocol(task)` by default
    seed : of everything random; ensembles of one seed are paired
    out : folder for networks, and for checkpoints three times a minute; without it nothing is saved
    resume : go on with what is in the folder; otherwise a folder with a training in it is refused
    workers : processes; one a core is best, since a network fills a core
    finished : called with each network as it ends, those found in the folder first
    progress : called with how far the ensemble has come
    callbacks : called with the number of a network and its `TrainingState` after every test, in the process
        that trains it
    exact : leave dead weights out of the computation, which changes no result beyond round-off
    layout : "apart", networks one after the other or over workers; "together", all in one program, for a GPU, where
        dead weights stay in; "auto" chooses by what JAX computes on

    Returns
    -------
    list of `Trained`, by number; diverged networks among them, as they were before

    Raises
    ------
    InputError : a task that does not fit the network, a folder of another training, what cannot be sent to workers.

    Examples
    --------
    >>> import noisette as nz
    >>> few = nz.training.Protocol(max_trials=2, test_trials=5)
    >>> draw = functools.partial(TaskNetwork.random, 20, channels=1)
    >>> found = train(nz.tasks.AFC(), 1, initial=draw, protocol=few)
    >>> found[0].trials, found[0].status
    (2, 'failed')

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122; Kim, Li & Sejnowski (2019), PNAS 116:22811.
    """
    indices = _chosen(networks, layout, workers, seed, noise_channels)
    together = layout == "together" or (layout == "auto" and jax.default_backend() != "cpu")
    chosen = protocol or published_protocol(task)
    draw = initial or functools.partial(
        TaskNetwork.random, channels=task.channels, outputs=task.outputs, dt=task.dt, noise_channels=noise_channels
    )
    fits(first := drawn(draw, seed, 0), task)
    if workers > 1:
        sendable((draw, task, chosen, tuple(callbacks)))
    folder = None
    if out is not None:
        folder = Folder(Path(out), configuration(task, chosen, seed, first, exact and not together)).opened(resume)
    ends: dict[int, Trained] = {}
    standing = EnsembleProgress(len(indices), chosen.max_trials)

    def end(trained: Trained) -> None:
        ends[trained.index] = trained = replace(trained, seed=seed)
        standing.trials[trained.index] = trained.trials
        if trained.status != RUNNING:
            standing.ends[trained.index] = trained.status
            if finished is not None:
                finished(trained)

    def report(said: tuple[int, int, float]) -> None:
        standing.on_test(*said)
        if progress is not None:
            progress(standing)

    for index in indices:
        there = None if folder is None else folder.finished(index)
        if there is not None:
            end(there)
    left = [index for index in indices if index not in ends]
    if together:
        _train_together(draw, task, chosen, seed, folder, tuple(callbacks), left, report, end)
        return [ends[index] for index in indices if index in ends]
    job = functools.partial(_train_one, draw, task, chosen, seed, folder, tuple(callbacks), exact)
    if min(workers, len(left)) > 1:
        side_by_side(job, left, min(workers, len(left)), report, end)
    else:
        here(job, left, report, end)
    return [ends[index] for index in indices if index in ends]


def _chosen(networks: int | Sequence[int], layout: str, workers: int, seed: int, noise_channels: int) -> list[int]:
    """Return the numbers of the networks that are asked for; refuse what cannot be."""
    integer(workers, "workers")
    integer(seed, "seed", 0)
    integer(noise_channels, "noise_channels", 0)
    several = isinstance(networks, Sequence | np.ndarray)
    indices = (
        [integer(n, "network", 0) for n in networks] if several else list(range(integer(networks, "networks", None)))
    )
    numbers = len(indices) >= 1 and min(indices) >= 0 and len(set(indices)) == len(indices)
    require(numbers, f"networks {networks!r}", "how many, at least one, or different numbers from 0 on")
    require(layout in LAYOUTS, f"layout {layout!r}", f"one of {', '.join(LAYOUTS)}")
    return indices


def drawn(draw: Callable[..., TaskNetwork], seed: int, index: int) -> TaskNetwork:
    """Return a network of an ensemble before its training."""
    return draw(key=jax.random.fold_in(_key(seed, index), 0))


def _key(seed: int, index: int):
    return jax.random.fold_in(jax.random.key(seed), index)


def _kept(folder: Folder | None, index: int, course: TrainingState) -> Trained:
    return ended(index, course) if folder is None else folder.keep(index, course)


def _looker(
    folder: Folder | None, report: Callable[[Any], None], callbacks: tuple[Callback, ...]
) -> Callable[[int, TrainingState], None]:
    """Return what is done after every test: it is reported, callbacks are called, now and then a checkpoint is kept."""
    began = now()
    saved: dict[int, float] = {}

    def on_test(index: int, course: TrainingState) -> None:
        report((index, course.trials, now()))
        for callback in callbacks:
            callback(index, course)
        due = now() - saved.get(index, began) > CHECKPOINT_EVERY
        if folder is not None and due and course.status == RUNNING:
            folder.keep(index, course)
            saved[index] = now()

    return on_test


def _train_one(
    draw: Callable[..., TaskNetwork],
    task: Task,
    protocol: Protocol,
    seed: int,
    folder: Folder | None,
    callbacks: tuple[Callback, ...],
    exact: bool,
    index: int,
    report: Callable[[Any], None],
    stopping: Callable[[], bool],
) -> Trained:
    course = initial_state(drawn(draw, seed, index), protocol)
    if folder is not None:
        course = folder.initial_state(index, course)
    report((index, course.trials, now()))
    latest, note = course, _looker(folder, report, callbacks)

    def on_test(now_at: TrainingState) -> bool:
        nonlocal latest
        latest = now_at
        note(index, now_at)
        return stopping()

    key = jax.random.fold_in(_key(seed, index), 1)
    try:
        course = trained_on(course, task, protocol, key=key, exact=exact, on_test=on_test)
    except KeyboardInterrupt:
        if folder is not None:
            folder.keep(index, latest)
        raise
    return _kept(folder, index, course)


def _train_together(
    draw: Callable[..., TaskNetwork],
    task: Task,
    protocol: Protocol,
    seed: int,
    folder: Folder | None,
    callbacks: tuple[Callback, ...],
    indices: list[int],
    report: Callable[[Any], None],
    end: Callable[[Trained], None],
) -> None:
    fresh = {index: initial_state(drawn(draw, seed, index), protocol) for index in indices}
    latest = (
        fresh if folder is None else {index: folder.initial_state(index, course) for index, course in fresh.items()}
    )
    note = _looker(folder, report, callbacks)

    def on_test(index: int, course: TrainingState) -> None:
        latest[index] = course
        note(index, course)
        if course.status != RUNNING:
            end(_kept(folder, index, course))

    keys = {index: jax.random.fold_in(_key(seed, index), 1) for index in indices}
    try:
        trained_together(dict(latest), task, protocol, keys=keys, on_test=on_test)
    except KeyboardInterrupt:
        for index, course in latest.items():
            if folder is not None and course.status == RUNNING:
                folder.keep(index, course)
        raise
