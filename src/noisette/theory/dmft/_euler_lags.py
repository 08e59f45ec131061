"""Lags in steps of dt, for what an Euler simulation does at that step."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.fft import dct

from noisette.noise import NoiseSpectrum


@dataclass(frozen=True, eq=False)
class EulerLags:
    """Lags 0, d, 2d … on a ring of twice as many steps; functions are even.

    Attributes
    ----------
    step : d; count : of steps half round
    """

    step: float
    count: int

    @property
    def highest(self) -> float:
        """Return the highest frequency, in radians per unit of time."""
        return np.pi / self.step

    @cached_property
    def lags(self) -> np.ndarray:
        """Return τ ≥ 0."""
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
        """Return the autocovariance of a unit driven with autocovariance f."""
        return _back(self._power * dct(f, type=1))

    def amplified(self, f: np.ndarray, pull: float) -> np.ndarray:
        """Return the solution c of c − pull · smooth(c) = f, for a pull below one."""
        spectrum: Any = dct(f, type=1)
        return _back(spectrum / (1 - pull * self._power))

    def noise(self, spectrum: NoiseSpectrum) -> np.ndarray:
        """Return the autocovariance that white and coloured noise alone would give a unit."""
        return _back(self._power * self.noise_spectrum(spectrum, self._frequencies) / self.step)

    def noise_spectrum(self, spectrum: NoiseSpectrum, frequencies: np.ndarray) -> np.ndarray:
        """Return the spectrum of white and coloured noise; the latter is stepped exactly."""
        result = np.full_like(frequencies, spectrum.white)
        for square, tau in spectrum.coloured:
            rho, gone = np.exp(-self.step / tau), -np.expm1(-self.step / tau)
            half = np.sin(frequencies * self.step / 2)
            result += self.step * square * gone * (1 + rho) / (gone**2 + 4 * rho * half**2)
        return result

    def response(self, frequencies: np.ndarray) -> np.ndarray:
        """Return d/(e^(iωd) − 1 + d)."""
        return self.step / (np.expm1(1j * frequencies * self.step) + self.step)

    def transform(self, f: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
        """Return d Σ f(τ) e^(iωτ) over all lags of even functions (…, lags)."""
        tall = np.abs(f).reshape(-1, f.shape[-1]).max(0)
        last = int(np.flatnonzero(tall > 1e-18 * tall.max(initial=0)).max(initial=0)) + 1
        result = np.zeros((*f.shape[:-1], len(frequencies)))
        for start in range(0, last, 4096):
            part = slice(start, min(start + 4096, last))
            result += f[..., part] @ np.cos(np.outer(self.lags[part], frequencies))
        return self.step * (2 * result - f[..., :1])

    def at(self, f: np.ndarray, lags: np.ndarray) -> np.ndarray:
        """Return the function at other lags, which are multiples of the step."""
        index = np.rint(np.abs(lags) / self.step).astype(int)
        return np.where(index <= self.count, f[np.minimum(index, self.count)], 0.0)


def _back(spectrum: np.ndarray) -> np.ndarray:
    result: Any = dct(spectrum, type=1)
    return result / (2 * (len(spectrum) - 1))
