"""Datasets on disk, written atomically and with a checksum: a file is either complete or absent.

A result is a netCDF file, followed by a checksum: HDF5 ignores what follows the end that a file states, and removes it
when it changes the file. A file whose checksum does not match is refused before HDF5 opens it, because HDF5 can crash
or hang on damaged files; a file without checksum is read in another process.
"""

import io
import tempfile
import uuid
from hashlib import blake2b
from pathlib import Path

import xarray as xr

from noisette.arguments import check_arguments
from noisette.array_files import SIGNATURE, read_in_child
from noisette.disk import DiskError, atomic_write, disk_error
from noisette.errors import InputError, require

__all__ = ["atomic_write", "load", "save"]

MARK, DIGEST = b"\nnoisette blake2b\n", 32  # the mark that precedes a checksum, and the size of the checksum in bytes
END = slice(40, 48)  # where a file of HDF5, superblock version 0, states its size


@check_arguments
def save(data: xr.Dataset, path: str | Path) -> Path:
    """Write a dataset as netCDF with a checksum; an interrupted write leaves no file.

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
    with atomic_write(target, len(encoded)) as temporary, temporary.open("wb") as file:
        file.write(encoded)
        file.write(MARK + blake2b(encoded, digest_size=DIGEST).digest())


@check_arguments
def load(path: str | Path) -> xr.Dataset:
    """Read a dataset written by `save`.

    Parameters
    ----------
    path : netCDF file

    Raises
    ------
    InputError : If the file does not exist or is not a netCDF file.

    See Also
    --------
    studies.open_store : The results of a study, also of an unfinished one.
    training.load : A trained network from a file.
    """
    require(
        Path(path).is_file(),
        f"result file {str(path)!r} does not exist",
        "give a .nc file written by noisette",
    )
    try:
        content = _content(Path(path))
        with xr.open_dataset(io.BytesIO(content), engine="h5netcdf") as data:
            return data.load()
    except Exception as error:  # damaged files raise exceptions of many types
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(
            f"result file {str(path)!r} cannot be read ({reason}); it is damaged or no netCDF file"
        ) from error


def _content(path: Path) -> bytes:
    """Return a netCDF file whose checksum is verified, or a copy by another process of a file without checksum."""
    content = path.read_bytes()
    require(content.startswith(SIGNATURE), "it lacks the signature of HDF5", "a netCDF-4 file")
    end = max(0, len(content) - len(MARK) - DIGEST)
    if content[end:-DIGEST] == MARK:
        digest = blake2b(memoryview(content)[:end], digest_size=DIGEST).digest()
        require(digest == content[-DIGEST:], "its checksum does not match", "an intact file")
        return content
    stated = int.from_bytes(content[END], "little")
    complete = content[8:9] != b"\0" or len(content) >= stated
    require(complete, f"it ends at byte {len(content)} of {stated}", "a complete file")
    return read_in_child(path, "netcdf")
