"""Reading of tables of numbers from text: separators, decimal commas, quotes, labels and edge lists."""

import csv
import re
from typing import NamedTuple

import numpy as np

from noisette.array_files._contents import Labels, Table
from noisette.array_files._graphs import edge_matrix
from noisette.array_files._labels import counts_only
from noisette.errors import InputError, require

COMMENT = re.compile(r"(?:^|(?<=\s))[#%].*")
SEPARATOR = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
DECIMAL_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?|[-+]?\d+(?:[eE][-+]?\d+)?")
SHOWN = 30  # characters of a value in messages
EDGES = ("source", "target")


class Line(NamedTuple):
    """A line of a table: its number in the file, counted from 1, and its cells."""

    number: int
    cells: list[str]


def read_table(text: str, *, square: bool, tabs: bool = False) -> Table:
    """Return the table of numbers in a text.

    Lines that begin with # or % are comments. Cells are separated by the separator in a first line ``sep=;``, otherwise
    by semicolons, tabs, commas or white space, the first of these that occurs. With semicolons or tabs, commas may be
    decimal. The first row and the first column may be labels.

    Parameters
    ----------
    text : contents of the file
    square : whether a square matrix is expected; a first row or column that only counts the units is then omitted
    tabs : whether cells are separated by tabs

    Raises
    ------
    InputError : a text that is not certainly a table of numbers; the message names the line and the column, both
        counted from 1.

    Examples
    --------
    >>> read_table(",a,b\\na,0.5,1\\nb,-1,0.2", square=True)
    Table(values=array([[ 0.5,  1. ],
           [-1. ,  0.2]]), rows=['a', 'b'], columns=['a', 'b'])
    >>> read_table("0,5;1\\n-1;0,2", square=True).values.tolist()
    [[0.5, 1.0], [-1.0, 0.2]]
    """
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    stated = SEPARATOR.fullmatch(lines[0][1]) if lines else None
    lines = [(number, _without_comment(line)) for number, line in lines[1 if stated else 0 :]]
    lines = [(number, line) for number, line in lines if line.strip()]
    require(len(lines) > 0, "it contains no numbers", "a table of numbers")
    separator = stated[1] if stated else _separator([line for _, line in lines], tabs)
    if separator == "\t" or separator is None or not any('"' in line for _, line in lines):
        plain = _plain(lines, separator)
        if plain is not None:
            return _without_counts(plain) if square else Table(plain)
    rows = _decimal_points(_without_trailing(_cells(lines, separator)), separator)
    first = [cell.strip().lower() for cell in rows[0].cells]
    if square and set(EDGES) <= set(first):
        return edge_matrix([row.cells for row in rows], [row.number for row in rows])
    return _labelled(rows, square)


def _without_comment(line: str) -> str:
    """Return a line without its comment; in lines with quotes only a whole line can be a comment."""
    if "#" not in line and "%" not in line:
        return line
    return line if '"' in line and not line.lstrip().startswith(("#", "%")) else COMMENT.sub("", line)


def _separator(lines: list[str], tabs: bool) -> str | None:
    """Return the separator of cells; None for white space."""
    unquoted = [re.sub(r'"[^"]*"', "", line) if '"' in line else line for line in lines]
    for separator in ("\t",) if tabs else (";", "\t", ","):
        if any(separator in line.strip(" ") for line in unquoted):
            return separator
    return None


def _plain(lines: list[tuple[int, str]], separator: str | None) -> np.ndarray | None:
    """Return the matrix of a table that consists of numbers only; None for other tables."""
    try:
        return np.loadtxt([line for _, line in lines], delimiter=separator, ndmin=2, comments=None)
    except (ValueError, TypeError, OverflowError):
        return None


def _cells(lines: list[tuple[int, str]], separator: str | None) -> list[Line]:
    """Return the cells of each line, without quotes."""
    rows = []
    for number, line in lines:
        source = line.strip().replace("\t", " ") if separator is None else line
        try:
            (cells,) = csv.reader([source], delimiter=separator or " ", skipinitialspace=True, strict=True)
        except (csv.Error, ValueError) as error:
            raise InputError(f"line {number} cannot be split into cells: {error}") from None
        rows.append(Line(number, [cell.strip() for cell in cells]))
    return rows


def _without_trailing(rows: list[Line]) -> list[Line]:
    """Return rows without the empty last cell of lines that end in a separator."""
    width = len(rows[-1].cells)
    body = rows[1:] if len(rows) > 1 and len(rows[0].cells) == width - 1 else rows  # labels without a last separator
    if not all(len(row.cells) > 1 and row.cells[-1] == "" for row in body):
        return rows
    return [
        row._replace(cells=row.cells[:-1]) if len(row.cells) == width and not row.cells[-1] else row for row in rows
    ]


def _decimal_points(rows: list[Line], separator: str | None) -> list[Line]:
    """Return rows with decimal points in place of decimal commas."""
    if separator == "," or not any("," in cell for row in rows for cell in row.cells):
        return rows
    for row in rows:
        for column, cell in enumerate(row.cells, 1):
            clash = is_number(cell) and "." in cell
            require(
                not clash,
                f"decimal commas, but line {row.number}, column {column} is {cell[:SHOWN]!r}",
                "one kind of decimal separator",
            )
    return [
        row._replace(cells=[c.replace(",", ".") if DECIMAL_COMMA.fullmatch(c) else c for c in row.cells])
        for row in rows
    ]


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, including nan and inf.

    Examples
    --------
    >>> is_number("-1e3"), is_number("a"), is_number("1_000")
    (True, False, False)
    """
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def _labelled(rows: list[Line], square: bool) -> Table:
    """Return the table of rows of cells, with the labels in the first row and the first column."""
    first, body = rows[0].cells, rows[1:]
    header: Labels = first if body and _is_header(rows[0], len(rows)) else None
    if header is None:
        body = rows
    width = len(body[0].cells)
    for row in body:
        same = f"{len(row.cells)} cells in line {row.number}, {width} in line {body[0].number}"
        require(len(row.cells) == width, same, "the same number of cells in each line")
    shorter = header is not None and len(header) == width - 1  # R omits the label of the column of labels
    corner = header is not None and len(header) == width and header[0] == ""
    index: Labels = None
    if shorter or corner or (width > 1 and not all(is_number(row.cells[0]) for row in body)):
        index = [row.cells[0] for row in body]
    if header is not None and not shorter:
        same = f"{len(header)} labels in line {rows[0].number}, {width} cells in line {body[0].number}"
        require(len(header) == width, same, "one label for each column")
        header = header if index is None else header[1:]
    values = _numbers(body, 0 if index is None else 1)
    if square and index is None and header is not None and values.shape[1] == len(values) + 1:
        column = [cell for cell in (row.cells[0] for row in body)]
        if counts_only(column):
            return Table(values[:, 1:], None, header[1:])
    return _without_counts(values) if square and index is None and header is None else Table(values, index, header)


def _is_header(row: Line, lines: int) -> bool:
    """Return whether the first of several lines contains labels of columns.

    A label of the first row, followed by numbers, looks the same as a title of the labels of rows, followed by numbers
    that label columns; with as many lines as cells, the matrix is square in the second case.
    """
    cells = row.cells
    labelled = [not is_number(cell) for cell in cells]
    if any(labelled[1:]) and not all(labelled[1:]):
        column = labelled.index(True, 1) + 1
        raise InputError(
            f"line {row.number}, column {column} is {cells[column - 1][:SHOWN]!r} in a row of numbers; "
            "a number, or a row of labels"
        )
    return any(labelled[1:]) or (labelled[0] and (cells[0] == "" or len(cells) in (1, lines)))


def _numbers(body: list[Line], skip: int) -> np.ndarray:
    """Return the cells as numbers, without the first `skip` columns."""
    rows = []
    for row in body:
        cells = row.cells[skip:]
        try:
            values = list(map(float, cells))
        except ValueError:
            values = []
        if not values or any("_" in cell for cell in cells):
            column = next((place for place, cell in enumerate(cells) if not is_number(cell)), 0)
            shown = f"is {cells[column][:SHOWN]!r}" if cells and cells[column] else "is empty"
            raise InputError(f"line {row.number}, column {column + skip + 1} {shown}; a number")
        rows.append(values)
    return np.array(rows)


def _without_counts(values: np.ndarray) -> Table:
    """Return a matrix without a first row or first column that only counts, if it is square without it."""
    rows, columns = values.shape
    if rows == columns + 1 and _counts(values[0]):
        return Table(values[1:])
    if columns == rows + 1 and _counts(values[:, 0]):
        return Table(values[:, 1:])
    return Table(values)


def _counts(values: np.ndarray) -> bool:
    return values.size > 1 and any(np.array_equal(values, np.arange(values.size) + first) for first in (0, 1))
