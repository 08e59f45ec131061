"""Which theory answers for one gain, and whether it holds there."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import InputError
from noisette.theory._drive import Drive
from noisette.theory._onesite import no_state
from noisette.theory.motion import motion, statistics_of
from noisette.theory.statistics._critical import fold_of
from noisette.theory.statistics._finite import finite_statistics
from noisette.theory.statistics._linear import Expansions, lasting, linear_statistics, white
from noisette.theory.statistics._static import LOST, MOST, Statistics, consistent, site, static_statistics
from noisette.theory.statistics._validity import (
    agree,
    error_of_size,
    feedback,
    linear_error,
    sampled,
    small,
    truncated,
)


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
    """What is known of one gain.

    Attributes
    ----------
    statistics : the numbers
    reason : why they do not hold, "" if they do
    moving : whether they are of motion
    errors : standard errors of ψ and D
    square : ⟨x²⟩, mean over units, or of the field where noise is outside φ
    """

    statistics: Statistics
    reason: str = ""
    moving: bool = False
    errors: tuple[float, float] = (float("nan"), float("nan"))
    square: float = float("nan")


def answer(asked: Question, gain: float, key: PRNGKeyArray | Array) -> Row:
    """Return the row of one gain."""
    row = _routed(asked, gain, key)
    if asked.size is None or not row.statistics.variance > 0:
        return row
    few = _truncated(asked, gain) if asked.order == "finite" else _small(asked, gain, row)
    return row._replace(reason="; ".join(filter(None, (row.reason, few))))


def _small(asked: Question, gain: float, row: Row) -> str:
    """Return why there are too few units for the theory of large N, "" if there are enough."""
    size, noise = int(asked.size or 0), asked.drive
    closed = _closed_terms(asked, gain)
    chaotic = row.moving and not asked.linear and row.statistics.susceptibility >= 1 and noise.frozen == 0
    if closed is not None:
        error = linear_error(closed, size)
    elif np.isfinite(row.square):
        memory = 1.0 if noise.frozen > 0 else max((tau / (1 + tau) for _, tau in noise.coloured), default=0.0)
        error = error_of_size(feedback(asked.activation, gain, row.square), size, asked.activity, memory)
    else:
        error = 0.0
    finite = asked.odd and noise.static and asked.placement == "inside" and not asked.dynamic
    remedy = "see order='finite', or simulate" if finite else "simulate"
    return small(size, row.statistics.dimension, error, chaotic, remedy)


def _truncated(asked: Question, gain: float) -> str:
    """Return why the expansion of linear units to order 1/N does not hold, "" if it does."""
    closed = _closed_terms(asked, gain)
    return "" if closed is None else truncated(linear_error(closed, int(asked.size or 0)), int(asked.size or 0))


def _closed_terms(asked: Question, gain: float) -> Expansions | None:
    """Return the closed form of linear units with its first correction, if it is the theory that answers."""
    kind = _closed_kind(asked)
    if kind is None or not gain < 1:
        return None
    noise = asked.drive.white + asked.drive.frozen
    return white(gain, noise) if kind == "equal-time" else lasting(gain, noise, asked.self_coupling)


def _routed(asked: Question, gain: float, key: PRNGKeyArray | Array) -> Row:
    closed = _linear(asked, gain)
    if closed is not None:
        return closed
    if asked.dynamic or not (asked.drive.static or asked.drive.silent):
        return _moving(asked, gain)
    outside = asked.placement == "outside"
    static = static_statistics(asked.activation, gain, asked.drive.frozen, activity=asked.activity, outside=outside)
    if not np.isfinite(static.variance):
        return Row(LOST, _runaway(asked, gain))
    square = consistent(asked.activation, gain, asked.drive.frozen * (gain**2 if outside else 1.0))
    if static.susceptibility < 1:
        return _finite(asked, gain, key) if asked.order == "finite" else Row(static, square=square)
    unstable = f"χ = {static.susceptibility:.3g} ≥ 1: fixed points are unstable"
    if asked.order == "finite":
        lost = LOST._replace(susceptibility=static.susceptibility, effective_gain=static.effective_gain)
        return Row(lost, f"{unstable}, and 1/N is known for stable ones; see order='leading' with dynamic=True")
    if asked.drive.silent and not outside:
        return _moving(asked, gain)
    if asked.size is not None and not outside and _moves_alike(asked, gain, static):
        return Row(static, square=square)
    advice = "simulate the motion" if outside else "dynamic=True answers for the motion"
    return Row(static, f"{unstable}, these numbers count all of them with signs; {advice}", square=square)


def _moves_alike(asked: Question, gain: float, static: Statistics) -> bool:
    """Return whether the motion that takes the place of unstable fixed points has the same statistics."""
    moving = _moving(asked, gain).statistics
    return agree((static.variance, static.dimension), (moving.variance, moving.dimension))


def _linear(asked: Question, gain: float) -> Row | None:
    """Return the closed form of linear units, if there is one."""
    kind = _closed_kind(asked)
    if kind is None:
        return None
    source = asked.drive
    size = asked.size if asked.order == "finite" else None
    statistics = linear_statistics(
        gain, source.white + source.frozen, size, equal_time=kind == "equal-time", self_coupling=asked.self_coupling
    )
    return Row(statistics, "" if gain < 1 else _runaway(asked, gain), moving=source.white > 0)


def _closed_kind(asked: Question) -> str | None:
    """Return which closed form of linear units answers: "equal-time", "lasting", or None."""
    source = asked.drive
    is_white = source.white > 0 and not source.frozen and not source.coloured
    if not asked.linear or asked.placement == "outside" or not (is_white or source.static or source.silent):
        return None
    if is_white and asked.covariance == "equal-time":
        return "equal-time" if asked.dt is None else None
    return "lasting"


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
    relative = found.dimension_se / found.statistics.dimension
    errors = found.covariance_variance_se, found.dimension_se
    return Row(found.statistics, sampled(relative, found.weight_std), errors=errors)


def _moving(asked: Question, gain: float) -> Row:
    try:
        moved = motion(asked.activation, gain, asked.drive, dt=asked.dt)
        statistics = statistics_of(moved, asked.activity, asked.covariance)
    except InputError as error:
        return Row(LOST, str(error), moving=True)
    return Row(Statistics(*statistics), moving=True, square=moved.variance)


def _runaway(asked: Question, gain: float) -> str:
    """Return why there is no stationary state; growth without bound is stated only where it is shown."""
    lost = "no stationary state: activity grows without bound"
    if asked.linear:
        return f"{lost} (linear units are stable for g < 1)"
    if asked.placement == "inside" and gain >= (fold := fold_of(asked.activation, asked.drive.frozen)):
        return f"{lost} (fold at g = {fold:.4g})"
    return str(no_state(asked.activation, gain, f"fixed points with variances up to {MOST:g}"))


__all__ = ["Question", "Row", "answer"]
