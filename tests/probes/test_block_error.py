"""The model of block means, against explicit covariances."""

import numpy as np
import pytest

from noisette.probes._block_error import RATIOS, _model, block_error


@pytest.mark.parametrize("blocks", [20, 37, 100])
def test_covariances_are_those_of_a_walk_and_of_differences(blocks):
    """d = w + e_(b+1) − e_b, w and e independent of variances s and rs: cosines of d, and its sum."""
    cosines, inverses, _, sums = _model(blocks)
    difference = np.diff(np.eye(blocks + 1), axis=0)
    for r, inverse, total in zip([0.0, *RATIOS], inverses[:-1], sums[:-1], strict=True):
        covariance = np.eye(blocks) + r * difference @ difference.T
        assert inverse @ cosines.T @ covariance @ cosines == pytest.approx(np.eye(len(inverse)), abs=1e-8)
        assert covariance.sum() == pytest.approx(total, rel=1e-9)
    bounded = difference @ difference.T
    assert inverses[-1] @ cosines.T @ bounded @ cosines == pytest.approx(np.eye(len(inverses[-1])), abs=1e-8)
    assert bounded.sum() == pytest.approx(sums[-1], rel=1e-9)


def test_the_error_scales_with_the_means_and_ignores_shifts():
    means = np.random.default_rng(0).standard_normal((60, 5))
    assert np.asarray(block_error(3 * means - 7)) == pytest.approx(3 * np.asarray(block_error(means)), rel=1e-10)
