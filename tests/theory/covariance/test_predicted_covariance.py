"""Linear equivalence: the covariance of one network, entry by entry."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette import activations
from noisette.errors import InputError
from noisette.theory.covariance._one_network import predicted_covariance

SIZE = 200
W = nz.weights.gaussian(SIZE, SIZE**-0.5, key=jax.random.key(0))
PAIRS = np.triu_indices(SIZE, 1)


def settled(W, gain, phi, bias=0.0, draws=4000):
    """Return fixed points of many draws of frozen noise of variance 1, by relaxation."""
    noise = np.random.default_rng(0).standard_normal((draws, len(W)))
    x = np.zeros_like(noise)
    for _ in range(200):
        x = (x + gain * phi(x) @ W.T + bias + noise) / 2
    return x


@pytest.mark.parametrize("sites", ["alike", "own"])
@pytest.mark.parametrize("activity", ["current", "rate"])
def test_linear_networks_exactly(sites, activity):
    network = nz.RateNetwork(W, 0.6, activation=activations.linear, noise=nz.Frozen(0.7))
    result = predicted_covariance(network, activity=activity, sites=sites)
    G = np.linalg.inv(np.eye(SIZE) - 0.6 * W)
    np.testing.assert_allclose(result.covariance, 0.49 * G @ G.T, rtol=1e-9, atol=1e-9)
    assert float(result.effective_gain) == pytest.approx(0.6, rel=0.05)


@pytest.mark.slow
def test_tanh_entry_by_entry():
    x = settled(W, 1.2, np.tanh)
    for activity, y in (("current", x), ("rate", np.tanh(x))):
        measured = (y.T @ y / len(y))[PAIRS]
        for sites, slope in (("alike", 0.05), ("own", 0.03)):
            result = predicted_covariance(nz.RateNetwork(W, 1.2, noise=nz.Frozen(1.0)), activity=activity, sites=sites)
            predicted = result.covariance.values[PAIRS]
            assert np.corrcoef(measured, predicted)[0, 1] > 0.97  # sampling error alone gives about .985
            assert np.polyfit(predicted, measured, 1)[0] == pytest.approx(1, abs=slope)


@pytest.mark.slow
def test_networks_with_means_and_structure_site_by_site():
    structured = W * np.linspace(0.3, 1.5, SIZE)[:, None]
    network = nz.RateNetwork(structured, 0.7, activation=activations.relu, bias=0.3, noise=nz.Frozen(1.0))
    result = predicted_covariance(network, sites="own")
    x = settled(structured, 0.7, lambda x: np.maximum(x, 0), 0.3, draws=8000)
    measured = np.cov(x.T)
    assert np.corrcoef(measured[PAIRS], result.covariance.values[PAIRS])[0, 1] > 0.95
    assert np.corrcoef(x.mean(0), result["mean"])[0, 1] > 0.995
    np.testing.assert_allclose(np.diag(measured), np.diag(result.covariance), rtol=0.2)


def test_units_of_different_time_constants_and_noise():
    tau, std = np.linspace(0.5, 2, SIZE), np.linspace(1, 2, SIZE)
    network = nz.RateNetwork(W, 0.5, tau=tau, activation=activations.linear, noise=nz.Frozen(std))
    G = np.linalg.inv(np.eye(SIZE) - 0.5 * W)
    expected = (G * (tau * std) ** 2) @ G.T  # τ dx/dt = … + τ ξ: noise is added to dx/dt
    np.testing.assert_allclose(predicted_covariance(network, sites="own").covariance, expected, rtol=1e-8, atol=1e-9)


@pytest.mark.slow
def test_permutation_of_units():
    order = np.random.default_rng(1).permutation(SIZE)
    plain, moved = (
        predicted_covariance(nz.RateNetwork(matrix, 1.1, noise=nz.Frozen(1.0)), sites="own")
        for matrix in (W, W[np.ix_(order, order)])
    )
    np.testing.assert_allclose(plain.covariance.values[np.ix_(order, order)], moved.covariance, atol=1e-7)


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [
        (nz.RateNetwork(W, 0.5, noise=nz.White(1.0)), {}, "not frozen"),
        (nz.RateNetwork(W, 0.5), {}, "without noise"),
        (nz.RateNetwork(W, 1.5, activation=activations.linear, noise=nz.Frozen(1.0)), {}, "self-consistent variance"),
        (nz.RateNetwork(W, 0.5, activation=activations.sigmoid, noise=nz.Frozen(1.0)), {}, "sites='own'"),
        (nz.RateNetwork(W, 0.5, bias=1.0, noise=nz.Frozen(1.0)), {}, "sites='own'"),
        (nz.RateNetwork(W, 0.5, noise=nz.Frozen(1.0)), {"sites": "some"}, "alike or own"),
        (nz.RateNetwork(W, 0.5, noise=nz.Frozen(1.0)), {"activity": "spikes"}, "current or rate"),
        (nz.Boltzmann(W), {}, "RateNetwork"),
    ],
)
def test_invalid_input_is_refused(network, options, message):
    with pytest.raises((InputError, TypeError), match=message):
        predicted_covariance(network, **options)
