"""Correlations between units, N → ∞: two sites in the field of all others, and what passes between them.

At order 1/√N each covariance C_ij, i ≠ j, is gaussian over networks. With S = 1/(1 + iω), ν = g² ⟨a²⟩, a a unit's
mean slope, and U = g² S₁ S₂/(1 − ν S₁ S₂), the variances are integrals over two frequencies of

    ψ_φ(ω₁, ω₂) = [|1 − ν S₁ S₂|⁻² − 1] ⟨Γ(ω₁) Γ(ω₂)⟩
    ψ_x(ω₁, ω₂) = |U|² ⟨Γ(ω₁) Γ(ω₂)⟩ + 2 Re U ⟨a²⟩ C(ω₁) C(ω₂)

with Γ the spectrum of a unit's φ(x), C that of x. Units of a network that is not odd have means of their own, over
which ⟨ ⟩ goes. What is frozen has a mass at ω = 0.
"""

from typing import Literal, NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.errors import require
from noisette.noise import NoiseSpectrum
from noisette.theory.dmft._frequencies import Frequencies, frequencies
from noisette.theory.dmft._solution import DMFTSolution, solve_dmft


class DynamicStatistics(NamedTuple):
    """Statistics of the covariances C_ij of a large random network.

    Attributes
    ----------
    variance : tr C/N; covariance_variance : ψ = N Var C_ij, i ≠ j; dimension : (tr C)²/(N tr C²), NaN in silence
    susceptibility : χ = g² ⟨φ'²⟩; effective_gain : √ν
    """

    variance: float
    covariance_variance: float
    dimension: float
    susceptibility: float
    effective_gain: float


class _Spectra(NamedTuple):
    """Masses at ω = 0 and spectra, of x, and of φ(x) for each mean (one row a mean, of these weights)."""

    weights: np.ndarray
    current_mass: float
    rate_masses: np.ndarray
    current: np.ndarray
    rates: np.ndarray


class _Kernel(NamedTuple):
    """What couples two frequencies, from their responses."""

    activity: str
    gain_square: float
    slope_square: float

    def __call__(self, first: np.ndarray, second: np.ndarray, rates: np.ndarray, currents: np.ndarray) -> np.ndarray:
        """Return ψ(ω₁, ω₂) from S₁, S₂, ⟨ΓΓ⟩ and CC."""
        both = first * second
        loop = 1 - self.gain_square * self.slope_square * both
        if self.activity == "rate":
            return np.asarray((1 / np.abs(loop) ** 2 - 1) * rates)
        passed = self.gain_square * both / loop
        return np.asarray(np.abs(passed) ** 2 * rates + 2 * passed.real * self.slope_square * currents)


def dynamic_statistics(
    activation: Activation,
    gain: float,
    spectrum: NoiseSpectrum,
    *,
    activity: Literal["current", "rate"] = "current",
    covariance: Literal["equal-time", "long-window"] = "equal-time",
    dt: float | None = None,
) -> DynamicStatistics:
    """Return the statistics of covariances over noise and time.

    Parameters
    ----------
    activation : φ
    gain : g
    drive : the noise
    activity : of x, or of φ(x)
    covariance : at one time, or integrated over all lags, that is, of long windows, per unit of time. With frozen
        noise that of the windows' means, to which nothing else contributes
    dt : step of the Euler simulation to be described; None is continuous time

    Raises
    ------
    InputError : no stationary state.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> found = dynamic_statistics(jnp.tanh, 2.0, NoiseSpectrum())  # chaos, without any noise
    >>> round(found.variance, 5), round(found.dimension, 5)
    (1.92481, 0.01591)

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023), Physical Review Letters 131:118401.
    """
    require(activity in ("current", "rate"), f"activity {activity!r}", "'current' or 'rate'")
    known = ("equal-time", "long-window")
    require(covariance in known, f"covariance {covariance!r}", "'equal-time' or 'long-window'")
    solution = solve_dmft(activation, gain, spectrum, dt=dt)
    return covariance_statistics(solution, activity, covariance)


def covariance_statistics(solution: DMFTSolution, activity: str, covariance: str) -> DynamicStatistics:
    """Return the statistics of a known motion."""
    ends = (solution.susceptibility, solution.effective_gain)
    if not solution.fluctuating:
        return DynamicStatistics(0.0, 0.0, float("nan"), *ends)
    kernel = _Kernel(activity, solution.gain**2, float(solution.slopes(solution.mean_square)))
    if covariance == "long-window":
        variance, square, psi = _long(solution, kernel)
    else:
        variance, square, psi = _at_once(solution, kernel)
    return DynamicStatistics(variance, psi, variance**2 / (square + psi), *ends)


def _at_once(solution: DMFTSolution, kernel: _Kernel) -> tuple[float, float, float]:
    weights, rates = solution.rates_by_mean
    own = rates[:, 0]
    variance = solution.variance - solution.mean_square
    square = variance**2
    if kernel.activity == "rate":
        variance, square = float(weights @ own), float(weights @ own**2)
    grid = solution.grid
    over = frequencies(0.5 / grid.end, grid.highest)
    spectra = _spectra(solution, over.nodes)
    return variance, square, _both(kernel, spectra, grid.response(over.nodes), grid.response(over.near), over)


def _both(kernel: _Kernel, found: _Spectra, s: np.ndarray, s_near: np.ndarray, over: Frequencies) -> float:
    """Return the integral over both frequencies, masses at zero included."""
    w, mass = found.weights, found.rate_masses
    one = np.ones(())
    total = float(kernel(one, one, np.asarray(w @ mass**2), np.asarray(found.current_mass**2)))
    if not found.current.any():
        return total
    mixed = kernel(one, s, (w * mass) @ found.rates, found.current_mass * found.current)
    total += 4 * float(over.weights @ mixed)
    rates, currents = (found.rates.T * w) @ found.rates, np.outer(found.current, found.current)
    pairs = kernel(s[:, None], s, rates, currents)
    pairs += np.where(over.apart, kernel(s[:, None], s.conj(), rates, currents), 0.0)
    total += 2 * float(over.weights @ pairs @ over.weights)
    rates = sum(p * row[:, None] * over.beside(row) for p, row in zip(w, found.rates, strict=True))
    currents = found.current[:, None] * over.beside(found.current)
    near = kernel(s[:, None], s_near.conj(), np.asarray(rates), currents)
    return total + 2 * float(over.weights @ (near * over.near_weights).sum(1))


def _long(solution: DMFTSolution, kernel: _Kernel) -> tuple[float, float, float]:
    """Return variance, mean square of the variances and ψ at ω = 0."""
    found = _spectra(solution, np.zeros(1))
    weights = found.weights
    current, own = float(found.current[0]), found.rates[:, 0]
    if found.current_mass > 0:
        current, own = found.current_mass, found.rate_masses
    one = np.ones(())
    psi = float(kernel(one, one, np.asarray(weights @ own**2), np.asarray(current**2)))
    if kernel.activity == "rate":
        return float(weights @ own), float(weights @ own**2), psi
    return current, current**2, psi


def _spectra(solution: DMFTSolution, nodes: np.ndarray) -> _Spectra:
    """Return what the integrals need at these frequencies."""
    weights, rates = solution.rates_by_mean
    masses = rates[:, -1]
    mass = solution.constant - solution.mean_square if solution.spectrum.frozen else 0.0
    grid = solution.grid
    if solution.is_fixed_point:
        return _Spectra(weights, mass, masses, np.zeros_like(nodes), np.zeros((len(weights), len(nodes))))
    if not solution.spectrum.frozen:
        masses = np.zeros_like(masses)
    moving = grid.transform(rates[:, :-1] - masses[:, None], nodes)
    power = np.abs(grid.response(nodes)) ** 2
    current = power * (solution.gain**2 * weights @ moving + grid.noise_spectrum(solution.spectrum, nodes))
    return _Spectra(weights, mass, masses, current, moving)


__all__ = ["DynamicStatistics", "covariance_statistics", "dynamic_statistics"]
