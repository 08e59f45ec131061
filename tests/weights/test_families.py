import jax
import numpy as np
import pytest

from noisette import weights
from noisette.errors import InputError

KEY = jax.random.key(0)


def test_gaussian_weights_have_the_stated_variance():
    # 10⁴ entries: 4.5 standard errors of mean and variance; false alarms 1e-5
    drawn = weights.gaussian(100, 2.0, key=KEY)
    assert abs(drawn.mean()) < 4.5 * 2 / 100
    assert drawn.var() == pytest.approx(4.0, abs=4.5 * 4 * np.sqrt(2) / 100)
    assert (weights.gaussian(100, 2.0, key=KEY) == drawn).all()


def test_symmetric_weights_are_symmetric_without_self_couplings():
    drawn = weights.symmetric(30, key=KEY)
    assert (drawn == drawn.T).all()
    assert (np.diag(drawn) == 0).all()
    assert drawn[np.triu_indices(30, 1)].std() == pytest.approx(1.0, abs=0.16)  # 4.5 standard errors


def test_the_reference_nrooks_matrix_is_that_of_the_specification():
    result = weights.nrooks(20)
    expected = np.zeros((5, 5))
    for row, (column, sign) in enumerate(zip((1, 2, 3, 0, 4), (1, 1, 1, -1, 1), strict=True)):
        expected[row, column] = 20 * sign
    assert (result == expected).all()


def test_random_nrooks_place_one_rook_in_every_row_and_column():
    result = np.abs(weights.nrooks(3.0, size=8, key=KEY))
    assert (result.sum(0) == 3).all()
    assert (result.sum(1) == 3).all()


def test_one_pattern_and_its_mirror_image_store_the_same():
    repeated, single = weights.hopfield([24, 7], 10), weights.hopfield([24], 10)
    assert (repeated == single).all()
    assert set(np.unique(repeated)) == {-10.0, 0.0, 10.0}
    rows = np.array([[1, 1, -1, -1, -1]])
    assert (weights.hopfield(rows, 10) == single).all()


def test_in_mean_field_weights_a_pattern_produces_the_field_of_the_coupling():
    pattern = np.array([1, -1, 1, 1])
    result = weights.mean_field_hopfield(4, 40.0, pattern)
    assert result @ pattern == pytest.approx(40.0 * pattern)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: weights.autapses(10, 0), "size 0"),
        (lambda: weights.autapses(np.inf), "weight inf; a finite number"),
        (lambda: weights.gaussian(3, -1.0, key=KEY), "std -1; a standard deviation"),
        (lambda: weights.nrooks(1, (0, 0)), "each of 0 … 1 appears once"),
        (lambda: weights.nrooks(1, (1, 0), (1, 2)), "each \\+1 or -1"),
        (lambda: weights.nrooks(1, size=7), "reference has 5 units"),
        (lambda: weights.hopfield([], 10), "no pattern"),
        (lambda: weights.hopfield([32], 10), "code \\[32\\] is not a state of 5"),
        (lambda: weights.hopfield(np.array([[1.0, 0.5]]), 10), "other than ±1"),
        (lambda: weights.mean_field_hopfield(1), "size 1"),
        (lambda: weights.mean_field_hopfield(3, 1.0, np.ones(2)), "3 units"),
        (lambda: weights.square([[1, 2, 3]]), r"shape \(1, 3\)"),
        (lambda: weights.square([1.0, 2.0]), r"shape \(2,\)"),
        (lambda: weights.square(np.zeros((0, 0))), r"shape \(0, 0\)"),
        (lambda: weights.square([[1j]]), "complex"),
        (lambda: weights.square([["a"]]), "weights of text"),
        (lambda: weights.square([[0, 1], [np.nan, 0]]), "1 of 4 values NaN or infinite, the first nan at 1, 0"),
        (lambda: weights.square([[np.inf]]), "NaN or infinite"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
