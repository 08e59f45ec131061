"""Noise with a covariance between units: law, samples, exact chains and refusals."""

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.noise import Channels, Common, Correlated, OrnsteinUhlenbeck, White
from noisette.theory import markov

RNG = np.random.default_rng(5)
ROOT = RNG.standard_normal((4, 4))
COVARIANCES = {
    "full": ROOT @ ROOT.T,
    "uniform": 0.6 * np.eye(4) + 0.4,
    "negative": 1.2 * np.eye(4) - 0.3,
    "singular": ROOT[:, :2] @ ROOT[:, :2].T,
    "common": np.ones((4, 4)),
    "diagonal": np.diag([1.0, 0.0, 4.0, 2.0]),
    "identity": 2.0 * np.eye(4),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COVARIANCES)
def test_the_law_is_the_covariance(name):
    noise, expected = Correlated(COVARIANCES[name]), COVARIANCES[name]
    assert noise.covariance == pytest.approx(expected, abs=1e-12)
    for law in (noise.step_law(4, 0), noise.white_part(4)):
        std, factors = (np.asarray(part) for part in law)
        assert np.diag(std**2) + factors.T @ factors == pytest.approx(expected, abs=1e-12)
    factor = np.array([1.0, 2.0, 0.5, 3.0])
    assert (factor * noise).covariance == pytest.approx(factor[:, None] * expected * factor, abs=1e-12)
    assert (2 * noise).covariance == pytest.approx(4 * expected, abs=1e-12)


def test_few_processes_where_few_suffice():
    assert [Correlated(COVARIANCES[name]).number for name in ("uniform", "common", "singular", "full")] == [5, 1, 2, 4]
    assert Correlated.from_correlation(1.0, 0.3, 100).number == 101


@pytest.mark.slow
@pytest.mark.parametrize("inner", [None, White(0.5), OrnsteinUhlenbeck(0.5, 2.0)])
@pytest.mark.parametrize("name", ["full", "uniform"])
def test_samples_have_the_covariance(name, inner):
    # 40 000 trials: covariances within 5 standard errors, at most √2 of the largest variance; false alarms below 1e-5
    noise, number = Correlated(COVARIANCES[name], inner), 40_000
    expected = COVARIANCES[name] * (1.0 if inner is None else 0.25)
    keys = jax.random.split(jax.random.key(0), (2, number))
    states = jax.vmap(lambda key: noise.init(4, key=key))(keys[0])
    draws, _ = jax.vmap(lambda state, key: noise.sample(state, 0.0, 4, key=key, dt=0.25))(states, keys[1])
    if noise.has_values:
        values = jax.vmap(lambda state: noise.value(state, 0.0, 4))(states)
        assert np.asarray(draws) == pytest.approx(0.25 * np.asarray(values))
        draws = values
    else:
        expected = 0.25 * expected
    assert np.abs(np.cov(np.asarray(draws).T) - expected).max() < 5 * np.sqrt(2 / number) * expected.max()


@pytest.mark.slow
def test_a_uniform_correlation_is_independent_and_common_noise_in_exact_chains():
    weights = nz.weights.autapses(10, 3)
    mixed = White(0.7**0.5 * 4) + Common(0.3**0.5 * 4)
    expected = markov.measures(nz.Boltzmann(weights, noise=mixed))
    ours = markov.measures(nz.Boltzmann(weights, noise=Correlated.from_correlation(4.0, 0.3, 3)))
    assert ours.information == pytest.approx(expected.information, rel=1e-9)
    with pytest.raises(InputError, match="different shared factors"):
        markov.measures(nz.Boltzmann(weights, noise=Correlated([[2.0, 1, 0], [1, 2, 0.5], [0, 0.5, 1]])))


def test_theory_accepts_independent_units_only():
    tanh = nz.activations.tanh
    ours = nz.theory.mean_field(tanh, 0.5, Correlated(4 * np.eye(3), OrnsteinUhlenbeck(0.5, 2.0)))
    expected = nz.theory.mean_field(tanh, 0.5, OrnsteinUhlenbeck(1.0, 2.0))
    assert float(ours.variance) == pytest.approx(float(expected.variance), rel=1e-12)
    with pytest.raises(InputError, match=r"Correlated noise; .*independent between units"):
        nz.theory.mean_field(tanh, 0.5, Correlated.from_correlation(1.0, 0.2, 3))


def test_correlated_processes_equal_channels_through_the_root():
    noise = Correlated(COVARIANCES["full"])
    channels = Channels(np.asarray(noise.shared).T)
    key = jax.random.key(2)
    assert np.asarray(noise.sample((), 0.0, 4, key=key)[0]) == pytest.approx(
        np.asarray(channels.sample((), 0.0, 4, key=key)[0])
    )


def test_a_user_defined_noise_within_is_tried():
    class Wrong(nz.noise.Noise):
        def sample(self, state, time, size, *, key, dt=1.0):
            return jax.numpy.zeros(size + 1), state

        def scaled(self, factor):
            return self

    with pytest.raises(InputError, match="sample of Wrong"):
        nz.RateNetwork(np.zeros((2, 2)), noise=Correlated(np.eye(2), Wrong()))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Correlated([[1.0, 2.0]]), r"covariance of shape \(1, 2\)"),
        (lambda: Correlated([[1.0, 0.5], [0.4, 1.0]]), "differs from its transpose by 0.1"),
        (lambda: Correlated([[1.0, 2.0], [2.0, 1.0]]), "eigenvalue -1; a covariance matrix has no negative"),
        (lambda: Correlated([[1.0, np.nan], [np.nan, 1.0]]), "covariance"),
        (lambda: Correlated.from_correlation(1.0, -0.6, 3), r"correlation -0\.6; a number from -0\.5 to 1"),
        (lambda: Correlated(np.eye(2)).init(3, key=jax.random.key(0)), "a covariance of 2 units; the network has 3"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
