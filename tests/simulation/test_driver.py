import sys

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import chi2

import noisette as nz
from noisette.errors import InputError
from noisette.theory import markov

KEY = jax.random.key(11)
SMALL = [[1.0, -2.0, 0.5], [0.3, 1.0, 1.2], [-1.0, 0.4, 0.7]]
NOISES = {
    "white": nz.White(1.5),
    "common": nz.Common(1.5),
    "sum": nz.White([0.5, 1.0, 2.0]) + nz.Common(1.0),
}


class Autoregressive(nz.noise.Noise):
    """User-defined noise with memory: z ← ρ z + √(1 − ρ²) ξ, times a strength."""

    strength: float
    rho: float = 0.9

    def init(self, size, *, key):
        return jax.random.normal(key, (size,), float)

    def sample(self, state, time, size, *, key, dt=1.0):
        fresh = jax.random.normal(key, (size,), float)
        state = self.rho * state + jnp.sqrt(1 - self.rho**2) * fresh
        return self.strength * state, state

    def scaled(self, factor):
        return Autoregressive(float(factor) * self.strength, self.rho)


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "noise"), [*((nz.Boltzmann, name) for name in NOISES), (nz.SignNetwork, "sum")])
def test_simulated_pairs_follow_the_exact_chain(kind, noise):
    # chi-square over transitions from each state, a quarter of a million steps; transitions out of a visited
    # state are independent draws, so the false-alarm rate is the stated 1e-5 for each of the four
    network = kind(SMALL, bias=0.1, noise=NOISES[noise])
    result = nz.simulate(network, 5000, nz.JointStates(), key=KEY, runs=50).joint_states.values.sum(0)
    p = markov.transition_matrix(network)
    expected = result.sum(1, keepdims=True) * p
    assert (result[p == 0] == 0).all()
    enough = expected > 5
    statistic = ((result - expected)[enough] ** 2 / expected[enough]).sum()
    assert statistic < chi2.ppf(1 - 1e-5, enough.sum())
    exact = markov.joint(network, 5000)
    assert result / result.sum() == pytest.approx(exact, abs=0.01)


@pytest.mark.slow
def test_counts_sum_to_the_number_of_steps_and_are_consistent():
    network = nz.Boltzmann(SMALL, noise=nz.White(1.0))
    result = nz.simulate(network, 777, nz.JointStates(), key=KEY, runs=3, start=5)
    counts = result.joint_states.values
    assert counts.sum((1, 2)).tolist() == [777] * 3
    # every state is left as often as entered, except the first and the last
    first, last = np.eye(8, dtype=int)[5], np.eye(8, dtype=int)[nz.codes.encode(result.final.values)]
    assert (counts.sum(2) - counts.sum(1) == first - last).all()


@pytest.mark.slow
@pytest.mark.parametrize("chunk", [1, 7, 1000])
def test_chunk_size_does_not_change_results(chunk, monkeypatch):
    network = nz.Boltzmann(SMALL, noise=nz.White(1.0) + Autoregressive(2.0))
    whole = nz.simulate(network, 60, nz.Trace(), key=KEY, runs=2)
    driver = sys.modules["noisette.simulation._driver"]
    monkeypatch.setattr(driver, "FIRST_CHUNK", chunk)
    monkeypatch.setattr(driver, "SECONDS_PER_CHUNK", 0.0)
    seen = []
    parts = nz.simulate(network, 60, nz.Trace(), key=KEY, runs=2, progress=lambda *at: seen.append(at))
    assert parts.identical(whole)
    assert seen[-1] == (60, 60)
    assert len(seen) == -(-60 // min(chunk, 60))  # chunks grow only if they are fast


@pytest.mark.slow
def test_probes_and_other_runs_do_not_change_results():
    network = nz.Boltzmann(SMALL, noise=nz.White(1.0))
    alone = nz.simulate(network, 50, nz.Trace(), key=KEY, runs=4)
    company = nz.simulate(network, 50, [nz.Trace(), nz.JointStates(), nz.ConditionalEntropy(every=3)], key=KEY, runs=4)
    assert (alone.trace == company.trace).all()
    fewer = nz.simulate(network, 50, nz.Trace(), key=KEY, runs=2)
    assert (fewer.trace.values == alone.trace.values[:2]).all()
    assert not (nz.simulate(network, 50, nz.Trace(), key=jax.random.key(1), runs=4).trace == alone.trace).all()
    assert not (alone.trace[0] == alone.trace[1]).all()


@pytest.mark.slow
def test_several_networks_form_a_dimension():
    # shares of up-states from 60 000 steps against the exact ones: errors below .006; 8 comparisons within .03
    networks = [nz.Boltzmann(SMALL, noise=nz.White(r)) for r in (0.5, 5.0)]
    result = nz.simulate(networks, 2000, nz.JointStates(), key=KEY, runs=30)
    assert result.joint_states.sizes["network"] == 2
    for i, network in enumerate(networks):
        exact = markov.occupation(network, 2000)
        assert result.joint_states.values[i].sum((0, 2)) / 60_000 == pytest.approx(exact, abs=0.03)
    single = nz.simulate(networks[:1], 2000, nz.JointStates(), key=KEY, runs=30)
    assert (single.joint_states.values[0] == result.joint_states.values[0]).all()


@pytest.mark.slow
def test_starts_may_differ_between_runs():
    network = nz.SignNetwork(nz.weights.autapses(10))
    result = nz.simulate(network, 3, nz.Trace(), key=KEY, start=[3, 17, 30], runs=3)
    assert nz.codes.encode(result.final.values).tolist() == [3, 17, 30]
    states = nz.codes.decode(np.array([1, 2]), 5)
    result = nz.simulate(network, 3, key=KEY, start=states, runs=2)
    assert (result.final.values == states).all()


@pytest.mark.slow
def test_a_pulse_acts_only_during_its_duration():
    network = nz.SignNetwork(nz.weights.autapses(10), noise=nz.Pulse(1e6, start=5, duration=2))
    trace = nz.simulate(network, 20, nz.Trace(), key=KEY, runs=8).trace.values
    assert (trace[:, :6] == -1).all()
    assert (trace[:, 7:] == trace[:, 7:8]).all()
    assert 0.2 < (trace[:, 7] == 1).mean() < 0.8  # 40 coins: outside with probability 2e-5


@pytest.mark.slow
def test_noise_with_memory_runs_and_is_refused_by_exact_theory():
    network = nz.SignNetwork([[0.0]], noise=Autoregressive(1.0))
    trace = nz.simulate(network, 4000, nz.Trace(), key=KEY, runs=10).trace.values[:, 1:, 0]
    # signs of Gaussians with correlation ρ: (2/π) arcsin ρ = .713; 4e4 samples, correlation time 10: ± .02
    assert (trace[:, 1:] * trace[:, :-1]).mean() == pytest.approx(2 / np.pi * np.arcsin(0.9), abs=0.04)
    for call in (markov.transition_matrix, markov.measures, markov.stationary):
        with pytest.raises(InputError, match=r"Autoregressive has no independent Gaussian law.*simulated"):
            call(network)
    curve = nz.resonance(network, [0.5, 1.0], 50, estimator="single-run", runs=2)
    assert np.isfinite(curve.information.values).all()


def test_results_have_provenance():
    result = nz.simulate(nz.Boltzmann(SMALL), 5, {"first": nz.Trace(), "second": nz.Trace(every=2)}, key=KEY)
    assert set(result.data_vars) == {"first_trace", "second_trace", "final"}
    assert result.attrs["method"] == "simulated"
    assert result.first_trace.attrs["units"] == ""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": 0}, "steps 0"),
        ({"runs": 0}, "runs 0"),
        ({"start": 8}, "codes run from 0 to 7"),
        ({"start": [1, 2], "runs": 3}, "2 starts for 3 runs"),
        ({"probes": [nz.Trace(), nz.Trace()]}, "several probes of the same class"),
        ({"probes": nz.JointStates([0, 0])}, "distinct unit indices"),
        ({"probes": nz.JointStates([3])}, "from 0 to 2"),
    ],
)
def test_invalid_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        nz.simulate(nz.Boltzmann(SMALL), **{"steps": 5, "key": KEY, **arguments})


def test_incompatible_networks_are_refused():
    with pytest.raises(InputError, match="different sizes"):
        nz.simulate([nz.Boltzmann(np.eye(2)), nz.Boltzmann(np.eye(3))], 5, key=KEY)
    with pytest.raises(InputError, match="different kinds"):
        nz.simulate([nz.Boltzmann(np.eye(2)), nz.SignNetwork(np.eye(2))], 5, key=KEY)
    with pytest.raises(InputError, match="at most 10"):
        nz.simulate(nz.Boltzmann(np.eye(11)), 5, nz.JointStates(), key=KEY)
