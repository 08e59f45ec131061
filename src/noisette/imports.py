"""Imports at run time: libraries of an extra, and objects in modules of the user."""

import sys
from collections.abc import Callable
from importlib import import_module, util
from pathlib import Path
from types import ModuleType
from typing import Any

from noisette.errors import InputError, require

EXTRAS = {"cluster": ("distributed", "dask_jobqueue"), "embed": ("phate",), "stats": ("scikit_posthocs",)}


def missing(extra: str) -> list[str]:
    """Return the libraries of an extra that are not installed.

    Examples
    --------
    >>> missing("")
    []
    """
    return [name for name in EXTRAS.get(extra, ()) if util.find_spec(name) is None]


def import_extra(module: str, extra: str) -> ModuleType:
    """Import a library; the error, if it is not installed, names the extra that installs it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; it comes with the extra '{extra}'; pip install 'noisette[{extra}]'"
        ) from error


def import_object(name: str, what: str, alike: Callable[[Any], bool] = callable) -> Any:
    """Return an object that is imported from ``MODULE:NAME`` or ``FILE.py:NAME``.

    Parameters
    ----------
    name : ``MODULE:NAME`` or ``FILE.py:NAME``. Modules are also looked for in the folder where the program was
        started, after everywhere else
    what : kind of the object, in a word, for messages
    alike : tells whether another object of the module is of this kind, to list those that there are

    Raises
    ------
    InputError : a module, file or name that does not exist, a module that fails or needs a library that is missing.

    Examples
    --------
    >>> import_object("math:floor", "function")(2.5)
    2
    >>> import_object("math:flor", "function")
    Traceback (most recent call last):
    noisette.errors.InputError: no function 'flor' in module 'math'; there is acos, ...
    """
    place, _, attribute = name.rpartition(":")
    require(bool(place and attribute), f"{what} {name!r}", "MODULE:NAME or FILE.py:NAME")
    module = _module(place)
    if not hasattr(module, attribute):
        public = [key for key, value in vars(module).items() if not key.startswith("_") and alike(value)]
        raise InputError(f"no {what} {attribute!r} in module {place!r}; there is {', '.join(public) or 'none'}")
    return getattr(module, attribute)


def _module(name: str) -> ModuleType:
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)  # an installed program does not look for modules in the working directory
    try:
        return _from_file(Path(name)) if name.endswith(".py") else import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        absent = name == missing or name.startswith(missing + ".")
        raise InputError(
            f"no module {name!r}; a module that Python finds, or a file {name}.py in {folder}"
            if absent
            else f"module {name!r} needs {missing!r}, which is not installed"
        ) from error
    except Exception as error:  # whatever a user's module may raise
        reason = str(error).partition("\n")[0]
        raise InputError(f"module {name!r} cannot be imported; {type(error).__name__}: {reason}") from error


_FILES: dict[tuple[str, int, int], ModuleType] = {}  # imported files, by path, time of change and size


def _from_file(file: Path) -> ModuleType:
    """Return the module in a file; it is executed again only if the file has changed.

    A class must stay the same object for all points of a study: JAX compiles anew for each new class.
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
