"""Tasks and networks from the arguments of a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import noisette as nz
from noisette.errors import InputError, require


def task_from(text: str, **options: Any) -> nz.tasks.Task:
    """Return the task with this name; options that are None keep the defaults of the task."""
    return nz.tasks.from_string(text, **{key: value for key, value in options.items() if value is not None})


def task_for(network: nz.networks.TaskNetwork, text: str, **options: Any) -> nz.tasks.Task:
    """Return a task with the time step of a network and, if the task has this parameter, its input channels."""
    task = task_from(text, dt=network.dt, **options)
    if task.channels != network.channels and hasattr(task, "inputs"):
        task = task_from(text, dt=network.dt, **options, inputs=network.channels)
    return task


def step_noise_from(texts: list[str]) -> nz.networks.StepNoise:
    """Return the step noise of texts of the form PLACE:σ.

    Examples
    --------
    >>> step_noise_from(["activation:0.5", "rate:0.1"])
    StepNoise(activation=0.5, rate=0.1)
    """
    from noisette.arguments import nearest  # imports JAX

    places = nz.networks.StepNoise._fields
    stds: dict[str, float] = {}
    for text in texts:
        place, _, std = text.partition(":")
        allowed = f"PLACE:σ with one of {', '.join(places)}"
        require(place in places, f"--step-noise {text!r}", allowed, nearest(place, places))
        require(place not in stds, f"two values of --step-noise for {place}", "one for each place")
        try:
            stds[place] = float(std)
        except ValueError:
            raise InputError(f"--step-noise {text!r} cannot be read; {allowed}, such as {place}:0.5") from None
    return nz.networks.StepNoise(**stds)


def networks_in(paths: list[Path]) -> list[nz.networks.TaskNetwork]:
    """Read networks from one or more files."""
    require(len(paths) > 0, "no network file", "give one or more .npz or .mat files")
    return [nz.networks.as_network(nz.training.load(path), nz.networks.TaskNetwork) for path in paths]
