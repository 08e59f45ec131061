"""Files of recorded noise: netCDF, NumPy, MATLAB and text, with a statement of the convention of the numbers."""

import io
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import numpy as np
import xarray as xr

from noisette.array_files import mat_variables, npz_members, read_array, read_in_child
from noisette.disk import atomic_write, disk_error
from noisette.errors import InputError, real_number, require

Name = Literal["increments", "values"]
NAMES = ("increments", "values")
CONVENTION = {
    "increments": "noise integrated over each step of dt: x(t + dt) = x(t) + F dt + increment; white noise of "
    "intensity sigma per unit of time (Ito) has increments sigma sqrt(dt) xi, and sigma xi in discrete time (dt = 1)",
    "values": "values eta(t) of the noise at the beginning of each step of dt: x(t + dt) = x(t) + (F + eta) dt; the "
    "last row, at the end of the last step, is needed for steps shorter than dt only",
}
LAW = {"std": ("unit",), "factors": ("factor", "unit"), "tau": (), "sign": ("unit",)}
HEADER = re.compile(r"#\s*(\w+) = (.*)")  # comment of a text file that states a parameter
WRITTEN = (".nc", ".npz", ".mat", ".csv")
READ = (*WRITTEN, ".npy", ".tsv", ".txt")


class Contents(NamedTuple):
    """Contents of a file of recorded noise.

    Attributes
    ----------
    name : what the data are, "increments" or "values"
    data : shape (steps, N) or (trials, steps, N)
    dt : length of a recorded step
    key : key of the refinement, shape (2,); None for files of other programs
    law : parameters of the law: ``std`` and ``factors`` or ``tau``, and ``sign`` if the refinement changes its sign
    noise : description of the noise
    """

    name: Name
    data: np.ndarray
    dt: float
    key: np.ndarray | None
    law: dict[str, np.ndarray]
    noise: str


def as_dataset(contents: Contents) -> xr.Dataset:
    """Return the contents as a dataset."""
    dims = ("trial", "time", "unit")[-contents.data.ndim :]
    convention = CONVENTION[contents.name]
    variables: dict[str, Any] = {contents.name: (dims, contents.data, {"long_name": convention.partition(":")[0]})}
    variables |= {name: (LAW[name], value) for name, value in contents.law.items()}
    time = contents.dt * np.arange(contents.data.shape[-2])
    labels = {"long_name": "beginning of the step, in the unit of time of the network"}
    attrs: dict[str, Any] = {"dt": contents.dt, "convention": convention, "noise": contents.noise}
    if contents.key is not None:
        attrs["key"] = contents.key
    return xr.Dataset(variables, {"time": ("time", time, labels)}, {**attrs, "program": "noisette"})


def write(contents: Contents, path: Path) -> Path:
    """Write the contents to a file whose suffix determines the format, and return its path."""
    suffix = path.suffix.lower()
    require(suffix in WRITTEN, f"{str(path)!r} with the suffix {suffix!r}", f"known suffixes are {', '.join(WRITTEN)}")
    single = contents.data.ndim == 2
    require(single or suffix != ".csv", f"{len(contents.data)} trials in a .csv file", "a single trial", "use .npz")
    arrays: dict[str, Any] = {contents.name: contents.data, "dt": contents.dt, "noise": contents.noise}
    arrays |= {"convention": CONVENTION[contents.name], "shape": np.asarray(contents.data.shape), **contents.law}
    if contents.key is not None:
        arrays["key"] = contents.key
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, path, contents.data.nbytes) from error
    with atomic_write(path, contents.data.nbytes) as temporary:
        if suffix == ".nc":
            temporary.write_bytes(as_dataset(contents).to_netcdf(engine="h5netcdf"))
        elif suffix == ".npz":
            np.savez(temporary, **arrays)
        elif suffix == ".mat":
            from scipy.io import savemat  # the import takes 0.1 s

            savemat(temporary, arrays)
        else:
            del arrays[contents.name], arrays["shape"]
            lines = {"contents": contents.name} | {name: np.asarray(value).tolist() for name, value in arrays.items()}
            header = "\n".join(f"{name} = {json.dumps(value)}" for name, value in lines.items())
            np.savetxt(temporary, contents.data, fmt="%.17g", delimiter=",", header=header)
    return path


def read_contents(path: Path, dt: float | None) -> Contents:
    """Return the contents of a file, also of one by another program, in which the array and dt suffice.

    Parameters
    ----------
    path : file with one of the suffixes of `READ`
    dt : length of a recorded step; None for the number in the file
    """
    suffix, what = path.suffix.lower(), f"noise file {str(path)!r}"
    require(path.is_file(), f"{what} does not exist", "a file with recorded noise")
    require(suffix in READ, f"{what} has the suffix {suffix!r}", f"known suffixes are {', '.join(READ)}")
    try:
        members = {".nc": _netcdf, ".npz": npz_members, ".mat": mat_variables}.get(suffix, _table)(path)
    except Exception as error:  # readers raise exceptions of many types
        reason = " ".join(str(error).split())[:300] or type(error).__name__
        raise InputError(f"{what} cannot be read ({reason}); an array of increments or values") from error
    names = [name for name in NAMES if name in members] or [name for name in members if _is_data(members[name])]
    found = f"{what} contains {', '.join(sorted(members)) or 'nothing'}"
    require(len(names) == 1, found, "one array named increments or values")
    data = np.asarray(members[names[0]])
    if "shape" in members and int(np.prod(members["shape"])) == data.size:
        data = data.reshape([int(length) for length in np.ravel(members["shape"])])  # MATLAB omits a last axis of 1
    if dt is None:
        require("dt" in members, f"{what} without dt", "the length of a recorded step", "Recorded.load(path, dt=…)")
        dt = float(np.ravel(members["dt"])[0])
    length = real_number(dt, f"dt of {what}", "a time above zero", lambda t: 0 < t < np.inf)
    law = {name: np.asarray(members[name]) for name in LAW if name in members}
    key = np.ravel(members["key"]).astype(np.uint32) if "key" in members else None
    require(key is None or key.size == 2, f"{what} with an invalid key", "two integers of 32 bits")
    name = names[0] if names[0] in NAMES else str(members.get("contents", "increments"))
    require(name in NAMES, f"{what} with the contents {name!r}", "increments or values")
    return Contents(cast("Name", name), data, length, key, law, "")


def _is_data(member: Any) -> bool:
    """Return whether a member of a file may be the recorded array."""
    return isinstance(member, np.ndarray) and member.ndim in (2, 3) and member.dtype.kind in "iuf"


def _netcdf(path: Path) -> Mapping[str, Any]:
    """Return the variables and attributes of a netCDF file, read in another process."""
    with xr.open_dataset(io.BytesIO(read_in_child(path, "netcdf")), engine="h5netcdf") as data:
        return {**data.attrs, **{str(name): variable.values for name, variable in data.data_vars.items()}}


def _table(path: Path) -> Mapping[str, Any]:
    """Return the array of a text file or of an .npy file, and the parameters in the comments of a text file."""
    array = read_array(path, "noise", lambda array: array.ndim in (2, 3), "arrays")
    parameters: dict[str, Any] = {}
    if path.suffix.lower() != ".npy":
        with path.open(encoding="utf-8-sig") as file:
            for line in file:
                if not line.startswith("#"):
                    break
                if stated := HEADER.match(line):
                    parameters[stated[1]] = json.loads(stated[2])
    return {"data": np.atleast_2d(array), **parameters}
