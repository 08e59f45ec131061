"""Formulas in x that are given as text, such as ``x/(1+abs(x))``.

A formula is never executed as code. Its text is first split into numbers, known names, operators, parentheses and
commas, and refused if anything else is left; so keywords, strings, attributes and subscripts never reach the parser of
Python. Of the syntax tree, only the nodes of arithmetic and calls of `FUNCTIONS` are converted to functions of arrays.
"""

import ast
import functools
import math
import operator
import re
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from scipy import special

from noisette.arguments import nearest
from noisette.errors import InputError, require, shown

MOST_CHARACTERS = 200  # longest formula
MOST_DEPTH = 30  # deepest nesting of parentheses, functions, signs and powers
MOST_REPEATED = 1000  # largest integer exponent that is computed by repeated multiplication

Term = float | Callable[[Array], Array]  # part of a formula: a constant, or a function of x
Operation = tuple[Callable[..., Any], Callable[..., Any]]  # for arrays of JAX, and for constants

CONSTANTS = {"pi": math.pi, "e": math.e}


def _power(base: Any, exponent: Any) -> Any:
    """Return a power; those with small integer exponents have finite derivatives also at zero."""
    if isinstance(exponent, float) and exponent.is_integer() and abs(exponent) <= MOST_REPEATED:
        return base ** int(exponent)
    return jnp.power(base, exponent)


# constants are computed by NumPy, where 9**9**9 overflows to infinity; integers of Python would fill the memory
OPERATORS: dict[type, Operation] = {
    ast.Add: (operator.add, np.add),
    ast.Sub: (operator.sub, np.subtract),
    ast.Mult: (operator.mul, np.multiply),
    ast.Div: (operator.truediv, np.divide),
    ast.Pow: (_power, np.power),
}
NEGATIVE: Operation = (operator.neg, np.negative)
FUNCTIONS: dict[str, Operation] = {
    "abs": (jnp.abs, np.abs),
    "sign": (jnp.sign, np.sign),
    "sqrt": (jnp.sqrt, np.sqrt),
    "exp": (jnp.exp, np.exp),
    "log": (jnp.log, np.log),
    "sin": (jnp.sin, np.sin),
    "cos": (jnp.cos, np.cos),
    "tan": (jnp.tan, np.tan),
    "sinh": (jnp.sinh, np.sinh),
    "cosh": (jnp.cosh, np.cosh),
    "tanh": (jnp.tanh, np.tanh),
    "arctan": (jnp.arctan, np.arctan),
    "erf": (jax.scipy.special.erf, special.erf),
    "sigmoid": (jax.nn.sigmoid, special.expit),
    "relu": (jax.nn.relu, lambda x: np.maximum(x, 0.0)),
    "min": (jnp.minimum, np.minimum),
    "max": (jnp.maximum, np.maximum),
}
SYNONYMS = {"atan": "arctan", "ln": "log", "logistic": "sigmoid"}  # names of functions in other programs
OF_SEVERAL = ("min", "max")  # functions of two or more arguments; all others have one
NAMES = ("x", *CONSTANTS, *FUNCTIONS)
ALLOWED = f"numbers, x, {', '.join(CONSTANTS)}, + - * / ^ **, parentheses, and the functions {', '.join(FUNCTIONS)}"
TOKEN = re.compile(
    r"(?P<number>(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?)|(?P<name>[A-Za-z_][A-Za-z_0-9]*)|(?P<sign>[-+*/^(),])"
)


@functools.lru_cache(256)
def function_of(text: str) -> Callable[[Array], Array]:
    """Return the function of arrays that a formula defines.

    Parameters
    ----------
    text : formula in x of numbers, ``pi``, ``e``, ``+ - * /``, ``^`` or ``**``, parentheses and `FUNCTIONS`

    Raises
    ------
    InputError : If the text contains anything else, is no formula, does not depend on x, has a constant that is not
        finite, has more than 200 characters, or is nested more than 30 levels deep.

    Examples
    --------
    >>> function_of("x/(1+abs(x))")(jnp.array([-1.0, 3.0])).tolist()
    [-0.5, 0.75]
    >>> function_of("x.__class__")
    Traceback (most recent call last):
    noisette.errors.InputError: formula 'x.__class__' with '.'; a formula consists of numbers, x, pi, e, ...
    """
    require(len(text) <= MOST_CHARACTERS, f"formula of {len(text)} characters", f"at most {MOST_CHARACTERS}")
    _check_tokens(text)
    try:
        tree = ast.parse(text.strip().replace("^", "**"), mode="eval")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise _refusal(text, "cannot be read") from None
    term = _Converter(text).of(tree.body)
    if not callable(term):
        raise InputError(f"formula {shown(text)} without x; a formula that depends on x, such as tanh(2*x)")
    return term


def _check_tokens(text: str) -> None:
    """Raise `InputError` unless a text consists of numbers, known names and signs."""
    place = depth = 0
    while place < len(text):
        if text[place] == " ":
            place += 1
            continue
        match = TOKEN.match(text, place)
        if match is None:
            raise _refusal(text, f"with {text[place]!r}")
        token, place = match[0], match.end()
        if match["name"] and token not in NAMES:
            remedy = f"write {SYNONYMS[token]}" if token in SYNONYMS else nearest(token, NAMES)
            raise _refusal(text, f"with the name {shown(token)}", remedy=remedy)
        if match["number"] and (name := re.match(r"\w+", text[place:])):
            raise _refusal(text, f"with {shown(token + name[0])}", f"products are written with *, as in {token}*x")
        depth += (token == "(") - (token == ")")
        require(depth <= MOST_DEPTH, f"formula {shown(text)} with {depth} nested parentheses", f"at most {MOST_DEPTH}")


def _refusal(text: str, fault: str, allowed: str = f"a formula consists of {ALLOWED}", remedy: str = "") -> InputError:
    """Return the error for a part of a formula."""
    return InputError("; ".join(filter(None, (f"formula {shown(text)} {fault}", allowed, remedy))))


class _Converter:
    """Converter of syntax trees to functions of arrays; subtrees without x are computed once."""

    def __init__(self, text: str):
        self.text = text

    def of(self, node: ast.AST, depth: int = 0) -> Term:
        """Return the constant or the function of a node. The left operands of a long sum are not nested."""
        require(depth <= MOST_DEPTH, f"formula {shown(self.text)} is nested too deeply", f"at most {MOST_DEPTH} levels")
        match node:
            case ast.Constant(value=int() | float() as value) if not isinstance(value, bool):
                return self._finite(float(value), "a number")
            case ast.Name(id="x"):
                return lambda x: x
            case ast.Name(id=name) if name in CONSTANTS:
                return CONSTANTS[name]
            case ast.Name(id=name):
                raise _refusal(self.text, f"with {name} without an argument", f"write it as in {name}(x)")
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._applied(node, NEGATIVE, self.of(operand, depth + 1))
            case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
                return self._applied(node, OPERATORS[type(sign)], self.of(left, depth), self.of(right, depth + 1))
            case ast.Call(func=ast.Name(id=name), args=arguments) if name in FUNCTIONS:
                return self._called(node, name, [self.of(argument, depth + 1) for argument in arguments])
            case ast.Call(func=factor):
                raise _refusal(self.text, f"with {_shown(factor)} before a parenthesis", "products are written with *")
        raise _refusal(self.text, f"with {_shown(node)}")

    def _called(self, node: ast.AST, name: str, terms: list[Term]) -> Term:
        """Return a function of its arguments; of two at a time for those of several."""
        several = name in OF_SEVERAL
        if not (len(terms) >= 2 if several else len(terms) == 1):
            expected = "two arguments or more" if several else "one argument"
            raise _refusal(self.text, f"with {name} of {len(terms)} arguments", f"{name} has {expected}")
        if not several:
            return self._applied(node, FUNCTIONS[name], *terms)
        return functools.reduce(lambda a, b: self._applied(node, FUNCTIONS[name], a, b), terms)

    def _applied(self, node: ast.AST, operation: Operation, *terms: Term) -> Term:
        """Return an operation on constants as a constant, and all others as a function of x."""
        of_arrays, of_numbers = operation
        if not any(callable(term) for term in terms):
            with np.errstate(all="ignore"):
                return self._finite(float(of_numbers(*terms)), _shown(node))
        # constants stay Python numbers, which leave the precision of x as it is
        return lambda x: of_arrays(*(term(x) if callable(term) else term for term in terms))

    def _finite(self, value: float, given: str) -> float:
        """Return a constant, or raise `InputError` if it is not finite."""
        require(math.isfinite(value), f"formula {shown(self.text)} with {given} = {value}", "finite constants")
        return value


def _shown(node: ast.AST) -> str:
    """Return a node as text of at most 60 characters."""
    text = ast.unparse(node)
    return text if len(text) <= 60 else f"{text[:57]}…"


__all__ = ["FUNCTIONS", "function_of"]
