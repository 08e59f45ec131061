from itertools import product

import jax
import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.information import binary_entropy, mutual_information
from noisette.theory import markov

W = nz.weights.gaussian(3, 1.5, key=jax.random.key(2))
PATTERNS = np.array([[1.0, 0.5], [-1.0, 0.2], [0.3, -2.0]])
PROBABILITIES = [0.5, 0.3, 0.2]
M = np.array([[1.0, 0.2], [0.0, -0.7], [0.4, 0.0]])
GIVEN = {"probabilities": PROBABILITIES, "input_weights": M}


def matrices(network, strength):
    """Return the transition matrix given each pattern."""
    shifts = strength * PATTERNS @ M.T
    return [markov.transition_matrix(type(network)(network.weights, network.bias + s, network.noise)) for s in shifts]


@pytest.mark.parametrize(
    "noise", [None, nz.White(1.5), nz.White(0.5) + nz.Common(1.0)], ids=["none", "white", "common"]
)
def test_information_is_that_of_the_joint_distribution(noise):
    network = nz.Boltzmann(W, 0.2, noise)
    data = markov.input_information(network, PATTERNS, 1.7, lags=[1, 2, 4], **GIVEN)
    each = matrices(network, 1.7)
    mean = sum(p * q for p, q in zip(PROBABILITIES, each, strict=True))
    where = np.linalg.matrix_power(mean, 4000)[0]
    for lag, measured in zip((1, 2, 4), data.input_information.values, strict=True):
        later = np.linalg.matrix_power(mean, lag - 1)
        joint = np.array([p * where @ q @ later for p, q in zip(PROBABILITIES, each, strict=True)])
        assert measured == pytest.approx(float(mutual_information(joint)), abs=1e-11)
    successive = float(mutual_information(where[:, None] * mean))
    assert float(data.information) == pytest.approx(successive, abs=1e-11)


def test_both_orders_of_the_causes_give_the_same_total():
    data = markov.input_information(nz.Boltzmann(W, 0.2), PATTERNS, 1.7, **GIVEN)
    first = float(data.input_information[0] + data.conditional_information)
    assert first == pytest.approx(float(data.information + data.conditional_input_information), abs=1e-12)
    # independent causes: knowing one of them cannot reduce what the other one explains
    assert float(data.conditional_input_information) >= float(data.input_information[0]) - 1e-14


def test_processing_the_input_further_loses_information():
    data = markov.input_information(nz.Boltzmann(3 * W), 3, 2.0, lags=range(1, 9))
    values = data.input_information.values
    assert (np.diff(values) <= 1e-14).all()
    assert float(data.input_entropy) == pytest.approx(3.0, abs=1e-14)
    assert values[0] <= 3.0


def test_units_without_coupling_are_binary_channels():
    for eta in (0.3, 2.0):
        data = markov.input_information(nz.Boltzmann(np.zeros((3, 3))), 3, eta, lags=[1, 2])
        expected = 3 * (1 - float(binary_entropy(1 / (1 + np.exp(eta)))))
        assert data.input_information.values == pytest.approx([expected, 0.0], abs=1e-12)


def test_correlations_are_weighted_sums():
    network = nz.Boltzmann(W, 0.2)
    data = markov.input_information(network, PATTERNS, 1.7, **GIVEN)
    each = matrices(network, 1.7)
    where = np.linalg.matrix_power(sum(p * q for p, q in zip(PROBABILITIES, each, strict=True)), 4000)[0]
    total = 0.0
    every = nz.codes.states(3)
    for channel, unit in product(range(2), range(3)):
        cells = [
            (p * mass, x[channel], s[unit])
            for p, q, x in zip(PROBABILITIES, each, PATTERNS, strict=True)
            for mass, s in zip(where @ q, every, strict=True)
        ]
        weight, a, b = np.array(cells).T
        a, b = a - weight @ a, b - weight @ b
        total += (weight @ (a * b)) ** 2 / ((weight @ a**2) * (weight @ b**2)) / 6
    assert float(data.rms_input_correlation) == pytest.approx(np.sqrt(total), abs=1e-11)


def test_noise_helps_a_weak_input_into_strong_autapses():
    network = nz.Boltzmann(nz.weights.autapses(10, 4))
    values = [
        float(markov.input_information(network.with_noise(nz.White(r)), 4, 2.0).input_information[0])
        for r in (0.0, 10.0, 80.0)
    ]
    assert values[1] > 10 * max(values[0], values[2])


def test_a_graded_input_has_an_optimal_strength_and_binary_channels_have_none():
    network, levels = nz.Boltzmann(np.zeros((4, 4))), [-1.5, -0.5, 0.5, 1.5]
    graded = [
        float(markov.input_information(network, levels, eta, input_weights=np.ones((4, 1))).input_information[0])
        for eta in (0.5, 4.0, 60.0)
    ]
    assert graded[1] > 1.1 > graded[2] == pytest.approx(1.0, abs=1e-6)  # strong inputs leave the sign alone
    binary = [float(markov.input_information(network, 4, eta).input_information[0]) for eta in (0.5, 4.0, 60.0)]
    assert (np.diff(binary) > 0).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"patterns": 4}, "4 channels into 3 units"),
        ({"patterns": 11}, "11 channels"),
        ({"patterns": np.ones((2, 2, 2))}, "patterns of shape"),
        ({"probabilities": [0.5, 0.6]}, "sum to 1"),
        ({"probabilities": [1.0]}, r"probabilities of shape \(1,\)"),
        ({"input_weights": np.ones((2, 1))}, r"input_weights of shape \(2, 1\)"),
        ({"lags": [0]}, "lags 0"),
        ({"lags": []}, "no lags"),
        ({"strength": np.nan}, "strength nan"),
    ],
)
def test_wrong_inputs_are_refused(options, message):
    with pytest.raises(InputError, match=message):
        markov.input_information(nz.Boltzmann(W), **options)


def test_results_can_be_made_again():
    data = markov.input_information(nz.Boltzmann(W), 2, 1.5, lags=[1, 3])
    assert nz.rerun(data).identical(data)
    assert data.lag.units == "step"
