"""Populations of units with statistics of their weights, activations, time constants, biases and noise."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from noisette.activations import Activation
from noisette.ensembles import Statistics
from noisette.errors import require
from noisette.noise import NO_NOISE, NoiseSpectrum
from noisette.theory.dmft import Places
from noisette.theory.gaussian import Unit, unit_of


@dataclass(frozen=True)
class Model:
    """The single-site problem of all populations, with the gain multiplied into the statistics.

    .. math:: \\tau_p \\dot x_p = -x_p + b_p + \\sum_q M_{pq} R_q + m \\cdot \\kappa + \\eta_p + \\tau_p \\nu_p

    Attributes
    ----------
    statistics : statistics of g W
    units : activation of each population
    tau, bias : τ and b of each population, shape (P,)
    places : noise of each population at each place
    """

    statistics: Statistics
    units: tuple[Unit, ...]
    tau: Float[np.ndarray, " P"]
    bias: Float[np.ndarray, " P"]
    places: tuple[Places, ...]

    @property
    def populations(self) -> int:
        """Return P."""
        return len(self.units)

    @property
    def rank(self) -> int:
        """Return R."""
        return self.statistics.rank

    @property
    def current(self) -> tuple[NoiseSpectrum, ...]:
        """Return the autocovariance of the noise on the current of each population, τ² that of ν."""
        return tuple(place.current.scaled(tau**2) for place, tau in zip(self.places, self.tau, strict=True))

    @property
    def rate_noise(self) -> tuple[NoiseSpectrum, ...]:
        """Return the autocovariance of the input due to noise on the rates, Σ_q V_pq c_ρ."""
        total = [NO_NOISE] * self.populations
        for p, row in enumerate(self.statistics.variance):
            for variance, place in zip(row, self.places, strict=True):
                total[p] = total[p] + place.rate.scaled(float(variance))
        return tuple(total)

    @property
    def inside(self) -> tuple[NoiseSpectrum, ...]:
        """Return the autocovariance of the noise inside the activation of each population."""
        return tuple(place.inside for place in self.places)

    def scaled(self, factor: float) -> "Model":
        """Return the model with weights multiplied by a factor."""
        return replace(self, statistics=scaled(self.statistics, factor))

    @property
    def symmetric(self) -> bool:
        """Return whether x and −x are equivalent, so that means may vanish."""
        return all(unit.odd for unit in self.units) and not self.bias.any()

    @property
    def quiet(self) -> bool:
        """Return whether there is no noise that changes in time."""
        return all(s.white == 0 and not s.decaying for s in self.current + self.rate_noise + self.inside)

    def static_noise(self) -> np.ndarray:
        """Return the variance of frozen noise in the input and inside the activation, shape (P,)."""
        parts = zip(self.current, self.rate_noise, self.inside, strict=True)
        return np.array([a.frozen + b.frozen + c.frozen for a, b, c in parts])

    def means(self, rates: np.ndarray, overlap: np.ndarray) -> np.ndarray:
        """Return μ_p = b_p + Σ_q M_pq R_q + m̄_p · κ."""
        s = self.statistics
        return self.bias + s.mean @ rates + s.left_mean @ overlap

    def overlaps(self, rates: np.ndarray, slopes: np.ndarray, overlap: np.ndarray) -> np.ndarray:
        """Return κ_r = Σ_q f_q [n̄_q R_q + Cov(n, m)_q κ ⟨φ'⟩_q], by Stein's lemma."""
        s = self.statistics
        bent = np.einsum("qrs,s,q->qr", s.overlap, overlap, slopes)
        return s.fractions @ (s.right_mean * rates[:, None] + bent)

    def along(self, overlap: np.ndarray, other: np.ndarray | None = None) -> np.ndarray:
        """Return the covariance of m · κ with m · κ' within each population, shape (P,)."""
        second = overlap if other is None else other
        return np.einsum("r,prs,s->p", overlap, self.statistics.left_covariance, second)


def scaled(statistics: Statistics, gain: float) -> Statistics:
    """Return the statistics of g W."""
    return statistics._replace(
        mean=gain * statistics.mean,
        variance=gain**2 * statistics.variance,
        left_mean=gain * statistics.left_mean,
        left_covariance=gain**2 * statistics.left_covariance,
        overlap=gain * statistics.overlap,
    )


def model_of(
    statistics: Statistics,
    activations: Sequence[Activation],
    tau: np.ndarray,
    bias: np.ndarray,
    places: tuple[Places, ...],
) -> Model:
    """Return the model of populations; frozen synaptic noise multiplies the variances.

    Raises
    ------
    InputError : If the noise on the synapses is white.
    """
    white = any(place.white_synapses > 0 for place in places)
    require(not white, "white synaptic noise in the theory of populations", "frozen synaptic noise", "simulate")
    factor = np.array([1 + place.frozen_synapses for place in places])
    # weights of zero mean are multiplied by 1 + ζ, so that their variance grows; those of a mean gain M² s²/N_q → 0
    varied = statistics._replace(variance=statistics.variance * factor[:, None])
    units = tuple(unit_of(activation) for activation in activations)
    return Model(varied, units, tau, bias, tuple(place._replace(frozen_synapses=0.0) for place in places))


__all__ = ["Model", "model_of", "scaled"]
