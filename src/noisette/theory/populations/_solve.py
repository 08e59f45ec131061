"""The stationary state that populations reach from a start: a fixed point, or fluctuations."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from jaxtyping import Complex

from noisette.errors import InputError, require
from noisette.theory.populations._exponent import exponent
from noisette.theory.populations._fixed_points import bulk_edge, bulk_of, fixed_point, outliers
from noisette.theory.populations._model import Model
from noisette.theory.populations._stationary import (
    FORGOTTEN,
    HIGH,
    HIGHEST,
    Equations,
    Stationary,
    equations_on,
    from_two_time,
    too_slow,
)
from noisette.theory.populations._two_time import Start, TwoTime, two_time

DURATIONS = (30.0, 120.0, 240.0)  # of the two-time solution in units of the longest time constant, tried in turn
STRONGER, SMALLEST = (1.2, 1.5, 2.0), 1e-4  # factors of the weights from which solutions are continued; least step
MOST_TIMES = 3000  # of the two-time solution
STEP = 0.15  # in units of the shortest time constant
FLUCTUATING = 0.3  # share of the variance in fluctuations at the end above which they are taken to last
OSCILLATION = (
    1e-2  # amplitude of the means, relative to the standard deviation, above which they are taken to oscillate
)


@dataclass(frozen=True, eq=False)
class Activity:
    """The stationary activity of populations.

    Attributes
    ----------
    stationary : second moments over lags; at a fixed point c = 0
    lyapunov : largest Lyapunov exponent λ_max
    mean_modes : eigenvalues of the mean modes at a fixed point, else empty
    bulk : largest real part of the bulk of the spectrum of the Jacobian at a fixed point, else NaN
    is_fixed_point : whether activity is constant in time
    """

    stationary: Stationary
    lyapunov: float
    mean_modes: Complex[np.ndarray, " modes"]
    bulk: float = np.nan
    is_fixed_point: bool = False


def solve(model: Model, begin: Start) -> Activity:
    """Return the stationary activity that is reached from a start.

    Raises
    ------
    InputError : If activity grows without bound, oscillates in the mean, or decays too slowly.
    """
    run = None
    for duration in DURATIONS:
        run, dt = _forward(model, duration, begin)
        still = _at_rest(model, run) if model.quiet else None
        if still is not None:
            return still
        solution = _fluctuating(model, partial(from_two_time, run=run, dt=dt))
        if solution is not None:
            return Activity(solution, exponent(solution), np.zeros(0, complex))
    assert run is not None
    _require_steady(run)
    solution = _from_stronger_weights(model, begin)
    if solution is not None:
        return Activity(solution, exponent(solution), np.zeros(0, complex))
    raise InputError(
        "populations without a stationary state that the solver reaches: near a transition, activity changes too "
        "slowly; change the gain, the noise or the start, or simulate a network"
    )


def _forward(model: Model, duration: float, begin: Start) -> tuple[TwoTime, float]:
    """Return the two-time solution and its time step, which is shortened where the means would be unstable."""
    times = [1 / rate.real for s in model.current + model.inside + model.rate_noise for _, rate in s.decaying]
    until = duration * max([float(model.tau.max()), *(time / 4 for time in times)])
    strength = float(np.abs(model.statistics.mean / model.tau[:, None]).sum(1).max())
    dt = min(STEP * float(model.tau.min()), 0.5 / max(strength, 1e-9))
    steps = int(np.ceil(until / dt))
    steps = min(steps, MOST_TIMES)
    with np.errstate(over="ignore", invalid="ignore"):
        run = two_time(model, steps, dt, begin)
    final = run.covariance[:, -1, -1]
    require(
        bool(np.isfinite(final).all()) and bool((final < 1e12).all()),
        "populations whose activity grows without bound",
        "an activation that saturates, or a lower gain",
    )
    return run, dt


def _at_rest(model: Model, run: TwoTime) -> Activity | None:
    """Return the stable fixed point near the end of a two-time solution, or None if there is none."""
    late = run.covariance[:, -1]
    final = late[:, -1]
    still = fixed_point(model, run.mean[-1], final, run.overlap[-1])
    if still is None:
        return None
    modes = outliers(model, still)
    bulk = bulk_of(model, still)
    if bulk > 0 or modes[0].real > 0:
        return None
    half = late[:, late.shape[1] // 2]  # covariance with the state half a run before
    moving = final - half > FLUCTUATING * np.maximum(final, 1e-300)
    growing = final > 0.5 * run.covariance[:, late.shape[1] // 2, late.shape[1] // 2]
    if bool((moving & growing & (final > 1e-6)).any()):
        return None
    grid = equations_on(model, HIGH).grid
    silent = np.zeros((model.populations, len(grid.lags)))
    stationary = Stationary(model, grid, silent, still.variance, still.mean, still.overlap)
    # a mean mode inside the bulk is not an eigenvalue
    return Activity(stationary, max(bulk, float(modes[0].real)), modes, bulk, True)


def _fluctuating(model: Model, start: Callable[[Equations], Stationary]) -> Stationary | None:
    """Return the solution with fluctuations near a start, a function of the equations on a grid, or None."""
    for high in range(HIGH, HIGHEST + 1, 4):
        equations = equations_on(model, high)
        solution = equations.newton(start(equations))
        if solution is None or not _is_autocovariance(solution):
            return None
        if solution.is_fixed_point and model.quiet:
            return None  # an unstable fixed point
        scale = np.maximum(solution.decaying[:, :1], 1e-300)
        if (np.abs(solution.decaying[:, -16:]) <= FORGOTTEN * scale).all():
            return solution
        start = partial(_on, start=solution)
    raise too_slow()


def _from_stronger_weights(model: Model, begin: Start) -> Stationary | None:
    """Return the solution that is continuous with one at stronger weights, or None.

    Near the onset of chaos activity changes too slowly for the two-time equations.
    """
    for factor in STRONGER:
        run, dt = _forward(model.scaled(factor), DURATIONS[0], begin)
        solution = _fluctuating(model.scaled(factor), partial(from_two_time, run=run, dt=dt))
        if solution is not None:
            break
    else:
        return None
    step = 0.2 * (factor - 1)
    while factor > 1 and step > SMALLEST:
        target = max(1.0, factor - step)
        near = _fluctuating(model.scaled(target), partial(_on, start=solution))
        if near is None:
            step /= 2
        else:
            solution, factor, step = near, target, 1.5 * step
    return solution if factor == 1 else None


def _on(equations: Equations, start: Stationary) -> Stationary:
    """Return a state on another grid, for other weights."""
    decaying = np.array([start.grid.at(row, equations.grid.lags) for row in start.decaying])
    return Stationary(equations.model, equations.grid, decaying, start.constant, start.mean, start.overlap)


def _is_autocovariance(solution: Stationary) -> bool:
    """Return whether |c(τ)| ≤ c(0) for all populations, and whether fluctuations decay at long lags."""
    c, v = solution.decaying, solution.variance
    bounded = (np.abs(c).max(1) <= c[:, 0] * (1 + 1e-9) + 1e-11 * v).all()
    return bool(bounded and bulk_edge(solution.model, solution.slopes_of_means()) < 0)


def _require_steady(run: TwoTime) -> None:
    """Raise an error if the means still oscillate at the end of a two-time solution."""
    quarter = len(run.mean) // 4
    third, last = run.mean[2 * quarter : 3 * quarter], run.mean[3 * quarter :]
    width = np.sqrt(np.maximum(run.covariance[:, -1, -1], 1e-300))
    lasting = (np.ptp(last, axis=0) > 0.5 * np.ptp(third, axis=0)) & (np.ptp(last, axis=0) > OSCILLATION * width)
    require(
        not lasting.any(),
        f"populations whose means oscillate, by {np.ptp(last, axis=0).max():.3g}",
        "a stationary state",
        "theory.driven_populations computes means and covariances at all times",
    )


__all__ = ["Activity", "solve"]
