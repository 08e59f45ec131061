"""Lyapunov exponents in noise and in inputs, which are conditional: those of trajectories in the same noise."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy.integrate import quad

import noisette as nz

GAIN, DT = 2.0, 0.02
NOISES = {
    "none": None,
    "white": nz.White(1.5),
    "ou": nz.OrnsteinUhlenbeck(1.0, 3.0),
    "frozen": nz.Frozen(0.8),
    "common": nz.Common(1.5),
    "sum": nz.White(0.5) + nz.OrnsteinUhlenbeck(1.0, 3.0) + nz.Frozen(0.2),
}


def signal(t):
    return jnp.array([2 * jnp.sin(0.7 * t)])


def slope(x):
    """Return the derivative of the drift −x + g tanh x."""
    return -1 + GAIN / np.cosh(x) ** 2


@pytest.mark.slow
@pytest.mark.parametrize(("name", "inputs"), [*((name, None) for name in NOISES), ("none", signal), ("sum", signal)])
def test_the_exponent_of_one_unit_is_the_mean_growth_along_its_trajectory(name, inputs):
    unit = nz.RateNetwork([[1.0]], GAIN, noise=NOISES[name])
    settings = {"duration": 60, "dt": DT, "key": 3, "warn": False, "start": 0.3}
    data = nz.simulate(unit, probes=[nz.Lyapunov(discard=20), nz.Trace()], inputs=inputs, **settings)
    states = data.trace.values[0, 1000:, 0]
    assert float(data.lyapunov[0, 0]) == pytest.approx(np.log(1 + DT * slope(states)).mean() / DT, abs=1e-11)


@pytest.mark.slow
def test_an_array_of_inputs_equals_the_function():
    unit = nz.RateNetwork([[1.0]], GAIN, noise=nz.White(0.5))
    settings = {"duration": 30, "discard": 10, "dt": DT, "key": 3, "warn": False}
    recorded = np.array([2 * np.sin(0.7 * n * DT) for n in range(1500)])
    each = [nz.lyapunov_spectrum(unit, inputs=u, **settings).lyapunov[0] for u in (signal, recorded)]
    assert float(each[0]) == pytest.approx(float(each[1]), abs=1e-12)


@pytest.mark.slow
def test_the_exponent_of_one_unit_is_the_average_over_its_stationary_density():
    """λ = ∫ p(x) F'(x) dx with p ∝ exp(−2V/σ²). False-alarm rate: 4.5 standard errors of 64 runs, 3e-5."""
    sigma, runs = 1.5, 64
    unit = nz.RateNetwork([[1.0]], GAIN, noise=nz.White(sigma))

    def weight(x):
        return np.exp(-2 / sigma**2 * (x**2 / 2 - GAIN * np.log(np.cosh(x))))

    exact = quad(lambda x: weight(x) * slope(x), -12, 12)[0] / quad(weight, -12, 12)[0]
    data = nz.lyapunov_spectrum(unit, duration=120, discard=20, dt=DT, runs=runs, key=5, warn=False)
    values = data.lyapunov.values[:, 0]
    bias = 2 * DT  # of Euler's method, first order in dt with coefficients of order one
    assert abs(values.mean() - exact) < 4.5 * values.std(ddof=1) / runs**0.5 + bias


@pytest.mark.slow
def test_multiplicative_noise_adds_its_own_term():
    """dx = a x dt + b x dW (Itô) has λ = a − b²/2. False-alarm rate: 4.5 standard errors, 7e-6."""
    a, b, duration, runs = 0.2, 0.8, 100.0, 50
    motion = nz.networks.Flow(lambda x: a * x, 1, nz.White(b), scale=lambda x: x)
    data = nz.lyapunov_spectrum(motion, duration=duration, discard=0, dt=0.01, runs=runs, start=1.0, key=0, warn=False)
    z, w = np.polynomial.hermite_e.hermegauss(30)
    exact = w @ np.log(1 + a * 0.01 + b * 0.1 * z) / w.sum() / 0.01  # of Euler's method
    assert exact == pytest.approx(a - b**2 / 2, abs=0.01)
    assert abs(float(data.lyapunov.mean()) - exact) < 4.5 * b / (duration * runs) ** 0.5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["white", "sum"])
def test_two_trajectories_separate_at_the_rate_of_the_tangents(name):
    W = nz.weights.gaussian(20, 20**-0.5, key=2)
    network = nz.RateNetwork(W, 3.0, noise=NOISES[name])
    probes = [nz.Lyapunov(discard=20), nz.TrajectorySeparation(1e-6, discard=20)]
    data = nz.simulate(network, duration=120, dt=0.05, probes=probes, key=1, warn=False)
    # both start from other directions, which differ by a factor of order ten in the growth over 100 τ
    assert float(data.separation[0]) == pytest.approx(float(data.lyapunov[0, 0]), abs=0.03)
