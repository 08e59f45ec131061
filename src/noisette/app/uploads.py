"""Uploaded files: weights and trained networks, named in addresses by a digest of their content."""

import base64
import binascii
import hashlib
import shlex
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from noisette.app.views import View
from noisette.errors import InputError, require

if TYPE_CHECKING:
    from noisette.networks import Network
else:
    Network = Any  # the server starts before the library is imported

PREFIX = "upload:"
MOST_BYTES = 16 * 2**20
KEPT = 16  # files that a server keeps
DIGITS = 16  # of a digest in an address

_lock = threading.Lock()
_files: OrderedDict[str, "Upload"] = OrderedDict()
_folder: tempfile.TemporaryDirectory[str] | None = None


class Upload(NamedTuple):
    """An uploaded file: the name that the user gave it, and where the server keeps it."""

    name: str
    path: Path


def decoded(contents: str, name: str) -> bytes:
    """Return the content of an upload.

    Parameters
    ----------
    contents : data URL in base64, as browsers send it
    name : name of the file

    Raises
    ------
    InputError : If the file is too large, or the content is no data URL.
    """
    _, _, encoded = contents.partition(",")
    require(
        len(encoded) * 3 // 4 <= MOST_BYTES,
        f"{name[:80]} has {len(encoded) * 3 / 4 / 2**20:.1f} MB",
        f"files of at most {MOST_BYTES // 2**20} MB",
    )
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raise InputError(f"{name[:80]!r} did not arrive complete; upload it again") from None


def keep(content: bytes, name: str) -> str:
    """Keep a file until the server ends, or until many others are uploaded; return its name in addresses.

    Parameters
    ----------
    content : content of the file
    name : name of the file, whose suffix tells its format
    """
    global _folder
    token = hashlib.sha256(content).hexdigest()[:DIGITS]
    with _lock:
        if _folder is None:
            _folder = tempfile.TemporaryDirectory(prefix="noisette-explore-")
        path = Path(_folder.name) / f"{token}{Path(name).suffix.lower()[:12]}"
        path.write_bytes(content)
        _files[token] = Upload(Path(name).name[:80], path)
        _files.move_to_end(token)
        while len(_files) > KEPT:
            _files.popitem(last=False)[1].path.unlink(missing_ok=True)
    return f"{PREFIX}{token}"


def uploaded(text: str) -> Upload:
    """Return the uploaded file of a name in an address.

    Parameters
    ----------
    text : name in an address, ``upload:DIGEST``

    Raises
    ------
    InputError : If this server does not have the file.
    """
    with _lock:
        found = _files.get(text.removeprefix(PREFIX))
    if found is None:
        raise InputError("the file of this address is not on this server; upload it again")
    return found


def matrix(text: str) -> np.ndarray:
    """Return the weights in an uploaded file.

    Parameters
    ----------
    text : name in an address
    """
    from noisette.weights import load

    return _read(load, text)


def network(text: str) -> tuple[Network, dict[str, Any]]:
    """Return the trained network in an uploaded file, with the configuration of its training.

    Parameters
    ----------
    text : name in an address

    Raises
    ------
    InputError : If this server does not have the file, or it contains no network.
    """
    from noisette.training import load

    return _read(load, text)


def _read(load: Callable[[Path], Any], text: str) -> Any:
    """Return what a reader makes of an uploaded file; messages state the name that the user gave the file."""
    file = uploaded(text)
    try:
        return load(file.path)
    except InputError as error:
        raise InputError(str(error).replace(str(file.path), file.name)) from None


def command_of(view: View) -> str:
    """Return the command that prints the numbers of a view, with the files that its address names.

    Parameters
    ----------
    view : the view
    """
    names = [uploaded(text).name for text in view.texts().values() if text.startswith(PREFIX)]
    files = "".join(f"--file {shlex.quote(name)} " for name in names)
    return f"noisette explore {files}{shlex.quote(view.address())} --json"


__all__ = ["MOST_BYTES", "PREFIX", "Upload", "command_of", "decoded", "keep", "matrix", "network", "uploaded"]
