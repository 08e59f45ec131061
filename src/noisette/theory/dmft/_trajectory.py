"""The trajectory of the autocorrelation Δ(τ) in its potential, from Δ₀ to zero, and the Lyapunov exponent along it.

Energy is conserved, ½Δ'² + V = 0, so with ρ = Δ/Δ₀ = e^(−v) the rate of decay r = −Δ'/Δ = v' is a function of ρ,

    r² = r(0)² + Σ_n p_n (1 − ρ^(n−1)),    p_n = 2 g² c_n² / (Δ₀ (n + 1)),    r(0) = σ²/(2Δ₀),

and r' = ½ Σ_n (n − 1) p_n ρ^(n−1). All terms are positive and r increases from r(0) to κ. Integrated forwards,
Δ and Δ' would leave the saddle at Δ = 0 along its unstable direction; v and r have moved the saddle to v = ∞.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre
from scipy.integrate import solve_ivp
from scipy.linalg import eigh

from noisette.theory.gaussian._hermite import PowerSeries

NODES = 300
DEGREE = 12  # polynomials in r: 1e-9 of the exponent for gains of tanh to 20, 1e-6 at 100
WEAKEST = 1e-3  # β below which first-order perturbation theory is exact to 1e-9


class PotentialTrajectory(NamedTuple):
    """Trajectory of ρ = Δ(τ)/Δ₀ in its potential.

    Attributes
    ----------
    start : r(0)
    linear : p₁ = g² ⟨φ'⟩²
    powers, forces : exponents n − 1 ≥ 1 and their p_n
    """

    start: float
    linear: float
    powers: Float[np.ndarray, " terms"]
    forces: Float[np.ndarray, " terms"]

    @property
    def end(self) -> float:
        """κ, the rate at which Δ decays in the end: κ² = 1 − p₁."""
        return float(np.sqrt(self.start**2 + self.forces.sum()))


def potential_trajectory(terms: PowerSeries, gain: float, sigma: float, variance: float) -> PotentialTrajectory:
    """Return the trajectory of a self-consistent variance.

    The term of n = 1 contributes nothing to r², and with it all cancellation disappears.
    """
    forces = 2 * gain**2 / variance * terms.weights / (terms.powers + 1)
    return PotentialTrajectory(sigma**2 / (2 * variance), float(forces[0]), terms.powers[1:] - 1, forces[1:])


def correlation(trajectory: PotentialTrajectory, lags: np.ndarray) -> np.ndarray:
    """Return ρ(τ) = Δ(τ)/Δ₀ at the lags, of any order and sign."""
    times, place = np.unique(np.abs(lags), return_inverse=True)
    climb = trajectory.powers * trajectory.forces / 2

    def step(_: float, state: np.ndarray) -> np.ndarray:
        return np.array([state[1], climb @ np.exp(-trajectory.powers * state[0])])

    span = (0.0, max(float(times[-1]), 1e-12))
    solved = solve_ivp(step, span, [0.0, trajectory.start], "DOP853", times, rtol=1e-10, atol=1e-12)
    return np.exp(-solved.y[0])[place].reshape(lags.shape)


def exponent(trajectory: PotentialTrajectory) -> float:
    """Return λ_max = −1 + √(1 − E₀), E₀ the lowest eigenvalue of −∂² + 1 − g² C_φ'(τ)."""
    bound = binding_energy(trajectory)
    return (bound - trajectory.end**2) / (
        1 + float(np.sqrt(trajectory.linear + bound))
    )  # nothing cancels at either end


def binding_energy(trajectory: PotentialTrajectory) -> float:
    """Return κ² − E₀, the binding energy of the ground state below the continuum.

    Rayleigh–Ritz on [0, ∞) in the functions ρ^β P_j(r): even in τ if Δ is smooth at zero, free of a kink in any
    case, and with the exact decay e^(−√(κ² − E) τ) once β = √(κ² − E)/κ, which is iterated. Polynomials in r suit
    the problem: near the onset r = κ tanh(κτ/2), whose square is the Pöschl–Teller potential, so a few suffice there.
    """
    kappa = trajectory.end
    v, weight = _nodes()
    decayed = np.exp(-np.outer(v, trajectory.powers))
    gained = -np.expm1(-np.outer(v, trajectory.powers)) @ trajectory.forces
    r = np.sqrt(trajectory.start**2 + gained)
    time = weight / r  # dτ = dv/r, so integrals over lags are sums over the nodes of v
    depth = decayed @ (
        (trajectory.powers + 1) * (trajectory.powers + 2) / 2 * trajectory.forces
    )  # g² C_φ' minus its limit
    beta = float(time @ depth) / kappa  # no weaker than the true one, and exact in the limit of weak binding
    if beta < WEAKEST:
        return (kappa * beta) ** 2
    span = trajectory.forces.sum() / (kappa + trajectory.start)  # κ − r(0), without subtraction
    place = 2 * gained / (r + trajectory.start) / span - 1
    r_slope = decayed @ (trajectory.powers * trajectory.forces / 2)
    shape = legendre.legvander(place, DEGREE)
    bend = legendre.legval(place, legendre.legder(np.eye(DEGREE + 1))).T * (2 / span * r_slope)[:, None]
    below = 0.0
    for _ in range(30):
        fade = np.exp(-beta * v)[:, None]
        wave, change = fade * shape, fade * (bend - beta * r[:, None] * shape)
        action = change.T @ (time[:, None] * change) - wave.T @ ((time * depth)[:, None] * wave)
        below = float(eigh(action, wave.T @ (time[:, None] * wave), eigvals_only=True, subset_by_index=[0, 0])[0])
        last, beta = beta, float(np.sqrt(max(-below, 0.0))) / kappa
        if abs(beta - last) < 1e-8:  # its error enters the energy squared
            break
    return max(-below, 0.0)


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    """Return v and dv of a quadrature on [0, 20/WEAKEST], v = sinh⁴(w): a strong drive turns r within v ~ 1/Δ₀."""
    x, weight = legendre.leggauss(NODES)
    reach = np.arcsinh((20 / WEAKEST) ** 0.25)
    w = reach * (x + 1) / 2
    return np.sinh(w) ** 4, weight * reach / 2 * 4 * np.sinh(w) ** 3 * np.cosh(w)
