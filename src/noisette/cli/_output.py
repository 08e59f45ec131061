"""Output of results as tables and JSON."""

import json
import math
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

from noisette.errors import InputError

WIDTH = 80  # columns of tables if the stream is not a terminal; more if a table has more columns
WIDEST = 1000


def show_json(values: dict[str, Any]) -> None:
    """Print exactly one JSON object on standard output; NaN and infinity are printed as null."""
    sys.stdout.write(json.dumps(_plain(values), allow_nan=False, ensure_ascii=False) + "\n")


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
    Console(file=stream, width=max(console.width, narrowest)).print(table)


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
    """Return the output folder after checking that it is writable; the folder is created when a file is saved."""
    if out is None:
        return None
    missing = [path for path in (out, *out.parents) if not path.exists()]
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / ".noisette-write-test"
        probe.touch()
        probe.unlink()
        for path in missing:
            path.rmdir()
    except OSError as error:
        raise InputError(
            f"--out {str(out)!r} cannot be written ({error.strerror}); choose a folder with write permission"
        ) from error
    return out
