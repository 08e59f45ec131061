import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.proportions import Proportion, wilson_interval


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), st.floats(0.5, 0.999))
def test_intervals_equal_those_of_scipy(counts, confidence):
    from scipy.stats import binomtest

    expected = binomtest(*counts).proportion_ci(confidence, method="wilson")
    assert wilson_interval(*counts, confidence) == pytest.approx([expected.low, expected.high], abs=1e-12)


def test_arrays_of_counts_have_arrays_of_intervals():
    result = wilson_interval([[0, 5], [10, 3]], 10)
    assert result.shape == (2, 2, 2)
    assert result[0, 0].tolist() == [0.0, pytest.approx(0.277533, abs=0.5e-6)]
    assert result[1, 0] == pytest.approx(1 - result[0, 0][::-1], abs=1e-15)


def test_standard_error_tends_to_that_of_many_trials_and_never_vanishes():
    many = Proportion.of(300_000, 1_000_000)
    assert many.standard_error == pytest.approx(np.sqrt(0.3 * 0.7 / 1e6), rel=1e-5)
    assert Proportion.of(0, 10).standard_error == pytest.approx(0.5 / 11)  # z = 1: bounds 0 and 1/(n + 1)
    assert Proportion.of(10, 10).standard_error == pytest.approx(0.5 / 11)
    share, error = many
    assert (share, error) == (many.share, many.standard_error)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 10), (11, 10), (0, 0), (0.5, 10), (np.nan, 10)])
def test_invalid_counts_are_refused(successes, trials):
    with pytest.raises(InputError, match="successes in"):
        wilson_interval(successes, trials)


def test_invalid_confidence_levels_are_refused():
    for confidence in (0.0, 1.0, 95.0):
        with pytest.raises(InputError, match="confidence"):
            wilson_interval(1, 2, confidence)
