"""How long an explicit step may be, mode by mode: stability and the bias of variances in noise.

A mode of rate μ is multiplied in each step by the stability function R(dt μ) of the integrator,

    Euler: R(z) = 1 + z,   |R|² = 1 + 2 r dt + m dt²,                                   r = Re μ, m = |μ|²
    Heun:  R(z) = 1 + z + z²/2,   |R|² = 1 + 2 r dt + 2 r² dt² + r m dt³ + m² dt⁴/4.

A decaying mode (r < 0) must decay in steps: |R| < 1. For Euler this is dt < 2|r|/m, for Heun the only positive root of
2 r + 2 r² dt + r m dt² + m² dt³/4, whose derivative has no real root. On the real axis both are 2/|μ|.

**States with growing modes.** In active states the spectrum of a random network crosses the imaginary axis, so that
some decaying modes are always arbitrarily close to it, and a step turns some of them into slow growth without any
consequence: they are overtaken by modes that grow in truth, and the Jacobian changes before they have grown. So a
decaying mode counts as unstable if the step makes it grow faster than ρ,

    |R(dt μ)| > R(dt ρ),   ρ = max(0, largest Re μ, κ),   κ = |dD/dt|/|D|

κ being the rate at which the Jacobian D itself changes along the flow. At a stable fixed point, and in stable linear
networks, ρ = 0: the bound of each mode. For Euler the condition is dt (m − ρ²)/(ρ − r) < 2. In addition dt |μ| < 2
is asked of every decaying mode, which on the real axis is the bound whatever ρ is.
"""

from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Complex, Float

Explicit = Literal["euler", "heun"]
NEUTRAL = 1e-12  # a rate, or its real part, below this share of the fastest rate is round-off of zero
BISECTIONS = 60
HEUN_REACH = 3.0  # |R(z)| > 1 for Heun wherever |z| is larger

Rates = Float[np.ndarray, " N"] | Complex[np.ndarray, " N"]


class Spectrum(NamedTuple):
    """Eigenvalues of a Jacobian and what is needed to judge a step by them.

    Attributes
    ----------
    rates : μ, in 1/time
    change : κ, the rate at which the Jacobian changes along the flow
    alone : diagonal of the Jacobian, the rates of the units without the others
    method : "eigenvalues", or "krylov" for the few modes that Arnoldi's method found
    error : of the estimated modes, relative to the fastest; 0 for eigenvalues
    matrix : the Jacobian of a small network, None for others
    """

    rates: Rates
    change: float
    alone: Float[np.ndarray, " N"]
    method: str = "eigenvalues"
    error: float = 0.0
    matrix: Float[np.ndarray, "N N"] | None = None

    @property
    def growth(self) -> float:
        """Largest rate of growth, 0 where no mode grows."""
        return _growth(self.rates)


def critical_steps(rates: Rates, solver: Explicit = "euler", change: float = 0.0) -> Float[np.ndarray, " N"]:
    """Step at which each decaying mode becomes unstable; infinite for modes that grow or neither grow nor decay.

    .. math:: dt_k = \\frac{2 |\\mathrm{Re}\\, \\mu_k|}{|\\mu_k|^2} \\quad \\text{(Euler, where no mode grows)}

    Parameters
    ----------
    rates : μ, eigenvalues of the Jacobian
    solver : "euler" or "heun"
    change : κ, rate at which the Jacobian changes

    Returns
    -------
    array, shape (N,), in units of time; 0 for an oscillation without damping, which no explicit step of these keeps

    Examples
    --------
    >>> import numpy as np
    >>> critical_steps(np.array([-1.0 + 5j, -1.0 - 5j, -4.0])).round(4)
    array([0.0769, 0.0769, 0.5   ])
    >>> critical_steps(np.array([-1.0 + 5j, -1.0 - 5j, -4.0]), "heun").round(4)
    array([0.2712, 0.2712, 0.5   ])
    """
    size = np.abs(rates)
    scale = size.max(initial=0.0)
    real = np.where(np.abs(np.real(rates)) <= NEUTRAL * scale, 0.0, np.real(rates))
    reference = max(_growth(rates), change)
    judged = (real <= 0) & (size > NEUTRAL * scale)
    most = HEUN_REACH if solver == "heun" and reference == 0 else 2.0
    longest = most / np.where(judged, size, np.inf)
    excess = _excess(real, size**2, reference, solver)
    beyond = excess(longest) > 0
    low, high = np.zeros_like(longest), longest
    for _ in range(BISECTIONS if solver == "heun" else 0):
        middle = (low + high) / 2
        stable = excess(middle) <= 0
        low, high = np.where(stable, middle, low), np.where(stable, high, middle)
    if solver == "euler":
        with np.errstate(divide="ignore", invalid="ignore"):
            low = 2 * (reference - real) / (size**2 - reference**2)
    return np.where(judged, np.where(beyond, low, longest), np.inf)


def stability(spectrum: Spectrum, dt: float, solver: Explicit = "euler") -> tuple[float, int]:
    """How far a step is from instability, below 2 where it is stable, and the number of the mode that limits it.

    .. math:: s = 2 \\max_k \\frac{dt}{dt_k}, \\qquad
       \\text{Euler at a stable state: } s = \\max_k \\frac{dt\\, |\\mu_k|^2}{|\\mathrm{Re}\\, \\mu_k|}

    For a real spectrum it is dt × the fastest rate of decay. See the top of this module for states with growing modes.
    """
    if not np.isfinite(spectrum.rates).all():
        return float("nan"), 0
    steps = critical_steps(spectrum.rates, solver, spectrum.change)
    worst = int(np.argmin(steps))
    with np.errstate(divide="ignore"):
        return float(2 * np.float64(dt) / steps[worst]), worst


def mode_biases(rates: Rates, dt: float, solver: Explicit = "euler", scatter: float = 0.0) -> Float[np.ndarray, " N"]:
    """Relative error that a step makes in the stationary variance of each mode in white noise.

    .. math:: \\frac{v_{dt}}{v} - 1 = \\frac{2 |r|\\, dt\\, |S|^2}{1 - |R|^2} - 1
       \\;\\Big(= \\frac{q}{1 - q}, \\; q = \\frac{dt\\, |\\mu|^2}{2 |r|} \\text{ for Euler}\\Big)

    S is what a step makes of its noise: 1 for Euler, 1 + dt μ/2 for Heun. In noise whose amplitude b depends on the
    state, :math:`\\beta^2 = \\sigma^2 (b^2)''/2` feeds variance back, and 2|r| is replaced by 2|r| − β².

    Parameters
    ----------
    rates : μ
    dt, solver : the step
    scatter : β²

    Returns
    -------
    array, shape (N,): infinite where the step has no stationary variance, NaN where the flow has none

    Examples
    --------
    >>> import numpy as np
    >>> mode_biases(np.array([-1.0, -1.0 + 5j]), 0.01).round(3)
    array([0.005, 0.149])
    """
    real, square = np.real(rates), np.abs(rates) ** 2
    loss, kept = -2 * real - square * dt, np.ones_like(square)  # (1 − |R|²)/dt and |S|²
    if solver == "heun":
        loss = -2 * real - 2 * real**2 * dt - real * square * dt**2 - square**2 * dt**3 / 4
        kept = 1 + real * dt + square * dt**2 / 4
    left = loss - kept * scatter
    decay = -2 * real - scatter
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(decay <= 0, np.nan, np.where(left <= 0, np.inf, decay * kept / left - 1))


def variance_bias(spectrum: Spectrum, dt: float, solver: Explicit = "euler", scatter: float = 0.0) -> float:
    """Relative error that a step makes in the stationary variance of a network in white noise, from its spectrum.

    The larger of two: the error of the total variance, each mode weighted with its variance 1/(2|Re μ|), exact for
    normal Jacobians; and the largest error of a unit without the others, which sees time constants that differ.
    Where the Jacobian changes, at the rate κ, no mode keeps its phase for longer than 1/κ, and each counts as if damped
    by κ more: else weakly damped modes of a state that noise moves about would raise false alarms. NaN where a mode
    grows: then no such variance exists.
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
    fastest = np.abs(rates).max(initial=0.0)
    largest = float(np.real(rates).max(initial=0.0))
    return largest if largest > NEUTRAL * fastest else 0.0


def _excess(real: np.ndarray, square: np.ndarray, growth: float, solver: Explicit):
    """Return (|R(dt μ)|² − R(dt ρ)²)/dt as a function of dt, term by term so that short steps keep their digits."""

    def of(dt):
        start = 2 * (real - growth)
        if solver == "euler":
            return start + (square - growth**2) * dt
        second = 2 * (real**2 - growth**2) * dt
        return start + second + (real * square - growth**3) * dt**2 + (square**2 - growth**4) * dt**3 / 4

    return lambda dt: of(np.where(np.isfinite(dt), dt, 0.0))
