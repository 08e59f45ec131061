"""The self-consistent second moment Δ(τ) = ⟨x(t) x(t+τ)⟩ of a unit in a large random network."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from jaxtyping import Float
from scipy.fft import next_fast_len

from noisette.activations import Activation
from noisette.errors import InputError, require
from noisette.noise import NO_NOISE, NoiseSpectrum
from noisette.theory.dmft import _trajectory
from noisette.theory.dmft._continuous_lags import ContinuousLags, continuous_lags, is_resolved
from noisette.theory.dmft._euler_lags import EulerLags
from noisette.theory.dmft._self_consistency import Problem, SecondMoment, solve
from noisette.theory.dmft._stationary_variance import stationary_variance, variance_of_fixed_points
from noisette.theory.gaussian._activation import no_state
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.gaussian._hermite import HermiteSeries
from noisette.theory.gaussian._unit import FINAL_TERMS, Unit, unit_of

LOW, HIGH, HIGHEST = -10, 13, 25  # log₂ of the shortest lag, of the default longest one, and of the longest allowed
FORGOTTEN = 1e-9  # largest c(τ)/c(0) at the last lags
MOST_STEPS = 2**21  # largest number of lags in Euler steps
TRIED = "iteration and Newton's method"
MEANS, TERMS = 32, 512  # nodes of averages over the units' means, and terms of the Hermite series at each node


@dataclass(frozen=True, eq=False)
class DMFTSolution:
    """Second moment Δ(τ) = k + c(τ) of a unit, averaged over networks and noise.

    With noise η inside the activation, it is that of x + η, the argument of φ.

    Attributes
    ----------
    unit, gain, spectrum : activation, g, and power spectrum of the noise, with the frozen noise inside the activation
    grid : lags at which c(τ) is represented
    variance : v = Δ(0)
    constant : k = Δ(∞), due to frozen noise and to the means of units
    mean_square : M = ⟨⟨x⟩²⟩, mean square of the units' means over noise and time; zero for odd activations
    trajectory : trajectory of c(τ) in the potential, in continuous time without coloured noise
    solved : c(τ) at the lags of the grid otherwise; trajectory and solved are None at a fixed point
    inside : power spectrum of the noise η inside the activation
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
    inside: NoiseSpectrum = NO_NOISE

    @cached_property
    def decaying(self) -> np.ndarray:
        """Return c(τ) at the lags of the grid, shape (lags,)."""
        if self.solved is not None:
            return self.solved
        decaying = np.zeros_like(self.grid.lags)
        if self.trajectory is not None:
            # c(τ) ~ e^(−κτ) at long lags, where e^(−45) is below the precision of float64 relative to c(0)
            visible = self.grid.lags < 45 / self.trajectory.end
            decaying[visible] = (self.variance - self.constant) * _trajectory.correlation(
                self.trajectory, self.grid.lags[visible]
            )
        return decaying

    @property
    def state_variance(self) -> float:
        """Return ⟨x²⟩, which is v without noise inside the activation."""
        return self.variance - self.inside.variance

    @property
    def step(self) -> float | None:
        """Return the time step of the Euler simulation, or None in continuous time."""
        return self.grid.step

    @property
    def is_zero(self) -> bool:
        """Return whether x = 0 at all times."""
        return self.variance == 0

    @property
    def fluctuating(self) -> bool:
        """Return whether x varies over time or realisations of the noise, so that it has a covariance."""
        return self.variance - self.mean_square > 1e-13 * self.variance

    @property
    def is_fixed_point(self) -> bool:
        """Return whether x is a fixed point."""
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
        """Return ⟨φ(x) φ(x')⟩ for currents of covariance ⟨x x'⟩ = `current`."""
        if self.is_zero:
            return np.zeros_like(np.asarray(current, float))
        return self.series(np.clip(np.asarray(current, float) / self.variance, -1.0, 1.0))

    def slopes(self, current: np.ndarray | float) -> np.ndarray:
        """Return the average ⟨φ'(x) φ'(x')⟩ of slopes for currents of covariance ⟨x x'⟩ = `current`."""
        rho = np.clip(np.asarray(current, float) / self.variance, -1.0, 1.0)
        return np.asarray(self.series.by_rho(rho) / self.variance)

    @cached_property
    def susceptibility(self) -> float:
        """Return χ = g² ⟨φ'²⟩."""
        # at v = 0 the limit v → 0, which includes both sides of a kink at zero
        return self.gain**2 * self.unit.slope_square(max(self.variance, 1e-16))

    @cached_property
    def effective_gain(self) -> float:
        """Return √ν = g √⟨⟨φ'⟩²⟩, the gain times the root mean square of the units' mean slopes.

        ⟨⟨φ'⟩²⟩ is the average ⟨φ'(x) φ'(x')⟩ over two independent trials of one unit, for currents of covariance M.
        """
        if self.is_zero:
            return float(np.sqrt(self.susceptibility))
        return self.gain * float(np.sqrt(self.slopes(self.mean_square)))

    @cached_property
    def rates_by_mean(self) -> tuple[np.ndarray, np.ndarray]:
        """Return the autocovariance of φ(x) for several means of x, at all lags and at infinity.

        The means of the units are distributed as N(0, M) over the network, so their nodes and weights are those of
        Gauss–Hermite quadrature.

        Returns
        -------
        weights of the means, shape (means,), and autocovariances, shape (means, lags + 1)
        """
        m, v = self.mean_square, self.variance
        currents = np.append(self.constant + self.decaying, self.constant) - m
        if m == 0:
            return np.ones(1), self.rates(currents)[None] - float(self.rates(0.0))
        z, weights = np.polynomial.hermite_e.hermegauss(MEANS)
        if not self.fluctuating:
            return weights / weights.sum(), np.zeros((MEANS, len(currents)))
        # about its mean a unit has the variance v − M, and autocovariance Δ(τ) − M
        rho = np.clip(currents / (v - m), -1.0, 1.0)
        rows = [self.unit.series(v - m, float(np.sqrt(m) * place), TERMS) for place in z]
        return weights / weights.sum(), np.array([row(rho) - float(row(0.0)) for row in rows])

    def current_at(self, lags: np.ndarray) -> np.ndarray:
        """Return Δ at other lags, of any sign and shape."""
        return self.constant + self.grid.at(self.decaying, lags)

    @property
    def drift(self) -> float:
        """Return ⟨f²⟩ for the deterministic drift f = −x + g J φ(x) of a unit.

        ⟨f²⟩ = v − 2 ⟨x g J φ⟩ + g² ⟨φ²⟩. In continuous time, stationarity of ⟨x²⟩ gives ⟨x g J φ⟩ = v − ⟨x ξ⟩, where
        ⟨x ξ⟩ is the variance of an uncoupled unit: σ²/2 for white noise, s² Re 1/(1 + λ) for noise of the
        autocovariance s² Re e^(−λ|τ|), and s_f² for frozen noise. In Euler steps the
        change of ⟨x²⟩ has a further term of order d, and ⟨x g J φ⟩ is the autocovariance of the input, summed with the
        response d (1 − d)^(k−1) of x to its input k steps earlier.
        """
        if isinstance(self.grid, EulerLags) and not self.is_fixed_point:
            d = self.grid.step
            inputs = self.gain**2 * self.rates(self.constant + self.decaying)
            exponents = np.arange(self.grid.count)  # k − 1
            limit = self.gain**2 * float(self.rates(self.constant))
            # the response sums to one, so the limit at long lags is taken out and the rest of the sum converges
            cross = limit + float(d * (1 - d) ** exponents @ (inputs[1:] - limit))
        else:
            cross = self.state_variance - (self.spectrum.unit_variance - self.inside.frozen)
        return self.state_variance - 2 * cross + self.gain**2 * self.rate_square


def solve_dmft(
    activation: Activation,
    gain: float,
    spectrum: NoiseSpectrum,
    *,
    dt: float | None = None,
    inside: NoiseSpectrum = NO_NOISE,
) -> DMFTSolution:
    """Solve the self-consistent equation of the second moment of a unit.

    .. math:: \\Delta - \\Delta'' = g^2 C_\\phi(\\Delta; \\Delta(0)) + \\langle \\xi(t)\\, \\xi(t+\\tau) \\rangle

    Parameters
    ----------
    activation : φ
    gain : g
    spectrum : power spectrum of the noise
    dt : time step of an Euler simulation to describe exactly; None for continuous time
    inside : power spectrum of the noise η inside the activation, φ(x + η), without a white component. The moment that
        is returned is that of x + η, whose equation differs in the noise only: an uncoupled unit has the autocovariance
        of η in addition to that of x

    Returns
    -------
    the solution: the second moment and quantities derived from it

    Raises
    ------
    InputError : If there is no stationary state, if fluctuations decay too slowly, or if dt is outside (0, 1].

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> from noisette.noise import NO_NOISE, NoiseSpectrum
    >>> round(solve_dmft(jnp.tanh, 1.2, NoiseSpectrum(coloured=((4 / 3, 3.0),))).variance, 4)
    1.6027
    """
    require(np.isfinite(gain) and gain >= 0, f"gain {gain:g}", "a finite number, zero or positive")
    require(dt is None or 0 < dt <= 1, f"dt {dt}", "a step above 0 and up to 1", "or None for continuous time")
    try:
        return _known_solution(activation, gain, spectrum, dt, inside)
    except TypeError:  # an activation that is not hashable cannot be cached
        return _known_solution.__wrapped__(activation, gain, spectrum, dt, inside)


# statistics of currents and of rates, pairs, lags and initial states of simulations are derived from one solution
@lru_cache(64)
def _known_solution(
    activation: Activation, gain: float, spectrum: NoiseSpectrum, dt: float | None, inside: NoiseSpectrum
) -> DMFTSolution:
    """Return the solution for arguments that have been checked."""
    unit = unit_of(activation)
    spectrum += NoiseSpectrum(frozen=inside.frozen)  # which are equivalent in the equation of x + η
    # φ' of a jump is a δ function, for which the continuous-time solution that starts the iteration does not exist
    decaying = spectrum.decaying + inside.decaying
    oscillations = tuple((rate.imag, rate.real) for _, rate in decaying if rate.imag)
    if dt is not None and (unit.jumps or not is_resolved(oscillations)):
        return _euler_from_noise(unit, gain, spectrum, dt, inside)
    require(not unit.jumps, "the activation jumps", "a continuous activation in continuous time", "or give the step dt")
    require(
        is_resolved(oscillations),
        f"noise that oscillates {max((w / (2 * np.pi * k) for w, k in oscillations), default=0.0):.3g} times in its "
        "decay time",
        "less than three times in continuous time",
        "give the step dt",
    )
    solution = _continuous(unit, gain, spectrum, inside)
    return solution if dt is None else _euler_from_continuous(solution, dt)


def _continuous(unit: Unit, gain: float, spectrum: NoiseSpectrum, inside: NoiseSpectrum = NO_NOISE) -> DMFTSolution:
    """Return the solution in continuous time."""
    if spectrum.decaying or inside.decaying:
        return _in_coloured_noise(unit, gain, spectrum, inside)
    variance, constant, trajectory = stationary_variance(unit, gain, spectrum)
    grid = continuous_lags(LOW, HIGH if trajectory is None else _exponent(40 / trajectory.end, gain))
    options = {"trajectory": trajectory, "inside": inside}
    solution = DMFTSolution(unit, gain, spectrum, grid, variance, constant, **options)
    return replace(solution, mean_square=_mean_square(solution))


def _in_coloured_noise(unit: Unit, gain: float, spectrum: NoiseSpectrum, inside: NoiseSpectrum) -> DMFTSolution:
    """Return the solution in coloured noise, where energy is not conserved and Δ(τ) is solved for on a grid of lags."""
    rates = [rate for _, rate in spectrum.decaying + inside.decaying]
    low = min(LOW, int(np.floor(-np.log2(max(abs(rate) for rate in rates)))))
    oscillations = tuple((rate.imag, rate.real) for rate in rates if rate.imag)
    lasting = spectrum.frozen > 0 or not unit.odd
    # longer and longer grids, until c(τ) has decayed at the last lags
    for longest in range(_exponent(40 / min(rate.real for rate in rates), gain), HIGHEST + 1, 3):
        grid = continuous_lags(low, longest, oscillations)
        problem = Problem(unit, gain, spectrum, grid, lasting, inside)
        uncoupled = SecondMoment(problem.noise(), spectrum.frozen)
        # the iteration starts from the moment of uncoupled units; near an instability that in white noise is closer
        moment = solve(problem, uncoupled) or solve(problem, _in_equivalent_white_noise(problem))
        if moment is None:
            raise no_state(unit.activation, gain, f"{TRIED} from noise alone and from white noise")
        c = moment.decaying
        if np.abs(c[-16:]).max() <= FORGOTTEN * c[0]:
            options = {"solved": c, "inside": inside}
            solution = DMFTSolution(unit, gain, spectrum, grid, moment.variance, moment.constant, **options)
            return replace(solution, mean_square=_mean_square(solution))
    raise _too_slow(gain)


def _in_equivalent_white_noise(problem: Problem) -> SecondMoment:
    """Return the second moment in white noise that gives an uncoupled unit the same variance."""
    spectrum = problem.spectrum
    white = 2 * (spectrum.unit_variance - spectrum.frozen)  # white noise gives an uncoupled unit the variance σ²/2
    near = _continuous(problem.unit, problem.gain, NoiseSpectrum(white, (), spectrum.frozen))
    c = near.grid.at(near.decaying, problem.grid.lags)
    return SecondMoment(c + problem.inside.autocovariance(problem.grid.lags) - problem.inside.frozen, near.constant)


def _exponent(time: float, gain: float) -> int:
    """Return log₂ of the longest lag for fluctuations of duration `time`."""
    exponent = max(HIGH, int(np.ceil(np.log2(time))))
    if exponent > HIGHEST:
        raise _too_slow(gain)
    return exponent


def _euler_from_continuous(smooth: DMFTSolution, dt: float) -> DMFTSolution:
    """Return the solution in Euler steps, starting from that in continuous time."""
    c = smooth.decaying
    if smooth.is_fixed_point:  # fixed points do not depend on the step
        grid = EulerLags(dt, 8)
        return replace(smooth, grid=grid)
    memory = float(smooth.grid.lags[np.flatnonzero(np.abs(c) > 1e-13 * c[0])[-1]])
    count = int(next_fast_len(int(np.ceil(1.1 * memory / dt)) + 16) or 0)  # a length with small prime factors
    require(
        count <= MOST_STEPS,
        f"dt {dt:g} with fluctuations that last {memory:.3g}",
        f"at most {MOST_STEPS} steps are allowed",
        "use a longer step",
    )
    grid = EulerLags(dt, count)
    start = SecondMoment(smooth.grid.at(c, grid.lags), smooth.constant)
    start.decaying[0] = c[0]
    problem = Problem(smooth.unit, smooth.gain, smooth.spectrum, grid, _lasting(smooth), smooth.inside)
    return _in_euler_steps(problem, start, "that in continuous time")


def _euler_from_noise(
    unit: Unit, gain: float, spectrum: NoiseSpectrum, dt: float, inside: NoiseSpectrum
) -> DMFTSolution:
    """Return the solution in Euler steps, starting from that of uncoupled units."""
    if spectrum.is_zero and not inside.decaying and variance_of_fixed_points(unit, gain, 0.0) == 0:
        return DMFTSolution(unit, gain, spectrum, EulerLags(dt, 8), 0.0, 0.0)
    longest = 40 * max([1.0, *(1 / rate.real for _, rate in spectrum.decaying + inside.decaying)])
    while longest / dt <= MOST_STEPS:
        grid = EulerLags(dt, int(next_fast_len(int(np.ceil(longest / dt)) + 16) or 0))
        problem = Problem(unit, gain, spectrum, grid, spectrum.frozen > 0 or not unit.odd, inside)
        noise = problem.noise()
        if not noise.any() and not spectrum.frozen:  # without noise, zero would be a fixed point of the iteration
            noise = gain**2 * unit.square(1.0) * np.exp(-grid.lags)
        solution = _in_euler_steps(problem, SecondMoment(noise, spectrum.frozen), "noise alone")
        c = solution.decaying
        if np.abs(c[-16:]).max() <= FORGOTTEN * c[0]:
            return solution
        longest *= 4
    raise _too_slow(gain)


def _in_euler_steps(problem: Problem, start: SecondMoment, origin: str) -> DMFTSolution:
    """Return the solution on a grid of Euler steps; `origin` describes `start` in the error message."""
    moment = solve(problem, start)
    if moment is None:
        raise no_state(problem.unit.activation, problem.gain, f"{TRIED} from {origin}")
    parts = problem.unit, problem.gain, problem.spectrum, problem.grid, moment.variance, moment.constant
    solution = DMFTSolution(*parts, solved=moment.decaying, inside=problem.inside)
    return replace(solution, mean_square=_mean_square(solution))


def _lasting(solution: DMFTSolution) -> bool:
    """Return whether Δ has a constant part."""
    return solution.spectrum.frozen > 0 or not solution.unit.odd


def _mean_square(solution: DMFTSolution) -> float:
    """Return M = g² C_φ(M; v), the covariance of x between two trials of one network with independent noise."""
    if solution.unit.odd or solution.is_zero:
        return 0.0
    if solution.spectrum.frozen == 0:  # distant times are as independent as trials
        return solution.constant
    v, k, g = solution.variance, solution.constant, solution.gain
    # g² C_φ(m) − m is convex in m, nonnegative at m = 0 and −s_f² < 0 at m = k, so there is one root between them
    return root(lambda m: g**2 * float(solution.rates(m)) - m, 0.0, k, absolute=1e-16 * v)


def _too_slow(gain: float) -> InputError:
    return InputError(
        f"gain {gain:.12g}: fluctuations decay too slowly; lags up to {2.0**HIGHEST:.2g} time constants are allowed; "
        "change the gain or the noise"
    )


__all__ = ["DMFTSolution", "solve_dmft"]
