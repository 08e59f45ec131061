"""Periodic chains: closed forms, sums over explicit products of matrices, and the two-state limit."""

import equinox as eqx
import numpy as np
import pytest

import noisette as nz
from noisette.codes import states
from noisette.errors import InputError
from noisette.theory.markov import Reducible, Unresolved, periodic_response, transition_matrix

W = np.array([[0.5, -1.2], [0.9, 0.3]])
PAIR = nz.Boltzmann(W, bias=[0.2, -0.1], noise=nz.White(0.7))
SIGNAL = np.array([0.9, -0.4, 0.3, -1.1, 0.6])


def chain(network, signal):
    """Return the transition matrix of each step of a period."""
    shifted = [eqx.tree_at(lambda n: n.bias, network, network.bias + u) for u in signal]
    return [transition_matrix(each) for each in shifted]


def test_a_unit_without_memory_follows_the_signal():
    """⟨s_{k+1}⟩ = tanh(u_k/2); fluctuations of successive steps are independent, so that S = ⟨1 − m²⟩."""
    response = periodic_response(nz.Boltzmann([[0.0]]), SIGNAL)
    mean = np.roll(np.tanh(SIGNAL / 2), 1)
    np.testing.assert_allclose(response.mean, mean, rtol=1e-12)
    coefficients = [np.fft.fft(values)[1] / 5 for values in (mean, SIGNAL)]
    assert response.background == pytest.approx((1 - mean**2).mean(), rel=1e-12)
    assert response.amplification == pytest.approx(abs(coefficients[0] / coefficients[1]) ** 2, rel=1e-12)
    assert response.snr == pytest.approx(4 * np.pi * abs(coefficients[0]) ** 2 / (1 - mean**2).mean(), rel=1e-12)
    assert response.phase_lag == pytest.approx(np.angle(coefficients[1] / coefficients[0]), rel=1e-12)
    up = (1 + mean) / 2
    entropy = -(up * np.log2(up) + (1 - up) * np.log2(1 - up))
    total = -(up.mean() * np.log2(up.mean()) + (1 - up.mean()) * np.log2(1 - up.mean()))
    assert response.information == pytest.approx(total - entropy.mean(), rel=1e-9)


def test_occupation_is_that_of_the_chain_of_phase_and_state():
    response, steps = periodic_response(PAIR, SIGNAL), len(SIGNAL)
    joint = np.zeros((steps * 4, steps * 4))
    for k, matrix in enumerate(chain(PAIR, SIGNAL)):
        later = (k + 1) % steps
        joint[4 * k : 4 * k + 4, 4 * later : 4 * later + 4] = matrix
    values, vectors = np.linalg.eig(joint.T)
    stationary = vectors[:, np.argmin(abs(values - 1))].real
    expected = (stationary / stationary.sum()).reshape(steps, 4) * steps
    np.testing.assert_allclose(response.occupation, expected, atol=1e-12)


def test_background_is_the_sum_over_explicit_autocovariances():
    """Products of the matrices of 400 steps, after which correlations are below 1e-30."""
    output, steps = np.array([1.0, -0.5]), len(SIGNAL)
    response = periodic_response(PAIR, SIGNAL, output)
    y, matrices = states(2) @ output, chain(PAIR, SIGNAL)
    total = 0.0
    for k in range(steps):
        left = response.occupation[k] * (y - response.mean[k])
        total += left @ (y - response.mean[k])
        for lag in range(1, 400):
            left = left @ matrices[(k + lag - 1) % steps]
            total += 2 * np.cos(2 * np.pi * lag / steps) * (left @ (y - response.mean[(k + lag) % steps]))
    assert response.background == pytest.approx(total / steps, rel=1e-10)


def test_the_phase_of_the_period_is_arbitrary():
    first, second = (periodic_response(PAIR, np.roll(SIGNAL, n)) for n in (0, 2))
    np.testing.assert_allclose(np.roll(first.occupation, 2, axis=0), second.occupation, rtol=1e-12)
    for name in ("amplification", "phase_lag", "snr", "information", "background"):
        assert getattr(first, name) == pytest.approx(getattr(second, name), rel=1e-10)


def test_noise_shared_by_one_unit_is_independent_noise():
    shared, independent = (
        periodic_response(nz.Boltzmann([[1.5]], noise=noise), SIGNAL) for noise in (nz.noise.Common(2.0), nz.White(2.0))
    )
    np.testing.assert_allclose(shared.occupation, independent.occupation, rtol=1e-9)
    assert shared.snr == pytest.approx(independent.snr, rel=1e-9)


@pytest.mark.parametrize("period", [20, 200, 2000])
def test_two_state_limit_of_mcnamara_and_wiesenfeld(period):
    """A unit that flips with the rates r (1 ± A cos Ωt): α_0 = 2r, α_1 η_0 = 2rA in their notation.

    They divide the strength of the line by the one-sided spectrum, which halves the ratio; corrections are of order A²
    beyond theirs, and of order r for the discrete time.
    """
    coupling, amplitude = 7.0, 0.01
    u = amplitude * np.cos(2 * np.pi * np.arange(period) / period)
    response = periodic_response(nz.Boltzmann([[coupling]]), u)
    rate = 1 / (1 + np.exp(coupling))
    line, total, omega = 2 * rate * amplitude, 2 * rate, 2 * np.pi / period
    ratio = np.pi * line**2 / (4 * total) / (1 - line**2 / (2 * (total**2 + omega**2)))
    discrete = (omega / (2 * np.sin(omega / 2))) ** 2  # Ω → 2 sin(Ω/2) for differences instead of derivatives
    assert response.snr == pytest.approx(2 * ratio, rel=2e-3)
    expected = line**2 / (total**2 + omega**2 / discrete) / amplitude**2
    assert response.amplification == pytest.approx(expected, rel=4e-3)


@pytest.mark.parametrize(
    ("network", "error"),
    [(nz.SignNetwork([[-1.0]]), Reducible), (nz.Boltzmann([[35.0]]), Unresolved), (nz.SignNetwork([[1.0]]), Reducible)],
)
def test_chains_without_a_resolved_limit_are_refused(network, error):
    with pytest.raises(error):
        periodic_response(network, [0.1, -0.1])


@pytest.mark.parametrize(
    ("network", "signal", "output", "message"),
    [
        (PAIR, [1.0], None, r"signal of shape \(1, 1\); \(T,\) or \(T, 2\)"),
        (PAIR, np.ones((4, 3)), None, r"signal of shape \(4, 3\)"),
        (PAIR, SIGNAL, [1.0], r"output of shape \(1,\); weights of 2 units"),
        (nz.Boltzmann(np.zeros((9, 9))), SIGNAL, None, "9 units are too many .* at most 8"),
        (PAIR.with_noise(nz.OrnsteinUhlenbeck(1.0, 5.0)), SIGNAL, None, "no independent Gaussian law"),
        (nz.Boltzmann(np.zeros((8, 8))), np.arange(3000.0), None, "3000 transition matrices"),
    ],
)
def test_invalid_arguments_are_refused(network, signal, output, message):
    with pytest.raises(InputError, match=message):
        periodic_response(network, signal, output)
