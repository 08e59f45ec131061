import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.theory import markov

RANDOM = nz.Boltzmann(nz.weights.gaussian(4, 2.0, key=jax.random.key(1)), bias=[0.3, -0.2, 0.5, 0.0])


@pytest.mark.parametrize(
    "network",
    [RANDOM, pytest.param(RANDOM.with_noise(nz.White(0.5) + nz.Common(1.0)), marks=pytest.mark.slow)],
    ids=["own", "common"],
)
def test_correlations_are_those_of_the_joint_distribution(network):
    joint, every = markov.joint(network, estimator="stationary"), nz.codes.states(4)
    before, after = joint.sum(1), joint.sum(0)
    x, y = every - before @ every, every - after @ every
    covariance = y.T @ joint.T @ x
    expected = covariance / np.sqrt(np.outer(after @ y**2, before @ x**2))
    data = markov.rms_correlation(network)
    assert data.correlation.values == pytest.approx(expected, abs=1e-11)
    assert float(data.rms_correlation) == pytest.approx(np.sqrt((expected**2).mean()), abs=1e-12)


def test_equal_units_have_one_and_rooks_the_inverse_root():
    ferromagnet = markov.rms_correlation(nz.Boltzmann(np.full((4, 4), 8.0)))
    assert float(ferromagnet.rms_correlation) == pytest.approx(1.0, abs=1e-9)
    rooks = nz.weights.nrooks(40, size=5, key=jax.random.key(0))
    assert float(markov.rms_correlation(nz.Boltzmann(rooks)).rms_correlation) == pytest.approx(5**-0.5, abs=1e-9)


def test_more_information_can_come_with_smaller_correlations():
    """N copies have N bits and C = 1/√N, a ferromagnet has one bit and C = 1: no monotonic function relates them."""
    both = nz.Boltzmann(nz.weights.autapses(20.0, 5)), nz.Boltzmann(np.full((5, 5), 4.0))
    information = [float(markov.measures(n, estimator="stationary").information) for n in both]
    correlation = [float(markov.rms_correlation(n).rms_correlation) for n in both]
    assert information[0] > 4.9 > 1.1 > information[1]
    assert correlation[0] < 0.5 < 0.99 < correlation[1]


def test_units_that_never_change_have_no_correlation():
    network = nz.SignNetwork([[0.0, 0.0], [0.0, 0.0]], bias=[5.0, 0.0], noise=nz.White([0.0, 1.0]))
    data = markov.rms_correlation(network)
    assert (data.correlation.values == 0).all()


def test_names_label_the_matrix():
    network = nz.Boltzmann([[0.0, 1.0], [2.0, 0.0]], unit_names=["a", "b"])
    data = markov.rms_correlation(network)
    assert data.before.values.tolist() == data.after.values.tolist() == ["a", "b"]
    assert float(data.correlation.sel(after="b", before="a")) > float(data.correlation.sel(after="a", before="b")) > 0


def test_large_networks_are_refused_with_advice():
    with pytest.raises(InputError, match=r"analysis\.rms_correlation"):
        markov.rms_correlation(nz.Boltzmann(np.zeros((17, 17))))
