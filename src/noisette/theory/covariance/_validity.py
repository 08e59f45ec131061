"""Whether networks of N units agree with a theory for N → ∞, or with one to order 1/N.

The theory for N → ∞ neglects that (1/N) Σ φ(x_i)² varies between networks of N units. Over independent units its
relative variance is κ/N with κ = Var φ²/⟨φ²⟩². The variance of the currents feeds back on itself with the factor
γ = g² d⟨φ²⟩/dv, so that a state responds to this variability with 1/(1 − γ), and the mean change is of second order.
For linear units in frozen noise (κ = 2, γ = g²) the exact relative coefficient of 1/N in tr C²/N is
(6g² + 7g⁴)/(1 − g²)², which is κγ/(1 − γ)³ times a factor between 1 and 3 for g² up to 0.8; at equal times in white
noise it is κγ/(1 − γ)² times a factor below 1. The relative error of D is estimated as

    ε = c κ γ / (N (1 − γ)^p),

where c and p are the constants below, interpolated by τ_c/(1 + τ_c) in noise with a correlation time. They were
calibrated with independent NumPy simulations of networks, 114 combinations of φ, gain, noise and N
(`benchmarks/correlation_validity.py`, which prints the comparison). κ is limited to about that of activations that are
linear for half of their inputs: for those that are zero for most inputs the few active units vary less than κ implies.
In addition, networks of few dimensions, N D, vary for any φ, D by about 1/(N D) of its value.
"""

from typing import Any, NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.theory.covariance._linear import Expansions
from noisette.theory.gaussian._averages import derivatives

TOLERANCE = 0.10  # largest relative error of variance and D of a valid theory for networks of the given size
FEWEST = 9.0  # smallest N D of fixed points and of activity driven by noise
FEWEST_CHAOTIC = 15.0  # smallest N D of chaos: for tanh at N D = 10, networks exceed D by 20 to 50 %
CURRENT, RATE, HEAVY = 1.5, 1.2, 1.95  # c in frozen noise: for x, for φ(x), and for φ(x) with κ > 2 (heavy tails)
WHITE_CURRENT, WHITE_RATE, WHITE_HEAVY = 0.7, 0.7, 1.0  # c in white noise
LINEAR_SPREAD = 2.0  # κ of linear units
MOST_SPREAD = 6.0  # largest κ in ε; that of relu is 5
FROZEN_POWER, WHITE_POWER = 3.0, 2.0  # p in frozen and in white noise
EXPANSION = 0.3  # largest relative correction of order 1/N: its square, the order of the next term, is within TOLERANCE
SCATTER = 0.05  # largest relative standard error of D of a sampled theory
WEIGHTS = 1.0  # largest standard deviation of the weights R; beyond, fixed points that count negatively matter
AGREE = 0.05  # relative differences within which the theories of fixed points and of the dynamics agree


class Feedback(NamedTuple):
    """Relative variance κ of φ² (`spread`) and feedback γ (`response`) of a unit."""

    spread: float
    response: float


def feedback(activation: Activation, gain: float, square: float) -> Feedback:
    """Return κ = Var φ²/⟨φ²⟩² and γ = g² d⟨φ²⟩/dv for x ~ N(0, v), v = `square`."""
    terms = derivatives(activation, square)
    if not terms.square > 0:
        return Feedback(0.0, 0.0)
    return Feedback(terms.spread / terms.square**2, gain**2 * terms.first)


def error_of_size(unit: Feedback, size: int, activity: str, memory: float) -> float:
    """Return ε, the expected relative error of D for N = `size` units.

    Parameters
    ----------
    unit : κ and γ
    size : N
    activity : "current" or "rate"
    memory : τ_c/(1 + τ_c) of the noise: 0 for white, 1 for frozen
    """
    if unit.response >= 1:  # beyond the fold of the state in a finite network
        return float("inf")
    heavy = unit.spread > LINEAR_SPREAD * (1 + 1e-9)
    frozen, white = (
        (CURRENT, WHITE_CURRENT) if activity == "current" else (HEAVY, WHITE_HEAVY) if heavy else (RATE, WHITE_RATE)
    )
    factor, power = (a + memory * (b - a) for a, b in ((white, frozen), (WHITE_POWER, FROZEN_POWER)))
    spread = min(unit.spread, MOST_SPREAD)
    return factor * spread * max(unit.response, 0.0) / (size * (1 - unit.response) ** power)


def linear_error(terms: Expansions, size: int) -> float:
    """Return the larger of the relative corrections of order 1/N to tr C/N and D."""
    pairs: Any = (terms.first, terms.dimension)
    return max(abs(slope) / (size * value) if value > 0 else float("inf") for value, slope in pairs)


def small(size: int, dimension: float, error: float, chaotic: bool, remedy: str) -> str:
    """Return why N = `size` units are too few for the theory for N → ∞, or "" if they are not.

    Parameters
    ----------
    size, dimension : N and D
    error : expected relative error of D
    chaotic : whether the activity is chaotic
    remedy : advice in the message
    """
    fewest = FEWEST_CHAOTIC if chaotic else FEWEST
    if size * dimension < fewest:
        return f"N·D = {size * dimension:.2g} is below {fewest:g}: too few units for a theory of N → ∞"
    if not error > TOLERANCE:
        return ""
    if error > 1:
        return f"networks of {size} units may have no stationary state: too few units for a theory of N → ∞"
    return f"networks of {size} units differ from N → ∞ by about {100 * error:.0f} % of D: {remedy}"


def truncated(correction: float, size: int) -> str:
    """Return why an expansion to order 1/N does not hold, or "" if it does.

    Parameters
    ----------
    correction : the largest relative correction of order 1/N
    size : N
    """
    if correction <= EXPANSION:
        return ""
    return (
        f"the correction of order 1/N is {100 * correction:.0f} % at N = {size}, and higher orders matter; "
        "enlarge the network, lower the gain, or simulate"
    )


def sampled(scatter: float, weights: float) -> str:
    """Return why the reduced model does not hold, or "" if it does.

    Parameters
    ----------
    scatter : relative standard error of D
    weights : standard deviation of the weights of pairs of replicas, whose mean is one
    """
    if weights > WEIGHTS:
        return (
            f"weights of pairs of replicas have a standard deviation of {weights:.2g}, which indicates several fixed "
            "points: simulate"
        )
    if scatter > SCATTER:
        return f"the standard error of D is {100 * scatter:.0f} %: increase samples, or lower the gain"
    return ""


def agree(first: tuple[float, float], second: tuple[float, float]) -> bool:
    """Return whether the variance and D of two theories agree within 5 %; NaN does not agree with anything."""
    with np.errstate(divide="ignore", invalid="ignore"):
        difference = np.abs(np.array(first) / np.array(second) - 1)
    return bool((difference < AGREE).all())


__all__ = ["agree", "error_of_size", "feedback", "linear_error", "sampled", "small", "truncated"]
