import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.analysis import plug_in
from noisette.analysis.entropies import CORRECTIONS, entropy_from_counts
from noisette.errors import InputError


def test_entropies_of_seven_and_three_equal_those_of_dit():
    # dit's published test values: plug-in .8812908992, and .9579037073 for its digamma estimator
    counts = np.array([7, 3])
    assert float(entropy_from_counts(counts)) == pytest.approx(0.8812908992, abs=0.5e-10)
    assert float(entropy_from_counts(counts, "grassberger")) == pytest.approx(0.9579037073, abs=0.5e-10)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what another library deprecates is not ours to fail on
        from dit.inference import entropy_0, entropy_1

        samples = np.array([0] * 7 + [1] * 3).reshape(-1, 1)
        assert float(entropy_from_counts(counts)) == pytest.approx(float(entropy_0(samples)), abs=1e-12)
        assert float(entropy_from_counts(counts, "grassberger")) == pytest.approx(float(entropy_1(samples)), abs=1e-12)


def test_information_of_two_sequences_equals_that_of_pyinform():
    one, two = [0, 0, 1, 1, 1, 1, 0, 0, 0], [1, 1, 0, 0, 0, 0, 1, 1, 1]
    joint = np.zeros((2, 2), int)
    np.add.at(joint, (one, two), 1)
    assert float(plug_in(joint).information) == pytest.approx(0.991076, abs=0.5e-6)


@given(st.lists(st.integers(0, 40), min_size=9, max_size=9).filter(any))
def test_information_lies_between_zero_and_the_entropies(entries):
    joint = np.reshape(entries, (3, 3))
    found = plug_in(joint)
    assert -1e-12 <= found.information <= min(float(found.entropy), np.log2(3)) + 1e-12
    assert found.divergence == pytest.approx(float(found.entropy - found.information))


def test_corrections_reduce_the_bias_of_small_samples():
    # 400 samples of 20 from 8 equal states: standard error below .01 bit, bias of counting .25 bit
    rng = np.random.default_rng(0)
    counts = rng.multinomial(20, np.full(8, 1 / 8), size=400)
    bias = {c: abs(entropy_from_counts(counts, c).mean() - 3) for c in CORRECTIONS}
    assert bias["miller-madow"] < 0.3 * bias["none"]
    assert bias["grassberger"] < 0.5 * bias["none"]


def test_corrections_vanish_with_many_counts():
    counts = np.array([3, 5, 8]) * 10**9
    values = [float(entropy_from_counts(counts, c)) for c in CORRECTIONS]
    assert values == pytest.approx([values[0]] * 3, abs=1e-8)


def test_an_unknown_correction_is_refused():
    with pytest.raises(InputError, match="correction 'magic'"):
        entropy_from_counts(np.array([1, 2]), "magic")
