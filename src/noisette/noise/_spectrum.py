"""Stationary autocovariance of a Gaussian noise, the input of mean-field theory."""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from noisette.errors import real_number, require

WEAKEST, STRONGEST = 1e-50, 1e50  # the fourth power of a strength between these neither underflows nor overflows


class NoiseSpectrum(NamedTuple):
    """Autocovariance of a stationary Gaussian noise that is independent and identical for all units.

    .. math:: \\langle \\xi(t)\\, \\xi(t+\\tau) \\rangle =
       \\sigma^2 \\delta(\\tau) + \\sum_k s_k^2 e^{-|\\tau|/\\tau_k} \\cos \\omega_k \\tau + s_f^2

    Attributes
    ----------
    white : σ², intensity per unit time of the white component
    coloured : pairs (s_k², τ_k), variance and correlation time of each exponentially correlated component
    frozen : s_f², variance of the component that is constant in time
    oscillating : triples (s_k², τ_k, ω_k) of components that oscillate at the angular frequency ω_k; ω_k = 0 for the
        coloured ones

    Examples
    --------
    >>> from noisette.noise import Frozen, OrnsteinUhlenbeck, White
    >>> (White(2.0) + OrnsteinUhlenbeck(0.5, tau=3.0) + Frozen(1.0)).spectrum()
    NoiseSpectrum(white=4.0, coloured=((0.25, 3.0),), frozen=1.0, oscillating=())
    """

    white: float = 0.0
    coloured: tuple[tuple[float, float], ...] = ()
    frozen: float = 0.0
    oscillating: tuple[tuple[float, float, float], ...] = ()

    @property
    def is_zero(self) -> bool:
        """Whether all components are zero."""
        return self == NoiseSpectrum()

    @property
    def is_frozen(self) -> bool:
        """Whether the noise is not zero and purely frozen."""
        return self.frozen > 0 and self.white == 0 and not self.decaying

    @property
    def is_white(self) -> bool:
        """Whether the noise is not zero and purely white."""
        return self.white > 0 and self.frozen == 0 and not self.decaying

    @property
    def decaying(self) -> tuple[tuple[float, complex], ...]:
        """Pairs (s_k², λ_k) of all components with a correlation time, s_k² Re e^(−λ_k |τ|) with λ_k = 1/τ_k + iω_k."""
        plain = tuple((square, complex(1 / tau)) for square, tau in self.coloured)
        return plain + tuple((square, complex(1 / tau, omega)) for square, tau, omega in self.oscillating)

    @property
    def unit_variance(self) -> float:
        """Variance of an uncoupled unit, dx/dt = −x + ξ: σ²/2 + Σ s_k² Re 1/(1 + λ_k) + s_f²."""
        filtered = sum(square * (1 / (1 + rate)).real for square, rate in self.decaying)
        return self.white / 2 + filtered + self.frozen

    def autocovariance(self, lags: ArrayLike) -> np.ndarray:
        """Return the autocovariance at the given lags, without the δ function of white noise.

        Parameters
        ----------
        lags : lags τ, an array of any shape

        Examples
        --------
        >>> NoiseSpectrum(coloured=((0.25, 3.0),), frozen=1.0).autocovariance([0.0, 300.0]).tolist()
        [1.25, 1.0]
        """
        times = np.abs(np.asarray(lags, float))
        parts = (square * np.real(np.exp(-rate * times)) for square, rate in self.decaying)
        return np.asarray(sum(parts, np.full_like(times, self.frozen)))

    def power(self, frequencies: ArrayLike) -> np.ndarray:
        """Return the power spectrum ∫ ⟨ξ(t) ξ(t + τ)⟩ e^(iωτ) dτ, without the δ function of frozen noise.

        Parameters
        ----------
        frequencies : angular frequencies ω, an array of any shape

        Examples
        --------
        >>> NoiseSpectrum(white=1.0, coloured=((0.25, 3.0),)).power(0.0).item()  # σ² + 2 s² τ
        2.5
        """
        omega = np.asarray(frequencies, float)
        power = np.full_like(omega, self.white)
        for square, rate in self.decaying:
            sides = (omega - rate.imag, omega + rate.imag)
            power = power + sum(square * rate.real / (rate.real**2 + side**2) for side in sides)
        return np.asarray(power)

    @property
    def variance(self) -> float:
        """Variance of the values of the noise; infinite for noise with a white component."""
        return np.inf if self.white > 0 else self.frozen + sum(square for square, _ in self.decaying)

    def scaled(self, factor: float) -> "NoiseSpectrum":
        """Return the autocovariance multiplied by `factor`."""
        coloured = tuple((factor * square, tau) for square, tau in self.coloured)
        oscillating = tuple((factor * square, tau, omega) for square, tau, omega in self.oscillating)
        return NoiseSpectrum(factor * self.white, coloured, factor * self.frozen, oscillating)

    def __add__(self, other: "NoiseSpectrum") -> "NoiseSpectrum":  # type: ignore[override]
        """Return the autocovariance of the sum of two independent noises."""
        coloured, oscillating = self.coloured + other.coloured, self.oscillating + other.oscillating
        return NoiseSpectrum(self.white + other.white, coloured, self.frozen + other.frozen, oscillating)

    def checked(self, name: str) -> "NoiseSpectrum":
        """Return the spectrum as Python floats, after checking it.

        Parameters
        ----------
        name : name of the noise in error messages

        Raises
        ------
        InputError : variances that are negative or not finite, or correlation times or frequencies that are not
            positive and finite.
        """
        numbers = (self.white, self.frozen, *(part[0] for part in (*self.coloured, *self.oscillating)))
        variances = [real_number(number, f"spectrum of {name} noise", "numbers", lambda _: True) for number in numbers]
        require(
            all(np.isfinite(variance) and variance >= 0 for variance in variances),
            f"spectrum of {name} noise with variances {variances}",
            "finite numbers, zero or positive",
        )
        taus = _positive([part[1] for part in (*self.coloured, *self.oscillating)], name, "correlation times")
        omegas = _positive([omega for *_, omega in self.oscillating], name, "frequencies")
        require_representable(np.sqrt(variances), f"{name} noise")
        white, frozen, *squares = variances
        pairs = tuple(zip(squares, taus, strict=True))
        number = len(self.coloured)
        oscillating = tuple((*pair, omega) for pair, omega in zip(pairs[number:], omegas, strict=True))
        return NoiseSpectrum(white, pairs[:number], frozen, oscillating)


def _positive(values: list[float], name: str, what: str) -> list[float]:
    """Return numbers as Python floats; raise if one is not positive and finite."""
    numbers = [real_number(value, f"spectrum of {name} noise", "numbers", lambda _: True) for value in values]
    fits = all(np.isfinite(number) and number > 0 for number in numbers)
    require(fits, f"spectrum of {name} noise with {what} {numbers}", "finite numbers above zero")
    return numbers


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
