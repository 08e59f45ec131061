"""Tasks from words, and tasks of your own by where they are defined."""

from typing import Any

from noisette.registry import lookup
from noisette.tasks._base import Task


def from_string(text: str, **parameters: Any) -> Task:
    """Return the task that `text` names.

    Parameters
    ----------
    text : ``dms``, ``afc``, ``ctx``, ``go-nogo``, ``xor``, or ``MODULE:NAME[:NUMBERS]``: a task, or a class or a
        function that makes one. Modules are also looked for in the folder where the program was started, after
        everywhere else
    parameters : of the task, in ms; its own defaults otherwise

    Raises
    ------
    InputError : an unknown word; a module, class or parameter that does not exist; something that makes no `Task`.

    Examples
    --------
    >>> from_string("dms", delay=750.0).steps
    400
    >>> from_string("noisette.tasks.afc:AFC") == from_string("afc")
    True
    >>> from_string("dms", wait=50.0)
    Traceback (most recent call last):
    noisette.errors.InputError: task dms: got an unexpected keyword argument 'wait'; its parameters are dt, ...
    """
    module = text.rpartition(":")[0] if isinstance(text, str) else ""
    name = lookup("tasks", text, lambda value: _is_task(value, module))
    if name.arguments and not name.imported:
        raise name.unreadable()
    expected = "a noisette.tasks.Task; inherit from it, or hand an environment of NeuroGym to FromGym"
    return name.build(lambda value: isinstance(value, Task), expected, **parameters)


def _is_task(value: Any, module: str) -> bool:
    """Tell whether something in a module of the user is a task, or a class of tasks that the module defines."""
    if isinstance(value, Task):
        return True
    return isinstance(value, type) and issubclass(value, Task) and value.__module__ == module
