"""A result contains its call, from which `rerun` makes the same result bit by bit; other records are refused."""

import json

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr

import noisette as nz
from noisette import analysis, tasks, training
from noisette.errors import InputError
from noisette.networks import Map, TaskNetwork
from noisette.studies import load, save

KEY = jax.random.key(5)
W = np.array([[0.0, 0.8, -0.2], [0.4, 0.0, 0.3], [-0.6, 0.1, 0.0]])
LARGE = np.random.default_rng(0).standard_normal((40, 40)) / 6
RATE = nz.RateNetwork(W, 1.5, tau=[1.0, 2.0, 1.0], bias=0.1, noise=nz.OrnsteinUhlenbeck(0.2, 3.0) + nz.White(0.1))
BINARY = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(1.0))
TANH, ERF = nz.activations.tanh, nz.activations.erf
TIME = {"duration": 2.0, "dt": 0.1, "key": KEY}
TRAINED = TaskNetwork.random(5, key=KEY)
POINTS = np.random.default_rng(1).standard_normal((4, 12, 3))
SIGNAL = np.random.default_rng(2).uniform(-1, 1, 200)
DELAYED = np.stack([np.roll(SIGNAL, 1), np.roll(SIGNAL, 2)], 1)
GROUPS = {"C = 0": [1.0, 2.0, 3.0, 4.0], "C = 10": [2.0, 3.0, 4.0, 7.0]}
PAIRED = {
    channels: xr.DataArray(values, {"network": [3, 5, 6, 9]}, "network", attrs={"seed": 1})
    for channels, values in zip((0, 10), GROUPS.values(), strict=True)
}


class Hum(nz.noise.Noise):
    """A noise of the user's own."""

    strength: float = 1.0

    def sample(self, state, time, size, *, key, dt=1.0):
        return self.strength * jnp.sqrt(dt) * jnp.cos(time) * jnp.ones(size), state

    def scaled(self, factor):
        return Hum(factor * self.strength)


RECORDING = np.random.default_rng(0).standard_normal((120, 2))  # few enough values to be recorded
RECORDING = RECORDING[1:] + 0.8 * RECORDING[:-1]
RESULTS = {
    "probes": lambda: nz.simulate(RATE, probes=[nz.Trace(2), nz.Covariance()], runs=2, start="uniform", **TIME),
    "names of probes": lambda: nz.simulate(RATE, probes={"a": nz.Trace(), "b": nz.Trace(5)}, **TIME),
    "inputs": lambda: nz.simulate(RATE, inputs=np.sin(np.arange(20.0)), **TIME),
    "networks": lambda: nz.simulate([RATE, RATE.with_gain(0.5)], **TIME),
    "Onsager": lambda: nz.simulate(nz.Onsager(RATE, nz.Ramp(0, 1, begin=0, end=1)), **TIME),
    "solver": lambda: nz.simulate(RATE.with_noise(None), solver=nz.Adaptive(1e-9), **TIME),
    "raw key": lambda: nz.simulate(BINARY, 10, key=jax.random.PRNGKey(3)),
    "own noise": lambda: nz.simulate(RATE.with_noise(Hum(0.5)), **TIME),
    "drawn weights": lambda: nz.simulate(nz.RateNetwork(nz.weights.gaussian(50, 0.1, key=KEY)), **TIME),
    "weights by word": lambda: nz.simulate(nz.RateNetwork(nz.weights.from_string("ei:balanced:40:3")), **TIME),
    "resonance": lambda: nz.resonance(BINARY, range(0, 60, 20), 50),
    "sampled resonance": lambda: nz.resonance(BINARY, [1, 2.5], 20, estimator="single-run", runs=3, key=1),
    "noise_effect": lambda: nz.noise_effect(BINARY, [0.0, 4.0, 50.0], steps=50).data,
    "lyapunov_spectrum": lambda: nz.lyapunov_spectrum(RATE, 2, discard=1.0, **TIME),
    "mean_field": lambda: nz.theory.mean_field(TANH, [0.5, 0.8], nz.White(0.5)),
    "autocovariance": lambda: nz.theory.autocovariance(TANH, 0.8, nz.White(0.5), np.arange(3.0)),
    "theory.correlations": lambda: nz.theory.correlations(ERF, [0.5, 0.8], nz.Frozen(1.0), 100),
    "compare_groups": lambda: analysis.compare_groups(GROUPS | {"C = 5": [9.0, 8.0, 7.0, 6.0]}, resamples=100, key=KEY),
    "paired groups": lambda: analysis.compare_groups(PAIRED),
    "compare_counts": lambda: analysis.compare_counts({"C = 0": (5, 10), "C = 10": (9, 10)}),
    "compare_times": lambda: analysis.compare_times(GROUPS, {name: [True] * 4 for name in GROUPS}),
    "embed": lambda: analysis.embed(POINTS, components=2, every=1),
    "pca": lambda: analysis.pca(xr.DataArray(POINTS, {"time": np.arange(12.0)}, ("trial", "time", "unit")), 2),
    "clusters": lambda: analysis.clusters(analysis.embed(POINTS, components=2, every=1), 3, key=4),
    "cluster_separation": lambda: analysis.cluster_separation(POINTS, [0, 0, 1, 1], 1, key=0),
    "memory_curve": lambda: analysis.memory_curve(DELAYED, SIGNAL, [1, 2], washout=0, split=(80, 40, 40)),
    "total_capacity": lambda: analysis.total_capacity(DELAYED, SIGNAL, 3, washout=0),
    "simulated_switching": lambda: nz.simulated_switching(BINARY, 7.0, 5, runs=20, key=3).data,
    "kinetic_ising": lambda: analysis.kinetic_ising(np.sign(RECORDING), penalty=1.0),
    "linear_network": lambda: analysis.linear_network(RECORDING, dt=0.5),
    "power_law_phases": lambda: nz.theory.power_law_phases([0.5, 2.0]),
}
SLOW = {
    "effective_gain": lambda: analysis.effective_gain(RECORDING[:108].reshape(9, 6, 4), networks=10, dt=0.5, key=KEY),
    "chaos_curve": lambda: nz.chaos_curve([W], [0.5, 1.5], noise=nz.White(0.3), activation=ERF, duration=2, discard=1),
    "correlations": lambda: nz.correlations(ERF, 0.5, nz.Frozen(1.0), 20, simulate=True, networks=2, draws=5),
    "ensemble": lambda: nz.chaos_curve(nz.weights.ensemble("gaussian:40"), [1.5], networks=2, duration=2, discard=1),
    "find_fixed_points": lambda: nz.find_fixed_points(RATE.with_noise(nz.Frozen(0.5)), 3, key=KEY),
    "step_audit": lambda: nz.step_audit(RATE, 0.1, duration=5, key=KEY),
    "driven_states": lambda: analysis.driven_states(RATE, np.sin(np.arange(50)), 0.1, key=KEY),
    "slow_points": lambda: analysis.slow_points(RATE.with_noise(None), np.zeros((1, 3)), duration=2),
    "modes": lambda: analysis.modes(RATE.with_noise(None), np.zeros(3)),
    "connectivity": lambda: analysis.connectivity(TRAINED),
    "predicted_covariance": lambda: nz.theory.predicted_covariance(nz.RateNetwork(W, 0.3, noise=nz.Frozen(0.5))),
    "run_trials": lambda: training.run_trials(TRAINED, tasks.DMS(), 2, key=KEY),
    "test": lambda: training.test(TRAINED, tasks.DMS(), trials=2, key=KEY),
    "delay_state": lambda: analysis.delay_state(TRAINED, tasks.DMS(delay=100.0), trials=2, key=KEY),
    "perturb": lambda: analysis.perturb(TRAINED, tasks.DMS(), np.eye(5)[:2], 0.1, trials=2, key=0),
    "sampled_divergence": lambda: analysis.sampled_divergence(nz.Boltzmann(W), [1.0], 10, runs=2),
}


def same(first, second):
    """Return whether two results have the same bits, labels and attributes."""
    names = first.variables if isinstance(first, xr.Dataset) else first.coords
    bits = all(first[name].values.tobytes() == second[name].values.tobytes() for name in names)
    return bits and first.identical(second)


@pytest.mark.filterwarnings("ignore::noisette.errors.StepSizeWarning", "ignore::noisette.errors.TransientWarning")
@pytest.mark.parametrize("name", [*RESULTS, *(pytest.param(name, marks=pytest.mark.slow) for name in SLOW)])
def test_the_same_call_gives_the_same_bits(name, tmp_path):
    result = (RESULTS | SLOW)[name]()
    again = nz.rerun(result)
    assert same(again if isinstance(again, type(result)) else again.data, result)
    if isinstance(result, xr.Dataset):
        loaded = nz.rerun(load(save(result, tmp_path / "result.nc")))
        assert same(getattr(loaded, "data", loaded), result)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::noisette.errors.StepSizeWarning")
@pytest.mark.parametrize("name", RESULTS)
def test_the_configuration_is_complete_and_coordinates_have_units(name):
    result = RESULTS[name]()
    configuration, call = json.loads(result.attrs["configuration"]), json.loads(result.attrs["call"])
    assert call["arguments"].keys() - configuration.keys() <= {"warn", "duration"}
    for coordinate in result.coords.values():
        assert coordinate.attrs["long_name"]
        assert coordinate.dtype.kind == "U" or "units" in coordinate.attrs


@pytest.mark.slow
def test_times_have_the_unit_of_the_network():
    traces = {
        "tau": nz.simulate(RATE, probes=[nz.Trace(), nz.Autocovariance(3)], **TIME),
        "ms": nz.simulate(TRAINED, duration=20, dt=5, probes=[nz.Trace(), nz.Autocovariance(3)], key=0),
        "step": nz.simulate(BINARY, 10, [nz.Trace()], key=0),
    }
    for unit, data in traces.items():
        assert {data[name].attrs["units"] for name in ("time", "lag") if name in data.coords} == {unit}


def test_large_weights_are_checked_by_their_digest():
    result = nz.simulate(nz.RateNetwork(LARGE), **TIME)
    with pytest.raises(InputError, match=r"records weights by a digest only .*nz.rerun\(result, weights=…\)"):
        nz.rerun(result)
    for given in ({"weights": LARGE}, {"weights": LARGE.tolist()}, {"network": nz.RateNetwork(LARGE)}):
        assert same(nz.rerun(result, **given), result)
    changed = LARGE.copy()
    changed[3, 4] += 1e-15
    for wrong in ({"weights": changed}, {"network": nz.RateNetwork(changed)}, {"network": nz.RateNetwork(LARGE, 2.0)}):
        with pytest.raises(InputError, match=r"differs from that of the result"):
            nz.rerun(result, **wrong)


def test_weights_that_were_changed_after_they_were_drawn_are_not_drawn_again():
    matrix = nz.weights.gaussian(40, 0.1, key=KEY)
    matrix[0, 1], matrix[0, 2] = matrix[0, 2], matrix[0, 1]
    result = nz.simulate(nz.RateNetwork(matrix), **TIME)
    with pytest.raises(InputError, match="digest"):
        nz.rerun(result)
    assert same(nz.rerun(result, weights=matrix), result)


def test_functions_of_the_user_are_given_again():
    own = lambda x: jnp.tanh(2 * x)  # noqa: E731
    result = nz.simulate(nz.RateNetwork(W, activation=own), **TIME)
    with pytest.raises(InputError, match=r"records activation by a digest"):
        nz.rerun(result)
    assert same(nz.rerun(result, activation=own), result)
    with pytest.raises(InputError, match="activation differs"):
        nz.rerun(result, activation=lambda x: jnp.tanh(3 * x))
    network = Map(own, 3)
    mapped = nz.simulate(network, 5, key=0)
    assert same(nz.rerun(mapped, network=network), mapped)


@pytest.mark.slow
def test_trained_networks_are_recorded_with_their_network(tmp_path):
    file = training.save(TRAINED, tmp_path / "network.npz")
    result = nz.simulate(training.load(file), duration=20, dt=5, key=0)
    assert same(nz.rerun(result), result)
    assert same(nz.rerun(result, network=training.load(file)), result)


def test_large_labelled_arrays_are_given_again_with_their_labels():
    states = xr.DataArray(np.tile(DELAYED, (3, 2)), {"time": np.arange(600.0)}, ("time", "unit"))
    result = analysis.pca(states, 2)
    with pytest.raises(InputError, match=r"records trajectories by a digest only"):
        nz.rerun(result)
    assert same(nz.rerun(result, trajectories=states), result)
    with pytest.raises(InputError, match="trajectories differs"):
        nz.rerun(result, trajectories=states.values)


@pytest.mark.slow
def test_rerun_of_a_noise_effect_returns_a_noise_effect():
    effect = nz.noise_effect(BINARY, [0.0, 4.0, 50.0], steps=50)
    again = nz.rerun(effect)
    assert (again.optimum, again.helps, str(again)) == (effect.optimum, effect.helps, str(effect))


RECORD = json.loads(nz.theory.mean_field(TANH, 0.5).attrs["call"])


@pytest.mark.parametrize(
    "change",
    [
        {"function": "os:system"},
        {"function": "noisette.cli.run:command"},
        {"function": "noisette.theory:markov"},
        {"function": 5},
        {"arguments": None},
        {"arguments": {"activation": {"function": "os:_exit"}, "gain": 0.5}},
        {"arguments": {"activation": {"function": "noisette.imports:import_object"}, "gain": 0.5}},
        {"arguments": {"activation": {"object": "subprocess:Popen", "fields": {}}, "gain": 0.5}},
        {"arguments": {"activation": {"reader": "x"}, "gain": 0.5}},
        {"arguments": {"activation": {"made_by": {"function": "os:abort", "arguments": {}}}, "gain": 0.5}},
        {"arguments": {"gain": {"array": {"made_by": {"function": "noisette.weights:load", "arguments": {}}}}}},
        {
            "arguments": {
                "gain": {
                    "made_by": {
                        "function": "noisette.weights:ensemble_of_word",
                        "arguments": {"text": "os:abort", "seed": 0},
                    }
                }
            }
        },
    ],
)
def test_records_run_no_code_but_that_of_the_package(change):
    data = xr.Dataset(attrs={"call": json.dumps(RECORD | change)})
    with pytest.raises(InputError) as error:
        nz.rerun(data)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("result", [5, None, "x", xr.Dataset(), xr.Dataset(attrs={"call": "{"}), {"call": "x"}])
def test_other_objects_are_refused(result):
    with pytest.raises(InputError, match=r"call"):
        nz.rerun(result)


def test_unused_objects_are_refused():
    with pytest.raises(InputError, match=r"rerun with weights; the call has the arguments activation, gain"):
        nz.rerun(nz.theory.mean_field(TANH, 0.5), weights=LARGE)


@pytest.mark.slow
def test_only_the_outermost_call_is_recorded():
    calls = []

    class Spy(eqx.Module):
        def __call__(self, x):
            calls.append(x)
            return jnp.tanh(x)

    data = nz.lyapunov_spectrum(nz.RateNetwork(W, activation=Spy()), 1, discard=1.0, **TIME)
    assert json.loads(data.attrs["call"])["function"] == "noisette.analysis:lyapunov_spectrum"
    assert calls
