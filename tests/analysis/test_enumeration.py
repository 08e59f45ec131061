import numpy as np
import pytest

from noisette.analysis import motifs, resonant_fraction, signed_permutations
from noisette.errors import InputError


def test_480_of_3840_signed_permutations_have_four_cycles_of_eight():
    result = signed_permutations(5)
    assert sum(result.values()) == 3840
    assert result[(8, 8, 8, 8)] == 480
    assert all(sum(lengths) == 32 for lengths in result)


def test_positive_permutations_never_have_four_cycles_of_eight():
    from itertools import permutations

    import noisette as nz

    for columns in permutations(range(5)):
        result = nz.attractors(nz.SignNetwork(nz.weights.nrooks(20, columns)))
        assert [len(cycle) for cycle in result.cycles] != [8, 8, 8, 8]


def test_there_are_3411_motifs():
    result = motifs()
    assert result.shape == (3411, 3, 3)
    assert len(np.unique(result, axis=0)) == 3411


def test_networks_beyond_float64_do_not_count_as_resonance():
    # couplings of 1e4 and 1: stationary rates at r = 0 underflow, which gives NaN in float64 and is never the maximum
    every = np.stack([1e4 * np.eye(3), np.eye(3)])
    with np.errstate(invalid="ignore"):
        share, best, gains = resonant_fraction(every, np.array([0.0, 1.0, 1e5]))
    assert share == 0
    assert np.isnan(best[0])
    assert np.isnan(gains[0])
    assert (best[1], gains[1]) == (0.0, 0.0)


@pytest.mark.slow
def test_stationary_resonance_of_motifs_occurs():
    # units of {0, 1} with weights w: the fraction whose information rises at all is 45 % at w = 10 (39 % rise by
    # more than .05 bit) and less than 2 % at w = 1
    every = motifs()
    noise = np.array([0, 2, 4, 5, 6, 8, 10, 13, 16]) / 10
    result = {}
    for w in (1, 10):
        share, _, gains = resonant_fraction(w * every / 2, w * noise, bias=w * every.sum(2) / 2)
        result[w] = (gains > 1e-9).mean(), share
    assert result[10][0] == pytest.approx(0.45, abs=0.005)
    assert result[10][1] == pytest.approx(0.385, abs=0.005)
    assert result[1][0] < 0.02
    assert result[1][1] == 0


@pytest.mark.slow
def test_gaussian_networks_resonate_as_often_as_specified():
    # 256 networks: 4 standard errors, .12; false alarms 6e-5 each, fixed seed
    drawn = np.random.default_rng(5).standard_normal((256, 5, 5))
    for w, expected in ((1, 0.0), (5, 0.51), (10, 0.71)):
        noise = w * np.array([0, 0.2, 0.35, 0.5, 0.65, 0.8, 1.0, 1.2, 1.5, 2.0])
        share, best, gains = resonant_fraction(w * drawn, noise)
        error = np.sqrt(max(share * (1 - share), 1e-9) / 256)
        assert share == pytest.approx(expected, abs=4 * error + 0.005)
        if w == 5:  # best noise, on this grid
            ratio = best[gains > 0.05] / w
            assert ratio.mean() == pytest.approx(0.73, abs=4 * ratio.std() / np.sqrt(len(ratio)) + 0.005)


def test_invalid_input_is_refused():
    with pytest.raises(InputError, match="1 to 6"):
        signed_permutations(7)
