"""One unit under Gaussian input: averages of its activation by quadrature that resolves kinks.

Averages are sums over panels of Gauss–Legendre nodes, graded towards zero and towards the kinks of φ: only there may
an activation fail to be smooth. Smooth activations need no more than the trapezoidal rule of `_trapezoid`, which is
vectorised over variances.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from noisette.activations import Activation
from noisette.errors import require
from noisette.theory.gaussian._activation import check, is_odd
from noisette.theory.gaussian._activation import values_in_pieces as values
from noisette.theory.gaussian._hermite import (
    ROUGHLY_UNRESOLVED,
    ExactSums,
    HermiteSeries,
    hermite_coefficients,
    hermite_series,
)
from noisette.theory.gaussian._kinks import kinks as kinks_of
from noisette.theory.gaussian._legendre import legendre_rule

NODES = 16  # per panel
REACH, WIDTH = 12.0, 0.25  # of z; panels so narrow resolve Hermite functions up to the order RESOLVED_TERMS
LEVELS = 40  # halvings of the panels next to zero and to kinks
MOST_TERMS, FINAL_TERMS, RESOLVED_TERMS = 1024, 4096, 8192
NEAREST, BESIDE, RISE = 1e-200, 1e-6, 1e-2  # a jump rises by that much of φ, so near to zero or to another kink
RESOLVED = 1e-9  # of ⟨φ²⟩: less of v ⟨φ'²⟩ is rounding


class Unit(NamedTuple):
    """An activation, and what is known of it: where it is not smooth, whether it is odd, and whether it jumps."""

    activation: Activation
    kinks: Float[np.ndarray, " kinks"]
    odd: bool
    jumps: bool = False

    def square(self, variance: float, mean: float = 0.0) -> float:
        """Return ⟨φ²⟩."""
        x, weight, _ = self._grid(variance, mean)
        return float((values(self.activation, x) ** 2 * weight).sum())

    def slope_square(self, variance: float, mean: float = 0.0) -> float:
        """Return ⟨φ'²⟩, infinite where φ' is not square integrable (jumps, power laws with p ≤ 1/2).

        Raises
        ------
        InputError : a drive so strong that φ rises within the innermost panels.
        """
        if self.jumps:
            return np.inf
        x, weight, half = self._grid(variance, mean)
        wide = half > 0
        slopes = (
            values(self.activation, x[wide])
            @ legendre_rule(NODES).derivative.T
            / (half[wide] * sqrt(variance))[:, None]
        )
        parts = (slopes**2 * weight[wide]).sum(1)
        # the two panels next to zero stand for infinitely many, whose shares fall geometrically
        start = int(np.searchsorted(x[wide, 0], 0.0))
        if not 0 < start < len(parts) - 3:  # zero is out of reach of a mean so far away
            return float(parts.sum())
        last, before = parts[start], parts[start + 1]
        if last <= 1e-12 * parts.sum():
            return float(parts.sum())
        ratio, next_ratio = parts[start + 1] / parts[start + 2], parts[start + 2] / parts[start + 3]
        resolved = variance * parts.sum() > RESOLVED * self.square(variance, mean)
        require(
            bool(ratio < 1 - 1e-6 or (resolved and abs(ratio / next_ratio - 1) < 0.1)),
            f"an activation driven with variance {variance:.3g}, which makes it a step",
            "one that is resolved",
            "lower the gain or the noise, or take a smoother activation",
        )
        inner = before * ratio / (1 - ratio) if ratio < 1 - 1e-6 else np.inf
        return float(parts.sum() - 2 * last + 2 * inner)

    def series(self, variance: float, mean: float = 0.0, most: int = MOST_TERMS, *, lump: bool = True) -> HermiteSeries:
        """Return the Hermite series at this variance and mean.

        Parameters
        ----------
        variance, mean : of the current x
        most : number of orders after which the series is continued by its tail
        lump : whether orders that hardly differ are combined; without, every order is kept for integrals whose
            relative error is that of rounding

        Raises
        ------
        InputError : an activation that jumps, or nearly does.
        """
        x, weight, _ = self._grid(variance, mean, fine=most > RESOLVED_TERMS)
        z, weight = ((x - mean) / sqrt(variance)).ravel(), weight.ravel()
        phi = values(self.activation, x).ravel()
        sums = self._sums(variance, mean, phi, z, weight)
        # terms of a jump fall by a known power law, and a series that guides an iteration need not resolve everything
        rough = most < MOST_TERMS or np.isinf(sums.slopes)
        coefficients = hermite_coefficients(phi, z, weight, most)
        return hermite_series(coefficients, sums, np.inf if rough else ROUGHLY_UNRESOLVED, lump=lump)

    def _sums(self, variance: float, mean: float, phi: np.ndarray, z: np.ndarray, weight: np.ndarray) -> ExactSums:
        """Return what the series and its derivatives are at ρ = 1, by quadrature over φ at the nodes z."""
        square = phi**2 * weight
        slopes = variance * self.slope_square(variance, mean)
        return ExactSums(float(square.sum()), slopes, float(square @ (z**2 - 1)) / 2 - slopes)

    def _grid(self, variance: float, mean: float, *, fine: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return inputs x and their gaussian weights, (panels, nodes), and half the width of each panel in z."""
        std = sqrt(variance)
        special = (np.append(self.kinks, 0.0) - mean) / std
        width = WIDTH / 2 if fine else WIDTH
        steps = width * 0.5 ** np.arange(LEVELS)
        graded = special[:, None] + np.concatenate([-steps, [0.0], steps])
        edges = np.sort(np.concatenate([np.arange(-REACH, REACH + width / 2, width), graded.ravel()]))
        edges = np.clip(edges, -REACH, REACH)
        half = np.diff(edges) / 2
        z = (edges[:-1] + half)[:, None] + half[:, None] * legendre_rule(NODES).nodes
        weight = half[:, None] * legendre_rule(NODES).weights * np.exp(-(z**2) / 2) / sqrt(2 * np.pi)
        return mean + std * z, weight, half


def unit_of(activation: Activation) -> Unit:
    """Return an activation with its kinks found.

    Raises
    ------
    InputError : an activation with NaN or infinite values.
    """
    check(activation)
    kinks = kinks_of(activation)
    around = np.append(kinks, 0.0), np.append(np.full(len(kinks), BESIDE), NEAREST)
    rise = values(activation, around[0] + around[1]) - values(activation, around[0] - around[1])
    largest = np.abs(values(activation, np.linspace(-10, 10, 41))).max()
    return Unit(activation, kinks, is_odd(activation), bool((np.abs(rise) > RISE * largest).any()))


__all__ = ["FINAL_TERMS", "MOST_TERMS", "RESOLVED_TERMS", "Unit", "unit_of"]
