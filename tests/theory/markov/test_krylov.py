import numpy as np
import pytest

import noisette as nz
from noisette.errors import InputError
from noisette.theory.markov import _krylov, transition_matrix


def random_chain(size, sharpness, seed=0):
    p = np.random.default_rng(seed).random((size, size)) ** sharpness
    return p / p.sum(1, keepdims=True)


def plain(p, start, steps):
    total = np.zeros_like(start)
    for _ in range(steps):
        total += start
        start = start @ p
    return total / steps


@pytest.mark.parametrize("steps", [1, 2, 5, 1000])
@pytest.mark.parametrize("sharpness", [1, 30])
def test_time_average_equals_a_plain_loop(steps, sharpness):
    p, start = random_chain(40, sharpness), np.eye(40)[7]
    result = _krylov.time_average(lambda q: q @ p, start, steps)
    assert result == pytest.approx(plain(p, start, steps), abs=1e-13)


def test_time_average_in_a_closed_set():
    p = np.kron(np.eye(2), random_chain(6, 1))
    start = np.eye(12)[2]
    result = _krylov.time_average(lambda q: q @ p, start, 500)
    assert result == pytest.approx(plain(p, start, 500), abs=1e-13)
    assert result[6:] == pytest.approx(0, abs=1e-15)


def test_stationary_distribution_and_gap():
    p = np.kron(np.eye(2), random_chain(30, 3)) * (1 - 1e-3) + 1e-3 / 60
    where, gap = _krylov.stationary(lambda q: q @ p, np.random.default_rng(1).random(60))
    assert where @ p == pytest.approx(where, abs=1e-14)
    assert gap == pytest.approx(1e-3, rel=1e-6)


def test_a_nearly_decomposable_chain_is_refused():
    p = np.kron(np.eye(2), random_chain(6, 1)) * (1 - 1e-9) + 1e-9 / 12
    with pytest.raises(InputError, match="mixes too slowly"):
        _krylov.stationary(lambda q: q @ p, np.random.default_rng(1).random(12))


def test_too_small_a_krylov_space_is_refused():
    p = random_chain(200, 60)
    with pytest.raises(InputError, match="did not converge in a space of 4"):
        _krylov.time_average(lambda q: q @ p, np.eye(200)[0], 10**6, most=4)


@pytest.mark.slow
def test_powers_that_overflow_do_not_count_as_converged():
    # The first Krylov spaces of this chain have Ritz values of modulus 1.07, whose powers exceed the largest number.
    weights = 3 * np.random.default_rng(0).normal(size=(9, 9))
    p = transition_matrix(nz.Boltzmann(weights, noise=nz.White(0.2)))
    start = np.eye(1, 512)[0]
    result = _krylov.time_average(p.T.dot, start, 10_000)
    assert result == pytest.approx(plain(p, start, 10_000), abs=1e-12)
