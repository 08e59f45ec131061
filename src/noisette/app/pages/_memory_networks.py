"""Networks and tasks of the page about working memory."""

import math
from dataclasses import fields
from functools import lru_cache
from typing import Any, NamedTuple, cast

import jax
import numpy as np
from jaxtyping import PRNGKeyArray

from noisette import Channels, Pulse, RateNetwork
from noisette.app import uploads
from noisette.errors import InputError, require
from noisette.networks import Network, Population, TaskNetwork
from noisette.papers.working_memory import example
from noisette.tasks import AFC, CTX, DMS, XOR, GoNoGo, Task
from noisette.training import run_trials

STORED = {"stored:10": 10, "stored:0": 0}  # networks of the package, by the number of noise channels of their training
KINDS: dict[str, type[Task]] = {"dms": DMS, "xor": XOR, "go-nogo": GoNoGo, "afc": AFC, "ctx": CTX}
BY_CHANNELS = {1: "go-nogo", 2: "dms", 4: "ctx"}  # tasks of networks that are stored without their task
FRESH = 10  # new noise channels, as in the tests of the paper
MOST_UNITS, MOST_STEPS = 400, 1200
PULSE = 50.0  # duration of a pulse, ms
REPEATS = 10  # trials of each condition or stimulus, of which states are means


class Setting(NamedTuple):
    """Everything on which the dynamics of the network depend: the fields of the view, without those of the trials."""

    network: str
    tau_of: str
    tau: float
    channels: str
    internal: float
    seed: int


def network_word(text: str) -> None:
    """Raise `InputError` for a text that is neither the word of a stored network nor the name of an upload."""
    known = text in STORED or text.startswith(uploads.PREFIX)
    require(known, f"network {text[:40]!r}", f"{', '.join(STORED)}, or an uploaded file")


@lru_cache(maxsize=16)
def trained(text: str) -> tuple[TaskNetwork, dict[str, Any]]:
    """Return the network that an address names, and the configuration of its training.

    Parameters
    ----------
    text : word of a stored network, or name of an upload

    Raises
    ------
    InputError : If there is no such network, it has too many units, or its file does not state its time constants.
    """
    if text in STORED:
        return example(STORED[text]), {}
    network, configuration = uploads.network(text)
    return _accepted(network, uploads.uploaded(text).name), configuration


def _accepted(network: Network, name: str) -> TaskNetwork:
    if not isinstance(network, TaskNetwork):
        raise InputError(
            f"{name} contains no time constants, so that trials in ms cannot be simulated; read it in Python with "
            "noisette.training.read_psychrnn(FILE, tau=…)"
        )
    require(network.size <= MOST_UNITS, f"{name} has {network.size} units", f"at most {MOST_UNITS} on this page")
    outputs = len(network.readout)
    require(outputs == 1, f"{name} has {outputs} outputs", "the tasks of this page have one")
    return network


def task_word(text: str, word: str) -> str:
    """Return the task of a view: the chosen one, or that of the network.

    Parameters
    ----------
    text : word of a stored network, or name of an upload
    word : word of the task, or "auto" for the task that is stored with the network, or else one with as many inputs
    """
    if word != "auto":
        return word
    network, configuration = trained(text)
    stored = configuration.get("task")
    named = stored.get("task") if isinstance(stored, dict) else None
    for known, kind in KINDS.items():
        if named == f"{kind.__module__}:{kind.__qualname__}":
            return known
    require(
        network.channels in BY_CHANNELS,
        f"a network with {network.channels} input channels",
        f"tasks of this page have {', '.join(map(str, BY_CHANNELS))}",
    )
    return BY_CHANNELS[network.channels]


def task_parameters(text: str, word: str, delay: float, input_noise: float) -> dict[str, Any]:
    """Return the parameters of the task: those stored with the network, apart from its delay and its noise.

    Parameters
    ----------
    text : word of a stored network, or name of an upload
    word : word of the task, or "auto"
    delay, input_noise : parameters of the task
    """
    network, configuration = trained(text)
    kind = KINDS[task_word(text, word)]
    defaults = {field.name: field.default for field in fields(kind) if field.init}
    stored = configuration.get("task")
    given = stored if word == "auto" and isinstance(stored, dict) else {}
    values = {name: given[name] for name, default in defaults.items() if _differs(given.get(name), default)}
    values |= {"dt": network.dt, "input_noise": input_noise}
    if has_delay(kind):
        values |= {"delay": network.dt * round(delay / network.dt), "inputs": min(network.channels, 2)}
    return values


def _differs(value: Any, default: Any) -> bool:
    """Return whether a value of a file is a number other than the default."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return number and value != default


def has_delay(kind: type[Task] | Task) -> bool:
    """Return whether a task has a delay."""
    return kind is DMS or kind is XOR or isinstance(kind, DMS)


@lru_cache(maxsize=256)
def task_of(text: str, word: str, delay: float, input_noise: float) -> Task:
    """Return the task of a view.

    Parameters
    ----------
    text, word, delay, input_noise : as for `task_parameters`

    Raises
    ------
    InputError : If the task does not fit the network, a period is no whole number of steps, or a trial is too long.
    """
    network, _ = trained(text)
    name = task_word(text, word)
    task = KINDS[name](**task_parameters(text, word, delay, input_noise))
    require(
        task.channels == network.channels,
        f"{name} has {task.channels} input channel{'s' * (task.channels != 1)}",
        f"the network has {network.channels}; choose another task",
    )
    require(task.steps <= MOST_STEPS, f"trials of {task.steps} steps", f"at most {MOST_STEPS} on this page")
    return task


def keys(seed: int) -> tuple[PRNGKeyArray, PRNGKeyArray]:
    """Return the keys of the noise channels and of the trials."""
    channels, trials = jax.random.split(jax.random.key(seed))
    return channels, trials


@lru_cache(maxsize=64)
def network_of(setting: Setting) -> TaskNetwork:
    """Return the network of a view, with its noise channels and time constants.

    Parameters
    ----------
    setting : what the dynamics depend on

    Raises
    ------
    InputError : If the time constant is outside the range of the network.
    """
    network, _ = trained(setting.network)
    if setting.tau_of != "trained":
        network = network.with_tau(setting.tau, cast(Population, setting.tau_of))
    if setting.channels == "fresh":
        drawn = jax.random.normal(keys(setting.seed)[0], (network.size, FRESH))
        return network.with_noise_weights(setting.internal * drawn)
    return network.with_noise_weights(setting.internal * network.noise_weights)


def window_of(task: Task) -> str:
    """Return the name of the period in which the memory is examined: the delay, or the response if there is none."""
    start, stop = task.periods.get("delay", (0, 0))
    return "delay" if start < stop else "response"


def memory_window(task: Task) -> tuple[int, int]:
    """Return the first step of this period, and the step after its last one."""
    start, stop = task.periods[window_of(task)]
    return start, min(stop, task.steps - 1)


@lru_cache(maxsize=64)
def selectivity(setting: Setting, task: Task) -> np.ndarray:
    """Return the state in the delay in the first condition minus that in the last one, without internal noise, by unit.

    Parameters
    ----------
    setting, task : network and task
    """
    start, stop = memory_window(task)
    network, key = network_of(setting), keys(setting.seed)[1]
    first, last = (
        run_trials(network, task, 1, key=key, label=label, internal_noise=False, units=True).units
        for label in (0, len(task.conditions) - 1)
    )
    return (first - last)[0, start:stop].mean("time").values.astype(float)


def pulsed(setting: Setting, task: Task, strength: float) -> RateNetwork:
    """Return the network with a pulse of noise along the line between two memories.

    Parameters
    ----------
    setting, task : network and task
    strength : standard deviation of the displacement by the pulse alone, in units of the distance of the memories
    """
    network = network_of(setting)
    line = Channels(selectivity(setting, task)[:, None])
    return network.with_noise(network.noise + Pulse(strength / PULSE**0.5, pulse_start(task), PULSE, line))


def pulse_start(task: Task) -> float:
    """Return the time at which a pulse begins, so that its middle is that of the delay, in whole steps."""
    start, stop = memory_window(task)
    return task.dt * max(0, (start + stop) // 2 - round(PULSE / 2 / task.dt))
