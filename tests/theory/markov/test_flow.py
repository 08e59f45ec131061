from itertools import pairwise, product

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.information import binary_entropy
from noisette.theory import markov

RANDOM = nz.Boltzmann(nz.weights.gaussian(4, 2.0, key=jax.random.key(1)), bias=[0.3, -0.2, 0.5, 0.0])
COMMON = RANDOM.with_noise(nz.White(0.5) + nz.Common(1.0))


def brute_force(network, source, target, condition, history):
    """Return I(b'; a | b history, condition) by a sum over all paths of `history` + 1 states."""
    p, where = markov.transition_matrix(network), markov.stationary(network)
    every = nz.codes.states(network.size)
    joint: dict = {}
    for path in product(range(len(where)), repeat=history + 1):
        mass = where[path[0]] * np.prod([p[a, b] for a, b in pairwise(path)])
        now, after = every[path[-2]], every[path[-1]]
        past = tuple(tuple(every[code][target]) for code in path[:-1])
        known = (*past, tuple(now[condition]))
        cell = (known, tuple(now[source]), tuple(after[target]))
        joint[cell] = joint.get(cell, 0.0) + mass

    def entropy(*parts):
        marginal: dict = {}
        for cell, mass in joint.items():
            kept = tuple(cell[i] for i in parts)
            marginal[kept] = marginal.get(kept, 0.0) + mass
        return -sum(mass * np.log2(mass) for mass in marginal.values() if mass > 0)

    return entropy(0, 2) - entropy(0) - entropy(0, 1, 2) + entropy(0, 1)


@pytest.mark.parametrize(
    "network", [RANDOM, pytest.param(COMMON, marks=pytest.mark.slow)], ids=["independent", "common"]
)
@pytest.mark.parametrize(
    ("source", "target", "given", "history"),
    [
        ([0], [1], [], 1),
        ([2, 0], [1], [], 1),
        ([3], [0, 2], [1], 1),
        ([0], [1], [2], 2),
        pytest.param([1, 2], [3], [], 3, marks=pytest.mark.slow),
    ],
)
def test_transfer_entropy_is_the_sum_over_all_paths(network, source, target, given, history):
    flow = markov.information_flow(network, source, target, given, history=history)
    expected = brute_force(network, source, target, given, history)
    assert float(flow.transfer_entropy) == pytest.approx(expected, abs=1e-12)
    rest = [n for n in range(4) if n not in (*source, *target)]
    complete = brute_force(network, source, target, rest, history)
    assert float(flow.complete_transfer_entropy) == pytest.approx(complete, abs=1e-12)


@pytest.mark.parametrize("history", [1, 2, 3])
@pytest.mark.parametrize("target", [[0], [1, 3]])
def test_storage_and_transfer_add_up_to_the_information_of_the_state(target, history):
    rest = [n for n in range(4) if n not in target]
    flow = markov.information_flow(RANDOM, rest, target, history=history)
    total = float(flow.active_information + flow.transfer_entropy)
    assert total == pytest.approx(float(flow.information), abs=1e-12)
    assert float(flow.information) <= float(flow.entropy)


def test_transfer_entropies_of_two_sources_obey_the_chain_rule():
    both = markov.information_flow(RANDOM, [0, 2], 1).transfer_entropy
    first = markov.information_flow(RANDOM, 0, 1).transfer_entropy
    second = markov.information_flow(RANDOM, 2, 1, given=0).transfer_entropy
    assert float(both) == pytest.approx(float(first + second), abs=1e-13)


def test_longer_histories_store_more():
    values = [float(markov.information_flow(RANDOM, 0, 1, history=k).active_information) for k in (1, 2, 3)]
    assert (np.diff(values) >= -1e-14).all()


def test_a_copy_transfers_what_its_channel_transmits():
    # unit 1 copies a fair coin with the error q: T = 1 − h₂(q), which tends to 1 bit
    for w in (1.0, 4.0, 20.0):
        flow = markov.information_flow(nz.Boltzmann([[0.0, 0.0], [w, 0.0]]), 0, 1)
        expected = 1 - float(binary_entropy(1 / (1 + np.exp(w))))
        assert float(flow.transfer_entropy) == pytest.approx(expected, abs=1e-14)
        assert float(flow.active_information) == pytest.approx(0.0, abs=1e-15)
    assert float(flow.transfer_entropy) == pytest.approx(1.0, abs=1e-6)


def test_an_autapse_stores_and_transfers_nothing():
    flow = markov.information_flow(nz.Boltzmann(nz.weights.autapses(3.0, 2)), 0, 1)
    assert float(flow.transfer_entropy) < 1e-30
    expected = 1 - float(binary_entropy(1 / (1 + np.exp(3.0))))
    assert float(flow.active_information) == pytest.approx(expected, abs=1e-14)


def test_nothing_flows_without_a_connection_and_weak_flows_are_resolved():
    W = np.array([[2.0, 0.0, 1.0], [1e-5, -1.0, 0.5], [0.0, 0.7, 0.3]])
    flow = markov.transfer_entropies(nz.Boltzmann(W))
    assert float(flow.complete_transfer_entropy[0, 1]) < 1e-29
    weak = float(flow.complete_transfer_entropy[1, 0])
    # quadratic in the weight: a tenth of it transfers a hundredth
    W[1, 0] /= 10
    weaker = float(markov.transfer_entropies(nz.Boltzmann(W)).complete_transfer_entropy[1, 0])
    assert weak == pytest.approx(100 * weaker, rel=1e-3)


def test_relabelling_and_inverting_units_changes_nothing():
    rng = np.random.default_rng(0)
    order, signs = rng.permutation(4), rng.choice([-1.0, 1.0], 4)
    W, b = np.asarray(RANDOM.weights), np.asarray(RANDOM.bias)
    other = nz.Boltzmann((signs[:, None] * W * signs)[np.ix_(order, order)], (signs * b)[order])
    first, second = (markov.transfer_entropies(n, history=2) for n in (RANDOM, other))
    for name in ("transfer_entropy", "complete_transfer_entropy"):
        assert first[name].values[np.ix_(order, order)] == pytest.approx(second[name].values, abs=1e-13)
    assert first.active_information.values[order] == pytest.approx(second.active_information.values, abs=1e-13)


@pytest.mark.slow
def test_pairs_agree_with_sets_of_one_unit():
    pairs = markov.transfer_entropies(COMMON)
    flow = markov.information_flow(COMMON, 2, 0)
    for name in ("transfer_entropy", "complete_transfer_entropy"):
        assert float(pairs[name].sel(target=0, source=2)) == float(flow[name])
    assert float(pairs.information[0]) == float(flow.information)


def test_units_have_names_and_results_provenance():
    network = nz.Boltzmann([[0.0, 1.0], [2.0, 0.0]], unit_names=["left", "right"])
    named = markov.information_flow(network, "left", "right")
    assert float(named.transfer_entropy) == float(markov.information_flow(network, 0, 1).transfer_entropy)
    assert markov.transfer_entropies(network).target.values.tolist() == ["left", "right"]
    assert (named.method, named.estimator, named.transfer_entropy.units) == ("exact", "stationary", "bit")
    assert nz.rerun(named).identical(named)


@pytest.mark.slow
def test_thirteen_units_need_no_matrix():
    W = nz.weights.gaussian(13, 0.3, key=jax.random.key(0))
    flow = markov.information_flow(nz.Boltzmann(W), [0, 1], 2)
    assert 0 < float(flow.transfer_entropy) < float(flow.information) < 1


@pytest.mark.parametrize(
    ("source", "target", "given", "history", "message"),
    [
        (0, 0, (), 1, "source and target share unit 0"),
        (0, 1, 1, 1, "target and given share unit 1"),
        (7, 1, (), 1, "source 7; indices from 0 to 3"),
        ("x", 1, (), 1, "source 'x'"),
        ([], 1, (), 1, "no source"),
        ([0, 0], 1, (), 1, "each unit occurs once"),
        (0, 1, (), 0, "history 0"),
        (0, [1, 2, 3], (), 9, "joint states"),
        (1.5, 1, (), 1, "source 1.5"),
    ],
)
def test_wrong_sets_are_refused(source, target, given, history, message):
    with pytest.raises(InputError, match=message):
        markov.information_flow(RANDOM, source, target, given, history=history)


def test_chains_without_a_unique_limit_are_refused():
    with pytest.raises(InputError, match="closed sets"):
        markov.information_flow(nz.SignNetwork(np.eye(2)), 0, 1)
