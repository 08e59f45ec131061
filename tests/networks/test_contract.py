"""The contract of networks: properties of every network of the package, and refusal of everything else.

Refusals are tested in a separate process, since annotations are checked before every call in this process.
"""

import inspect
import json
import subprocess
import sys
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette import analysis, networks, training
from noisette.keys import as_key
from noisette.networks import ContinuousNetwork, DiscreteNetwork, Discretized, Network, TaskNetwork, as_network

KEY = jax.random.key(0)
N = 6
W = np.random.default_rng(0).standard_normal((N, N)) / np.sqrt(N)
RATE = nz.RateNetwork(W, 0.5, tau=np.linspace(1.0, 2.0, N), noise=nz.White(0.1))
TRAINED = TaskNetwork.random(N, channels=1, noise_channels=2, density=0.7, key=0)
EXAMPLES = {
    nz.Boltzmann: nz.Boltzmann(W, noise=nz.White(0.5)),
    nz.SignNetwork: nz.SignNetwork(W, noise=nz.White(0.5)),
    networks.Map: networks.Map(lambda x: jnp.tanh(W @ x), N, nz.White(0.1)),
    networks.Flow: networks.Flow(lambda x: jnp.sin(W @ x) - x, N, nz.White(0.1)),
    nz.RateNetwork: RATE,
    nz.Onsager: nz.Onsager(RATE, 0.5),
    TaskNetwork: TRAINED,
    Discretized: Discretized(RATE, jnp.asarray(0.1)),
    networks.Euler: networks.Euler(RATE, jnp.asarray(0.1)),
    networks.Heun: networks.Heun(RATE, jnp.asarray(0.1)),
    networks.Milstein: networks.Milstein(RATE, jnp.asarray(0.1)),
    networks.DrivenBinary: networks.DrivenBinary(nz.Boltzmann(W, noise=nz.White(0.5)), jnp.zeros((1, 1))),
}
CONTINUOUS = {kind: network for kind, network in EXAMPLES.items() if isinstance(network, ContinuousNetwork)}
DISCRETE = {kind: network for kind, network in EXAMPLES.items() if isinstance(network, DiscreteNetwork)}
RUNNING = CONTINUOUS | DISCRETE
BINARY = (networks.BinaryNetwork, networks.DrivenBinary)
DIFFERENTIABLE = {k: n for k, n in RUNNING.items() if not isinstance(n, BINARY)}


def timing(network, steps=20):
    """Return the number of steps, and in continuous time a step of a twentieth of the shortest time constant."""
    return {"steps": steps} | ({} if isinstance(network, DiscreteNetwork) else {"dt": network.min_tau / 20})


def subclasses(kind):
    return {kind} | {inner for each in kind.__subclasses__() for inner in subclasses(each)}


def test_all_networks_of_the_package_are_tested():
    package = {kind for kind in subclasses(Network) if kind.__module__.startswith("noisette.")}
    assert {kind for kind in package if not inspect.isabstract(kind)} == EXAMPLES.keys()


@pytest.mark.parametrize("kind", EXAMPLES)
def test_every_network_has_a_size_noise_and_a_unit_of_time(kind):
    network = EXAMPLES[kind]
    assert network.size == N
    assert isinstance(network.noise, nz.noise.Noise)
    assert network.time_unit in ("step", "tau", "ms")
    assert float(network.step_length) == (0.1 if isinstance(network, Discretized) else 1.0)
    assert as_network(network) is network


@pytest.mark.parametrize("kind", EXAMPLES)
def test_starts_are_states_and_follow_from_the_key(kind):
    network = EXAMPLES[kind]
    start = network.start(key=3)
    assert start.shape == (N,)
    np.testing.assert_array_equal(start, network.start(key=jax.random.key(3)))
    np.testing.assert_array_equal(network.start(np.ones(N)), np.ones(N))
    state = network.init(jnp.asarray(start), key=KEY)
    np.testing.assert_array_equal(state.units, start)


@pytest.mark.parametrize("kind", EXAMPLES)
def test_the_noise_of_every_network_can_be_replaced(kind):
    network = EXAMPLES[kind]
    other = network.with_noise(nz.White(0.3))
    assert other.size == N
    assert float(other.noise.strength) == 0.3
    quiet = network.with_noise(None).noise
    assert quiet is None or float(quiet.strength) == 0  # binary networks have noise of strength zero
    assert network.noise is not None


@pytest.mark.slow
@pytest.mark.parametrize("kind", RUNNING)
def test_every_network_is_simulated_by_its_own_step_or_drift(kind):
    """One step of Euler, without noise, is x + F dt; one step in discrete time is that of the network."""
    network = RUNNING[kind].with_noise(None)
    time = timing(network, 1)
    data = nz.simulate(network, **time, probes=nz.Trace(), start=np.ones(N), key=0, warn=False, runs=2)
    np.testing.assert_array_equal(data.trace.values[:, 0], np.ones((2, N)))
    if isinstance(network, ContinuousNetwork):
        after = 1 + time["dt"] * np.asarray(network.drift(jnp.ones(N)))
        np.testing.assert_allclose(data.final.values, [after, after], rtol=1e-12)
    elif not isinstance(network, BINARY):
        after = network.step(network.init(jnp.ones(N), key=KEY), jnp.asarray(0), key=KEY).units
        np.testing.assert_allclose(data.final.values, [after, after], rtol=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("kind", RUNNING)
def test_an_integer_is_a_key(kind):
    network = RUNNING[kind]
    same = [nz.simulate(network, **timing(network), key=key, warn=False) for key in (5, jax.random.key(5))]
    np.testing.assert_array_equal(same[0].final, same[1].final)
    assert same[0].attrs["configuration"] == same[1].attrs["configuration"]


@pytest.mark.slow
@pytest.mark.parametrize("kind", DIFFERENTIABLE)
def test_differentiable_networks_have_lyapunov_exponents_in_their_unit_of_time(kind):
    network = DIFFERENTIABLE[kind]
    time = timing(network, 40)
    data = nz.simulate(network, **time, probes=nz.Lyapunov(2), key=0, warn=False)
    assert np.isfinite(data.lyapunov.values).all()
    assert data.lyapunov.attrs["units"] == f"1/{network.time_unit}"
    span = {"dt": time["dt"], "duration": 40 * time["dt"]} if "dt" in time else {"duration": 40.0}
    spectrum = nz.lyapunov_spectrum(network, 2, discard=0.0, key=0, warn=False, **span)
    np.testing.assert_array_equal(spectrum.lyapunov, data.lyapunov[0])


@pytest.mark.slow
@pytest.mark.parametrize("kind", CONTINUOUS)
def test_the_jacobian_is_the_derivative_of_the_drift(kind):
    network, x = CONTINUOUS[kind], np.linspace(-1, 1, N)
    drift = network.drift
    differences = [(drift(jnp.asarray(x + e)) - drift(jnp.asarray(x - e))) / 2e-6 for e in 1e-6 * np.eye(N)]
    np.testing.assert_allclose(analysis.jacobian(network, x), np.transpose(differences), atol=1e-8)
    np.testing.assert_array_equal(network.dynamics().drift(jnp.asarray(x)), network.drift(jnp.asarray(x)))


# trained networks


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """Return a trained network as loaded from a file."""
    return training.load(training.save(TRAINED, tmp_path_factory.mktemp("networks") / "trained.npz"))


def ended(network):
    """Return a result of training that contains a network."""
    return training.Trained(0, network, "trained", 100, 0.1, 1.0, np.zeros((0, 4)))


X = np.linspace(-1, 1, N)
RUN = {"duration": 500.0, "dt": 5.0, "key": 1}
FUNCTIONS = {
    "simulate": lambda n: nz.simulate(n, probes=[nz.Trace(), nz.Speed()], warn=False, **RUN),
    "simulate several": lambda n: nz.simulate([n, n], warn=False, **RUN),
    "lyapunov_spectrum": lambda n: nz.lyapunov_spectrum(n, 2, discard=100.0, warn=False, **RUN),
    "step_audit": lambda n: nz.step_audit(n, 5.0, duration=200, runs=2, key=1),
    "driven_states": lambda n: analysis.driven_states(n, np.sin(np.arange(40)), 5.0, key=1, warn=False),
    "slow_points": lambda n: analysis.slow_points(n, X[None], duration=100.0),
    "modes": lambda n: analysis.modes(n, X),
    "jacobian": lambda n: analysis.jacobian(n, X),
    "spectrum": lambda n: analysis.spectrum(n, X),
    "diagonal": lambda n: analysis.diagonal(n, X),
    "nearest_fixed_point": lambda n: analysis.nearest_fixed_point(n, X).state,
    "Onsager": lambda n: nz.Onsager(n).drift(jnp.asarray(X)),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FUNCTIONS)
def test_trained_networks_give_the_results_of_their_rate_network_to_the_last_bit(name, stored):
    target = FUNCTIONS[name](TRAINED.network)
    for network in (TRAINED, stored, ended(TRAINED)):
        result = FUNCTIONS[name](network)
        pairs = (
            [(target[v], result[v]) for v in target.data_vars] if hasattr(target, "data_vars") else [(target, result)]
        )
        for expected, value in pairs:
            np.testing.assert_array_equal(np.asarray(value), np.asarray(expected))


@pytest.mark.slow
def test_stored_networks_are_accepted_wherever_trained_networks_are(stored):
    task = nz.tasks.DMS(inputs=1)
    for network in (stored, ended(TRAINED)):
        for function in (analysis.delay_state, training.run_trials):
            assert function(network, task, 2, key=0).equals(function(TRAINED, task, 2, key=jax.random.key(0)))
        assert training.test(network, task, trials=2, key=0).equals(training.test([TRAINED], task, trials=2, key=0))
        assert analysis.connectivity(network).equals(analysis.connectivity(TRAINED))


@pytest.mark.slow
def test_times_of_trained_networks_are_in_ms(stored):
    exponents = FUNCTIONS["lyapunov_spectrum"](stored)
    assert exponents.lyapunov.attrs["units"] == "1/ms"
    assert analysis.modes(stored, X).eigenvalue.attrs["units"] == "1/s"
    configuration = json.loads(FUNCTIONS["simulate"](stored).attrs["configuration"])
    assert configuration["network"]["type"] == "TaskNetwork"


def test_the_drift_of_a_task_network_can_be_traced():
    """As an argument of a compiled function its weights are traced; the result differs by round-off."""
    drift = eqx.filter_jit(lambda network, x: network.drift(x))(TRAINED, jnp.asarray(X))
    np.testing.assert_allclose(drift, TRAINED.network.drift(jnp.asarray(X)), rtol=1e-12)


# user-defined networks


class Leaky(DiscreteNetwork):
    """A user-defined network with fields named `dt` and `rate` of other meaning."""

    dt: float
    rate: float
    noise: nz.noise.Noise | None = None

    @property
    def size(self):
        return 2

    def step(self, state, time, *, key):
        return state._replace(units=(1 - self.rate * self.dt) * state.units)


@pytest.mark.slow
def test_fields_of_a_discrete_network_have_no_meaning_to_probes():
    probes = [nz.Trace(), nz.Lyapunov(), nz.Autocovariance(2), nz.Covariance(window=2, every=2), nz.Snapshots([3])]
    data = nz.simulate(Leaky(0.5, 0.5), 40, probes, key=0)
    np.testing.assert_array_equal(data.time, np.arange(40))
    assert data.lyapunov.attrs["units"] == "1/step"
    assert float(data.lyapunov[0, 0]) == pytest.approx(np.log(0.75))
    assert "rate" not in data
    assert data.covariance.attrs["units"] == "step"
    np.testing.assert_allclose(data.snapshots[0, 0], 0.75**3 * data.trace[0, 0])


# refusals


class Foreign(eqx.Module):
    """A module that is not a network."""


def refusals():
    """Return calls that are refused, each with a part of its message."""
    probe = {"key": 0, "steps": 3}
    binary, task = nz.Boltzmann(W), nz.tasks.DMS()
    return {
        "matrix": (lambda: nz.simulate(W, 3, key=0), "an array of shape (6, 6) is not a network; ...nz.RateNetwork(W)"),
        "list": (lambda: nz.simulate([[0.0, 1.0], [1.0, 0.0]], 3, key=0), "is not a network; ...nz.RateNetwork(W)"),
        "number": (lambda: nz.simulate(5, 3, key=0), "5 is not a network; ...nz.RateNetwork(W)"),
        "nothing": (lambda: nz.simulate([], 3, key=0), "no networks"),
        "text": (lambda: nz.simulate("rate", 3, key=0), "'rate' is not a network"),
        "file": (lambda: nz.simulate("a.npz", 3, key=0), "nz.training.load('a.npz')"),
        "class": (lambda: nz.simulate(nz.RateNetwork, 3, key=0), "the class RateNetwork is not a network; ...instance"),
        "task class": (lambda: nz.simulate(TaskNetwork, 3, key=0), "the class TaskNetwork is not a network"),
        "module": (lambda: nz.simulate(Foreign(), 3, key=0), "derive the class from networks.DiscreteNetwork"),
        "mixture": (lambda: nz.simulate([RATE, binary], 3, key=0), "networks of different kinds"),
        "no step": (
            lambda: nz.simulate(EXAMPLES[Discretized], 3, key=0),
            "a Discretized; expected a network in discrete time",
        ),
        "spectrum of a matrix": (lambda: nz.lyapunov_spectrum(W, key=0), "is not a network"),
        "jacobian of a matrix": (lambda: analysis.jacobian(W, np.ones(N)), "is not a network"),
        "jacobian": (
            lambda: analysis.jacobian(binary, np.ones(N)),
            "a Boltzmann; expected a network in continuous time",
        ),
        "audit": (lambda: nz.step_audit(binary, 0.1, key=0), "a Boltzmann; expected a network in continuous time"),
        "modes": (lambda: analysis.modes(binary, np.ones(N)), "a Boltzmann; expected a network in continuous time"),
        "driven": (
            lambda: analysis.driven_states(binary, [1.0], key=0),
            "a Boltzmann; expected a network in continuous time",
        ),
        "slow points": (
            lambda: analysis.slow_points(binary, np.ones(N)),
            "a Boltzmann; expected a network in continuous time",
        ),
        "fixed point": (
            lambda: analysis.nearest_fixed_point(5, [1.0]),
            "5 is not a network; ...a network in continuous",
        ),
        "fixed points": (
            lambda: nz.find_fixed_points(binary, 2, key=0),
            "a Boltzmann; expected a network in continuous time",
        ),
        "Onsager": (lambda: nz.Onsager(W), "is not a network"),
        "resonance": (
            lambda: nz.resonance(RATE, [1.0]),
            "a RateNetwork; ...a binary network, Boltzmann or SignNetwork",
        ),
        "attractors": (lambda: nz.attractors(RATE), "a RateNetwork; ...a binary network"),
        "graph": (lambda: nz.transition_graph(RATE), "a RateNetwork; ...a binary network"),
        "switching": (lambda: nz.switching(RATE, 1.0), "a RateNetwork; ...a binary network"),
        "pulses": (lambda: nz.simulated_switching(RATE, 1.0), "a RateNetwork; ...a binary network"),
        "optimum": (lambda: nz.optimal_noise(RATE), "a RateNetwork; ...a binary network"),
        "slope": (lambda: analysis.information_slope(RATE, 1.0), "a RateNetwork; ...a binary network"),
        "divergence": (lambda: analysis.sampled_divergence(RATE, [1.0]), "a RateNetwork; ...a binary network"),
        "delay": (lambda: analysis.delay_state(RATE, task, key=0), "a RateNetwork; ...a task network"),
        "trials": (lambda: training.run_trials(W, task, key=0), "is not a network; ...a network in continuous time"),
        "trials without a readout": (
            lambda: training.run_trials(RATE, task, key=0),
            "trials of a RateNetwork without input weights; trials need",
        ),
        "test": (lambda: training.test(RATE, task, key=0), "a RateNetwork; ...a task network"),
        "save": (lambda: training.save(RATE, "network.npz"), "a RateNetwork; ...a task network"),
        "connectivity": (lambda: analysis.connectivity(binary), "connectivity of a Boltzmann"),
        "noise": (lambda: nz.RateNetwork(W, noise=0.1), "0.1 as noise; ...noise=nz.White(0.1)"),
        "noise in words": (
            lambda: nz.RateNetwork(W, noise="white:0.2"),
            "'white:0.2' as noise; ...noise=nz.White(0.2)",
        ),
        "class of noise": (lambda: nz.RateNetwork(W, noise=nz.White), "the class White as noise; ...an instance"),
        "binary noise": (lambda: nz.Boltzmann(W, noise=4), "4 as noise; ...noise=nz.White(4)"),
        "noise of a flow": (lambda: networks.Flow(jnp.sin, 2, 0.1), "noise=nz.White(0.1)"),
        "noise of a map": (lambda: networks.Map(jnp.sin, 2, 0.1), "noise=nz.White(0.1)"),
        "other noise": (lambda: RATE.with_noise(0.1), "noise=nz.White(0.1)"),
        "other noise of a task network": (lambda: TRAINED.with_noise(0.1), "noise=nz.White(0.1)"),
        "probe in words": (lambda: nz.simulate(binary, probes="trace", **probe), "'trace' as probes; ...nz.Trace(…)"),
        "class of probe": (
            lambda: nz.simulate(binary, probes=nz.Speed, **probe),
            "the class Speed as probes; ...nz.Speed(…)",
        ),
        "classes": (
            lambda: nz.simulate(binary, probes=[nz.Trace], **probe),
            "the class Trace as probes; ...nz.Trace(…)",
        ),
        "mapping": (lambda: nz.simulate(binary, probes={"a": 5}, **probe), "5 as probes; a probe"),
        "conditional": (
            lambda: nz.simulate(RATE, 3, nz.ConditionalEntropy(), dt=0.1, key=0),
            "RateNetwork has no exact probability",
        ),
        "key": (lambda: nz.simulate(binary, 3, key=0.5), "key 0.5; an integer of at least 0, or a JAX key"),
        "negative key": (lambda: nz.simulate(binary, 3, key=-1), "key -1; an integer"),
        "no key": (lambda: nz.simulate(binary, 3, key=None), "key None; an integer"),
        "boolean key": (lambda: TaskNetwork.random(5, key=True), "key True; an integer"),
        "large key": (lambda: nz.lyapunov_spectrum(RATE, key=2**64), "key 18446744073709551616; an integer"),
        "keys": (lambda: nz.simulate(binary, 3, key=jax.random.split(KEY)), "key of shape (2,)"),
    }


def outcomes():
    """Return, for each call, the kind of error and its message."""
    results = {}
    for name, (call, _) in refusals().items():
        try:
            results[name] = ("nothing", repr(call())[:200])
        except Exception as error:
            results[name] = (type(error).__name__, str(error))
    return results


@pytest.fixture(scope="module")
def refused():
    """Return `outcomes` of a new process."""
    process = subprocess.run([sys.executable, Path(__file__)], capture_output=True, text=True, check=True)
    return json.loads(process.stdout.splitlines()[-1])


@pytest.mark.parametrize("name", refusals())
def test_wrong_objects_are_refused_in_one_line(name, refused):
    kind, message = refused[name]
    assert kind == "InputError", message
    assert "\n" not in message
    place = 0
    for part in refusals()[name][1].split("..."):
        assert part in message[place:], message
        place = message.index(part, place) + len(part)


def test_keys_pass_unchanged_including_traced_ones():
    assert jax.random.key_data(as_key(KEY)).tolist() == [0, 0]
    raw = jax.random.PRNGKey(3)
    assert as_key(raw) is raw
    traced = jax.jit(lambda key: jax.random.normal(as_key(key)))(KEY)
    assert float(traced) == float(jax.random.normal(KEY))


def test_networks_are_recognised_by_type():
    """No module of the package looks up attributes that a network may lack."""
    source = Path(nz.__file__).parent
    patterns = ("hasattr(network", "getattr(network", "network: Any", "networks: list[Any]")
    guilty = [
        f"{path.relative_to(source)}: {line.strip()}"
        for path in source.rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if any(pattern in line for pattern in patterns)
    ]
    assert guilty == []


if __name__ == "__main__":
    print(json.dumps(outcomes()))
