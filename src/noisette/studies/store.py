"""Datasets on disk, written atomically: a file is either complete or absent."""

import os
import tempfile
from pathlib import Path

import xarray as xr

from noisette.arguments import check_arguments
from noisette.errors import InputError, require


@check_arguments
def save(data: xr.Dataset, path: str | Path) -> Path:
    """Write a dataset as netCDF; an interrupted write leaves no file.

    Parameters
    ----------
    data : dataset whose attributes netCDF can store
    path : file ending in .nc; its folder is created if necessary

    Returns
    -------
    path of the file

    Examples
    --------
    >>> import tempfile
    >>> file = save(xr.Dataset({"y": 1.5}), Path(tempfile.mkdtemp()) / "result.nc")
    >>> float(load(file).y)
    1.5
    """
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with atomic_write(target) as temporary:
        data.to_netcdf(temporary, engine="h5netcdf")
    return target


class atomic_write:  # noqa: N801
    """Context manager that yields a temporary file, and moves it to its target only if no exception occurs."""

    def __init__(self, target: str | Path):
        self.target = Path(target)

    def __enter__(self) -> Path:
        handle, name = tempfile.mkstemp(
            prefix=f".{self.target.stem}-", suffix=self.target.suffix, dir=self.target.parent
        )
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            os.chmod(self.temporary, 0o644)
            os.replace(self.temporary, self.target)
        else:
            self.temporary.unlink(missing_ok=True)


@check_arguments
def load(path: str | Path) -> xr.Dataset:
    """Read a dataset written by `save`.

    Parameters
    ----------
    path : netCDF file

    Raises
    ------
    InputError : If the file does not exist or is not a netCDF file.
    """
    require(
        Path(path).is_file(),
        f"result file {str(path)!r} does not exist",
        "give a .nc file written by noisette",
    )
    try:
        with xr.open_dataset(path, engine="h5netcdf") as data:
            return data.load()
    except (OSError, ValueError, KeyError) as error:
        reason = str(error).split("\n")[0]
        raise InputError(f"result file {str(path)!r} cannot be read ({reason}); a netCDF file is expected") from error
