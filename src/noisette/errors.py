"""The exception for invalid input, the warnings, and checks of numbers."""

import numbers
import os
import re
import sys
from collections.abc import Callable, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from jax import Array
else:
    Array = Any  # the terminal's `--help` imports this module and must not wait for the import of JAX


class InputError(ValueError):
    """Exception for invalid input; the message contains the input, what is allowed, and possibly a remedy.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.White(-1.0)
    Traceback (most recent call last):
    noisette.errors.InputError: noise strength -1; a noise strength is zero or positive
    """

    def __init__(self, message: object = "") -> None:
        super().__init__(re.sub(r"\s*\n\s*", " ", str(message)))  # values such as arrays are shown in one line, too


def shown(value: object) -> str:
    """Return a short description of a value for an error message.

    Examples
    --------
    >>> shown("tanh"), shown(np.zeros((2, 3))), shown(float)
    ("'tanh'", 'an array of shape (2, 3)', 'the class float')
    """
    if isinstance(value, type):
        return f"the class {value.__name__}"
    if hasattr(value, "dtype") and getattr(value, "ndim", 0):  # of NumPy or JAX
        return f"an array of shape {getattr(value, 'shape', ())}"
    if isinstance(value, str) and len(value) > 60:
        return f"{value[:57]!r}…"
    simple = isinstance(value, str | numbers.Number | os.PathLike | Sequence | NoneType | np.generic)
    text = repr(value) if simple else ""
    return text if text and len(text) <= 63 and "\n" not in text else f"an object of type {type(value).__name__}"


def require(condition: bool | np.bool, given: str, allowed: str, remedy: str = "") -> None:
    """Raise `InputError` unless a condition holds.

    Parameters
    ----------
    condition : the condition
    given : description of the input
    allowed : description of valid input
    remedy : suggestion for the user

    Raises
    ------
    InputError : If the condition is false; the message is "given; allowed; remedy".
    """
    if not condition:
        raise InputError("; ".join(part for part in (given, allowed, remedy) if part))


def integer(value: object, name: str, least: int | None = 1) -> int:
    """Return a value as an integer, after checking that it is one and is not too small.

    Integers of Python and NumPy, including zero-dimensional arrays, are accepted. Booleans, strings and
    floating-point numbers are refused, even 2.0, because whether the result of a division is whole depends on rounding.

    Parameters
    ----------
    value : value to check
    name : description of the value for the error message
    least : smallest value allowed; None for no limit

    Raises
    ------
    InputError : If the value is not an integer of at least `least`.

    Examples
    --------
    >>> integer(np.int64(3), "lags")
    3
    >>> integer(1.5, "every")
    Traceback (most recent call last):
    noisette.errors.InputError: every 1.5; an integer of at least 1
    """
    plain = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    fits = isinstance(plain, int | np.integer) and not isinstance(plain, bool)
    allowed = "an integer" if least is None else f"an integer of at least {least}"
    require(fits and (least is None or bool(plain >= least)), f"{name} {shown(value)}", allowed)  # type: ignore[operator]
    number = int(plain)  # type: ignore[call-overload]
    require(abs(number) < LARGEST, f"{name} {number:.3g}", f"{allowed} and below 2^63")
    return number


LARGEST = 2**63  # integers of arrays have 64 bits


class StudyFailedError(InputError):
    """Error for a study in which all points failed; the message contains the first failure.

    Examples
    --------
    >>> import tempfile, noisette as nz
    >>> nz.Study("inverse", lambda x: 1 / 0, {"x": [1, 2]}).run(store=tempfile.mkdtemp())
    Traceback (most recent call last):
    noisette.errors.StudyFailedError: all 2 points of study 'inverse' failed; the first is x = 1: exception: ...
    """


class UnstorableError(InputError):
    """Error for a result or coordinate of a study that netCDF cannot store.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.Study("squares", lambda x: {"a/b": x**2}, {"x": [1, 2]}).run()
    Traceback (most recent call last):
    noisette.errors.UnstorableError: result 'a/b' contains '/', and netCDF cannot store it; ...
    """


class FailedPointsWarning(UserWarning):
    """Warning for a study in which some points failed; the message contains the first failure.

    Examples
    --------
    >>> import tempfile, warnings, noisette as nz
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     data = nz.Study("inverse", lambda x: 1 / x, {"x": [0, 1]}).run(store=tempfile.mkdtemp())
    >>> print(caught[0].message)
    1 of 2 points of study 'inverse' failed; the first is x = 0: exception: ZeroDivisionError: division by zero
    """


class StepSizeWarning(UserWarning):
    """Warning for a simulation in continuous time whose time step is too long for its dynamics.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> stiff = nz.RateNetwork([[0.0]], tau=0.01)
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     result = nz.simulate(stiff, duration=1, dt=0.1, key=jax.random.key(0))
    >>> caught[0].category.__name__
    'StepSizeWarning'
    """


class BlowUpWarning(UserWarning):
    """Warning for trials whose state became infinite or NaN; other trials are not affected.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> runaway = nz.RateNetwork([[9.0]], activation=nz.activations.relu)
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     result = nz.simulate(runaway, duration=200, dt=0.1, start=1.0, key=jax.random.key(0))
    >>> caught[0].category.__name__
    'BlowUpWarning'
    """


class TransientWarning(UserWarning):
    """Warning for runs that have not reached a stationary state, so that results depend on the initial state.

    Examples
    --------
    >>> import warnings, noisette as nz
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     result = nz.simulated_correlations(nz.activations.linear, 0.999, nz.White(1.0), weights=[[1.0]], draws=20)
    >>> caught[0].category.__name__
    'TransientWarning'
    """


class UnsolvedWarning(UserWarning):
    """Warning for draws of frozen noise without a converged fixed point, and for diverging runs.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> runaway = nz.RateNetwork([[2.0]], activation=nz.activations.linear, noise=nz.Frozen(1.0))
    >>> with warnings.catch_warnings(record=True, action="always") as caught:
    ...     points = nz.find_fixed_points(runaway, 5, key=jax.random.key(0))
    >>> caught[0].category.__name__, points.attrs["failed"]
    ('UnsolvedWarning', 5)
    """


def users_frame() -> int:
    """Return the `stacklevel` with which a warning points to the code that called this package.

    The number of frames in between depends on how a function is called and decorated.
    """
    frame, level = sys._getframe(1), 1
    while frame is not None and str(frame.f_globals.get("__name__", "")).partition(".")[0] == "noisette":
        frame, level = frame.f_back, level + 1
    return level


KINDS = {
    "b": "booleans",
    "c": "complex numbers",
    "S": "bytes",
    "U": "text",
    "M": "dates",
    "m": "time differences",
    "V": "records",
    "T": "text",
}
REMEDIES = {"c": "take the real part if it is intended", "U": "convert it to numbers", "S": "convert it to numbers"}


def real_array(values: object, name: str, *, finite: bool = True) -> np.ndarray:
    """Return user input as an array of float64, after checking that it consists of real numbers.

    NumPy silently converts masked entries, strings that represent numbers, and complex numbers. All of these are
    refused. Boolean arrays, such as an adjacency matrix, are converted to 0 and 1, but a single boolean is refused.

    Parameters
    ----------
    values : number, nested lists of numbers, or any array of numbers that NumPy can convert, such as those of JAX,
        xarray and pandas
    name : description of the values for error messages
    finite : whether to refuse NaN and infinity

    Returns
    -------
    array of float64

    Raises
    ------
    InputError : If there are masked entries, complex numbers, strings, bytes, dates or other objects, the lists are
        ragged, the input is a single boolean, or, with `finite`, a value is NaN or infinite.

    Examples
    --------
    >>> real_array([1, 2], "gains")
    array([1., 2.])
    >>> real_array(np.ma.masked_equal([1.0, 2.0], 2.0), "gains")
    Traceback (most recent call last):
    noisette.errors.InputError: gains with masked values (1); real numbers without missing values; fill or remove them
    """
    masked = _masked(values)
    require(
        masked == 0,
        f"{name} with masked values ({masked})",
        "real numbers without missing values",
        "fill or remove them",
    )
    array = _array(values, name)
    real = array.dtype.kind in "iuf" or (array.dtype.kind == "b" and array.ndim > 0)
    if not real:
        kind = KINDS.get(array.dtype.kind, f"type {type(values).__name__}")
        require(False, f"{name} of {kind}{_shown(values)}", "real numbers", REMEDIES.get(array.dtype.kind, ""))
    with np.errstate(over="ignore"):
        array = array.astype(float)
    if finite and not np.isfinite(array).all():
        places = np.argwhere(~np.isfinite(array))
        first = f"{array[tuple(places[0])]:g} at {', '.join(map(str, places[0]))}"
        many = f" with {len(places)} of {array.size} values NaN or infinite, the first {first}"
        raise InputError(f"{name}{many if array.ndim else f' {array.item():g}'}; finite numbers")
    return array


def _masked(values: object) -> int:
    """Return the number of masked entries, also within nested lists, where NumPy would discard the masks."""
    if isinstance(values, np.ma.MaskedArray):
        return int(np.ma.getmaskarray(values).sum())
    if isinstance(values, list | tuple):
        return sum(_masked(value) for value in values if isinstance(value, list | tuple | np.ma.MaskedArray))
    return 0


def _array(values: object, name: str) -> np.ndarray:
    try:
        array = np.asarray(np.ma.getdata(values) if isinstance(values, np.ma.MaskedArray) else values)
        # NumPy stores fractions, integers beyond 64 bits and some pandas columns as objects.
        convertible = array.dtype.kind == "O" and all(
            isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool | np.timedelta64)
            for value in array.flat
        )
        return array.astype(float) if convertible else array
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:  # such as ragged lists
        reason = str(error).split("\n")[0]
        raise InputError(
            f"{name} cannot be converted to an array ({reason}); real numbers, in rows of equal length"
        ) from None


def _shown(values: object) -> str:
    """Return the repr of values for an error message; empty if it is long."""
    text = repr(values)
    return f" {text}" if len(text) <= 40 and "\n" not in text else ""


def real_values(values: object, name: str, *, finite: bool = True) -> Array:
    """Return user input as a JAX array, checked as in `real_array`; traced values are returned unchecked.

    JAX arrays keep their precision, so that the parameters of a network in float32 remain in float32.

    Parameters
    ----------
    values, name, finite : as in `real_array`

    Examples
    --------
    >>> import jax
    >>> real_values([1, 2], "gains").tolist()
    [1.0, 2.0]
    >>> float(jax.grad(lambda g: real_values(g, "gain") ** 2)(3.0))
    6.0
    """
    import jax
    import jax.numpy as jnp
    from jax.core import Tracer

    if isinstance(values, Tracer):
        require(not jnp.iscomplexobj(values), f"{name} of complex numbers", "real numbers")
        return values
    array = real_array(values, name, finite=finite)
    return values if isinstance(values, jax.Array) and values.dtype.kind == "f" else jnp.asarray(array)


def real_number(
    value: object,
    name: str,
    allowed: str = "a finite number",
    fits: Callable[[float], bool] = np.isfinite,
) -> float:
    """Return user input as a single number, checked as in `real_array` and by a condition.

    Parameters
    ----------
    value : value to check
    name : description of the value for error messages
    allowed : description of valid numbers for error messages
    fits : function that returns whether a number is valid

    Raises
    ------
    InputError : If the value is not a single real number, or not a valid one.

    Examples
    --------
    >>> real_number(2, "exponent", "a number above zero", lambda p: 0 < p < np.inf)
    2.0
    """
    array = real_array(value, name, finite=False)
    require(array.ndim == 0, f"{name} of shape {array.shape}", allowed)
    number = float(array)
    require(bool(fits(number)), f"{name} {number:g}", allowed)
    return number


def nonnegative_grid(values: object, name: str) -> np.ndarray:
    """Return user input as a number or a list of numbers that are zero or positive, checked as in `real_array`.

    Parameters
    ----------
    values : number, or one-dimensional array-like
    name : description of the values for error messages

    Raises
    ------
    InputError : If there is no value, a matrix, or a value that is negative or not a finite real number.

    Examples
    --------
    >>> nonnegative_grid([1, 2], "gain")
    array([1., 2.])
    """
    array = real_array(values, name)
    require(array.ndim <= 1 and array.size > 0, f"{name} of shape {array.shape}", "a number, or a list of numbers")
    require(bool((array >= 0).all()), f"{name} {array.min():g}", "finite numbers, zero or positive")
    return array
