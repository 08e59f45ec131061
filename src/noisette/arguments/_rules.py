"""Rules for the values of arguments, by their annotations."""

import inspect
import numbers
import os
import typing
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from numpy.typing import ArrayLike

from noisette.errors import LARGEST, InputError, real_array, require
from noisette.keys import ALLOWED, as_key

Function = TypeVar("Function", bound=Callable[..., Any])
Rule = Callable[[Any], Any]  # returns the value, possibly converted; raises `Mismatch`
MOST_MEMBERS = 100  # number of members of a sequence that are checked
BATCHED = ("*", "...", "#")
COLLECTIONS = {Sequence: "a sequence", list: "a list", tuple: "a tuple", Iterable: "a sequence", Mapping: "a mapping"}
COLLECTIONS |= {dict: "a dictionary", set: "a set"}


class Mismatch(Exception):
    """A value of another type than annotated.

    Parameters
    ----------
    allowed : description of the values that are allowed
    words : words from which a question "did you mean …?" is made
    members : the member of a collection that does not fit, if there is one
    message : the whole message, if the class that is required has one of its own
    """

    def __init__(self, allowed: str, words: Iterable[str] = (), members: Sequence[Any] = (), message: str = ""):
        super().__init__(allowed)
        self.allowed, self.words, self.members, self.message = allowed, list(words), list(members), message


def anything(value: Any) -> Any:
    """Return any value unchanged."""
    return value


def key_rule(hint: Any) -> Rule:
    """Return the rule for a random key; integers are converted to JAX keys if only these are annotated."""
    args = get_args(hint)
    rule = _keys if int in args or hint is Any else _jax_key
    return _either((SIMPLE[NoneType], rule)) if NoneType in args else rule


def rule_of(hint: Any) -> Rule:
    """Return the rule for an annotation."""
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return _union(args)
    if origin is Literal:
        return _words(args)
    if origin is type:
        return _class(args[0])
    if origin is Callable and isinstance(args[0], list):
        return _function(len(args[0]))
    if (origin or hint) in SIMPLE:
        return SIMPLE[origin or hint]
    if hint in (np.ndarray, jax.Array):
        return _numbers(["..."], "biufc", hint is jax.Array)
    if hasattr(hint, "dim_str"):
        return _array(hint)
    if origin in COLLECTIONS or hint in COLLECTIONS:
        return _collection(origin or hint, args)
    if isinstance(hint, type) and origin is None and not getattr(hint, "_is_protocol", False) and hint is not object:
        return _instance(hint)
    return anything


def _union(args: tuple[Any, ...]) -> Rule:
    """Return the rule for a union; one that contains `ArrayLike` is left to the function."""
    is_array = [arg in (np.ndarray, jax.Array) or hasattr(arg, "dim_str") for arg in args]
    # arrays come last, since other types are converted to them
    rules = [rule_of(arg) for _, arg in sorted(zip(is_array, args, strict=True), key=lambda pair: pair[0])]
    likes = set(get_args(ArrayLike))
    return anything if likes <= set(args) or anything in rules else _either(rules)


def _either(rules: Iterable[Rule]) -> Rule:
    rules = tuple(rules)

    def either(value: Any) -> Any:
        allowed: list[str] = []
        words: list[str] = []
        members: list[Any] = []
        message = ""
        for rule in rules:
            try:
                return rule(value)
            except Mismatch as mismatch:
                listed = mismatch.words if mismatch.allowed == _listed(mismatch.words) else [mismatch.allowed]
                allowed += listed
                words += mismatch.words
                members += mismatch.members
                if mismatch.members or not message:
                    message = mismatch.message
        distinct = list(dict.fromkeys(allowed))
        if "None" in distinct:  # None comes last
            distinct = [part for part in distinct if part != "None"] + ["None"]
        if "a number" in distinct and "an integer" in distinct:
            distinct.remove("an integer")
        raise Mismatch(_listed(distinct), words, members[:1], message)

    return either


def _listed(parts: Sequence[str]) -> str:
    return " or ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def _words(words: tuple[Any, ...]) -> Rule:
    def one_of(value: Any) -> Any:
        if any(type(value) is type(word) and value == word for word in words):
            return value
        raise Mismatch(_listed([str(word) for word in words]), [str(word) for word in words])

    return one_of


def _simple(allowed: str, fits: Callable[[Any], bool]) -> Rule:
    def simple(value: Any) -> Any:
        if isinstance(value, Tracer) or fits(value):
            return value
        raise Mismatch(allowed, [])

    return simple


def _scalar(value: Any) -> Any:
    """Return the number in an array of zero dimensions; other values are returned unchanged."""
    is_array = isinstance(value, np.ndarray | jax.Array) and value.ndim == 0 and value.dtype.kind in "biuf"
    return np.asarray(value)[()] if is_array and not isinstance(value, np.ma.MaskedArray) else value


def _is_integer(value: Any) -> bool:
    plain = _scalar(value)
    return isinstance(plain, int | np.integer) and not isinstance(plain, bool) and abs(int(plain)) < LARGEST


def _is_number(value: Any) -> bool:
    plain = _scalar(value)
    if not isinstance(plain, numbers.Real) or isinstance(plain, bool | np.bool):
        return False
    try:
        float(plain)
    except (OverflowError, TypeError):  # such as time differences of NumPy
        return False
    return True


def _jax_key(value: Any) -> Any:
    """Return a JAX key, converted from an integer."""
    try:
        return as_key(value)
    except InputError as error:
        raise Mismatch(ALLOWED, message=str(error)) from None


def _keys(value: Any) -> Any:
    """Return a key unchanged after checking it."""
    _jax_key(value)
    return value


def _path(value: Any) -> Path:
    if isinstance(value, str | os.PathLike):
        return Path(value)
    raise Mismatch("a path", [])


def _instance(kind: type) -> Rule:
    name = kind.__name__
    article = "an" if name[0] in "AEIOU" else "a"
    allowed = getattr(kind, "requirement", f"{article} {name}")

    def instance(value: Any) -> Any:
        if isinstance(value, Tracer | kind):
            return value
        refusal = getattr(kind, "refusal", None)
        raise Mismatch(allowed, [name, *_subclasses(kind)], message=refusal(value) if refusal else "")

    return instance


def _subclasses(kind: type) -> list[str]:
    """Return the names of the public classes that derive from a class, for questions "did you mean …?"."""
    try:
        direct = kind.__subclasses__()
    except TypeError:  # of `type` itself
        return []
    names = [name for child in direct for name in (child.__name__, *_subclasses(child))]
    return [name for name in names if not name.startswith("_")]


def _class(base: Any) -> Rule:
    """Return the rule for a class that derives from another class."""
    bound = getattr(base, "__bound__", base) or object
    allowed = f"a class that derives from {getattr(bound, '__name__', bound)}"
    return _simple(allowed, lambda value: isinstance(value, type) and issubclass(value, bound))


def _function(number: int) -> Rule:
    """Return the rule for a function with a number of positional arguments."""

    def accepts(value: Any) -> bool:
        if not callable(value):
            return False
        try:
            inspect.signature(value).bind(*range(number))
        except TypeError:
            return False
        except ValueError:  # functions that are not written in Python may have no signature
            return True
        return True

    return _simple(f"a function of {number} argument{'s' * (number != 1)}", accepts)


def _collection(kind: Any, args: tuple[Any, ...]) -> Rule:
    """Return the rule for a sequence or a mapping, and for its first members."""
    rules = tuple(rule_of(arg) for arg in args if arg is not Ellipsis)
    fixed = kind is tuple and Ellipsis not in args and args
    allowed = COLLECTIONS[kind]

    def collection(value: Any) -> Any:
        if kind is Mapping and not isinstance(value, type | Mapping) and hasattr(value, "keys"):
            value = {key: value[key] for key in value.keys()}  # noqa: SIM118  (a DataFrame iterates over its columns)
        array = kind in (Sequence, Iterable) and isinstance(value, np.ndarray | jax.Array) and value.ndim
        abstract = Iterable if kind is Iterable else kind
        fits = (array or isinstance(value, abstract)) and not isinstance(value, str | bytes | type)
        if not fits or (fixed and len(typing.cast(tuple, value)) != len(args)) or not rules:
            if fits and not rules:
                return value
            raise Mismatch(f"a pair {args}" if fixed else allowed, [])
        if np.ma.is_masked(value):
            raise Mismatch(f"{allowed} without masked values", [])
        if array or isinstance(value, Sequence | set | frozenset):
            members: list[Any] = list(typing.cast("Iterable[Any]", value))[:MOST_MEMBERS]
            pairs = zip(members, rules if fixed else rules[:1] * len(members), strict=True)
        elif isinstance(value, Mapping):
            pairs = [(member, rules[-1]) for member in list(value.values())[:MOST_MEMBERS]]
        else:
            return value
        for member, rule in pairs:
            try:
                rule(member)
            except Mismatch as mismatch:
                described = f"{allowed} of which each member is {mismatch.allowed}"
                raise Mismatch(described, mismatch.words, [member], mismatch.message) from None
        return value

    return collection


def _array(hint: Any) -> Rule:
    """Return the rule for an array annotated with jaxtyping: real numbers with the number of dimensions annotated."""
    dims: list[str] = hint.dim_str.split()
    kinds = str(hint.dtypes)
    if "key" in kinds:
        return _keys
    if "float" not in kinds and "int" not in kinds and "bool" not in kinds:
        return anything
    real = "biufc" if "complex" in kinds else "biuf" if "float" in kinds else "biu"
    allowed = "b" if "float" not in kinds and "int" not in kinds else real
    return _numbers(dims, allowed, hint.array_type is jax.Array)


def _numbers(dims: Sequence[str], kinds: str, of_jax: bool) -> Rule:
    """Return the rule for arrays of numbers; lists and other arrays are converted to arrays of NumPy or JAX."""
    batched = any(dim.startswith(BATCHED) for dim in dims)
    least = sum(not dim.startswith(("*", "...")) for dim in dims)
    shape = f"shape ({', '.join(dims)}{',' if len(dims) == 1 else ''})"
    noun = {"b": "booleans", "biu": "integers", "biuf": "real numbers"}.get(kinds, "numbers")
    allowed = noun if batched and not least else f"{noun}, {shape}"
    convert = jnp.asarray if of_jax else np.asarray

    def array(value: Any) -> Any:
        if isinstance(value, Tracer):
            return value
        if isinstance(value, str | bytes | NoneType | type) or callable(value):
            raise Mismatch(allowed, [])
        numeric = isinstance(value, np.ndarray | jax.Array) and value.dtype.kind in kinds
        if numeric and not isinstance(value, np.ma.MaskedArray):
            converted = value
        else:
            try:
                numbers_only = real_array(value, "values", finite=False)
                integers = kinds == "biu" and np.asarray(value).dtype.kind in "biu"
                require(kinds != "biu" or integers or not numbers_only.size, "values", noun)
                converted = convert(numbers_only.astype({"b": bool, "biu": int}.get(kinds, float)))
            except InputError:
                raise Mismatch(allowed, []) from None
        if converted.ndim < least or (converted.ndim > least and not batched):
            raise Mismatch(allowed, [])
        return converted

    return array


SIMPLE: dict[Any, Rule] = {
    Any: anything,
    NoneType: _simple("None", lambda value: value is None),
    bool: _simple("True or False", lambda value: isinstance(value, bool | np.bool)),
    int: _simple("an integer", _is_integer),
    np.integer: _simple("an integer", _is_integer),
    float: _simple("a number", _is_number),
    np.number: _simple("a number", _is_number),
    str: _simple("text", lambda value: isinstance(value, str)),
    Callable: _simple("a function", callable),
    Path: _path,
}
