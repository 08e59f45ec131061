"""Probes from strings, as written in study files."""

from typing import Any

from noisette.arguments import check_arguments
from noisette.probes._base import Probe
from noisette.registry import lookup


@check_arguments
def from_string(text: str, **arguments: Any) -> Probe:
    """Return the probe that `text` names.

    Parameters
    ----------
    text : name of a class of `noisette.probes`, or ``MODULE:NAME[:NUMBERS]``, which names a probe, or a class or
        function that returns a probe
    arguments : keyword arguments of the probe

    Raises
    ------
    InputError : an unknown name, or an argument that the probe does not have.

    Examples
    --------
    >>> from_string("Trace", every=3).every
    3
    >>> from_string("Tracer")
    Traceback (most recent call last):
    noisette.errors.InputError: unknown probe 'Tracer'; probes are Trace, ... did you mean Trace?
    """
    name = lookup("probes", text, lambda value: isinstance(value, type) and issubclass(value, Probe))
    if name.arguments and not name.imported:
        raise name.unreadable()
    return name.build(lambda value: isinstance(value, Probe), "a noisette.probes.Probe", **arguments)
