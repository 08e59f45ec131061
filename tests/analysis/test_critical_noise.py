import numpy as np
import pytest

import noisette as nz
from noisette.analysis import simulated_critical_noise

GROWTH = nz.networks.Flow(lambda x: 0.5 * x, 1, nz.White(1.0), scale=lambda x: x)  # λ = ½ − σ²/2


@pytest.mark.slow
def test_multiplicative_noise_has_its_exact_critical_strength():
    """σ_c = 1. False-alarm rate: 24 networks, Student's t with 23 beyond 5.5, 1.4e-5; errors are compared loosely."""
    data = simulated_critical_noise(
        [GROWTH] * 24, [0.8, 1.2], duration=200, discard=0, dt=0.01, start=1.0, key=0, warn=False
    )
    curvature = 0.04 / 2  # of λ between the strengths: the chord is below the parabola by at most h²/8 · |λ''|/|λ'|
    deviation = abs(float(data.mean_critical_noise) - 1)
    assert deviation < 5.5 * float(data.mean_critical_noise_se) + curvature
    # Var λ = σ²/T, so that σ_c has the standard deviation of λ over |dλ/dσ| = 1, with independent strengths of each
    spread = float(data.critical_noise.std(ddof=1))
    assert float(np.median(data.critical_noise_se)) == pytest.approx(spread, rel=0.6)


@pytest.mark.slow
def test_strengths_outside_of_the_change_of_sign():
    settings = {"duration": 40, "discard": 0, "dt": 0.01, "start": 1.0, "key": 0, "warn": False}
    assert float(simulated_critical_noise(GROWTH, [3.0, 4.0], **settings).critical_noise) == 0
    assert float(simulated_critical_noise(GROWTH, [0.0, 0.1], **settings).critical_noise) == np.inf


@pytest.mark.slow
def test_runs_are_averaged():
    settings = {"duration": 40, "discard": 0, "dt": 0.02, "start": 1.0, "key": 0, "warn": False, "runs": 8}
    data = simulated_critical_noise(GROWTH, [0.5, 1.5], **settings)
    assert dict(data.lyapunov.sizes) == {"noise": 2}
    single = simulated_critical_noise(GROWTH, [0.5, 1.5], **{**settings, "runs": 1})
    assert (data.lyapunov_se < single.lyapunov_se).all()
    assert data.noise.values.tolist() == [0.5, 1.5]


@pytest.mark.parametrize("strengths", [[1.0], [2.0, 1.0], [-1.0, 1.0], 1.0])
def test_strengths_increase(strengths):
    with pytest.raises(nz.InputError, match="increasing order"):
        simulated_critical_noise(GROWTH, strengths, key=0)
