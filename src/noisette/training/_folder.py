"""The folder of an ensemble: its configuration, finished networks, and checkpoints of those in training."""

import inspect
import json
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np

from noisette.disk import disk_error
from noisette.errors import InputError, require, users_frame
from noisette.networks import TaskNetwork, as_network
from noisette.provenance import program_version
from noisette.studies._lock import Lock
from noisette.tasks import Task
from noisette.training import _checkpoint, files
from noisette.training._network import RUNNING, TRAINED, TrainingState
from noisette.training.protocol import Protocol

MANIFEST = "training.json"
REQUIRED = {"index", "status", "trials", "loss", "accuracy", "tests"}  # in the file of a finished network
DEPTH = 9  # of nested closures that are distinguished


class DamageWarning(UserWarning):
    """Warning for a damaged file of an earlier session, whose contents are computed again."""


@dataclass(frozen=True)
class Trained:
    """A network at the end of its training.

    Parameters
    ----------
    index : number of the network in the ensemble
    network : the network after training
    status : "trained", "failed", "diverged", or "running" if training was interrupted
    trials : number of trials
    loss, accuracy : mean loss and accuracy in the last test
    tests : one row per test, see `TrainingState`
    file : file of the network, None if it was not saved
    seed : integer of the key of the ensemble. Networks of the same number and seed start from the same weights and see
        the same trials, whatever their number of noise channels, and thus form pairs
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
        """Whether the network passed a test."""
        return self.status == TRAINED

    def row(self) -> dict[str, Any]:
        """Return a summary as a plain dictionary, with the mean time constants (ms) of both types of unit."""
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
    """Return what must agree for training to resume: task, protocol, seed, and network 0 before its first trial."""
    parameters = {field.name: described(getattr(protocol, field.name)) for field in fields(protocol)}
    arrays = [leaf for leaf in jax.tree.leaves(first) if hasattr(leaf, "shape")]
    placed = {"step_noise": list(first.step_noise)} if any(first.step_noise) else {}
    result = {
        "task": task.configuration,
        "protocol": parameters,
        "seed": seed,
        "network": {
            "size": first.size,
            "channels": first.channels,
            "noise_channels": first.noise_channels,
            "tau_range": list(first.tau_range),
            "dt": first.dt,
            "sensory_noise": first.sensory_noise,
            **placed,
            "initial": float(sum(np.abs(np.asarray(leaf, float)).sum() for leaf in arrays)),
        },
        "version": program_version(),
    }
    return result if exact else result | {"exact": False}


def described(value: Any) -> Any:
    """Return a parameter of a protocol as plain data that is the same in every process.

    Numbers and text are returned unchanged, other values by name. Functions of the same name are distinguished by a
    checksum of the values in their closures, such as the learning rate of an optimiser.

    Examples
    --------
    >>> described(7), described(partial(round, ndigits=2))
    (7, 'round(ndigits=2)')
    """
    if isinstance(value, int | float | str | None):
        return value
    value = inspect.unwrap(value) if callable(value) else value
    if isinstance(value, partial):
        arguments = [repr(described(v)) for v in value.args]
        arguments += [f"{name}={described(v)!r}" for name, v in value.keywords.items()]
        return f"{described(value.func)}({', '.join(arguments)})"
    name = getattr(value, "__qualname__", type(value).__qualname__)
    enclosed = " ".join(_enclosed(value, DEPTH))
    return f"{name} {zlib.crc32(enclosed.encode()):08x}" if enclosed else name


def _enclosed(value: Any, depth: int) -> Iterator[str]:
    """Yield plain values and names of the contents of a closure or a sequence, to a depth."""
    if isinstance(value, tuple | list):
        contents = list(value)
    else:
        contents = [cell.cell_contents for cell in getattr(value, "__closure__", None) or ()]
    for content in (inspect.unwrap(item) if callable(item) else item for item in contents):
        plain = isinstance(content, int | float | str | None)
        yield repr(content) if plain else getattr(content, "__qualname__", type(content).__qualname__)
        if depth > 0 and not plain:
            yield from _enclosed(content, depth - 1)


class Folder:
    """Files of an ensemble, during its training and after.

    Parameters
    ----------
    path : the folder, created if it does not exist
    description : configuration of the training, see `configuration`
    """

    def __init__(self, path: Path, description: dict[str, Any]):
        self.path, self.description = path, description

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Create the folder, and keep other processes from training in it.

        Raises
        ------
        InputError : another process trains networks in the folder, or it cannot be written.
        """
        lock = Lock(self.path, "training folder")
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            lock.__enter__()
        except OSError as error:
            raise disk_error(error, self.path / MANIFEST) from error
        try:
            yield
        finally:
            lock.__exit__(None, None, None)

    def open(self, resume: bool) -> "Folder":
        """Write the configuration into the folder.

        Raises
        ------
        InputError : the folder contains another training run, or this one while `resume` is false.
        """
        file, remedy = self.path / MANIFEST, "give another folder"
        if file.is_file():
            try:
                stored = json.loads(file.read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError) as error:
                raise InputError(f"{str(file)!r} cannot be read ({error}); {remedy}") from error
            require(isinstance(stored, dict), f"{str(file)!r} contains no training configuration", remedy)
            differences = _differences(stored, self._plain_description)
            # The checksum of the first network changes with any other difference, which is more informative.
            specific = [text for text in differences if not text.startswith("network.initial ")]
            difference = "; ".join(specific or differences)
            require(not difference, f"{str(self.path)!r} contains another training run: {difference}", remedy)
            require(
                resume,
                f"{str(self.path)!r} already contains this training run",
                f"resume it (--resume, resume=True), or {remedy}",
            )
        unknown = [] if file.is_file() else sorted(path.name for path in self.path.glob("network_*.npz"))
        require(not unknown, f"{str(self.path)!r} contains {', '.join(unknown[:3])} but no {MANIFEST}", remedy)
        self.path.mkdir(parents=True, exist_ok=True)
        with files.atomic_write(file) as temporary:
            temporary.write_text(json.dumps(self.description, indent=1) + "\n", encoding="utf-8")
        return self

    @property
    def _plain_description(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.description))

    def file(self, index: int) -> Path:
        """Return the file of a finished network."""
        return self.path / f"network_{index:03d}.npz"

    def checkpoint(self, index: int) -> Path:
        """Return the file of a network in training."""
        return self.path / f"network_{index:03d}.checkpoint.npz"

    def load_finished(self, index: int) -> Trained | None:
        """Return a network that has ended, None if it has not."""
        if not self.file(index).is_file():
            return None
        try:
            stored = files.load(self.file(index))
        except InputError as error:
            if files.is_readable(self.file(index)):  # a file of another program or of a later version
                raise
            warnings.warn(f"{error}; network {index} is trained again", DamageWarning, stacklevel=users_frame())
            return None
        description = dict(stored.configuration)
        end = description.pop("training", {})
        difference = "; ".join(_differences(description, self._plain_description))
        difference = difference or ("" if end.keys() >= REQUIRED else "its outcome is missing")
        require(
            not difference,
            f"{str(self.file(index))!r} belongs to another training run: {difference}",
            "move it elsewhere",
        )
        rows = np.array([[np.nan if v is None else v for v in row] for row in end["tests"]]).reshape(-1, 4)
        loss, accuracy = (float("nan") if end[k] is None else end[k] for k in ("loss", "accuracy"))
        return Trained(
            index, as_network(stored, TaskNetwork), end["status"], end["trials"], loss, accuracy, rows, self.file(index)
        )

    def save(self, index: int, state: TrainingState) -> Trained:
        """Write a checkpoint of a running network, or the file of a network that has ended."""
        if state.status == RUNNING:
            _checkpoint.save_checkpoint(state, self.checkpoint(index))
            return trained_from(index, state)
        end = {
            "index": index,
            "status": state.status,
            "trials": state.trials,
            "loss": _finite_or_none(state.loss),
            "accuracy": _finite_or_none(state.accuracy),
            "tests": [[_finite_or_none(v) for v in row] for row in state.tests.tolist()],
        }
        files.save(state.network, self.file(index), configuration={**self.description, "training": end})
        self.checkpoint(index).unlink(missing_ok=True)
        return trained_from(index, state, self.file(index))

    def load_state(self, index: int, initial: TrainingState) -> TrainingState:
        """Return the training state in the checkpoint of a network, or `initial` if there is none."""
        path = self.checkpoint(index)
        try:
            return _checkpoint.load_checkpoint(initial, path) if path.is_file() else initial
        except _checkpoint.DamagedCheckpoint as error:
            warnings.warn(
                f"{error}; network {index} is trained again from its first trial",
                DamageWarning,
                stacklevel=users_frame(),
            )
            return initial


def trained_from(index: int, state: TrainingState, file: Path | None = None) -> Trained:
    """Return the network of a training state."""
    return Trained(index, state.network, state.status, state.trials, state.loss, state.accuracy, state.tests, file)


def _finite_or_none(value: float) -> float | None:
    """Return a finite number, or None, since JSON has no NaN."""
    return float(value) if np.isfinite(value) else None


def _differences(stored: dict[str, Any], present: dict[str, Any], name: str = "") -> list[str]:
    """Return descriptions of the differences between two nested configurations."""
    differences = []
    for key in sorted(stored.keys() | present.keys()):
        old, new = stored.get(key), present.get(key)
        if isinstance(old, dict) and isinstance(new, dict):
            differences += _differences(old, new, f"{name}{key}.")
        elif old != new:
            differences.append(f"{name}{key} is {old!r} in the folder and {new!r} in this call")
    return differences
