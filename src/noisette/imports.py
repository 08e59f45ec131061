"""Code that is imported when it is needed: libraries of an extra, and modules of the user's own."""

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
    """Import a library, or say in one line which extra brings it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        raise InputError(
            f"{missing.name} is not installed; it comes with the extra '{extra}'; pip install 'noisette[{extra}]'"
        ) from missing


def import_object(name: str, what: str, alike: Callable[[Any], bool] = callable) -> Any:
    """Return something of the user's own, by where it is defined.

    Parameters
    ----------
    name : ``MODULE:NAME`` or ``FILE.py:NAME``. Modules are also looked for in the folder where the program was
        started, after everywhere else
    what : the thing is, in a word, for messages
    alike : tells whether something in the module is such a thing, to list what there is

    Raises
    ------
    InputError : no such module or file, one that fails or lacks a library, or that has no such name.

    Examples
    --------
    >>> import_object("math:floor", "function")(2.5)
    2
    >>> import_object("math:flor", "function")
    Traceback (most recent call last):
    noisette.errors.InputError: no function 'flor' in module 'math'; there is acos, ...
    """
    module, _, attribute = name.rpartition(":")
    require(bool(module and attribute), f"{what} {name!r}", "MODULE:NAME or FILE.py:NAME")
    found = _module(module)
    there = ", ".join(key for key, value in vars(found).items() if not key.startswith("_") and alike(value))
    require(hasattr(found, attribute), f"no {what} {attribute!r} in module {module!r}", f"there is {there or 'none'}")
    return getattr(found, attribute)


def _module(name: str) -> ModuleType:
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # an installed program does not look where it was started
    try:
        return _from_file(Path(name)) if name.endswith(".py") else import_module(name)
    except ModuleNotFoundError as error:
        missing = error.name or name
        absent = name == missing or name.startswith(missing + ".")
        raise InputError(
            f"no module {name!r}; a module that Python finds, or a file {name}.py in {here}"
            if absent
            else f"module {name!r} needs {missing!r}, which is not installed"
        ) from error
    except Exception as error:  # whatever a user's module may do
        told = str(error).partition("\n")[0]
        raise InputError(f"module {name!r} cannot be imported; {type(error).__name__}: {told}") from error


def _from_file(file: Path) -> ModuleType:
    spec = util.spec_from_file_location(file.stem, file)
    assert spec is not None
    assert spec.loader is not None
    home = util.module_from_spec(spec)
    sys.modules[spec.name] = home
    spec.loader.exec_module(home)
    return home
