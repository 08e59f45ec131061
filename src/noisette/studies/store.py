"""Datasets on disk, written atomically: a file is either complete or absent."""

import tempfile
import uuid
from pathlib import Path

import xarray as xr

from noisette.arguments import check_arguments
from noisette.disk import DiskError, atomic_write, disk_error
from noisette.errors import InputError, require

__all__ = ["atomic_write", "load", "save"]


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

    Raises
    ------
    InputError : If the file cannot be written, for instance because the disk is full. The data are then saved in the
        folder for temporary files, and the message contains the path.

    Examples
    --------
    >>> import tempfile
    >>> file = save(xr.Dataset({"y": 1.5}), Path(tempfile.mkdtemp()) / "result.nc")
    >>> float(load(file).y)
    1.5
    """
    target = Path(path)
    # Encoded in memory, because HDF5 may end the process if the disk becomes full while it writes.
    encoded = data.to_netcdf(engine="h5netcdf")
    try:
        _write(encoded, target)
    except DiskError as error:
        elsewhere = Path(tempfile.gettempdir()) / f"noisette-{uuid.uuid4().hex[:8]}" / target.name
        try:
            _write(encoded, elsewhere)
        except OSError:
            raise error from None
        raise DiskError(error.errno, f"{error}; the data are saved as {str(elsewhere)!r} instead") from error
    return target


def _write(encoded: memoryview, target: Path) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk_error(error, target, len(encoded)) from error
    with atomic_write(target, len(encoded)) as temporary:
        temporary.write_bytes(encoded)


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
    except Exception as error:  # HDF5 reports damaged files by exceptions of many types
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(
            f"result file {str(path)!r} cannot be read ({reason}); it is damaged or no netCDF file"
        ) from error
