"""Matrices that are written out in a word."""

import contextlib

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import noisette as nz
from noisette.errors import InputError
from noisette.weights import as_word, from_string

FINITE = st.floats(allow_nan=False, allow_infinity=False)
MATRICES = st.integers(1, 6).flatmap(
    lambda n: st.lists(st.lists(FINITE, min_size=n, max_size=n), min_size=n, max_size=n)
)


@given(rows=MATRICES)
@example(rows=[[0.0, 1.8e297], [0.0, 1.7976931348442402e308]])
def test_the_word_of_a_matrix_gives_the_same_matrix(rows):
    matrix = np.array(rows)
    again = from_string(as_word(matrix))
    assert again.tobytes() == matrix.tobytes()  # also the signs of zeros
    assert as_word(again) == as_word(matrix)


@given(rows=st.lists(st.lists(st.integers(-99, 99), min_size=3, max_size=3), min_size=3, max_size=3))
def test_integers_are_written_without_a_decimal_point(rows):
    assert as_word(rows) == "matrix:" + ";".join(",".join(str(entry) for entry in row) for row in rows)


def test_a_matrix_is_written_row_by_row():
    assert from_string("matrix:0,10;10,0").tolist() == [[0, 10], [10, 0]]
    assert from_string("matrix: 0.5, -1e-3 ; 2 ,+3").tolist() == [[0.5, -0.001], [2, 3]]
    assert as_word([[0.1, -0.0], [1e30, 5]]) == "matrix:0.1,-0;1e+30,5"
    first_row = nz.Boltzmann(from_string("matrix:0,7;0,0")).weights[0]  # rows are targets
    assert first_row.tolist() == [0, 7]
    drawn = nz.weights.ensemble("matrix:1,2;3,4")
    assert drawn(0).tolist() == drawn(5).tolist() == [[1, 2], [3, 4]]


@pytest.mark.slow
def test_64_units_are_allowed_and_recorded_by_their_word():
    matrix = np.random.default_rng(0).standard_normal((64, 64)) / 8
    word = as_word(matrix)
    data = nz.simulate(nz.RateNetwork(from_string(word)), duration=0.2, dt=0.1, key=0)
    assert nz.rerun(data).identical(data)
    assert word in data.attrs["call"]


REFUSED = {
    "matrix": "cannot be read; the form is matrix:ROWS",
    "matrix:": "the form is matrix:ROWS",
    "matrix:0,1;1,0:3": "the form is matrix:ROWS",
    "matrix:0,1;2": "with 2 entries in row 1 and 1 in row 2; rows of the same length",
    "matrix:0,1;1,0;": "with 2 entries in row 1 and 1 in row 3",
    "matrix:1,2": "has 1 rows of 2 entries; a weight matrix is square",
    "matrix:1;2": "has 2 rows of 1 entries; a weight matrix is square",
    "matrix:0,a;1,0": "with 'a' in row 1, column 2; finite numbers",
    "matrix:0,1;,0": "with '' in row 2, column 1; finite numbers",
    "matrix:0,1j;1,0": "with '1j' in row 1, column 2",
    "matrix:nan": "with 'nan' in row 1, column 1; finite numbers",
    "matrix:0,1;-inf,0": "with '-inf' in row 2, column 1",
    "matrix:1e999": "with '1e999' in row 1",
    "matrix:" + ";".join([",".join("1" * 65)] * 65): "is 65 × 65; at most 64 × 64 are written out; save the matrix",
}


@pytest.mark.parametrize("word", REFUSED)
def test_other_words_are_refused(word):
    with pytest.raises(InputError, match=f"^weights '.*{REFUSED[word]}") as caught:
        from_string(word)
    assert len(str(caught.value)) < 300


def test_matrices_without_a_word():
    with pytest.raises(InputError, match="a matrix is 65 × 65; at most 64 × 64"):
        as_word(np.zeros((65, 65)))
    with pytest.raises(InputError, match=r"weights have shape \(1, 2\)"):
        as_word([[1, 2]])
    with pytest.raises(InputError, match="NaN or infinite"):
        as_word([[np.nan]])


@given(rows=st.text("0123456789.,;-+e naif:", max_size=15))
def test_any_rows_are_refused_or_a_matrix(rows):
    with contextlib.suppress(InputError):
        matrix = from_string(f"matrix:{rows}")
        assert matrix.shape[0] == matrix.shape[1] > 0
        assert np.isfinite(matrix).all()
