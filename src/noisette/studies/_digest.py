"""Descriptions of values as JSON; a description changes when the value changes."""

import dataclasses
import inspect
import pickle
import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import cloudpickle
import jax
import numpy as np


def described(value: Any) -> Any:
    """Return a description of a value for JSON: the value itself if it is plain data, otherwise a type and a digest.

    Examples
    --------
    >>> described({"gain": 1.5, "name": "tanh"})
    {'gain': 1.5, 'name': 'tanh'}
    >>> described(np.eye(2))
    'array 2×2 float64 #...'
    """
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(name): described(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple | range):
        return [described(inner) for inner in value]
    if isinstance(value, np.ndarray | jax.Array):
        array = np.asarray(value)
        return f"array {'×'.join(map(str, array.shape)) or '()'} {array.dtype} #{_digest(_of_array(array))}"
    if callable(value) and not dataclasses.is_dataclass(value):
        return of_function(value)
    return f"{type(value).__module__}.{type(value).__qualname__} #{_digest(_content(value))}"


def of_function(function: Any) -> str:
    """Return the name of a function with a digest of its source, bound arguments and enclosed variables."""
    inner, bound = function, b""
    inner = inspect.unwrap(inner)
    while hasattr(inner, "func"):  # functools.partial
        bound += repr((described(list(inner.args)), described(inner.keywords))).encode()
        inner = inner.func
    name = f"{getattr(inner, '__module__', '')}:{getattr(inner, '__qualname__', type(inner).__qualname__)}"
    try:
        text = inspect.getsource(inner).encode()
    except (OSError, TypeError):
        text = b""
    if inspect.isfunction(inner) and inner.__name__ == "<lambda>":  # one line of source may contain several lambdas
        code = inner.__code__
        text += repr((code.co_names, [part for part in code.co_consts if not inspect.iscode(part)])).encode()
    closed = inspect.getclosurevars(inner).nonlocals if inspect.isfunction(inner) else {}
    enclosed = {
        key: value if not callable(value) else getattr(value, "__qualname__", "") for key, value in closed.items()
    }
    return f"{name} #{_digest(text + bound + repr(described(enclosed)).encode())}"


def _of_array(array: np.ndarray) -> bytes:
    if array.dtype.kind == "O":
        return _pickled(array)
    return f"{array.dtype.str}{array.shape}".encode() + np.ascontiguousarray(array).tobytes()


def _content(value: Any) -> bytes:
    leaves, tree = jax.tree.flatten(value)
    if len(leaves) == 1 and leaves[0] is value:  # not a pytree: described by its fields or its pickled bytes
        if dataclasses.is_dataclass(value):
            fields = {field.name: described(getattr(value, field.name)) for field in dataclasses.fields(value)}
            return repr(fields).encode()
        return _pickled(value)
    parts = [repr(described(leaf)) for leaf in leaves]
    # Static parts enter by their repr, from which memory addresses are removed, since they differ between processes.
    return (re.sub(r" at 0x[0-9a-f]+", "", str(tree)) + "".join(parts)).encode()


def _pickled(value: Any) -> bytes:
    try:
        return cloudpickle.dumps(value)
    except (pickle.PicklingError, AttributeError, TypeError):  # such as locks and open files
        return type(value).__qualname__.encode()


def _digest(data: bytes) -> str:
    return blake2b(data, digest_size=6).hexdigest()
