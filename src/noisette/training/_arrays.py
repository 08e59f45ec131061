"""Validation and conversion of the contents of network files, shared by all formats."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from noisette.array_files import Member, Sparse, Unreadable, mat_variables, npz_members
from noisette.errors import InputError, require
from noisette.networks import NO_STEP_NOISE, Network, StepNoise, TaskNetwork

Arrays = Mapping[str, Any]
SUFFIXES = (".npz", ".mat")
LARGEST = float(np.finfo(np.float32).max)


class Stored(NamedTuple):
    """A network read from a file, and the configuration stored with it.

    Functions with a network as an argument also accept this result.

    Attributes
    ----------
    network : network, a `TaskNetwork`, or a `RateNetwork` in a file of PsychRNN
    configuration : configuration stored with the network, such as that of its training
    """

    network: Network
    configuration: dict[str, Any]


def checked_path(path: str | Path) -> Path:
    """Return the path of a network file; raise if its suffix is neither .npz nor .mat."""
    file = Path(path)
    require(
        file.suffix.lower() in SUFFIXES,
        f"network file {str(path)!r} ends in {file.suffix!r}",
        f"network files end in {' or '.join(SUFFIXES)}",
    )
    return file


def read_arrays(file: Path, reader: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Return the arrays of a file; raise a one-line error if it cannot be read."""
    require(file.is_file(), f"network file {str(file)!r} does not exist", "give a file ending in .npz or .mat")
    try:
        return reader(file)
    except Exception as error:  # readers of other formats raise various exceptions
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(
            f"network file {str(file)!r} cannot be read ({reason}); a complete {file.suffix} file of plain numbers is "
            "expected, without pickled objects; write it again"
        ) from error


def npz_arrays(file: Path, needed: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Return the arrays of a `.npz` file, without members that are pickled or no arrays.

    Raises
    ------
    InputError : a member in `needed` is pickled or no array.
    """
    return _arrays(npz_members(file), needed)


def mat_arrays(file: Path, needed: Sequence[str] = ()) -> dict[str, np.ndarray]:
    """Return the arrays of a `.mat` file of MATLAB 4, 5 or 7.3, without structures and cell arrays.

    Raises
    ------
    InputError : a variable in `needed` is no array.
    """
    return _arrays(mat_variables(file), needed)


def _arrays(members: Mapping[str, Member], needed: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the members of a file that are arrays, sparse ones as dense arrays."""
    for name, value in members.items():
        if isinstance(value, Unreadable) and name in needed:
            raise InputError(f"{name} is {value.reason}; an array of numbers or text")
    dense = {name: value.dense(name) if isinstance(value, Sparse) else value for name, value in members.items()}
    return {name: value for name, value in dense.items() if isinstance(value, np.ndarray)}


def require_keys(arrays: Arrays, needed: Sequence[str], file: Path, writer: str) -> None:
    """Raise if a file lacks required keys; the message names them and the program that writes such files."""
    missing = [key for key in needed if key not in arrays]
    require(
        not missing,
        f"network file {str(file)!r} lacks {', '.join(missing)}",
        f"a {file.suffix} network file contains {', '.join(needed)}",
        f"as written by {writer}",
    )


def numbers(arrays: Arrays, key: str, file: Path) -> np.ndarray:
    """Return an array of a file; raise unless its values are finite real numbers in the range of float32."""
    values = np.asarray(arrays[key])
    where = f"{key} in {str(file)!r}"
    require(values.dtype.kind in "biuf", f"{where} of type {values.dtype}", "real numbers", "without pickled objects")
    invalid = int((~np.isfinite(values)).sum())
    require(
        invalid == 0,
        f"{where} with {invalid} values that are NaN or infinite",
        "finite numbers",
        "did training diverge?",
    )
    largest = float(np.abs(values.astype(float)).max(initial=0.0))
    require(largest <= LARGEST, f"{where} with values up to {largest:g}", f"numbers below {LARGEST:.3g}, for float32")
    return values


def scalar(arrays: Arrays, key: str, file: Path) -> float:
    """Return a number of a file, stored as an array with a single element."""
    values = numbers(arrays, key, file)
    require(values.size == 1, f"{key} in {str(file)!r} of shape {values.shape}", "one number")
    return float(values.ravel()[0])


def step_noise_of(arrays: Arrays, file: Path) -> StepNoise:
    """Return the step noise in a file, zero if there is none."""
    if "step_noise" not in arrays:
        return NO_STEP_NOISE
    stds = numbers(arrays, "step_noise", file).ravel()
    number = len(StepNoise._fields)
    require(stds.size == number, f"step_noise in {str(file)!r} of {stds.size} values", f"{number} numbers")
    return StepNoise(*stds.tolist())


def build_network(file: Path, **parts: Any) -> TaskNetwork:
    """Return the network with the given parameters; raise an error that names the file if they are invalid."""
    require(np.size(parts["weights"]) > 0, f"network file {str(file)!r} contains no units", "at least one")
    try:
        return TaskNetwork(**parts)
    except ValueError as error:  # an InputError, or shapes that cannot be broadcast
        raise InputError(f"network file {str(file)!r}: {error}") from error


def as_json(configuration: dict[str, Any] | None) -> str:
    """Return a configuration as a single line of JSON."""
    return json.dumps(configuration or {}, sort_keys=True, default=_plain)


def from_json(text: Any, file: Path) -> dict[str, Any]:
    """Return the configuration stored in a file, empty if there is none."""
    if text is None:
        return {}
    try:
        configuration = json.loads(str(np.asarray(text).ravel()[0]))
    except (ValueError, IndexError) as error:
        raise InputError(
            f"the configuration in {str(file)!r} is not valid JSON ({error}); write the file again"
        ) from error
    kind = type(configuration).__name__
    require(
        isinstance(configuration, dict),
        f"the configuration in {str(file)!r} is a {kind}",
        "a mapping from names to values",
    )
    return configuration


def storable(more: Arrays, taken: Sequence[str]) -> dict[str, np.ndarray]:
    """Return additional data as arrays that can be stored without pickle."""
    arrays = {}
    for name, values in more.items():
        require(name not in taken, f"{name!r} to be stored with the network", "this name is reserved", "choose another")
        try:
            array = np.asarray(values)
        except ValueError as error:  # ragged lists
            raise InputError(f"{name!r} to be stored is not an array ({error}); arrays of numbers or text") from error
        require(
            array.dtype.kind in "biufU", f"{name!r} to be stored of type {array.dtype}", "arrays of numbers or text"
        )
        arrays[name] = array
    return arrays


def _plain(value: Any) -> Any:
    """Return an array as a list and any other value as text, for JSON."""
    return np.asarray(value).tolist() if hasattr(value, "__array__") else str(value)
