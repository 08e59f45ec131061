"""Readable signatures: annotations are shown by the names with which they are written."""

import inspect
import types
from collections.abc import Callable
from typing import Any, TypeVar, Union, get_args, get_origin

Function = TypeVar("Function", bound=Callable[..., Any])


class Spelled:
    """An annotation with the text that `help` and `inspect.signature` show for it."""

    def __init__(self, text: str):
        self.text = text

    def __repr__(self) -> str:
        return self.text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Spelled) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


def readable_signature(function: Callable[..., Any]) -> inspect.Signature:
    """Return the signature of a function with short annotations, such as ``ArrayLike`` instead of its definition.

    Parameters
    ----------
    function : function whose module defines or imports the aliases

    Examples
    --------
    >>> import noisette as nz
    >>> str(inspect.signature(nz.theory.mean_field))[:55]
    '(activation: Activation, gain: ArrayLike | Array, noise'
    """
    signature = inspect.signature(function)
    names = getattr(inspect.unwrap(function), "__globals__", {})
    unions = {name: set(get_args(value)) for name, value in names.items() if _is_union(value)}
    aliases = {id(value): name for name, value in names.items() if get_args(value) and not _is_union(value)}

    def spelled(annotation: Any) -> Any:
        return annotation if annotation is inspect.Parameter.empty else Spelled(_text(annotation, unions, aliases))

    parameters = [p.replace(annotation=spelled(p.annotation)) for p in signature.parameters.values()]
    return signature.replace(parameters=parameters, return_annotation=spelled(signature.return_annotation))


def shorten_signatures(kind: type) -> None:
    """Give the methods of a class readable signatures.

    Examples
    --------
    >>> import noisette as nz
    >>> inspect.signature(nz.RateNetwork.with_gain)
    <Signature (self, gain: ArrayLike | Array) -> RateNetwork>
    """
    for _, method in inspect.getmembers(kind, inspect.isroutine):
        function = getattr(method, "__func__", method)
        if inspect.isfunction(function) and "__signature__" not in vars(function):
            function.__signature__ = readable_signature(function)  # type: ignore[attr-defined]


def _is_union(value: Any) -> bool:
    return isinstance(value, types.UnionType) or get_origin(value) is Union


def _text(annotation: Any, unions: dict[str, set[Any]], aliases: dict[int, str]) -> str:
    if annotation is type(None) or annotation is None:
        return "None"
    if id(annotation) in aliases:
        return aliases[id(annotation)]
    if isinstance(annotation, str):
        return annotation
    origin, arguments = get_origin(annotation), get_args(annotation)
    if _is_union(annotation):
        return _union(list(arguments), unions, aliases)
    if origin is None or not arguments:
        name = getattr(annotation, "__name__", None)
        return (name if isinstance(name, str) else str(annotation)).rpartition(".")[2]
    inner = ", ".join(_inner(each, unions, aliases) for each in arguments)
    name = getattr(origin, "__name__", None) or str(origin).rpartition(".")[2]
    return f"{name}[{inner}]"


def _inner(each: Any, unions: dict[str, set[Any]], aliases: dict[int, str]) -> str:
    if isinstance(each, list):
        return f"[{', '.join(_text(one, unions, aliases) for one in each)}]"
    return "..." if each is Ellipsis else _text(each, unions, aliases)


def _union(members: list[Any], unions: dict[str, set[Any]], aliases: dict[int, str]) -> str:
    """Return a union with aliases in place of the members that they comprise, the largest alias first."""
    texts: list[str] = []
    for name, parts in sorted(unions.items(), key=lambda item: -len(item[1])):
        if len(parts) > 1 and parts <= set(members):
            texts.append(name)
            members = [member for member in members if member not in parts]
    return " | ".join([*texts, *(_text(member, unions, aliases) for member in members if member is not type(None))]) + (
        " | None" if type(None) in members else ""
    )


__all__ = ["Spelled", "readable_signature", "shorten_signatures"]
