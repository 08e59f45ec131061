"""Covariances of one given network: methods by noise and validity, and agreement of theory and simulation."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.analysis import network_correlations
from noisette.errors import InputError

W = nz.weights.gaussian(60, 60**-0.5, key=jax.random.key(2))


def test_theory_is_used_in_frozen_noise_where_it_is_valid():
    data = network_correlations(W, [0.3, 0.5])
    network = nz.RateNetwork(W, 0.5, noise=nz.Frozen(1.0))
    expected = nz.theory.predicted_covariance(network, sites="own")
    assert data.valid.all()
    assert data.method == "mean-field"
    assert "simulated_variance" not in data
    assert float(data.variance[1]) == float(expected.variance)
    assert "valid at every gain" in data.reason


@pytest.mark.slow
def test_other_noise_is_simulated():
    data = network_correlations(W, 0.5, nz.White(1.0), draws=100)
    assert data.method == "simulated"
    assert not data.valid.any()
    assert np.isnan(data.variance).all()
    assert "requires frozen noise" in data.reason
    # a linear bound: the variance exceeds that of isolated units, σ²/2 in continuous time
    assert float(data.simulated_variance[0]) > 0.5


@pytest.mark.slow
def test_theory_and_simulation_agree():
    data = network_correlations(W, 0.5, method="both", draws=400, key=1)
    for name in ("variance", "participation_dimension"):
        difference = abs(float(data[name][0] - data[f"simulated_{name}"][0]))
        # four standard errors (false-alarm rate 6e-5 each), and the 5 % within which the theory of 60 units is valid
        assert difference < 4 * float(data[f"simulated_{name}_se"][0]) + 0.05 * float(data[name][0])


@pytest.mark.slow
def test_beyond_the_validity_of_the_theory_runs_are_simulated():
    data = network_correlations(W, [0.5, 3.0], draws=50)
    assert data.valid.values.tolist() == [True, False]
    assert np.isnan(data.simulated_variance[0])
    assert np.isfinite(data.simulated_variance[1])
    assert data.reason.startswith("Simulated at gain 3:")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"method": "guess"}, "method 'guess'"),
        ({"method": "theory", "noise": nz.White(1.0)}, "not frozen"),
        ({"activity": "voltage"}, "activity 'voltage'"),
        ({"gain": []}, "gain of shape"),
    ],
)
def test_invalid_input_is_refused(options, message):
    with pytest.raises(InputError, match=message):
        network_correlations(W, **options)
