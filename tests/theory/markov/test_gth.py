from fractions import Fraction

import jax.numpy as jnp
import numpy as np
import pytest

import noisette as nz
from noisette.theory import markov
from noisette.theory.markov import _gth, _transition


def metastable(size, exponent):
    """Return a random chain of two halves coupled with probability 2^-exponent; rows sum to 1 exactly in fractions."""
    rng = np.random.default_rng(size)
    rows = []
    for i in range(size):
        weights = [Fraction(int(w)) for w in rng.integers(1, 50, size)]
        for j in range(size):
            if (i < size // 2) != (j < size // 2):
                weights[j] /= 2**exponent
        rows.append([w / sum(weights) for w in weights])
    return rows


def solved(matrix, right):
    """Solve a linear system in exact rational numbers, by elimination with pivots."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    n = len(rows)
    for k in range(n):
        pivot = next(i for i in range(k, n) if rows[i][k] != 0)
        rows[k], rows[pivot] = rows[pivot], rows[k]
        for i in range(n):
            if i != k and rows[i][k] != 0:
                ratio = rows[i][k] / rows[k][k]
                rows[i] = [a - ratio * b for a, b in zip(rows[i], rows[k], strict=True)]
    return [rows[i][n] / rows[i][i] for i in range(n)]


@pytest.mark.parametrize("exponent", [0, 40, 300])
def test_passage_times_equal_rational_arithmetic(exponent):
    exact = metastable(6, exponent)
    p = np.array([[float(x) for x in row] for row in exact])
    matrix = [[(i == j) - exact[i][j] for j in range(1, 6)] for i in range(1, 6)]
    times = solved(matrix, [Fraction(1)] * 5)
    result = _gth.passage_times(p)
    assert result[1:] == pytest.approx([float(t) for t in times], rel=1e-13)
    assert result[0] == pytest.approx(float(1 + sum(exact[0][j] * times[j - 1] for j in range(1, 6))), rel=1e-13)


@pytest.mark.parametrize("exponent", [0, 40, 300])
def test_stationary_distribution_equals_rational_arithmetic(exponent):
    exact = metastable(6, exponent)
    p = np.array([[float(x) for x in row] for row in exact])
    matrix = [[exact[j][i] - (i == j) for j in range(6)] for i in range(5)] + [[Fraction(1)] * 6]
    where = [float(x) for x in solved(matrix, [Fraction(0)] * 5 + [Fraction(1)])]
    assert _gth.stationary(p) == pytest.approx(where, rel=1e-13)
    assert np.asarray(_gth.stationary_traced(jnp.asarray(p))) == pytest.approx(where, rel=1e-13)
    assert _gth.log_stationary(np.log(p)) == pytest.approx(where, rel=1e-12)


def test_blocks_change_nothing(monkeypatch):
    rng = np.random.default_rng(0)
    p = rng.random((150, 150)) ** 8
    p /= p.sum(1, keepdims=True)
    whole = _gth.stationary(p), _gth.passage_times(p)
    monkeypatch.setattr(_gth, "BLOCK", 7)
    assert _gth.stationary(p) == pytest.approx(whole[0], rel=1e-12)
    assert _gth.passage_times(p) == pytest.approx(whole[1], rel=1e-12)
    assert whole[0] @ p == pytest.approx(whole[0], rel=1e-12)


def test_a_biased_walk_is_accurate_over_two_hundred_decades():
    # birth and death with ratio 1e-4 per level: π_k = π_0 · 1e-4^k
    n, up = 60, 1e-5
    p = np.diag(np.full(n - 1, up), 1) + np.diag(np.full(n - 1, up * 1e4), -1)
    np.fill_diagonal(p, 1 - p.sum(1))
    where = _gth.stationary(p)
    assert np.log10(where[1:] / where[:-1]) == pytest.approx(-4.0, abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("strength", [0.1, 0.107, 0.11, 0.12, 0.2, 0.3, 0.4])
def test_probabilities_near_the_limit_of_float64_are_handled_or_refused(strength):
    # Φ(−4/r) passes 1e-308 near r = 0.107: either the result is refused, or the mirror symmetry holds
    network = nz.SignNetwork(nz.weights.hopfield([24, 7], 1), noise=nz.White(strength))
    try:
        result = markov.stationary(network)
    except markov.Reducible:
        return
    assert np.isfinite(result).all()
    assert result.sum() == pytest.approx(1.0)
    assert result[24] == pytest.approx(result[7])


def test_logarithms_solve_chains_beyond_float64():
    # the middle of three states is left at e^-5000 and e^-5001 per step, and entered at e^-4000 from both sides:
    # detailed balance gives π_0/π_1 = e^(4000 − 5000), π_2/π_1 = e^(4000 − 5001)
    log = np.full((3, 3), -np.inf)
    log[1, 0], log[1, 2], log[0, 1], log[2, 1] = -5000.0, -5001.0, -4000.0, -4000.0
    np.fill_diagonal(log, 0.0)
    assert _gth.log_stationary(log) == pytest.approx([0, 1, 0], abs=1e-300)
    log[1, 0], log[1, 2] = -4000.0, -4001.0
    weights = np.array([1.0, 1.0, np.exp(-1)])
    assert _gth.log_stationary(log) == pytest.approx(weights / weights.sum(), rel=1e-11)
    log[1, 0] = -2e8
    with pytest.raises(_gth.Vanishing, match="too few digits"):
        _gth.log_stationary(log)


@pytest.mark.slow
def test_logarithms_of_the_transition_matrix_are_those_of_its_entries():
    for kind in (nz.Boltzmann, nz.SignNetwork):
        network = kind([[1.0, -2.0], [0.5, 0.0]], [0.0, 0.5], nz.White([1.0, 2.0]))
        log = _transition.log_transition(network, network.noise.step_law(2, None)[0])
        assert np.exp(log) == pytest.approx(markov.transition_matrix(network), rel=1e-13)


def test_rates_beyond_float64_are_refused():
    with pytest.raises(_gth.Vanishing, match="1e-280"):
        _gth.passage_times(np.array([[0.5, 0.5], [1e-295, 1.0]]))
    result = _gth.passage_times(np.array([[0.5, 0.5], [1e-250, 1.0]]))
    assert result[1] == pytest.approx(1e250)
