"""Output of results as tables and JSON."""

import json
import math
import os
import sys
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from noisette.cli import _streams
from noisette.errors import InputError

WIDTH = 80  # columns of tables if the stream is not a terminal; more if a table has more columns
WIDEST = 1000


def show_json(values: dict[str, Any]) -> None:
    """Print exactly one JSON object on standard output; NaN and infinity are printed as null."""
    unicode = (sys.stdout.encoding or "").lower().startswith("utf")
    print_line(json.dumps(_plain(values), allow_nan=False, ensure_ascii=not unicode))


def print_line(text: str) -> None:
    """Print a line on standard output; if that fails, the computation continues and prints no more."""
    try:
        print(text, flush=True)
    except OSError as error:
        _streams.discard_output(error)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def show_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]], error: bool = False) -> None:
    """Print a table on standard output or on standard error; columns of numbers are aligned to the right."""
    table = Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, title_style="bold")
    rows = [[_cell(value) for value in row] for row in rows]
    for i, column in enumerate(columns):
        numeric = all(_is_number(row[i]) for row in rows)
        table.add_column(column, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        table.add_row(*row)
    stream = sys.stderr if error else sys.stdout
    console = Console(file=stream) if stream.isatty() else Console(file=stream, width=WIDTH)
    narrowest = console.measure(table, options=console.options.update(width=WIDEST)).minimum  # no word is broken
    try:
        Console(file=stream, width=max(console.width, narrowest)).print(table)
    except OSError as failure:
        _streams.discard_output(failure)


def _cell(value: object) -> str:
    return f"{value:.5f}".rstrip("0").rstrip(".") if isinstance(value, float | np.floating) else str(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@contextmanager
def warnings_in_one_line() -> Iterator[None]:
    """Print each warning as one line on standard error, without its location in the source."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield
    for text in dict.fromkeys(str(warning.message) for warning in caught):
        print(f"noisette: {' '.join(text.split())}", file=sys.stderr)


def folder(out: Path | None) -> Path | None:
    """Return the output folder after checking that files can be written; it is created when a file is saved.

    Nothing is left behind, and nothing is removed that another process may use: only a temporary file with a unique
    name is created, in the innermost folder of the path that exists.
    """
    if out is None:
        return None
    try:
        path = out.absolute()
        innermost = next(folder for folder in (path, *path.parents) if folder.exists())
        for name in path.relative_to(innermost).parts:  # raises an error for a name that is too long or has a null
            with suppress(FileNotFoundError):
                os.stat(innermost / name)
        with tempfile.TemporaryFile(prefix=".noisette-", dir=innermost):
            pass
    except (OSError, ValueError) as error:  # ValueError: a null character
        reason = (isinstance(error, OSError) and error.strerror) or str(error)
        raise InputError(
            f"--out {str(out)!r} cannot be written ({reason}); choose a folder with write permission"
        ) from error
    return out
