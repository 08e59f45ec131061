import numpy as np
import pytest

import noisette as nz
from noisette.analysis import reliability

SIZE = 5
W = np.asarray(nz.weights.gaussian(SIZE, 0.2, key=1))
SETTINGS = {"duration": 250, "discard": 50, "dt": 0.1, "key": 0, "warn": False}


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["white", "ou"])
def test_linear_networks_have_the_share_of_the_stimulus(kind):
    """R = σ²/(σ² + σ'²) if both noises have the same spectrum. False-alarm rate: six values at 5.5 s.e. of 40, 2e-5."""
    noise = nz.White(1.0) if kind == "white" else nz.OrnsteinUhlenbeck(1.0, 2.0)
    network = nz.RateNetwork(W, activation=nz.activations.linear, noise=2.0 * noise)
    data = reliability(network, 1.5 * noise, trials=6, stimuli=40, **SETTINGS)
    exact = 4 / (4 + 2.25)
    assert abs(float(data.total_reliability) - exact) < 5.5 * float(data.total_reliability_se)
    assert float(data.total_reliability_se) < 0.02
    assert (np.abs(data.reliability - exact) < 5.5 * data.reliability_se).all()


@pytest.mark.slow
def test_responses_are_identical_where_trajectories_meet():
    network = nz.RateNetwork(W, noise=nz.White(1.0))
    data = reliability(network, trials=3, stimuli=2, **SETTINGS)
    np.testing.assert_allclose(data.reliability, 1.0, atol=1e-6)


@pytest.mark.slow
def test_responses_differ_in_chaos_and_are_independent_without_a_stimulus():
    """False-alarm rate of the second: Student's t with 19 degrees of freedom beyond 6, 9e-6."""
    network = nz.RateNetwork(np.asarray(nz.weights.gaussian(50, 50**-0.5, key=2)), 4.0)
    driven = reliability(network.with_noise(nz.White(1.0)), trials=4, stimuli=4, **SETTINGS)
    assert 0 < float(driven.total_reliability) < 0.9
    silent = reliability(network.with_noise(nz.White(0.0)), nz.White(0.5), trials=4, stimuli=20, **SETTINGS)
    assert abs(float(silent.total_reliability)) < 6 * float(silent.total_reliability_se)


@pytest.mark.slow
def test_boltzmann_units_have_private_thresholds():
    """R = E[tanh²(η/2)] of one unit without weights, η ~ N(0, r²). False-alarm rate: 6 s.e. of 40 stimuli, 5e-7."""
    strength = 3.0
    unit = nz.Boltzmann([[0.0]], noise=nz.White(strength))
    data = reliability(unit, trials=10, stimuli=40, duration=600, discard=0, key=0)
    z, w = np.polynomial.hermite_e.hermegauss(80)
    exact = w @ np.tanh(strength * z / 2) ** 2 / w.sum()
    assert abs(float(data.total_reliability) - exact) < 6 * float(data.total_reliability_se)
    private = reliability(unit, nz.White(3.0), trials=10, stimuli=10, duration=600, discard=0, key=0)
    assert float(private.total_reliability) < exact - 0.1


@pytest.mark.slow
def test_outputs_are_those_of_the_readout_or_of_chosen_units():
    network = nz.RateNetwork(W, noise=nz.White(1.0), readout=np.ones((2, SIZE)))
    options = {"trials": 2, "stimuli": 2, **SETTINGS, "duration": 60}
    assert reliability(network, nz.White(0.5), **options).sizes["output"] == 2
    assert reliability(network, nz.White(0.5), units=[0, 3, 4], **options).sizes["output"] == 3


@pytest.mark.slow
def test_the_call_is_recorded():
    network = nz.RateNetwork(W, noise=nz.White(1.0))
    data = reliability(network, nz.White(1.0), **{**SETTINGS, "duration": 60})
    assert float(nz.rerun(data).total_reliability) == float(data.total_reliability)


@pytest.mark.parametrize(
    ("noise", "options", "message"),
    [
        (None, {}, "without noise"),
        (nz.White(1.0), {"trials": 1}, "at least two"),
        (nz.White(1.0), {"stimuli": 1}, "at least two"),
        (nz.White(1.0), {"discard": 300}, "discard"),
        (nz.White(1.0), {"private": 0.5}, "nz.White"),
    ],
)
def test_wrong_arguments_are_refused(noise, options, message):
    with pytest.raises(nz.InputError, match=message):
        reliability(nz.RateNetwork(W, noise=noise), **{**SETTINGS, **options})
