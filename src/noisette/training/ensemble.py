"""Training of ensembles of networks, each until it passes a test, fails or diverges."""

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.arguments import check_arguments
from noisette.errors import InputError, integer, require, shown
from noisette.keys import KeyLike, as_key, as_seed
from noisette.networks import NO_STEP_NOISE, StepNoise, TaskNetwork, as_network
from noisette.progress import Callback, Progress, ProgressLike, reporting
from noisette.tasks import Task
from noisette.training._folder import Folder, Trained, configuration, trained_from
from noisette.training._network import RUNNING, TrainingState, initial_state, train_network
from noisette.training._progress import EnsembleProgress
from noisette.training._vectorised import train_vectorised
from noisette.training._workers import require_picklable, run_in_processes, run_serially
from noisette.training.protocol import Protocol, published_protocol
from noisette.training.trials import check_compatible

CHECKPOINT_INTERVAL = 20.0  # seconds
DRAW, TRAINING = 0, 1  # purposes of the keys of a network
Layout = Literal["auto", "separate", "vectorised"]
Draw = Callable[..., TaskNetwork]
TestCallback = Callable[[int, TrainingState], None]


@check_arguments
@dataclass(frozen=True)
class TrainingOptions:
    """Options of `train` that change how networks are trained and reported, but not what they learn.

    Parameters
    ----------
    resume : resume the training in the folder; otherwise a folder that already contains a training run is refused
    exact : leave dead columns out of the computation, which changes results by round-off only
    layout : "separate": one program per network, in this process or in workers; "vectorised": all networks in one
        program, for a GPU, without leaving dead columns out; "auto": "separate" on a CPU, "vectorised" elsewhere
    on_test : called with the number of a network and its `TrainingState` after every test, in the process that
        trains it
    on_end : called with each `Trained` network as it ends, first with those already in the folder
    on_progress : called with the `EnsembleProgress` after every test

    Raises
    ------
    InputError : an unknown layout.

    Examples
    --------
    >>> TrainingOptions(layout="vectorised").resume
    True
    """

    resume: bool = True
    exact: bool = True
    layout: Layout = "auto"
    on_test: TestCallback | None = None
    on_end: Callable[[Trained], None] | None = None
    on_progress: Callable[[EnsembleProgress], None] | None = None

    @property
    def vectorised(self) -> bool:
        """Whether all networks are trained in one program, on the present back-end of JAX."""
        return self.layout == "vectorised" or (self.layout == "auto" and jax.default_backend() != "cpu")


@check_arguments
def initial_networks(
    task: Task, size: int = 200, *, noise_channels: int = 0, step_noise: StepNoise = NO_STEP_NOISE
) -> Draw:
    """Return the function of ``key=`` that draws an untrained network for a task, as published.

    Parameters
    ----------
    task : task that determines the numbers of inputs and outputs and the time step
    size : N, number of units
    noise_channels : C, noise channels with trainable weights
    step_noise : noise at other places, `StepNoise`; none by default

    Raises
    ------
    InputError : a size that is not a positive integer, or a number of channels that is not a non-negative integer.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> network = initial_networks(nz.tasks.AFC(), 20, noise_channels=5)(key=jax.random.key(0))
    >>> network.size, network.channels, network.noise_channels
    (20, 1, 5)
    """
    return functools.partial(
        TaskNetwork.random,
        integer(size, "size"),
        channels=task.channels,
        outputs=task.outputs,
        dt=task.dt,
        noise_channels=integer(noise_channels, "noise_channels", 0),
        step_noise=step_noise,
    )


@check_arguments
def network_key(key: KeyLike, index: int) -> PRNGKeyArray:
    """Return the key with which `train` draws a network, to draw the same network before its training.

    Parameters
    ----------
    key : integer or JAX key of the ensemble
    index : number of the network in the ensemble

    Raises
    ------
    InputError : an invalid key, or a negative number.

    Examples
    --------
    >>> import noisette as nz
    >>> task = nz.tasks.AFC()
    >>> draw, protocol = initial_networks(task, 20), nz.training.Protocol(max_trials=2, test_trials=5)
    >>> (trained,) = nz.training.train(task, [3], draw=draw, protocol=protocol, key=7)
    >>> untrained = draw(key=network_key(7, 3))
    >>> bool((untrained.input_weights == trained.network.input_weights).all())  # these are not trained
    True
    """
    return _key_of(as_seed(key), integer(index, "index", 0), DRAW)


def _key_of(seed: int, index: int, purpose: int) -> PRNGKeyArray:
    """Return the key of a network for a purpose, the draw of its weights or its training."""
    return jax.random.fold_in(jax.random.fold_in(as_key(seed), index), purpose)


@check_arguments
def train(
    task: Task,
    networks: int | Sequence[int] = 4,
    *,
    draw: Draw | None = None,
    protocol: Protocol | None = None,
    key: KeyLike = 0,
    folder: str | Path | None = None,
    workers: int = 1,
    options: TrainingOptions | None = None,
    progress: ProgressLike = None,
) -> list[Trained]:
    """Train networks on a task, each until it passes a test, fails, or diverges.

    The default is the published protocol: Adam with one trial per step, a test of 100 trials every 100 trials, and at
    most 20,000 trials; in go/no-go, no network counts as trained before 1,500 trials (`published_protocol`).
    Random numbers depend only on the key, the number of the network and that of the trial, so that results are
    identical bit by bit for any number of workers and after any interruption.

    Two ensembles with the same key are therefore paired: with C = 0 and with C = 10 noise channels, network n starts
    from the same weights, signs and time constants and sees the same stimuli in the same order. Only the noise
    differs, so that even its small effects are detectable if values are compared in pairs, as `as_dataset` and
    `analysis.compare_groups` do. For independent groups, use a different key for each ensemble.

    Parameters
    ----------
    task : task to learn, see `tasks`
    networks : number of networks, or their numbers in the ensemble
    draw : function of ``key=`` that returns a `TaskNetwork`; ``initial_networks(task)`` by default, with 200 units and
        no noise channels
    protocol : `Protocol`; ``published_protocol(task)`` by default
    key : integer or JAX key of the ensemble
    folder : where networks are saved, and checkpoints three times a minute; nothing is saved by default
    workers : number of processes; one per core is best, since one network occupies a core
    options : `TrainingOptions`: resuming, layout, callbacks
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with
        (trials done, trials expected)

    Returns
    -------
    list of `Trained`, in the order of `networks`; a diverged network is returned in its state at the previous test

    Raises
    ------
    InputError : a task that does not fit the network, a folder of another training run or in which another process
        trains, functions that cannot be sent to workers.

    Examples
    --------
    >>> import noisette as nz
    >>> protocol = nz.training.Protocol(max_trials=2, test_trials=5)
    >>> task = nz.tasks.AFC()
    >>> (trained,) = train(task, 1, draw=initial_networks(task, 20), protocol=protocol)
    >>> trained.trials, trained.status
    (2, 'failed')

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122; Kim, Li & Sejnowski (2019), PNAS 116:22811.
    """
    with reporting(progress, type(task).__name__) as callback:
        indices, workers = _indices(networks), integer(workers, "workers")
        options = _with_callback(options or TrainingOptions(), callback, type(task).__name__)
        protocol = protocol or published_protocol(task)
        ensemble = Ensemble(draw or initial_networks(task), task, protocol, as_seed(key), None, options)
        first = ensemble.draw_network(0)
        check_compatible(first, task)
        protocol.try_functions(task)
        if workers > 1:
            require_picklable((ensemble.draw, task, protocol, options.on_test))
        if folder is None:
            return _train_all(ensemble, indices, workers)
        exact = options.exact and not options.vectorised
        files = Folder(Path(folder), configuration(task, protocol, ensemble.seed, first, exact))
        with files.locked():
            return _train_all(replace(ensemble, folder=files.open(options.resume)), indices, workers)


def _train_all(ensemble: "Ensemble", indices: list[int], workers: int) -> list[Trained]:
    """Train the networks of an ensemble that have not ended."""
    options = ensemble.options
    results = _Results(ensemble, EnsembleProgress(len(indices), ensemble.protocol.max_trials))
    remaining = results.add_finished(indices)
    if options.vectorised:
        _train_vectorised(ensemble, remaining, results.report, results.end)
    else:
        # Callbacks of this process are not sent to workers: they need not be picklable.
        job = functools.partial(_train_one, replace(ensemble, options=replace(options, on_end=None, on_progress=None)))
        if min(workers, len(remaining)) > 1:
            run_in_processes(job, remaining, min(workers, len(remaining)), results.report, results.end)
        else:
            run_serially(job, remaining, results.report, results.end)
    return [results.ends[index] for index in indices if index in results.ends]


def _with_callback(options: TrainingOptions, callback: Callback | None, name: str) -> TrainingOptions:
    """Return options with which the number of trials is reported to a callback as well."""
    if callback is None:
        return options

    def on_progress(ensemble: EnsembleProgress) -> None:
        if options.on_progress is not None:
            options.on_progress(ensemble)
        if isinstance(callback, Progress):
            ensemble.show(name, callback.update)
        else:
            done = sum(ensemble.trials.values())
            callback(done, round(done + ensemble.remaining_trials))

    return replace(options, on_progress=on_progress)


def _indices(networks: int | Sequence[int]) -> list[int]:
    """Return the numbers of the networks to train."""
    several = isinstance(networks, Sequence | np.ndarray)
    indices = (
        [integer(n, "network", 0) for n in networks] if several else list(range(integer(networks, "networks", None)))
    )
    valid = len(indices) >= 1 and min(indices) >= 0 and len(set(indices)) == len(indices)
    require(valid, f"networks {networks!r}", "a number of networks, at least one, or distinct indices, 0 or larger")
    return indices


@dataclass(frozen=True)
class Ensemble:
    """Everything that the training of any network of an ensemble depends on.

    Parameters
    ----------
    draw : function of ``key=`` that returns an untrained network
    task, protocol : task and training protocol
    seed : integer of the key of the ensemble
    folder : None if nothing is saved
    options : training options
    """

    draw: Draw
    task: Task
    protocol: Protocol
    seed: int
    folder: Folder | None
    options: TrainingOptions

    def draw_network(self, index: int) -> TaskNetwork:
        """Return a network of the ensemble before its training."""
        try:
            drawn = self.draw(key=_key_of(self.seed, index, DRAW))
        except InputError:
            raise
        except Exception as error:
            failure = f"draw {shown(self.draw)}: {type(error).__name__}: {error}"
            raise InputError(f"{failure}; a function of `key` that returns a network") from error
        return as_network(drawn, TaskNetwork)

    def training_key(self, index: int) -> jax.Array:
        """Return the key of the trials and the noise of a network."""
        return _key_of(self.seed, index, TRAINING)

    def state(self, index: int) -> TrainingState:
        """Return the training state of a network from its checkpoint, or before its first trial."""
        state = initial_state(self.draw_network(index), self.protocol)
        return state if self.folder is None else self.folder.load_state(index, state)

    def save(self, index: int, state: TrainingState) -> Trained:
        """Return the network of a training state, saved if there is a folder."""
        return trained_from(index, state) if self.folder is None else self.folder.save(index, state)

    def test_observer(self, report: Callable[[Any], None]) -> TestCallback:
        """Return the function that is called after every test: it reports, calls back and saves checkpoints."""
        start = time.monotonic()
        saved: dict[int, float] = {}

        def on_test(index: int, state: TrainingState) -> None:
            report((index, state.trials, time.monotonic()))
            if self.options.on_test is not None:
                self.options.on_test(index, state)
            due = time.monotonic() - saved.get(index, start) > CHECKPOINT_INTERVAL
            if self.folder is not None and due and state.status == RUNNING:
                self.folder.save(index, state)
                saved[index] = time.monotonic()

        return on_test


class _Results:
    """Networks that have ended, and the progress of the ensemble."""

    def __init__(self, ensemble: Ensemble, progress: EnsembleProgress):
        self.ensemble, self.progress = ensemble, progress
        self.ends: dict[int, Trained] = {}

    def add_finished(self, indices: list[int]) -> list[int]:
        """Add the networks that have ended according to the folder; return the numbers of the others."""
        folder = self.ensemble.folder
        for index in indices:
            finished = None if folder is None else folder.load_finished(index)
            if finished is not None:
                self.end(finished)
        return [index for index in indices if index not in self.ends]

    def end(self, trained: Trained) -> None:
        self.ends[trained.index] = trained = replace(trained, seed=self.ensemble.seed)
        self.progress.trials[trained.index] = trained.trials
        if trained.status != RUNNING:
            self.progress.ends[trained.index] = trained.status
            if self.ensemble.options.on_end is not None:
                self.ensemble.options.on_end(trained)

    def report(self, sample: tuple[int, int, float]) -> None:
        self.progress.record(*sample)
        if self.ensemble.options.on_progress is not None:
            self.ensemble.options.on_progress(self.progress)


def _train_one(ensemble: Ensemble, index: int, report: Callable[[Any], None], stopping: Callable[[], bool]) -> Trained:
    """Train one network of an ensemble, from its checkpoint if there is one."""
    state = latest = ensemble.state(index)
    report((index, state.trials, time.monotonic()))
    observe = ensemble.test_observer(report)

    def on_test(current: TrainingState) -> bool:
        nonlocal latest
        latest = current
        observe(index, current)
        return stopping()

    key = ensemble.training_key(index)
    try:
        state = train_network(
            state, ensemble.task, ensemble.protocol, key=key, exact=ensemble.options.exact, on_test=on_test
        )
    except KeyboardInterrupt:
        if ensemble.folder is not None:
            ensemble.folder.save(index, latest)
        raise
    return ensemble.save(index, state)


def _train_vectorised(
    ensemble: Ensemble, indices: list[int], report: Callable[[Any], None], end: Callable[[Trained], None]
) -> None:
    """Train networks of an ensemble in one vectorised program."""
    latest = {index: ensemble.state(index) for index in indices}
    observe = ensemble.test_observer(report)

    def on_test(index: int, state: TrainingState) -> None:
        latest[index] = state
        observe(index, state)
        if state.status != RUNNING:
            end(ensemble.save(index, state))

    keys = {index: ensemble.training_key(index) for index in indices}
    try:
        train_vectorised(dict(latest), ensemble.task, ensemble.protocol, keys=keys, on_test=on_test)
    except KeyboardInterrupt:
        for index, state in latest.items():
            if ensemble.folder is not None and state.status == RUNNING:
                ensemble.folder.save(index, state)
        raise
