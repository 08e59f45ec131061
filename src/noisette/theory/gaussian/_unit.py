"""One unit under Gaussian input: averages of its activation by a quadrature that resolves kinks.

Averages are sums over panels of Gauss–Legendre nodes. The panels shrink geometrically towards zero and towards the
kinks of φ, the only inputs at which an activation may fail to be smooth. For smooth activations the trapezoidal rule of
`_trapezoid` is sufficient and is vectorised over variances.
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
REACH, WIDTH = 12.0, 0.25  # of z and of a panel; this width resolves Hermite functions up to order RESOLVED_TERMS
LEVELS = 40  # halvings of the panels next to zero and next to kinks
MOST_TERMS, FINAL_TERMS, RESOLVED_TERMS = 1024, 4096, 8192  # orders in iterations, of results, of Lyapunov exponents
AT_ZERO, AT_KINK, RISE = 1e-200, 1e-6, 1e-2  # a jump is a rise by this share of max|φ| so close to zero or to a kink
RESOLVED = 1e-9  # v ⟨φ'²⟩ below this share of ⟨φ²⟩ is rounding


class Unit(NamedTuple):
    """An activation function and its analytic properties.

    Attributes
    ----------
    activation : φ
    kinks : inputs other than zero at which φ' jumps
    odd : whether φ(−x) = −φ(x)
    jumps : whether φ itself is discontinuous
    """

    activation: Activation
    kinks: Float[np.ndarray, " kinks"]
    odd: bool
    jumps: bool = False

    def square(self, variance: float, mean: float = 0.0) -> float:
        """Return ⟨φ²⟩ over x ~ N(mean, variance)."""
        x, weight, _ = self._grid(variance, mean)
        return float((values(self.activation, x) ** 2 * weight).sum())

    def moments(self, variance: float, mean: float = 0.0) -> tuple[float, ...]:
        """Return ⟨φ⟩ and its first three derivatives by the mean, then ⟨φ²⟩ and half of its first two derivatives.

        With x = mean + u z, the n-th derivative is ⟨φ He_n(z)⟩/uⁿ, which exists for activations with kinks, too.
        Half of the derivatives of ⟨φ²⟩ are ⟨φ φ'⟩ and ⟨(φ φ')'⟩.
        """
        x, weight, _ = self._grid(variance, mean)
        u = sqrt(variance)
        z = (x - mean) / u
        phi = values(self.activation, x)
        hermite = (1.0, z / u, (z**2 - 1) / u**2, (z**3 - 3 * z) / u**3)
        square = phi**2 * weight
        first = [float((phi * weight * h).sum()) for h in hermite]
        return *first, float(square.sum()), *(float((square * h).sum()) / 2 for h in hermite[1:3])

    def slope_square(self, variance: float, mean: float = 0.0) -> float:
        """Return ⟨φ'²⟩, which is infinite where φ' is not square integrable (jumps, power laws with p ≤ 1/2).

        Raises
        ------
        InputError : If the variance is so large that φ rises within the innermost panels.
        """
        if self.jumps:
            return np.inf
        x, weight, half = self._grid(variance, mean)
        wide = half > 0  # edges that coincide leave panels of zero width
        slopes = (
            values(self.activation, x[wide])
            @ legendre_rule(NODES).derivative.T
            / (half[wide] * sqrt(variance))[:, None]
        )
        parts = (slopes**2 * weight[wide]).sum(1)
        # φ' ∝ |x|^(p−1) near zero makes the shares of panels that halve in width a geometric series: its sum replaces
        # the two panels next to zero, in which the singularity itself is not resolved
        start = int(np.searchsorted(x[wide, 0], 0.0))
        if not 0 < start < len(parts) - 3:  # |mean| exceeds REACH standard deviations, and zero is off the grid
            return float(parts.sum())
        last, before = parts[start], parts[start + 1]
        if last <= 1e-12 * parts.sum():
            return float(parts.sum())
        ratio, next_ratio = parts[start + 1] / parts[start + 2], parts[start + 2] / parts[start + 3]
        resolved = variance * parts.sum() > RESOLVED * self.square(variance, mean)
        require(
            bool(ratio < 1 - 1e-6 or (resolved and abs(ratio / next_ratio - 1) < 0.1)),
            f"an activation with input of variance {variance:.3g}, on whose scale it is a step",
            "an activation that the quadrature resolves",
            "lower the gain or the noise, or use a smoother activation",
        )
        inner = before * ratio / (1 - ratio) if ratio < 1 - 1e-6 else np.inf
        return float(parts.sum() - 2 * last + 2 * inner)

    def series(self, variance: float, mean: float = 0.0, most: int = MOST_TERMS, *, lump: bool = True) -> HermiteSeries:
        """Return the Hermite series at a variance and mean.

        Parameters
        ----------
        variance, mean : of the current x
        most : number of orders after which the series is extrapolated by its tail
        lump : whether high orders are combined in bins; False keeps every order, for integrals whose relative error
            is that of rounding

        Raises
        ------
        InputError : If the activation jumps, or nearly does on the scale of x.
        """
        x, weight, _ = self._grid(variance, mean, fine=most > RESOLVED_TERMS)
        z, weight = ((x - mean) / sqrt(variance)).ravel(), weight.ravel()
        phi = values(self.activation, x).ravel()
        sums = self._sums(variance, mean, phi, z, weight)
        # the terms of a jump follow a known power law, and a series that only guides an iteration may be less accurate
        rough = most < MOST_TERMS or np.isinf(sums.slopes)
        coefficients = hermite_coefficients(phi, z, weight, most)
        return hermite_series(coefficients, sums, np.inf if rough else ROUGHLY_UNRESOLVED, lump=lump)

    def _sums(self, variance: float, mean: float, phi: np.ndarray, z: np.ndarray, weight: np.ndarray) -> ExactSums:
        """Return the values of the series and of its derivatives at ρ = 1, by quadrature at the nodes z."""
        # v d⟨φ²⟩/dv = ½⟨φ² (z² − 1)⟩ = v ⟨φ'²⟩ + v ⟨φ φ''⟩, which gives the last sum without φ''
        square = phi**2 * weight
        slopes = variance * self.slope_square(variance, mean)
        return ExactSums(float(square.sum()), slopes, float(square @ (z**2 - 1)) / 2 - slopes)

    def _grid(self, variance: float, mean: float, *, fine: bool = False) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return inputs x and Gaussian weights, shape (panels, nodes), and the half widths in z, shape (panels,)."""
        std = sqrt(variance)
        # z of every kink and of x = 0, each the centre of panels that halve in width towards it
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
    """Return an activation with its kinks, parity and discontinuities.

    Raises
    ------
    InputError : If the activation has NaN or infinite values, or does not return one value per input.
    """
    check(activation)
    kinks = kinks_of(activation)
    # kinks are located to about 1e-6; zero is exact, and |x|^p with small p > 0 is continuous but steep there
    places, distances = np.append(kinks, 0.0), np.append(np.full(len(kinks), AT_KINK), AT_ZERO)
    rise = values(activation, places + distances) - values(activation, places - distances)
    largest = np.abs(values(activation, np.linspace(-10, 10, 41))).max()
    return Unit(activation, kinks, is_odd(activation), bool((np.abs(rise) > RISE * largest).any()))


__all__ = ["FINAL_TERMS", "MOST_TERMS", "RESOLVED_TERMS", "Unit", "unit_of"]
