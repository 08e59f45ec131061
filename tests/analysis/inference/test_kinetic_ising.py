"""Weights of binary networks: a general optimiser, exact small cases, recovery, entropy, and refusal."""

import jax
import numpy as np
import pytest
import scipy.optimize
import xarray as xr

import noisette as nz
from noisette.analysis import kinetic_ising
from noisette.errors import InputError

N = 5
RNG = np.random.default_rng(2)
W = RNG.standard_normal((N, N)) / np.sqrt(N)
B = 0.3 * RNG.standard_normal(N)
NETWORK = nz.Boltzmann(W, B)


def states(steps, runs=1, key=0, network=NETWORK):
    return nz.simulate(network, steps=steps, probes=nz.Trace(), runs=runs, key=key).trace


def negative(theta, x, y, penalty):
    """Return minus the log likelihood of one unit, and its slope."""
    field = x @ theta
    p = 1 / (1 + np.exp(-field))
    prior = penalty * np.append(theta[:-1], 0.0)
    return -(y * field - np.logaddexp(0, field)).sum() + theta @ prior / 2, x.T @ (p - y) + prior


@pytest.mark.parametrize("penalty", [0.0, 5.0])
def test_a_general_optimiser_finds_the_same_maximum(penalty):
    """Without penalty the bias of order 1/T is subtracted, which is that of Cox & Snell by explicit sums."""
    trace = states(600).values[0]
    fit = kinetic_ising(trace, penalty=penalty)
    x = np.column_stack([trace[:-1], np.ones(len(trace) - 1)])
    for i in range(N):
        y = (trace[1:, i] > 0).astype(float)
        best = scipy.optimize.minimize(negative, np.zeros(N + 1), (x, y, penalty), jac=True, options={"gtol": 1e-9})
        p = 1 / (1 + np.exp(-x @ best.x))
        information = (x * (p * (1 - p))[:, None]).T @ x
        inverse = np.linalg.inv(information + penalty * np.diag([1.0] * N + [0.0]))
        leverage = p * (1 - p) * np.einsum("ti,ij,tj->t", x, inverse, x)
        bias = inverse @ x.T @ (leverage * (p - 0.5)) if penalty == 0 else 0.0
        found = np.append(fit.weights.values[i], fit.bias.values[i])
        np.testing.assert_allclose(found, best.x - bias, atol=1e-5)
        error = np.sqrt(np.diag(inverse @ information @ inverse))
        np.testing.assert_allclose(np.append(fit.weights_se[i], fit.bias_se[i]), error, rtol=1e-4)


def test_one_unit_is_a_table_of_two_by_two():
    """With u = Ws + b the log-odds after each state are those of the counts; var W = ¼ Σ 1/counts."""
    trace = states(2000, network=nz.Boltzmann([[0.8]], 0.3)).values[0]
    fit = kinetic_ising(trace, penalty=0.0)
    before, after = trace[:-1, 0] > 0, trace[1:, 0] > 0
    table = np.array([[(before == a)[after == b].sum() for b in (True, False)] for a in (True, False)])
    odds = np.log(table[:, 0] / table[:, 1])
    assert float(fit.weights_se[0, 0]) == pytest.approx(np.sqrt((1 / table).sum()) / 2, rel=1e-5)
    assert float(fit.weights[0, 0]) == pytest.approx((odds[0] - odds[1]) / 2, abs=5 / len(trace))
    assert float(fit.bias[0]) == pytest.approx(odds.sum() / 2, abs=5 / len(trace))


def test_flipped_units_and_permuted_units():
    """s_k → −s_k changes the signs of row and column k and of b_k; a permutation permutes."""
    trace = states(500).values[0]
    signs = np.array([1.0, -1.0, 1.0, 1.0, -1.0])
    one, two = kinetic_ising(trace), kinetic_ising(trace * signs)
    np.testing.assert_allclose(two.weights, signs[:, None] * one.weights.values * signs, atol=1e-6)
    np.testing.assert_allclose(two.bias, signs * one.bias.values, atol=1e-6)
    order = np.array([2, 0, 4, 1, 3])
    np.testing.assert_allclose(kinetic_ising(trace[:, order]).weights, one.weights.values[order][:, order], atol=1e-6)


def test_trials_are_not_joined():
    """The pair of the last state of a trial and the first of the next one is not used."""
    trace = states(300, runs=2).values
    separate = kinetic_ising(trace)
    x = np.concatenate([trace[0, :-1], trace[1, :-1]])
    y = np.concatenate([trace[0, 1:], trace[1, 1:]])
    joined = np.stack([x, y], axis=1)  # trials of two states
    np.testing.assert_allclose(kinetic_ising(joined).weights, separate.weights, atol=1e-6)


def test_entropy_rate_is_that_of_the_chain():
    """Exact conditional entropy H(s'|s); within 4 standard errors, false alarm 6 · 10⁻⁵."""
    exact = float(nz.theory.markov.measures(NETWORK).divergence)  # D = H(s'|s)
    fit = kinetic_ising(states(20_000))
    assert float(fit.entropy_rate) == pytest.approx(exact, abs=4 * float(fit.entropy_rate_se))
    assert float(fit.entropy_rate_se) < 0.05


def test_the_network_is_simulated_again_with_the_names_of_its_units():
    names = list("abcde")
    trace = xr.DataArray(states(400).values[0], {"unit": names}, ("time", "unit"))
    fit = kinetic_ising(trace)
    network = nz.Boltzmann(fit.weights, fit.bias)
    assert list(network.unit_names) == names
    np.testing.assert_array_equal(network.weights, fit.weights)


@pytest.mark.slow
def test_intervals_contain_the_truth_in_95_percent():
    """100 data sets of 30 coefficients: s.e. 0.4 %, 4.5 s.e.; without the correction of the bias coverage is lower."""
    inside = []
    for key in range(100):
        fit = kinetic_ising(states(600, key=key))
        inside.append(((fit.weights_low <= W) & (fit.weights_high >= W)).values.ravel())
        inside.append(((fit.bias_low <= B) & (fit.bias_high >= B)).values)
    assert np.concatenate(inside).mean() == pytest.approx(0.95, abs=0.018)


@pytest.mark.slow
def test_the_errors_are_the_scatter():
    """Ratio of mean error and standard deviation over 200 data sets, averaged over 30 coefficients: s.e. 1 %."""
    fits = [kinetic_ising(states(500, key=key)) for key in range(200)]
    found = np.array([np.append(fit.weights.values.ravel(), fit.bias) for fit in fits])
    errors = np.array([np.append(fit.weights_se.values.ravel(), fit.bias_se) for fit in fits])
    assert (errors.mean(0) / found.std(0)).mean() == pytest.approx(1.0, abs=0.05)
    deviation = (found.mean(0) - np.append(W.ravel(), B)) / (found.std(0) / np.sqrt(200))
    assert (abs(deviation) < 4.5).all()


def test_separable_units_are_named():
    """Unit 1 copies unit 0 without error: no finite maximum."""
    trace = states(300).values[0].copy()
    trace[1:, 1] = trace[:-1, 0]
    with pytest.raises(InputError, match=r"for unit 1; .*give a penalty"):
        kinetic_ising(trace)
    fit = kinetic_ising(trace, penalty=1.0)
    assert float(fit.weights[1, 0]) == pytest.approx(float(abs(fit.weights[1]).max()))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.tile([[0.0], [1.0]], (2, 3)), "states with values from 0 to 1"),
        (np.ones((9, 3)), "units 0, 1, 2 constant"),
        (np.where(np.eye(4) > 0, 1.0, -1.0), "3 steps of 4 units"),
        (np.ones(7), "shape"),
        (np.ones((2, 2, 2, 2)), "shape"),
    ],
)
def test_wrong_states(data, message):
    with pytest.raises(InputError, match=message):
        kinetic_ising(data)


def test_progress_reaches_the_end():
    calls = []
    kinetic_ising(states(200), progress=lambda done, total: calls.append((done, total)))
    assert calls[-1][0] == calls[-1][1]


def test_the_default_state_of_keys_is_untouched():
    first = jax.random.key(0)
    assert kinetic_ising(states(100, key=first)).equals(kinetic_ising(states(100, key=first)))
