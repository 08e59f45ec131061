"""Lags in steps of d = dt, for the exact second moments of an Euler simulation.

x(t + d) = (1 − d) x(t) + d (input) has the response S(ω) = d/(e^(iωd) − 1 + d) in place of 1/(1 + iω). Functions are
even and periodic over twice the largest lag, so that K = |S|² is a product in frequency and transforms are cosine
transforms.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.fft import dct

from noisette.noise import NoiseSpectrum


@dataclass(frozen=True, eq=False)
class EulerLags:
    """Grid of the lags 0, d, …, n d, half of a period of 2n steps.

    Attributes
    ----------
    step : d
    count : n
    """

    step: float
    count: int

    @property
    def highest(self) -> float:
        """Return the highest angular frequency π/d, the Nyquist frequency."""
        return np.pi / self.step

    @cached_property
    def lags(self) -> np.ndarray:
        """Return the lags τ ≥ 0."""
        return self.step * np.arange(self.count + 1)

    @property
    def end(self) -> float:
        """Return the last lag."""
        return float(self.lags[-1])

    @cached_property
    def _frequencies(self) -> np.ndarray:
        return np.linspace(0, self.highest, self.count + 1)

    @cached_property
    def _power(self) -> np.ndarray:
        return np.abs(self.response(self._frequencies)) ** 2

    def smooth(self, f: np.ndarray) -> np.ndarray:
        """Return K f, the autocovariance of a unit driven with autocovariance f."""
        return _inverse(self._power * dct(f, type=1))

    def amplified(self, f: np.ndarray, pull: float) -> np.ndarray:
        """Return the solution c of c − pull · K c = f for 0 ≤ pull < 1, by division in frequency, as |S|² ≤ 1."""
        spectrum: Any = dct(f, type=1)
        return _inverse(spectrum / (1 - pull * self._power))

    def noise(self, spectrum: NoiseSpectrum) -> np.ndarray:
        """Return the autocovariance of an uncoupled unit in white and coloured noise, shape (lags,)."""
        return _inverse(self._power * self.noise_spectrum(spectrum, self._frequencies) / self.step)

    def noise_spectrum(self, spectrum: NoiseSpectrum, frequencies: np.ndarray) -> np.ndarray:
        """Return the power spectrum of white and coloured noise; the latter is simulated by exact steps.

        Values of coloured noise k steps apart have the correlation ρᵏ with ρ = e^(−d/τ_c), hence the spectrum
        P(ω) = d s² (1 − ρ²)/((1 − ρ)² + 4ρ sin²(ωd/2)). For oscillating noise, of the correlation ρᵏ cos ω_k kd, it is
        ½ P(ω − ω_k) + ½ P(ω + ω_k).
        """
        result = np.full_like(frequencies, spectrum.white)
        for square, rate in spectrum.decaying:
            decay = self.step * rate.real
            rho, gone = np.exp(-decay), -np.expm1(-decay)  # ρ and 1 − ρ without cancellation
            for side in (-rate.imag, rate.imag):
                half = np.sin((frequencies + side) * self.step / 2)
                result += self.step * square / 2 * gone * (1 + rho) / (gone**2 + 4 * rho * half**2)
        return result

    def response(self, frequencies: np.ndarray) -> np.ndarray:
        """Return the response S = d/(e^(iωd) − 1 + d) of a unit."""
        return self.step / (np.expm1(1j * frequencies * self.step) + self.step)

    def transform(self, f: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
        """Return d Σ f(τ) e^(iωτ) over all lags of even functions, shape (…, lags)."""
        # lags at which all functions vanish are skipped, and cosines are evaluated in blocks, which bounds the memory
        tall = np.abs(f).reshape(-1, f.shape[-1]).max(0)
        last = int(np.flatnonzero(tall > 1e-18 * tall.max(initial=0)).max(initial=0)) + 1
        result = np.zeros((*f.shape[:-1], len(frequencies)))
        for start in range(0, last, 4096):
            part = slice(start, min(start + 4096, last))
            result += f[..., part] @ np.cos(np.outer(self.lags[part], frequencies))
        return self.step * (2 * result - f[..., :1])

    def at(self, f: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Return a function at other lags, which are rounded to multiples of the step."""
        index = np.rint(np.abs(lags) / self.step).astype(int)
        return np.where(index <= self.count, f[np.minimum(index, self.count)], 0.0)


def _inverse(spectrum: np.ndarray) -> np.ndarray:
    """Return the inverse cosine transform; that of type 1 is its own inverse up to the factor 2n."""
    result: Any = dct(spectrum, type=1)
    return result / (2 * (len(spectrum) - 1))
