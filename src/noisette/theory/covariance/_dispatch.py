"""Dispatch of one gain to the theory that describes it, and a check of the validity of that theory."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.activations import Activation
from noisette.errors import InputError
from noisette.noise import NoiseSpectrum
from noisette.theory.covariance._critical_gain import fold_of
from noisette.theory.covariance._finite_size import finite_statistics
from noisette.theory.covariance._fixed_points import UNDEFINED, Statistics, consistent, site, static_statistics
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
    """Checked arguments of `correlations` other than the gain, with properties of the activation."""

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
    reason : why they are not valid, or "" if they are
    dynamic : whether they are those of dynamical mean-field theory
    errors : standard errors of ψ and D, or NaN
    square : mean square of the argument of φ: the current x, or the field g J x if noise is outside φ; NaN if unknown
    """

    statistics: Statistics
    reason: str = ""
    dynamic: bool = False
    errors: tuple[float, float] = (float("nan"), float("nan"))
    square: float = float("nan")


def solve(options: Options, gain: float, key: PRNGKeyArray | Array) -> Row:
    """Return the results for one gain."""
    row = _statistics(options, gain, key)
    if options.size is None or not row.statistics.variance > 0:
        return row
    few = _too_few_for_expansion(options, gain) if options.order == "finite" else _too_few(options, gain, row)
    return row._replace(reason="; ".join(filter(None, (row.reason, few))))


def _too_few(options: Options, gain: float, row: Row) -> str:
    """Return why there are too few units for the theory for N → ∞, or "" if there are enough."""
    size, noise = int(options.size or 0), options.spectrum
    closed = _closed_terms(options, gain)
    # activity that frozen noise keeps partly static does not count as chaos
    chaotic = row.dynamic and not options.linear and row.statistics.susceptibility >= 1 and noise.frozen == 0
    if closed is not None:
        error = linear_error(closed, size)
    elif np.isfinite(row.square):
        # 1/(1 + 1/τ_c) of the slowest noise interpolates between white (0) and frozen noise (1)
        memory = 1.0 if noise.frozen > 0 else max((1 / (1 + rate.real) for _, rate in noise.decaying), default=0.0)
        error = error_of_size(feedback(options.activation, gain, row.square), size, options.activity, memory)
    else:
        error = 0.0
    finite = options.odd and noise.is_frozen and options.placement == "inside" and not options.dynamic
    remedy = "see order='finite', or simulate" if finite else "simulate"
    return small(size, row.statistics.dimension, error, chaotic, remedy)


def _too_few_for_expansion(options: Options, gain: float) -> str:
    """Return why the expansion of linear units to order 1/N does not hold, or "" if it does."""
    closed = _closed_terms(options, gain)
    return "" if closed is None else truncated(linear_error(closed, int(options.size or 0)), int(options.size or 0))


def _closed_terms(options: Options, gain: float) -> Expansions | None:
    """Return the closed form of linear units with its first correction, or None if another theory applies."""
    kind = _closed_kind(options)
    if kind is None or not gain < 1:
        return None
    noise = options.spectrum.white + options.spectrum.frozen
    return white(gain, noise) if kind == "equal-time" else lasting(gain, noise, options.self_coupling)


def _statistics(options: Options, gain: float, key: PRNGKeyArray | Array) -> Row:
    """Return the results for one gain, regardless of the size for which they are valid."""
    closed = _linear(options, gain)
    if closed is not None:
        return closed
    if options.dynamic or not (options.spectrum.is_frozen or options.spectrum.is_zero):
        return _dynamic(options, gain)
    outside = options.placement == "outside"
    static = static_statistics(
        options.activation, gain, options.spectrum.frozen, activity=options.activity, outside=outside
    )
    if not np.isfinite(static.variance):
        return Row(UNDEFINED, _runaway(options, gain))
    square = consistent(options.activation, gain, options.spectrum.frozen * (gain**2 if outside else 1.0))
    if static.susceptibility < 1:
        return _finite(options, gain, key) if options.order == "finite" else Row(static, square=square)
    unstable = f"χ = {static.susceptibility:.3g} ≥ 1: fixed points are unstable"
    if options.order == "finite":
        undefined = UNDEFINED._replace(susceptibility=static.susceptibility, effective_gain=static.effective_gain)
        advice = "1/N corrections are known for stable ones; see order='leading' with dynamic=True"
        return Row(undefined, f"{unstable}; {advice}")
    if options.spectrum.is_zero and not outside:
        return _dynamic(options, gain)
    if options.size is not None and not outside and _agrees_with_dynamics(options, gain, static):
        return Row(static, square=square)
    advice = "simulate the dynamics" if outside else "dynamic=True describes the dynamics instead"
    # Kac–Rice averages without absolute values: each fixed point counts with the sign of its Jacobian
    return Row(static, f"{unstable}; the results count all of them with signs; {advice}", square=square)


def _agrees_with_dynamics(options: Options, gain: float, static: Statistics) -> bool:
    """Return whether the chaos that replaces unstable fixed points has the same statistics."""
    chaos = _dynamic(options, gain).statistics
    return agree((static.variance, static.dimension), (chaos.variance, chaos.dimension))


def _linear(options: Options, gain: float) -> Row | None:
    """Return the results for linear units in closed form, or None if there is none."""
    kind = _closed_kind(options)
    if kind is None:
        return None
    spectrum = options.spectrum
    size = options.size if options.order == "finite" else None
    statistics = linear_statistics(
        gain,
        spectrum.white + spectrum.frozen,
        size,
        equal_time=kind == "equal-time",
        self_coupling=options.self_coupling,
    )
    return Row(statistics, "" if gain < 1 else _runaway(options, gain), dynamic=spectrum.white > 0)


def _closed_kind(options: Options) -> str | None:
    """Return the closed form of linear units that applies: "equal-time", "zero-frequency", or None."""
    spectrum = options.spectrum
    is_white = spectrum.is_white
    solvable = is_white or spectrum.is_frozen or spectrum.is_zero
    if not options.linear or options.placement == "outside" or not solvable:
        return None
    if is_white and options.covariance == "equal-time":
        return "equal-time" if options.dt is None else None  # in Euler steps only mean-field theory applies
    # at zero frequency the response of Euler steps is that of continuous time
    return "zero-frequency"


def _finite(options: Options, gain: float, key: PRNGKeyArray | Array) -> Row:
    """Return the results for odd nonlinear units in frozen noise to order 1/N."""
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
        return Row(UNDEFINED, str(error))
    relative = finite.dimension_se / finite.statistics.dimension
    errors = finite.covariance_variance_se, finite.dimension_se
    return Row(finite.statistics, sampled(relative, finite.weight_std), errors=errors)


def _dynamic(options: Options, gain: float) -> Row:
    """Return the results of dynamical mean-field theory."""
    if options.linear and not gain < 1:  # at g = 1 the search would end at a large variance, after half a minute
        return Row(UNDEFINED, _runaway(options, gain), dynamic=True)
    try:
        solution = solve_dmft(options.activation, gain, options.spectrum, dt=options.dt)
        statistics = covariance_statistics(solution, options.activity, options.covariance)
    except InputError as error:
        return Row(UNDEFINED, str(error), dynamic=True)
    return Row(Statistics(*statistics), dynamic=True, square=solution.variance)


def _runaway(options: Options, gain: float) -> str:
    """Return why there is no stationary state; unbounded growth is stated only where it is proven."""
    unbounded = "no stationary state: activity grows without bound"
    if options.linear:
        return f"{unbounded} (linear units are stable for g < 1)"
    if options.placement == "inside" and gain >= (fold := fold_of(options.activation, options.spectrum.frozen)):
        return f"{unbounded} (fold at g = {fold:.4g})"
    return str(no_state(options.activation, gain, f"fixed points with variances up to {MOST:g}"))


__all__ = ["Options", "Row", "solve"]
