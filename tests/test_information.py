import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
import xarray as xr
from hypothesis import given
from hypothesis import strategies as st

from noisette.errors import InputError
from noisette.information import binary_entropy, entropy, mutual_information, plogp


def test_the_entropy_of_equal_probabilities_is_the_logarithm_of_their_number():
    for k in (1, 2, 8, 32):
        assert float(entropy(jnp.full(k, 1 / k))) == pytest.approx(np.log2(k), abs=1e-14)


def test_entropy_along_an_axis():
    p = jnp.array([[0.5, 0.5], [1.0, 0.0]])
    assert entropy(p, axis=1).tolist() == [1.0, 0.0]


@given(st.floats(1e-300, 0.5))
def test_binary_entropy_is_accurate_for_small_probabilities(q):
    with mpmath.workdps(40):
        x = mpmath.mpf(q)
        exact = -(x * mpmath.log(x, 2) + (1 - x) * mpmath.log1p(-x) / mpmath.log(2))
    assert float(binary_entropy(jnp.asarray(q))) == pytest.approx(float(exact), rel=1e-14)


def test_binary_entropy_at_its_ends():
    assert binary_entropy(jnp.array([0.0, 0.5, 1.0])).tolist() == [0.0, 1.0, 0.0]


def test_independent_variables_have_no_mutual_information():
    p, q = jnp.array([0.2, 0.3, 0.5]), jnp.array([0.9, 0.1])
    assert float(mutual_information(jnp.outer(p, q))) == pytest.approx(0, abs=1e-15)


def test_the_mutual_information_with_a_copy_is_the_entropy():
    p = jnp.array([0.2, 0.3, 0.5])
    assert float(mutual_information(jnp.diag(p))) == pytest.approx(float(entropy(p)), abs=1e-15)


def test_rounding_below_zero_counts_as_zero_and_slopes_stay_finite():
    assert plogp(jnp.array([-1e-18, 0.0])).tolist() == [0.0, 0.0]
    slope = jax.grad(lambda p: plogp(p).sum())(jnp.array([0.0, 0.5]))
    assert np.isfinite(slope).all()


def test_distributions_may_be_lists_or_labelled_arrays():
    for joint in ([[0.5, 0.0], [0.0, 0.5]], np.eye(2) / 2, xr.DataArray(np.eye(2) / 2), np.eye(2, dtype="f4") / 2):
        assert float(mutual_information(joint)) == 1.0
        assert float(entropy(joint)) == 1.0
    assert entropy([[0.5, 0.5], [1.0, 0.0]], axis=1).tolist() == [1.0, 0.0]
    assert float(binary_entropy(0.5)) == 1.0


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ([[10, 2], [3, 5]], "sums to 20; probabilities sum to 1; divide by the sum, or give counts"),
        ([[0.3, 0.3], [0.3, 0.3]], "sums to 1.2"),
        ([[0.75, 0.75], [-0.25, -0.25]], "-0.25"),
        ([[np.nan, 0.5], [0.5, 0.0]], "NaN"),
        (np.zeros((2, 2)), "sums to 0"),
        (np.zeros((0, 2)), "a distribution"),
        ([[True, False], [False, False]], "bool"),
        ([[0.5 + 0j, 0.5], [0, 0]], "complex"),
        ([["0.5", "0.5"], ["0", "0"]], "real numbers"),
        (np.ma.array(np.eye(2) / 2, mask=np.eye(2)), "masked"),
    ],
)
def test_invalid_distributions_are_refused(p, message):
    for measure in (mutual_information, entropy):
        with pytest.raises(InputError, match=message):
            measure(p)


def test_distributions_are_checked_along_their_axis():
    with pytest.raises(InputError, match="sums to 2"):
        entropy([[1.0, 0.0], [1.0, 0.0]])
    with pytest.raises(InputError, match="sums to 2"):
        entropy([[1.0, 0.0], [1.0, 0.0]], axis=0)
    with pytest.raises(InputError, match="shape"):
        mutual_information([0.5, 0.5])
    with pytest.raises(InputError, match="axis 3"):
        entropy([0.5, 0.5], axis=3)


@pytest.mark.parametrize(("q", "message"), [(1.5, "1.5"), (-0.1, "-0.1"), ([0.5, np.nan], "NaN"), ("a", "real")])
def test_invalid_probabilities_are_refused(q, message):
    with pytest.raises(InputError, match=message):
        binary_entropy(q)


def test_probabilities_negative_beyond_rounding_are_refused():
    for p, message in (([-0.5], "-0.5"), ([np.inf], "infinite"), (["x"], "real")):
        with pytest.raises(InputError, match=message):
            plogp(p)


def test_compiled_batched_and_differentiated_code_is_not_checked():
    joints = jnp.stack([jnp.eye(2) / 2, jnp.full((2, 2), 0.25)])
    assert jax.vmap(mutual_information)(joints).tolist() == [1.0, 0.0]
    assert float(jax.jit(entropy)(jnp.array([0.5, 0.5]))) == 1.0
    # dH/dp = −log2 p − 1/ln 2
    slope = jax.grad(entropy)(jnp.array([0.25, 0.75]))
    assert np.asarray(slope) == pytest.approx(-np.log2([0.25, 0.75]) - 1 / np.log(2))
