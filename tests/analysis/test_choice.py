"""Choice of the method by size and noise, and agreement of sampled with exact results."""

import jax
import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

import noisette as nz
from noisette.analysis import choose_estimator, conditional_entropy, default_strengths, sampled_divergence
from noisette.errors import InputError

FALSE_ALARMS = 1e-4  # probability that a comparison below fails although the estimator is right


def gaussian(size, strength=2.0):
    return nz.weights.gaussian(size, strength * size**-0.5, key=jax.random.key(size))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("size", "noise", "estimator"),
    [
        (5, nz.White(1.0), "fixed-start"),
        (12, nz.Common(1.0), "fixed-start"),
        (13, nz.Common(1.0), "single-run"),
        (16, nz.White(1.0), "fixed-start"),
        (17, nz.White(1.0), "rao-blackwell"),
        (5, nz.OrnsteinUhlenbeck(1.0, 3.0), "single-run"),
        (5, nz.White(1.0) + nz.Common(1.0), "fixed-start"),
        (400, nz.White(1.0), "rao-blackwell"),
    ],
)
def test_the_method_follows_from_size_and_noise(size, noise, estimator):
    choice = choose_estimator(nz.Boltzmann(gaussian(size), noise=noise))
    assert choice.estimator == estimator
    assert choice.exact == (estimator == "fixed-start")
    assert (choice.units is None) == choice.exact
    assert choice.units is None or len(choice.units) == 5
    assert 4 <= choice.runs <= 20


def test_selected_units_are_simulated_also_in_small_networks():
    choice = choose_estimator(nz.Boltzmann(gaussian(5)), units=[0, 1], runs=7)
    assert (choice.estimator, choice.units, choice.runs) == ("rao-blackwell", (0, 1), 7)


def test_the_reason_names_the_units_and_what_an_exact_result_requires():
    choice = choose_estimator(nz.Boltzmann(gaussian(30)))
    assert "30 units have 2^30 states" in choice.reason
    assert ", ".join(map(str, choice.units)) in choice.reason
    assert "8.59 GB for the distribution" in choice.alternative


def test_coupled_units_are_those_of_a_strong_block():
    block = [3, 11, 20, 21, 40]
    W = gaussian(60, 0.1)
    W[np.ix_(block, block)] += 1.0
    assert choose_estimator(nz.Boltzmann(W)).units == tuple(block)


def test_automatic_results_of_small_networks_are_those_of_the_exact_chain():
    network = nz.Boltzmann(nz.weights.hopfield([24, 7], 10))
    automatic, exact = nz.resonance(network, [0, 4, 20]), nz.resonance(network, [0, 4, 20], estimator="fixed-start")
    for name in ("entropy", "information", "divergence"):
        np.testing.assert_array_equal(automatic[name], exact[name])
    assert automatic.reason.startswith("Exact for all 5 units")
    assert "reason" not in exact.attrs


@pytest.mark.slow
def test_the_simulated_subset_agrees_with_the_lumped_chain():
    size, noise, steps = 20, [25.0, 40.0], 2000
    network = nz.Boltzmann(nz.weights.mean_field_hopfield(size, 40.0))
    curve = nz.resonance(network, noise, steps, np.ones(size), key=3)
    exact = [nz.theory.markov.one_pattern_measures(size, 40.0, r, steps, 5) for r in noise]
    assert curve.estimator == "rao-blackwell"
    quantile = student.isf(FALSE_ALARMS / (2 * 4), 19)
    bias = 31 / (2 * steps * np.log(2))  # of the plug-in entropy of 32 states
    for name in ("information", "divergence"):
        deviation = np.abs(curve[name] - [float(getattr(measures, name)) for measures in exact])
        assert (deviation < quantile * curve[f"{name}_se"] + bias).all()
    assert "conditional_entropy" in curve


@pytest.mark.slow
def test_simulated_and_exact_conditional_entropy_agree():
    network, noise = nz.Boltzmann(gaussian(8)), [0.0, 1.0, 3.0]
    exact = conditional_entropy(network, noise, 500)
    sampled = conditional_entropy(network, noise, 500, method="simulated", runs=40, key=5)
    assert (exact.method, sampled.method) == ("exact", "simulated")
    quantile = student.isf(FALSE_ALARMS / (2 * 3), 39)
    deviation = np.abs(sampled.conditional_entropy - exact.conditional_entropy) / sampled.conditional_entropy_se
    assert float(deviation.max()) < quantile
    assert norm.isf(FALSE_ALARMS) < quantile  # tails of Student's law are heavier
    same = sampled_divergence(network, noise, 500, runs=40, key=5)
    np.testing.assert_array_equal(sampled.conditional_entropy, same.divergence)


def test_exact_conditional_entropy_of_a_large_network_is_refused():
    with pytest.raises(InputError, match="30 units are too many"):
        conditional_entropy(nz.Boltzmann(gaussian(30)), [1.0], method="exact")


def test_strengths_scale_with_the_fields():
    small, large = (default_strengths(nz.Boltzmann(gaussian(60, scale))) for scale in (0.01, 100.0))
    np.testing.assert_allclose(large[1:] / small[1:], 1e4, rtol=0.1)


@pytest.mark.slow
def test_noise_moves_a_large_sign_network_between_its_attractors():
    network = nz.SignNetwork(nz.weights.mean_field_hopfield(21, 20.0))
    effect = nz.noise_effect(network, steps=2000, runs=8)
    assert effect.helps
    assert effect.attractors is None
    assert effect.method.startswith("Simulated, rao-blackwell, 8 runs: 21 units")
    silent = nz.noise_effect(nz.Boltzmann(np.zeros((21, 21))), [0.0, 1.0], steps=200, runs=8)
    assert silent.helps is False


@pytest.mark.parametrize(("size", "method"), [(13, "auto"), (60, "auto"), (5, "simulated")])
def test_conditional_entropy_in_shared_noise_says_what_to_do(size, method):
    network = nz.Boltzmann(nz.weights.autapses(10, size), noise=nz.Common(1.0))
    with pytest.raises(InputError, match=f"of {size} units in noise that is shared.*up to 12 units.*`resonance`"):
        conditional_entropy(network, [1.0], method=method)
