"""Selection of one array of a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from noisette.array_files._contents import Member, Sparse, Table, Unreadable
from noisette.array_files._graphs import read_graphml
from noisette.array_files._hdf5 import is_hdf5, read_hdf5
from noisette.array_files._labels import labelled, unit_names
from noisette.array_files._matlab import read_matlab
from noisette.array_files._numpy import read_npy, read_npz
from noisette.array_files._text import read_table
from noisette.errors import InputError, require

TEXT = (".csv", ".tsv", ".txt")
SUFFIXES = (".npy", ".npz", *TEXT, ".mat", ".graphml")
EXPECTED = {
    ".npy": "an array of numbers saved by numpy.save is expected; save it again",
    ".npz": "an archive of arrays saved by numpy.savez is expected; save it again",
    ".mat": "a file saved by MATLAB or scipy.io.savemat is expected; save it again",
    ".graphml": "a file written by networkx.write_graphml is expected; write it again",
}
TABLE = "a table of numbers is expected; numpy.savetxt(FILE, W, delimiter=',') writes one"
MOST_NAMES = 20  # names in messages
TRAINED = {"weights", "signs", "logits"}  # members of a file of `noisette train`


def is_array_file(text: str) -> bool:
    """Return whether a string names an existing file or has a known suffix, optionally followed by ``:NAME``.

    Examples
    --------
    >>> is_array_file("network.mat:w"), is_array_file("gaussian:5")
    (True, False)
    """
    return _exists(text) or Path(text.partition(":")[0]).suffix.lower() in SUFFIXES


def _exists(text: str) -> bool:
    """Return whether a file exists; False for strings that cannot be paths."""
    try:
        return Path(text).exists()
    except (OSError, ValueError):  # names that are too long or contain a null character
        return False


def read_array(
    path: str | Path, what: str, fits: Callable[[Any], bool], fitting: str, *, square: bool = False
) -> np.ndarray:
    """Read one array from a file.

    Parameters
    ----------
    path : file, or ``FILE:NAME`` for a variable of an `.npz` or `.mat` archive
    what : description of the contents for error messages
    fits : function that selects one of several arrays if no name is given
    fitting : description of the selected arrays for error messages, in the plural
    square : whether the array is a square matrix; its labels are then names of units (see `LabelledMatrix`), and
        lists of edges and graphs can be read

    Raises
    ------
    InputError : If the file is unreadable, its suffix is unknown, no or several arrays fit, or a member of an archive
        is pickled or damaged and no name is given.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "b.npz"
    >>> np.savez(file, b=np.ones((3, 1)), tau=2.0)
    >>> read_array(file, "channel weights", lambda array: array.ndim == 2, "matrices").shape
    (3, 1)
    """
    path, _, name = str(path).partition(":") if not _exists(str(path)) else (str(path), "", "")
    file = Path(path)
    require(
        _exists(path) and file.is_file(),
        f"{what} file {path!r} does not exist",
        "give an existing file or a preset",
        "see `noisette list`",
    )
    suffix = file.suffix.lower()
    require(
        suffix in SUFFIXES,
        f"{what} file {path!r} has the suffix {file.suffix!r}",
        f"known suffixes are {', '.join(SUFFIXES)}",
    )
    require(square or suffix != ".graphml", f"{what} file {path!r} is a graph", "an array of numbers")
    members = _guarded(lambda: _members(file, square), f"{what} file {path!r}", suffix)
    chosen = name if name else _only(members, path, fits, fitting)
    require(chosen in members, f"{path!r} contains no variable {name!r}", f"it contains {_list(members)}")
    where = f"{path}:{chosen}" if chosen else path
    try:
        return _array(members[chosen], where, square)
    except MemoryError as error:
        raise InputError(f"{what} {where!r} do not fit into memory; a smaller matrix") from error


def _members(file: Path, square: bool) -> dict[str, Member]:
    """Return the contents of a file by name; a single array has an empty name."""
    suffix = file.suffix.lower()
    if suffix in TEXT:
        text = file.read_bytes().decode("utf-8-sig")
        return {"": read_table(text, square=square, tabs=suffix == ".tsv")}
    if suffix == ".graphml":
        return {"": read_graphml(file)}
    return {".npy": read_npy, ".npz": read_npz, ".mat": mat_variables}[suffix](file)


def _guarded(call: Callable[[], Any], what: str, suffix: str) -> Any:
    """Return the result of a reader; raise a one-line error that names the file if it fails."""
    try:
        return call()
    except Exception as error:  # readers raise exceptions of many types
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        expected = EXPECTED.get(suffix, TABLE)
        raise InputError(f"{what} cannot be read ({reason}); {expected}") from error


def _only(members: dict[str, Member], path: str, fits: Callable[[Any], bool], fitting: str) -> str:
    """Return the name of the only array that fits; raise if there are several or none, or a member is unreadable."""
    broken = {name: member for name, member in members.items() if isinstance(member, Unreadable)}
    arrays = {name: member for name, member in members.items() if not isinstance(member, Unreadable)}
    names = [name for name, member in arrays.items() if not isinstance(member, Table) and fits(member)]
    example = _printable([*names, *arrays, "NAME"][0])
    remedy = f"select a variable, as in {path}:{example}"
    harmful = {name: member.reason for name, member in broken.items() if not member.harmless}
    if harmful:
        shown = ", ".join(f"{name[:40]!r}: {reason[:100]}" for name, reason in list(harmful.items())[:MOST_NAMES])
        raise InputError(
            f"{path!r} contains members that are no arrays of numbers ({shown}); arrays are "
            f"{_list(arrays) or 'none'}; {remedy if arrays else 'save it again'}"
        )
    require(
        not members.keys() >= TRAINED,
        f"{path!r} is a trained network",
        "its weights without signs and mask are not its weight matrix",
        f"noisette.training.load reads it; {path}:weights selects the raw weights",
    )
    masks = [name for name, member in arrays.items() if not isinstance(member, Table) and member.dtype.kind == "b"]
    if list(members) == [""] or (len(arrays) == 1 and not masks):
        return next(iter(arrays))
    require(
        len(names) == 1,
        f"{path!r} contains {len(names)} {fitting} ({_list(names) or 'none'})",
        f"exactly one is expected{', besides logical masks: ' + _list(masks) if masks else ''}",
        remedy,
    )
    return names[0]


def _array(member: Member, where: str, square: bool) -> np.ndarray:
    """Return a member as an array, with names of units if it is square and labelled."""
    if isinstance(member, Unreadable):
        raise InputError(f"{where!r} is {member.reason}; an array of numbers")
    if isinstance(member, Sparse):
        return member.dense(f"the sparse matrix in {where!r}")
    if not isinstance(member, Table):
        return member
    values = member.values
    if not square or values.ndim != 2 or values.shape[0] != values.shape[1]:
        return values
    return labelled(values, unit_names(member.rows, member.columns, f"the table {where!r}"))


def _list(names: Any) -> str:
    """Return names for a message."""
    shown = [_printable(name) for name in names]
    return ", ".join(shown[:MOST_NAMES]) + (f" and {len(shown) - MOST_NAMES} more" if len(shown) > MOST_NAMES else "")


def _printable(name: str) -> str:
    """Return a name of a member without characters that cannot be printed, which damaged files contain."""
    return "".join(letter if letter.isprintable() else "?" for letter in name[:40])


def mat_variables(file: Path) -> dict[str, Member]:
    """Return the variables of a `.mat` file of MATLAB 4, 5 or 7.3 by name.

    Damaged files raise exceptions, but cannot end the process: files of MATLAB 7.3 are read in another process.

    Parameters
    ----------
    file : path of the file

    Examples
    --------
    >>> import tempfile, scipy.io
    >>> file = Path(tempfile.mkdtemp()) / "w.mat"
    >>> scipy.io.savemat(file, {"w": np.eye(2), "notes": "first"})
    >>> mat_variables(file)["notes"].tolist()
    ['first']
    """
    return read_hdf5(file) if is_hdf5(file) else read_matlab(file.read_bytes())


def npz_members(file: Path) -> dict[str, Member]:
    """Return the arrays of a `.npz` file by name; pickled members are `Unreadable` and are never unpickled.

    Parameters
    ----------
    file : path of the file

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "w.npz"
    >>> np.savez(file, w=np.eye(2), ratio=np.array(None))
    >>> npz_members(file)["ratio"].reason
    'a pickled object'
    """
    return read_npz(file)
