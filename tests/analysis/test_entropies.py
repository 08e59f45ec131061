import warnings

import jax.numpy as jnp
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import digamma

from noisette.analysis import entropy_from_counts, plug_in
from noisette.analysis._entropies import CORRECTIONS
from noisette.errors import InputError


def test_entropies_of_seven_and_three_equal_those_of_dit():
    # dit's entropy_1 is the digamma estimator, and entropy_2 that of Grassberger (2003) with ψ(n) in place of ln n
    counts = np.array([7, 3])
    swapped = (np.log(10) - digamma(10)) / np.log(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations in another library are not errors of this package
        from dit.inference import entropy_0, entropy_1, entropy_2

        samples = np.array([0] * 7 + [1] * 3).reshape(-1, 1)
        assert float(entropy_from_counts(counts)) == pytest.approx(float(entropy_0(samples)), abs=1e-12)
        assert float(entropy_from_counts(counts, "digamma")) == pytest.approx(float(entropy_1(samples)), abs=1e-12)
        expected = float(entropy_2(samples)) + swapped
        assert float(entropy_from_counts(counts, "grassberger")) == pytest.approx(expected, abs=1e-12)


def test_estimators_of_seven_and_three_have_the_values_of_their_formulas():
    # by hand: H_MM = .881291 + 1/(20 ln 2); ψ(7) = 1.872784, ψ(3) = .922784, ln 10 = 2.302585, ψ(10) = 2.251753
    values = [float(entropy_from_counts([7, 3], c)) for c in CORRECTIONS]
    assert CORRECTIONS == ("none", "miller-madow", "digamma", "grassberger-1988", "grassberger")
    assert values == pytest.approx([0.8813, 0.9534, 0.9579, 1.0853, 1.1921], abs=0.5001e-4)


@given(st.integers(1, 40), st.integers(0, 40))
def test_grassbergers_terms_equal_their_recursion(m, n):
    # G(1) = −γ − ln 2, G(2) = 2 − γ − ln 2, G(n + 2) = G(n) + 2/n for odd n, and G(2k + 1) = G(2k) (2003, eq. 28 ff.)
    def g(k):
        if k % 2 == 1 and k > 1:
            return g(k - 1)
        return -np.euler_gamma - np.log(2) + (0 if k == 1 else sum(2 / j for j in range(1, k, 2)))

    total = m + n
    nats = np.log(total) - sum(k * g(k) for k in (m, n) if k) / total
    assert float(entropy_from_counts([m, n], "grassberger")) == pytest.approx(nats / np.log(2), abs=1e-12)


def test_zhangs_estimator_is_the_digamma_one():
    # Zhang (2012): Σ_v (1/v) Σ_i p_i Π_{j<v} (1 − (n_i − 1)/(n − 1 − j)), here for 7 of 10 and 3 of 10
    n, total = 10, 0.0
    for k in (7, 3):
        product = 1.0
        for v in range(1, n):
            product *= 1 - (k - 1) / (n - v)
            total += k / n * product / v
    assert float(entropy_from_counts([7, 3], "digamma")) == pytest.approx(total / np.log(2), abs=1e-12)


@pytest.mark.parametrize("correction", CORRECTIONS)
def test_counts_may_be_lists_or_labelled_arrays(correction):
    expected = float(entropy_from_counts(np.array([7, 3]), correction))
    for counts in ([7, 3], (7.0, 3.0), xr.DataArray([7, 3]), jnp.array([7, 3]), [7, 3, 0]):
        assert float(entropy_from_counts(counts, correction)) == pytest.approx(expected, abs=1e-15)


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ([0, 0], "nothing counted"),
        ([[1, 2], [0, 0]], "nothing counted in 1"),
        ([], "nothing counted|shape"),
        ([-1, 3], "a count of -1"),
        ([np.nan, 1], "NaN"),
        ([np.inf, 1], "infinite"),
        ([True, False], "bool"),
        (["7", "3"], "U1"),
        ([1j, 2], "complex"),
        (np.ma.array([7, 3], mask=[True, False]), "masked"),
        ([[1, 2], [3]], "object"),
        (7, "shape"),
    ],
)
@pytest.mark.parametrize("correction", CORRECTIONS)
def test_invalid_counts_are_refused(counts, message, correction):
    with pytest.raises(InputError, match=message):
        entropy_from_counts(counts, correction)


def test_weighted_counts_have_an_entropy_but_no_correction():
    assert float(entropy_from_counts([0.5, 0.5])) == 1.0
    for correction in CORRECTIONS[1:]:
        with pytest.raises(InputError, match=r"a count of 0\.5"):
            entropy_from_counts([0.5, 0.5], correction)


def test_joint_counts_are_checked_together():
    assert float(plug_in([[5, 0], [0, 5]]).information) == pytest.approx(1.0)
    # one state never visited is no distribution without counts
    assert float(plug_in([[5, 0], [0, 0]]).information) == 0.0
    for joint, message in (([5, 5], "dimensions"), (np.zeros((2, 2)), "nothing"), ([[-1, 2], [1, 1]], "-1")):
        with pytest.raises(InputError, match=message):
            plug_in(joint)


@given(st.lists(st.integers(0, 40), min_size=9, max_size=9).filter(any))
def test_information_lies_between_zero_and_the_entropies(entries):
    joint = np.reshape(entries, (3, 3))
    result = plug_in(joint)
    assert -1e-12 <= result.information <= min(float(result.entropy), np.log2(3)) + 1e-12
    assert result.divergence == pytest.approx(float(result.entropy - result.information))


def test_corrections_reduce_the_bias_of_small_samples():
    # 400 samples of 20 from 8 equal states: standard error below .01 bit, bias of counting .25 bit
    rng = np.random.default_rng(0)
    counts = rng.multinomial(20, np.full(8, 1 / 8), size=400)
    bias = {c: abs(entropy_from_counts(counts, c).mean() - 3) for c in CORRECTIONS}
    assert bias["miller-madow"] < 0.3 * bias["none"]
    assert bias["digamma"] < 0.5 * bias["none"]
    assert bias["grassberger-1988"] < 0.5 * bias["none"]
    # twenty samples of eight states: the bias of the estimator of 2003 is below ten standard errors of .01
    assert bias["grassberger"] < 0.1


def test_corrections_vanish_with_many_counts():
    counts = np.array([3, 5, 8]) * 10**9
    values = [float(entropy_from_counts(counts, c)) for c in CORRECTIONS]
    assert values == pytest.approx([values[0]] * len(CORRECTIONS), abs=1e-8)


def test_an_unknown_correction_is_refused():
    with pytest.raises(InputError, match="correction 'magic'"):
        entropy_from_counts(np.array([1, 2]), "magic")
