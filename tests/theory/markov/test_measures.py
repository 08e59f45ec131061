import warnings

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit, log_ndtr, logsumexp

import noisette as nz
from noisette.codes import states
from noisette.errors import InputError
from noisette.theory import markov

ARBITRARY = [[1, -2, 3, 0, -1], [2, 0, -1, 1, -3], [-1, 3, 2, -2, 0], [0, 1, -2, -1, 3], [3, -1, 0, 2, 1]]
AUTAPSES = nz.weights.autapses(10)
NROOKS = nz.weights.nrooks(20)
HOPFIELD = nz.weights.hopfield([24, 7], 10)
BOTH = [nz.Boltzmann, nz.SignNetwork]


def plain_matrix(network, draws=None):
    """Return P from its definition: a loop over pairs of states and, for noise, over a fine grid of shared values."""
    every = states(network.size)
    fields = every @ np.asarray(network.weights).T + np.asarray(network.bias)
    total = np.zeros((len(every), len(every)))
    for z, mass in draws or [(0.0, 1.0)]:
        up = expit(fields + z) if isinstance(network, nz.Boltzmann) else (fields + z > 0) * 1.0
        for b, after in enumerate(every):
            total[:, b] += mass * np.prod(np.where(after > 0, up, 1 - up), axis=1)
    return total


@pytest.mark.slow
def test_common_noise_differs_from_independent_noise():
    # autapses, r = 50: the specification's 1.3732 is the stationary value; 1e4 steps from code 0 give 1.3731
    network = nz.Boltzmann(AUTAPSES, noise=nz.Common(50.0))
    assert float(markov.measures(network, estimator="stationary").entropy) == pytest.approx(1.3732, abs=0.5001e-4)
    assert float(markov.measures(network).entropy) == pytest.approx(1.37314, abs=0.5001e-5)
    assert float(markov.measures(network.with_noise(nz.White(50.0))).entropy) > 4.99


@pytest.mark.slow
def test_information_of_a_chain_is_that_of_dit():
    p = np.array([[0.7, 0.1, 0.1, 0.1], [0.1, 0.7, 0.1, 0.1], [0.25] * 4, [0.05, 0.05, 0.2, 0.7]])
    where = markov.stationary_of(p)
    result = nz.analysis.plug_in(where[:, None] * p)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations in another library are not errors of this package
        import dit
        from dit.shannon import entropy, mutual_information

        pairs = [(str(a), str(b)) for a in range(4) for b in range(4)]
        joint = dit.Distribution(pairs, (where[:, None] * p).ravel())
        information = mutual_information(joint, [0], [1])
        assert float(result.information) == pytest.approx(float(information), abs=1e-10)
        assert float(result.entropy) == pytest.approx(float(entropy(joint.marginal([0]))), abs=1e-10)


def test_the_noise_free_matrix_equals_its_definition():
    network = nz.Boltzmann(ARBITRARY, bias=[0.5, -1, 0, 2, 0.25])
    assert np.abs(markov.transition_matrix(network) - plain_matrix(network)).max() < 1e-14


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize(
    "noise",
    [nz.White(3.0), nz.Common(3.0), nz.White(2.0) + nz.Common(1.5), nz.White([0, 1, 2, 3, 4.0])],
    ids=["white", "common", "both", "each"],
)
def test_rows_sum_to_one(kind, noise):
    p = markov.transition_matrix(kind(ARBITRARY, bias=0.3, noise=noise))
    assert (p >= 0).all()
    assert p.sum(1) == pytest.approx(1.0, abs=1e-13)


@pytest.mark.parametrize("kind", BOTH)
def test_limits_of_weak_and_infinite_noise(kind):
    quiet = markov.transition_matrix(kind(ARBITRARY))
    assert markov.transition_matrix(kind(ARBITRARY, noise=nz.White(1e-6))) == pytest.approx(quiet, abs=1e-9)
    assert markov.transition_matrix(kind(ARBITRARY, noise=nz.White(1e9))) == pytest.approx(1 / 32, abs=1e-8)
    assert markov.transition_matrix(kind(ARBITRARY, noise=nz.White(1e17))) == pytest.approx(1 / 32, abs=1e-15)


@pytest.mark.parametrize("kind", BOTH)
def test_flipping_all_units_changes_nothing_without_bias(kind):
    p = markov.transition_matrix(kind(ARBITRARY, noise=nz.White(2.0)))
    assert p == pytest.approx(p[::-1, ::-1], abs=1e-15)
    assert np.abs(markov.transition_matrix(kind(ARBITRARY, 0.5, nz.White(2.0))) - p[::-1, ::-1]).max() > 1e-3


@given(st.permutations(range(5)))
def test_permuting_units_permutes_states(order):
    bias = np.arange(5) / 3
    p = markov.transition_matrix(nz.Boltzmann(ARBITRARY, bias, nz.White(2.0)))
    renamed = np.array(ARBITRARY, float)[np.ix_(order, order)]
    q = markov.transition_matrix(nz.Boltzmann(renamed, bias[order], nz.White(2.0)))
    names = nz.codes.encode(states(5)[:, order])
    assert q[np.ix_(names, names)] == pytest.approx(p, abs=1e-14)


def test_units_of_zero_and_one_are_the_same_chain():
    weights, bias = np.array(ARBITRARY, float), np.arange(5) - 2.0
    p = markov.transition_matrix(nz.Boltzmann.from_zero_one(weights, bias))
    x = (states(5) + 1) / 2
    up = expit(x @ weights.T + bias)
    direct = np.array([[np.prod(np.where(after > 0, row, 1 - row)) for after in states(5)] for row in up])
    assert p == pytest.approx(direct, abs=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_common_noise_equals_a_fine_sum_over_the_shared_value(kind):
    network = kind([[1.0, -2.0, 0.5], [0.3, 1.0, 1.2], [-1.0, 0.4, 0.7]], bias=[0.1, -0.2, 0.3])
    z = np.linspace(-9, 9, 18_001)
    mass = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    direct = plain_matrix(network, list(zip(2.5 * z, mass, strict=True)))
    allowed = 1e-12 if kind is nz.Boltzmann else 5e-4  # the sum is coarse where units jump
    assert markov.transition_matrix(network.with_noise(nz.Common(2.5))) == pytest.approx(direct, abs=allowed)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_shared_noise_keeps_the_signs_of_its_loadings(kind):
    """Units with opposite loadings are pushed in opposite directions: sign units without weights always differ."""
    network = kind([[1.0, -2.0, 0.5], [0.3, 1.0, 1.2], [-1.0, 0.4, 0.7]], bias=[0.1, -0.2, 0.3])
    loadings = np.array([1.5, -2.0, 0.5])
    z = np.linspace(-9, 9, 9_001)
    mass = np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum()
    direct = plain_matrix(network, list(zip(np.outer(z, loadings), mass, strict=True)))
    noise = nz.noise.Channels(loadings[:, None], nz.White(1.0))
    allowed = 1e-12 if kind is nz.Boltzmann else 1e-3  # the sum is coarse where units jump
    assert markov.transition_matrix(network.with_noise(noise)) == pytest.approx(direct, abs=allowed)
    opposed = nz.SignNetwork(np.zeros((2, 2)), noise=nz.noise.Channels([[1.0], [-1.0]], nz.White(3.0)))
    assert markov.transition_matrix(opposed)[0] == pytest.approx([0, 0.5, 0.5, 0])


@pytest.mark.slow
@pytest.mark.parametrize(("independent", "common"), [(0.7, 0.7), (0.8, 0.4)])
def test_rare_transitions_in_mixed_noise_have_a_small_relative_error(independent, common):
    """Sign units, by a fine sum of the logarithms of P given the shared value."""
    weights = 10 * np.eye(5)
    network = nz.SignNetwork(weights, noise=nz.White(independent) + nz.Common(common))
    every, z = states(5), np.linspace(-38, 38, 2_001)
    fields = every @ weights.T
    logarithms = [
        [log_ndtr(after * (h + common * z[:, None]) / independent).sum(1) - z**2 / 2 for after in every] for h in fields
    ]
    direct = logsumexp(logarithms, axis=-1) + np.log((z[1] - z[0]) / np.sqrt(2 * np.pi))
    assert direct.min() < -30
    np.testing.assert_allclose(np.log(markov.transition_matrix(network)), direct, rtol=0, atol=1e-9)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_common_and_independent_noise_are_equivalent_for_one_unit(kind):
    for weight, strength in ((2.0, 3.0), (30.0, 5.0)):
        independent = markov.transition_matrix(kind([[weight]], 0.5, nz.White(strength)))
        common = markov.transition_matrix(kind([[weight]], 0.5, nz.Common(strength)))
        mixed = markov.transition_matrix(kind([[weight]], 0.5, nz.White(0.6 * strength) + nz.Common(0.8 * strength)))
        assert common == pytest.approx(independent, rel=1e-12, abs=0)
        assert mixed == pytest.approx(independent, rel=1e-12, abs=0)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
def test_mixed_noise_keeps_the_law_of_each_unit(kind):
    # summed over the other unit's state, two units in mixed noise must behave as in white noise of the same size
    weights = [[1.0, -2.0], [0.5, 1.5]]
    mixed = markov.transition_matrix(kind(weights, noise=nz.White(1.2) + nz.Common(1.6))).reshape(4, 2, 2)
    white = markov.transition_matrix(kind(weights, noise=nz.White(2.0))).reshape(4, 2, 2)
    assert mixed.sum(2) == pytest.approx(white.sum(2), abs=1e-12)
    assert mixed.sum(1) == pytest.approx(white.sum(1), abs=1e-12)
    assert np.abs(mixed - white).max() > 0.01


def test_a_pulse_has_the_matrix_of_each_of_its_steps():
    network = nz.Boltzmann(ARBITRARY, noise=nz.Pulse(3.0, start=4))
    quiet, noisy = network.with_noise(None), network.with_noise(nz.White(3.0))
    assert (markov.transition_matrix(network, 3) == markov.transition_matrix(quiet)).all()
    assert (markov.transition_matrix(network, 4) == markov.transition_matrix(noisy)).all()


@pytest.mark.parametrize("steps", [1, 2, 7, 64, 100])
def test_time_average_equals_a_plain_loop(steps):
    network = nz.Boltzmann(ARBITRARY, noise=nz.White(1.0))
    p, now, total = markov.transition_matrix(network), np.eye(32)[3], np.zeros(32)
    for _ in range(steps):
        total += now
        now = now @ p
    assert markov.occupation(network, steps, 3) == pytest.approx(total / steps, abs=1e-14)


@pytest.mark.slow
@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("estimator", ["fixed-start", "start-averaged"])
def test_weak_fields_keep_their_sign_in_small_networks(kind, estimator):
    # fields on both sides of zero and all below 1, no mirror symmetry: H, I and D from the joint distribution
    network = kind(0.2 * np.array(ARBITRARY)[:3, :3], [0.3, -0.15, 0.05], nz.White(0.7))
    fields = network.field(states(3))
    assert ((fields > 0) & (fields < 1)).any()
    assert (fields < 0).any()
    expected = nz.analysis.plug_in(markov.joint(network, 40, 5, estimator))
    result = markov.measures(network, 40, 5, estimator)
    assert [float(x) for x in result] == pytest.approx([float(x) for x in expected], abs=1e-12)


@pytest.mark.slow
def test_matrix_free_equals_dense():
    # 8 units: the product of two thin factors against the full matrix and a plain loop
    network = nz.Boltzmann(nz.weights.gaussian(8, 2.0, key=jax.random.key(1)), noise=nz.White(2.0))
    p = markov.transition_matrix(network)
    for steps in (3, 200):
        now, total = np.eye(256)[5], np.zeros(256)
        for _ in range(steps):
            total += now
            now = now @ p
        result = markov.measures(network, steps, 5)
        exact = nz.analysis.plug_in((total / steps)[:, None] * p)
        assert [float(x) for x in result] == pytest.approx([float(x) for x in exact], abs=1e-12)
    where = markov.stationary(network)
    assert where @ p == pytest.approx(where, abs=1e-15)


@pytest.mark.slow
def test_matrix_free_refuses_a_metastable_chain_of_thirteen_units():
    network = nz.Boltzmann(nz.weights.autapses(20, 13))
    with pytest.raises(InputError, match="mixes too slowly"):
        markov.stationary(network)


def test_return_time_is_the_inverse_of_the_stationary_probability():
    network = nz.Boltzmann(ARBITRARY, 0.4, nz.White(2.0))
    where = markov.stationary(network)
    for code in (0, 13, 31):
        assert markov.passage_times(network, code)[code] == pytest.approx(1 / where[code], rel=1e-12)


def test_several_targets_are_reached_before_each_of_them():
    network = nz.Boltzmann(ARBITRARY, noise=nz.White(2.0))
    both = markov.passage_times(network, [3, 9])
    others = np.setdiff1d(np.arange(32), [3, 9])
    p = markov.transition_matrix(network)
    rest = np.linalg.solve(np.eye(30) - p[np.ix_(others, others)], np.ones(30))
    assert both[others] == pytest.approx(rest, rel=1e-10)


def test_times_are_infinite_where_the_target_may_be_missed():
    quiet = nz.SignNetwork(HOPFIELD)
    times = markov.passage_times(quiet, 7)
    assert times[7] == 1
    assert np.isinf(times[24])
    assert times[15] == 1  # decays immediately
    with pytest.raises(InputError, match="2 closed sets"):
        markov.stationary(quiet)
    assert np.isinf(markov.escape_time(quiet, [24]))
    assert np.isinf(markov.escape_time(quiet, list(range(32))))


def test_symmetric_weights_produce_no_entropy_and_cycles_do():
    # parallel Boltzmann units with symmetric weights and no noise obey detailed balance
    symmetric = nz.Boltzmann(nz.weights.symmetric(5, key=jax.random.key(0)), bias=0.3)
    assert markov.entropy_production(symmetric) == pytest.approx(0.0, abs=1e-12)
    assert markov.entropy_production(nz.Boltzmann(nz.weights.nrooks(2))) > 1
    assert markov.entropy_production(nz.SignNetwork([[0, 1], [-1, 0]])) == np.inf


def test_joint_sums_to_one_and_has_the_occupation_as_its_margin():
    network = nz.Boltzmann(ARBITRARY, noise=nz.White(1.0))
    for estimator in markov.ESTIMATORS:
        joint = markov.joint(network, 100, 2, estimator)
        assert joint.sum() == pytest.approx(1, abs=1e-13)
    assert markov.joint(network, 100, 2).sum(1) == pytest.approx(markov.occupation(network, 100, 2), abs=1e-14)


class Drift(nz.noise.Noise):
    """User-defined noise with memory."""

    strength: float = 1.0

    def sample(self, state, time, size, *, key, dt=1.0):
        return jax.random.normal(key, (size,), float), state

    def scaled(self, factor):
        return Drift(float(factor) * self.strength)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: markov.transition_matrix(nz.Boltzmann(np.eye(13))), r"13 units.*at most 12"),
        (lambda: markov.measures(nz.Boltzmann(np.eye(17))), r"17 units.*at most 16"),
        (
            lambda: markov.measures(nz.Boltzmann(AUTAPSES), estimator="guess"),
            "estimator 'guess'; fixed-start",
        ),
        (
            lambda: markov.measures(nz.Boltzmann(AUTAPSES, noise=Drift())),
            "Drift has no independent Gaussian law",
        ),
        (lambda: markov.measures(nz.Boltzmann(AUTAPSES, noise=nz.Pulse(3.0))), "noise gated in time"),
        (
            lambda: nz.resonance(nz.Boltzmann(AUTAPSES, noise=nz.Pulse(3.0)), [1.0], estimator="fixed-start"),
            "noise gated in time",
        ),
        (lambda: markov.occupation(nz.Boltzmann(AUTAPSES), 0), "steps 0"),
        (lambda: markov.occupation(nz.Boltzmann(AUTAPSES), 5, -1), "0 to 31"),
        (lambda: markov.passage_times(nz.Boltzmann(AUTAPSES), 32), "0 to 31"),
        (
            lambda: markov.transition_matrix(nz.Boltzmann(np.eye(2), noise=nz.Common([1.0, 0]) + nz.Common(1.0))),
            "2 different shared factors",
        ),
        (lambda: markov.transition_matrix(nz.Boltzmann(np.eye(2), noise=nz.Common(1e5))), "times as wide"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
