"""Short representations of noises, tasks, probes, networks and activations, with their values."""

import html
import inspect
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

MOST_VALUES = 6  # longest list of numbers that is shown in full
ALL = 100  # all arguments, for `as_call`
MOST_LETTERS = 60  # longest representation of other objects


def shown(value: Any) -> str:
    """Return a short text for a value: numbers and short lists in full, longer arrays by their range or shape.

    Parameters
    ----------
    value : the value

    Examples
    --------
    >>> shown(0.1), shown(np.array([1.0, 2.5])), shown(np.zeros((200, 200)))
    ('0.1', '[1, 2.5]', 'array 200×200')
    >>> shown(np.linspace(20, 125, 200))
    '20 … 125 (200 values)'
    """
    if isinstance(value, Tracer):
        return "traced"
    if value is None or isinstance(value, bool | str | int):
        return repr(value)
    if isinstance(value, float | np.floating):
        return f"{float(value):.6g}"
    if isinstance(value, np.ndarray | np.generic | jax.Array):
        return _array(value)
    if type(value) in (list, tuple):
        inner = [shown(each) for each in value[: MOST_VALUES if len(value) <= MOST_VALUES else 3]]
        inner += [f"… ({len(value)} values)"] if len(value) > MOST_VALUES else []
        left, right = "[]" if isinstance(value, list) else "()"
        return f"{left}{', '.join(inner)}{',' if isinstance(value, tuple) and len(value) == 1 else ''}{right}"
    if inspect.isroutine(value) or hasattr(value, "__wrapped__"):
        return str(getattr(value, "__name__", type(value).__name__))
    text = repr(value)
    own = type(value).__module__.startswith("noisette")
    return text if own or (len(text) <= MOST_LETTERS and "\n" not in text) else f"a {type(value).__name__}"


def _array(value: Any) -> str:
    if jax.numpy.issubdtype(value.dtype, jax.dtypes.prng_key):
        return "a random key"
    array = np.asarray(value)
    if array.ndim > 1 or array.dtype.kind not in "biuf" or array.size == 0:
        return f"array {'×'.join(map(str, array.shape))}"
    if array.ndim == 0:
        return f"{array.item():.6g}" if array.dtype.kind == "f" else str(array.item())
    if array.size <= MOST_VALUES:
        return f"[{', '.join(f'{number:.6g}' for number in array.tolist())}]"
    return f"{extent(array)} ({array.size} values)"


def extent(values: Any) -> str:
    """Return the range of some numbers as text, a single number if they are equal.

    Examples
    --------
    >>> extent(np.array([20.0, 125.0])), extent(np.ones(3))
    ('20 … 125', '1')
    """
    if isinstance(values, Tracer):
        return "traced"
    array = np.asarray(values)
    low, high = float(array.min()), float(array.max())
    return f"{low:.4g}" if low == high else f"{low:.4g} … {high:.4g}"


def as_call(thing: Any, first: int = 1) -> str:
    """Return an object as the call of its class, without the arguments that have their default values.

    Parameters
    ----------
    thing : object whose attributes have the names of the arguments of its class
    first : number of leading arguments that are shown without their names; all but the last of them are always shown

    Examples
    --------
    >>> import noisette as nz
    >>> as_call(nz.Trace(10)), as_call(nz.Trace())
    ('Trace(10)', 'Trace()')
    """
    texts, positional = [], True
    for i, (name, parameter) in enumerate(inspect.signature(type(thing)).parameters.items()):
        value = getattr(thing, name, parameter.empty)
        required = parameter.default is parameter.empty
        if value is parameter.empty or (_is_default(value, parameter.default) and not i < first - 1):
            positional = False
            continue
        positional = positional and parameter.kind is not parameter.KEYWORD_ONLY and (required or i < first)
        texts.append(shown(value) if positional else f"{name}={shown(value)}")
    return f"{type(thing).__name__}({', '.join(texts)})"


def _is_default(value: Any, default: Any) -> bool:
    if default is inspect.Parameter.empty or isinstance(value, Tracer):
        return False
    if value is None or default is None or isinstance(value, str) or callable(value):
        return value is default or (isinstance(value, str) and value == default)
    try:
        return bool(np.array_equal(np.asarray(value), np.asarray(default)))
    except (TypeError, ValueError):
        return False


def as_html(title: str, rows: Mapping[str, str]) -> str:
    """Return a title and a table of names and values as HTML, for notebooks.

    Examples
    --------
    >>> as_html("Network", {"units": "3"})
    '<strong>Network</strong><table><tr><th>units</th><td>3</td></tr></table>'
    """
    body = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>" for name, value in rows.items()
    )
    return f"<strong>{html.escape(title)}</strong><table>{body}</table>"


__all__ = ["as_call", "as_html", "extent", "shown"]
