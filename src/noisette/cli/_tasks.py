"""Tasks and networks from the arguments of a command."""

from pathlib import Path
from typing import Any

from noisette.errors import require
from noisette.networks import TaskNetwork, as_network
from noisette.tasks import Task, from_string
from noisette.training import load


def task_from(text: str, **options: Any) -> Task:
    """Return the task with this name; options that are None keep the defaults of the task."""
    return from_string(text, **{key: value for key, value in options.items() if value is not None})


def task_for(network: TaskNetwork, text: str, **options: Any) -> Task:
    """Return a task with the time step of a network and, if the task has this parameter, its input channels."""
    task = task_from(text, dt=network.dt, **options)
    if task.channels != network.channels and hasattr(task, "inputs"):
        task = task_from(text, dt=network.dt, **options, inputs=network.channels)
    return task


def networks_in(paths: list[Path]) -> list[TaskNetwork]:
    """Read networks from one or more files."""
    require(len(paths) > 0, "no network file", "give one or more .npz or .mat files")
    return [as_network(load(path), TaskNetwork) for path in paths]
