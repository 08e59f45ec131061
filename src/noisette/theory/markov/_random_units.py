"""Averages over the units of a large random binary network, whose fields are Gaussian.

The field of unit i has a constant part u, which differs between units, and a part that fluctuates in time,

    h_i(t) = u_i + w √(1 − q) z_i(t),   u_i ~ N(w₀ m + b, w² q + B²),

with q = Σ_i m_i²/N, the mean m_i of each unit over time, and the biases b_i of mean b and standard deviation B. For
independent weights fields at different times have no other correlation, see `_many_units`.
"""

import math
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from scipy.interpolate import CubicSpline

from noisette.errors import require
from noisette.networks import logistic_normal, rounded_reach
from noisette.theory.gaussian._fixed_point import root

HALF = 8.6  # half-width of Gaussian averages in standard deviations; e^(−37) of the mass is outside
STEP = 0.5  # step of the trapezoidal rule in fields, whose error is e^(−2π²/STEP) for poles at ±iπ
ROOTS = 4000  # number of intervals of m in [−1, 1] that are searched for solutions
SAME = 1e-12  # largest |F(m) − m| of a solution
WIDEST = 200.0  # largest standard deviation of fields
KNOTS = 0.01  # distance of the knots of log-odds, in units of the width of the probability


class Units(NamedTuple):
    """Parameters of the units of a random network.

    Attributes
    ----------
    mean, variance : w₀ and w², N times the mean and the variance of the weights
    noise : standard deviation σ of the noise
    biases : values of the bias, each in an equal fraction of the units, shape (values,)
    bias_variance : B², variance of the biases around these values
    """

    mean: float
    variance: float
    noise: float
    biases: np.ndarray
    bias_variance: float

    @property
    def width(self) -> float:
        """Return the standard deviation of the inputs over units, time and noise."""
        return math.sqrt(self.variance + self.bias_variance + self.noise**2)

    def fields(self, m: float) -> np.ndarray:
        """Return the mean fields w₀ m + b, one for each value of the bias."""
        return self.mean * m + self.biases

    def constant(self, q: float | np.ndarray) -> np.ndarray:
        """Return the standard deviation over units of the constant part of the fields."""
        return np.asarray(np.sqrt(self.variance * np.asarray(q) + self.bias_variance))

    def changing(self, q: float | np.ndarray) -> np.ndarray:
        """Return the standard deviation over time of the inputs of a unit, noise included."""
        return np.asarray(np.sqrt(self.variance * np.maximum(1 - np.asarray(q), 0.0) + self.noise**2))


class Probability(NamedTuple):
    """Probability p of being on: log-odds, p(1 − p), and derivative with respect to the field."""

    log_odds: np.ndarray
    product: np.ndarray
    slope: np.ndarray


@partial(jax.jit, static_argnames="reach")
def _against(low, std, reach):
    return jax.jvp(lambda h: logistic_normal(h, std, reach=reach), (low,), (jnp.ones_like(low),))


def probability(field: np.ndarray, std: float | np.ndarray) -> Probability:
    """Return the probability of being on in noise of standard deviation `std`, and its slope, for each field."""
    field, std = np.broadcast_arrays(np.asarray(field, float), np.asarray(std, float))
    # arrays of a few sizes share compiled code
    size = max(64, 1 << (field.size - 1).bit_length())
    low, width = np.full(size, -1.0), np.ones(size)
    # −|h| has no derivative at exactly h = 0
    low[: field.size], width[: field.size] = np.minimum(-np.abs(field.ravel()), -1e-300), std.ravel()
    both = _against(jnp.asarray(low), jnp.asarray(width), rounded_reach(float(np.abs(low).max())))
    q, slope = (np.asarray(each)[: field.size].reshape(field.shape) for each in both)
    q = np.maximum(q, 1e-300)
    return Probability(np.sign(field) * (np.log1p(-q) - np.log(q)), q * (1 - q), slope)


def entropy_of(unit: Probability) -> np.ndarray:
    """Return the entropy of units with these probabilities, in nat."""
    half = np.abs(unit.log_odds) / 2
    # ln(2 cosh x) − x tanh x with e^(−2x) in place of hyperbolic functions, which overflow
    return np.log1p(np.exp(-2 * half)) + half * (1 - np.tanh(half))


def gaussian(width: float) -> tuple[np.ndarray, np.ndarray]:
    """Return nodes z and weights of averages over N(0, 1) of functions of `width` z that are analytic up to ±iπ."""
    count = 1 << math.ceil(math.log2(2 * HALF * max(1.0, width) / STEP))
    # half a step off the centre, as an even function may have a kink at zero
    z = (np.arange(count) - count / 2 + 0.5) * (2 * HALF / count)
    weight = np.exp(-(z**2) / 2)
    return z, weight / weight.sum()


def _mean_activity(units: Units, m: np.ndarray) -> np.ndarray:
    """Return F(m), the mean of the units in the next step."""
    fields = np.add.outer(units.mean * m, units.biases)
    return np.asarray(np.tanh(probability(fields, units.width).log_odds / 2).mean(-1))


def magnetisations(units: Units) -> np.ndarray:
    """Return all solutions of m = F(m), in increasing order."""
    grid = np.linspace(-1 - 1 / ROOTS, 1 + 1 / ROOTS, ROOTS + 2)  # no node at m = 0

    def change(m: np.ndarray | float) -> np.ndarray:
        return np.asarray(_mean_activity(units, np.asarray(m)) - m)

    signs = np.sign(change(grid))
    crossings = np.flatnonzero(signs[:-1] != signs[1:])
    return np.array([root(change, *grid[i : i + 2], absolute=1e-15) for i in crossings])


def slope_of(units: Units, m: float) -> float:
    """Return F'(m), the factor by which a small deviation of the mean activity changes in a step."""
    return 2 * units.mean * float(probability(units.fields(m), units.width).slope.mean())


def reached(units: Units, solutions: np.ndarray, start: float) -> float:
    """Return the solution to which m → F(m) leads from `start`; for w₀ < 0 it is the only one."""
    change = float(_mean_activity(units, np.array(start))) - start
    if units.mean < 0:
        return float(solutions[0])
    if abs(change) < SAME:  # a start at an unstable solution stays there
        return float(solutions[np.abs(solutions - start).argmin()])
    # F increases, so that m moves in one direction up to the next solution
    return float(solutions[solutions > start][0] if change > 0 else solutions[solutions < start][-1])


def constant_part(units: Units, m: float, q: float | np.ndarray) -> tuple[Probability, np.ndarray]:
    """Return the probabilities of units given u, and the weights of u, shape (…, values, nodes) for q of shape (…)."""
    q = np.asarray(q)[..., None, None]
    narrow = float(units.constant(q).max() / max(1.0, units.changing(q).min()))
    z, weight = gaussian(narrow)
    fields = units.fields(m)[:, None] + units.constant(q) * z
    return probability(fields, units.changing(q)), weight / len(units.biases)


def overlap(units: Units, m: float) -> float:
    """Return q, the only solution of q = ⟨m(u)²⟩ in [0, 1]: the right side is convex in q, and below 1 at q = 1."""

    def change(q: float) -> float:
        unit, weight = constant_part(units, m, q)
        return float(np.sum(np.tanh(unit.log_odds / 2) ** 2 * weight)) - q

    return 0.0 if change(0.0) <= 0 else root(change, 0.0, 1.0, absolute=1e-15)


def conditional(units: Units, m: float) -> float:
    """Return the entropy of the next state of a unit given its field, in nat."""
    width = math.sqrt(units.variance + units.bias_variance)
    z, weight = gaussian(width)
    return float(np.mean(entropy_of(probability(units.fields(m)[:, None] + width * z, units.noise)) @ weight))


def production(units: Units, m: float, q: float) -> float:
    """Return the entropy production ½ ⟨Cov(s', L(h))⟩ per unit in nat, the covariance over time given u.

    Without noise the log-odds L are h, and the covariance of the field and a function of it is its variance times the
    mean slope of the function.
    """
    changing = units.variance * (1 - q)
    if changing <= 0:
        return 0.0
    if units.noise == 0:
        return changing * float(probability(units.fields(m), units.width).slope.mean())
    fields, deep = units.fields(m)[:, None, None], float(units.constant(q))
    z, weight = gaussian(deep)
    y, inner = gaussian(math.sqrt(changing))
    every = fields + deep * z[:, None] + math.sqrt(changing) * y
    log_odds = _log_odds(float(every.min()), float(every.max()), units.noise)(every)
    sign = np.tanh(log_odds / 2)
    centred = sign - (sign @ inner)[..., None]
    return float(np.mean((centred * log_odds) @ inner @ weight)) / 2


def _log_odds(low: float, high: float, noise: float) -> CubicSpline:
    """Return the log-odds as a function of the field in an interval."""
    knots = np.linspace(low, high, 1 << math.ceil(math.log2((high - low) / (KNOTS * max(1.0, noise)) + 16)))
    return CubicSpline(knots, probability(knots, noise).log_odds)


def check_width(units: Units) -> None:
    """Raise for fields so wide that averages need too many nodes."""
    widest = max(units.width, float(np.abs(units.fields(1.0)).max()), float(np.abs(units.fields(-1.0)).max()))
    require(
        widest <= WIDEST,
        f"fields of {widest:.3g}, the largest of their mean and their standard deviation with noise",
        f"at most {WIDEST:g}",
        "use a smaller gain, bias or noise",
    )
