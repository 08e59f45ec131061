"""Stationary runs of a network, and the detection of runs that diverge.

Runs start from independent normal states of the variance that mean-field theory predicts, with the noise in its
stationary state. The influence of the initial state decays with the slowest mode, which is estimated from the runs: to
lowest order a deviation obeys dδ/dt = (−1 + g W A) δ, where A is the diagonal matrix of the regression slopes of
φ(x_i) on x_i over the sampled states (statistical linearisation). The relaxation time is 1/(1 − max Re eig(g W A)). A
covariance is quadratic in δ and decays twice as fast, so that 2.5 relaxation times reduce the influence by e⁻⁵; the
response to noise that is correlated in time decays at the rate of δ itself and needs 5. Runs whose transient is shorter
are repeated with a longer one. A t-test for a drift of the mean square from the first to the last snapshot detects
cases that the linearisation does not cover, such as activity that dies out without noise.

Activity can diverge only if φ grows at least linearly with its input. For such φ the sampled states are integrated
further without noise: a state that grows far beyond its present size diverges, although it is still finite.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float, PRNGKeyArray
from scipy.special import stdtrit

from noisette.errors import InputError
from noisette.networks import RateNetwork, fastest_rate
from noisette.noise import Noise, White
from noisette.probes import Snapshots
from noisette.simulation import simulate
from noisette.simulation._judge import BOUND
from noisette.theory.dmft import places_of, solve_places
from noisette.theory.gaussian._activation import values
from noisette.theory.gaussian._averages import is_linear

TRANSIENTS = (20.0, 40.0, 80.0, 160.0)  # in units of τ, tried in turn after the requested transient
FORGET_WHITE, FORGET = 2.5, 5.0  # required transients in relaxation times, for white and for other noise
DRIFT, FEWEST = 1e-5, 8  # level of the t-test for a drift, and the smallest number of runs for it
SILENT = 1e-12  # mean square below which activity without noise counts as zero
SUBLINEAR = 0.5  # φ is sublinear if φ(x)/x at 10⁸ is below this fraction of its value at 10⁴
STEP, DURATION = 0.25, 400.0  # time step and duration, in units of τ, of the continuation without noise
DIVERGED, GROWN, STILL_GROWING = 1e4, 10.0, 2.0  # growth factors: at any time; in total, and in the second half
DECAYED = 0.1  # decay factor at which a continued state counts as bounded
LARGEST = 1500  # number of units up to which the eigenvalues are computed


class Transient(NamedTuple):
    """Times at which runs are sampled.

    Attributes
    ----------
    dt, discard : time step of Euler's method and shortest transient, in units of τ
    snapshots, every : number of states kept per run, and the time between them in units of τ
    """

    dt: float
    discard: float
    snapshots: int
    every: float

    def candidates(self) -> list[float]:
        """Return the transients to be tried, in increasing order."""
        return [self.discard, *(each for each in TRANSIENTS if each > self.discard)]


class Runs(NamedTuple):
    """Snapshots of independent runs.

    Attributes
    ----------
    states : sampled states, shape (draws, snapshots, N); NaN in runs that diverge
    transient : time before the first snapshot, in units of τ
    relaxation : relaxation time of the slowest mode; infinite if it does not decay, NaN without noise
    stationary : whether the transient is long enough and no drift is detected
    warning : warning of the simulation, or an empty string
    """

    states: np.ndarray
    transient: float
    relaxation: float
    stationary: bool
    warning: str


def start_variance(network: RateNetwork, dt: float) -> float:
    """Return the stationary variance of mean-field theory, or that of an isolated unit where theory has no solution."""
    W = np.asarray(network.weights)
    gain = float(network.gain) * float(np.sqrt((W**2).sum(1).mean()))
    if network.noise is None:
        return 1.0
    try:
        places = places_of(network.noise)
    except InputError:
        return 0.0  # mean-field theory does not cover this noise, which drives the network away from the origin
    try:
        return float(solve_places(network.activation, gain, places, dt=dt).state_variance)
    except InputError:
        return places.current.unit_variance


def stationary_runs(network: RateNetwork, key: PRNGKeyArray, draws: int, schedule: Transient, variance: float) -> Runs:
    """Return snapshots of independent runs, with a transient chosen by the relaxation time of the slowest mode.

    Parameters
    ----------
    network : rate network with its noise
    key : random key of initial states and noise
    draws : number of runs
    schedule : time step, shortest transient and times of the snapshots
    variance : variance of the normal initial states
    """
    normal = jax.random.normal(jax.random.fold_in(key, draws), (draws, network.size), float)
    start, transient = np.asarray(normal) * np.sqrt(variance), schedule.discard
    candidates = schedule.candidates()
    while True:
        states, warning = _simulated(network, key, start, schedule._replace(discard=transient))
        diverged = ran_away(network, states[:, -1])
        kept = states[~diverged]
        relaxation = slowest_relaxation(network, kept)
        if is_linear(network.activation) and not np.isfinite(relaxation) and network.noise is not None:
            diverged[:] = True  # for linear units the criterion is exact: the growing mode is excited in every run
        drifts = drifting(kept)
        if network.noise is None and len(kept) and (kept[:, -1] ** 2).mean() < SILENT:
            states, drifts = np.zeros_like(states), False
        needed = 0.0 if diverged.all() or network.noise is None else _relaxation_times(network.noise) * relaxation
        stationary = bool(transient >= needed and not drifts)
        longer = [each for each in candidates if each > transient]
        if stationary or not longer:
            states = np.where(diverged[:, None, None], np.nan, states)
            return Runs(states, transient, relaxation, stationary, warning)
        transient = next((each for each in longer if each >= needed), longer[-1])


def _relaxation_times(noise: Noise) -> float:
    """Return the transient, in relaxation times, that reduces the influence of the initial state by e⁻⁵."""
    return FORGET_WHITE if isinstance(noise, White) else FORGET


def _simulated(
    network: RateNetwork, key: PRNGKeyArray, start: np.ndarray, schedule: Transient
) -> tuple[np.ndarray, str]:
    """Return snapshots of runs from given states, shape (draws, snapshots, N), and the warning of unstable steps."""
    times = schedule.discard + schedule.every * np.arange(schedule.snapshots)
    steps = round(float(times[-1]) / schedule.dt) + 1
    runs = simulate(
        network, steps, Snapshots(times.tolist()), key=key, dt=schedule.dt, runs=len(start), start=start, warn=False
    )
    # the bias of a stable step is included in the theory for the same step; only unstable steps are reported
    unstable = float(runs.stability) > BOUND
    return runs.snapshots.values, runs.attrs.get("warning", "") if unstable else ""


def slowest_relaxation(network: RateNetwork, states: np.ndarray) -> float:
    """Return 1/(1 − max Re eig(g W A)), A being the regression slopes of φ(x) on x; infinite if a mode grows."""
    if network.noise is None or not len(states):
        return float("nan")
    x = states.reshape(-1, network.size)
    rates = np.asarray(network.rate(jnp.asarray(x)))
    centred = (x - x.mean(0)) / np.maximum(np.abs(x).max(), 1e-300)  # scaled, since squares of weak noise underflow
    square = (centred**2).sum(0)
    # for normal x Stein's lemma gives ⟨φ'⟩ = Cov(φ, x)/Var x, whose right-hand side also exists for kinks and jumps
    regression = (centred * rates).sum(0) / np.maximum(np.abs(x).max(), 1e-300)
    slopes = np.where(square > 0, regression / np.where(square > 0, square, 1.0), 0.0)
    J = float(network.gain) * np.asarray(network.weights) * slopes
    if network.size > LARGEST:  # circular law: the spectral radius of many independent weights is √(Σ J_ij²/N)
        edge = float(np.sqrt((J**2).sum() / network.size))
    else:
        edge = float(np.linalg.eigvals(J).real.max()) if np.isfinite(J).all() else np.inf
    return 1 / (1 - edge) if edge < 1 else float("inf")


def drifting(states: Float[np.ndarray, "draws snapshots N"]) -> bool:
    """Return whether the mean square differs between the first and the last snapshot, by a paired t-test over runs."""
    if len(states) < FEWEST or states.shape[1] < 2:
        return False
    with np.errstate(all="ignore"):
        change = (states[:, -1] ** 2).mean(1) - (states[:, 0] ** 2).mean(1)
        score = change.mean() / (change.std(ddof=1) / np.sqrt(len(change)))
    return bool(np.abs(score) > stdtrit(len(change) - 1, 1 - DRIFT / 2))


def grows_linearly(activation: Callable[..., Any]) -> bool:
    """Return whether φ(x)/x does not decrease at large |x|, so that activity may diverge."""
    with np.errstate(all="ignore"):
        near, far = (
            np.nanmax([abs(float(values(activation, np.array(sign * x)))) / x for sign in (1, -1)]) for x in (1e4, 1e8)
        )
    return bool(not np.isfinite(far) or (far > SUBLINEAR * near and far > 0))


def ran_away(network: RateNetwork, states: Float[np.ndarray, "draws N"]) -> Bool[np.ndarray, " draws"]:
    """Return which states diverge: those that are not finite, or that keep growing when the noise is switched off."""
    finite = np.isfinite(states).all(axis=1)
    if not finite.any() or not grows_linearly(network.activation):
        return np.asarray(~finite)
    fastest = float(fastest_rate(network, jnp.zeros(network.size)))
    # the step also has to resolve the fastest mode at the origin
    step = min(STEP * network.min_tau, 0.5 / fastest if np.isfinite(fastest) and fastest > 0 else np.inf)
    finite_states = jnp.asarray(np.where(np.reshape(finite, (-1, 1)), states, 0.0))
    growth, second_half = _growth_factors(
        network.with_noise(None), finite_states, jnp.asarray(step), int(DURATION / STEP)
    )
    growth, second_half = np.asarray(growth), np.asarray(second_half)
    # the negated comparison is also true for NaN, so that overflow counts as growth
    grown = np.asarray(~(growth < DIVERGED) | ((growth > GROWN) & (second_half > STILL_GROWING)))
    return np.asarray(~finite | grown)


@eqx.filter_jit
def _growth_factors(network: RateNetwork, states: Array, step: Array, steps: int) -> tuple[Array, Array]:
    """Return the factors by which states grow along the noiseless flow, in total and over the second half of the time.

    The integration ends early when each state has either decayed to a small fraction or grown by the factor `DIVERGED`.
    """
    drift = jax.vmap(network.drift)

    def size(x):
        return jnp.abs(x).max(1)

    initial_size = jnp.maximum(1.0, size(states))

    def body(carry):
        count, x, middle_size = carry
        active = size(x) < DIVERGED * initial_size  # diverged states are frozen before they overflow
        x = jnp.where(active[:, None], x + step * drift(x), x)
        return count + 1, x, jnp.where(count == steps // 2, size(x), middle_size)

    def undecided(carry):
        current_size = size(carry[1])
        return (carry[0] < steps) & (
            (current_size > DECAYED * size(states)) & (current_size < DIVERGED * initial_size)
        ).any()

    _, x, middle_size = jax.lax.while_loop(undecided, body, (0, states, size(states)))
    return size(x) / initial_size, size(x) / jnp.maximum(middle_size, 1e-300)


__all__ = ["Runs", "Transient", "ran_away", "slowest_relaxation", "start_variance", "stationary_runs"]
