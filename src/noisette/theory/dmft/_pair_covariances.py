"""Covariances between units, N → ∞: the two-site theory of Clark, Abbott & Litwin-Kumar (2023).

At order 1/√N each covariance C_ij, i ≠ j, is gaussian over networks. With S = 1/(1 + iω), ν = g² ⟨a²⟩, a a unit's
mean slope, and U = g² S₁ S₂/(1 − ν S₁ S₂), the variances are integrals over two frequencies of

    ψ_φ(ω₁, ω₂) = [|1 − ν S₁ S₂|⁻² − 1] ⟨Γ(ω₁) Γ(ω₂)⟩
    ψ_x(ω₁, ω₂) = |U|² ⟨Γ(ω₁) Γ(ω₂)⟩ + 2 Re U ⟨a²⟩ C(ω₁) C(ω₂)

with Γ the spectrum of a unit's φ(x), C that of x (derived here along their lines; the geometric series in ν S₁ S₂
sums the paths of any length through the network that connect the two sites). With activations that are not odd, units
differ in their means, and ⟨ ⟩ is the average over these. Frozen parts contribute a mass at ω = 0.
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
    """Masses at ω = 0 and spectra, of x and of φ(x).

    Attributes
    ----------
    weights : of the means of units, shape (means,)
    current_mass : of x; rate_masses : of φ(x), shape (means,)
    current : spectrum of x, shape (frequencies,); rates : of φ(x), shape (means, frequencies)
    """

    weights: np.ndarray
    current_mass: float
    rate_masses: np.ndarray
    current: np.ndarray
    rates: np.ndarray


class _Kernel(NamedTuple):
    """The kernel ψ(ω₁, ω₂) of the covariances of currents or of rates."""

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
    diagonal = rates[:, 0]  # variance of φ(x) for each mean
    variance = solution.variance - solution.mean_square
    square = variance**2
    if kernel.activity == "rate":
        variance, square = float(weights @ diagonal), float(weights @ diagonal**2)
    grid = solution.grid
    over = frequencies(0.5 / grid.end, grid.highest)
    spectra = _spectra(solution, over.nodes)
    return variance, square, _both(kernel, spectra, grid.response(over.nodes), grid.response(over.near), over)


def _both(kernel: _Kernel, spectra: _Spectra, s: np.ndarray, s_near: np.ndarray, over: Frequencies) -> float:
    """Return the integral of ψ over both frequencies, masses at zero included.

    ψ(ω₁, ω₂) = ψ(−ω₁, −ω₂)*, so the plane is twice the quadrant of equal signs plus twice that of opposite signs, in
    which S(−ω₂) = S₂*. Only the latter contains the ridge ω₁ + ω₂ = 0: pairs of panels far from it are summed as
    products of nodes, and near it every ω₁ has its own graded nodes of ω₂.

    Parameters
    ----------
    spectra : at the nodes
    s, s_near : response S at the nodes, shape (frequencies,), and beside the ridge, shape (frequencies, near)
    over : the frequencies and their weights
    """
    w, mass = spectra.weights, spectra.rate_masses
    unity = np.ones(())  # S at ω = 0
    total = float(kernel(unity, unity, np.asarray(w @ mass**2), np.asarray(spectra.current_mass**2)))
    if not spectra.current.any():
        return total
    mixed = kernel(unity, s, (w * mass) @ spectra.rates, spectra.current_mass * spectra.current)
    total += 4 * float(over.weights @ mixed)  # either frequency may be zero, the other of either sign
    rates, currents = (spectra.rates.T * w) @ spectra.rates, np.outer(spectra.current, spectra.current)
    pairs = kernel(s[:, None], s, rates, currents)
    pairs += np.where(over.apart, kernel(s[:, None], s.conj(), rates, currents), 0.0)
    total += 2 * float(over.weights @ pairs @ over.weights)
    rates = sum(p * row[:, None] * over.beside(row) for p, row in zip(w, spectra.rates, strict=True))
    currents = spectra.current[:, None] * over.beside(spectra.current)
    near = kernel(s[:, None], s_near.conj(), np.asarray(rates), currents)
    return total + 2 * float(over.weights @ (near * over.near_weights).sum(1))


def _long(solution: DMFTSolution, kernel: _Kernel) -> tuple[float, float, float]:
    """Return variance, mean square of the variances and ψ at ω = 0."""
    spectra = _spectra(solution, np.zeros(1))
    weights = spectra.weights
    current, diagonal = float(spectra.current[0]), spectra.rates[:, 0]
    if spectra.current_mass > 0:
        current, diagonal = spectra.current_mass, spectra.rate_masses
    unity = np.ones(())  # S at ω = 0
    psi = float(kernel(unity, unity, np.asarray(weights @ diagonal**2), np.asarray(current**2)))
    if kernel.activity == "rate":
        return float(weights @ diagonal), float(weights @ diagonal**2), psi
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
