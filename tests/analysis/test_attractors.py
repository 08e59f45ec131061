import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import noisette as nz
from noisette.analysis import successors
from noisette.codes import decode
from noisette.errors import InputError


def slow_attractors(network, ties):
    """Return the attractors by following every state, with dictionaries."""
    weights, bias = np.asarray(network.weights), np.asarray(network.bias)
    following = {}
    for code in range(2**network.size):
        units = decode(code, network.size)
        field = weights @ units + bias
        tied = {"keep": units, "up": np.ones_like(units), "down": -np.ones_like(units)}[ties]
        after = np.where(np.abs(field) < 1e-9, tied, np.sign(field))
        following[code] = int("".join("1" if s > 0 else "0" for s in after), 2)
    basins = {}
    for code in following:
        seen = []
        while code not in seen:
            seen.append(code)
            code = following[code]
        cycle = frozenset(seen[seen.index(code) :])
        basins[cycle] = basins.get(cycle, 0) + 1
    return basins


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.lists(st.integers(-2, 2), min_size=n * n + n, max_size=n * n + n).map(
            lambda entries: (np.reshape(entries[: n * n], (n, n)), np.array(entries[n * n :], float))
        )
    ),
    st.sampled_from(["keep", "up", "down"]),
)
def test_attractors_agree_with_a_slow_search(network, ties):
    weights, bias = network
    built = nz.SignNetwork(weights, bias)
    result = nz.attractors(built, ties)
    slow = slow_attractors(built, ties)
    assert {frozenset(codes): basin for codes, basin in zip(result.sets, result.basins, strict=True)} == slow
    assert np.bincount(result.labels, minlength=len(result.sets)).tolist() == result.basins


def test_autapses_have_a_fixed_point_in_every_state():
    result = nz.attractors(nz.SignNetwork(nz.weights.autapses(10)))
    assert result.fixed_points == list(range(32))
    assert result.cycles == []


def test_a_hopfield_network_stores_its_pattern_and_the_mirror_image():
    network = nz.Boltzmann(nz.weights.hopfield([24, 7], 10))
    result = nz.attractors(network)
    assert result.fixed_points == [7, 24]
    assert result.cycles == []
    # 20 of the 32 states have a zero field in some unit, where the rule for zero fields applies
    fields = np.asarray(network.field(nz.codes.states(5)))
    assert (np.abs(fields) < 1e-9).any(1).sum() == 20
    differ = successors(network, "up") != successors(network, "down")
    assert differ.sum() == 20
    mixed = np.flatnonzero(successors(network, "keep") != successors(network, "up"))
    assert len(mixed) > 0


def test_the_reference_nrooks_has_four_cycles_of_eight():
    result = nz.attractors(nz.SignNetwork(nz.weights.nrooks(20)))
    assert result.fixed_points == []
    assert [len(cycle) for cycle in result.cycles] == [8, 8, 8, 8]
    assert sorted(code for cycle in result.cycles for code in cycle) == list(range(32))


def test_cycles_are_listed_in_temporal_order():
    network = nz.SignNetwork(nz.weights.nrooks(20))
    after = successors(network)
    for cycle in nz.attractors(network).cycles:
        assert [after[code] for code in cycle] == [*cycle[1:], cycle[0]]


@pytest.mark.slow
def test_gaussian_networks_have_the_attractor_statistics_of_the_specification():
    # 1500 matrices, 4.5 standard errors: false alarms below 3e-5, fixed seed
    drawn = np.random.default_rng(0).standard_normal((1500, 5, 5))
    result = [nz.attractors(nz.SignNetwork(w)) for w in drawn]
    number = np.array([len(f.sets) for f in result])
    fixed = np.array([len(f.fixed_points) for f in result])
    pair = (fixed == 2) & (number == 2)
    for values, expected in ((number, 3.03), (fixed, 1.005), (pair, 0.053)):
        assert values.mean() == pytest.approx(expected, abs=4.5 * values.std() / 1500**0.5)


@pytest.mark.slow
def test_twenty_units_are_enumerated():
    weights = nz.weights.symmetric(20, key=jax.random.key(2))
    result = nz.attractors(nz.SignNetwork(weights))
    assert sum(result.basins) == 2**20
    # parallel dynamics of symmetric weights ends in fixed points and 2-cycles only
    assert {len(cycle) for cycle in result.cycles} <= {2}
    mirror = 2**20 - 1
    assert {mirror - code for code in result.fixed_points} == set(result.fixed_points)


def test_transition_graph_names_basins_and_probabilities():
    graph = nz.transition_graph(nz.SignNetwork(nz.weights.hopfield([24, 7], 10)))
    assert graph.nodes[24]["recurrent"]
    assert not graph.nodes[0]["recurrent"]
    assert graph.edges[24, 24]["probability"] == 1
    for code in graph:
        assert sum(edge["probability"] for *_, edge in graph.out_edges(code, data=True)) == pytest.approx(1)


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="21 units"):
        nz.attractors(nz.SignNetwork(np.eye(21)))
    with pytest.raises(InputError, match="ties 'coin'"):
        nz.attractors(nz.SignNetwork([[1.0]]), "coin")
