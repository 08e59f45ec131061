"""Tasks and files of networks, as they are named at the terminal."""

from pathlib import Path
from typing import Any

from noisette.errors import require
from noisette.networks import TaskNetwork
from noisette.tasks import Task, named
from noisette.training import load


def task_named(name: str, **options: Any) -> Task:
    """Return the task of that name; options that were not given are left to it, others it must have."""
    given = {key: value for key, value in options.items() if value is not None}
    return named(name, **given)


def task_for(network: TaskNetwork, name: str, **options: Any) -> Task:
    """Return the task of that name with the step of a network and, where it may choose, its input channels."""
    task = task_named(name, dt=network.dt, **options)
    if task.channels != network.channels and hasattr(task, "inputs"):
        task = task_named(name, dt=network.dt, **options, inputs=network.channels)
    return task


def networks_in(paths: list[Path]) -> list[TaskNetwork]:
    """Read networks from files, of which there must be one or more."""
    require(len(paths) > 0, "no file of a network", "give one or more .npz or .mat files")
    return [load(path).network for path in paths]
