"""Tasks from words, or imported from ``MODULE:NAME``."""

from typing import Any

from noisette.arguments import check_arguments
from noisette.registry import lookup
from noisette.tasks._base import Task


@check_arguments
def from_string(text: str, **parameters: Any) -> Task:
    """Return the task named by a string.

    Parameters
    ----------
    text : ``dms``, ``afc``, ``ctx``, ``go-nogo``, ``xor``, ``function``, ``path``, or ``MODULE:NAME[:NUMBERS]``, which
        names a task, or a class or function that returns one. The working directory is searched for modules last
    parameters : parameters of the task, with durations in ms; the others keep their defaults

    Raises
    ------
    InputError : If the word is unknown, a module, class or parameter does not exist, or the object is not a `Task`.

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
    expected = "a noisette.tasks.Task; inherit from it, or pass a NeuroGym environment to FromGym"
    return name.build(lambda value: isinstance(value, Task), expected, **parameters)


def _is_task(value: Any, module: str) -> bool:
    """Return whether a value is a task, or a subclass of `Task` that is defined in `module`."""
    if isinstance(value, Task):
        return True
    return isinstance(value, type) and issubclass(value, Task) and value.__module__ == module
