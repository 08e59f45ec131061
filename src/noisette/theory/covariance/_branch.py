"""Stationary states of a network along the variance of its currents, in place of the gain."""

from typing import Any

import numpy as np
from scipy.optimize import minimize_scalar

from noisette.activations import Activation
from noisette.theory.gaussian._activation import far_slope
from noisette.theory.gaussian._averages import averages, moments
from noisette.theory.gaussian._fixed_point import root
from noisette.theory.gaussian._trapezoid import primitive_variance

NEAREST, FARTHEST, SCAN = 1e-6, 1e12, 400  # v − least, of the noise
ROUNDING = 1e-9
NEAR = 0.02  # of χ, which a first look at all states may miss


class Branch:
    """Stationary states in frozen noise along v: their gains, and which of them are reached from below.

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
        """Return the gain of the state with v = least + e^log."""
        with np.errstate(all="ignore"):
            square = moments(self.activation, self.least + np.exp(log))[1]
            return np.where(square > 0, np.sqrt(np.exp(log) / square), np.inf)

    def chi_at(self, log: Any) -> Any:
        """Return χ, which is one where the state with v = least + e^log becomes unstable."""
        with np.errstate(all="ignore"):
            return self.gain_at(log) ** 2 * averages(self.activation, self.least + np.exp(log)).slope_square

    def fold(self) -> float:
        """Return the largest gain of all."""
        top = int(np.argmax(self.gain))
        if top == len(self.log) - 1 or not np.isfinite(self.gain[top]):
            return far_gain(self.activation)
        around = self.log[[max(top - 1, 0), top + 1]]
        peak: Any = minimize_scalar(
            lambda x: -self.gain_at(x), bounds=around, method="bounded", options={"xatol": 1e-10}
        )
        return max(-float(peak.fun), float(self.gain[top]))

    def critical(self) -> float:
        """Return the gain at the first state with χ ≥ 1 that is reached; inf if the states end before."""
        reached = np.flatnonzero(self.reached)
        near = self.chi_at(self.log)[reached] >= 1 - NEAR
        first = max(int(np.argmax(near)) - 1, 0) if near.any() else len(reached)
        for last, i in zip([None, *reached[first:-1].tolist()], reached[first:].tolist(), strict=False):
            if self.chi_at(self.log[i]) >= 1:
                return float(self.gain_at(self.log[i])) if last is None else self._crossing(last, i)
        # along a straight φ the state runs to infinity and to χ = 1 at one and the same gain
        return self.fold() if self.gain[-1] > (1 - ROUNDING) * self.gain.max() else np.inf

    def _crossing(self, low: int, high: int) -> float:
        """Return the gain at χ = 1; between states that are reached the state may jump, at the gain of the lower."""
        log = root(lambda x: self.chi_at(x) - 1, self.log[low], self.log[high], absolute=1e-11)
        return float(max(self.gain_at(log), self.gain[low]))


class WhiteBranch(Branch):
    """Stationary states in white noise, least = σ²/2; unstable where Δ''(0⁺) = v − g² ⟨φ²⟩ turns negative.

    There Δ'(|τ|), which solves the equation of fluctuations on either side, is smooth at τ = 0 too: λ_max = 0.
    """

    def gain_at(self, log: Any) -> Any:
        """Return the gain at which Δ comes to rest at zero: ½ v² − σ⁴/8 = g² Var Φ(x)."""
        rise = np.exp(log)
        with np.errstate(all="ignore"):
            primitive = primitive_variance(self.activation, np.sqrt(np.atleast_1d(self.least + rise)))
            primitive = primitive.reshape(np.shape(log))
            return np.where(primitive > 0, np.sqrt(rise * (rise + 2 * self.least) / 2 / primitive), np.inf)

    def chi_at(self, log: Any) -> Any:
        """Return g² ⟨φ²⟩/v."""
        v = self.least + np.exp(log)
        with np.errstate(all="ignore"):
            return self.gain_at(log) ** 2 * moments(self.activation, v)[1] / v


def far_gain(activation: Activation) -> float:
    """Return 1/√⟨φ²/v⟩ at v → ∞: the gain at which a φ that is linear far away lets activity run off, else inf."""
    slope = far_slope(activation)
    return 1 / slope if 0 < slope < np.inf else np.inf


__all__ = ["Branch", "WhiteBranch"]
