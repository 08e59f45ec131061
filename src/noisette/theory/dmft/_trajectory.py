"""The way of the autocorrelation Δ(τ) from Δ₀ down to zero, and how fluctuations grow along it.

Energy is conserved, ½Δ'² + V = 0, so with ρ = Δ/Δ₀ = e^(−v) the rate of decay r = −Δ'/Δ = v' is a function of ρ,

    r² = r(0)² + Σ_n p_n (1 − ρ^(n−1)),    p_n = 2 g² c_n² / (Δ₀ (n + 1)),    r(0) = σ²/(2Δ₀),

and r' = ½ Σ_n (n − 1) p_n ρ^(n−1). All terms are positive, r climbs from r(0) to κ, and v and r, unlike Δ and Δ',
can be integrated forwards: the saddle at Δ = 0 has moved to v = ∞.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre
from scipy.integrate import solve_ivp
from scipy.linalg import eigh

from noisette.theory.gaussian._onesite import PowerSeries

NODES = 300
DEGREE = 12  # polynomials in r: 1e-9 of the exponent for gains of tanh to 20, 1e-6 at 100
FAINTEST = 1e-3  # binding below which first-order perturbation is exact to 1e-9


class PotentialTrajectory(NamedTuple):
    """What Δ(τ)/Δ₀ follows: r(0), p₁ = g² ⟨φ'⟩², and the even exponents n − 1 ≥ 2 with their p_n."""

    start: float
    linear: float
    powers: Float[np.ndarray, " terms"]
    forces: Float[np.ndarray, " terms"]

    @property
    def end(self) -> float:
        """κ, the rate at which Δ decays in the end: κ² = 1 − p₁."""
        return float(np.sqrt(self.start**2 + self.forces.sum()))


def potential_trajectory(terms: PowerSeries, gain: float, sigma: float, variance: float) -> PotentialTrajectory:
    """Return the orbit of a consistent variance; n = 1 drops out of r² and takes all cancellation with it."""
    forces = 2 * gain**2 / variance * terms.weights / (terms.powers + 1)
    return PotentialTrajectory(sigma**2 / (2 * variance), float(forces[0]), terms.powers[1:] - 1, forces[1:])


def correlation(trajectory: PotentialTrajectory, lags: np.ndarray) -> np.ndarray:
    """Return ρ(τ) = Δ(τ)/Δ₀ at the lags, of any order and sign."""
    times, place = np.unique(np.abs(lags), return_inverse=True)
    climb = trajectory.powers * trajectory.forces / 2

    def step(_: float, state: np.ndarray) -> np.ndarray:
        return np.array([state[1], climb @ np.exp(-trajectory.powers * state[0])])

    span = (0.0, max(float(times[-1]), 1e-12))
    found = solve_ivp(step, span, [0.0, trajectory.start], "DOP853", times, rtol=1e-10, atol=1e-12)
    return np.exp(-found.y[0])[place].reshape(lags.shape)


def exponent(trajectory: PotentialTrajectory) -> float:
    """Return λ_max = −1 + √(1 − E₀), E₀ the lowest eigenvalue of −∂² + 1 − g² C_φ'(τ)."""
    bound = binding_energy(trajectory)
    return (bound - trajectory.end**2) / (
        1 + float(np.sqrt(trajectory.linear + bound))
    )  # nothing cancels at either end


def binding_energy(trajectory: PotentialTrajectory) -> float:
    """Return κ² − E₀, by which fluctuations along the orbit are bound below the continuum.

    Rayleigh–Ritz on [0, ∞) in the functions ρ^β P_j(r): even in τ if Δ is smooth at zero, free of a kink in any
    case, and with the exact decay e^(−√(κ² − E) τ) once β = √(κ² − E)/κ, which is iterated.
    """
    kappa = trajectory.end
    v, weight = _nodes()
    faded = np.exp(-np.outer(v, trajectory.powers))
    risen = -np.expm1(-np.outer(v, trajectory.powers)) @ trajectory.forces
    r = np.sqrt(trajectory.start**2 + risen)
    time = weight / r  # dτ = dv/r
    well = faded @ (
        (trajectory.powers + 1) * (trajectory.powers + 2) / 2 * trajectory.forces
    )  # g² C_φ' less its value at ∞
    beta = float(time @ well) / kappa  # no weaker than the true one, and exact in the limit of weak binding
    if beta < FAINTEST:
        return (kappa * beta) ** 2
    span = trajectory.forces.sum() / (kappa + trajectory.start)  # κ − r(0), without subtraction
    place = 2 * risen / (r + trajectory.start) / span - 1
    r_slope = faded @ (trajectory.powers * trajectory.forces / 2)
    shape = legendre.legvander(place, DEGREE)
    bend = legendre.legval(place, legendre.legder(np.eye(DEGREE + 1))).T * (2 / span * r_slope)[:, None]
    below = 0.0
    for _ in range(30):
        fade = np.exp(-beta * v)[:, None]
        wave, change = fade * shape, fade * (bend - beta * r[:, None] * shape)
        action = change.T @ (time[:, None] * change) - wave.T @ ((time * well)[:, None] * wave)
        below = float(eigh(action, wave.T @ (time[:, None] * wave), eigvals_only=True, subset_by_index=[0, 0])[0])
        last, beta = beta, float(np.sqrt(max(-below, 0.0))) / kappa
        if abs(beta - last) < 1e-8:  # its error enters the energy squared
            break
    return max(-below, 0.0)


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    """Return v and dv of a quadrature on [0, 20/FAINTEST], v = sinh⁴(w): a strong drive turns r within v ~ 1/Δ₀."""
    x, weight = legendre.leggauss(NODES)
    reach = np.arcsinh((20 / FAINTEST) ** 0.25)
    w = reach * (x + 1) / 2
    return np.sinh(w) ** 4, weight * reach / 2 * 4 * np.sinh(w) ** 3 * np.cosh(w)
