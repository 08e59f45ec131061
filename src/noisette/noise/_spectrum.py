"""Stationary autocovariance of a Gaussian noise, the input of mean-field theory."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noisette.errors import real_number, require

WEAKEST, STRONGEST = 1e-50, 1e50  # the fourth power of a strength between these neither underflows nor overflows


class NoiseSpectrum(NamedTuple):
    """Autocovariance of a stationary Gaussian noise that is independent and identical for all units.

    .. math:: \\langle \\xi(t)\\, \\xi(t+\\tau) \\rangle =
       \\sigma^2 \\delta(\\tau) + \\sum_k s_k^2 e^{-|\\tau|/\\tau_k} + s_f^2

    Attributes
    ----------
    white : σ², intensity per unit time of the white component
    coloured : pairs (s_k², τ_k), variance and correlation time of each exponentially correlated component
    frozen : s_f², variance of the component that is constant in time

    Examples
    --------
    >>> from noisette.noise import Frozen, OrnsteinUhlenbeck, White
    >>> (White(2.0) + OrnsteinUhlenbeck(0.5, tau=3.0) + Frozen(1.0)).spectrum()
    NoiseSpectrum(white=4.0, coloured=((0.25, 3.0),), frozen=1.0)
    """

    white: float = 0.0
    coloured: tuple[tuple[float, float], ...] = ()
    frozen: float = 0.0

    @property
    def is_zero(self) -> bool:
        """Whether all components are zero."""
        return self == NoiseSpectrum()

    @property
    def is_frozen(self) -> bool:
        """Whether the noise is not zero and purely frozen."""
        return self.frozen > 0 and self.white == 0 and not self.coloured

    @property
    def is_white(self) -> bool:
        """Whether the noise is not zero and purely white."""
        return self.white > 0 and self.frozen == 0 and not self.coloured

    @property
    def variance(self) -> float:
        """Variance of the values of the noise; infinite for noise with a white component."""
        return np.inf if self.white > 0 else self.frozen + sum(square for square, _ in self.coloured)

    def fluctuations(self, lags: ArrayLike) -> np.ndarray:
        """Return the autocovariance of the coloured components at `lags`, of any shape."""
        t = np.abs(np.asarray(lags, float))
        return sum((square * np.exp(-t / tau) for square, tau in self.coloured), np.zeros_like(t))

    def scaled(self, factor: float) -> "NoiseSpectrum":
        """Return the autocovariance multiplied by `factor`."""
        coloured = tuple((factor * square, tau) for square, tau in self.coloured)
        return NoiseSpectrum(factor * self.white, coloured, factor * self.frozen)

    def __add__(self, other: "NoiseSpectrum") -> "NoiseSpectrum":  # type: ignore[override]
        """Return the autocovariance of the sum of two independent noises."""
        return NoiseSpectrum(self.white + other.white, self.coloured + other.coloured, self.frozen + other.frozen)

    def checked(self, name: str) -> "NoiseSpectrum":
        """Return the spectrum as Python floats, after checking it.

        Parameters
        ----------
        name : name of the noise in error messages

        Raises
        ------
        InputError : variances that are negative or not finite, or correlation times that are not positive and finite.
        """
        numbers = (self.white, self.frozen, *(part[0] for part in self.coloured))
        variances = [real_number(number, f"spectrum of {name} noise", "numbers", lambda _: True) for number in numbers]
        require(
            all(np.isfinite(variance) and variance >= 0 for variance in variances),
            f"spectrum of {name} noise with variances {variances}",
            "finite numbers, zero or positive",
        )
        taus = [tau for _, tau in self.coloured]
        times = [real_number(tau, f"spectrum of {name} noise", "numbers", lambda _: True) for tau in taus]
        require(
            all(np.isfinite(tau) and tau > 0 for tau in times),
            f"spectrum of {name} noise with correlation times {times}",
            "finite numbers above zero",
        )
        require_representable(np.sqrt(variances), f"{name} noise")
        white, frozen, *coloured = variances
        return NoiseSpectrum(white, tuple(zip(coloured, times, strict=True)), frozen)


NO_NOISE = NoiseSpectrum()


def common_variance(strength: object, name: str) -> float:
    """Return the square of a strength that is the same for all units.

    Parameters
    ----------
    strength : a scalar, or one value per unit
    name : name of the noise in error messages

    Raises
    ------
    InputError : strengths that differ between units, or whose fourth power is not representable.

    Examples
    --------
    >>> common_variance([3.0, 3.0], "white")
    9.0
    """
    values = np.asarray(strength, float).ravel()
    require(
        bool((values == values[0]).all()),
        f"{name} noise with {values.size} strengths",
        "mean-field theory needs one strength for all units",
    )
    number = float(values[0])
    require(np.isfinite(number), f"noise strength {number}", "a finite number")
    require_representable(number, f"{name} noise")
    return number**2


def require_representable(strengths: ArrayLike, name: str = "noise") -> None:
    """Raise for strengths whose fourth power, as in products of covariances, underflows or overflows in float64.

    Raises
    ------
    InputError : a strength that is not zero and is outside the range from 1e-50 to 1e50.

    Examples
    --------
    >>> require_representable([0.0, 1e-3])
    """
    values = np.asarray(strengths, float)
    outside = values[(values != 0) & ~((values > WEAKEST) & (values < STRONGEST))].ravel()
    require(
        outside.size == 0,
        f"{name} of strength {outside[0] if outside.size else 0:g}",
        f"zero, or a number from {WEAKEST:g} to {STRONGEST:g}",
        "scale the activation instead: φ(σx)/σ in noise of strength 1 is an equivalent network",
    )


__all__ = ["NO_NOISE", "NoiseSpectrum", "common_variance", "require_representable"]
