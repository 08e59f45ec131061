"""Stability of explicit steps, and the bias of stationary variances in noise, for each mode of a Jacobian.

In each step a mode with the eigenvalue μ is multiplied by the stability function R(dt μ) of the integrator,

    Euler: R(z) = 1 + z,   |R|² = 1 + 2 r dt + m dt²,                                   r = Re μ, m = |μ|²
    Heun:  R(z) = 1 + z + z²/2,   |R|² = 1 + 2 r dt + 2 r² dt² + r m dt³ + m² dt⁴/4.

A decaying mode (r < 0) must decay in the discretised system as well: |R| < 1. For Euler this means dt < 2|r|/m. For
Heun the bound is the only positive root of 2 r + 2 r² dt + r m dt² + m² dt³/4, which is unique since the derivative of
this polynomial has no real root. For real μ both bounds are 2/|μ|.

**States with growing modes.** In active states the spectrum of a random network crosses the imaginary axis. Some
decaying modes are then arbitrarily close to the axis, and any step turns some of them into slowly growing modes. This
has no consequence: modes with Re μ > 0 grow faster, and the Jacobian changes before the others have grown. A decaying
mode therefore counts as unstable only if it grows, in the discretised system, faster than a mode of rate ρ,

    |R(dt μ)| > R(dt ρ),   ρ = max(0, largest Re μ, κ),   κ = |dD/dt|/|D|,

where κ is the rate of change of the Jacobian D along the flow. At a stable fixed point and in stable linear networks
ρ = 0, and the condition is |R| < 1 for each mode. For Euler the condition reads dt (m − ρ²)/(ρ − r) < 2. If ρ > 0,
dt |μ| < 2 is required of every decaying mode in addition; for real μ this is the bound.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Complex, Float

Explicit = Literal["euler", "heun", "milstein"]
NEUTRAL = 1e-12  # an eigenvalue, or its real part, below this fraction of the largest |μ| counts as zero
BISECTIONS = 60  # reduce an interval below the resolution of float64
HEUN_REACH = 3.0  # |R(z)| > 1 for Heun if |z| > 1 + √3, since |R(z)| = 1 at z = −1 ± √(2 e^{iθ} − 1)

Rates = Float[np.ndarray, " N"] | Complex[np.ndarray, " N"]


class Spectrum(NamedTuple):
    """Eigenvalues of a Jacobian, and further quantities that determine the admissible steps.

    Attributes
    ----------
    rates : eigenvalues μ, in 1/time, shape (N,), or fewer for "krylov"
    change : κ, the rate of change of the Jacobian along the flow, in 1/time
    alone : diagonal of the Jacobian, the rates of the uncoupled units, in 1/time, shape (N,)
    method : "eigenvalues" for all eigenvalues; "krylov" for those on the edge of the spectrum, by Arnoldi's method;
        "power iteration" for the largest |μ| only, by power iteration
    error : residual of the computed modes, relative to the largest |μ|; 0 for "eigenvalues"
    matrix : Jacobian of a small network, shape (N, N); None for large networks
    """

    rates: Rates
    change: float
    alone: Float[np.ndarray, " N"]
    method: str = "eigenvalues"
    error: float = 0.0
    matrix: Float[np.ndarray, "N N"] | None = None

    @property
    def growth(self) -> float:
        """Largest growth rate, 0 if no mode grows."""
        return _growth(self.rates)


def critical_steps(rates: Rates, solver: Explicit = "euler", change: float = 0.0) -> Float[np.ndarray, " N"]:
    """Return the step at which each decaying mode becomes unstable; infinite for growing and neutral modes.

    .. math:: dt_k = \\frac{2 |\\mathrm{Re}\\, \\mu_k|}{|\\mu_k|^2} \\quad \\text{(Euler, if no mode grows)}

    Parameters
    ----------
    rates : eigenvalues μ of the Jacobian, in 1/time, shape (N,)
    solver : "euler" or "heun"
    change : κ, rate of change of the Jacobian, in 1/time

    Returns
    -------
    array, shape (N,), in units of time; 0 for an undamped oscillation, for which both methods are unstable at any step

    Examples
    --------
    >>> import numpy as np
    >>> critical_steps(np.array([-1.0 + 5j, -1.0 - 5j, -4.0])).round(4)
    array([0.0769, 0.0769, 0.5   ])
    >>> critical_steps(np.array([-1.0 + 5j, -1.0 - 5j, -4.0]), "heun").round(4)
    array([0.2712, 0.2712, 0.5   ])
    """
    magnitude = np.abs(rates)
    scale = magnitude.max(initial=0.0)
    real = np.where(np.abs(np.real(rates)) <= NEUTRAL * scale, 0.0, np.real(rates))
    reference = max(_growth(rates), change)
    decaying = (real <= 0) & (magnitude > NEUTRAL * scale)
    limit = HEUN_REACH if solver == "heun" and reference == 0 else 2.0
    longest = limit / np.where(decaying, magnitude, np.inf)
    excess = _excess(real, magnitude**2, reference, solver)
    limited = excess(longest) > 0
    low, high = np.zeros_like(longest), longest
    for _ in range(BISECTIONS if solver == "heun" else 0):
        middle = (low + high) / 2
        stable = excess(middle) <= 0
        low, high = np.where(stable, middle, low), np.where(stable, high, middle)
    if solver != "heun":
        with np.errstate(divide="ignore", invalid="ignore"):
            low = 2 * (reference - real) / (magnitude**2 - reference**2)
    return np.where(decaying, np.where(limited, low, longest), np.inf)


def stability(spectrum: Spectrum, dt: float, solver: Explicit = "euler") -> tuple[float, int]:
    """Return the stability number of a step, below 2 for a stable step, and the index of the mode that limits it.

    .. math:: s = 2 \\max_k \\frac{dt}{dt_k}, \\qquad
       \\text{Euler at a stable state: } s = \\max_k \\frac{dt\\, |\\mu_k|^2}{|\\mathrm{Re}\\, \\mu_k|}

    For a real spectrum it is dt times the largest decay rate. For states with growing modes, see the docstring of this
    module.
    """
    if not np.isfinite(spectrum.rates).all():
        return float("nan"), 0
    steps = critical_steps(spectrum.rates, solver, spectrum.change)
    worst = int(np.argmin(steps))
    with np.errstate(divide="ignore"):
        return float(2 * np.float64(dt) / steps[worst]), worst


def mode_biases(rates: Rates, dt: float, solver: Explicit = "euler", scatter: float = 0.0) -> Float[np.ndarray, " N"]:
    """Return the relative error, due to the step, of the stationary variance of each mode in white noise.

    .. math:: \\frac{v_{dt}}{v} - 1 = \\frac{2 |r|\\, dt\\, |S|^2}{1 - |R|^2} - 1
       \\;\\Big(= \\frac{q}{1 - q}, \\; q = \\frac{dt\\, |\\mu|^2}{2 |r|} \\text{ for Euler}\\Big)

    S is the factor of the noise in a step: 1 for Euler, 1 + dt μ/2 for Heun. The variance follows from
    v_dt = |R|² v_dt + σ² dt |S|², and v = σ²/(2|r|) in continuous time. In multiplicative noise b(x) ξ the
    variance adds to the noise intensity, at the rate :math:`\\beta^2 = \\sigma^2 (b^2)''/2`, and 2|r| is replaced
    by 2|r| − β². Milstein's method has the stability function of Euler's.

    Parameters
    ----------
    rates : eigenvalues μ, in 1/time, shape (N,)
    dt : step, in units of time
    solver : "euler", "heun" or "milstein"
    scatter : β², in 1/time

    Returns
    -------
    array, shape (N,); infinite where the discretised system has no stationary variance, NaN where the flow has none

    Examples
    --------
    >>> import numpy as np
    >>> mode_biases(np.array([-1.0, -1.0 + 5j]), 0.01).round(3)
    array([0.005, 0.149])
    """
    real, square = np.real(rates), np.abs(rates) ** 2
    loss, noise_power = -2 * real - square * dt, np.ones_like(square)  # (1 − |R|²)/dt and |S|²
    if solver == "heun":
        loss = -2 * real - 2 * real**2 * dt - real * square * dt**2 - square**2 * dt**3 / 4
        noise_power = 1 + real * dt + square * dt**2 / 4
    # Milstein's term ½ b b' (ΔN² − σ² dt) has the variance ½ β⁴ x² dt² if b² is quadratic in x
    discrete_decay = loss - noise_power * scatter - (scatter**2 * dt / 2 if solver == "milstein" else 0.0)
    decay = -2 * real - scatter
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(
            decay <= 0, np.nan, np.where(discrete_decay <= 0, np.inf, decay * noise_power / discrete_decay - 1)
        )


def variance_bias(spectrum: Spectrum, dt: float, solver: Explicit = "euler", scatter: float = 0.0) -> float:
    """Return the relative error, due to the step, of the stationary variance of a network in white noise.

    It is the larger of two errors: that of the total variance, with each mode weighted by its variance
    1/(2|Re μ|), which is exact for normal Jacobians; and the largest error of an uncoupled unit, which accounts for
    different time constants. If the Jacobian changes at the rate κ, no mode keeps its phase for longer than 1/κ, and κ
    is added to the decay rate of each mode; otherwise weakly damped modes of a fluctuating state would cause
    false warnings. The result is NaN if a mode grows, since no stationary variance exists then.
    """
    if not np.isfinite(spectrum.rates).all() or spectrum.growth > 0:
        return float("nan")
    rates = spectrum.rates - spectrum.change
    biases = mode_biases(rates, dt, solver, scatter)
    with np.errstate(divide="ignore", invalid="ignore"):
        weights = 1 / (-2 * np.real(rates) - scatter)
    if not np.isfinite(weights).all() or np.isnan(biases).any():
        return float("nan")
    alone = mode_biases(spectrum.alone[spectrum.alone < 0], dt, solver, scatter)
    total = float(np.sum(weights * biases) / np.sum(weights))
    return max(total, float(np.nanmax(alone, initial=0.0)), key=abs)


def _growth(rates: Rates) -> float:
    """Return the largest real part of the eigenvalues, 0 if none is positive beyond round-off."""
    fastest = np.abs(rates).max(initial=0.0)
    largest = float(np.real(rates).max(initial=0.0))
    return largest if largest > NEUTRAL * fastest else 0.0


def _excess(real: np.ndarray, square: np.ndarray, growth: float, solver: Explicit):
    """Return (|R(dt μ)|² − R(dt ρ)²)/dt as a function of dt, where ρ is `growth` and `square` is |μ|².

    The powers of dt are subtracted one by one, since both squares are close to 1 for short steps.
    """

    def excess(dt):
        start = 2 * (real - growth)
        if solver == "euler":
            return start + (square - growth**2) * dt
        second = 2 * (real**2 - growth**2) * dt
        return start + second + (real * square - growth**3) * dt**2 + (square**2 - growth**4) * dt**3 / 4

    return lambda dt: excess(np.where(np.isfinite(dt), dt, 0.0))
