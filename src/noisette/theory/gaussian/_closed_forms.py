"""Gaussian averages in closed form, for the activations that have one."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy.special import erfcx, gamma, ndtr

from noisette.activations import Activation, Pade, Power, Threshold, erf, linear, relu

MOST = 10.0  # largest c = 1/(α v) for Padé activations: their recursion amplifies rounding by c³
Value = Any  # a number or an array, with NumPy broadcasting


class Averages(NamedTuple):
    """⟨φ⟩, ⟨φ²⟩, ⟨φ'⟩ and ⟨φ'²⟩ over x ~ N(m, v); numbers, or arrays over m and v."""

    mean: Value
    square: Value
    slope: Value
    slope_square: Value


def is_linear(activation: Activation) -> bool:
    """Return whether φ(x) = x by definition: `linear`, or a power law or Padé activation that reduces to it."""
    if isinstance(activation, Power):
        return float(activation.exponent) == 1
    if isinstance(activation, Pade):
        return activation.alpha == 0 or activation.beta == 1
    return activation is linear


def power_moment(k: float) -> float:
    """Return E|z|ᵏ for z ~ N(0, 1); infinite for k ≤ −1."""
    return float(2 ** (k / 2) * gamma((k + 1) / 2) / np.sqrt(np.pi)) if k > -1 else np.inf


def _linear(variance: Value, mean: Value) -> Averages:
    unity = 1.0 + 0.0 * (variance + mean)
    return Averages(mean * unity, mean**2 + variance, unity, unity)


def _threshold(theta: float) -> Callable[[Value, Value], Averages]:
    """Return the averages of max(x − θ, 0): moments of a truncated Gaussian, without cancellation for m ≪ θ."""

    def averages(variance: Value, mean: Value) -> Averages:
        std = np.sqrt(variance)
        u = (mean - theta) / std
        density = np.exp(-(u**2) / 2) / np.sqrt(2 * np.pi)
        above = ndtr(u)
        # with u = (m − θ)/√v, ⟨φ⟩ = √v [u Φ(u) + ϕ(u)]; for u → −∞ the two terms cancel, so the Mills ratio
        # R(u) = Φ(u)/ϕ(u) is used there: u Φ(u) + ϕ(u) = ϕ(u) (1 + u R(u))
        ratio = np.sqrt(np.pi / 2) * erfcx(-np.minimum(u, 0.0) / np.sqrt(2))
        first = np.where(u > -1, u * above + density, density * (1 + u * ratio))
        second = above + u * first  # ⟨φ²⟩/v = (1 + u²) Φ(u) + u ϕ(u)
        return Averages(std * first, variance * second, above, above)

    return averages


def _power(p: float) -> Callable[[Value, Value], Averages]:
    two, cross = power_moment(2 * p), power_moment(p + 1)
    slope_square = p**2 * power_moment(2 * p - 2)  # infinite for p ≤ 1/2: φ'² is not integrable at zero

    # ⟨φ'⟩ = ⟨x φ⟩/v (Stein) is finite for every p ≥ 0, where the average of p |x|^(p−1) itself is singular at p = 0
    def averages(variance: Value, mean: Value) -> Averages:
        return Averages(
            0.0 * variance, two * variance**p, cross * variance ** ((p - 1) / 2), slope_square * variance ** (p - 1)
        )

    return averages


def _erf(variance: Value, mean: Value) -> Averages:
    return Averages(
        0.0 * variance,
        2 / np.pi * np.arcsin(2 * variance / (1 + 2 * variance)),
        2 / np.sqrt(np.pi * (1 + 2 * variance)),
        4 / np.pi / np.sqrt(1 + 4 * variance),
    )


def _pade(alpha: float, beta: float) -> Callable[[Value, Value], Averages]:
    """Return the averages of φ = βx + (1 − β) f, f = x/(1 + αx²), by J_n = ⟨(c + z²)⁻ⁿ⟩ with c = 1/(αv)."""

    def averages(variance: Value, mean: Value) -> Averages:
        c, rest = 1 / (alpha * variance), 1 - beta
        j1 = np.sqrt(np.pi / (2 * c)) * erfcx(np.sqrt(c / 2))
        # 2nc J_(n+1) = J_(n−1) + (2n − 1 − c) J_n with J_0 = 1, from ⟨z² (c + z²)⁻ⁿ⟩ by integration by parts
        j2 = (1 + (1 - c) * j1) / (2 * c)
        j3 = (j1 + (3 - c) * j2) / (4 * c)
        j4 = (j2 + (5 - c) * j3) / (6 * c)
        # f = √v c z/(c + z²), hence ⟨x f⟩ = (1 − c J₁)/α and f' = c (c − z²)/(c + z²)² = 2c²/(c + z²)² − c/(c + z²)
        xf, f_square = (1 - c * j1) / alpha, (j1 - c * j2) / (alpha**2 * variance)
        f_slope, f_slope_square = 2 * c**2 * j2 - c * j1, c**2 * (4 * c**2 * j4 - 4 * c * j3 + j2)
        return Averages(
            0.0 * variance,
            beta**2 * variance + 2 * beta * rest * xf + rest**2 * f_square,
            beta + rest * f_slope,
            beta**2 + 2 * beta * rest * f_slope + rest**2 * f_slope_square,
        )

    return averages


def closed(activation: Activation, variance: Value, mean: Value) -> Averages | None:
    """Return the averages in closed form, or None where there is none; those of odd activations hold at m = 0."""
    if is_linear(activation):
        return _linear(variance, mean)
    if activation is relu:
        return _threshold(0.0)(variance, mean)
    if isinstance(activation, Threshold):
        return _threshold(float(activation.theta))(variance, mean)
    if np.any(mean):
        return None
    if activation is erf:
        return _erf(variance, mean)
    if isinstance(activation, Power):
        return _power(float(activation.exponent))(variance, mean)
    if isinstance(activation, Pade) and activation.alpha * np.min(variance) * MOST > 1:
        return _pade(float(activation.alpha), float(activation.beta))(variance, mean)
    return None
