"""Tasks and networks from the arguments of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import noisette as nz
from noisette.errors import require


def task_from(text: str, **options: Any) -> nz.tasks.Task:
    """Return the task with this name; options that are None keep the defaults of the task."""
    return nz.tasks.from_string(text, **{key: value for key, value in options.items() if value is not None})


def task_for(network: nz.networks.TaskNetwork, text: str, **options: Any) -> nz.tasks.Task:
    """Return a task with the time step of a network and, if the task has this parameter, its input channels."""
    task = task_from(text, dt=network.dt, **options)
    if task.channels != network.channels and hasattr(task, "inputs"):
        task = task_from(text, dt=network.dt, **options, inputs=network.channels)
    return task


def networks_in(paths: list[Path]) -> list[nz.networks.TaskNetwork]:
    """Read networks from one or more files."""
    require(len(paths) > 0, "no network file", "give one or more .npz or .mat files")
    return [nz.networks.as_network(nz.training.load(path), nz.networks.TaskNetwork) for path in paths]
