"""The length of a step, chosen from the modes at rest, at the starts and where the flow leads."""

import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array
from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov

from noisette.errors import InputError, require
from noisette.networks import ContinuousNetwork
from noisette.networks.stability import LIMIT, jacobian_matrix, spectrum_at
from noisette.networks.step_size import Explicit, Spectrum, critical_steps, mode_biases
from noisette.noise import Channels, Frozen, Gated, Noise, OrnsteinUhlenbeck
from noisette.noise import Sum as NoiseSum

LONGEST = 0.05  # the step that "auto" never exceeds, in units of the shortest time constant
MARGIN = 0.5  # share of the bound of stability that "auto" takes
BIAS = 0.02  # relative error of stationary variances that "auto" allows
RELATIVE, ABSOLUTE = 0.05, 0.02  # error of the slowest decay rate that "auto" allows: a share, plus this over τ
CORRELATION = 0.25  # share of the correlation time of coloured noise that "auto" takes: ≤ (1/4)²/12 of its variance
CHEAPER = 4.0  # "auto" takes Heun's step, of twice the cost, where it may be so much longer than Euler's
SHORTEST = 1e-4  # of the time of the fastest mode: no step is shorter, whatever the damping of the modes
ROUND = (5.0, 2.0, 1.0)  # leading digits of the steps that "auto" takes
STARTS = 3  # starts that are examined
SETTLING = 20.0  # shortest time constants for which the flow is followed from the first start
LARGE = 300  # units beyond which only rest, one start and its end are examined
STILL = 1e-6  # a Jacobian that changes more slowly than this share of the fastest rate is at rest
NEGLIGIBLE = 1e-9  # share of the largest variance below which that of a unit has no relative error


class Conditions(NamedTuple):
    """What the modes of a simulation depend on beside the networks.

    Attributes
    ----------
    starts : states to start from, shape (runs, N)
    inputs : input signals that are examined, each of shape (channels,), or None
    duration : of a trial, None where it is not known
    """

    starts: np.ndarray
    inputs: tuple[Array | None, ...] = (None,)
    duration: float | None = None


def stable_step(networks: list[ContinuousNetwork], starts: np.ndarray, inputs: Array | None = None) -> float:
    """Return a round step of Euler's that suits networks: see `choose_step`.

    Parameters
    ----------
    networks : of one simulation
    starts : states to start from, shape (runs, N)
    inputs : input signals, shape (channels,)

    Examples
    --------
    >>> import numpy as np, noisette as nz
    >>> stable_step([nz.RateNetwork([[0.0, 8.0], [-8.0, 0.0]])], np.zeros((1, 2)))  # μ = −1 ± 8i, λ = −0.93 in steps
    0.002
    """
    return choose_step(networks, Conditions(np.asarray(starts), (inputs,)))[0]


def choose_step(
    networks: list[ContinuousNetwork], conditions: Conditions, solver: Explicit | None = "euler"
) -> tuple[float, Explicit]:
    """Return a round step, and the solver that takes it, from the modes at rest, at starts, and where the flow leads.

    It is at most half of the bound of stability of each mode and τ/20, and keeps the rate of the slowest decay at a
    stable state within 5 %, plus 0.02/τ. In noise that fluctuates, stationary variances
    are within 2 %: of every mode where the state is at rest, of every unit alone elsewhere (there single modes of a
    Jacobian that changes have no variance), and the step is at most a quarter of the noise's correlation time.

    Parameters
    ----------
    networks : of one simulation
    conditions : states and inputs to look at
    solver : "euler" or "heun"; None for Euler, or for Heun where its step may be at least four times as long and noise
        does not depend on the state: weakly damped oscillations are off by dt² or dt³ then, not by dt
    """
    judged = [(network, spectrum) for network in networks for spectrum in _spectra(network, conditions)]
    finite = all(np.isfinite(spectrum.rates).all() for _, spectrum in judged)
    require(finite, "a velocity that is not finite at rest or at the start", "no dt can be chosen")
    euler = _longest(judged, networks, "euler") if solver != "heun" else 0.0
    additive = all(network.diffusion(jnp.zeros(network.size)) is None for network in networks)
    if solver == "euler" or (solver is None and not additive):
        return euler, "euler"
    heun = _longest(judged, networks, "heun")
    return (heun, "heun") if solver == "heun" or heun > CHEAPER * euler * (1 - 1e-9) else (euler, "euler")


def round_down(value: float) -> float:
    """Return the largest number with one digit that is not above a value."""
    digit = 10.0 ** math.floor(math.log10(value))
    return math.floor(value / digit * (1 + 1e-9)) * digit


def fluctuates(noise: Noise | None, size: int) -> bool:
    """Whether noise changes in time: neither none, nor frozen, nor of strength zero."""
    if noise is None or isinstance(noise, Frozen):
        return False
    if isinstance(noise, NoiseSum):
        return any(fluctuates(part, size) for part in noise.parts)
    intensity = _intensity(noise, size)
    return intensity is None or bool((np.diag(intensity) > 0).any())


def _intensity(noise: Noise, size: int) -> np.ndarray | None:
    """Return the covariance of white noise per time, None for noise that is not white."""
    try:
        alone, factors = (np.asarray(each) for each in noise.step_law(size, None))
    except InputError:
        return None
    return np.diag(alone**2) + factors.T @ factors


def _correlation_time(noise: Noise | None) -> float:
    if isinstance(noise, OrnsteinUhlenbeck):
        return float(noise.tau)
    if isinstance(noise, NoiseSum):
        return min(_correlation_time(part) for part in noise.parts)
    return _correlation_time(noise.noise) if isinstance(noise, Gated | Channels) else math.inf


def scatter(network: ContinuousNetwork, units: np.ndarray) -> float:
    """Return β² = σ² (b²)''/2, the rate at which noise whose amplitude depends on the state feeds variance back."""
    state = jnp.asarray(units)
    if network.noise is None or network.diffusion(state) is None:
        return 0.0
    along = jnp.ones_like(state)  # amplitudes act unit by unit: the derivative along (1, 1, …) is that of each
    square = lambda x: jnp.square(jnp.asarray(network.diffusion(x)))  # noqa: E731
    slope = lambda x: jax.jvp(square, (x,), (along,))[1]  # noqa: E731
    bend = np.asarray(jax.jvp(slope, (state,), (along,))[1]) / 2
    intensity = _intensity(network.noise, network.size)
    feedback = bend if intensity is None else np.diag(intensity) * bend
    return max(0.0, float(np.nanmax(feedback, initial=0.0)))


def _spectra(network: ContinuousNetwork, conditions: Conditions) -> Iterator[Spectrum]:
    """Yield the modes at rest, at starts and where the flow leads, each Jacobian once."""
    span, seen = LONGEST * network.min_tau / 10, set()
    instants = network.instants(conditions.duration)
    rest, first = np.zeros(network.size), conditions.starts[0]
    states = [(rest, time, signal) for time in instants for signal in conditions.inputs]
    states += [(start, instants[0], conditions.inputs[0]) for start in conditions.starts[:STARTS]]
    for time in instants:
        settled = _settled(network, jnp.asarray(first), time, conditions.inputs[-1])
        if np.isfinite(settled).all():
            states.append((settled, time, conditions.inputs[-1]))
    if network.size > LARGE:  # each costs a second
        states = [states[0], states[len(instants) * len(conditions.inputs)], states[-1]]
    for units, time, signal in states:
        if network.size <= LIMIT:
            matrix = jacobian_matrix(network, jnp.asarray(units), jnp.asarray(time, float), signal)
            known = np.asarray(matrix).tobytes()
            if known in seen:
                continue
            seen.add(known)
        yield spectrum_at(network, units, time, signal, span)


def _settled(network: ContinuousNetwork, units: Array, time: float, inputs: Array | None) -> np.ndarray:
    """Return where the flow leads from a start in twenty time constants, by steps that no fast mode upsets."""
    return np.asarray(_follow(network, units, jnp.asarray(time, float), inputs, SETTLING * network.min_tau))


@eqx.filter_jit
def _follow(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None, span: Any) -> Array:
    def body(carry):
        x, left = carry
        velocity = network.drift(x, time, inputs)
        # the midpoint rule keeps oscillations that Euler's step would make grow
        turned = jax.jvp(lambda y: network.drift(y, time, inputs), (x,), (velocity,))[1]
        rate = jnp.linalg.norm(turned) / jnp.maximum(jnp.linalg.norm(velocity), 1e-300)
        step = jnp.minimum(left, 0.2 / jnp.maximum(rate, 4 / span))
        return x + step * network.drift(x + step / 2 * velocity, time, inputs), left - step

    start = (units, jnp.asarray(span, float))
    return jax.lax.fori_loop(0, 400, lambda _, carry: body(carry), start)[0]


def _longest(
    judged: list[tuple[ContinuousNetwork, Spectrum]], networks: list[ContinuousNetwork], solver: Explicit
) -> float:
    """Return the longest round step that meets all conditions."""
    most = min(LONGEST * network.min_tau for network in networks)
    least = math.inf
    for network, spectrum in judged:
        bound = float(np.min(critical_steps(spectrum.rates, solver, spectrum.change), initial=math.inf))
        fastest = float(np.abs(spectrum.rates).max(initial=0.0))
        least = min(least, SHORTEST / fastest if fastest > 0 else math.inf)
        most = min(most, MARGIN * bound, _turning(spectrum, solver))
        if fluctuates(network.noise, network.size):
            most = min(most, CORRELATION * _correlation_time(network.noise))
    least = min(least, most) if most > 0 else least
    for step in _round_steps(max(most, least)):
        if step <= least or all(
            _unbiased(network, spectrum, step, solver) and _faithful(spectrum, step, solver, network.min_tau)
            for network, spectrum in judged
        ):
            return step
    raise AssertionError("steps end at the shortest one")


def _round_steps(most: float) -> Iterator[float]:
    """Yield 1, 2 or 5 times powers of ten, from the largest that is not above `most` on."""
    power = math.floor(math.log10(most * (1 + 1e-9)))
    while True:
        for digit in ROUND:
            step = float(f"{digit:g}e{power}")  # the double nearest to the round number
            if step <= most * (1 + 1e-9):
                yield step
        power -= 1


def _turning(spectrum: Spectrum, solver: Explicit) -> float:
    """Return the step up to which Euler's step changes the growth of modes that grow by less than half."""
    rates = spectrum.rates[np.real(spectrum.rates) > 0]
    turning = np.imag(rates) ** 2
    if solver == "heun" or not (turning > 0).any():
        return math.inf
    growth = np.abs(np.real(rates)) + max(spectrum.growth, spectrum.change)
    return float(np.min(growth[turning > 0] / turning[turning > 0]))


def _faithful(spectrum: Spectrum, dt: float, solver: Explicit, shortest: float) -> bool:
    """Whether the slowest decay at a stable state keeps its rate: else dt and dt/2 would differ in the exponent.

    At half of the bound an oscillating mode has lost half of its damping.
    """
    fastest = float(np.abs(spectrum.rates).max(initial=0.0))
    if spectrum.growth > 0 or spectrum.change > STILL * fastest or not np.isfinite(spectrum.rates).all():
        return True
    true = float(np.real(spectrum.rates).max())
    moved = dt * spectrum.rates
    factor = 1 + moved if solver == "euler" else 1 + moved + moved**2 / 2
    with np.errstate(divide="ignore"):
        stepped = float(np.log(np.abs(factor)).max()) / dt
    return abs(stepped - true) <= RELATIVE * abs(true) + ABSOLUTE / shortest


def _unbiased(network: ContinuousNetwork, spectrum: Spectrum, dt: float, solver: Explicit) -> bool:
    """Whether stationary variances in noise are within the bias that "auto" allows."""
    if not fluctuates(network.noise, network.size):
        return True
    feedback = scatter(network, np.zeros(network.size))
    fastest = float(np.abs(spectrum.rates).max(initial=0.0))
    still = spectrum.growth == 0 and spectrum.change <= STILL * fastest
    rates = [spectrum.alone[spectrum.alone < 0], spectrum.rates if still else np.zeros(0)]
    worst = [np.abs(mode_biases(each, dt, solver, feedback)) for each in rates]
    if any((each > BIAS).any() for each in worst):
        return False
    matrix = spectrum.matrix
    if not still or matrix is None or feedback > 0 or network.noise is None:
        return True
    return _covariance_bias(matrix, _intensity(network.noise, network.size), dt, solver) <= BIAS


def _covariance_bias(matrix: np.ndarray, intensity: np.ndarray | None, dt: float, solver: Explicit) -> float:
    """Return the largest relative error that a step makes in the variance of a unit, modes that interact included.

    A C + C Aᵀ = −Q in continuous time, C = M C Mᵀ + dt S Q Sᵀ in steps, with M and S as in `mode_biases`.
    """
    identity = np.eye(len(matrix))
    source = identity if intensity is None else intensity
    moved = dt * matrix
    step, kept = identity + moved, identity
    if solver == "heun":
        step, kept = identity + moved + moved @ moved / 2, identity + moved / 2
    exact = np.diag(solve_continuous_lyapunov(matrix, -source))
    seen = exact > NEGLIGIBLE * exact.max()
    stepped = np.diag(solve_discrete_lyapunov(step, dt * kept @ source @ kept.T))
    return float(np.abs(stepped[seen] / exact[seen] - 1).max(initial=0.0))
