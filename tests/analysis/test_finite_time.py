import numpy as np
import pytest

import noisette as nz
from noisette.analysis import exponents_between, finite_time_exponents

A, B, DT = -0.5, 0.6, 0.02
MOTION = nz.networks.Flow(lambda x: A * x, 1, nz.White(B), scale=lambda x: x)


def moments_of_a_step():
    """Return mean and variance of ln |1 + a dt + b √dt ξ|."""
    z, w = np.polynomial.hermite_e.hermegauss(30)
    w = w / w.sum()
    growth = np.log(1 + A * DT + B * DT**0.5 * z)
    mean = w @ growth
    return mean, w @ (growth - mean) ** 2


@pytest.mark.slow
def test_independent_growth_has_the_exact_variance_for_all_lengths():
    """False-alarm rate: about ten statistics at 4.5 standard errors, below 1e-4."""
    runs = 20
    data = finite_time_exponents(MOTION, 1.0, dt=DT, discard=0, runs=runs, start=1.0, key=0, warn=False)
    mean, variance = moments_of_a_step()
    assert mean / DT == pytest.approx(A - B**2 / 2, abs=0.01)
    diffusion = variance / DT
    assert data.length.values.tolist() == [1, 2, 4, 8, 16, 32, 64]
    assert abs(float(data.lyapunov[0]) - mean / DT) < 4.5 * (diffusion / (runs * 100)) ** 0.5
    for length, measured in zip(data.length.values, data.diffusion.values[:, 0], strict=True):
        windows = runs * int(100 // length)
        assert abs(measured / diffusion - 1) < 4.5 * (2 / (windows - 1)) ** 0.5 + 0.5 * (windows < 50)
    np.testing.assert_allclose(data.diffusion, data.length * data.variance)
    assert data.diffusion_se[0, 0] == pytest.approx(data.diffusion[0, 0] * (2 / 1999) ** 0.5)


def test_windows_are_those_of_exponents_between():
    unit = nz.RateNetwork([[1.0]], 2.0, noise=nz.White(1.5))
    settings = {"dt": 0.05, "discard": 20.0, "key": 1, "warn": False}
    data = finite_time_exponents(unit, 2.0, **settings)
    spectrum = nz.lyapunov_spectrum(unit, duration=220.0, **settings)
    for n in (0, 41, 99):
        window = exponents_between(spectrum, n / 100, (n + 1) / 100).lyapunov
        assert float(data.finite_time_exponent[0, n, 0]) == pytest.approx(float(window[0]), abs=1e-10)
    assert float(data.lyapunov[0]) == pytest.approx(float(spectrum.lyapunov[0]), abs=1e-10)


@pytest.mark.slow
def test_the_diffusion_of_correlated_growth_tends_to_a_constant():
    """Slow noise: T Var λ grows with T below the correlation time, and no more above.

    False-alarm rate: two comparisons at 4.5 standard errors, 1.4e-5.
    """
    unit = nz.RateNetwork([[1.0]], 2.0, noise=nz.OrnsteinUhlenbeck(1.0, 4.0))
    data = finite_time_exponents(unit, 1.0, dt=0.1, runs=60, discard=20, key=2, warn=False)
    diffusion, error = data.diffusion.sel(exponent=0), data.diffusion_se.sel(exponent=0)

    def change(first, second):
        return float(diffusion.sel(length=second) - diffusion.sel(length=first)) / float(
            np.hypot(error.sel(length=second), error.sel(length=first))
        )

    assert change(1.0, 32.0) > 4.5
    assert abs(change(32.0, 64.0)) < 4.5
    assert (np.diff(diffusion.values[:4]) > 0).all()


def test_several_exponents_and_maps():
    henon = nz.networks.Map(lambda s: np.array([1.0, 0.0]) + s[0] ** 2 * np.array([-1.4, 0]) + 0.3 * s[::-1], 2)
    data = finite_time_exponents(henon, 10, 2, discard=10, start=0.1, key=0)
    assert data.finite_time_exponent.shape == (1, 100, 2)
    assert data.length.attrs["units"] == "step"
    assert data.diffusion.attrs["units"] == "1/step"


@pytest.mark.parametrize("length", [0.0, 0.1, -1.0])
def test_windows_have_at_least_ten_steps(length):
    with pytest.raises(nz.InputError):
        finite_time_exponents(MOTION, length, dt=DT, discard=0, start=1.0, key=0)
