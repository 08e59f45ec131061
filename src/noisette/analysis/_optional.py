"""Libraries that come with an extra, imported when they are first needed."""

from importlib import import_module
from types import ModuleType

from noisette.errors import InputError


def optional(module: str, extra: str) -> ModuleType:
    """Import a library, or say in one line which extra brings it."""
    try:
        return import_module(module)
    except ModuleNotFoundError as missing:
        raise InputError(
            f"{missing.name} is not installed; it comes with the extra '{extra}'; pip install 'noisette[{extra}]'"
        ) from missing
