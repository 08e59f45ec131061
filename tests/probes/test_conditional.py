import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.theory import markov

NETWORK = nz.Boltzmann(nz.weights.hopfield([24, 7], 10), noise=nz.White(20.0))
KEY = jax.random.key(3)


def test_averaged_states_equal_visited_states_times_exact_transitions():
    result = nz.simulate(NETWORK, 200, [nz.ConditionalStates(), nz.JointStates()], key=KEY)
    visited = result.joint_states.values[0].sum(1) / 200
    exact = visited[:, None] * markov.transition_matrix(NETWORK)
    assert result.conditional_states.values[0] == pytest.approx(exact, abs=1e-8)  # stored to eight digits


def test_a_subset_is_the_margin_of_the_whole():
    result = nz.simulate(NETWORK, 100, {"all": nz.ConditionalStates(), "two": nz.ConditionalStates([0, 1])}, key=KEY)
    whole = result.all_conditional_states.values[0].reshape(4, 8, 4, 8).sum((1, 3))
    assert result.two_conditional_states.values[0] == pytest.approx(whole, abs=1e-12)


def test_conditional_entropy_equals_exact():
    # visited states times exact entropies, along the same run
    result = nz.simulate(NETWORK, 200, [nz.ConditionalEntropy(), nz.JointStates()], key=KEY)
    visited = result.joint_states.values[0].sum(1) / 200
    p = markov.transition_matrix(NETWORK)
    exact = visited @ -(p * np.log2(p)).sum(1)
    assert float(result.conditional_entropy[0]) == pytest.approx(exact, rel=1e-7)


def test_every_nth_step_is_averaged():
    # all states of autapses have the same entropy, so skipping steps changes nothing
    network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    probes = {"each": nz.ConditionalEntropy(), "some": nz.ConditionalEntropy(every=7)}
    result = nz.simulate(network, 50, probes, key=KEY)
    assert float(result.some_conditional_entropy[0]) == pytest.approx(float(result.each_conditional_entropy[0]))


def test_shared_noise_is_refused():
    network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.Common(1.0))
    for probe in (nz.ConditionalStates(), nz.ConditionalEntropy()):
        with pytest.raises(InputError, match="noise shared between units"):
            nz.simulate(network, 5, probe, key=KEY)
    with pytest.raises(InputError, match="every 0"):
        nz.ConditionalEntropy(every=0)
