"""Imports at run time: optional libraries, and objects from user modules."""

import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import Any

from noisette.errors import InputError, require

NO_CODE = "NOISETTE_NO_CODE"  # environment variable, inherited by worker processes: `import_object` is refused
_reports: list[Callable[[str], None]] = []
EXTRAS = {
    "app": ("dash", "dash_mantine_components"),
    "cluster": ("distributed", "dask_jobqueue"),
    "embed": ("phate",),
    "stats": ("scikit_posthocs",),
}
_refusals: list[str | None] = []  # value of the variable before each context that refuses imports
_lock = threading.Lock()  # of the refusals; the tasks of several threads may refuse imports at the same time


def missing(extra: str) -> list[str]:
    """Return the libraries of an extra that are not installed.

    Parameters
    ----------
    extra : name of the extra

    Examples
    --------
    >>> missing("")
    []
    """
    return [name for name in EXTRAS.get(extra, ()) if util.find_spec(name) is None]


def import_extra(module: str, extra: str) -> ModuleType:
    """Import a module of an optional library.

    Parameters
    ----------
    module : name of the module
    extra : extra of the package that installs the library

    Raises
    ------
    InputError : If the library is not installed; the message names the extra.
    """
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; it is part of the extra '{extra}'; pip install 'noisette[{extra}]'"
        ) from error


def import_object(name: str, what: str, alike: Callable[[Any], bool] = callable) -> Any:
    """Return an object imported from ``MODULE:NAME`` or ``FILE.py:NAME``.

    Parameters
    ----------
    name : ``MODULE:NAME`` or ``FILE.py:NAME``. The working directory is searched for modules last
    what : kind of the object, for error messages
    alike : function that returns whether an object of the module is of this kind; used to list alternatives in errors

    Raises
    ------
    InputError : If the module, file or name does not exist, or the import of the module fails.

    Examples
    --------
    >>> import_object("math:floor", "function")(2.5)
    2
    >>> import_object("math:flor", "function")
    Traceback (most recent call last):
    noisette.errors.InputError: no function 'flor' in module 'math'; available: acos, ...
    """
    require(
        NO_CODE not in os.environ,
        f"{what} {name!r} is code that the file names",
        "no code is allowed with --no-code or code=False",
        "read it, and omit the option if you trust it",
    )
    place, _, attribute = name.rpartition(":")
    require(bool(place and attribute), f"{what} {name!r}", "MODULE:NAME or FILE.py:NAME")
    module = _module(place, name)
    if not hasattr(module, attribute):
        public = [key for key, value in vars(module).items() if not key.startswith("_") and alike(value)]
        raise InputError(f"no {what} {attribute!r} in module {place!r}; available: {', '.join(public) or '(none)'}")
    return getattr(module, attribute)


@contextmanager
def watched_imports(report: Callable[[str], None], *, refuse: bool = False) -> Iterator[None]:
    """Report the names of objects before `import_object` imports them, or refuse to import any.

    Of nested contexts, only the innermost one reports.

    Parameters
    ----------
    report : function called with each name
    refuse : whether imports raise `InputError`, in this process and in those that it starts

    Examples
    --------
    >>> names = []
    >>> with watched_imports(names.append):
    ...     ceiling = import_object("math:ceil", "function")
    >>> names
    ['math:ceil']
    """
    if refuse:
        with _lock:
            _refusals.append(os.environ.get(NO_CODE))
            os.environ[NO_CODE] = "1"
    _reports.append(report)
    try:
        yield
    finally:
        _reports.remove(report)
        if refuse:
            with _lock:  # the variable remains until the last of these contexts ends
                before = _refusals.pop()
                if before is None and not _refusals:
                    os.environ.pop(NO_CODE, None)


def _module(name: str, of: str) -> ModuleType:
    """Import a module or file; the name `of` the object is reported before, if there is such a module."""
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)  # the path of an installed program does not contain the working directory
    try:
        if _reports and _exists(name):
            _reports[-1](of)
        return _from_file(Path(name)) if name.endswith(".py") else import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        absent = name == missing or name.startswith(missing + ".")
        raise InputError(
            f"no module {name!r}; a module that Python can import, or a file {name}.py in {folder}"
            if absent
            else f"module {name!r} needs {missing!r}, which is not installed"
        ) from error
    except Exception as error:  # the code of a user module may raise anything
        reason = str(error).partition("\n")[0]
        raise InputError(f"module {name!r} cannot be imported; {type(error).__name__}: {reason}") from error


def _exists(name: str) -> bool:
    """Return whether there is a file, or a module or the package that contains it."""
    package = name.partition(".")[0]
    return Path(name).is_file() if name.endswith(".py") else package in sys.modules or bool(util.find_spec(package))


_FILES: dict[tuple[str, int, int], ModuleType] = {}  # imported files by path, modification time and size


def _from_file(file: Path) -> ModuleType:
    """Return the module in a file; the file is executed again only if it has changed.

    Classes must remain the same objects for all points of a study, because JAX recompiles for each new class.
    """
    state = file.stat()
    key = str(file.resolve()), state.st_mtime_ns, state.st_size
    if key not in _FILES:
        spec = util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = util.module_from_spec(spec)
        sys.modules[spec.name] = module
        spec.loader.exec_module(module)
        _FILES[key] = module
    return _FILES[key]
