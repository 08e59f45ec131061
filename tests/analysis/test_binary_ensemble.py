import numpy as np
import pytest

import noisette as nz
from noisette.analysis import binary_ensemble
from noisette.analysis._binary_ensemble import SIMULATED, _ensemble, _exact, _Simulated
from noisette.errors import InputError
from noisette.keys import as_key
from noisette.theory import markov

BETA = np.array([0.2, 0.4, 0.8, 1.0, 1.2])
# entropy production per unit (nat) of simulated networks of 32 units, published without errors
PUBLISHED = np.array([0.0096, 0.0369, 0.1280, 0.1788, 0.2188])
OPTIONS = {"bias": [0.2, -0.4], "bias_std": 0.5}


def networks(count, size=5, gain=1.5, mean=0.5, std=1.0, noise=0.7, key=4):
    """Return the networks of the ensemble of `OPTIONS`."""
    ensemble = _ensemble(size, mean, std, {**OPTIONS, "start": 1.0}, as_key(key))
    return ensemble.networks(gain, noise, 0, count)


def test_exact_values_are_those_of_the_chain():
    data = binary_ensemble(1.5, 5, 0.5, 1.0, 0.7, key=4, networks=3, **OPTIONS)
    members = networks(3)
    exact = [markov.measures(network, estimator="stationary") for network in members]
    assert float(data.entropy) == pytest.approx(np.mean([m.entropy for m in exact]) / 5)
    assert float(data.information) == pytest.approx(np.mean([m.information for m in exact]) / 5)
    assert float(data.conditional_entropy) == pytest.approx(np.mean([m.divergence for m in exact]) / 5)
    production = [markov.entropy_production(network) / 5 for network in members]
    assert float(data.entropy_production) == pytest.approx(np.mean(production))
    assert float(data.entropy_production_se) == pytest.approx(np.std(production, ddof=1) / np.sqrt(3))


def test_exact_averages_over_units():
    """Means of units, of single-unit entropies and of products of successive states, from the joint distribution."""
    data = binary_ensemble(1.5, 4, 0.5, 1.0, 0.7, key=4, networks=2, **OPTIONS)
    columns = []
    every = nz.codes.states(4)
    for network in networks(2, size=4):
        joint = markov.joint(network, estimator="stationary")
        means = joint.sum(1) @ every
        up = (1 + means) / 2
        single = -(up * np.log2(up) + (1 - up) * np.log2(1 - up)).mean()
        product = sum(joint[a, b] * np.mean(every[a] * every[b]) for a in range(16) for b in range(16))
        columns.append([means.mean(), np.mean(means**2), product, single])
    names = ("magnetisation", "overlap", "autocorrelation", "unit_entropy")
    for name, expected in zip(names, np.mean(columns, 0), strict=True):
        assert float(data[name]) == pytest.approx(expected), name
    assert float(data.unit_information) == pytest.approx(float(data.unit_entropy - data.conditional_entropy))


def test_weights_and_biases_have_the_stated_moments():
    member = networks(1, size=200, gain=1.5, mean=3.0, std=2.0, key=1)[0]
    weights, biases = np.asarray(member.weights), np.asarray(member.bias)
    # four standard errors of the mean of 40 000 weights, and of the means of 100 biases
    assert weights.mean() * 200 == pytest.approx(4.5, abs=4 * 3.0 * np.sqrt(200) / 200)
    assert weights.var() * 200 == pytest.approx(9.0, rel=4 * np.sqrt(2) / 200)
    assert np.corrcoef(weights.ravel(), weights.T.ravel())[0, 1] == pytest.approx(0, abs=4 / 200)
    assert (biases[:100].mean(), biases[100:].mean()) == pytest.approx((0.2, -0.4), abs=4 * 0.5 / 10)


@pytest.mark.slow
def test_simulated_networks_agree_with_their_exact_chains():
    ensemble = _ensemble(6, 0.5, 1.0, {**OPTIONS, "start": 1.0}, as_key(4))
    difference = _Simulated(400, 50, 1)(ensemble, 1.5, 0.7, 0, 60)
    difference = difference - _exact(ensemble, 1.5, 0.7, 0, 60)[:, : len(SIMULATED)]
    error = difference.std(0, ddof=1) / np.sqrt(60)
    assert (np.abs(difference.mean(0)) < 4 * error).all()  # once in 3000 seeds
    assert (error < 0.01).all()


@pytest.mark.slow
def test_published_simulations_of_32_units():
    data = binary_ensemble(2 * BETA, 32, 1.0, 0.5, networks=60, steps=400, every=2, key=2)
    ours, error = (data[name].values * np.log(2) for name in ("entropy_production", "entropy_production_se"))
    # published to four digits without errors, which are taken to be those of as many networks: once in 3000 seeds
    assert (np.abs(ours - PUBLISHED) < 4 * np.sqrt(2) * error + 0.5e-4).all()
    theory = nz.theory.binary_mean_field(2 * BETA, 1.0, 0.5).entropy_production.values * np.log(2)
    assert (ours[2:] < theory[2:] - 8 * error[2:]).all()  # finite networks produce less entropy


@pytest.mark.slow
def test_grid_progress_and_labels():
    calls = []
    data = binary_ensemble(
        [0.5, 1.0], 20, noise=[0.0, 1.0], networks=2, steps=5, discard=1, progress=lambda *done: calls.append(done)
    )
    assert data.entropy_production.dims == ("gain", "noise")
    assert calls[-1] == (8, 8)
    assert data.attrs["method"] == "simulated"
    assert "information" not in data
    assert data.conditional_entropy.attrs["units"] == "bit"
    assert set(data.data_vars) <= {f"{name}{end}" for name in markov.QUANTITIES for end in ("", "_se")}


def test_without_weights_simulations_are_exact():
    data = binary_ensemble(0.0, 16, bias=1.0, networks=2, steps=5, discard=1)
    theory = nz.theory.binary_mean_field(0.0, bias=1.0)
    assert float(data.conditional_entropy) == pytest.approx(float(theory.conditional_entropy), abs=1e-12)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 13, "method": "exact"}, "13 units for the exact method; at most 12 units; use method simulated"),
        ({"size": 0}, "size 0"),
        ({"size": 4, "networks": 1}, "networks 1; an integer of at least 2"),
        ({"size": 4, "steps": 0}, "steps 0"),
        ({"size": 4, "gain": -1.0}, "gain -1"),
        ({"size": 4, "std": -1.0}, "std -1"),
        ({"size": 4, "bias": [[1.0]]}, "bias of shape"),
        ({"size": 4, "start": 2.0}, "start 2"),
        ({"size": 4, "network": 2}, "network"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(InputError, match=message):
        binary_ensemble(**{"gain": 1.0, **arguments})
