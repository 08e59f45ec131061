"""Conversion of command options to numbers and networks."""

from __future__ import annotations

import math

import numpy as np

import noisette as nz
from noisette.errors import InputError, require

MOST = 100_000  # largest number of values in a range


def numbers(text: str, name: str) -> np.ndarray:
    """Return the numbers of a list `a,b,c` or of a range `a:b:step`, which includes b.

    Parameters
    ----------
    text : value of the option
    name : name of the option, for error messages

    Examples
    --------
    >>> numbers("0:1:0.25", "noise")
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    >>> numbers("0,4,50", "noise")
    array([ 0.,  4., 50.])
    """
    form = "a list a,b,c or a range a:b:step (b included) is expected"
    try:
        if ":" not in text:
            return np.array([float(part) for part in text.split(",")])
        first, last, step = (float(part) for part in text.split(":"))
    except ValueError as error:
        raise InputError(f"--{name} {text!r} cannot be read; {form}") from error
    require(
        step > 0 and last >= first and math.isfinite(last - first),
        f"--{name} {text!r} is not a valid range",
        form,
    )
    count = int((last - first) / step + 1e-9) + 1
    require(
        count <= MOST,
        f"--{name} {text!r} has {count} values",
        f"at most {MOST} are allowed",
        "increase the step",
    )
    return first + step * np.arange(count)


def integers(text: str, name: str) -> list[int]:
    """Return the integers of a list `a,b,c`.

    Parameters
    ----------
    text : value of the option
    name : name of the option, for error messages

    Examples
    --------
    >>> integers("0,3", "units")
    [0, 3]
    """
    try:
        return [int(part) for part in text.split(",")]
    except ValueError as error:
        raise InputError(f"--{name} {text!r} cannot be read; a list of integers a,b,c is expected") from error


def network(
    weights: str,
    *,
    deterministic: bool,
    common: bool = False,
    zero_one: bool = False,
    noise: float | None = None,
    seed: int = 0,
) -> nz.networks.BinaryNetwork:
    """Return the binary network described by the options; the default noise strength is 1."""
    kind = nz.networks.SignNetwork if deterministic else nz.networks.Boltzmann
    strength = 1.0 if noise is None else noise
    process = nz.noise.Common(strength) if common else nz.noise.White(strength)
    matrix = nz.weights.from_string(weights, seed)
    return kind.from_zero_one(matrix, noise=process) if zero_one else kind(matrix, noise=process)


def code(value: int, size: int, option: str) -> int:
    """Return a state code; raise `InputError` if it is not a state of a network of this size."""
    require(
        0 <= value < 2**size,
        f"--{option} {value} is not a state of {size} units",
        f"codes run from 0 to {2**size - 1}, most significant bit first",
    )
    return value


def state(value: int, size: int, option: str = "start") -> int | np.ndarray:
    """Return an initial state from its code: the code itself, or N values ±1 for networks of more than 62 units."""
    checked = code(value, size, option)
    return checked if size <= 62 else np.array([1.0 if bit == "1" else -1.0 for bit in f"{checked:0{size}b}"])
