"""The page about working memory: trained networks in trials of a task, their time constants, modes and trajectories."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
import xarray as xr

from noisette.analysis import delay_state, modes, pca
from noisette.app import uploads
from noisette.app.answers import Answer, Page, Panel, Part, Report, always
from noisette.app.controls import Choice, Number, Text, seed_control
from noisette.app.pages import _memory_figures as figures
from noisette.app.pages import _memory_networks as networks
from noisette.app.pages._memory_code import python
from noisette.app.pages._memory_networks import Setting
from noisette.app.pages._memory_stories import stories
from noisette.app.views import View, parameter
from noisette.errors import InputError
from noisette.networks import TaskNetwork
from noisette.tasks import Task
from noisette.training import run_trials, test

GRIDS = {
    "delay": (250.0, 500.0, 750.0, 1000.0, 1250.0, 2000.0),
    "internal": (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
    "input_noise": (0.0, 0.5, 1.0, 1.5, 2.0, 3.0),
}
CONDITIONS = ("+1/+1, go, present", "+1/−1, no-go, absent", "−1/+1", "−1/−1", "CTX", "CTX", "CTX", "CTX")


@dataclass(frozen=True)
class Memory(View):
    """Parameters of the page."""

    page = "memory"

    network: str = parameter(
        "stored:10",
        Text(
            "network",
            "stored:10 was trained with ten noise channels, stored:0 without; or upload a file of Noisette (.npz) or "
            "spikeRNN (.mat).",
            group="Network",
            check=networks.network_word,
            suggestions=tuple(networks.STORED),
            upload=True,
        ),
    )
    tau_of: str = parameter(
        "trained",
        Choice(
            "time constants τ",
            "Units whose time constants are set by hand.",
            group="Network",
            options=(
                ("trained", "as trained"),
                ("all", "all set to τ"),
                ("inhibitory", "inhibitory set to τ"),
                ("excitatory", "excitatory set to τ"),
            ),
        ),
    )
    tau: float = parameter(
        125.0, Number("τ by hand", "Time constant of these units.", "ms", "Network", low=20, high=125, step=5)
    )
    task: str = parameter(
        "auto",
        Choice(
            "task",
            "Task of the trials.",
            group="Trial",
            options=(
                ("auto", "that of the network"),
                ("dms", "delayed match to sample"),
                ("xor", "exclusive or"),
                ("go-nogo", "go/no-go"),
                ("afc", "forced choice (AFC)"),
                ("ctx", "context (CTX)"),
            ),
        ),
    )
    condition: str = parameter(
        "1",
        Choice(
            "condition",
            "Number of the condition; the sentence above the figures states its name.",
            group="Trial",
            options=tuple((str(n), f"{n}: {name}") for n, name in enumerate(CONDITIONS, 1)),
        ),
    )
    delay: float = parameter(
        250.0,
        Number(
            "delay", "Delay between the stimuli, in tasks that have one.", "ms", "Trial", low=0, high=3000, step=250
        ),
    )
    seed: int = parameter(0, seed_control("Seed of new noise channels and of all trials.", "Trial", "New trial"))
    channels: str = parameter(
        "fresh",
        Choice(
            "noise channels",
            "Ten new channels, with weights that the network has not seen, or those of its training.",
            group="Noise",
            options=(("fresh", "ten new channels"), ("trained", "those of the training")),
        ),
    )
    internal: float = parameter(
        1.0,
        Number(
            "internal noise",
            "Factor of the weights of the noise channels; new ones are drawn from N(0, 1).",
            "",
            "Noise",
            low=0,
            high=3,
            step=0.25,
        ),
    )
    input_noise: float = parameter(
        0.0,
        Number(
            "input noise", "Standard deviation of noise in each input.", "per step", "Noise", low=0, high=3, step=0.5
        ),
    )
    pulse: float = parameter(
        0.0,
        Number(
            "pulse",
            "Noise of 50 ms in the middle of the delay, along the line between two memories: standard deviation of the "
            "displacement, in units of their distance.",
            "",
            "Noise",
            "Pulse",
            (("pulse", "or:1"), ("seed", "+1")),
            0,
            4,
            0.25,
        ),
    )
    order: str = parameter(
        "peak",
        Choice(
            "order of units",
            "Within excitatory and inhibitory units.",
            group="Figures",
            options=(("peak", "time of the peak"), ("selectivity", "selectivity in the delay")),
        ),
    )
    vary: str = parameter(
        "internal",
        Choice(
            "accuracy against",
            "Parameter that varies; tasks without a delay use the internal noise instead.",
            group="Figures",
            options=(("internal", "internal noise"), ("delay", "delay"), ("input_noise", "input noise")),
        ),
    )
    trials: int = parameter(
        50, Number("trials", "Trials for each accuracy.", "", "Figures", low=10, high=200, whole=True, slider=False)
    )

    def setting(self) -> Setting:
        """Return the part of the view on which the dynamics depend."""
        return Setting(self.network, self.tau_of, self.tau, self.channels, self.internal, self.seed)

    def own_task(self) -> Task:
        """Return the task."""
        return networks.task_of(self.network, self.task, self.delay, self.input_noise)

    def varied(self) -> str:
        """Return the parameter against which the accuracy is shown."""
        return self.vary if self.vary != "delay" or networks.has_delay(self.own_task()) else "internal"

    def values(self) -> list[float]:
        """Return the values of this parameter, with that of the view."""
        varied = self.varied()
        return sorted({*GRIDS[varied], self.value_of(varied)})

    def value_of(self, name: str) -> float:
        """Return the value of a parameter; a delay in whole steps."""
        return float(getattr(self.own_task() if name == "delay" else self, name))

    def conflicts(self) -> dict[str, str]:
        """Return messages about networks that cannot be read, and about tasks and values that do not fit them."""
        try:
            networks.trained(self.network)
        except InputError as error:
            return {"network": str(error)}
        try:
            task = self.own_task()
        except InputError as error:
            return {"task": str(error)}
        if int(self.condition) > len(task.conditions):
            return {"condition": f"condition {self.condition}; this task has {len(task.conditions)}"}
        try:
            networks.network_of(self.setting())
        except InputError as error:
            return {"tau": str(error)}
        return {}


@dataclass(frozen=True)
class Request:
    """A view of which only some parameters matter, with a report that does not distinguish two requests."""

    view: Memory
    report: Report = field(compare=False)


def network_of(view: Memory) -> TaskNetwork:
    """Return the network of a view."""
    return networks.network_of(view.setting())


@lru_cache(maxsize=32)
def _outcome(view: Memory) -> tuple[xr.Dataset, xr.Dataset | None]:
    """Return one trial, with the pulse if there is one, and then also the same trial without it."""
    task, key = view.own_task(), networks.keys(view.seed)[1]
    options = {"key": key, "label": int(view.condition) - 1, "score": "strict", "units": True}
    strengths = (view.pulse, 0.0) if view.pulse else ()
    members = [networks.pulsed(view.setting(), task, strength) for strength in strengths] or [network_of(view)]
    first, *others = [run_trials(member, task, 1, **options) for member in members]
    _compiled.add(_program(view))
    return first, others[0] if others else None


def trial(view: Memory, report: Report) -> Answer:
    """Return inputs, output and the rates of all units in one trial."""
    setting, task = view.setting(), view.own_task()
    outcome, without = _outcome(view.but(order="peak", vary="internal", trials=10))
    key = networks.selectivity(setting, task) if view.order == "selectivity" else None
    start = networks.pulse_start(task) if view.pulse else None
    return figures.trial(network_of(view), task, outcome, key, without, start)


_compiled: set[tuple[object, ...]] = set()  # what determines the programs that this process has compiled


def _program(view: Memory) -> tuple[object, ...]:
    """Return what determines the compiled program of a trial."""
    network = network_of(view)
    return view.own_task(), network.size, network.noise_channels, bool(view.pulse)


def is_new(view: Memory) -> bool:
    """Return whether the program of a trial is compiled first, which takes seconds and is not needed for most views."""
    return view != Memory() and _program(view) not in _compiled


def time_constants(view: Memory, report: Report) -> Answer:
    """Return the distributions of the time constants of excitatory and inhibitory units."""
    return figures.time_constants(network_of(view))


def accuracy(view: Memory, report: Report) -> Iterator[Answer]:
    """Return the accuracy at the view itself, and then against the delay or a noise."""
    varied = view.varied()
    own = view.value_of(varied)
    values = sorted(view.values(), key=lambda value: value != own)  # that of the view first
    same = view.but(condition="1", pulse=0.0, order="peak", vary="internal")
    tests: dict[float, xr.Dataset] = {}
    for number, value in enumerate(values):
        report(number, len(values))
        tests[value] = _tested(same.but(**{varied: value}))
        yield figures.accuracy(tests, view, varied, complete=len(tests) == len(values))


@lru_cache(maxsize=256)
def _tested(view: Memory) -> xr.Dataset:
    return test(
        network_of(view),
        view.own_task(),
        internal_noise="trained",  # the channels of the network, which may be new ones
        input_noise=view.input_noise,
        trials=view.trials,
        key=networks.keys(view.seed)[1],
    )


def spectrum(view: Memory, report: Report) -> Iterator[Answer]:
    """Return the eigenvalues about the mean state in the delay, coloured by their localisation."""
    report(0, 1)
    same = view.but(condition="1", pulse=0.0, order="peak", vary="internal", trials=10)
    state, decomposition = _modes(Request(same, report))
    name = view.own_task().conditions[int(view.condition) - 1]
    chosen = next(i for i, each in enumerate(state.conditions.values) if name in str(each).split(" or "))
    yield figures.spectrum(state.isel(stimulus=chosen), decomposition.isel(stimulus=chosen))


@lru_cache(maxsize=32)
def _modes(request: Request) -> tuple[xr.Dataset, xr.Dataset]:
    view = request.view
    network, key = network_of(view), networks.keys(view.seed)[1]
    task = view.own_task()
    options = {"key": key, "window": networks.window_of(task), "fixed_points": False}
    state = delay_state(network, task, networks.REPEATS, **options, progress=request.report)
    return state, modes(network, state.state)


def paths(view: Memory, report: Report) -> Iterator[Answer]:
    """Return the mean trajectories of all conditions in the space of three principal components."""
    report(0, 1)
    task = view.own_task()
    same = view.but(condition="1", pulse=0.0, order="peak", vary="internal", trials=10)
    yield figures.paths(_paths(Request(same, report)), task)


@lru_cache(maxsize=32)
def _paths(request: Request) -> xr.Dataset:
    view = request.view
    network, task, key = network_of(view), view.own_task(), networks.keys(view.seed)[1]
    means = []
    for label, _ in enumerate(task.conditions):
        answers = run_trials(network, task, networks.REPEATS, key=key, label=label, units=True)
        means.append(answers.units.mean("trial"))
        request.report(label + 1, len(task.conditions))
    every = figures.stride(task.steps, figures.SHOWN_STATES)
    states = xr.concat(means, "condition").isel(time=slice(figures.onset(task), None, every))
    return pca(states.astype(float)).assign_coords(condition=np.array(task.conditions), time=states.time)


def command(view: Memory) -> str:
    """Return the command with which the view is computed."""
    return uploads.command_of(view)


PAGE = Page(
    "memory",
    "Working memory",
    "How does a trained network keep a stimulus in mind, and what does noise do to it?",
    Memory,
    (
        Part("trial", (Panel("trial", "One trial", 560, True),), trial, is_new),
        Part("accuracy", (Panel("accuracy", "Accuracy"),), accuracy, always),
        Part("tau", (Panel("tau", "Time constants"),), time_constants),
        Part("spectrum", (Panel("spectrum", "Eigenvalues about the mean state", 440),), spectrum, always),
        Part("paths", (Panel("paths", "Trajectories of all conditions", 440),), paths, always),
    ),
    python,
    command,
    stories(Memory),
)
