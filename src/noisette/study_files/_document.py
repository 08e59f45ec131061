"""TOML documents with the line numbers of their keys."""

import re
import tomllib
from pathlib import Path
from typing import Any

from noisette.errors import InputError

Place = tuple[str, ...]  # a key preceded by the names of its tables
LONGEST = 100  # characters of a value in an error message
KEY = r"(?:\"[^\"]*\"|'[^']*'|[\w-]+)"
HEADER = re.compile(rf"\s*\[\s*({KEY}(?:\s*\.\s*{KEY})*)\s*\]")
ASSIGNMENT = re.compile(rf"\s*({KEY}(?:\s*\.\s*{KEY})*)\s*=")


class Document:
    """The values of a TOML file, with error messages that contain line numbers.

    Parameters
    ----------
    file : TOML file

    Raises
    ------
    InputError : If the file does not exist, cannot be read or is not valid TOML.
    """

    def __init__(self, file: Path):
        self.file = file
        try:
            text = file.read_text(encoding="utf-8")
            self.values = tomllib.loads(text)
        except FileNotFoundError as error:
            raise InputError(f"study file {str(file)!r} does not exist; give a .toml file") from error
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"study file {str(file)!r} cannot be read ({error}); give a .toml file") from error
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise InputError(f"study file {str(file)!r} is not TOML: {error}") from error
        self.lines = line_numbers(text)

    def error(self, place: Place, value: Any, allowed: str) -> InputError:
        """Return the error for a value, with the line of its key or of the innermost table that has one."""
        prefixes = (place[:n] for n in range(len(place), 0, -1))
        line = next((self.lines[key] for key in prefixes if key in self.lines), 1)
        shown = "" if value is None else f" = {short_repr(value)}"
        return InputError(f"{self.file.name} line {line}: {'.'.join(place)}{shown}; {allowed}")

    def table(self, name: str) -> dict[str, Any]:
        """Return a top-level table; raise `InputError` if there is none."""
        table = self.values.get(name)
        if not isinstance(table, dict):
            raise self.error(
                (name,),
                table,
                f"a section [{name}] is required; the file contains {', '.join(self.values) or 'nothing'}",
            )
        return table


def short_repr(value: Any) -> str:
    """Return the representation of a value, without the middle part if it is long.

    Examples
    --------
    >>> short_repr("gain"), len(short_repr("x" * 10_000))
    ("'gain'", 101)
    """
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST // 2]}…{text[-LONGEST // 2 :]}"


def line_numbers(text: str) -> dict[Place, int]:
    """Return the line numbers of the tables and keys of a TOML document; keys of inline tables are omitted.

    Examples
    --------
    >>> line_numbers("[a]\\nb.c = 1")
    {('a',): 1, ('a', 'b'): 2, ('a', 'b', 'c'): 2}
    """
    lines: dict[Place, int] = {}
    table: Place = ()
    in_string = False
    for number, line in enumerate(text.splitlines(), 1):
        match = None if in_string else HEADER.match(line) or ASSIGNMENT.match(line)
        in_string ^= (line.count('"""') + line.count("'''")) % 2 == 1
        if match is None:
            continue
        names = tuple(name.strip("\"'") for name in re.findall(KEY, match[1]))
        place = names if match.re is HEADER else (*table, *names)
        for n in range(1, len(place) + 1):
            lines.setdefault(place[:n], number)
        table = place if match.re is HEADER else table
    return lines
