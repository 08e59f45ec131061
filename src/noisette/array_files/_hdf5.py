"""Reading of HDF5 files in another process: `.mat` files of MATLAB 7.3, and netCDF files."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np

from noisette.array_files._contents import Member, Unreadable, compressed
from noisette.errors import InputError, require

SIGNATURE = b"\x89HDF\r\n\x1a\n"
CHILD = Path(__file__).with_name("_child.py")
SECONDS = 4  # CPU time for reading a small file, which takes a few milliseconds
BYTES_PER_SECOND = 2e7  # further time for large files
FACTOR = 10  # time limit on the clock over the limit of CPU time, for busy machines


def is_hdf5(path: Path) -> bool:
    """Return whether a file begins as an HDF5 file, at byte 0, 512, 1024, 2048, … ."""
    size = path.stat().st_size
    place = 0
    with path.open("rb") as file:
        while place < size:
            file.seek(place)
            if file.read(len(SIGNATURE)) == SIGNATURE:
                return True
            place = max(512, 2 * place)
    return False


def read_in_child(path: Path, kind: str) -> bytes:
    """Return the contents of an HDF5 file, read in another process.

    Parameters
    ----------
    path : path of the file
    kind : "netcdf", which returns a new netCDF file, or "matlab", which returns an `.npz` archive

    Raises
    ------
    InputError : a damaged file, including one that ends the process that reads it or takes too long.

    Examples
    --------
    >>> import tempfile, xarray
    >>> file = Path(tempfile.mkdtemp()) / "result.nc"
    >>> xarray.Dataset({"y": 1.5}).to_netcdf(file, engine="h5netcdf")
    >>> read_in_child(file, "netcdf")[:8] == SIGNATURE
    True
    """
    seconds = SECONDS + path.stat().st_size / BYTES_PER_SECOND
    command = [sys.executable, "-I", str(CHILD), kind, str(path.absolute()), str(seconds), json.dumps(sys.path)]
    try:
        process = subprocess.run(command, capture_output=True, timeout=FACTOR * seconds, check=False)
    except subprocess.TimeoutExpired:
        raise InputError("reading it takes too long; a complete file") from None
    reason = process.stderr.decode(errors="replace").strip().splitlines()
    ended = f"the process that reads it ends with code {process.returncode}"
    require(process.returncode == 0, reason[-1] if reason else ended, "a complete file")
    return process.stdout


def read_hdf5(path: Path) -> dict[str, Member]:
    """Return the variables of a file of MATLAB 7.3 by name; text is returned as arrays of strings.

    Raises
    ------
    InputError : a damaged file.
    """
    with np.load(io.BytesIO(read_in_child(path, "matlab")), allow_pickle=False) as archive:
        arrays = dict(archive)
    return {entry["name"]: _member(entry, arrays) for entry in json.loads(str(arrays["contents"]))}


def _member(entry: dict, arrays: dict[str, np.ndarray]) -> Member:
    """Return a variable, in the orientation and type of MATLAB."""
    if "rows" in entry:
        pointers = arrays[entry["jc"]]
        data = arrays[entry["data"]] if "data" in entry else np.zeros(0)
        indices = arrays[entry["ir"]] if "ir" in entry else np.zeros(0, int)
        shape = entry["rows"], pointers.size - 1
        try:
            return compressed(_typed(data, entry["class"]), indices, pointers, shape, 1)
        except InputError as error:
            return Unreadable(str(error))
    if "values" not in entry:
        kind = {"cell": "a cell array", "struct": "a structure"}.get(entry["class"], "no array of numbers")
        return Unreadable(kind, True)
    values = arrays[entry["values"]]
    if entry["empty"]:  # the dataset contains the shape
        return np.zeros((0, 0))
    if entry["class"] == "char":
        codes = values.T.reshape(-1) if values.ndim < 2 else values.T
        rows = codes if codes.ndim > 1 else codes[None]
        return np.array(["".join(chr(int(code)) for code in row.ravel()) for row in rows])
    return _typed(values, entry["class"]).T


def _typed(values: np.ndarray, kind: str) -> np.ndarray:
    return values.astype(bool) if kind == "logical" else values
