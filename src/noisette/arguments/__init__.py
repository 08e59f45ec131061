"""Validation of the arguments of public functions by their annotations.

A function with the decorator `check_arguments` refuses arguments of a type that its annotations exclude, in one line
and before any computation. Ranges, shapes and combinations of arguments are checked by the functions themselves.
"""

import functools
import inspect
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from typing import Any, TypeVar, Unpack, get_args, get_origin, get_type_hints

from noisette.arguments._rules import Mismatch, Rule, anything, key_rule, rule_of
from noisette.errors import InputError, shown
from noisette.signatures import readable_signature

Function = TypeVar("Function", bound=Callable[..., Any])


def nearest(word: object, words: Iterable[str]) -> str:
    """Return the question "did you mean …?" with the closest word, for an error message; empty if none is close.

    Examples
    --------
    >>> nearest("eulre", ["auto", "euler", "heun"])
    'did you mean euler?'
    """
    known = {other.lower(): other for other in words}
    close = get_close_matches(word.lower(), known, 1) if isinstance(word, str) else []
    return f"did you mean {known[close[0]]}?" if close else ""


def check_arguments(function: Function) -> Function:
    """Return a function that checks its arguments by their annotations when it is called.

    Numbers, words of a `Literal`, booleans, paths, callables, arrays, sequences, mappings and instances of classes are
    checked. Arguments annotated as arrays of NumPy or JAX may also be lists, and are converted. The signature names
    types as they are written in the source.

    Parameters
    ----------
    function : function, method or dataclass with annotations

    Raises
    ------
    InputError : When the function is called with an argument of another type, without a required argument, or with
        one that it does not have.

    Examples
    --------
    >>> from typing import Literal
    >>> @check_arguments
    ... def repeated(word: Literal["yes", "no"], times: int = 2) -> str:
    ...     return word * times
    >>> repeated("no")
    'nono'
    >>> repeated("yse")
    Traceback (most recent call last):
    noisette.errors.InputError: word 'yse'; yes or no; did you mean yes?
    >>> repeated()
    Traceback (most recent call last):
    noisette.errors.InputError: repeated without the argument word; it requires word
    >>> repeated("no", tmies=2)
    Traceback (most recent call last):
    noisette.errors.InputError: repeated with the argument tmies; its arguments are word, times; did you mean times?
    """
    if isinstance(function, type):
        function.__init__ = check_arguments(function.__init__)
        return typing.cast(Function, function)
    signature = inspect.signature(function)
    variable = next((p.name for p in signature.parameters.values() if p.kind is p.VAR_KEYWORD), None)

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        rules = _rules(function)
        try:
            bound = signature.bind_partial(*args, **kwargs)
        except TypeError as error:
            raise _unknown(function, signature, args, kwargs, error) from None
        for name, value in bound.arguments.items():
            if name == variable:
                options = _options(function, name)
                if options and not value.keys() <= options.keys():
                    raise _unknown(function, signature, args, value)
                bound.arguments[name] = {key: _value(rules, key, each) for key, each in value.items()}
            else:
                bound.arguments[name] = _value(rules, name, value)
        _require_all(function, signature, args, bound)
        return function(*bound.args, **bound.kwargs)

    call.__signature__ = readable_signature(function)  # type: ignore[attr-defined]
    return typing.cast(Function, call)


@functools.cache
def _options(function: Any, name: str) -> dict[str, Any]:
    """Return the annotations of keyword arguments that are described by a `TypedDict`; empty for others."""
    hint = get_type_hints(inspect.unwrap(function)).get(name)
    return get_type_hints(get_args(hint)[0]) if get_origin(hint) is Unpack else {}


def _name(function: Callable[..., Any], args: Sequence[Any]) -> str:
    """Return the name of a function, or of the class that is constructed, for error messages."""
    return type(args[0]).__name__ if function.__name__ == "__init__" else function.__name__


def _unknown(
    function: Callable[..., Any],
    signature: inspect.Signature,
    args: Sequence[Any],
    keywords: Mapping[str, Any],
    error: object = "",
) -> InputError:
    """Return the error for arguments that a function does not have."""
    known = [name for name in signature.parameters if name != "self"]
    last = signature.parameters[known[-1]] if known else None
    if last is not None and last.kind is last.VAR_KEYWORD:
        known = [*known[:-1], *_options(function, last.name)]
    unknown = [name for name in keywords if name not in known]
    name = _name(function, args)
    problem = f"{name} with the argument {unknown[0]}" if unknown else f"{name}: {error}"
    allowed = f"its arguments are {', '.join(known)}"
    return InputError("; ".join(filter(None, (problem, allowed, nearest(unknown[0], known) if unknown else ""))))


def _require_all(
    function: Callable[..., Any], signature: inspect.Signature, args: Sequence[Any], bound: inspect.BoundArguments
) -> None:
    """Raise `InputError` if a required argument is missing."""
    variable = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = [p.name for p in signature.parameters.values() if p.default is p.empty and p.kind not in variable]
    missing = [name for name in required if name not in bound.arguments]
    if missing:
        several, needed = "s" * (len(missing) > 1), ", ".join(name for name in required if name != "self")
        problem = f"{_name(function, args)} without the argument{several} {', '.join(missing)}"
        remedy = "; for example key=0" if missing == ["key"] else ""
        raise InputError(f"{problem}; it requires {needed}{remedy}")


def check_fields(instance: object) -> None:
    """Check the fields of an instance by the annotations of its class; for ``__post_init__`` and ``__check_init__``.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Options:
    ...     tolerance: float = 1e-7
    ...
    ...     def __post_init__(self):
    ...         check_fields(self)
    >>> Options("1e-7")
    Traceback (most recent call last):
    noisette.errors.InputError: tolerance '1e-7'; a number
    """
    rules = _rules(type(instance))
    for name in rules:
        if hasattr(instance, name):
            _value(rules, name, getattr(instance, name))


def _value(rules: Mapping[str, Rule], name: str, value: Any) -> Any:
    """Return the value of an argument, converted where its annotation requires it; raise for other types."""
    if name not in rules:
        return value
    try:
        return rules[name](value)
    except Mismatch as mismatch:
        if mismatch.message:
            raise InputError(mismatch.message) from None
        allowed, words, members = mismatch.allowed, mismatch.words, mismatch.members
        description = f"with the member {shown(members[0])}" if members else shown(value)
        value = members[0] if members else value
        remedy = nearest(value, words)
        if isinstance(value, type) and not remedy and allowed.startswith(("a ", "an ")):
            remedy = f"give an instance, such as {value.__name__}(…)"
        raise InputError("; ".join(filter(None, (f"{name} {description}", allowed, remedy)))) from None


@functools.cache
def _rules(function: Any) -> dict[str, Rule]:
    """Return the rule for each argument of a function, or field of a class, that has a checkable annotation."""
    hints = get_type_hints(inspect.unwrap(function))
    hints.pop("return", None)
    for name, hint in list(hints.items()):
        if get_origin(hint) is Unpack:  # the options of a `TypedDict`
            del hints[name]
            hints |= _options(function, name)
    rules = {name: key_rule(hint) if name == "key" else rule_of(hint) for name, hint in hints.items()}
    return {name: rule for name, rule in rules.items() if rule is not anything}


__all__ = ["check_arguments", "check_fields", "nearest"]
