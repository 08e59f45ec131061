"""Standard JSON, in which infinity and NaN, which have no literals, are written as objects."""

import json
import math
from typing import Any

KEY = "float"  # {"float": "inf"}, {"float": "-inf"}, {"float": "nan"}


def to_json(value: Any, indent: int | None = None) -> str:
    """Return plain data as standard JSON; `from_json` restores the same values.

    Examples
    --------
    >>> to_json({"time": [0.5, math.inf]})
    '{"time": [0.5, {"float": "inf"}]}'
    >>> from_json('{"time": [0.5, {"float": "inf"}]}')
    {'time': [0.5, inf]}
    """
    return json.dumps(_encoded(value), indent=indent, ensure_ascii=False, allow_nan=False)


def from_json(text: str) -> Any:
    """Return the data written by `to_json`."""
    return json.loads(text, object_hook=_decoded)


def _encoded(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return {KEY: str(float(value))}
    if isinstance(value, dict):
        return {name: _encoded(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_encoded(inner) for inner in value]
    return value


def _decoded(read: dict[str, Any]) -> Any:
    text = read.get(KEY)
    return float(text) if read.keys() == {KEY} and text in ("inf", "-inf", "nan") else read
