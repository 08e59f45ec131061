"""Tasks by name, as typed at a terminal, and tasks of your own by where they are defined."""

import inspect
from collections.abc import Callable
from typing import Any

from noisette.errors import InputError, require
from noisette.imports import import_object
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
    home = name.rpartition(":")[0]
    maker = import_object(
        name, "task", lambda one: isinstance(one, type) and issubclass(one, Task) and one.__module__ == home
    )
    require(callable(maker), f"{name} is a {type(maker).__name__}", "a class of tasks, or a function that returns one")
    return maker
