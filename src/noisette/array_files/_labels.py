"""Labels of rows and columns as names of units, and matrices with such names."""

import re

import numpy as np

from noisette.array_files._contents import Labels
from noisette.errors import InputError, require

NUMBERED = re.compile(r"[VX]?(\d{1,9})")  # V1, V2, … are the default names of R


class LabelledMatrix(np.ndarray):
    """Weight matrix with names of the units.

    The names are kept by the matrix itself, not by results of computations with it.

    Attributes
    ----------
    unit_names : names of the units, in the order of rows and columns; None if there are none

    Examples
    --------
    >>> matrix = labelled(np.eye(2), ("AVAL", "AVAR"))
    >>> matrix.unit_names, (2 * matrix).unit_names
    (('AVAL', 'AVAR'), None)
    """

    unit_names: tuple[str, ...] | None = None


def labelled(matrix: np.ndarray, names: tuple[str, ...] | None) -> np.ndarray:
    """Return a matrix with names of its units; without names, the matrix itself.

    Examples
    --------
    >>> type(labelled(np.eye(2), None)).__name__
    'ndarray'
    """
    if names is None:
        return matrix
    view = matrix.view(LabelledMatrix)
    view.unit_names = names
    return view


def counts_only(labels: list[str]) -> bool:
    """Return whether labels only count, from 0 or from 1, so that they are no names.

    Examples
    --------
    >>> counts_only(["1", "2"]), counts_only(["V1", "V2"]), counts_only(["2", "1"])
    (True, True, False)
    """
    matches = [NUMBERED.fullmatch(label) for label in labels]
    numbers = [int(match[1]) if match else -1 for match in matches]
    return numbers in (list(range(len(labels))), list(range(1, len(labels) + 1)))


def unit_names(rows: Labels, columns: Labels, what: str) -> tuple[str, ...] | None:
    """Return the names of units from the labels of rows and columns; None if there are no labels, or they only count.

    Parameters
    ----------
    rows, columns : labels of the rows and columns of a square matrix; None if there are none
    what : description of the matrix for error messages

    Raises
    ------
    InputError : labels that occur twice, or rows and columns with different labels or in a different order.

    Examples
    --------
    >>> unit_names(["AVAL", "AVAR"], None, "weights")
    ('AVAL', 'AVAR')
    >>> unit_names(["a", "b"], ["b", "a"], "weights")
    Traceback (most recent call last):
    noisette.errors.InputError: weights with row 1 'a' and column 1 'b'; the same units in the same order in rows ...
    """
    named = [labels for labels in (rows, columns) if labels is not None and not counts_only(labels)]
    for labels in named:
        twice = (
            next((label for label in labels if labels.count(label) > 1), None)
            if len(set(labels)) < len(labels)
            else None
        )
        require(twice is None, f"{what} with two units labelled {twice!r}", "a different label for each unit")
    if len(named) == 2 and named[0] != named[1]:
        place = next(n for n, pair in enumerate(zip(*named, strict=False)) if pair[0] != pair[1])
        remedy = (
            "sort both alike, as in frame.loc[names, names]" if set(named[0]) == set(named[1]) else "correct the labels"
        )
        raise InputError(
            f"{what} with row {place + 1} {named[0][place]!r} and column {place + 1} {named[1][place]!r}; "
            f"the same units in the same order in rows (targets) and columns (sources); {remedy}"
        )
    return tuple(named[0]) if named else None
