"""Traces of covariances: unbiased, by brute force, by symmetry; spectra against Hu & Sompolinsky."""

from itertools import permutations

import numpy as np
import pytest

from noisette.analysis import covariance_spectrum, jackknife, participation_dimension, spectral_moments
from noisette.errors import InputError

RNG = np.random.default_rng(7)
N = 6
ROOT = RNG.standard_normal((N, N))
C = ROOT @ ROOT.T
MEAN = RNG.standard_normal(N) * 3
TRUTH = np.array([np.trace(C), (C**2).sum(), (np.diag(C) ** 2).sum()]) / N


def brute(x, labels, centred):
    """Return the U-statistics by their definition: all choices of distinct groups and all members of each."""
    names = np.unique(labels)
    members = [x[labels == name] for name in names]
    first, second, diagonal = [], [], []
    if not centred:
        for a, b in permutations(range(len(names)), 2):
            products = members[a][:, None] * members[b][None]
            second.append((products.sum(-1) ** 2).mean())
            diagonal.append((products**2).sum(-1).mean())
        first = [(m**2).sum(1).mean() for m in members]
    else:
        for a, b, c, d in permutations(range(len(names)), 4):
            p = members[a][:, None, None, None] - members[b][None, :, None, None]
            q = members[c][None, None, :, None] - members[d][None, None, None, :]
            second.append(((p * q).sum(-1) ** 2).mean() / 4)
            diagonal.append(((p * q) ** 2).sum(-1).mean() / 4)
            first.append((p**2).sum(-1).mean() / 2)
    return np.array([np.mean(each) for each in (first, second, diagonal)]) / x.shape[1]


@pytest.mark.parametrize("centred", [False, True])
@pytest.mark.parametrize("labels", [np.arange(6), np.array([3, 1, 0, 1, 2, 3, 3, 0, 2, 4])])
def test_traces_are_the_u_statistics(labels, centred):
    """Against sums over all choices, for single samples and for groups of several sizes in any order."""
    x = RNG.standard_normal((len(labels), N)) + 1.0
    result = spectral_moments(x, centred=centred, groups=labels)
    assert np.array(result[:3]) == pytest.approx(brute(x, labels, centred), rel=1e-10)
    if len(set(labels)) == len(labels):
        assert spectral_moments(x, centred=centred)[:3] == pytest.approx(result[:3], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize(("centred", "n"), [(False, 2), (False, 5), (True, 4), (True, 6)])
def test_traces_are_unbiased(centred, n):
    """4 000 repeats; each of 12 means may deviate by 4.5 standard errors: false alarm in 1 of 10⁴ runs."""
    x = RNG.standard_normal((4_000, n, N)) @ ROOT.T + (MEAN if centred else 0.0)
    result = np.array([spectral_moments(each, centred=centred)[:3] for each in x])
    assert (np.abs(result.mean(0) - TRUTH) < 4.5 * result.std(0) / np.sqrt(len(result))).all()


@pytest.mark.slow
def test_snapshots_of_one_run_do_not_bias_traces():
    """Correlated samples within a run; counted as independent, they would be wrong by many errors."""
    shared = RNG.standard_normal((2_500, 3, 1, N))
    x = (np.sqrt(0.9) * shared + np.sqrt(0.1) * RNG.standard_normal((2_500, 3, 4, N))) @ ROOT.T
    labels = np.repeat(np.arange(3), 4)
    result = np.array([spectral_moments(each.reshape(12, N), groups=labels)[:3] for each in x])
    error = result.std(0) / 50
    assert (np.abs(result.mean(0) - TRUTH) < 4.5 * error).all()
    naive = np.mean([spectral_moments(each.reshape(12, N)).second for each in x[:500]])
    assert naive > TRUTH[1] + 20 * error[1]


@pytest.mark.parametrize("centred", [False, True])
def test_traces_are_invariant_to_rotations_permutations_and_shifts(centred):
    x = RNG.standard_normal((8, 20))
    turn = np.linalg.qr(RNG.standard_normal((20, 20)))[0]
    plain, turned = spectral_moments(x, centred=centred), spectral_moments(x @ turn, centred=centred)
    assert turned[:2] == pytest.approx(plain[:2], rel=1e-10)
    order = RNG.permutation(20)
    shuffled = spectral_moments(x[RNG.permutation(8)][:, order], centred=centred)
    assert shuffled[:3] == pytest.approx(plain[:3], rel=1e-10)
    if centred:
        assert spectral_moments(x + 1e3 * order, centred=True)[:3] == pytest.approx(plain[:3], rel=1e-8)
    assert spectral_moments(3 * x, centred=centred).participation_dimension == pytest.approx(
        plain.participation_dimension
    )


def test_statistics_of_a_covariance():
    assert participation_dimension(C) == pytest.approx(np.trace(C) ** 2 / N / np.trace(C @ C))
    off = C[~np.eye(N, dtype=bool)]
    moments = spectral_moments(RNG.standard_normal((5, N)))._replace(first=TRUTH[0], second=TRUTH[1], diagonal=TRUTH[2])
    assert moments.covariance_variance == pytest.approx(N * np.mean(off**2))
    assert moments.participation_dimension == pytest.approx(participation_dimension(C))
    assert participation_dimension(np.eye(N)) == 1
    assert np.isnan(participation_dimension(np.zeros((3, 3))))
    assert np.isnan(participation_dimension(samples=np.zeros((5, 3))))
    assert covariance_spectrum(C) == pytest.approx(np.sort(np.linalg.svd(ROOT)[1] ** 2)[::-1])


def test_the_spectrum_of_linear_networks_has_its_support():
    """C = (1 − J)⁻¹(1 − J)⁻ᵀ at g = 0.5: Hu & Sompolinsky (2022) give [0.32277, 7.34390] for N → ∞.

    Edges fluctuate by N^(−2/3), and a few eigenvalues may lie outside by that much.
    """
    J = 0.5 * RNG.standard_normal((1200, 1200)) / np.sqrt(1200)
    G = np.linalg.inv(np.eye(1200) - J)
    result = covariance_spectrum(G @ G.T)
    assert result[-1] == pytest.approx(0.32277, rel=0.02)
    assert result[0] == pytest.approx(7.34390, rel=0.06)
    assert participation_dimension(G @ G.T) == pytest.approx(0.5625, abs=0.01)  # (1 − g²)²


def test_the_jackknife_gives_the_error_of_a_ratio():
    """Against the spread over 200 repeats, which is accurate to 5 %; 25 % are allowed."""
    first = 1 + 0.2 * RNG.standard_normal((200, 30))
    second = 2 + 0.3 * (first - 1) + 0.1 * RNG.standard_normal((200, 30))
    result = np.array([jackknife(a, b) for a, b in zip(first, second, strict=True)])
    assert result[:, 1].mean() == pytest.approx(result[:, 0].std(), rel=0.25)
    with_gap = jackknife([*first[0], np.nan], [*second[0], 1.0])
    assert with_gap == pytest.approx(tuple(result[0]))
    assert np.isnan(jackknife([1.0], [2.0])[1])
    assert jackknife([1.0], [2.0])[0] == 0.5
    assert np.isnan(jackknife([], [])[0])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: spectral_moments(np.zeros(5)), r"samples of shape \(5,\)"),
        (lambda: spectral_moments(np.zeros((1, 5))), "1 samples; at least 2"),
        (lambda: spectral_moments(np.zeros((3, 5)), centred=True), "3 samples; at least 4"),
        (lambda: spectral_moments(np.zeros((4, 5)), groups=[0, 0, 0, 0]), "1 groups; at least 2"),
        (lambda: spectral_moments(np.zeros((4, 5)), groups=[0, 1]), "one label for each of 4"),
        (lambda: spectral_moments(np.full((4, 5), np.nan)), "NaN"),
        (lambda: participation_dimension(), "neither"),
        (lambda: participation_dimension(C, samples=C), "both"),
        (lambda: participation_dimension(np.zeros((2, 3))), "square"),
        (lambda: covariance_spectrum(ROOT), "C ≠ Cᵀ"),
        (lambda: jackknife([1.0, 2.0], [1.0]), "one number per network"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
