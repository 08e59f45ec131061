"""Two-time mean-field theory: means and covariances of populations at all pairs of times, forward from a start.

In steps of Euler's method, x(t+1) = a x(t) + d η(t) with d = dt/τ and a = 1 − d, where η is a Gaussian input of mean h
and covariance H. The means obey μ(t+1) = a μ(t) + d h(t). With ⟨x(0) η⟩ = 0, the covariance G(s, t) = ⟨x(s) η(t)⟩
obeys G(s+1, t) = a G(s, t) + d H(s, t), and D = Cov x

    D(t+1, s) = a D(t, s) + d G(s, t),    D(t+1, t+1) = a² D(t, t) + 2 a d G(t, t) + d² H(t, t) + σ² dt.

H(t, s) requires x up to time t only, so that the equations are solved forward without iteration. Averages of pairs of
rates are Hermite series (Mehler), ⟨φ(t) φ(s)⟩ = Σ_n a_n(t) a_n(s) ρ(t, s)ⁿ; what the orders lack of ⟨φ²⟩ is added as a
term of the next order. These are the exact equations, N → ∞, of a simulation by Euler's method with this step.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy.signal import lfilter

from noisette.theory.gaussian import values
from noisette.theory.populations._model import Model

REACH, SPACING = 8.0, 0.1  # nodes of the trapezoidal rule over N(0, 1), and their distance
ORDERS = 48  # of the Hermite series


@dataclass(frozen=True, eq=False)
class TwoTime:
    """Solution at the times 0, dt, 2 dt, …

    Attributes
    ----------
    mean, rate : μ and ⟨φ⟩, shape (times, P)
    covariance : covariance of x over the units of a population, their weights and noise, shape (P, times, times)
    rate_product : ⟨φ(t) φ(s)⟩, shape (P, times, times)
    overlap : κ, shape (times, R)
    growth : logarithm of the root mean square distance of two nearby trajectories, shape (times,)
    """

    mean: Float[np.ndarray, "T P"]
    rate: Float[np.ndarray, "T P"]
    covariance: Float[np.ndarray, "P T T"]
    rate_product: Float[np.ndarray, "P T T"]
    overlap: Float[np.ndarray, "T R"]
    growth: Float[np.ndarray, " T"]


class Start(NamedTuple):
    """States x_i = μ + √v z_i + m_i · κ at time zero, with independent normal z.

    Attributes
    ----------
    mean, variance : μ and v of each population, shape (P,)
    overlap : κ, shape (R,)
    """

    mean: Float[np.ndarray, " P"]
    variance: Float[np.ndarray, " P"]
    overlap: Float[np.ndarray, " R"]


class Progress:
    """Arrays of the solution while it is computed.

    Attributes
    ----------
    d : dt/τ of each population, shape (P,)
    product, slope_product : ⟨φ φ⟩ and ⟨φ' φ'⟩, shape (P, T, T)
    series, slope_series : coefficients of φ and φ', shape (P, T, orders + 1)
    distance, crossed : covariance of the distance of two nearby trajectories, and that with its input
    """

    def __init__(self, model: Model, steps: int, dt: float, start: Start, inputs: np.ndarray):
        p, r = model.populations, model.rank
        self.model, self.dt, self.d, self.inputs = model, dt, dt / model.tau, inputs
        self.mean, self.rate, self.slope = np.zeros((3, steps, p))
        self.overlap, self.filtered = np.zeros((steps, r)), np.zeros((steps, p, r))
        self.covariance, self.product, self.slope_product = np.zeros((3, p, steps, steps))
        self.distance = np.zeros((p, steps, steps))
        self.series, self.slope_series = np.zeros((2, p, steps, ORDERS + 1))
        self.deviation = np.zeros((steps, p))
        self.growth, self.log = np.zeros(steps), 0.0
        self.mean[0] = start.mean
        self.filtered[0] = start.overlap
        self.covariance[:, 0, 0] = start.variance + model.along(start.overlap)
        self.distance[:, 0, 0] = 1.0
        lags = dt * np.arange(steps)
        self.inside = np.array([s.autocovariance(lags) for s in model.inside])
        noise = zip(model.current, model.rate_noise, strict=True)
        self.noise = np.array([a.autocovariance(lags) + b.autocovariance(lags) for a, b in noise])
        white = zip(model.current, model.rate_noise, strict=True)
        # of the input, of which a step adds the share dt/τ; intensity per unit time of x
        self.white = np.array([a.white + b.white for a, b in white]) / model.tau**2
        z = np.arange(-REACH, REACH + SPACING / 2, SPACING)
        self.z, self.weight = z, SPACING * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)
        self.hermite = hermite_functions(z, ORDERS) * self.weight  # shape (orders, nodes)

    def observe(self, t: int) -> None:
        """Compute averages of rates at time t, and of pairs with all earlier times."""
        model = self.model
        for p, unit in enumerate(model.units):
            variance = self.covariance[p, t, t] + self.inside[p, 0]
            u = float(np.sqrt(max(variance, 0.0)))
            phi = values(unit.activation, self.mean[t, p] + u * self.z)
            a = self.hermite @ phi
            total = float(self.weight @ phi**2)
            self.series[p, t, :ORDERS] = a
            self.series[p, t, ORDERS] = np.sqrt(max(total - float(a @ a), 0.0))
            # φ' has the coefficients √(n + 1) a_(n+1)/u
            if u > 0:
                self.slope_series[p, t, : ORDERS - 1] = np.sqrt(np.arange(1, ORDERS)) * a[1:] / u
            else:
                step = 1e-4
                sides = values(unit.activation, self.mean[t, p] + np.array([step, -step]))
                self.slope_series[p, t, 0] = (sides[0] - sides[1]) / (2 * step)
            self.rate[t, p], self.slope[t, p] = a[0], self.slope_series[p, t, 0]
            self.deviation[t, p] = u
            moment = self.covariance[p, t, : t + 1] + self.inside[p, t::-1]
            scale = u * self.deviation[: t + 1, p]
            rho = np.clip(np.divide(moment, scale, out=np.zeros_like(moment), where=scale > 0), -1.0, 1.0)
            for products, series in ((self.product, self.series), (self.slope_product, self.slope_series)):
                row = horner(series[p, : t + 1] * series[p, t], rho)
                products[p, t, : t + 1] = products[p, : t + 1, t] = row
        new = np.zeros(model.rank)
        s = model.statistics
        if model.rank:
            bent = np.einsum("qrs,qs,q->qr", s.overlap, self.filtered[t], self.slope[t])
            new = s.fractions @ (s.right_mean * self.rate[t][:, None] + bent)
        self.overlap[t] = new

    def advance(self, t: int) -> None:
        """Compute means and covariances at time t + 1."""
        model, s = self.model, self.model.statistics
        drive = model.means(self.rate[t], self.overlap[t]) + self.inputs[t]
        self.mean[t + 1] = self.mean[t] + self.d * (drive - self.mean[t])
        self.filtered[t + 1] = self.filtered[t] + self.d[:, None] * (self.overlap[t] - self.filtered[t])
        pairs = np.einsum("pq,qs->ps", s.variance, self.product[:, t, : t + 1]) + self.noise[:, t::-1]
        if model.rank:
            pairs += np.einsum("ur,prs,s->pu", self.overlap[: t + 1], s.left_covariance, self.overlap[t])
        apart = np.einsum("pq,qs->ps", s.variance, self.slope_product[:, t, : t + 1] * self.distance[:, t, : t + 1])
        for p, d in enumerate(self.d):
            a = 1 - d
            self._extend(self.covariance[p], pairs[p], t, a, d, self.white[p] * self.dt)
            self._extend(self.distance[p], apart[p], t, a, d, 0.0)
        self._normalise(t + 1)

    @staticmethod
    def _extend(covariance: np.ndarray, inputs: np.ndarray, t: int, a: float, d: float, white: float) -> None:
        """Write row and column t + 1 of a covariance, from H(0 … t, t)."""
        crossed = np.concatenate([[0.0], lfilter([d], [1.0, -a], inputs[:-1])]) if t else np.zeros(1)  # G(0 … t, t)
        row = a * covariance[t, : t + 1] + d * crossed
        covariance[t + 1, : t + 1] = covariance[: t + 1, t + 1] = row
        covariance[t + 1, t + 1] = a**2 * covariance[t, t] + 2 * a * d * crossed[t] + d**2 * inputs[t] + white

    def _normalise(self, t: int) -> None:
        """Store the logarithm of the distance, and rescale the distance where it grows or decays far."""
        size = float(np.mean(self.distance[:, t, t]))
        self.growth[t] = self.log + 0.5 * np.log(max(size, 1e-300))
        if not 1e-30 < size < 1e30:
            self.distance /= max(size, 1e-300)
            self.log += 0.5 * np.log(max(size, 1e-300))


def hermite_functions(z: np.ndarray, orders: int) -> np.ndarray:
    """Return the orthonormal Hermite polynomials h_0 … h_(orders−1) at z, shape (orders, nodes)."""
    rows = np.zeros((orders, len(z)))
    rows[0] = 1.0
    rows[1] = z
    for n in range(2, orders):
        rows[n] = (z * rows[n - 1] - np.sqrt(n - 1) * rows[n - 2]) / np.sqrt(n)
    return rows


def horner(coefficients: np.ndarray, rho: np.ndarray) -> np.ndarray:
    """Return Σ_n coefficients[…, n] ρⁿ, for coefficients of shape (points, orders)."""
    total = np.zeros_like(rho)
    for column in coefficients.T[::-1]:
        total = total * rho + column
    return total


def two_time(
    model: Model,
    steps: int,
    dt: float,
    start: Start,
    inputs: np.ndarray | None = None,
) -> TwoTime:
    """Return the solution from a start at which x is normal.

    Parameters
    ----------
    model : the populations
    steps : number of times
    dt : time step
    start : the start
    inputs : input at each time beside the bias, shape (steps, P); None for none
    """
    driven = np.zeros((steps, model.populations)) if inputs is None else inputs
    progress = Progress(model, steps, dt, start, driven)
    for t in range(steps):
        progress.observe(t)
        if t + 1 < steps:
            progress.advance(t)
    return TwoTime(
        progress.mean, progress.rate, progress.covariance, progress.product, progress.overlap, progress.growth
    )


__all__ = ["Start", "TwoTime", "two_time"]
