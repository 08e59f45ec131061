"""Conversion of periods in milliseconds to numbers of steps."""

import math
from itertools import accumulate, pairwise
from numbers import Real
from typing import Any

from noisette.errors import require

ROUNDING = 1e-6  # in steps; accepts rounding errors such as that of 0.3 ms / 0.1 ms


def whole_steps(period: float, dt: float, name: str = "period", least: int = 0) -> int:
    """Return the number of steps in a period.

    Parameters
    ----------
    period : duration in ms, a whole number of steps
    dt : time step, ms
    name : name of the period in error messages
    least : smallest number of steps allowed

    Raises
    ------
    InputError : If the period is not a number, is too short, or is not a whole number of steps.

    Examples
    --------
    >>> whole_steps(250.0, 5.0)
    50
    >>> whole_steps(12.0, 5.0, "delay")
    Traceback (most recent call last):
    noisette.errors.InputError: delay of 12 ms is 2.4 steps of 5 ms; a whole number of steps; take 10 or 15 ms, ...
    """
    require(isinstance(dt, Real) and math.isfinite(dt) and dt > 0, f"dt of {dt} ms", "a positive number of ms")
    finite = isinstance(period, Real) and math.isfinite(period)
    require(finite, f"{name} of {period} ms", "a finite number of ms")
    exact = period / dt
    require(math.isfinite(exact), f"{name} of {period:g} ms in steps of {dt:g} ms", "a finite number of steps")
    steps = round(exact)
    require(
        period >= 0 and exact > least - 0.5,
        f"{name} of {period:g} ms",
        f"at least {least} step{'s' * (least != 1)} of {dt:g} ms" if least else "zero or positive",
    )
    below = math.floor(exact)
    require(
        abs(exact - steps) <= ROUNDING,
        f"{name} of {period:g} ms is {exact:.6g} steps of {dt:g} ms",
        "a whole number of steps",
        f"take {below * dt:g} or {(below + 1) * dt:g} ms, or another dt",
    )
    return steps


def steps_holding(period: float, dt: float) -> int:
    """Return the smallest number of steps whose total duration is at least a period.

    Parameters
    ----------
    period : duration, ms
    dt : time step, ms

    Examples
    --------
    >>> steps_holding(1500.0, 5.0), steps_holding(1500.0, 7.0)
    (300, 215)
    """
    return math.ceil(period / dt - ROUNDING)


def consecutive(lengths: dict[str, int]) -> dict[str, tuple[int, int]]:
    """Return consecutive periods as (first step, step after the last), from their numbers of steps.

    Examples
    --------
    >>> consecutive({"fixation": 50, "stimulus": 25})
    {'fixation': (0, 50), 'stimulus': (50, 75)}
    """
    bounds = accumulate(lengths.values(), initial=0)
    return dict(zip(lengths, pairwise(bounds), strict=True))


def one_stimulus(task: Any) -> dict[str, tuple[int, int]]:
    """Return the periods of a task with one stimulus, a gap and a response, which by default ends with the trial."""
    shown = consecutive({"fixation": task.steps_of("fixation"), "stimulus": task.steps_of("stimulus", least=1)})
    onset = shown["stimulus"][1] + task.steps_of("gap")
    offset = task.steps if task.response is None else onset + task.steps_of("response", least=1)
    return {**shown, "response": (onset, min(offset, task.steps))}
