"""Words of the registry as they may stand in an address: no files, no modules, and sizes that a page can compute."""

from math import inf

from noisette.app.uploads import PREFIX
from noisette.errors import InputError, require
from noisette.registry import ENTRIES
from noisette.weights import PLUS


def word(kind: str, text: str) -> str:
    """Return a word of the registry with its arguments, after checking that it names no file and no code.

    Words that are arguments of others, as in ``smoothed:σ,ACTIVATION``, are checked too.

    Parameters
    ----------
    kind : key of `noisette.registry.ENTRIES`
    text : word with its arguments

    Raises
    ------
    InputError : If a word is unknown.

    Examples
    --------
    >>> word("weights", "autapses:10")
    'autapses:10'
    >>> word("weights", "os:system")
    Traceback (most recent call last):
    noisette.errors.InputError: 'os:system'; autapses:W[:N], hopfield:CODES:J[:N], ...
    """
    known = {entry.word: entry.form for entry in ENTRIES[kind]}
    name, _, arguments = text.partition(":")
    require(name in known, f"{text[:40]!r}", ", ".join(known.values()))
    names = known[name].partition(":")[2].split(",")
    if names[-1] == "ACTIVATION":
        word(kind, arguments.split(",", len(names) - 1)[-1])
    return text


def weights_word(text: str, most: int) -> str:
    """Return a word for weights, or the name of an uploaded file, of at most `most` units.

    Parameters
    ----------
    text : word with its arguments, or the name that an uploaded file has
    most : largest number of units

    Raises
    ------
    InputError : If the word is unknown, or names more units.
    """
    if text.startswith(PREFIX):
        return text
    terms = [word("weights", term) for term in PLUS.split(text)]
    require(max(map(_size, terms)) <= most, f"{text[:40]!r}", f"at most {most} units on this page")
    return text


def _size(text: str) -> float:
    """Return the number of units that a word states; 0 if it states none, infinity if it cannot be read."""
    form = next(entry.form for entry in ENTRIES["weights"] if entry.word == text.partition(":")[0])
    names, parts = form.replace("[", "").replace("]", "").split(":"), text.split(":")
    place = next((place for place, name in enumerate(names) if name in ("N", "SIZES")), len(parts))
    if len(parts) <= place:
        return 0
    try:
        return sum(int(number) for number in parts[place].split(","))
    except ValueError:
        return inf


def activation_word(text: str) -> str:
    """Return a word for an activation; raise `InputError` if it is unknown or cannot be read."""
    from noisette.activations import from_string

    try:
        from_string(word("activations", text))
    except (TypeError, ValueError, OverflowError) as error:
        raise InputError(str(error)) from error
    return text


__all__ = ["activation_word", "weights_word", "word"]
