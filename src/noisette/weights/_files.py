"""Weight matrices from files."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from noisette.errors import InputError, require
from noisette.weights._check import square


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

    if h5py.is_hdf5(path):  # MATLAB 7.3; it stores arrays transposed
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


def _is_matrix(array: np.ndarray) -> bool:
    return array.ndim == 2 and array.shape[0] == array.shape[1] > 1 and array.dtype.kind in "biuf"


def load(path: str | Path) -> np.ndarray:
    """Load a weight matrix from `.npy`, `.npz`, `.csv` or `.mat`.

    From an archive of several arrays it takes the only square matrix; where there are more,
    append the name: ``network.mat:w``.

    Parameters
    ----------
    path : file, or file:NAME for one variable of an `.npz` or `.mat` archive

    Returns
    -------
    array of float64, shape (N, N)

    Raises
    ------
    InputError : unreadable or pickled file, unknown suffix, no or several matrices, not square, not finite.

    Examples
    --------
    >>> import numpy as np, tempfile, os
    >>> file = os.path.join(tempfile.mkdtemp(), "w.npy")
    >>> np.save(file, np.eye(2))
    >>> load(file)
    array([[1., 0.],
           [0., 1.]])
    """
    path, _, name = str(path).partition(":") if not Path(path).exists() else (str(path), "", "")
    file = Path(path)
    require(
        file.is_file(),
        f"weights file {path!r} does not exist",
        "give a file or a preset",
        "see `noisette list`",
    )
    require(
        file.suffix.lower() in READERS,
        f"weights file {path!r} ends in {file.suffix!r}",
        f"known endings are {', '.join(READERS)}",
    )
    try:
        arrays = READERS[file.suffix.lower()](file)
    except Exception as error:  # whatever the reader of a foreign format raises, the file is unreadable
        reason = str(error).split("\n")[0]
        raise InputError(
            f"weights file {path!r} cannot be read ({reason}); a plain {file.suffix} file of numbers is expected; "
            "write it again, without pickled objects"
        ) from error
    return square(_choose(arrays, name, path), f"weights in {path!r}")


def _choose(arrays: dict[str, np.ndarray], name: str, path: str) -> np.ndarray:
    if name:
        require(name in arrays, f"{path!r} holds no variable {name!r}", f"it holds {', '.join(arrays)}")
        return arrays[name]
    if len(arrays) == 1:
        return next(iter(arrays.values()))
    matrices = [key for key, array in arrays.items() if _is_matrix(array)]
    require(
        len(matrices) == 1,
        f"{path!r} holds {len(matrices)} square matrices ({', '.join(matrices) or 'none'})",
        "one weight matrix is needed",
        f"name it, as in {path}:{matrices[0] if matrices else 'NAME'}",
    )
    return arrays[matrices[0]]
