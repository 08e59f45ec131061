"""Dispatch of one gain to the theory that describes it, and a check of whether that theory holds."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import InputError
from noisette.noise import NoiseSpectrum
from noisette.theory.covariance._critical_gain import fold_of
from noisette.theory.covariance._finite_size import finite_statistics
from noisette.theory.covariance._fixed_points import LOST, Statistics, consistent, site, static_statistics
from noisette.theory.covariance._linear import Expansions, lasting, linear_statistics, white
from noisette.theory.covariance._validity import (
    agree,
    error_of_size,
    feedback,
    linear_error,
    sampled,
    small,
    truncated,
)
from noisette.theory.dmft import covariance_statistics, solve_dmft
from noisette.theory.gaussian._activation import no_state
from noisette.theory.gaussian._fixed_point import MOST


class Options(NamedTuple):
    """The arguments of `correlations` other than the gain, checked, with properties of the activation."""

    activation: Activation
    spectrum: NoiseSpectrum
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
    """Results for one gain.

    Attributes
    ----------
    statistics : variance, covariances and dimension
    reason : why they are not valid, "" if they are
    moving : whether they come from dynamical mean-field theory
    errors : standard errors of ψ and D
    square : ⟨x²⟩, mean over units, or of the field where noise is outside φ
    """

    statistics: Statistics
    reason: str = ""
    moving: bool = False
    errors: tuple[float, float] = (float("nan"), float("nan"))
    square: float = float("nan")


def solve(options: Options, gain: float, key: PRNGKeyArray | Array) -> Row:
    """Return the results for one gain."""
    row = _routed(options, gain, key)
    if options.size is None or not row.statistics.variance > 0:
        return row
    few = _truncated(options, gain) if options.order == "finite" else _small(options, gain, row)
    return row._replace(reason="; ".join(filter(None, (row.reason, few))))


def _small(options: Options, gain: float, row: Row) -> str:
    """Return why there are too few units for the theory of large N, "" if there are enough."""
    size, noise = int(options.size or 0), options.spectrum
    closed = _closed_terms(options, gain)
    chaotic = row.moving and not options.linear and row.statistics.susceptibility >= 1 and noise.frozen == 0
    if closed is not None:
        error = linear_error(closed, size)
    elif np.isfinite(row.square):
        memory = 1.0 if noise.frozen > 0 else max((tau / (1 + tau) for _, tau in noise.coloured), default=0.0)
        error = error_of_size(feedback(options.activation, gain, row.square), size, options.activity, memory)
    else:
        error = 0.0
    finite = options.odd and noise.is_frozen and options.placement == "inside" and not options.dynamic
    remedy = "see order='finite', or simulate" if finite else "simulate"
    return small(size, row.statistics.dimension, error, chaotic, remedy)


def _truncated(options: Options, gain: float) -> str:
    """Return why the expansion of linear units to order 1/N does not hold, "" if it does."""
    closed = _closed_terms(options, gain)
    return "" if closed is None else truncated(linear_error(closed, int(options.size or 0)), int(options.size or 0))


def _closed_terms(options: Options, gain: float) -> Expansions | None:
    """Return the closed form of linear units with its first correction, if that is the theory in use."""
    kind = _closed_kind(options)
    if kind is None or not gain < 1:
        return None
    noise = options.spectrum.white + options.spectrum.frozen
    return white(gain, noise) if kind == "equal-time" else lasting(gain, noise, options.self_coupling)


def _routed(options: Options, gain: float, key: PRNGKeyArray | Array) -> Row:
    closed = _linear(options, gain)
    if closed is not None:
        return closed
    if options.dynamic or not (options.spectrum.is_frozen or options.spectrum.is_zero):
        return _moving(options, gain)
    outside = options.placement == "outside"
    static = static_statistics(
        options.activation, gain, options.spectrum.frozen, activity=options.activity, outside=outside
    )
    if not np.isfinite(static.variance):
        return Row(LOST, _runaway(options, gain))
    square = consistent(options.activation, gain, options.spectrum.frozen * (gain**2 if outside else 1.0))
    if static.susceptibility < 1:
        return _finite(options, gain, key) if options.order == "finite" else Row(static, square=square)
    unstable = f"χ = {static.susceptibility:.3g} ≥ 1: fixed points are unstable"
    if options.order == "finite":
        lost = LOST._replace(susceptibility=static.susceptibility, effective_gain=static.effective_gain)
        return Row(lost, f"{unstable}, and 1/N is known for stable ones; see order='leading' with dynamic=True")
    if options.spectrum.is_zero and not outside:
        return _moving(options, gain)
    if options.size is not None and not outside and _moves_alike(options, gain, static):
        return Row(static, square=square)
    advice = "simulate the motion" if outside else "dynamic=True describes the dynamics instead"
    return Row(static, f"{unstable}, these numbers count all of them with signs; {advice}", square=square)


def _moves_alike(options: Options, gain: float, static: Statistics) -> bool:
    """Return whether the chaos that replaces unstable fixed points has the same statistics."""
    moving = _moving(options, gain).statistics
    return agree((static.variance, static.dimension), (moving.variance, moving.dimension))


def _linear(options: Options, gain: float) -> Row | None:
    """Return the closed form of linear units, if there is one."""
    kind = _closed_kind(options)
    if kind is None:
        return None
    source = options.spectrum
    size = options.size if options.order == "finite" else None
    statistics = linear_statistics(
        gain, source.white + source.frozen, size, equal_time=kind == "equal-time", self_coupling=options.self_coupling
    )
    return Row(statistics, "" if gain < 1 else _runaway(options, gain), moving=source.white > 0)


def _closed_kind(options: Options) -> str | None:
    """Return the closed form of linear units that applies: "equal-time", "lasting", or None."""
    source = options.spectrum
    is_white = source.white > 0 and not source.frozen and not source.coloured
    if not options.linear or options.placement == "outside" or not (is_white or source.is_frozen or source.is_zero):
        return None
    if is_white and options.covariance == "equal-time":
        return "equal-time" if options.dt is None else None
    return "lasting"


def _finite(options: Options, gain: float, key: PRNGKeyArray | Array) -> Row:
    moments = site(options.activation, gain, options.spectrum.frozen)
    size = int(options.size or 0)
    try:
        finite = finite_statistics(
            options.activation,
            gain,
            options.spectrum.frozen,
            size,
            moments,
            activity=options.activity,
            samples=options.samples,
            key=key,
        )
    except InputError as error:
        return Row(LOST, str(error))
    relative = finite.dimension_se / finite.statistics.dimension
    errors = finite.covariance_variance_se, finite.dimension_se
    return Row(finite.statistics, sampled(relative, finite.weight_std), errors=errors)


def _moving(options: Options, gain: float) -> Row:
    try:
        solution = solve_dmft(options.activation, gain, options.spectrum, dt=options.dt)
        statistics = covariance_statistics(solution, options.activity, options.covariance)
    except InputError as error:
        return Row(LOST, str(error), moving=True)
    return Row(Statistics(*statistics), moving=True, square=solution.variance)


def _runaway(options: Options, gain: float) -> str:
    """Return why there is no stationary state; growth without bound is stated only where it is proven."""
    lost = "no stationary state: activity grows without bound"
    if options.linear:
        return f"{lost} (linear units are stable for g < 1)"
    if options.placement == "inside" and gain >= (fold := fold_of(options.activation, options.spectrum.frozen)):
        return f"{lost} (fold at g = {fold:.4g})"
    return str(no_state(options.activation, gain, f"fixed points with variances up to {MOST:g}"))


__all__ = ["Options", "Row", "solve"]
