"""The one error a user's input can raise, and the checks that raise it for numbers."""

import numbers
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array


class InputError(ValueError):
    """Input that cannot be used: says what was given, what is allowed and what to do.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.White(-1.0)
    Traceback (most recent call last):
    noisette.errors.InputError: noise strength -1; a noise strength is zero or positive
    """


def require(condition: bool | np.bool, given: str, allowed: str, remedy: str = "") -> None:
    """Raise `InputError` with one line, in the order given · allowed · what to do, unless `condition`."""
    if not condition:
        raise InputError("; ".join(part for part in (given, allowed, remedy) if part))


def integer(value: object, name: str, least: int | None = 1) -> int:
    """Return `value` if it is an integer of at least `least`; numbers of steps, units, lags, runs … pass through here.

    Python's integers and NumPy's (arrays without dimensions, too) are integers. Booleans, text and floating-point
    numbers are not, 2.0 included: what comes out of a division is a whole number by accident.

    Parameters
    ----------
    value : the number
    name : what it is, for the message
    least : the smallest allowed; None allows every integer

    Raises
    ------
    InputError : anything else.

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
    require(fits and (least is None or bool(plain >= least)), f"{name} {value!r}", allowed)  # type: ignore[operator]
    return int(plain)  # type: ignore[call-overload]


class StepSizeWarning(UserWarning):
    """A simulation in continuous time whose step is too long for what it simulates.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> stiff = nz.RateNetwork([[0.0]], tau=0.01)
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.simulate(stiff, duration=1, dt=0.1, key=jax.random.key(0))
    >>> said[0].category.__name__
    'StepSizeWarning'
    """


class BlowUpWarning(UserWarning):
    """A trial whose state became infinite or NaN; the others are as they should be.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> runaway = nz.RateNetwork([[9.0]], activation=nz.activations.relu)
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.simulate(runaway, duration=200, dt=0.1, start=1.0, key=jax.random.key(0))
    >>> said[0].category.__name__
    'BlowUpWarning'
    """


class TransientWarning(UserWarning):
    """Runs that have not reached their stationary state: what is measured depends on where they started.

    Examples
    --------
    >>> import warnings, noisette as nz
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.simulated_correlations(nz.activations.linear, 0.999, nz.White(1.0), weights=[[1.0]], draws=20)
    >>> said[0].category.__name__
    'TransientWarning'
    """


class UnsolvedWarning(UserWarning):
    """Draws of frozen noise for which no fixed point was found, or runs that ran away; they are counted.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> runaway = nz.RateNetwork([[2.0]], activation=nz.activations.linear, noise=nz.Frozen(1.0))
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.find_fixed_points(runaway, 5, key=jax.random.key(0))
    >>> said[0].category.__name__, found.attrs["failed"]
    ('UnsolvedWarning', 5)
    """


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
REMEDIES = {"c": "take the real part if that is meant", "U": "convert it to numbers", "S": "convert it to numbers"}


def real_array(values: object, name: str, *, finite: bool = True) -> np.ndarray:
    """Return user input as an array of float64, or refuse what does not consist of real numbers.

    NumPy silently converts the hidden entries of masked arrays, text that reads as a number, and the real part of
    complex numbers. All of these are refused. Arrays of booleans, such as an adjacency matrix, are read as 0
    and 1; a single boolean where a number is expected is refused.

    Parameters
    ----------
    values : a number, nested lists of numbers of equal lengths, or whatever NumPy reads as an array of numbers:
        arrays of NumPy and JAX, xarray, pandas
    name : what the values are, for the message
    finite : whether NaN and infinity are refused

    Raises
    ------
    InputError : masked entries, complex numbers, text, bytes, dates, other objects, ragged lists, a single boolean,
        NaN or infinity (if `finite`).

    Examples
    --------
    >>> real_array([1, 2], "gains")
    array([1., 2.])
    >>> real_array(np.ma.masked_equal([1.0, 2.0], 2.0), "gains")
    Traceback (most recent call last):
    noisette.errors.InputError: gains with masked values (1); real numbers without gaps; fill or remove the gaps
    """
    hidden = _masked(values)
    require(
        hidden == 0, f"{name} with masked values ({hidden})", "real numbers without gaps", "fill or remove the gaps"
    )
    array = _array(values, name)
    real = array.dtype.kind in "iuf" or (array.dtype.kind == "b" and array.ndim > 0)
    if not real:
        kind = KINDS.get(array.dtype.kind, f"type {type(values).__name__}")
        require(False, f"{name} of {kind}{_shown(values)}", "real numbers", REMEDIES.get(array.dtype.kind, ""))
    with np.errstate(over="ignore"):
        array = array.astype(float)
    if finite and not np.isfinite(array).all():
        bad = np.argwhere(~np.isfinite(array))
        first = f"{array[tuple(bad[0])]:g} at {', '.join(map(str, bad[0]))}"
        many = f" with {len(bad)} of {array.size} values NaN or infinite, the first {first}"
        raise InputError(f"{name}{many if array.ndim else f' {array.item():g}'}; finite numbers")
    return array


def _masked(values: object) -> int:
    """Return the number of masked entries, in nested lists too: NumPy drops the masks of arrays within a list."""
    if isinstance(values, np.ma.MaskedArray):
        return int(np.ma.getmaskarray(values).sum())
    if isinstance(values, list | tuple):
        return sum(_masked(value) for value in values if isinstance(value, list | tuple | np.ma.MaskedArray))
    return 0


def _array(values: object, name: str) -> np.ndarray:
    try:
        array = np.asarray(np.ma.getdata(values) if isinstance(values, np.ma.MaskedArray) else values)
        # fractions, integers beyond 64 bits and columns of pandas are objects to NumPy
        every = array.dtype.kind == "O" and all(
            isinstance(value, numbers.Real) and not isinstance(value, bool | np.bool | np.timedelta64)
            for value in array.flat
        )
        return array.astype(float) if every else array
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:  # such as ragged lists
        reason = str(error).split("\n")[0]
        raise InputError(f"{name} that form no array ({reason}); real numbers, in rows of equal length") from None


def _shown(values: object) -> str:
    """Return a short text of values that are few, to recognise them by."""
    text = repr(values)
    return f" {text}" if len(text) <= 40 and "\n" not in text else ""


def real_values(values: object, name: str, *, finite: bool = True) -> Array:
    """Return user input as an array of JAX, checked as by `real_array`; values that JAX traces pass unchecked.

    Arrays of JAX keep their precision, so that a network of float32 stays one.

    Examples
    --------
    >>> import jax
    >>> real_values([1, 2], "gains").tolist()
    [1.0, 2.0]
    >>> float(jax.grad(lambda g: real_values(g, "gain") ** 2)(3.0))
    6.0
    """
    if isinstance(values, Tracer):
        require(not jnp.iscomplexobj(values), f"{name} of complex numbers", "real numbers")
        return values
    array = real_array(values, name, finite=finite)
    return values if isinstance(values, Array) and values.dtype.kind == "f" else jnp.asarray(array)


def real_number(
    value: object,
    name: str,
    allowed: str = "a finite number",
    fits: Callable[[float], bool] = np.isfinite,
) -> float:
    """Return user input as one number that fits, checked as by `real_array`.

    Parameters
    ----------
    value : the input
    name : what it is, for the message
    allowed : which numbers fit, in words
    fits : which numbers fit

    Raises
    ------
    InputError : what is not one real number; a number that does not fit.

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
