"""Binary networks in simulations: tabulated rows of the chain, and probabilities averaged over the noise."""

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_ndtr
from scipy.stats import norm

import noisette as nz
from noisette.functions import is_own
from noisette.networks._alias import alias_table, draw
from noisette.networks._state import CodedState
from noisette.theory import markov

KEY = jax.random.key(2)


def distributions(table: np.ndarray) -> np.ndarray:
    """Return the distributions that an alias table represents, as the share of the 2⁶⁴ words that select each state."""
    rows, number = table.shape
    bits = number.bit_length() - 1
    threshold = (table >> np.uint64(bits)).astype(float) / 2.0 ** (64 - bits)
    alias = (table & np.uint64(number - 1)).astype(int)
    result = threshold / number
    for row in range(rows):
        np.add.at(result[row], alias[row], (1 - threshold[row]) / number)
    return result


@given(
    st.integers(1, 5).flatmap(
        lambda bits: st.lists(
            st.sampled_from([0.0, 0.0, 1e-300, 1e-12, 0.1, 1.0, 3.0]), min_size=2**bits, max_size=2**bits
        )
    )
)
def test_an_alias_table_represents_its_distribution(weights):
    if sum(weights) < 1e-3:
        weights = [*weights[:-1], 1.0]
    probabilities = np.array([weights, np.roll(weights, 1)]) / sum(weights)
    table = distributions(alias_table(probabilities))
    assert table == pytest.approx(probabilities, abs=1e-15)
    assert (table[probabilities == 0] == 0).all()


def test_a_word_selects_a_slot_or_its_alias():
    table = jnp.asarray(alias_table(np.array([[0.75, 0.25], [0.0, 1.0]])))
    words = [0, 2**63 - 1, 2**63, 2**63 + 2**62 - 1, 2**63 + 2**62, 2**64 - 1]
    after = [int(draw(table, jnp.int32(0), jnp.uint64(word))) for word in words]
    assert after == [0, 0, 1, 1, 0, 0]  # state 1 for a quarter of the words
    assert [int(draw(table, jnp.int32(1), jnp.uint64(word))) for word in words] == [1] * 6


@eqx.filter_jit
def log_odds(network, fields):
    """Return the log-odds of a unit at several fields, for a network in which all units have the same noise."""
    return jax.vmap(network.log_odds)(jnp.asarray(fields)[:, None])[:, 0]


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
@pytest.mark.parametrize("std", [1e-6, 0.1, 0.6, 1.0, 2.0, 3.5, 5.0, 7.0, 8.7, 10.0, 100.0, 1e6])
def test_averaged_probabilities_are_exact(kind, std):
    network = kind(np.zeros((9, 9)), noise=nz.White(std)).dynamics()
    fields = np.concatenate([[0.0], np.geomspace(1e-3, 20, 400) * std, np.geomspace(1e-3, 100, 400)])
    fields = np.concatenate([fields, -fields])
    on = jax.nn.sigmoid(log_odds(network, fields))
    q = np.asarray(network.flip_probability(jnp.asarray(fields), std, reach=4e7))
    assert np.asarray(on) == pytest.approx(np.where(fields >= 0, 1 - q, q), abs=1e-12)
    assert np.asarray(on)[q == 0.5] == pytest.approx(0.5, abs=1e-12)


def test_rare_flips_have_a_small_relative_error():
    sign = nz.SignNetwork(np.zeros((9, 9)), noise=nz.White(2.0)).dynamics()
    fields = -np.linspace(0, 15.5, 500)  # probabilities down to 5e-15
    assert np.asarray(jax.nn.log_sigmoid(log_odds(sign, fields))) == pytest.approx(log_ndtr(fields / 2), rel=1e-9)


@pytest.mark.slow
def test_units_with_different_noise_have_different_probabilities():
    std = np.array([0.0, 1.0, 3.0, 1.0, 10.0, 0.0, 0.5, 2.0, 2.0])
    network = nz.Boltzmann(np.zeros((9, 9)), bias=-1.5, noise=nz.White(std)).dynamics()
    on = jax.nn.sigmoid(network.log_odds(network.field(jnp.ones(9))))
    assert np.asarray(on) == pytest.approx(np.asarray(network.flip_probability(jnp.full(9, 1.5), std)), abs=1e-12)


@pytest.mark.slow
def test_the_table_is_the_transition_matrix():
    weights = nz.weights.gaussian(4, 2.0, key=KEY)
    for kind in (nz.Boltzmann, nz.SignNetwork):
        network = kind(weights, bias=0.3, noise=nz.White([0.5, 1.0, 2.0, 0.1]))
        exact = markov.transition_matrix(network)
        assert distributions(np.asarray(network.dynamics().table)) == pytest.approx(exact, abs=1e-14)


@pytest.mark.slow
def test_only_gaussian_noise_without_memory_is_averaged_over():
    class Uniform(nz.noise.Noise):
        def sample(self, state, time, size, *, key, dt=1.0):
            return jax.random.uniform(key, (size,), float), state

        def scaled(self, factor):
            return self

    small, large = np.eye(3), np.eye(9)
    averaged = {
        "table": [(small, nz.White(1.0)), (small, None), (np.eye(8), nz.White(1.0) + nz.White(2.0))],
        "log_odds": [(large, nz.White(1.0)), (small, nz.White(1.0) + nz.Common(1.0)), (large, nz.Common(1.0))],
        None: [(small, nz.Pulse(1.0)), (small, Uniform()), (large, nz.OrnsteinUhlenbeck(1.0))],
    }
    for field, cases in averaged.items():
        for weights, noise in cases:
            network = nz.Boltzmann(weights, noise=noise).dynamics()
            assert [name for name in ("table", "log_odds") if getattr(network, name) is not None] == [field] * bool(
                field
            )


@pytest.mark.slow
def test_networks_with_and_without_noise_are_simulated_together():
    for size in (3, 9):
        weights = nz.weights.gaussian(size, 1.0, key=KEY)
        weights[0] = 0  # a zero field, both signs of which are equally probable
        networks = [nz.SignNetwork(weights, noise=nz.White(r)) for r in (0.0, 1e-9, 1.0)]
        final = nz.simulate(networks, 1, key=KEY, runs=4000, start=2**size - 1).final.values
        field = weights @ np.ones(size)
        assert (final[:2, :, 1:] == np.sign(field)[1:]).all()
        assert np.abs(final[:, :, 0].mean(1)).max() < 5.1 / np.sqrt(4000)  # false alarms 1e-6
        assert final[2, :, 1].mean() == pytest.approx(1 - 2 * norm.sf(field[1]), abs=5.1 / np.sqrt(4000))
    noises = nz.White(np.linspace(0, 1, 9)), nz.White(np.ones(9))
    assert nz.simulate([nz.Boltzmann(weights, noise=noise) for noise in noises], 1, key=KEY).final.shape == (2, 1, 9)


@pytest.mark.slow
@pytest.mark.parametrize("size", [3, 9])
def test_averaged_and_drawn_noise_have_the_same_law(size):
    """Means of the units after one step from a state, by 40,000 runs each: false alarms 1e-5 for 24 comparisons."""
    weights = nz.weights.gaussian(size, 2.0, key=KEY)
    runs, noise = 40_000, nz.White(2.0) + nz.Common(1.0)
    for kind in (nz.Boltzmann, nz.SignNetwork):
        drawn = kind(weights, noise=nz.Pulse(1.0, 0, 10, noise=noise))  # a pulse over the whole trial is drawn
        averaged = kind(weights, noise=noise)
        means = [nz.simulate(network, 2, key=KEY, runs=runs).final.values.mean(0) for network in (drawn, averaged)]
        assert np.abs(means[0] - means[1]).max() < 5.1 * np.sqrt(2 / runs)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [nz.Boltzmann, nz.SignNetwork])
@pytest.mark.parametrize("std", [1.0, 25.0])
def test_the_compiled_step_flips_units_with_their_probability(kind, std):
    """The mean number of flips of 400,000 units, within a false-alarm rate of 1e-6 per case."""
    size, runs = 20, 20_000
    network = kind(nz.weights.mean_field_hopfield(size, 40.0 if std > 1 else 2.0), noise=nz.White(std))
    start = np.ones(size)
    field = network.field(start)
    q = np.asarray(network.flip_probability(jnp.abs(field), jnp.full(size, std), reach=network.reach()))
    after = nz.simulate(network, 1, (), key=KEY, runs=runs, start=start).final.values
    flips = (after != np.sign(field)).sum()
    expected, variance = runs * q.sum(), runs * (q * (1 - q)).sum()
    assert abs(flips - expected) < norm.isf(5e-7) * np.sqrt(variance)


def test_coded_states_have_the_units_of_their_code():
    units = nz.codes.states(3)
    states = jax.vmap(lambda u: CodedState.from_units(u, (jnp.uint32(1), jnp.uint32(2))))(jnp.asarray(units))
    assert states.code.tolist() == list(range(8))
    assert (np.asarray(states.units) == units).all()


def test_a_tabulated_network_is_not_taken_for_a_class_of_the_users():
    assert not is_own(nz.Boltzmann(np.eye(3)).dynamics())
