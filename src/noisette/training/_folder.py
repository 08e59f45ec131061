"""A folder of networks in training: what is being trained, what is finished, and what is under way."""

import inspect
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from noisette.errors import InputError, require
from noisette.networks import TaskNetwork
from noisette.provenance import program_version
from noisette.tasks import Task
from noisette.training import _checkpoint, files
from noisette.training._one import RUNNING, TRAINED, TrainingState
from noisette.training.protocol import Protocol

ABOUT = "training.json"
END = {"index", "status", "trials", "loss", "accuracy", "tests"}  # what is kept about the end of one
DEPTH = 9  # of functions within functions that are told apart


@dataclass(frozen=True)
class Trained:
    """A network at the end of its training.

    Parameters
    ----------
    index : its number in the ensemble
    network : what it became
    status : "trained", "failed", "diverged", or "running" where it was interrupted
    trials : it took
    loss, accuracy : of the last test
    tests : see `TrainingState`
    file : where it was saved, None if it was not
    seed : of the ensemble. Networks of the same number and seed start from the same weights and see the same trials,
        whatever their number of noise channels: they are pairs
    """

    index: int
    network: TaskNetwork
    status: str
    trials: int
    loss: float
    accuracy: float
    tests: np.ndarray
    file: Path | None = None
    seed: int | None = None

    @property
    def success(self) -> bool:
        """Whether it passed a test."""
        return self.status == TRAINED

    def row(self) -> dict[str, Any]:
        """Return a plain summary, the mean time constants of either kind of unit among it."""
        tau, excitatory = self.network.tau, self.network.excitatory
        return {
            "network": self.index,
            "success": self.success,
            "status": self.status,
            "trials": self.trials,
            "loss": self.loss,
            "accuracy": self.accuracy,
            "tau_excitatory": float(tau[excitatory].mean()) if excitatory.any() else float("nan"),
            "tau_inhibitory": float(tau[~excitatory].mean()) if not excitatory.all() else float("nan"),
            "file": None if self.file is None else str(self.file),
        }


def configuration(task: Task, protocol: Protocol, seed: int, first: TaskNetwork, exact: bool = True) -> dict[str, Any]:
    """Return what must agree for a training to go on: task, protocol, seed, and network 0 before its first trial."""
    plain = {field.name: described(getattr(protocol, field.name)) for field in fields(protocol)}
    drawn = [leaf for leaf in jax.tree.leaves(first) if hasattr(leaf, "shape")]
    found = {
        "task": task.configuration,
        "protocol": plain,
        "seed": seed,
        "network": {
            "size": first.size,
            "channels": first.channels,
            "noise_channels": first.noise_channels,
            "tau_range": list(first.tau_range),
            "dt": first.dt,
            "sensory_noise": first.sensory_noise,
            "initial": float(sum(np.abs(np.asarray(leaf, float)).sum() for leaf in drawn)),
        },
        "version": program_version(),
    }
    return found if exact else found | {"exact": False}


def described(value: Any) -> Any:
    """Return numbers and text as they are, and what else makes a protocol as text that is the same in every process.

    A function is told from others of its name by what it encloses, such as the learning rate in an optimiser.

    Examples
    --------
    >>> described(7), described(partial(round, ndigits=2))
    (7, 'round(ndigits=2)')
    """
    if isinstance(value, int | float | str | None):
        return value
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, partial):
        given = [repr(described(v)) for v in value.args]
        given += [f"{name}={described(v)!r}" for name, v in value.keywords.items()]
        return f"{described(value.func)}({', '.join(given)})"
    name = getattr(value, "__qualname__", type(value).__qualname__)
    enclosed = " ".join(_enclosed(value, DEPTH))
    return f"{name} {zlib.crc32(enclosed.encode()):08x}" if enclosed else name


def _enclosed(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, tuple | list):
        inside = list(value)
    else:
        inside = [cell.cell_contents for cell in getattr(value, "__closure__", None) or ()]
    for one in (inspect.unwrap(one) if callable(one) else one for one in inside):
        plain = isinstance(one, int | float | str | None)
        yield repr(one) if plain else getattr(one, "__qualname__", type(one).__qualname__)
        if depth > 0 and not plain:
            yield from _enclosed(one, depth - 1)


class Folder:
    """Where an ensemble is kept while it is trained, and after.

    Parameters
    ----------
    path : the folder; it is made
    about : see `configuration`
    """

    def __init__(self, path: Path, about: dict[str, Any]):
        self.path, self.about = path, about

    def opened(self, resume: bool) -> "Folder":
        """Refuse another training, or the same one where it is not to be resumed; then mark the folder as this."""
        file, remedy = self.path / ABOUT, "give another folder"
        if file.is_file():
            try:
                there = json.loads(file.read_text(encoding="utf-8"))
            except ValueError as error:
                raise InputError(f"{str(file)!r} cannot be read ({error}); {remedy}") from error
            require(isinstance(there, dict), f"{str(file)!r} holds no configuration of a training", remedy)
            found = _differences(there, self._plain_about)
            # a sum over the first network, which any other difference changes, too, and tells more of
            difference = "; ".join([one for one in found if not one.startswith("network.initial ")] or found)
            require(not difference, f"{str(self.path)!r} holds another training: {difference}", remedy)
            require(
                resume,
                f"{str(self.path)!r} holds this training already",
                f"resume it (--resume, resume=True), or {remedy}",
            )
        unknown = [] if file.is_file() else sorted(one.name for one in self.path.glob("network_*.npz"))
        require(not unknown, f"{str(self.path)!r} holds {', '.join(unknown[:3])} but no {ABOUT}", remedy)
        self.path.mkdir(parents=True, exist_ok=True)
        with files.atomic_write(file) as beside:
            beside.write_text(json.dumps(self.about, indent=1) + "\n", encoding="utf-8")
        return self

    @property
    def _plain_about(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.about))

    def file(self, index: int) -> Path:
        """Return where a finished network is."""
        return self.path / f"network_{index:03d}.npz"

    def checkpoint(self, index: int) -> Path:
        """Return where a network in training is."""
        return self.path / f"network_{index:03d}.checkpoint.npz"

    def finished(self, index: int) -> Trained | None:
        """Return a network that has ended, None if it has not."""
        if not self.file(index).is_file():
            return None
        stored = files.load(self.file(index))
        about = dict(stored.configuration)
        end = about.pop("training", {})
        difference = "; ".join(_differences(about, self._plain_about))
        difference = difference or ("" if end.keys() >= END else "it does not say how it ended")
        require(not difference, f"{str(self.file(index))!r} is of another training: {difference}", "move it elsewhere")
        rows = np.array([[np.nan if v is None else v for v in row] for row in end["tests"]]).reshape(-1, 4)
        loss, accuracy = (float("nan") if end[k] is None else end[k] for k in ("loss", "accuracy"))
        return Trained(index, stored.network, end["status"], end["trials"], loss, accuracy, rows, self.file(index))

    def keep(self, index: int, course: TrainingState) -> Trained:
        """Write a network: a checkpoint while it is in training, a file of its own once it has ended."""
        if course.status == RUNNING:
            _checkpoint.keep(course, self.checkpoint(index))
            return ended(index, course)
        end = {
            "index": index,
            "status": course.status,
            "trials": course.trials,
            "loss": _plain(course.loss),
            "accuracy": _plain(course.accuracy),
            "tests": [[_plain(v) for v in row] for row in course.tests.tolist()],
        }
        files.save(course.network, self.file(index), configuration={**self.about, "training": end})
        self.checkpoint(index).unlink(missing_ok=True)
        return ended(index, course, self.file(index))

    def initial_state(self, index: int, fresh: TrainingState) -> TrainingState:
        """Return the course of a network, from its checkpoint if there is one."""
        path = self.checkpoint(index)
        return _checkpoint.resumed(fresh, path) if path.is_file() else fresh


def ended(index: int, course: TrainingState, file: Path | None = None) -> Trained:
    """Return a network as it is at the end of its course."""
    return Trained(
        index, course.network, course.status, course.trials, course.loss, course.accuracy, course.tests, file
    )


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _differences(there: dict[str, Any], here: dict[str, Any], name: str = "") -> list[str]:
    found = []
    for key in sorted(there.keys() | here.keys()):
        old, new = there.get(key), here.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            found += _differences(old, new, f"{name}{key}.")
        elif old != new:
            found.append(f"{name}{key} is {old!r} there and {new!r} here")
    return found
