import jax
import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.information import binary_entropy, entropy, mutual_information, plogp


def test_entropy_of_equal_probabilities_is_their_number_in_bits():
    for k in (1, 2, 8, 32):
        assert float(entropy(jnp.full(k, 1 / k))) == pytest.approx(np.log2(k), abs=1e-14)


def test_entropy_along_an_axis():
    p = jnp.array([[0.5, 0.5], [1.0, 0.0]])
    assert entropy(p, axis=1).tolist() == [1.0, 0.0]


@given(st.floats(1e-300, 0.5))
def test_binary_entropy_keeps_its_digits(q):
    with mpmath.workdps(40):
        x = mpmath.mpf(q)
        exact = -(x * mpmath.log(x, 2) + (1 - x) * mpmath.log1p(-x) / mpmath.log(2))
    assert float(binary_entropy(jnp.asarray(q))) == pytest.approx(float(exact), rel=1e-14)


def test_binary_entropy_at_its_ends():
    assert binary_entropy(jnp.array([0.0, 0.5, 1.0])).tolist() == [0.0, 1.0, 0.0]


def test_independent_variables_share_nothing():
    p, q = jnp.array([0.2, 0.3, 0.5]), jnp.array([0.9, 0.1])
    assert float(mutual_information(jnp.outer(p, q))) == pytest.approx(0, abs=1e-15)


def test_a_copy_shares_all():
    p = jnp.array([0.2, 0.3, 0.5])
    assert float(mutual_information(jnp.diag(p))) == pytest.approx(float(entropy(p)), abs=1e-15)


def test_rounding_below_zero_counts_as_zero_and_slopes_stay_finite():
    assert plogp(jnp.array([-1e-18, 0.0])).tolist() == [0.0, 0.0]
    slope = jax.grad(lambda p: plogp(p).sum())(jnp.array([0.0, 0.5]))
    assert np.isfinite(slope).all()
