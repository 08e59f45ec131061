"""Standard output and standard error that print every text, whatever their encoding, even if they are closed."""

import codecs
import os
import sys
import unicodedata

REPLACEMENTS = {
    **{"−": "-", "–": "-", "—": "-", "…": "...", "×": "x", "·": "*", "±": "+-", "≤": "<=", "≥": ">=", "≈": "~"},
    **{"→": "->", "←": "<-", "∞": "inf", "√": "sqrt", "²": "^2", "³": "^3", "‘": "'", "’": "'", "“": '"', "”": '"'},
    **{"│": "|", "─": "-", "━": "-", "╸": "-", "╺": "-", "•": "*", "∂": "d", "∈": "in", "∝": "~", "⟨": "<", "⟩": ">"},
}


def transliterated(text: str) -> str:
    """Return text in ASCII: Greek letters by name, accents removed, other characters as ``?``.

    Examples
    --------
    >>> transliterated("σ ≤ 0.5, Poincaré")
    'sigma <= 0.5, Poincare'
    """
    return "".join(letter if letter.isascii() else _replacement(letter) for letter in text)


def _replacement(letter: str) -> str:
    if letter in REPLACEMENTS:
        return REPLACEMENTS[letter]
    name = unicodedata.name(letter, "")
    if name.startswith(("GREEK SMALL LETTER ", "GREEK CAPITAL LETTER ")):
        word = name.split()[3].lower().replace("lamda", "lambda")
        return word.capitalize() if "CAPITAL" in name else word
    plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore").decode()
    return plain or "?"


def _replace(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return transliterated(error.object[error.start : error.end]), error.end


def prepare() -> None:
    """Make standard output and standard error print every text.

    Characters that the encoding lacks are replaced, and a stream that is closed is replaced by one that discards its
    text, so that a result is never lost because it cannot be printed.
    """
    codecs.register_error("noisette", _replace)
    for name in ("stdin", "stdout", "stderr"):  # in the order of their descriptors, which `open` fills
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115
        elif name != "stdin" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="noisette")


_errors: list[OSError] = []  # of standard output, other than the end of the reader of a pipe


def discard_output(error: OSError) -> None:
    """Discard the rest of standard output after an error; report the error unless the reader of a pipe has ended."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if not isinstance(error, BrokenPipeError):
        _errors.append(error)
        reason = error.strerror or error
        print(f"noisette: standard output cannot be written ({reason}); saved files are complete", file=sys.stderr)


def finish() -> bool:
    """Write the rest of standard output, and return whether no part of it was lost, except to a pipe that ended."""
    try:
        sys.stdout.flush()
    except OSError as error:
        discard_output(error)
    return not _errors
