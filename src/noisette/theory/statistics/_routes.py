"""Which theory answers for one gain, and whether it holds there."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import InputError
from noisette.theory._drive import Drive
from noisette.theory._onesite import no_state
from noisette.theory.motion import dynamic_statistics
from noisette.theory.statistics._critical import fold_of
from noisette.theory.statistics._finite import finite_statistics
from noisette.theory.statistics._linear import linear_statistics
from noisette.theory.statistics._static import LOST, MOST, Statistics, site, static_statistics

FEWEST = 30  # N·D below which the expansion in 1/N fails: at N·D = 10 chaos of tanh is off by half of D


class Question(NamedTuple):
    """What `correlations` was asked, but for the gain."""

    activation: Activation
    drive: Drive
    size: int | None
    activity: str
    order: str
    covariance: str
    placement: str
    self_coupling: bool
    dt: float | None
    dynamic: bool
    samples: int
    linear: bool
    odd: bool


class Row(NamedTuple):
    """Numbers of one gain; why they do not hold; whether they are of motion; standard errors of ψ and D."""

    statistics: Statistics
    reason: str = ""
    moving: bool = False
    errors: tuple[float, float] = (float("nan"), float("nan"))


def answer(asked: Question, gain: float, key: PRNGKeyArray | Array) -> Row:
    """Return the row of one gain."""
    row = _routed(asked, gain, key)
    if asked.size is None or not asked.size * row.statistics.dimension < FEWEST:
        return row
    few = f"N·D = {asked.size * row.statistics.dimension:.2g} is below {FEWEST}: too few units for a theory of large N"
    return row._replace(reason="; ".join(filter(None, (row.reason, few))))


def _routed(asked: Question, gain: float, key: PRNGKeyArray | Array) -> Row:
    closed = _linear(asked, gain)
    if closed is not None:
        return closed
    if asked.dynamic or not (asked.drive.static or asked.drive.silent):
        return _moving(asked, gain)
    outside = asked.placement == "outside"
    found = static_statistics(asked.activation, gain, asked.drive.frozen, activity=asked.activity, outside=outside)
    if not np.isfinite(found.variance):
        return Row(LOST, _runaway(asked, gain))
    if found.susceptibility < 1:
        return _finite(asked, gain, key) if asked.order == "finite" else Row(found)
    unstable = f"χ = {found.susceptibility:.3g} ≥ 1: fixed points are unstable"
    if asked.order == "finite":
        lost = LOST._replace(susceptibility=found.susceptibility, effective_gain=found.effective_gain)
        return Row(lost, f"{unstable}, and 1/N is known for stable ones; see order='leading' with dynamic=True")
    if asked.drive.silent and not outside:
        return _moving(asked, gain)
    advice = "simulate the motion" if outside else "dynamic=True answers for the motion"
    return Row(found, f"{unstable}, these numbers count all of them with signs; {advice}")


def _linear(asked: Question, gain: float) -> Row | None:
    """Return the closed form of linear units, if there is one."""
    given = asked.drive
    white = given.white > 0 and not given.frozen and not given.coloured
    if not asked.linear or asked.placement == "outside" or not (white or given.static or given.silent):
        return None
    equal_time = white and asked.covariance == "equal-time"
    if equal_time and asked.dt is not None:
        return None
    size = asked.size if asked.order == "finite" else None
    found = linear_statistics(
        gain, given.white + given.frozen, size, equal_time=equal_time, self_coupling=asked.self_coupling
    )
    return Row(found, "" if gain < 1 else _runaway(asked, gain), moving=white)


def _finite(asked: Question, gain: float, key: PRNGKeyArray | Array) -> Row:
    one = site(asked.activation, gain, asked.drive.frozen)
    size = int(asked.size or 0)
    try:
        found = finite_statistics(
            asked.activation,
            gain,
            asked.drive.frozen,
            size,
            one,
            activity=asked.activity,
            samples=asked.samples,
            key=key,
        )
    except InputError as error:
        return Row(LOST, str(error))
    return Row(found.statistics, errors=(found.covariance_variance_se, found.dimension_se))


def _moving(asked: Question, gain: float) -> Row:
    options: Any = {"activity": asked.activity, "covariance": asked.covariance, "dt": asked.dt}
    try:
        found = dynamic_statistics(asked.activation, gain, asked.drive, **options)
    except InputError as error:
        return Row(LOST, str(error), moving=True)
    return Row(Statistics(*found), moving=True)


def _runaway(asked: Question, gain: float) -> str:
    """Return why there is no stationary state; growth without bound is stated only where it is shown."""
    lost = "no stationary state: activity grows without bound"
    if asked.linear:
        return f"{lost} (linear units are stable for g < 1)"
    if asked.placement == "inside" and gain >= (fold := fold_of(asked.activation, asked.drive.frozen)):
        return f"{lost} (fold at g = {fold:.4g})"
    return str(no_state(asked.activation, gain, f"fixed points with variances up to {MOST:g}"))


__all__ = ["FEWEST", "Question", "Row", "answer"]
