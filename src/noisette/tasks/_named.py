"""Tasks by name, as typed at a terminal, and tasks of your own by where they are defined."""

import importlib
import inspect
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from noisette.errors import InputError, require
from noisette.tasks._base import Task
from noisette.tasks.afc import AFC
from noisette.tasks.ctx import CTX
from noisette.tasks.dms import DMS
from noisette.tasks.gonogo import GoNoGo
from noisette.tasks.xor import XOR

TASKS: dict[str, tuple[type[Task], str]] = {
    "dms": (DMS, "delayed match to sample: were two stimuli the same? One or two delays"),
    "afc": (AFC, "two-alternative forced choice: was there a stimulus?"),
    "ctx": (CTX, "context-dependent integration: the sign of whichever noisy signal is cued"),
    "go-nogo": (GoNoGo, "answer a short pulse, and only a pulse"),
    "xor": (XOR, "exclusive or of two stimuli 50 ms apart"),
}


def named(name: str, **parameters: Any) -> Task:
    """Return the task that a name stands for.

    Parameters
    ----------
    name : a key of `TASKS`, or ``MODULE:CLASS``: a class of tasks, or a function that returns one. Modules are also
        looked for in the folder where the program was started, after everywhere else
    parameters : of the task, in ms; its own defaults otherwise

    Raises
    ------
    InputError : an unknown name; a module, class or parameter that does not exist; something that makes no `Task`.

    Examples
    --------
    >>> named("dms", delay=750.0).steps
    400
    >>> named("noisette.tasks.afc:AFC") == named("afc")
    True
    >>> named("dms", wait=50.0)
    Traceback (most recent call last):
    noisette.errors.InputError: task dms: got an unexpected keyword argument 'wait'; its parameters are dt, ...
    """
    if name in TASKS:
        maker: Callable[..., Any] = TASKS[name][0]
    else:
        require(
            ":" in name,
            f"unknown task {name!r}",
            f"tasks are {', '.join(TASKS)}",
            "name one of them, or a task of your own as MODULE:CLASS",
        )
        maker = _imported(name)
    signature = inspect.signature(maker)
    try:
        signature.bind(**parameters)
    except TypeError as error:
        known = ", ".join(signature.parameters) or "(none)"
        raise InputError(f"task {name}: {error}; its parameters are {known}") from error
    made = maker(**parameters)
    require(
        isinstance(made, Task),
        f"{name} makes a {type(made).__name__}",
        "a noisette.tasks.Task",
        "inherit from it, or hand an environment of NeuroGym to FromGym",
    )
    return made


def _imported(name: str) -> Callable[..., Any]:
    module, _, attribute = name.partition(":")
    require(
        bool(module and attribute),
        f"task {name!r}",
        "MODULE:CLASS",
        "as in mytasks:Sign for the class Sign in mytasks.py",
    )
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.append(here)  # an installed program does not look where it was started
    try:
        found = importlib.import_module(module)
    except ModuleNotFoundError as error:
        missing = error.name or module
        absent = module == missing or module.startswith(missing + ".")
        raise InputError(
            f"no module {module!r}; a module that Python finds, or a file {module}.py in {here}"
            if absent
            else f"module {module!r} needs {missing!r}, which is not installed"
        ) from error
    except Exception as error:  # whatever a user's module may do
        told = str(error).partition("\n")[0]
        raise InputError(f"module {module!r} cannot be imported; {type(error).__name__}: {told}") from error
    maker: Any = getattr(found, attribute, None)
    classes = {key: value for key, value in vars(found).items() if isinstance(value, type)}
    own = [key for key, value in classes.items() if issubclass(value, Task) and value.__module__ == module]
    require(
        callable(maker),
        f"no class {attribute!r} in module {module!r}",
        f"its tasks are {', '.join(sorted(own)) or '(none)'}",
    )
    return maker
