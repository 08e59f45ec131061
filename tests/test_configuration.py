"""Every result has the configuration from which it was computed."""

import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette import analysis, tasks, training
from noisette.networks import Map, TaskNetwork
from noisette.provenance import described, digest, network_entries
from noisette.studies import load, save

KEY = jax.random.key(5)
W = np.array([[0.0, 0.8, -0.2], [0.4, 0.0, 0.3], [-0.6, 0.1, 0.0]])
NOISY = nz.RateNetwork(W, 1.5, tau=[1.0, 2.0, 1.0], bias=0.1, noise=nz.OrnsteinUhlenbeck(0.2, 3.0))
FROZEN = NOISY.with_noise(nz.Frozen(0.5))
QUIET = NOISY.with_noise(None)
TASK, TRAINED = tasks.DMS(), TaskNetwork.random(5, key=KEY)
ERF = nz.activations.erf
SPEED = {"duration": 20, "dt": 0.1, "key": KEY}

RESULTS = {
    "simulate": lambda: nz.simulate(NOISY, **SPEED),
    "lyapunov_spectrum": lambda: nz.lyapunov_spectrum(NOISY, 2, discard=5, **SPEED),
    "find_fixed_points": lambda: nz.find_fixed_points(FROZEN, 3, key=KEY),
    "step_audit": lambda: nz.step_audit(NOISY, 0.1, duration=5, key=KEY),
    "driven_states": lambda: analysis.driven_states(NOISY, np.sin(np.arange(50)), 0.1, key=KEY),
    "slow_points": lambda: analysis.slow_points(QUIET, np.zeros((1, 3)), duration=2),
    "modes": lambda: analysis.modes(QUIET, np.zeros(3)),
    "connectivity": lambda: analysis.connectivity(TRAINED),
    "predicted_covariance": lambda: nz.theory.predicted_covariance(nz.RateNetwork(W, 0.3, noise=nz.Frozen(0.5))),
    "run_trials": lambda: training.run_trials(TRAINED, TASK, 2, key=KEY),
    "test": lambda: training.test(TRAINED, TASK, trials=2, key=KEY),
    "delay_state": lambda: analysis.delay_state(TRAINED, TASK, trials=2, key=KEY),
    "resonance": lambda: nz.resonance(nz.Boltzmann(W), [1.0], 10),
    "sampled_divergence": lambda: analysis.sampled_divergence(nz.Boltzmann(W), [1.0], 10, runs=2),
}
DRAWN = (
    "simulate",
    "lyapunov_spectrum",
    "find_fixed_points",
    "step_audit",
    "driven_states",
    "run_trials",
    "test",
    "delay_state",
)


@pytest.mark.slow
@pytest.mark.parametrize("name", RESULTS)
def test_results_name_the_network_and_the_key(name):
    result = RESULTS[name]()
    made = json.loads(result.attrs["configuration"])
    network = made["network"]["each"][0] if "each" in made["network"] else made["network"]
    assert {"type", "size", "weights"} <= network.keys()
    if network["type"] == "RateNetwork":
        assert network["weights"] == W.tolist()
        assert {"gain", "tau", "bias", "noise", "activation"} <= network.keys()
        assert network["activation"] == "noisette.activations.tanh"
    if name in DRAWN:
        assert made["key"] == jax.random.key_data(KEY).tolist()
    assert len(result.attrs["configuration"]) < 10_000


@pytest.mark.slow
@pytest.mark.parametrize(
    "result",
    [
        lambda: nz.chaos_curve(
            [W], [0.5, 1.5], activation=nz.activations.erf, noise=nz.White(0.3), duration=2, discard=1
        ),
        lambda: nz.simulated_correlations(nz.activations.erf, 0.5, nz.White(0.3), 5, networks=2, draws=2, discard=1.0),
    ],
    ids=["chaos_curve", "simulated_correlations"],
)
def test_curves_name_activation_noise_and_seed(result):
    made = json.loads(result().attrs["configuration"])
    assert made["activation"] == "noisette.activations.erf"
    assert made["noise"] == {"type": "White", "strength": 0.3}
    assert made["key"] == 0
    assert "weights" in made


@pytest.mark.slow
def test_a_simulation_is_reproduced_from_its_configuration(tmp_path):
    first = nz.simulate(NOISY, probes=nz.Speed(), runs=2, start="uniform", **SPEED)
    made = json.loads(load(save(first, tmp_path / "first.nc")).attrs["configuration"])
    about = made["network"]
    assert (about.pop("type"), about.pop("size")) == ("RateNetwork", 3)
    noise = about.pop("noise")
    assert noise.pop("type") == "OrnsteinUhlenbeck"
    module, _, name = about.pop("activation").rpartition(".")
    assert module == "noisette.activations"
    network = nz.RateNetwork(
        about.pop("weights"), activation=getattr(nz.activations, name), noise=nz.OrnsteinUhlenbeck(**noise), **about
    )
    key = jax.random.wrap_key_data(jnp.asarray(made["key"], jnp.uint32))
    timing = {name: made[name] for name in ("steps", "dt", "solver", "start", "runs", "inputs")}
    again = nz.simulate(network, probes=nz.Speed(), key=key, **timing)
    np.testing.assert_array_equal(again.final, first.final)
    np.testing.assert_array_equal(again.kinetic_energy, first.kinetic_energy)
    assert again.attrs["configuration"] == first.attrs["configuration"]


def test_networks_are_described_by_common_and_differing_parameters():
    large = np.random.default_rng(0).standard_normal((40, 40))
    base = nz.RateNetwork(large)
    made = network_entries([nz.Onsager(base.with_gain(g), 0.5) for g in (1.0, 2.0)])
    assert made["networks"] == 2
    inner = made["network"]["network"]
    assert made["network"]["gamma"] == 0.5
    assert inner["gain"] == {"each": [1.0, 2.0]}
    assert inner["weights"] == {"shape": [40, 40], "sha256": digest(large)}
    other = network_entries(nz.RateNetwork(large + 1e-9))["network"]["weights"]
    assert other["sha256"] != digest(large)


def test_functions_are_described_by_name_and_by_their_code():
    def scaled(factor):
        return lambda x: factor * x

    two, three = network_entries(Map(scaled(2.0), 1)), network_entries(Map(scaled(3.0), 1))
    assert two["network"]["function"]["encloses"] == {"factor": 2.0}
    assert two != three
    square, cube = described(lambda x: x**2), described(lambda x: x**3)
    assert square["sha256"] != cube["sha256"]
    assert described(lambda x: x**2)["sha256"] == square["sha256"]


def test_parameters_that_json_cannot_represent_are_text():
    made = described(
        {"inf": np.inf, "nan": [np.nan], "key": jax.random.key(7), "threshold": nz.activations.Threshold(0.5)}
    )
    assert made == {"inf": "inf", "nan": ["nan"], "key": [0, 7], "threshold": {"type": "Threshold", "theta": 0.5}}
    json.dumps(made, allow_nan=False)
