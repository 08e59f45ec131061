import numpy as np
import pytest

import noisette as nz
from noisette.codes import encode
from noisette.errors import InputError
from noisette.theory import markov

WEIGHTS = np.random.default_rng(4).normal(size=(5, 5))


def log_ratio(network, states, after):
    """Return the mean of ln P(s'|s)/P(s|s') over pairs of states in bits, from the definition."""
    total = 0.0
    matrix = markov.transition_matrix(network)
    for a, b in zip(encode(states), encode(after), strict=True):
        total += np.log2(matrix[a, b] / matrix[b, a])
    return total / len(states)


@pytest.mark.slow
@pytest.mark.parametrize("std", [0.0, 1.5])
def test_runs_agree_with_the_exact_chain(std):
    network = nz.Boltzmann(WEIGHTS, [0.3, -0.2, 0.0, 0.5, 0.1], nz.White(std))
    data = nz.simulate(network, 3000, nz.EntropyProduction(discard=20), key=1, runs=16)
    values = data.entropy_production.values
    # four standard errors of 16 runs: false alarms once in 900 tests
    assert values.mean() == pytest.approx(markov.entropy_production(network), abs=4 * values.std(ddof=1) / 4)


@pytest.mark.slow
@pytest.mark.parametrize("std", [0.0, 1.5])
def test_it_is_the_mean_log_ratio_of_transitions(std):
    # both estimate the same average of the same run; conditional averages remove part of the scatter
    network = nz.Boltzmann(WEIGHTS, noise=nz.White(std))
    data = nz.simulate(network, 4000, [nz.EntropyProduction(), nz.Trace()], key=2, runs=4)
    plain = [log_ratio(network, run[:-1], run[1:]) for run in np.sign(data.trace.values)]
    difference = np.array(plain) - data.entropy_production.values
    assert abs(difference.mean()) < 5 * difference.std(ddof=1) / 2  # once in 65 seeds; this seed is fixed


def test_symmetric_weights_are_reversible():
    # without noise the contribution of every step is Σ_mn (W_nm − W_mn) ⟨s'_n⟩ s_m/2, zero whatever the states
    data = nz.simulate(nz.Boltzmann(WEIGHTS + WEIGHTS.T), 50, nz.EntropyProduction(), key=1)
    assert abs(float(data.entropy_production[0])) < 1e-13


def test_discarded_and_skipped_steps_are_not_measured():
    # without weights every step contributes the same
    network = nz.Boltzmann(np.zeros((3, 3)), bias=1.0)
    probes = {"all": nz.EntropyProduction(), "some": nz.EntropyProduction(every=7, discard=10)}
    probes |= {"h": nz.ConditionalEntropy(), "some_h": nz.ConditionalEntropy(every=7, discard=10)}
    data = nz.simulate(network, 50, probes, key=0)
    assert float(data.some_h_conditional_entropy[0]) == pytest.approx(float(data.h_conditional_entropy[0]))
    # contributions (⟨s'⟩ − s) L/2 of each unit average to zero over the measured states only
    assert data.some_entropy_production.values != pytest.approx(data.all_entropy_production.values)


@pytest.mark.parametrize(
    ("network", "probe", "message"),
    [
        (nz.SignNetwork(WEIGHTS, noise=nz.White(1.0)), nz.EntropyProduction(), "SignNetwork"),
        (nz.Boltzmann(WEIGHTS, noise=nz.Common(1.0)), nz.EntropyProduction(), "noise shared between units"),
        (nz.Boltzmann(WEIGHTS, noise=nz.Pulse(1.0, 1, 2)), nz.EntropyProduction(), "step"),
        (nz.Boltzmann(WEIGHTS), nz.EntropyProduction(discard=5), "no measured step among 5 after 5 discarded"),
        (nz.Boltzmann(WEIGHTS), nz.ConditionalEntropy(discard=9), "no measured step among 5 after 9 discarded"),
    ],
)
def test_refusals(network, probe, message):
    with pytest.raises(InputError, match=message):
        nz.simulate(network, 5, probe, key=0)


@pytest.mark.parametrize("options", [{"every": 0}, {"discard": -1}, {"every": 1.5}])
def test_wrong_options(options):
    with pytest.raises(InputError, match="an integer"):
        nz.EntropyProduction(**options)
