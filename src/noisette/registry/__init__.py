"""Registry of the words for weights, activations, noises, networks, probes, tasks, measures and papers.

`ENTRIES` lists all words. It is used by the command line and by study files, and printed by ``noisette list``. The
function ``from_string`` of each package converts a word to an object. Objects that are not in the registry are
imported:

``MODULE:NAME`` or ``FILE.py:NAME``
    a class or a function that returns the object, or the object itself
``MODULE:NAME:NUMBERS``
    a class or a function called with comma-separated numbers: ``my_noise:Shot:0.5,2`` gives ``Shot(0.5, 2)``
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from noisette.errors import InputError, require
from noisette.imports import import_object
from noisette.registry._entries import ENTRIES, Entry

SINGULAR = {kind: kind if kind == "weights" else kind.removesuffix("s") for kind in ENTRIES}
IMPORTED = re.compile(r"(?P<place>(?:.+?\.py|[A-Za-z_][\w.]*):[A-Za-z_]\w*)(?::(?P<arguments>.*))?")


def words(kind: str) -> list[str]:
    """Return the words of one kind.

    Parameters
    ----------
    kind : key of `ENTRIES`

    Examples
    --------
    >>> words("networks")
    ['rate', 'populations', 'boltzmann', 'sign']
    """
    return [entry.word for entry in ENTRIES[kind]]


@dataclass(frozen=True)
class Name:
    """The name of an object, with the object or its constructor, and the arguments in the name.

    Parameters
    ----------
    kind : key of `ENTRIES`
    text : the name
    form : form of the name
    maker : imported class, function or object
    arguments : part of the name that follows the word or ``MODULE:NAME`` and a colon
    imported : whether the name is a ``MODULE:NAME``
    """

    kind: str
    text: str
    form: str
    maker: Any
    arguments: str
    imported: bool

    def unreadable(self) -> InputError:
        """Return the error for arguments that do not match the form."""
        return InputError(f"{SINGULAR[self.kind]} {self.text!r} cannot be read; the form is {self.form}")

    def values(self, readers: Mapping[str, Callable[[str], Any]] | None = None) -> list[Any]:
        """Return the comma-separated arguments of a word, by default converted to numbers.

        Parameters
        ----------
        readers : functions that convert arguments other than numbers, by the name of the argument in the form

        Examples
        --------
        >>> lookup("noises", "pulse:7,0").values()
        [7.0, 0.0]
        """
        names = re.findall(r"[^:,\[\]]+", self.form)[1:]
        required = len(re.findall(r"[^:,]+", self.form.partition("[")[0])) - 1
        texts = self.arguments.split(",", max(len(names) - 1, 0)) if self.arguments else []
        if not required <= len(texts) <= len(names):
            raise self.unreadable()
        try:
            return [(readers or {}).get(name, float)(text) for name, text in zip(names, texts, strict=False)]
        except InputError:
            raise
        except ValueError:
            raise self.unreadable() from None

    def numbers(self) -> list[int | float]:
        """Return the arguments of ``MODULE:NAME:NUMBERS``; numbers without a decimal point are integers.

        Examples
        --------
        >>> lookup("weights", "math:hypot:3,4.0").numbers()
        [3, 4.0]
        """
        try:
            return [_number(text) for text in self.arguments.split(",")] if self.arguments else []
        except ValueError:
            raise self.unreadable() from None

    def call(self, *arguments: Any, **keywords: Any) -> Any:
        """Call the maker, after checking that it accepts the arguments.

        Raises
        ------
        InputError : If the maker does not accept the arguments.

        Examples
        --------
        >>> lookup("weights", "math:hypot").call(3, 4)
        5.0
        """
        try:
            signature = inspect.signature(self.maker)
        except ValueError:  # functions that are not written in Python may have no signature
            return self.maker(*arguments, **keywords)
        try:
            signature.bind(*arguments, **keywords)
        except TypeError as error:
            known = ", ".join(signature.parameters) or "(none)"
            raise InputError(f"{SINGULAR[self.kind]} {self.text}: {error}; its parameters are {known}") from error
        return self.maker(*arguments, **keywords)

    def build(self, is_product: Callable[[Any], bool], expected: str, **keywords: Any) -> Any:
        """Return the named object: the maker itself if it is suitable, otherwise the result of calling it.

        The maker is called with the numbers in the name.

        Parameters
        ----------
        is_product : function that returns whether a value is a suitable object
        expected : description of suitable objects, for error messages
        keywords : further arguments of the maker

        Raises
        ------
        InputError : If neither the maker nor its result is suitable, or the arguments do not fit.
        """
        noun = SINGULAR[self.kind]
        if is_product(self.maker):
            unused = ", ".join([*self.arguments.split(","), *keywords]).strip(", ")
            require(
                not unused, f"{noun} {self.text!r} with {unused}", f"{self.form.partition('[')[0]} takes no arguments"
            )
            return self.maker
        require(
            callable(self.maker),
            f"{noun} {self.text!r} is a {type(self.maker).__name__}",
            f"a class or function that returns {expected}, or the object itself",
        )
        product = self.call(*self.numbers(), **keywords)
        require(is_product(product), f"{noun} {self.text!r} returns a {type(product).__name__}", expected)
        return product


def _number(text: str) -> int | float:
    try:
        return int(text)
    except ValueError:
        return float(text)


def lookup(kind: str, text: str, alike: Callable[[Any], bool] = callable) -> Name:
    """Return the object or constructor that a string names, with the arguments in the string.

    Parameters
    ----------
    kind : key of `ENTRIES`
    text : word with its arguments, or ``MODULE:NAME`` or ``FILE.py:NAME``, optionally followed by ``:NUMBERS``
    alike : function that returns whether an object of a module is of this kind; used to list alternatives in errors

    Raises
    ------
    InputError : If the word is unknown, or the module or name does not exist.

    Examples
    --------
    >>> lookup("activations", "pade:0.5,0").arguments
    '0.5,0'
    >>> lookup("activations", "tahn")
    Traceback (most recent call last):
    noisette.errors.InputError: unknown activation 'tahn'; activations are tanh, ... did you mean tanh?
    """
    require(isinstance(text, str), f"{SINGULAR[kind]} {text!r}", "a string; see `noisette list`")
    word, _, arguments = text.partition(":")
    for entry in ENTRIES[kind]:
        if entry.word == word:
            return Name(kind, text, entry.form, entry.load(), arguments, False)
    nearest = _nearest(kind, word)
    match = IMPORTED.fullmatch(text)
    if match is None:
        forms = ", ".join(entry.form for entry in ENTRIES[kind])
        files = ", a file (.npy, .npz, .csv, .tsv, .txt, .mat, .graphml)" if kind == "weights" else ""
        known = f"{kind} are {forms}{files}, or MODULE:NAME of your own"
        raise InputError(f"unknown {SINGULAR[kind]} {text!r}; {known}{nearest}")
    try:
        maker = import_object(match["place"], SINGULAR[kind], alike)
    except InputError as error:
        raise InputError(f"{error}{nearest}") from error
    return Name(kind, text, f"{match['place']}[:NUMBERS]", maker, match["arguments"] or "", True)


def _nearest(kind: str, word: str) -> str:
    """Return the end of an error message that suggests the closest word or class name; empty if there is none."""
    proposals = {name.lower(): e.form for e in ENTRIES[kind] for name in (e.maker.partition(":")[2], e.word)}
    close = get_close_matches(word.lower(), proposals, 1)
    return f"; did you mean {proposals[close[0]]}?" if close else ""


__all__ = ["ENTRIES", "IMPORTED", "SINGULAR", "Entry", "Name", "lookup", "words"]
