"""Conditions on the coordinates of a grid, evaluated without running code: comparisons and bounded arithmetic."""

import ast
import math
import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from noisette.errors import InputError, require

Condition = str | Callable[..., bool]
LONGEST = 1000  # characters of a condition
DEEPEST = 50  # nested operations
LARGEST = 2**1024  # bound of integers; larger numbers become infinite as floating-point numbers, too

ARITHMETIC: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
COMPARISONS: dict[type, Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda value, values: value in values,
    ast.NotIn: lambda value, values: value not in values,
}
UNARY: dict[type, Callable[[Any], Any]] = {ast.Not: operator.not_, ast.USub: operator.neg, ast.UAdd: operator.pos}
KNOWN = (ast.BoolOp, ast.UnaryOp, ast.BinOp, ast.Compare, ast.Name, ast.Constant, ast.Tuple, ast.List)
PARTS = (ast.Expression, ast.And, ast.Or, ast.Load, ast.Pow, *ARITHMETIC, *COMPARISONS, *UNARY)


def rule(condition: Condition, names: Sequence[str]) -> Callable[[Mapping[str, Any]], bool]:
    """Return a condition as a function of the values of a point.

    A string is a comparison of coordinates and numbers, joined by ``and``, ``or`` and ``not``. It is interpreted node
    by node, without calls or attributes, and numbers are bounded, so that its evaluation always ends.

    Parameters
    ----------
    condition : string, or function of the coordinates
    names : names of the coordinates

    Raises
    ------
    InputError : If the condition is neither, cannot be read, or contains anything else.

    Examples
    --------
    >>> rule("inhibitory < size and size > 4", ["inhibitory", "size"])({"inhibitory": 3, "size": 5})
    True
    >>> rule("9**9**9 > gain", ["gain"])({"gain": 1})
    Traceback (most recent call last):
    noisette.errors.InputError: condition '9**9**9 > gain' fails at gain = 1: 9 ** 387420489 is too large; ...
    """
    if callable(condition):
        return lambda values: bool(condition(**values))
    require(isinstance(condition, str), f"condition {condition!r}", "a string such as 'gain < 2', or a function")
    text = f"condition {condition!r}"
    allowed = f"comparisons of {', '.join(names)} and numbers (inf is infinity), joined by and, or, not"
    tree = _parsed(condition, text, allowed)
    for node in ast.walk(tree):
        require(isinstance(node, KNOWN + PARTS), f"{text} contains a {type(node).__name__.lower()}", allowed)
        require(
            not isinstance(node, ast.Name) or node.id in (*names, "inf"),
            f"{text} contains the unknown name {getattr(node, 'id', '')!r}",
            allowed,
        )
        value = node.value if isinstance(node, ast.Constant) else 0
        known = isinstance(value, str | int | float) and not (isinstance(value, int) and abs(value) > LARGEST)
        require(known, f"{text} contains a {type(value).__name__} that is not allowed", allowed)
    require(_depth(tree.body) <= DEEPEST, f"{text} is nested too deeply", f"at most {DEEPEST} operations")

    def holds(values: Mapping[str, Any]) -> bool:
        try:
            return bool(_value(tree.body, {"inf": math.inf, **values}))
        except (TypeError, ArithmeticError) as error:
            place = ", ".join(f"{name} = {value!r}" for name, value in values.items())
            raise InputError(f"{text} fails at {place}: {error}; {allowed}") from error

    return holds


def _parsed(condition: str, text: str, allowed: str) -> ast.Expression:
    require(len(condition) <= LONGEST, f"condition of {len(condition)} characters", f"at most {LONGEST}")
    try:
        return ast.parse(condition.strip(), mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InputError(f"{text} cannot be read; {allowed}") from error


def _depth(tree: ast.AST) -> int:
    """Return the number of levels of a tree, without recursion, which has a limit."""
    level, depth = [tree], 0
    while level:
        level, depth = [child for node in level for child in ast.iter_child_nodes(node)], depth + 1
    return depth


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """Return the value of an expression."""
    match node:
        case ast.Constant():
            return node.value
        case ast.Name():
            value = values[node.id]
            return value.item() if isinstance(value, np.generic) else value
        case ast.Tuple() | ast.List():
            return [_value(item, values) for item in node.elts]
        case ast.UnaryOp():
            return UNARY[type(node.op)](_value(node.operand, values))
        case ast.BoolOp():
            together = all if isinstance(node.op, ast.And) else any
            return together(_value(part, values) for part in node.values)
        case ast.BinOp():
            return _bounded(node.op, _value(node.left, values), _value(node.right, values))
        case ast.Compare():
            left = _value(node.left, values)
            for operation, part in zip(node.ops, node.comparators, strict=True):
                right = _value(part, values)
                if not COMPARISONS[type(operation)](left, right):
                    return False
                left = right
            return True
    raise TypeError(f"{type(node).__name__} has no value")


def _bounded(operation: ast.operator, left: Any, right: Any) -> Any:
    """Return the result of an arithmetic operation on two numbers, which is bounded if it is an integer."""
    for number in (left, right):
        if not isinstance(number, int | float):
            raise TypeError(f"{number!r} is not a number")
    result = _power(left, right) if isinstance(operation, ast.Pow) else ARITHMETIC[type(operation)](left, right)
    if isinstance(result, int) and abs(result) > LARGEST:
        raise OverflowError("an integer is larger than 2 ** 1024")
    return result


def _power(base: int | float, exponent: int | float) -> int | float:
    both = isinstance(base, int) and isinstance(exponent, int)
    if both and exponent > 0 and (abs(int(base)).bit_length() - 1) * exponent > 1024:
        raise OverflowError(f"{base} ** {exponent} is too large")
    result = base**exponent
    if isinstance(result, complex):
        raise ArithmeticError(f"{base} ** {exponent} is a complex number")
    return result
