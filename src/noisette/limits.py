"""Refusal of sizes that this machine cannot hold, and of simulations that would never end."""

import os

from noisette.disk import format_bytes
from noisette.errors import integer, require

MOST_STEPS = 10_000_000_000  # a day, at ten microseconds per step
UNKNOWN = 64e9  # memory in bytes assumed if the system does not report it


def total_memory() -> float:
    """Return the memory of this machine in bytes.

    Examples
    --------
    >>> total_memory() > 1e8
    True
    """
    try:
        return float(os.sysconf("SC_PHYS_PAGES")) * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return UNKNOWN


def require_memory(size: float, what: str, remedy: str) -> None:
    """Raise `InputError` if an object needs more memory than this machine has.

    Parameters
    ----------
    size : size of the object in bytes
    what : description of the object
    remedy : suggestion for the user

    Raises
    ------
    InputError : If the object does not fit; the message contains its size.

    Examples
    --------
    >>> require_memory(1e18, "a matrix", "reduce it")
    Traceback (most recent call last):
    noisette.errors.InputError: a matrix would take 1e+03 PB; this machine has ... of memory; reduce it
    """
    available = total_memory()
    require(
        size <= available,
        f"{what} would take {format_bytes(size)}",
        f"this machine has {format_bytes(available)} of memory",
        remedy,
    )


def unit_count(size: object, least: int = 1) -> int:
    """Return a number of units, after checking that memory holds a dense matrix of weights.

    Parameters
    ----------
    size : number of units N
    least : smallest number allowed

    Raises
    ------
    InputError : If the number is not an integer of at least `least`, or N × N numbers of 8 bytes exceed the memory.

    Examples
    --------
    >>> unit_count(200)
    200
    """
    number = integer(size, "size", least)
    what = f"a matrix of {number:,} × {number:,} weights"
    require_memory(8.0 * min(number, 10**100) ** 2, what, "give a smaller number of units")
    return number


def require_steps(steps: int, what: str = "") -> int:
    """Return a number of steps, after checking that a simulation of that length can end.

    Parameters
    ----------
    steps : number of steps
    what : description of the simulation, such as its duration and time step

    Raises
    ------
    InputError : If there are more than 10¹⁰ steps.

    Examples
    --------
    >>> require_steps(10**12, "duration 1 in steps of 1e-12")
    Traceback (most recent call last):
    noisette.errors.InputError: duration 1 in steps of 1e-12 takes 1,000,000,000,000 steps; at most 10,000,000,000; ...
    """
    shown = f"{steps:,}" if steps < 10**15 else f"{float(min(steps, 10**300)):.3g}"
    require(
        steps <= MOST_STEPS,
        f"{what or 'the simulation'} takes {shown} steps",
        f"at most {MOST_STEPS:,}",
        "give a longer time step or a shorter duration" if what else "give fewer steps",
    )
    return steps
