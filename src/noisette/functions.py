"""Trial of functions passed as arguments, such as activations, on abstract arrays and in one line of error message."""

from collections.abc import Callable
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import InputError, real_array, require, shown

Shape = tuple[int, ...]
OF_JAX = "use jax.numpy instead of numpy, for example jnp.tanh instead of np.tanh"
CHOICES = "use jnp.where instead of if, and jax.lax.while_loop instead of while"


def is_own(function: object) -> bool:
    """Return whether a function, or the class of an object, is defined outside this package.

    Examples
    --------
    >>> from noisette.activations import Pade, tanh
    >>> is_own(np.tanh), is_own(tanh), is_own(Pade())
    (True, False, False)
    """
    # modules of Equinox that `tree_at` returns have a name that is not a string
    definer = function if isinstance(getattr(function, "__name__", None), str) else type(function)
    return not str(getattr(definer, "__module__", "")).startswith("noisette.")


def try_function(function: Callable[..., Any], name: str, *shapes: Shape, returns: Shape) -> None:
    """Try a function of arrays on abstract values, without computing anything.

    Parameters
    ----------
    function : function of the user's own; those of this package are not tried
    name : description of the function for the error message
    *shapes : shapes of its arguments, arrays of float64
    returns : shape of the array that it must return

    Raises
    ------
    InputError : If the function is not callable, cannot be traced by JAX, or returns anything but real numbers of the
        required shape.

    Examples
    --------
    >>> try_function(jnp.tanh, "activation", (3,), returns=(3,))
    >>> try_function(np.tanh, "activation", (3,), returns=(3,))
    Traceback (most recent call last):
    noisette.errors.InputError: activation converts its argument to NumPy; a function that JAX can ...
    >>> from functools import partial
    >>> try_function(partial(list), "drift", (2,), returns=(2,))
    Traceback (most recent call last):
    noisette.errors.InputError: drift returns a list; an array of shape (2,); return jnp.array(…)
    """
    require(callable(function), f"{name} {shown(function)}", "a function of arrays")
    require(not isinstance(function, type), f"{name} {shown(function)}", "a function of arrays", "give an instance")
    if not is_own(function):
        return
    arguments = [jax.ShapeDtypeStruct(shape, jnp.zeros(()).dtype) for shape in shapes]
    value = traced(function, name, *arguments)
    check_array(value, name, returns)


def check_array(value: Any, name: str, shape: Shape) -> None:
    """Raise `InputError` unless an abstract value is an array of real numbers of the required shape.

    Examples
    --------
    >>> check_array(jnp.zeros(2), "drift", (3,))
    Traceback (most recent call last):
    noisette.errors.InputError: drift returns shape (2,); an array of shape (3,); return shape (3,)
    """
    allowed = f"an array of shape {shape}"
    kind = f"a {type(value).__name__}" if value is not None else "None"
    if value is None or not hasattr(value, "shape"):
        raise InputError(f"{name} returns {kind}; {allowed}; return jnp.array(…)")
    require(not jnp.issubdtype(value.dtype, jnp.complexfloating), f"{name} returns complex numbers", "real numbers")
    require(value.shape == shape, f"{name} returns shape {value.shape}", allowed, f"return shape {shape}")


def traced(function: Callable[..., Any], name: str, *arguments: Any) -> Any:
    """Return the abstract result of a function, or raise `InputError` with the reason why JAX cannot trace it.

    Examples
    --------
    >>> traced(lambda x: x if x > 0 else 0.0, "activation", jnp.zeros(()))
    Traceback (most recent call last):
    noisette.errors.InputError: activation depends on the value of its argument; ...; use jnp.where instead of if, ...
    """
    try:
        return jax.eval_shape(lambda *values: function(*values), *arguments)  # some callables cannot be hashed
    except InputError:
        raise
    except Exception as error:
        raise refusal(error, name, *arguments) from None


def refusal(error: Exception, name: str, *arguments: Any) -> InputError:
    """Return the error in one line for a function of the user's own in which an exception was raised.

    Parameters
    ----------
    error : the exception
    name : description of the function
    *arguments : arguments of the function, whose shapes are named

    Examples
    --------
    >>> print(refusal(AttributeError("no attribute 'dt'"), "step of Own"))
    step of Own fails (AttributeError: no attribute 'dt'); a function that JAX can trace
    """
    allowed = "a function that JAX can trace"
    first = str(error).strip().split("\n")[0][:160]
    shapes = " and ".join(str(leaf.shape) for leaf in jax.tree.leaves(arguments) if getattr(leaf, "shape", ()))
    described = f"{name} fails{f' for an argument of shape {shapes}' if shapes else ''}"
    match error:
        case jax.errors.TracerArrayConversionError():
            parts = [f"{name} converts its argument to NumPy", allowed, OF_JAX]
        case jax.errors.TracerBoolConversionError():
            parts = [f"{name} depends on the value of its argument", allowed, CHOICES]
        case jax.errors.ConcretizationTypeError() | jax.errors.NonConcreteBooleanIndexError():
            parts = [f"{name} converts its argument to a Python number", allowed, OF_JAX]
        case TypeError() if "not a valid JAX type" in first:  # it returns text, objects or functions
            kind = first.partition("<class ")[2].partition(">")[0] or first.split()[-1]
            returned = f"{name} returns values that are no numbers ({kind})"
            parts = [returned, "an array of real numbers", "return jnp.array(…)"]
        case TypeError() if "argument" in first:  # it takes other arguments than those documented
            parts = [f"{described} ({first})", "a function of the documented arguments"]
        case AttributeError():
            parts = [f"{described} (AttributeError: {first})", allowed]
        case _:
            parts = [f"{described} ({type(error).__name__}: {first})", allowed, OF_JAX]
    return InputError("; ".join(parts))


def try_carry(step: Callable[[Any], Any], name: str, state: Any) -> None:
    """Raise `InputError` unless a step of a loop keeps the structure, the shapes and the types of its state.

    Parameters
    ----------
    step : function from a state to the next
    name : description of the state for the error message
    state : initial state, a tree of arrays, possibly abstract

    Examples
    --------
    >>> try_carry(lambda x: x + 1, "state", jnp.zeros(2))
    >>> try_carry(lambda x: x.sum(), "state", jnp.zeros(2))
    Traceback (most recent call last):
    noisette.errors.InputError: state changes from f64[2] to f64[] in a step; the same arrays in each step
    """
    try:
        jax.eval_shape(lambda first: jax.lax.fori_loop(0, 2, lambda _, inner: step(inner), first), state)
    except TypeError:
        trees = [
            eqx.tree_pformat(tree, width=1000, struct_as_array=True) for tree in (state, jax.eval_shape(step, state))
        ]
        raise InputError(
            f"{name} changes from {trees[0]} to {trees[1]} in a step; the same arrays in each step"
        ) from None


def called(function: Callable[[Any], Any], argument: Any, failure: str, allowed: str) -> Any:
    """Return the value of a function of the user, which is not traced; raise `InputError` if it raises anything.

    Examples
    --------
    >>> called(lambda x: 1 / x, 0, "inputs fail", "a function of time")
    Traceback (most recent call last):
    noisette.errors.InputError: inputs fail (ZeroDivisionError: division by zero); a function of time
    """
    try:
        return function(argument)
    except InputError:
        raise
    except Exception as error:
        first = str(error).strip().split("\n")[0][:160]
        raise InputError(f"{failure} ({type(error).__name__}: {first}); {allowed}") from None


def sampled(function: Callable[[float], Any], name: str, time: float) -> np.ndarray:
    """Return the value of a function of time at one time, as an array of real numbers.

    Such functions are called with numbers and not traced, so that NumPy is allowed.

    Examples
    --------
    >>> float(sampled(lambda t: 2 * t, "inputs", 3.0))
    6.0
    """
    value = called(function, time, f"{name} fail at time {time:g}", "a function of time that returns numbers")
    return real_array(value, f"{name} at time {time:g}")
