"""Numbers, lists and matrices that are written as text."""

from typing import Any

from noisette.errors import InputError, require, shown

FORM = "numbers separated by commas, in rows separated by semicolons, such as '1,-2;1,-1.5'"


def written_numbers(value: Any, name: str) -> Any:
    """Return the numbers that a text contains: a number, a list, or a list of rows; other values are unchanged.

    The entries of a list may also be texts.

    Parameters
    ----------
    value : text, or the numbers themselves
    name : description for error messages

    Raises
    ------
    InputError : If an entry is no number, or the rows have different lengths.

    Examples
    --------
    >>> written_numbers("0.5", "bias"), written_numbers("400,100", "sizes"), written_numbers("1,-2;1,-1.5", "mean")
    (0.5, [400.0, 100.0], [[1.0, -2.0], [1.0, -1.5]])
    """
    if isinstance(value, list):
        return [written_numbers(entry, name) for entry in value]
    if not isinstance(value, str):
        return value
    try:
        rows = [[float(entry) for entry in row.split(",")] for row in value.split(";")]
    except ValueError as error:
        raise InputError(f"{name} {shown(value)} cannot be read; {FORM}") from error
    require(
        len({len(row) for row in rows}) == 1, f"{name} {shown(value)}", "rows of the same length, such as '1,-2;1,-2'"
    )
    if len(rows) > 1:
        return rows
    return rows[0][0] if len(rows[0]) == 1 else rows[0]


__all__ = ["written_numbers"]
