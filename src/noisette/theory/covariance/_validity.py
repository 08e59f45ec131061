"""Whether networks of N units agree with a theory: of large N, or of order 1/N.

The theory of large N neglects that ⟨φ²⟩ of a network of N units scatters from network to network. The relative variance
of (1/N) Σ φ(x_i)² over independent units is κ/N, κ = Var φ²/⟨φ²⟩². What drives a unit feeds back on itself with
γ = g² d⟨φ²⟩/dv, so that the response of a state to such a scatter is 1/(1 − γ), and what it changes on average is of
second order in it: for linear units in frozen noise the exact coefficient of 1/N in tr C²/N is (6g² + 7g⁴)/(1 − g²)²,
that is, κγ/(1 − γ)³ times a number between 1 and 3 wherever it matters, at equal times in white noise κγ/(1 − γ)² times
less than 1. The relative error of D is estimated as

    ε = c κ γ / (N (1 − γ)^p),

where c and p are the constants below, interpolated by τ_c/(1 + τ_c) in noise of a correlation time. They were fixed by
comparison with networks simulated by NumPy alone, 114 combinations of φ, gain, noise and N
(`benchmarks/correlation_validity.py`, which prints how theory compares with them). κ is limited to that of activations
which are linear for half of their inputs: for those that are zero for most inputs the few active units scatter less
than κ says. Besides, a network of few dimensions, N D, scatters whatever its φ: by about 1/(N D) of D.
"""

from typing import Any, NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.theory.covariance._linear import Expansions
from noisette.theory.gaussian._averages import derivatives

TOLERANCE = 0.10  # of variance and D, within which networks of the size asked for agree with a valid theory
FEWEST = 9.0  # N D of fixed points and of activity that noise drives
FEWEST_CHAOTIC = 15.0  # N D of chaos, whose D at N D = 10 is too large by a fifth to a half for tanh
CURRENT, RATE, HEAVY = 1.5, 1.2, 1.95  # c in frozen noise: of x, of φ(x), of a φ(x) whose square scatters more than x²
WHITE_CURRENT, WHITE_RATE, WHITE_HEAVY = 0.7, 0.7, 1.0  # c in white noise
LINEAR_SPREAD = 2.0  # κ of linear units
MOST_SPREAD = 6.0  # κ of relu is 5
FROZEN_POWER, WHITE_POWER = 3.0, 2.0  # p
EXPANSION = 0.3  # correction of order 1/N, relative to the value, whose square is still within the tolerance
SCATTER = 0.05  # relative standard error of D of a sampled theory
WEIGHTS = 1.0  # their scatter, above which fixed points that are counted with a negative sign matter
AGREE = 0.05  # within which the theories of fixed points and of motion are the same for this purpose


class Feedback(NamedTuple):
    """κ and γ of one unit whose current has mean square V."""

    spread: float
    response: float


def feedback(activation: Activation, gain: float, square: float) -> Feedback:
    """Return κ = Var φ²/⟨φ²⟩² and γ = g² d⟨φ²⟩/dv at x ~ N(0, V), V = `square`."""
    terms = derivatives(activation, square)
    if not terms.square > 0:
        return Feedback(0.0, 0.0)
    return Feedback(terms.spread / terms.square**2, gain**2 * terms.first)


def error_of_size(unit: Feedback, size: int, activity: str, memory: float) -> float:
    """Return ε, the relative error of D expected of N = `size` units.

    Parameters
    ----------
    unit : κ and γ
    size : N
    activity : "current" or "rate"
    memory : τ_c/(1 + τ_c) of the noise: 0 for white, 1 for frozen
    """
    if unit.response >= 1:
        return float("inf")
    heavy = unit.spread > LINEAR_SPREAD * (1 + 1e-9)
    frozen, white = (
        (CURRENT, WHITE_CURRENT) if activity == "current" else (HEAVY, WHITE_HEAVY) if heavy else (RATE, WHITE_RATE)
    )
    factor, power = (a + memory * (b - a) for a, b in ((white, frozen), (WHITE_POWER, FROZEN_POWER)))
    spread = min(unit.spread, MOST_SPREAD)
    return factor * spread * max(unit.response, 0.0) / (size * (1 - unit.response) ** power)


def linear_error(terms: Expansions, size: int) -> float:
    """Return the larger relative correction of order 1/N, of tr C/N and D."""
    pairs: Any = (terms.first, terms.dimension)
    return max(abs(slope) / (size * value) if value > 0 else float("inf") for value, slope in pairs)


def small(size: int, dimension: float, error: float, chaotic: bool, remedy: str) -> str:
    """Return why N = `size` units are too few for the theory of large N, "" if they are not."""
    fewest = FEWEST_CHAOTIC if chaotic else FEWEST
    if size * dimension < fewest:
        return f"N·D = {size * dimension:.2g} is below {fewest:g}: too few units for a theory of large N"
    if not error > TOLERANCE:
        return ""
    if error > 1:
        return (
            f"single networks of {size} units may run away from the stationary state: too few for a theory of large N"
        )
    return f"networks of {size} units differ from N → ∞ by about {100 * error:.0f} % of D: {remedy}"


def truncated(correction: float, size: int) -> str:
    """Return why an expansion to order 1/N does not hold, "" if it does.

    Parameters
    ----------
    correction : the largest relative correction of order 1/N
    size : N
    """
    if correction <= EXPANSION:
        return ""
    return (
        f"the correction of order 1/N is {100 * correction:.0f} % at N = {size}: terms beyond it matter; "
        "enlarge the network, lower the gain, or simulate"
    )


def sampled(scatter: float, weights: float) -> str:
    """Return why the reduced model does not hold, "" if it does.

    Parameters
    ----------
    scatter : relative standard error of D
    weights : standard deviation of the weights of pairs of replicas, whose mean is one
    """
    if weights > WEIGHTS:
        return f"weights of pairs of replicas scatter by {weights:.2g}, as with several fixed points: simulate"
    if scatter > SCATTER:
        return f"standard error of D is {100 * scatter:.0f} %: draw more samples, or lower the gain"
    return ""


def agree(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Return whether two theories give the same variance and D for practical purposes."""
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.abs(np.array(first) / np.array(second) - 1)
    return bool((apart < AGREE).all())


__all__ = ["agree", "error_of_size", "feedback", "linear_error", "sampled", "small", "truncated"]
