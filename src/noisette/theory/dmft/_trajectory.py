"""The trajectory of the autocovariance Δ(τ) in its potential, from Δ₀ to zero, and the Lyapunov exponent along it.

With C_φ = Σ_n c_n² ρⁿ and ρ = Δ/Δ₀, Δ'' = −∂V/∂Δ has the potential V = −Δ²/2 + g² Δ₀ Σ_n c_n² ρ^(n+1)/(n + 1). Δ comes
to rest at zero, so the conserved energy ½Δ'² + V is zero. Divided by Δ²/2, this gives the decay rate r = −Δ'/Δ of
ρ = e^(−v), v' = r, as a function of ρ,

    r² = 1 − Σ_n p_n ρ^(n−1) = r(0)² + Σ_n p_n (1 − ρ^(n−1)),    p_n = 2 g² c_n² / (Δ₀ (n + 1)),    r(0) = σ²/(2Δ₀),

and, by differentiation, r' = ½ Σ_n (n − 1) p_n ρ^(n−1). All terms are positive, and r increases from r(0) to
κ = √(1 − p₁). Δ and Δ' integrated forwards would leave the saddle at Δ = 0 along its unstable direction; in the
variables v and r the saddle is at v = ∞, and forward integration is stable.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.polynomial import legendre
from scipy.integrate import solve_ivp
from scipy.linalg import eigh

from noisette.theory.gaussian._hermite import PowerSeries

NODES = 300  # of the quadrature over v
DEGREE = 12  # of polynomials in r: errors of the exponent are 1e-9 for tanh at gains up to 20, and 1e-6 at 100
WEAKEST = 1e-3  # β below which first-order perturbation theory is accurate to 1e-9


class PotentialTrajectory(NamedTuple):
    """Trajectory of ρ = Δ(τ)/Δ₀ in its potential.

    Attributes
    ----------
    start : r(0)
    linear : p₁ = g² ⟨φ'⟩²
    powers, forces : n − 1 and p_n for n > 1, shape (terms,)
    """

    start: float
    linear: float
    powers: Float[np.ndarray, " terms"]
    forces: Float[np.ndarray, " terms"]

    @property
    def end(self) -> float:
        """Return κ, the asymptotic decay rate of Δ; κ² = 1 − p₁ = r(0)² + Σ_{n>1} p_n, without cancellation."""
        return float(np.sqrt(self.start**2 + self.forces.sum()))


def potential_trajectory(terms: PowerSeries, gain: float, sigma: float, variance: float) -> PotentialTrajectory:
    """Return the trajectory for a self-consistent variance.

    Parameters
    ----------
    terms : n and c_n², the first of them n = 1
    gain, sigma : g and σ
    variance : Δ₀, or v − k if Δ decays to a constant k

    Notes
    -----
    In r² the term of n = 1 cancels: 1 − p₁ − … is replaced by sums of positive terms, so nothing cancels near the onset
    of activity, where κ → 0.
    """
    forces = 2 * gain**2 / variance * terms.weights / (terms.powers + 1)
    return PotentialTrajectory(sigma**2 / (2 * variance), float(forces[0]), terms.powers[1:] - 1, forces[1:])


def correlation(trajectory: PotentialTrajectory, lags: np.ndarray) -> np.ndarray:
    """Return ρ(τ) = Δ(τ)/Δ₀ at lags of any order, sign and shape."""
    times, place = np.unique(np.abs(lags), return_inverse=True)
    climb = trajectory.powers * trajectory.forces / 2

    def velocity(_: float, state: np.ndarray) -> np.ndarray:
        """Return (v', r') from (v, r)."""
        return np.array([state[1], climb @ np.exp(-trajectory.powers * state[0])])

    span = (0.0, max(float(times[-1]), 1e-12))
    solved = solve_ivp(velocity, span, [0.0, trajectory.start], "DOP853", times, rtol=1e-10, atol=1e-12)
    return np.exp(-solved.y[0])[place].reshape(lags.shape)


def exponent(trajectory: PotentialTrajectory) -> float:
    """Return λ_max = −1 + √(1 − E₀), with E₀ the lowest eigenvalue of −∂² + 1 − g² C_φ'(τ)."""
    bound = binding_energy(trajectory)
    # 1 − E₀ = 1 − κ² + bound = p₁ + bound, and √y − 1 = (y − 1)/(1 + √y) avoids cancellation at the onset of activity
    return (bound - trajectory.end**2) / (1 + float(np.sqrt(trajectory.linear + bound)))


def binding_energy(trajectory: PotentialTrajectory) -> float:
    """Return κ² − E₀, the binding energy of the ground state below the continuum.

    The method is Rayleigh–Ritz on [0, ∞) with the functions ρ^β P_j(r), where P_j is a Legendre polynomial. Their decay
    e^(−βκτ) is that of the exact eigenfunction, e^(−√(κ² − E₀) τ), for β = √(κ² − E₀)/κ, which is iterated. The natural
    boundary condition of the weak form at τ = 0 selects the even ground state.

    Polynomials in r suit the problem: near the onset of activity a single power n dominates (n = 3 for odd units, n = 2
    otherwise). Then r = κ tanh((n − 1)κτ/2) without white noise, and the depth of the potential is a multiple of
    κ² − r², the Pöschl–Teller potential, whose ground state is a power of ρ. A few polynomials therefore suffice.
    """
    kappa = trajectory.end
    v, weight = _nodes()  # all sums below are over these nodes; arrays are of shape (nodes,) or (nodes, terms)
    decayed = np.exp(-np.outer(v, trajectory.powers))
    gained = -np.expm1(-np.outer(v, trajectory.powers)) @ trajectory.forces  # r² − r(0)²
    r = np.sqrt(trajectory.start**2 + gained)
    time = weight / r  # dτ = dv/r, so integrals over lags are sums over the nodes of v
    # g² C_φ' minus its limit: g² n c_n²/Δ₀ = n (n + 1) p_n/2
    depth = decayed @ ((trajectory.powers + 1) * (trajectory.powers + 2) / 2 * trajectory.forces)
    # √(binding energy) ≤ ½ ∫_−∞^∞ depth dτ in one dimension, with equality in the limit of weak binding
    beta = float(time @ depth) / kappa
    if beta < WEAKEST:
        return (kappa * beta) ** 2
    span = trajectory.forces.sum() / (kappa + trajectory.start)  # κ − r(0) = (κ² − r(0)²)/(κ + r(0))
    place = 2 * gained / (r + trajectory.start) / span - 1  # r scaled from [r(0), κ] to [−1, 1]
    r_slope = decayed @ (trajectory.powers * trajectory.forces / 2)
    shape = legendre.legvander(place, DEGREE)
    bend = legendre.legval(place, legendre.legder(np.eye(DEGREE + 1))).T * (2 / span * r_slope)[:, None]
    below = 0.0
    for _ in range(30):
        fade = np.exp(-beta * v)[:, None]  # ρ^β
        wave, change = fade * shape, fade * (bend - beta * r[:, None] * shape)  # basis functions and their d/dτ
        # ∫ (w'² − depth w²) dτ against ∫ w² dτ: generalised eigenproblem of DEGREE + 1 functions for E − κ²
        action = change.T @ (time[:, None] * change) - wave.T @ ((time * depth)[:, None] * wave)
        below = float(eigh(action, wave.T @ (time[:, None] * wave), eigvals_only=True, subset_by_index=[0, 0])[0])
        last, beta = beta, float(np.sqrt(max(-below, 0.0))) / kappa
        if abs(beta - last) < 1e-8:  # an error of β changes the energy in second order only
            break
    return max(-below, 0.0)


@cache
def _nodes() -> tuple[np.ndarray, np.ndarray]:
    """Return nodes v and weights dv on [0, 20/WEAKEST], shape (NODES,).

    The substitution v = sinh⁴ w makes them dense at v = 0, since for strong drive r rises within v ~ 1/Δ₀, and spaced
    geometrically at large v, where ρ^(2β) decays as slowly as e^(−2 · WEAKEST · v).
    """
    x, weight = legendre.leggauss(NODES)
    reach = np.arcsinh((20 / WEAKEST) ** 0.25)
    w = reach * (x + 1) / 2
    return np.sinh(w) ** 4, weight * reach / 2 * 4 * np.sinh(w) ** 3 * np.cosh(w)
