"""Stationary states of a network, parametrised by the variance of its currents in place of the gain."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from noisette.activations import Activation
from noisette.theory.gaussian._activation import far_slope
from noisette.theory.gaussian._averages import averages, moments
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.gaussian._trapezoid import primitive_variance

NEAREST, FARTHEST, SCAN = 1e-6, 1e12, 400  # range of v − least, relative to the noise, and number of points
ROUNDING = 1e-9  # relative difference of gains that is attributed to rounding
NEAR = 0.02  # largest error of χ in the vectorised scan, whose quadrature does not resolve kinks


class Branch:
    """Stationary states in frozen noise as functions of v: their gains, and which of them are reached from low gain.

    g(v) is single-valued where v(g) may have several branches. The state at v is reached by raising the gain from zero
    if g(v) exceeds the gains at all smaller variances.

    Parameters
    ----------
    activation : φ
    least : v at g = 0, the variance s² of the noise
    """

    def __init__(self, activation: Activation, least: float):
        self.activation, self.least = activation, least
        start = least if least > 0 else 1.0
        self.log = np.linspace(np.log(NEAREST * start), np.log(FARTHEST * max(1.0, start)), SCAN)
        self.gain = self.gain_at(self.log)
        before = np.concatenate([[0.0], np.maximum.accumulate(self.gain)[:-1]])
        self.reached = self.gain > before

    def gain_at(self, log: Any) -> Any:
        """Return the gain g = √((v − s²)/⟨φ²⟩_v) of the state with v = least + e^log."""
        with np.errstate(all="ignore"):
            square = moments(self.activation, self.least + np.exp(log))[1]
            return np.where(square > 0, np.sqrt(np.exp(log) / square), np.inf)

    def chi_at(self, log: Any) -> Any:
        """Return χ = g² ⟨φ'²⟩ of the state with v = least + e^log, which is unstable for χ > 1."""
        with np.errstate(all="ignore"):
            return self.gain_at(log) ** 2 * averages(self.activation, self.least + np.exp(log)).slope_square

    def fold(self) -> float:
        """Return the largest gain of all states."""
        top = int(np.argmax(self.gain))
        if top == len(self.log) - 1 or not np.isfinite(self.gain[top]):
            return far_gain(self.activation)  # g(v) still increases at the last v, towards its limit
        around = self.log[[max(top - 1, 0), top + 1]]
        peak: Any = minimize_scalar(
            lambda x: -self.gain_at(x), bounds=around, method="bounded", options={"xatol": 1e-10}
        )
        return max(-float(peak.fun), float(self.gain[top]))

    def critical(self) -> float:
        """Return the gain of the first reached state with χ ≥ 1, or inf if all reached states are stable."""
        # the scan skips states that are clearly stable; the others are evaluated one by one, with resolved kinks
        reached = np.flatnonzero(self.reached)
        near = self.chi_at(self.log)[reached] >= 1 - NEAR
        first = max(int(np.argmax(near)) - 1, 0) if near.any() else len(reached)
        for last, i in zip([None, *reached[first:-1].tolist()], reached[first:].tolist(), strict=False):
            if self.chi_at(self.log[i]) >= 1:
                return float(self.gain_at(self.log[i])) if last is None else self._crossing(last, i)
        # where φ is asymptotically linear, v → ∞ and χ → 1 at the same gain
        return self.fold() if self.gain[-1] > (1 - ROUNDING) * self.gain.max() else np.inf

    def _crossing(self, low: int, high: int) -> float:
        """Return the gain at χ = 1 between two reached states."""
        log = root(lambda x: self.chi_at(x) - 1, self.log[low], self.log[high], absolute=1e-11)
        # if states between them are not reached, the state jumps to the upper branch at the gain of the lower state
        return float(max(self.gain_at(log), self.gain[low]))


class WhiteBranch(Branch):
    """Stationary states in white noise, with least = σ²/2; they are unstable where Δ''(0⁺) = v − g² ⟨φ²⟩ < 0.

    Δ'(|τ|) solves −ψ'' + (1 − g² C_φ') ψ = 0 for τ ≠ 0 and has no zero. If Δ''(0⁺) = 0 its slope is continuous at
    τ = 0, too, so it is the ground state, with E₀ = 0 and therefore λ_max = 0 (Schuecker, Goedeke & Helias 2018).
    """

    def gain_at(self, log: Any) -> Any:
        """Return the gain at which Δ comes to rest at zero, ½ v² − σ⁴/8 = g² Var Φ(x)."""
        # v² − (σ²/2)² = (v − σ²/2)(v + σ²/2), without cancellation at low gain
        rise = np.exp(log)
        with np.errstate(all="ignore"):
            primitive = primitive_variance(self.activation, np.sqrt(np.atleast_1d(self.least + rise)))
            primitive = primitive.reshape(np.shape(log))
            return np.where(primitive > 0, np.sqrt(rise * (rise + 2 * self.least) / 2 / primitive), np.inf)

    def chi_at(self, log: Any) -> Any:
        """Return g² ⟨φ²⟩/v, which exceeds one where the state is unstable."""
        v = self.least + np.exp(log)
        with np.errstate(all="ignore"):
            return self.gain_at(log) ** 2 * moments(self.activation, v)[1] / v


def far_gain(activation: Activation) -> float:
    """Return lim (⟨φ²⟩/v)^(−½) as v → ∞, beyond which an asymptotically linear φ lets activity grow without bound.

    For other activations it is inf.
    """
    slope = far_slope(activation)
    return 1 / slope if 0 < slope < np.inf else np.inf


__all__ = ["Branch", "WhiteBranch"]
