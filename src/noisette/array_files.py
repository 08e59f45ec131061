"""Reading of numeric arrays from `.npy`, `.npz`, `.csv`, `.txt` and `.mat` files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from noisette.errors import InputError, require


def _csv(path: Path) -> dict[str, np.ndarray]:
    text = path.read_text(encoding="utf-8-sig")
    separator = "," if "," in text else ";" if ";" in text else None
    return {"": np.loadtxt(text.splitlines(), delimiter=separator, ndmin=2)}


def _npy(path: Path) -> dict[str, np.ndarray]:
    return {"": np.load(path, allow_pickle=False)}


def _npz(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as archive:
        return dict(archive)


def _mat(path: Path) -> dict[str, np.ndarray]:
    import h5py
    from scipy.io import loadmat

    if h5py.is_hdf5(path):  # MATLAB 7.3 files, which store arrays transposed
        with h5py.File(path) as file:
            return {k: np.asarray(v).T for k, v in file.items() if isinstance(v, h5py.Dataset)}
    return {k: v for k, v in loadmat(path).items() if not k.startswith("__")}


READERS: dict[str, Callable[[Path], dict[str, np.ndarray]]] = {
    ".npy": _npy,
    ".npz": _npz,
    ".csv": _csv,
    ".txt": _csv,
    ".mat": _mat,
}


def is_array_file(text: str) -> bool:
    """Return whether a string names an existing file or has a known suffix, optionally followed by ``:NAME``.

    Examples
    --------
    >>> is_array_file("network.mat:w"), is_array_file("gaussian:5")
    (True, False)
    """
    return Path(text).exists() or Path(text.partition(":")[0]).suffix.lower() in READERS


def read_array(path: str | Path, what: str, fits: Callable[[np.ndarray], bool], fitting: str) -> np.ndarray:
    """Read one array from a file.

    Parameters
    ----------
    path : file, or ``FILE:NAME`` for a variable of an `.npz` or `.mat` archive
    what : description of the contents for error messages
    fits : function that selects one of several arrays if no name is given
    fitting : description of the selected arrays for error messages, in the plural

    Raises
    ------
    InputError : If the file is unreadable or contains pickled objects, its suffix is unknown, or no or several arrays
        fit.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "b.npz"
    >>> np.savez(file, b=np.ones((3, 1)), tau=2.0)
    >>> read_array(file, "channel weights", lambda array: array.ndim == 2, "matrices").shape
    (3, 1)
    """
    path, _, name = str(path).partition(":") if not Path(path).exists() else (str(path), "", "")
    file = Path(path)
    require(
        file.is_file(),
        f"{what} file {path!r} does not exist",
        "give an existing file or a preset",
        "see `noisette list`",
    )
    require(
        file.suffix.lower() in READERS,
        f"{what} file {path!r} has the suffix {file.suffix!r}",
        f"known suffixes are {', '.join(READERS)}",
    )
    try:
        arrays = READERS[file.suffix.lower()](file)
    except Exception as error:  # the readers raise exceptions of many types
        reason = str(error).split("\n")[0]
        raise InputError(
            f"{what} file {path!r} cannot be read ({reason}); a plain {file.suffix} file of numbers is expected; "
            "save it again, without pickled objects"
        ) from error
    if name:
        require(name in arrays, f"{path!r} contains no variable {name!r}", f"it contains {', '.join(arrays)}")
        return arrays[name]
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    names = [key for key, array in arrays.items() if fits(array)]
    require(
        len(names) == 1,
        f"{path!r} contains {len(names)} {fitting} ({', '.join(names) or 'none'})",
        "exactly one is expected",
        f"select a variable, as in {path}:{names[0] if names else 'NAME'}",
    )
    return arrays[names[0]]
