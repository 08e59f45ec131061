"""Recordings in files: arrays, and netCDF with named dimensions."""

from pathlib import Path

import numpy as np
import xarray as xr

from noisette.analysis.inference._trials import TIMES, UNITS
from noisette.array_files import SUFFIXES, read_array
from noisette.errors import require
from noisette.studies import load

NETCDF = (".nc", ".nc4", ".netcdf")
DIMENSIONS = "the dimensions time and unit, and trial or run if there are several"


def read_recording(path: str | Path) -> np.ndarray | xr.DataArray:
    """Return the recording in a file.

    Parameters
    ----------
    path : file, or ``FILE:NAME`` for one of several variables. A netCDF file (``.nc``) contains a Dataset or DataArray
        with the dimensions time and unit, and possibly trial or run, such as ``trace`` of a saved simulation; other
        files (see `noisette.array_files.SUFFIXES`) contain an array of trials × time × units or time × units

    Raises
    ------
    InputError : If the file does not exist, is unreadable, or contains no or several recordings.

    Examples
    --------
    >>> import tempfile
    >>> file = Path(tempfile.mkdtemp()) / "activity.nc"
    >>> _ = xr.Dataset({"rates": (("time", "unit"), np.ones((9, 3))), "tau": 1.0}).to_netcdf(file, engine="h5netcdf")
    >>> read_recording(file).sizes["unit"]
    3
    """
    text = str(path)
    file, _, name = text.rpartition(":") if ":" in text and not Path(text).exists() else (text, "", "")
    if Path(file or text).suffix.lower() not in NETCDF:
        fitting = "arrays of trials × time × units or time × units"
        require(
            Path(text.partition(":")[0]).suffix.lower() in SUFFIXES or not Path(text).is_file(),
            f"recording file {text!r} has the suffix {Path(text).suffix!r}",
            f"known suffixes are {', '.join((NETCDF[0], *SUFFIXES[:-1]))}",
        )
        return read_array(text, "recording", lambda array: array.ndim in (2, 3), fitting)
    require(Path(file).is_file(), f"recording file {file!r} does not exist", "give an existing file")
    data = load(file)
    variables = {str(label): variable for label, variable in data.data_vars.items()}
    if name:
        require(name in variables, f"{file!r} contains no variable {name!r}", f"it contains {_listed(variables)}")
        return variables[name]
    fits = [label for label, variable in variables.items() if _is_recording(variable)]
    dimensions = {label: " × ".join(map(str, variable.dims)) or "a number" for label, variable in variables.items()}
    contents = ", ".join(f"{label} ({dims})" for label, dims in list(dimensions.items())[:10]) or "no variable"
    require(len(fits) > 0, f"{file!r} contains no recording but {contents}", DIMENSIONS, "rename its dimensions")
    remedy = f"select one, as in {file}:{fits[0]}"
    require(len(fits) == 1, f"{file!r} contains {len(fits)} recordings, {_listed(fits)}", "exactly one", remedy)
    return variables[fits[0]]


def time_step(recording: np.ndarray | xr.DataArray) -> float | None:
    """Return the time between samples by the coordinate of time; None if there is none, or it is not regular."""
    if not isinstance(recording, xr.DataArray):
        return None
    times = next((recording[dim].values for dim in recording.dims if dim in TIMES and dim in recording.coords), None)
    if times is None or len(times) < 2 or times.dtype.kind != "f":
        return None
    steps = np.diff(times)
    regular = steps[0] > 0 and bool(np.allclose(steps, steps[0], rtol=1e-6, atol=0))
    return float((times[-1] - times[0]) / (len(times) - 1)) if regular else None


def _is_recording(variable: xr.DataArray) -> bool:
    dims = set(variable.dims)
    return bool(dims & set(TIMES)) and bool(dims & set(UNITS)) and variable.dtype.kind in "biuf"


def _listed(names: object) -> str:
    return ", ".join([*map(str, names)][:10]) if names else "none"  # type: ignore[call-overload]


__all__ = ["read_recording", "time_step"]
