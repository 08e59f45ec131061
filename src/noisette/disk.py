"""Atomic writes, and errors of the disk in one line."""

import errno
import os
import shutil
import tempfile
from pathlib import Path

from noisette.errors import InputError, require

FULL = (errno.ENOSPC, errno.EDQUOT)


class DiskError(InputError, OSError):
    """Error of the disk while a file is written; the message contains the file, the cause and a remedy.

    Examples
    --------
    >>> error = DiskError(errno.ENOSPC, "result.nc cannot be written")
    >>> error.errno == errno.ENOSPC, str(error)
    (True, 'result.nc cannot be written')
    """

    def __init__(self, number: int | None, message: str, reason: str = ""):
        super().__init__(message)
        self.errno, self.reason = number, reason

    def __str__(self) -> str:
        return str(self.args[0])


MOST_LETTERS = 100  # in the name of a folder


def check_folder_name(name: object) -> None:
    """Raise `InputError` unless a name can be used as that of a folder, within the folder of the results.

    Examples
    --------
    >>> check_folder_name("onset of chaos")
    >>> check_folder_name("../chaos")
    Traceback (most recent call last):
    noisette.errors.InputError: name '../chaos'; 1 to 100 printable characters without / and ..., not a . at the start
    """
    fits = isinstance(name, str) and 0 < len(name.strip()) <= len(name) <= MOST_LETTERS and name.isprintable()
    inside = isinstance(name, str) and not name.strip().startswith(".") and not {"/", "\\"} & set(name)
    shown = repr(name) if len(repr(name)) <= 2 * MOST_LETTERS else f"of {len(str(name))} characters"
    allowed = f"1 to {MOST_LETTERS} printable characters without / and \\, not a . at the start"
    require(fits and inside, f"name {shown}", allowed)


class atomic_write:  # noqa: N801
    """Context manager that yields a temporary file, and moves it to its target only if no exception occurs.

    The temporary file has a unique name, so that several processes may write the same target: the last one wins, and a
    reader never sees a part of a file.

    Parameters
    ----------
    target : path of the file; its folder must exist
    size : expected size of the file in bytes, reported if the disk is full

    Raises
    ------
    DiskError : If the file cannot be written; the previous file, if any, is unchanged.

    Examples
    --------
    >>> target = Path(tempfile.mkdtemp()) / "numbers.txt"
    >>> with atomic_write(target) as temporary:
    ...     size = temporary.write_text("1 2 3")
    >>> target.read_text()
    '1 2 3'
    """

    def __init__(self, target: str | Path, size: int = 0):
        self.target, self.size = Path(target), size

    def __enter__(self) -> Path:
        try:
            handle, name = tempfile.mkstemp(
                prefix=f".{self.target.stem}-", suffix=self.target.suffix, dir=self.target.parent
            )
        except OSError as error:
            raise disk_error(error, self.target, self.size) from error
        os.close(handle)
        self.temporary = Path(name)
        return self.temporary

    def __exit__(self, kind, error, trace) -> None:
        if kind is None:
            try:
                os.chmod(self.temporary, 0o644)
                os.replace(self.temporary, self.target)
            except OSError as failure:
                self.temporary.unlink(missing_ok=True)
                raise disk_error(failure, self.target, self.size) from failure
            return
        written = self.temporary.stat().st_size if self.temporary.exists() else 0
        self.temporary.unlink(missing_ok=True)
        if isinstance(error, OSError) and not isinstance(error, InputError):
            raise disk_error(error, self.target, max(self.size, written)) from error


def free_space(folder: Path) -> float:
    """Return the free space of the disk that holds a folder, in bytes; infinity if it is unknown."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return float("inf")


def disk_error(error: OSError, target: Path, size: int = 0) -> DiskError:
    """Return an error of the disk as one line: the file, the cause, the space needed, and a remedy.

    Parameters
    ----------
    error : error of the operating system
    target : file that could not be written
    size : size of the file in bytes, 0 if it is unknown

    Examples
    --------
    >>> str(disk_error(OSError(errno.EROFS, ""), Path("a.nc"))).partition(";")[0]
    "file 'a.nc' cannot be written (Read-only file system)"
    """
    number = error.errno
    full = number in FULL
    reason = os.strerror(number) if number else " ".join(str(error).split())
    if full:
        need = f", about {format_bytes(size)} needed" if size else ""
        reason += f"{need}, {format_bytes(free_space(target.parent))} free"
        remedy = "free some space, or choose a folder on another disk, and repeat the command"
    elif number in (errno.EROFS, errno.EACCES, errno.EPERM):
        remedy = "choose a folder with write permission"
    else:
        remedy = "check the disk and repeat the command"
    message = f"file {str(target)!r} cannot be written ({reason}); files saved before are kept; {remedy}"
    return DiskError(number, message, reason)


def format_bytes(size: float) -> str:
    """Return a size with its unit.

    Examples
    --------
    >>> format_bytes(2_500_000), format_bytes(8e16)
    ('2.5 MB', '80 PB')
    """
    for unit in ("B", "kB", "MB", "GB", "TB", "PB"):
        if size < 1000 or unit == "PB":
            return f"{size:.3g} {unit}"
        size /= 1000
    raise AssertionError
