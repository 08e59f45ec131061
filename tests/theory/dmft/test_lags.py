import numpy as np
import pytest

from noisette.noise import NoiseSpectrum
from noisette.theory.dmft import EulerLags, continuous_lags


@pytest.mark.parametrize("rate", [0.01, 0.3, 1.0, 1.0 + 1e-9, 20.0])
def test_lags_in_continuous_time(rate):
    grid = continuous_lags(-10, 13)
    f = np.exp(-rate * grid.lags)
    np.testing.assert_allclose(grid.smooth(f), grid.noise(NoiseSpectrum(coloured=((1.0, 1 / rate),))), atol=1e-13)
    w = np.concatenate([[0.0], np.geomspace(1e-3, 1e4, 30)])
    np.testing.assert_allclose(grid.transform(f, w), 2 * rate / (rate**2 + w**2), rtol=1e-7, atol=1e-10)
    lags = np.array([[0.0, -1.3], [7.0, 1e-4]])
    np.testing.assert_allclose(grid.at(f, lags), np.exp(-rate * np.abs(lags)), atol=1e-12)


def test_lags_in_steps():
    grid = EulerLags(0.1, 4000)
    # an autoregressive process of first order
    np.testing.assert_allclose(grid.noise(NoiseSpectrum(white=1.0))[:9], 0.1 / 0.19 * 0.9 ** np.arange(9), rtol=1e-12)
    w = np.array([0.0, 0.1, 3.0, grid.highest])
    slow = NoiseSpectrum(coloured=((1.0, 3.0),))
    np.testing.assert_allclose(grid.transform(np.exp(-grid.lags / 3), w), grid.noise_spectrum(slow, w), rtol=1e-12)
    np.testing.assert_allclose(
        grid.transform(grid.noise(slow), w), np.abs(grid.response(w)) ** 2 * grid.noise_spectrum(slow, w), atol=1e-12
    )
