"""Covariances between units, N → ∞: the two-site cavity theory of Clark, Abbott & Litwin-Kumar (2023).

At order 1/√N each covariance C_ij, i ≠ j, is Gaussian over networks. With the response S = 1/(1 + iω), the mean slope a
of a unit, ν = g² ⟨a²⟩ and U = g² S₁ S₂/(1 − ν S₁ S₂), the variances are integrals over two frequencies of

    ψ_φ(ω₁, ω₂) = [|1 − ν S₁ S₂|⁻² − 1] ⟨Γ(ω₁) Γ(ω₂)⟩
    ψ_x(ω₁, ω₂) = |U|² ⟨Γ(ω₁) Γ(ω₂)⟩ + 2 Re U ⟨a²⟩ C(ω₁) C(ω₂)

where Γ is the spectrum of φ(x) of a unit and C that of x. The derivation follows theirs: each factor ν S₁ S₂ is one
more step of a pair of paths through the network, and the geometric series sums paths of any length that connect the two
sites. If the activation is not odd, units differ in their means, and ⟨ ⟩ is the average over the means. Frozen noise
contributes a δ function at ω = 0, represented by its mass.
"""

from typing import Literal, NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.noise import NoiseSpectrum
from noisette.theory.dmft._frequencies import Frequencies, frequencies
from noisette.theory.dmft._solution import DMFTSolution, solve_dmft


class DynamicStatistics(NamedTuple):
    """Statistics of the covariances C_ij of a large random network.

    Attributes
    ----------
    variance : tr C/N
    covariance_variance : ψ = N Var C_ij, i ≠ j
    dimension : participation dimension (tr C)²/(N tr C²), between 0 and 1; NaN without activity
    susceptibility : χ = g² ⟨φ'²⟩
    effective_gain : √ν
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
    weights : weights of the means of units, shape (means,)
    current_mass : mass of x
    rate_masses : masses of φ(x), shape (means,)
    current : spectrum of x, shape (frequencies,)
    rates : spectra of φ(x), shape (means, frequencies)
    """

    weights: np.ndarray
    current_mass: float
    rate_masses: np.ndarray
    current: np.ndarray
    rates: np.ndarray


class _Kernel(NamedTuple):
    """Kernel ψ(ω₁, ω₂) of the covariances of currents or rates.

    Attributes
    ----------
    activity : "current" or "rate"
    gain_square, slope_square : g² and ⟨a²⟩
    """

    activity: str
    gain_square: float
    slope_square: float

    def __call__(self, first: np.ndarray, second: np.ndarray, rates: np.ndarray, currents: np.ndarray) -> np.ndarray:
        """Return ψ(ω₁, ω₂) from S₁, S₂, ⟨Γ(ω₁) Γ(ω₂)⟩ and C(ω₁) C(ω₂)."""
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
    spectrum : power spectrum of the noise
    activity : "current" for x, "rate" for φ(x)
    covariance : "equal-time", or "long-window": integrated over all lags, that is, the covariance of sums over long
        windows per unit of time. In frozen noise it is the covariance of the means over windows, which dominates
    dt : time step of the Euler simulation to describe; None for continuous time

    Raises
    ------
    InputError : If there is no stationary state, or if an option is unknown.

    Examples
    --------
    >>> import jax.numpy as jnp
    >>> statistics = dynamic_statistics(jnp.tanh, 2.0, NoiseSpectrum())  # chaos without noise
    >>> round(statistics.variance, 5), round(statistics.dimension, 5)
    (1.92481, 0.01591)

    References
    ----------
    Clark, Abbott & Litwin-Kumar (2023), Physical Review Letters 131:118401.
    """
    solution = solve_dmft(activation, gain, spectrum, dt=dt)
    return covariance_statistics(solution, activity, covariance)


def covariance_statistics(solution: DMFTSolution, activity: str, covariance: str) -> DynamicStatistics:
    """Return the statistics of covariances, given the mean-field solution."""
    ends = (solution.susceptibility, solution.effective_gain)
    if not solution.fluctuating:
        return DynamicStatistics(0.0, 0.0, float("nan"), *ends)
    kernel = _Kernel(activity, solution.gain**2, float(solution.slopes(solution.mean_square)))
    if covariance == "long-window":
        variance, square, psi = _zero_frequency(solution, kernel)
    else:
        variance, square, psi = _equal_time(solution, kernel)
    # D = (tr C)²/(N tr C²), with tr C²/N = E C_ii² + N Var C_ij
    return DynamicStatistics(variance, psi, variance**2 / (square + psi), *ends)


def _equal_time(solution: DMFTSolution, kernel: _Kernel) -> tuple[float, float, float]:
    """Return C₀, E C_ii² and ψ at equal times."""
    weights, rates = solution.rates_by_mean
    diagonal = rates[:, 0]  # variance of φ(x) for each mean
    variance = solution.variance - solution.mean_square
    square = variance**2
    if kernel.activity == "rate":
        variance, square = float(weights @ diagonal), float(weights @ diagonal**2)
    grid = solution.grid
    # spectra of functions that vanish beyond the last lag are constant at lower frequencies
    peaks = tuple((omega, 1 / tau) for _, tau, omega in solution.spectrum.oscillating)
    over = frequencies(0.5 / grid.end, grid.highest, peaks)
    spectra = _spectra(solution, over.nodes)
    return variance, square, _integral(kernel, spectra, grid.response(over.nodes), grid.response(over.near), over)


def _integral(kernel: _Kernel, spectra: _Spectra, s: np.ndarray, s_near: np.ndarray, over: Frequencies) -> float:
    """Return ∫∫ ψ(ω₁, ω₂) dω₁ dω₂/(2π)², including the masses at zero.

    ψ is real and ψ(ω₁, ω₂) = ψ(−ω₁, −ω₂), so the integral over the plane is twice that over the quadrant of equal signs
    plus twice that over the quadrant of opposite signs, in which S(−ω₂) = S₂*. Only the latter contains the ridge
    ω₁ + ω₂ = 0. Pairs of panels far from it are integrated on the product grid; close to it every ω₁ has graded nodes
    of ω₂.

    Parameters
    ----------
    kernel : ψ
    spectra : spectra at the nodes
    s, s_near : response S at the nodes, shape (frequencies,), and close to the ridge, shape (frequencies, near)
    over : frequencies and weights
    """
    w, mass = spectra.weights, spectra.rate_masses
    unity = np.ones(())  # S at ω = 0
    # mass × mass: both frequencies are zero
    total = float(kernel(unity, unity, np.asarray(w @ mass**2), np.asarray(spectra.current_mass**2)))
    if not spectra.current.any():
        return total
    mixed = kernel(unity, s, (w * mass) @ spectra.rates, spectra.current_mass * spectra.current)
    # mass × spectrum: either frequency may be zero (2), and the other has either sign (2)
    total += 4 * float(over.weights @ mixed)
    # ⟨Γ(ω₁) Γ(ω₂)⟩ and C(ω₁) C(ω₂) on the product grid, shape (frequencies, frequencies)
    rates, currents = (spectra.rates.T * w) @ spectra.rates, np.outer(spectra.current, spectra.current)
    pairs = kernel(s[:, None], s, rates, currents)
    pairs += np.where(over.apart, kernel(s[:, None], s.conj(), rates, currents), 0.0)
    total += 2 * float(over.weights @ pairs @ over.weights)
    rates = sum(p * row[:, None] * over.at_near(row) for p, row in zip(w, spectra.rates, strict=True))
    currents = spectra.current[:, None] * over.at_near(spectra.current)
    near = kernel(s[:, None], s_near.conj(), np.asarray(rates), currents)
    return total + 2 * float(over.weights @ (near * over.near_weights).sum(1))


def _zero_frequency(solution: DMFTSolution, kernel: _Kernel) -> tuple[float, float, float]:
    """Return C₀, E C_ii² and ψ at ω₁ = ω₂ = 0."""
    spectra = _spectra(solution, np.zeros(1))
    weights = spectra.weights
    current, diagonal = float(spectra.current[0]), spectra.rates[:, 0]
    if spectra.current_mass > 0:  # over a window T the covariance of sums is of order T² from masses, T from spectra
        current, diagonal = spectra.current_mass, spectra.rate_masses
    unity = np.ones(())  # S at ω = 0
    psi = float(kernel(unity, unity, np.asarray(weights @ diagonal**2), np.asarray(current**2)))
    if kernel.activity == "rate":
        return float(weights @ diagonal), float(weights @ diagonal**2), psi
    return current, current**2, psi


def _spectra(solution: DMFTSolution, nodes: np.ndarray) -> _Spectra:
    """Return the masses and spectra at given frequencies."""
    weights, rates = solution.rates_by_mean
    masses = rates[:, -1]
    mass = solution.constant - solution.mean_square if solution.spectrum.frozen else 0.0
    grid = solution.grid
    if solution.is_fixed_point:
        return _Spectra(weights, mass, masses, np.zeros_like(nodes), np.zeros((len(weights), len(nodes))))
    if not solution.spectrum.frozen:
        masses = np.zeros_like(masses)
    fluctuating = grid.transform(rates[:, :-1] - masses[:, None], nodes)
    # C(ω) = |S|² (g² ⟨Γ(ω)⟩ + noise), rather than the transform of c(τ): a product keeps small values accurate
    power = np.abs(grid.response(nodes)) ** 2
    current = power * (solution.gain**2 * weights @ fluctuating + grid.noise_spectrum(solution.spectrum, nodes))
    return _Spectra(weights, mass, masses, current, fluctuating)


__all__ = ["DynamicStatistics", "covariance_statistics", "dynamic_statistics"]
