"""The covariance probe against NumPy on the whole trace, and against the Lyapunov equation."""

import jax
import numpy as np
import pytest
from scipy.linalg import solve_discrete_lyapunov

import noisette as nz
from noisette.errors import InputError

KEY = jax.random.key(0)
N = 5
W = nz.weights.gaussian(N, N**-0.5, key=jax.random.key(3))
NETWORK = nz.RateNetwork(W, 1.2, bias=100.0, noise=nz.White(1.0))


@pytest.mark.slow
def test_the_probe_gives_the_covariance_of_the_trace():
    """Samples, windows and rates, far from zero; two trials."""
    probes = {
        "all": nz.Covariance(),
        "some": nz.Covariance(every=7, discard=10),
        "long": nz.Covariance(every=20, discard=13, window=15),
        "rate": nz.Covariance(every=3, of="rate"),
        "x": nz.Trace(),
    }
    result = nz.simulate(NETWORK, 200, probes, dt=0.1, key=KEY, runs=2)
    x = result.x_trace.values
    windows = np.stack([x[:, a : a + 15].mean(1) for a in range(13, 200 - 15 + 1, 20)], 1)
    samples = {"all": x, "some": x[:, 10::7], "long": windows, "rate": np.tanh(x)[:, ::3]}
    for name, y in samples.items():
        length = 1.5 if name == "long" else 1.0
        for run in range(2):
            expected = length * np.cov(y[run].T)
            assert result[f"{name}_covariance"][run].values == pytest.approx(expected, rel=1e-9, abs=1e-12)
            assert result[f"{name}_mean"][run].values == pytest.approx(y[run].mean(0), rel=1e-12)
            second = length * y[run].T @ y[run] / len(y[run])
            assert result[f"{name}_second_moment"][run].values == pytest.approx(second, rel=1e-10)
        assert result[f"{name}_covariance"].attrs["samples"] == str(y.shape[1])
    assert result.long_covariance.attrs["units"] == "tau"


@pytest.mark.slow
def test_covariances_of_many_units_and_several_networks_are_those_of_their_traces():
    """Matrices in strips, two blocks of samples of which the last is incomplete, and two axes of trials."""
    size, steps = 258, 160
    noises = nz.White(np.linspace(0.5, 2, size)), nz.White(np.ones(size))
    networks = [nz.RateNetwork(np.zeros((size, size)), bias=50.0, noise=noise) for noise in noises]
    probes = [nz.Covariance(), nz.Trace()]
    result = nz.simulate(networks, steps, probes, dt=0.1, solver="euler", key=KEY, runs=2, start=50.0)
    for i in range(2):
        for run in range(2):
            x = result.trace.values[i, run]
            assert result["mean"].values[i, run] == pytest.approx(x.mean(0), rel=1e-12)
            assert result["covariance"].values[i, run] == pytest.approx(np.cov(x.T), rel=1e-9, abs=1e-12)


@pytest.mark.slow
def test_runs_combine_to_the_law_of_the_map():
    """Linear network: equal times and long windows against matrix equations of the Euler map, 4.5 standard errors."""
    linear = nz.RateNetwork(W, 0.5, activation=nz.activations.linear, noise=nz.White(1.0))
    probes = {"short": nz.Covariance(every=5, discard=200), "long": nz.Covariance(400, 200, 400)}
    result = nz.simulate(linear, 4200, probes, dt=0.1, key=KEY, runs=100, start=0.0)
    A = np.eye(N) + 0.1 * (0.5 * W - np.eye(N))
    expected = solve_discrete_lyapunov(A, 0.1 * np.eye(N))
    each = result.short_second_moment.values
    assert (np.abs(each.mean(0) - expected) < 4.5 * each.std(0) / 10).all()
    G = np.linalg.inv(np.eye(N) - 0.5 * W)
    each = result.long_covariance.values
    within = 4.5 * each.std(0) / 10 + 0.1 * np.abs(G @ G.T).max()  # windows are 40 time constants, not infinite
    assert (np.abs(each.mean(0) - G @ G.T) < within).all()


@pytest.mark.slow
def test_the_probe_accepts_binary_networks():
    network = nz.Boltzmann(2 * W, noise=nz.White(1.0))
    result = nz.simulate(network, 100, {"c": nz.Covariance(every=4, window=4), "x": nz.Trace()}, key=KEY)
    y = result.x_trace.values[0].reshape(25, 4, N).mean(1)
    assert result.c_covariance[0].values == pytest.approx(4 * np.cov(y.T), abs=1e-12)
    assert result.c_covariance.attrs["units"] == "step"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: nz.Covariance(0), "every 0"),
        (lambda: nz.Covariance(discard=-1), "discard -1"),
        (lambda: nz.Covariance(3, window=4), "windows that do not overlap"),
        (lambda: nz.Covariance(of="voltage"), "current or rate"),
        (lambda: nz.simulate(NETWORK, 10, nz.Covariance(10), dt=0.1, key=KEY), "two samples"),
        (lambda: nz.simulate(nz.Boltzmann(W), 10, nz.Covariance(of="rate"), key=KEY), "Boltzmann has no rates"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
