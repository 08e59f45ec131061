"""Ensembles of weights: the statistics of drawn matrices are those that theory uses."""

import jax
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import noisette as nz
from noisette.ensembles import (
    Blocks,
    HeavyTails,
    LowRank,
    RandomModes,
    Sum,
    excitatory_inhibitory,
    gaussian,
    reciprocal,
    sparse,
)
from noisette.errors import InputError

MEAN, VARIANCE = [[1.0, -2.0], [0.5, -1.5]], [[1.0, 2.0], [1.5, 0.5]]


def moments(W, sizes):
    """Return N_q times means and variances of the blocks of a matrix, and correlations of W_ij and W_ji."""
    edges = np.cumsum((0, *sizes))
    p = len(sizes)
    block = lambda M, a, b: M[edges[a] : edges[a + 1], edges[b] : edges[b + 1]]  # noqa: E731
    mean = np.array([[block(W, a, b).mean() * sizes[b] for b in range(p)] for a in range(p)])
    variance = np.array([[block(W, a, b).var() * sizes[b] for b in range(p)] for a in range(p)])
    off = ~np.eye(len(W), dtype=bool)
    pairs = np.array(
        [
            [np.corrcoef(block(W, a, b)[block(off, a, b)], block(W.T, a, b)[block(off, a, b)])[0, 1] for b in range(p)]
            for a in range(p)
        ]
    )
    return mean, variance, pairs


@pytest.mark.parametrize("density", [1.0, 0.3])
def test_blocks_have_their_means_and_variances(density):
    """Five standard errors: the false-alarm rate of eight comparisons is 5e-6."""
    sizes = (600, 400)
    ensemble = Blocks(MEAN, VARIANCE, sizes, density=density)
    W = ensemble.draw(key=1)
    mean, variance, _ = moments(W, sizes)
    number = np.outer(sizes, sizes)
    assert np.abs(mean - MEAN).max() < 5 * np.sqrt(np.max(VARIANCE) * np.array(sizes) / number).max()
    kurtosis = 3 / density
    assert np.abs(variance / VARIANCE - 1).max() < 5 * np.sqrt(kurtosis / number.min())
    assert abs((W != 0).mean() - density) < 5 * 0.5 / 1000


def test_a_fraction_of_the_weights_is_zero_without_a_change_of_the_variance():
    dense, thin = (sparse(800, k, mean=1.0, variance=2.0).draw(key=0) for k in (800, 40))
    assert (thin != 0).sum(1).mean() == pytest.approx(40, rel=0.02)
    assert 800 * thin.var() == pytest.approx(800 * dense.var(), rel=0.05)
    assert 800 * thin.mean() == pytest.approx(1.0, abs=0.02 + 5 * np.sqrt(2.0 / 800))


def test_a_density_whose_zeros_have_too_large_a_variance_is_refused():
    with pytest.raises(InputError, match="raise the density or the variance"):
        Blocks(10.0, 0.001, 100, density=0.1)


@pytest.mark.parametrize("kappa", [-1.0, -0.4, 0.0, 0.6, 1.0])
def test_weights_of_the_two_directions_have_the_given_correlation(kappa):
    """Five standard errors of a correlation of 1.2e5 pairs: 0.015."""
    W = reciprocal(500, kappa).draw(key=2)
    _, variance, pairs = moments(W, (500,))
    assert abs(pairs[0, 0] - kappa) < 0.015
    assert variance[0, 0] == pytest.approx(1.0, abs=0.02)
    assert not W.diagonal().any()


def test_reciprocity_differs_between_blocks():
    sizes, kappa = (300, 200), np.array([[0.5, -0.3], [-0.3, 0.0]])
    W = Blocks(0.0, VARIANCE, sizes, reciprocity=kappa).draw(key=3)
    # the variances of the two directions differ between populations, their correlation does not depend on it
    assert np.abs(moments(W, sizes)[2] - kappa).max() < 0.03
    assert np.abs(moments(W, sizes)[1] / VARIANCE - 1).max() < 0.04


def test_the_vectors_of_low_rank_have_their_statistics():
    covariance = np.array([[1.0, 0.3, 0.5, 0.0], [0.3, 2.0, 0.0, 1.0], [0.5, 0.0, 1.0, 0.0], [0.0, 1.0, 0.0, 3.0]])
    mean = [0.5, 0.0, -0.5, 1.0]
    part = LowRank(covariance, 20_000, mean=mean)
    m = part.left_vectors(key=jax.random.key(4))
    assert np.abs(m.mean(0) - mean[:2]).max() < 5 * np.sqrt(2.0 / 20_000)
    assert np.abs(np.cov(m.T) - covariance[:2, :2]).max() < 5 * np.sqrt(2 * 4.0 / 20_000)
    statistics = part.statistics()
    assert statistics.overlap.tolist() == [[[0.5, 0.0], [0.0, 1.0]]]
    assert statistics.left_mean.tolist() == [[0.5, 0.0]]


def test_given_vectors_give_their_matrix_and_their_moments():
    rng = np.random.default_rng(5)
    m, n = rng.standard_normal((2, 50, 2))
    part = LowRank.from_vectors(m, n, [30, 20])
    assert np.allclose(part.draw(key=0), m @ n.T / 50)
    assert np.allclose(part.left_vectors(key=jax.random.key(9)), m)
    first = part.statistics()
    assert np.allclose(first.left_mean[1], m[30:].mean(0))
    expected = ((n[:30] - n[:30].mean(0)).T @ (m[:30] - m[:30].mean(0))) / 30
    assert np.allclose(first.overlap[0], expected)


def test_the_trace_of_rank_one_is_the_overlap():
    W = LowRank([[1.0, 0.5], [0.5, 1.0]], 4000).draw(key=0)
    assert abs(np.trace(W) - 0.5) < 5 * np.sqrt(1.25 / 4000)
    assert np.linalg.matrix_rank(W[:50, :50]) == 1


def test_sums_draw_the_sum_and_add_the_statistics():
    sizes = [60, 40]
    blocks, low = Blocks(MEAN, VARIANCE, sizes), LowRank([[1.0, 0.5], [0.5, 1.0]], 100)
    total = blocks + low + gaussian(100, 2.0)
    assert isinstance(total, Sum)
    assert total.sizes == (60, 40)
    keys = [jax.random.fold_in(jax.random.key(7), n) for n in range(3)]
    parts = [part.sample(key=key) for part, key in zip((blocks, low, gaussian(100, 2.0)), keys, strict=True)]
    assert np.allclose(total.draw(key=7), sum(parts))
    statistics = total.statistics()
    assert np.allclose(statistics.variance, np.array(VARIANCE) + 2.0 * np.array([0.6, 0.4]))
    assert statistics.rank == 1
    assert statistics.left_covariance.shape == (2, 1, 1)


def test_the_reciprocity_of_a_sum_is_weighted_by_the_variances():
    statistics = (reciprocal(100, 0.6, 3.0) + gaussian(100)).statistics()
    assert statistics.reciprocity[0, 0] == pytest.approx(0.6 * 3 / 4)
    W = (reciprocal(600, 0.6, 3.0) + gaussian(600)).draw(key=0)
    assert moments(W, (600,))[2][0, 0] == pytest.approx(0.45, abs=0.015)


def test_random_modes_have_the_variance_and_participation_of_their_strengths():
    strengths = np.linspace(0.1, 2.0, 300)
    ensemble = RandomModes(strengths, 500)
    statistics = ensemble.statistics()
    W = ensemble.draw(key=1)
    assert 500 * W.var() == pytest.approx(float(statistics.variance[0, 0]), rel=0.05)
    square = W @ W.T
    # Σ_ij (W Wᵀ)_ij²/N = V² (1 + 1 + 1/modes) for N → ∞: V² of the diagonal, V² of independent weights, D⁴ of modes
    expected = statistics.variance[0, 0] ** 2 * (2 + 1 / statistics.modes)
    assert np.square(square).sum() / 500 == pytest.approx(float(expected), rel=0.05)


def test_excitatory_and_inhibitory_weights_have_the_moments_of_the_family_of_matrices():
    size = 1000
    case = {"mu_e": 1.0, "mu_i": -4.0}
    statistics = excitatory_inhibitory(size, **case).statistics()
    assert np.sqrt(statistics.variance[0].sum()) == pytest.approx(nz.weights.spectral_radius(**case))
    assert statistics.mean[0].sum() == pytest.approx(size * nz.weights.expected_mean(size, **case))
    J = nz.weights.excitatory_inhibitory(size, **case, key=jax.random.key(0))
    W = excitatory_inhibitory(size, **case).draw(key=0)
    for drawn in (J, W):
        mean, variance, _ = moments(drawn, (800, 200))
        assert np.abs(mean[0] / statistics.mean[0] - 1).max() < 0.03
        assert np.abs(variance[0] / statistics.variance[0] - 1).max() < 0.03
    assert (W != 0).mean() == pytest.approx(0.2, abs=0.003)


def test_heavy_tails_are_drawn_and_refused_by_theory():
    ensemble = HeavyTails(1.5, 400)
    W = ensemble.draw(key=0)
    # the characteristic function at k = 1 is e^(−1/N); its standard error over N² weights is below 1/N²
    assert np.log(np.cos(W).mean()) == pytest.approx(-1 / 400, rel=0.1)
    with pytest.raises(InputError, match=r"heavy tails, α = 1\.5"):
        (ensemble + gaussian(400)).statistics()


def test_the_same_key_draws_the_same_matrix():
    for ensemble in (gaussian(20), HeavyTails(1.2, 20), RandomModes(np.ones(5), 20), gaussian(20) + gaussian(20)):
        assert (ensemble.draw(key=3) == ensemble.draw(key=3)).all()
        assert (ensemble.draw(key=3) != ensemble.draw(key=4)).any()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Blocks(0.0, -1.0, 10), "variance -1.0; numbers from 0 to inf"),
        (lambda: Blocks([[0.0]], [[1.0, 1.0], [1.0, 1.0]], [5, 5]), r"mean of shape \(1, 1\); a number, or shape"),
        (lambda: Blocks(0.0, 1.0, [5, 2.5]), "sizes"),
        (lambda: Blocks(0.0, 1.0, [5, 5], reciprocity=[[0.0, 0.5], [0.1, 0.0]]), "a symmetric matrix"),
        (lambda: Blocks(0.0, 1.0, 5, reciprocity=0.5, density=0.5), "one of the two"),
        (lambda: LowRank([[1.0, 2.0], [2.0, 1.0]], 5), "without negative eigenvalues"),
        (lambda: LowRank([[1.0]], 5), "shape"),
        (lambda: gaussian(10) + Blocks(0.0, 1.0, [4, 5]), "the same populations"),
        (lambda: sparse(10, 20), "a mean number of inputs above 0, at most 10"),
        (lambda: HeavyTails(2.5, 10), "an exponent above 0, below 2"),
        (lambda: RandomModes([0.0, 0.0], 10), "not all zero"),
    ],
)
def test_wrong_input_is_refused_in_one_line(call, message):
    with pytest.raises(InputError, match=message):
        call()


@settings(max_examples=20, deadline=None)
@given(
    split=st.lists(st.integers(1, 30), min_size=2, max_size=4),
    mean=st.floats(-2, 2),
    variance=st.floats(0.1, 3),
)
def test_one_population_divided_into_several_has_the_same_statistics(split, mean, variance):
    """A unit receives the same total from all populations."""
    size = sum(split)
    share = np.tile(np.array(split) / size, (len(split), 1))
    divided = Blocks(mean * share, variance * share, split).statistics()
    whole = Blocks(mean, variance, size).statistics()
    assert np.allclose(divided.mean.sum(1), whole.mean[0, 0])
    assert np.allclose(divided.variance.sum(1), whole.variance[0, 0])
    added = (Blocks(mean, variance, size) + Blocks(0.0, 0.0, split)).statistics()
    assert np.allclose(added.mean, divided.mean)
