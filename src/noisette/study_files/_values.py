"""Values of a coordinate: a list, or linearly or logarithmically spaced numbers."""

import math
from typing import Any

import numpy as np

from noisette.errors import InputError, require

SPACING = ("from", "to", "count", "step", "scale")
MOST = 1_000_000  # largest number of values of a coordinate
FORM = 'a list, { from = a, to = b, step = d }, or { from = a, to = b, count = n }, optionally with scale = "log"'


def read_values(values: Any) -> list[Any]:
    """Return the values of a coordinate.

    Parameters
    ----------
    values : a list, or a table with ``from``, ``to`` and either ``count`` or ``step``; with ``count``, the option
        ``scale = "log"`` selects logarithmic spacing

    Raises
    ------
    InputError : If the values have another form, a value is NaN, a bound is infinite, or there are over 10⁶ values.

    Examples
    --------
    >>> read_values({"from": 1, "to": 100, "count": 3, "scale": "log"})
    [1.0, 10.0, 100.0]
    """
    if isinstance(values, list) and values:
        _count(len(values))
        if any(value != value for value in values):
            raise InputError(f"{FORM}, of values other than NaN")
        return values
    if not isinstance(values, dict) or not {"from", "to"} <= values.keys() <= set(SPACING):
        raise InputError(FORM)
    numbers = [values[key] for key in ("from", "to", "step") if key in values]
    if not all(_is_number(number) and math.isfinite(number) for number in numbers):
        raise InputError(f"{FORM}, of finite numbers; infinity is allowed only in a list")
    first, last, count = values["from"], values["to"], values.get("count")
    log = values.get("scale") == "log"
    if values.get("scale", "log") != "log":
        raise InputError(FORM)
    if "step" in values:
        step = values["step"]
        if log or count is not None or step <= 0 or last < first:
            raise InputError(FORM)
        length = (last - first) / step
        return (first + step * np.arange(_count(length + 1e-9 if math.isfinite(length) else 1e308) + 1)).tolist()
    if not isinstance(count, int) or isinstance(count, bool) or count < 1 or (log and not 0 < first <= last):
        raise InputError(FORM)
    return (np.geomspace if log else np.linspace)(first, last, _count(count)).tolist()


def _count(count: float) -> int:
    """Return a number of values as an integer; raise `InputError` if it is too large."""
    require(count <= MOST, f"{float(min(count, 10**300)):.10g} values", f"at most {MOST:,}", "give fewer values")
    return int(count)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
