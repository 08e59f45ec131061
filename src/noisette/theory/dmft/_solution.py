"""The self-consistent second moment Δ(τ) = ⟨x(t) x(t+τ)⟩ of one unit of a large random network."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from jaxtyping import Float
from scipy.fft import next_fast_len

from noisette.activations import Activation
from noisette.errors import InputError, require
from noisette.noise import NoiseSpectrum
from noisette.theory.dmft import _trajectory
from noisette.theory.dmft._continuous_lags import ContinuousLags, continuous_lags
from noisette.theory.dmft._euler_lags import EulerLags
from noisette.theory.dmft._self_consistency import Problem, SecondMoment, solve
from noisette.theory.dmft._stationary_variance import stationary_variance, variance_of_fixed_points
from noisette.theory.gaussian._activation import no_state
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.gaussian._hermite import HermiteSeries
from noisette.theory.gaussian._unit import FINAL_TERMS, Unit, unit_of

LOW, HIGH, HIGHEST = -10, 13, 25  # powers of two of the shortest and longest lags
FORGOTTEN = 1e-9  # relative to c(0), what may be left of c(τ) at the last lags
MOST_STEPS = 2**21
TRIED = "iteration and Newton's method"
MEANS, TERMS = 32, 512  # nodes of averages over the units' means, and terms of the Hermite series at each mean


@dataclass(frozen=True, eq=False)
class DMFTSolution:
    """Second moment Δ(τ) = k + c(τ) of a unit, averaged over networks and noise.

    Attributes
    ----------
    unit, gain, spectrum : the activation, g, and the autocovariance of the noise
    grid : the lags at which c(τ) is represented
    variance : v = Δ(0)
    constant : k = Δ(∞), due to frozen noise and to the means of units
    mean_square : M = ⟨⟨x⟩²⟩, mean square of the units' means over noise and time; zero for odd activations
    trajectory : in continuous time without coloured noise, the trajectory in the potential that c(τ) follows
    solved : otherwise c(τ) at the lags of the grid; both are None at a fixed point
    """

    unit: Unit
    gain: float
    spectrum: NoiseSpectrum
    grid: ContinuousLags | EulerLags
    variance: float
    constant: float
    mean_square: float = 0.0
    trajectory: _trajectory.PotentialTrajectory | None = None
    solved: Float[np.ndarray, " lags"] | None = None

    @cached_property
    def decaying(self) -> np.ndarray:
        """Return c(τ) at the grid's lags."""
        if self.solved is not None:
            return self.solved
        decaying = np.zeros_like(self.grid.lags)
        if self.trajectory is not None:
            # c(τ) ~ e^(−κτ) at long lags, and e^(−45) vanishes beside c(0) in float64
            visible = self.grid.lags < 45 / self.trajectory.end
            decaying[visible] = (self.variance - self.constant) * _trajectory.correlation(
                self.trajectory, self.grid.lags[visible]
            )
        return decaying

    @property
    def step(self) -> float | None:
        """Return dt of the simulation described, None in continuous time."""
        return self.grid.step

    @property
    def is_zero(self) -> bool:
        """Whether x = 0 at all times."""
        return self.variance == 0

    @property
    def fluctuating(self) -> bool:
        """Whether x varies over time or trials; otherwise it has no covariance."""
        return self.variance - self.mean_square > 1e-13 * self.variance

    @property
    def is_fixed_point(self) -> bool:
        """Whether x is a fixed point."""
        return self.trajectory is None and self.solved is None

    @cached_property
    def series(self) -> HermiteSeries:
        """Return the Hermite series of φ at the variance v."""
        return self.unit.series(self.variance, most=FINAL_TERMS)

    @property
    def rate_square(self) -> float:
        """Return ⟨φ²⟩."""
        return self.unit.square(self.variance) if not self.is_zero else 0.0

    def rates(self, current: np.ndarray | float) -> np.ndarray:
        """Return ⟨φ φ'⟩ where ⟨x x'⟩ = `current`."""
        if self.is_zero:
            return np.zeros_like(np.asarray(current, float))
        return self.series(np.clip(np.asarray(current, float) / self.variance, -1.0, 1.0))

    def slopes(self, current: np.ndarray | float) -> np.ndarray:
        """Return ⟨φ'(x) φ'(x')⟩, of slopes at both times, where ⟨x x'⟩ = `current`."""
        rho = np.clip(np.asarray(current, float) / self.variance, -1.0, 1.0)
        return np.asarray(self.series.by_rho(rho) / self.variance)

    @cached_property
    def susceptibility(self) -> float:
        """Return χ = g² ⟨φ'²⟩."""
        return self.gain**2 * self.unit.slope_square(max(self.variance, 1e-16))

    @cached_property
    def effective_gain(self) -> float:
        """Return √ν = g √⟨⟨φ'⟩²⟩, the gain times the root mean square of the units' mean slopes.

        The two slopes of ⟨⟨φ'⟩²⟩ belong to independent trials of one unit, whose currents share the covariance M.
        """
        if self.is_zero:
            return float(np.sqrt(self.susceptibility))
        return self.gain * float(np.sqrt(self.slopes(self.mean_square)))

    @cached_property
    def rates_by_mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Return weights of several means of x, and for each the autocovariance of φ(x) at all lags and at infinity.

        The means of the units are N(0, M) over the network, so the average over them is one of Gauss–Hermite.

        Returns
        -------
        weights, shape (means,), and autocovariances, shape (means, lags + 1)
        """
        m, v = self.mean_square, self.variance
        currents = np.append(self.constant + self.decaying, self.constant) - m
        if m == 0:
            return np.ones(1), self.rates(currents)[None] - float(self.rates(0.0))
        z, weights = np.polynomial.hermite_e.hermegauss(MEANS)
        if not self.fluctuating:
            return weights / weights.sum(), np.zeros((MEANS, len(currents)))
        rho = np.clip(currents / (v - m), -1.0, 1.0)
        rows = [self.unit.series(v - m, float(np.sqrt(m) * place), TERMS) for place in z]
        return weights / weights.sum(), np.array([row(rho) - float(row(0.0)) for row in rows])

    def current_at(self, lags: np.ndarray) -> np.ndarray:
        """Return Δ at other lags."""
        return self.constant + self.grid.at(self.decaying, lags)

    @property
    def drift(self) -> float:
        """Return ⟨f²⟩ of f = −x + g J φ(x), the drift of x without noise.

        ⟨f²⟩ = v − 2 ⟨x g J φ⟩ + g² ⟨φ²⟩. In continuous time stationarity, d⟨x²⟩/dt = 0, gives ⟨x g J φ⟩ from v and
        ⟨x ξ⟩: σ²/2 of white noise, s² τ_c/(1 + τ_c) of coloured and s_f² of frozen noise. In Euler steps
        d⟨x²⟩/dt = 0 has a term of order dt, and ⟨x g J φ⟩ is summed over the response d (1 − d)^(k−1) of x to its
        input k steps before.
        """
        if isinstance(self.grid, EulerLags) and not self.is_fixed_point:
            d = self.grid.step
            inputs = self.gain**2 * self.rates(self.constant + self.decaying)
            ago = np.arange(self.grid.count)
            limit = self.gain**2 * float(self.rates(self.constant))
            shared = limit + float(d * (1 - d) ** ago @ (inputs[1:] - limit))
        else:
            coloured = sum(square * tau / (1 + tau) for square, tau in self.spectrum.coloured)
            shared = self.variance - self.spectrum.white / 2 - coloured - self.spectrum.frozen
        return self.variance - 2 * shared + self.gain**2 * self.rate_square


def solve_dmft(
    activation: Activation, gain: float, spectrum: NoiseSpectrum, *, dt: float | None = None
) -> DMFTSolution:
    """Solve for the self-consistent second moment of a unit.

    .. math:: \\Delta - \\Delta'' = g^2 C_\\phi(\\Delta; \\Delta(0)) + \\langle \\xi(t)\\, \\xi(t+\\tau) \\rangle

    Parameters
    ----------
    activation : φ
    gain : g
    spectrum : autocovariance of the noise
    dt : the step of an Euler simulation to be described exactly; None is continuous time

    Raises
    ------
    InputError : no stationary state, or fluctuations that decay too slowly; a step outside (0, 1].

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from noisette.noise import NoiseSpectrum
    >>> round(solve_dmft(jnp.tanh, 1.2, NoiseSpectrum(coloured=((4 / 3, 3.0),))).variance, 4)
    1.6027
    """
    require(np.isfinite(gain) and gain >= 0, f"gain {gain:g}", "a finite number, zero or positive")
    require(dt is None or 0 < dt <= 1, f"dt {dt}", "a step above 0 and up to 1", "None is continuous time")
    unit = unit_of(activation)
    if dt is not None and unit.jumps:  # φ' of a jump is a δ function, which only time steps regularise
        return _euler_from_noise(unit, gain, spectrum, dt)
    require(not unit.jumps, "the activation jumps", "a continuous activation in continuous time", "or give the step dt")
    solution = _continuous(unit, gain, spectrum)
    return solution if dt is None else _euler_from_continuous(solution, dt)


def _continuous(unit: Unit, gain: float, spectrum: NoiseSpectrum) -> DMFTSolution:
    if spectrum.coloured:
        return _in_coloured_noise(unit, gain, spectrum)
    variance, constant, trajectory = stationary_variance(unit, gain, spectrum)
    grid = continuous_lags(LOW, HIGH if trajectory is None else _exponent(40 / trajectory.end, gain))
    solution = DMFTSolution(unit, gain, spectrum, grid, variance, constant, trajectory=trajectory)
    return replace(solution, mean_square=_mean_square(solution))


def _in_coloured_noise(unit: Unit, gain: float, spectrum: NoiseSpectrum) -> DMFTSolution:
    """Return the solution in coloured noise, where energy is not conserved and Δ(τ) is iterated on a grid of lags."""
    times = [tau for _, tau in spectrum.coloured]
    low = min(LOW, int(np.floor(np.log2(min(times)))))
    lasting = spectrum.frozen > 0 or not unit.odd
    for longest in range(_exponent(40 * max(times), gain), HIGHEST + 1, 3):
        grid = continuous_lags(low, longest)
        problem, uncoupled = (
            Problem(unit, gain, spectrum, grid, lasting),
            SecondMoment(grid.noise(spectrum), spectrum.frozen),
        )
        # the moment of uncoupled units starts the iteration; near an instability that of white noise is closer
        moment = solve(problem, uncoupled) or solve(problem, _in_equivalent_white_noise(problem))
        if moment is None:
            raise no_state(unit.activation, gain, f"{TRIED} from noise alone and from white noise")
        c = moment.decaying
        if np.abs(c[-16:]).max() <= FORGOTTEN * c[0]:
            solution = DMFTSolution(unit, gain, spectrum, grid, moment.variance, moment.constant, solved=c)
            return replace(solution, mean_square=_mean_square(solution))
    raise _endless(gain)


def _in_equivalent_white_noise(problem: Problem) -> SecondMoment:
    """Return the second moment in white noise that gives an uncoupled unit the same variance."""
    spectrum = problem.spectrum
    white = spectrum.white + 2 * sum(square * tau / (1 + tau) for square, tau in spectrum.coloured)
    near = _continuous(problem.unit, problem.gain, NoiseSpectrum(white, (), spectrum.frozen))
    return SecondMoment(near.grid.at(near.decaying, problem.grid.lags), near.constant)


def _exponent(time: float, gain: float) -> int:
    """Return the power of two of the longest lag, for fluctuations that last `time`."""
    exponent = max(HIGH, int(np.ceil(np.log2(time))))
    if exponent > HIGHEST:
        raise _endless(gain)
    return exponent


def _euler_from_continuous(smooth: DMFTSolution, dt: float) -> DMFTSolution:
    """Return the solution in Euler steps, iterated from that in continuous time."""
    c = smooth.decaying
    if smooth.is_fixed_point:
        grid = EulerLags(dt, 8)
        return replace(smooth, grid=grid)
    memory = float(smooth.grid.lags[np.flatnonzero(np.abs(c) > 1e-13 * c[0])[-1]])
    count = int(next_fast_len(int(np.ceil(1.1 * memory / dt)) + 16) or 0)
    require(
        count <= MOST_STEPS,
        f"dt {dt:g} with memory of {memory:.3g}",
        f"at most {MOST_STEPS} steps",
        "take a longer step",
    )
    grid = EulerLags(dt, count)
    start = SecondMoment(smooth.grid.at(c, grid.lags), smooth.constant)
    start.decaying[0] = c[0]
    return _in_euler_steps(smooth.unit, smooth.gain, smooth.spectrum, grid, start, "that in continuous time")


def _euler_from_noise(unit: Unit, gain: float, spectrum: NoiseSpectrum, dt: float) -> DMFTSolution:
    """Return the solution in Euler steps, iterated from that of uncoupled units."""
    if spectrum.is_zero and variance_of_fixed_points(unit, gain, 0.0) == 0:
        return DMFTSolution(unit, gain, spectrum, EulerLags(dt, 8), 0.0, 0.0)
    longest = 40 * max([1.0, *(tau for _, tau in spectrum.coloured)])
    while longest / dt <= MOST_STEPS:
        grid = EulerLags(dt, int(next_fast_len(int(np.ceil(longest / dt)) + 16) or 0))
        noise = grid.noise(spectrum)
        if not noise.any() and not spectrum.frozen:
            noise = gain**2 * unit.square(1.0) * np.exp(-grid.lags)
        solution = _in_euler_steps(unit, gain, spectrum, grid, SecondMoment(noise, spectrum.frozen), "noise alone")
        c = solution.decaying
        if np.abs(c[-16:]).max() <= FORGOTTEN * c[0]:
            return solution
        longest *= 4
    raise _endless(gain)


def _in_euler_steps(
    unit: Unit, gain: float, spectrum: NoiseSpectrum, grid: EulerLags, start: SecondMoment, origin: str
) -> DMFTSolution:
    lasting = spectrum.frozen > 0 or not unit.odd
    moment = solve(Problem(unit, gain, spectrum, grid, lasting), start)
    if moment is None:
        raise no_state(unit.activation, gain, f"{TRIED} from {origin}")
    solution = DMFTSolution(unit, gain, spectrum, grid, moment.variance, moment.constant, solved=moment.decaying)
    return replace(solution, mean_square=_mean_square(solution))


def _mean_square(solution: DMFTSolution) -> float:
    """Return M = g² C_φ(M; v): the covariance of x between two trials of one network with independent noise."""
    if solution.unit.odd or solution.is_zero:
        return 0.0
    if solution.spectrum.frozen == 0:
        return solution.constant
    v, k, g = solution.variance, solution.constant, solution.gain
    # g² C_φ(m) − m is convex in m, at least zero at m = 0 and −s_f² at m = k: there is one root between them
    return root(lambda m: g**2 * float(solution.rates(m)) - m, 0.0, k, absolute=1e-16 * v)


def _endless(gain: float) -> InputError:
    return InputError(
        f"gain {gain:.12g}: fluctuations decay too slowly; memory up to {2.0**HIGHEST:.2g} is allowed; change the "
        "gain or the noise"
    )


__all__ = ["DMFTSolution", "solve_dmft"]
