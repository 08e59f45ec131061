"""Names that netCDF can store, and a test of the first result of a study, before more is computed."""

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import xarray as xr

from noisette.errors import UnstorableError
from noisette.studies._part import Block
from noisette.studies.store import save

MOST_BYTES = 256  # longest name of the netCDF library
RESERVED = "_nc4_non_coord_"  # prefix that the netCDF library removes from names
ATTRIBUTES = ("CLASS", "NAME", "DIMENSION_LIST", "REFERENCE_LIST", "_FillValue", "_NCProperties", "_Netcdf4Dimid")
POINT = "noisette point"  # dimension of the points in a test file
ALLOWED = f"text of at most {MOST_BYTES} bytes without slashes, control characters and outer blanks"


def problem(name: Any) -> str:
    """Return why netCDF cannot store a variable, coordinate or dimension with this name, or "" if it can.

    Parameters
    ----------
    name : the name

    Examples
    --------
    >>> problem("entropy"), problem("a/b"), problem(" a"), problem(5)
    ('', "contains '/'", 'begins or ends with a blank', 'is not text')
    """
    if not isinstance(name, str):
        return "is not text"
    if not name:
        return "is empty"
    if name != name.strip():
        return "begins or ends with a blank"
    if "/" in name:
        return "contains '/'"
    if name in (".", ".."):
        return "denotes a folder"
    if unreadable := unstorable_text(name):
        return unreadable
    if name.startswith(RESERVED):
        return f"begins with {RESERVED!r}"
    length = len(name.encode())
    return f"has {length} bytes" if length > MOST_BYTES else ""


def unstorable_text(text: str) -> str:
    """Return why a netCDF file cannot contain a text, or "" if it can.

    Examples
    --------
    >>> unstorable_text("a"), unstorable_text("a\\0b")
    ('', 'contains a control character')
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return "cannot be encoded as UTF-8"
    return "contains a control character" if any(ord(letter) < 32 or ord(letter) == 127 for letter in text) else ""


def check_name(name: Any, what: str) -> None:
    """Raise `UnstorableError` for a name that netCDF cannot store.

    Parameters
    ----------
    name : the name
    what : what it names, for the error message

    Examples
    --------
    >>> check_name("a/b", "result")
    Traceback (most recent call last):
    noisette.errors.UnstorableError: result 'a/b' contains '/', and netCDF cannot store it; text of at most 256 ...
    """
    if reason := problem(name):
        raise UnstorableError(f"{what} {name!r} {reason}, and netCDF cannot store it; {ALLOWED}; rename it")


def check_result(data: xr.Dataset, axes: Iterable[str]) -> None:
    """Raise `UnstorableError` for a result of a measure that cannot be merged along the grid, or not be saved.

    Parameters
    ----------
    data : result at one point
    axes : names of the coordinates of the grid
    """
    names = set(axes)
    for kind, members in (("result", data.data_vars), ("coordinate", data.coords), ("dimension", data.dims)):
        for name in members:
            check_name(name, kind)
            if name in names and kind != "coordinate":
                raise UnstorableError(f"{kind} {name!r} is also a coordinate of the grid; distinct names; rename it")
    for owner, attrs in (("result", data.attrs), *((repr(name), data[name].attrs) for name in data.variables)):
        for name in attrs:
            check_name(name, f"attribute of the {owner}")
            if name in ATTRIBUTES:
                raise UnstorableError(f"attribute {name!r} of the {owner} is reserved by netCDF; rename it")


def check_block(block: Block) -> None:
    """Raise `UnstorableError` if results cannot be written as netCDF, by writing them to a temporary file.

    Parameters
    ----------
    block : results of points of the first task
    """
    variables = {name: ((POINT, *dims), values, attrs) for name, (dims, values, attrs) in block.variables.items()}
    with tempfile.TemporaryDirectory(prefix="noisette-") as folder:
        file = Path(folder) / "first.nc"
        try:
            save(xr.Dataset(variables, block.coords, block.attrs), file)
        except OSError:  # such as a full disk, which does not concern the result
            return
        except Exception as error:
            reason = " ".join(str(error).split())[:200]
            raise UnstorableError(
                f"the result of the first task cannot be saved as netCDF ({type(error).__name__}: {reason}); "
                "a measure returns numbers, booleans and text, with names and attributes that netCDF stores"
            ) from error


__all__ = ["check_block", "check_name", "check_result", "problem", "unstorable_text"]
