"""Files of networks: their contents, and the checks that all formats share."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from noisette.errors import InputError, require
from noisette.networks import TaskNetwork

Arrays = Mapping[str, Any]
SUFFIXES = (".npz", ".mat")
LARGEST = float(np.finfo(np.float32).max)


class Stored(NamedTuple):
    """A network read from a file, and the configuration with which it was made.

    Functions that take a network take this result, too.
    """

    network: TaskNetwork
    configuration: dict[str, Any]


def suffixed(path: str | Path) -> Path:
    """Return the path, refused if its ending is not that of a network file."""
    file = Path(path)
    require(
        file.suffix.lower() in SUFFIXES,
        f"network file {str(path)!r} ends in {file.suffix!r}",
        f"networks are kept in files ending in {' or '.join(SUFFIXES)}",
    )
    return file


def opened(file: Path, reader: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    """Return the arrays of a file, in one clear line what is wrong with one that cannot be read."""
    require(file.is_file(), f"network file {str(file)!r} does not exist", "give a file ending in .npz or .mat")
    try:
        return reader(file)
    except Exception as error:  # whatever the reader of a foreign format raises, the file is unreadable
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(
            f"network file {str(file)!r} cannot be read ({reason}); a whole {file.suffix} file of plain numbers is "
            "expected, without pickled objects; write it again"
        ) from error


def complete(arrays: Arrays, needed: Sequence[str], file: Path, writer: str) -> None:
    """Refuse a file without some of the keys needed, naming these and the program that writes them."""
    missing = [key for key in needed if key not in arrays]
    require(
        not missing,
        f"network file {str(file)!r} lacks {', '.join(missing)}",
        f"a {file.suffix} network holds {', '.join(needed)}",
        f"as {writer} writes it",
    )


def numbers(arrays: Arrays, key: str, file: Path) -> np.ndarray:
    """Return one array of finite real numbers that float32 can hold."""
    values = np.asarray(arrays[key])
    where = f"{key} in {str(file)!r}"
    require(values.dtype.kind in "biuf", f"{where} of type {values.dtype}", "real numbers", "without pickled objects")
    lost = int((~np.isfinite(values)).sum())
    require(
        lost == 0, f"{where} with {lost} values that are NaN or infinite", "finite numbers", "did training diverge?"
    )
    largest = float(np.abs(values.astype(float)).max(initial=0.0))
    require(largest <= LARGEST, f"{where} with values up to {largest:g}", f"numbers below {LARGEST:.3g}, for float32")
    return values


def scalar(arrays: Arrays, key: str, file: Path) -> float:
    """Return one number, whatever the number of dimensions it is wrapped in."""
    values = numbers(arrays, key, file)
    require(values.size == 1, f"{key} in {str(file)!r} of shape {values.shape}", "one number")
    return float(values.ravel()[0])


def built(file: Path, **parts: Any) -> TaskNetwork:
    """Return the network of these parts; where they make none, say in which file."""
    require(np.size(parts["weights"]) > 0, f"network file {str(file)!r} holds no units", "at least one")
    try:
        return TaskNetwork(**parts)
    except ValueError as error:  # an InputError, or shapes that numpy cannot bring together
        raise InputError(f"network file {str(file)!r}: {error}") from error


def as_json(configuration: dict[str, Any] | None) -> str:
    """Return a configuration as one line of JSON."""
    return json.dumps(configuration or {}, sort_keys=True, default=_plain)


def from_json(text: Any, file: Path) -> dict[str, Any]:
    """Return the configuration that lies in a file, empty if there is none."""
    if text is None:
        return {}
    try:
        configuration = json.loads(str(np.asarray(text).ravel()[0]))
    except (ValueError, IndexError) as error:
        raise InputError(f"the configuration in {str(file)!r} is no JSON ({error}); write the file again") from error
    kind = type(configuration).__name__
    require(isinstance(configuration, dict), f"the configuration in {str(file)!r} is a {kind}", "names, values")
    return configuration


def plain(more: Arrays, taken: Sequence[str]) -> dict[str, np.ndarray]:
    """Return what is to be stored beside a network as arrays that need no pickle."""
    arrays = {}
    for name, values in more.items():
        require(name not in taken, f"{name!r} to be stored beside the network", "that name is taken", "choose another")
        try:
            array = np.asarray(values)
        except ValueError as error:  # ragged lists
            raise InputError(f"{name!r} to be stored is no array ({error}); arrays of numbers or text") from error
        require(
            array.dtype.kind in "biufU", f"{name!r} to be stored of type {array.dtype}", "arrays of numbers or text"
        )
        arrays[name] = array
    return arrays


def _plain(value: Any) -> Any:
    return np.asarray(value).tolist() if hasattr(value, "__array__") else str(value)
