"""Automatic choice of the step from the modes at x = 0, at initial states and at the end of the flow."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.errors import InputError, require
from noisette.networks import ContinuousNetwork
from noisette.networks.stability import LIMIT, jacobian_matrix, spectrum_at
from noisette.networks.step_size import Explicit, Spectrum, critical_steps, mode_biases
from noisette.noise import Frozen, Noise, Placed, Recorded, by_place
from noisette.noise import Sum as NoiseSum

LONGEST = 0.05  # upper bound on automatic steps, in units of the shortest time constant
MARGIN = 0.5  # largest automatic step, relative to the bound of stability
BIAS = 0.02  # largest relative error of stationary variances with automatic steps
RELATIVE, ABSOLUTE = 0.05, 0.02  # largest error of the slowest decay rate: relative, plus absolute in 1/τ
CORRELATION = 0.25  # largest step, relative to the correlation time of the noise; relative error about (1/4)²/12
CHEAPER = 4.0  # smallest ratio of steps for which Heun's method, at twice the cost per step, is preferred to Euler's
SHORTEST = 1e-4  # lower bound on automatic steps, in units of 1/(largest |μ|)
ROUND = (5.0, 2.0, 1.0)  # leading digits of automatic steps
STARTS = 3  # number of initial states that are examined
SETTLING = 20.0  # time for which the flow is followed, in units of the shortest time constant
LARGE = 300  # number of units above which only three states are examined
STATIONARY = 1e-6  # largest rate of change of the Jacobian at a fixed point, relative to the largest |μ|
NEGLIGIBLE = 1e-9  # variances below this fraction of the largest one are ignored


class Conditions(NamedTuple):
    """Conditions of a simulation on which the modes of its networks depend.

    Attributes
    ----------
    starts : initial states, shape (runs, N)
    inputs : input signals to examine, each of shape (channels,) or None
    duration : duration of a trial, None if unknown
    """

    starts: np.ndarray
    inputs: tuple[Array | None, ...] = (None,)
    duration: float | None = None


@check_arguments
def stable_step(
    networks: list[ContinuousNetwork],
    starts: Float[np.ndarray, "runs N"],
    inputs: Float[Array, " channels"] | None = None,
) -> float:
    """Return a round, stable and accurate step for Euler's method, see `choose_step`.

    Parameters
    ----------
    networks : networks of a simulation
    starts : initial states, shape (runs, N)
    inputs : input signals, shape (channels,)

    Returns
    -------
    step, in the networks' unit of time

    See Also
    --------
    step_audit : A comparison of runs with dt and dt/2.
    networks.fastest_rate : The rate that limits the step.

    Examples
    --------
    >>> import numpy as np, noisette as nz
    >>> stable_step([nz.RateNetwork([[0.0, 8.0], [-8.0, 0.0]])], np.zeros((1, 2)))  # μ = −1 ± 8i, λ = −0.93 in steps
    0.002
    """
    require(len(networks) > 0, "no networks", "at least one")
    size = networks[0].size
    require(starts.shape[1] == size and len(starts) > 0, f"starts of shape {starts.shape}", f"shape (runs, {size})")
    return choose_step(networks, Conditions(starts, (inputs,)))[0]


def choose_step(
    networks: list[ContinuousNetwork], conditions: Conditions, solver: Explicit | None = "euler"
) -> tuple[float, Explicit]:
    """Return a round step and a solver from the modes at x = 0, at initial states, and at the end of the flow.

    The step is at most half of the bound of stability of each mode and at most τ/20, and the error of the slowest decay
    rate at a stable state is at most 5 % plus 0.02/τ. In fluctuating noise, the errors of stationary variances are at
    most 2 %, for every mode at fixed points and for every uncoupled unit at other states, where the Jacobian changes
    and its modes have no stationary variance; the step is at most a quarter of the correlation time of the noise.

    Parameters
    ----------
    networks : networks of a simulation
    conditions : states and inputs to examine
    solver : "euler", "heun" or "milstein"; None for Heun if the noise is additive and its step may be at least four
        times as long, and for Euler otherwise. The error of weakly damped oscillations is of order dt² or dt³ for Heun,
        dt for Euler

    Returns
    -------
    step, in the networks' unit of time, and solver
    """
    spectra = [(network, spectrum) for network in networks for spectrum in _spectra(network, conditions)]
    finite = all(np.isfinite(spectrum.rates).all() for _, spectrum in spectra)
    require(finite, "a velocity that is not finite at x = 0 or at the start", "dt cannot be chosen")
    if solver == "milstein":
        return _longest(spectra, networks, solver), solver
    euler = _longest(spectra, networks, "euler") if solver != "heun" else 0.0
    additive = all(network.diffusion(jnp.zeros(network.size)) is None for network in networks)
    additive &= all(by_place(network.noise).keys() <= {"current"} for network in networks)
    if solver == "euler" or (solver is None and not additive):
        return euler, "euler"
    heun = _longest(spectra, networks, "heun")
    return (heun, "heun") if solver == "heun" or heun > CHEAPER * euler * (1 - 1e-9) else (euler, "euler")


def round_down(value: float) -> float:
    """Return the largest number with a single significant digit that does not exceed a value."""
    digit = 10.0 ** math.floor(math.log10(value))
    return math.floor(value / digit * (1 + 1e-9)) * digit


def fluctuates(noise: Noise | None, size: int) -> bool:
    """Return whether a noise changes in time: it is not None, not frozen and not of strength zero."""
    if noise is None or isinstance(noise, Frozen):
        return False
    if isinstance(noise, NoiseSum):
        return any(fluctuates(part, size) for part in noise.parts)
    if isinstance(noise, Placed) and isinstance(noise.noise, Frozen | Placed):
        return fluctuates(noise.noise, size)
    if isinstance(noise, Recorded) and noise.law is not None:
        return fluctuates(noise.law, size)
    intensity = _intensity(noise, size)
    return intensity is None or bool((np.diag(intensity) > 0).any())


def _intensity(noise: Noise, size: int) -> np.ndarray | None:
    """Return the covariance of white noise per unit of time, shape (N, N); None for noise that is not white."""
    if isinstance(noise, Recorded) and noise.law is not None:
        return _intensity(noise.law, size)
    try:
        independent, factors = (np.asarray(part) for part in noise.step_law(size, None))
    except InputError:
        return None
    return np.diag(independent**2) + factors.T @ factors


def scatter(network: ContinuousNetwork, units: np.ndarray) -> float:
    """Return β² = σ² (b²)''/2, the rate at which the variance adds to the intensity of multiplicative noise."""
    state = jnp.asarray(units)
    if network.noise is None or network.diffusion(state) is None:
        return 0.0
    # b_n depends only on x_n, so that the derivative along (1, 1, …) contains the derivative of each unit
    ones = jnp.ones_like(state)
    square = lambda x: jnp.square(jnp.asarray(network.diffusion(x)))  # noqa: E731
    slope = lambda x: jax.jvp(square, (x,), (ones,))[1]  # noqa: E731
    curvature = np.asarray(jax.jvp(slope, (state,), (ones,))[1]) / 2
    intensity = _intensity(network.noise, network.size)
    feedback = curvature if intensity is None else np.diag(intensity) * curvature
    return max(0.0, float(np.nanmax(feedback, initial=0.0)))


def _spectra(network: ContinuousNetwork, conditions: Conditions) -> Iterator[Spectrum]:
    """Yield the modes at x = 0, at initial states and at the end of the flow, once for each distinct Jacobian."""
    span, digests = LONGEST * network.min_tau / 10, set()
    instants = network.instants(conditions.duration)
    rest, first = np.zeros(network.size), conditions.starts[0]
    states = [(rest, time, signal) for time in instants for signal in conditions.inputs]
    states += [(start, instants[0], conditions.inputs[0]) for start in conditions.starts[:STARTS]]
    for time in instants:
        settled = _settled(network, jnp.asarray(first), time, conditions.inputs[-1])
        if np.isfinite(settled).all():
            states.append((settled, time, conditions.inputs[-1]))
    if network.size > LARGE:  # a spectrum takes about a second
        states = [states[0], states[len(instants) * len(conditions.inputs)], states[-1]]
    for units, time, signal in states:
        if network.size <= LIMIT:
            matrix = jacobian_matrix(network, jnp.asarray(units), jnp.asarray(time, float), signal)
            digest = np.asarray(matrix).tobytes()
            if digest in digests:
                continue
            digests.add(digest)
        yield spectrum_at(network, units, time, signal, span)


def _settled(network: ContinuousNetwork, units: Array, time: float, inputs: Array | None) -> np.ndarray:
    """Return the state that the flow reaches in SETTLING time constants, by steps short enough for fast modes."""
    span = jnp.asarray(SETTLING * network.min_tau, float)  # an array, so that the program serves all time constants
    return np.asarray(_follow(network, units, jnp.asarray(time, float), inputs, span))


@eqx.filter_jit
def _follow(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None, span: Array) -> Array:
    """Return the state after the time `span`, at most 400 midpoint steps."""

    def body(carry):
        x, left = carry
        velocity = network.drift(x, time, inputs)
        # the midpoint rule, since weakly damped oscillations would grow in Euler's method; d²x/dt² = D F
        acceleration = jax.jvp(lambda y: network.drift(y, time, inputs), (x,), (velocity,))[1]
        rate = jnp.linalg.norm(acceleration) / jnp.maximum(jnp.linalg.norm(velocity), 1e-300)
        step = jnp.minimum(left, 0.2 / jnp.maximum(rate, 4 / span))
        return x + step * network.drift(x + step / 2 * velocity, time, inputs), left - step

    return jax.lax.fori_loop(0, 400, lambda _, carry: body(carry), (units, span))[0]


def _longest(
    spectra: list[tuple[ContinuousNetwork, Spectrum]], networks: list[ContinuousNetwork], solver: Explicit
) -> float:
    """Return the longest round step that satisfies all conditions."""
    longest = min(LONGEST * network.min_tau for network in networks)
    shortest = math.inf
    for network, spectrum in spectra:
        bound = float(np.min(critical_steps(spectrum.rates, solver, spectrum.change), initial=math.inf))
        fastest = float(np.abs(spectrum.rates).max(initial=0.0))
        shortest = min(shortest, SHORTEST / fastest if fastest > 0 else math.inf)
        longest = min(longest, MARGIN * bound, _growth_bound(spectrum, solver))
        if network.noise is not None and fluctuates(network.noise, network.size):
            longest = min(longest, CORRELATION * network.noise.correlation_time)
    shortest = min(shortest, longest) if longest > 0 else shortest
    for step in _round_steps(max(longest, shortest)):
        if step <= shortest or all(
            _unbiased(network, spectrum, step, solver) and _preserves_decay(spectrum, step, solver, network.min_tau)
            for network, spectrum in spectra
        ):
            return step
    raise AssertionError("the shortest step is always accepted")


def _round_steps(most: float) -> Iterator[float]:
    """Yield 1, 2 or 5 times powers of ten in descending order, from the largest that does not exceed `most`."""
    exponent = math.floor(math.log10(most * (1 + 1e-9)))
    while True:
        for digit in ROUND:
            step = float(f"{digit:g}e{exponent}")  # the double closest to the decimal number
            if step <= most * (1 + 1e-9):
                yield step
        exponent -= 1


def _growth_bound(spectrum: Spectrum, solver: Explicit) -> float:
    """Return the step up to which Euler's method changes the growth rate of growing modes by less than half.

    For μ = r + iω, ln|1 + dt μ|/dt ≈ r + dt (ω² − r²)/2, so that the rotation adds dt ω²/2, at most half of r for
    dt ≤ r/ω². Growth at the rates of other modes or of the change of the Jacobian, if larger, is added to r.
    """
    rates = spectrum.rates[np.real(spectrum.rates) > 0]
    squared_frequencies = np.imag(rates) ** 2
    if solver == "heun" or not (squared_frequencies > 0).any():
        return math.inf
    growth = np.abs(np.real(rates)) + max(spectrum.growth, spectrum.change)
    return float(np.min(growth[squared_frequencies > 0] / squared_frequencies[squared_frequencies > 0]))


def _preserves_decay(spectrum: Spectrum, dt: float, solver: Explicit, shortest: float) -> bool:
    """Return whether the step preserves the slowest decay rate at a stable state (minus the largest exponent).

    The bound of stability is not sufficient: at half of it, an oscillating mode has lost half of its damping.
    """
    fastest = float(np.abs(spectrum.rates).max(initial=0.0))
    if spectrum.growth > 0 or spectrum.change > STATIONARY * fastest or not np.isfinite(spectrum.rates).all():
        return True
    exact = float(np.real(spectrum.rates).max())
    scaled = dt * spectrum.rates
    factor = 1 + scaled + scaled**2 / 2 if solver == "heun" else 1 + scaled
    with np.errstate(divide="ignore"):
        stepped = float(np.log(np.abs(factor)).max()) / dt
    return abs(stepped - exact) <= RELATIVE * abs(exact) + ABSOLUTE / shortest


def _unbiased(network: ContinuousNetwork, spectrum: Spectrum, dt: float, solver: Explicit) -> bool:
    """Return whether the errors of stationary variances in noise are at most BIAS, or there are none."""
    noise = network.noise
    if noise is None or not noise.has_variance or not fluctuates(noise, network.size):
        return True
    feedback = scatter(network, np.zeros(network.size))
    fastest = float(np.abs(spectrum.rates).max(initial=0.0))
    is_stationary = spectrum.growth == 0 and spectrum.change <= STATIONARY * fastest
    rates = [spectrum.alone[spectrum.alone < 0], spectrum.rates if is_stationary else np.zeros(0)]
    biases = [np.abs(mode_biases(modes, dt, solver, feedback)) for modes in rates]
    if any((errors > BIAS).any() for errors in biases):
        return False
    matrix = spectrum.matrix
    if not is_stationary or matrix is None or feedback > 0 or network.noise is None:
        return True
    return _covariance_bias(matrix, _intensity(network.noise, network.size), dt, solver) <= BIAS


def _covariance_bias(matrix: np.ndarray, intensity: np.ndarray | None, dt: float, solver: Explicit) -> float:
    """Return the largest relative error of the stationary variance of a unit, for coupled modes.

    The covariance C solves A C + C Aᵀ = −Q in continuous time, where A is the Jacobian and Q the noise intensity, and
    C = M C Mᵀ + dt S Q Sᵀ in discrete time. M = R(dt A), and S is the matrix of `mode_biases`: 1 for Euler and
    1 + dt A/2 for Heun.
    """
    from scipy.linalg import solve_continuous_lyapunov, solve_discrete_lyapunov  # the import takes 0.08 s

    identity = np.eye(len(matrix))
    source = identity if intensity is None else intensity
    scaled = dt * matrix
    step, noise_factor = identity + scaled, identity
    if solver == "heun":
        step, noise_factor = identity + scaled + scaled @ scaled / 2, identity + scaled / 2
    exact = np.diag(solve_continuous_lyapunov(matrix, -source))
    relevant = exact > NEGLIGIBLE * exact.max()
    stepped = np.diag(solve_discrete_lyapunov(step, dt * noise_factor @ source @ noise_factor.T))
    return float(np.abs(stepped[relevant] / exact[relevant] - 1).max(initial=0.0))
