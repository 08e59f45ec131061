"""The noise of trials: the quantile against SciPy, and the distribution."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from noisette.training import _draws


def test_quantile_is_that_of_scipy():
    """The relative error is below 1e-5 at the odd multiples of 2⁻²³ that are used, including ends and middle."""
    integers = np.concatenate([np.arange(0, 2**23, 997), [0, 1, 2, 2**22 - 1, 2**22, 2**23 - 2, 2**23 - 1]])
    uniform = (integers * 2.0**-22 - (1 - 2.0**-23)).astype(np.float32)
    expected = np.sqrt(2) * special.erfinv(uniform.astype(float))
    np.testing.assert_allclose(_draws.quantile(jnp.asarray(uniform)), expected, rtol=1e-5)


@pytest.fixture(scope="module")
def values():
    return np.asarray(_draws.normal(jax.random.key(5), 2001, jnp.arange(60)), float)


def test_numbers_are_normally_distributed(values):
    """Kolmogorov–Smirnov test; false alarm 1e-3, fixed seed."""
    assert stats.kstest(values.ravel(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("lag", [0, 1, 2, 1000, 1001])
def test_neither_columns_nor_times_are_correlated(values, lag):
    """All pairs of columns at one lag: the largest of 3600 correlations, false alarm 1e-4 by Bonferroni."""
    early, late = values[: len(values) - lag], values[lag:]
    result = early.T @ late / len(early)
    if lag == 0:
        np.testing.assert_allclose(np.diag(result), 1, atol=5 * np.sqrt(2 / len(values)))
        np.fill_diagonal(result, 0)
    assert np.abs(result).max() < stats.norm.isf(1e-4 / 2 / result.size) / np.sqrt(len(early))


def test_squares_are_not_correlated(values):
    """The two halves of time share a counter; their squares must be uncorrelated (5 standard errors)."""
    squares = values**2 - 1
    half = (len(values) + 1) // 2
    result = (squares[:-half] * squares[half:]).mean()
    assert abs(result) < 5 * 2 / np.sqrt(squares[half:].size)


def test_a_number_depends_only_on_its_column_and_time(values):
    columns = jnp.array([7, 3, 59])
    np.testing.assert_array_equal(_draws.normal(jax.random.key(5), 2001, columns), values[:, columns])


@pytest.mark.slow
def test_other_keys_give_other_numbers(values):
    other = np.asarray(_draws.normal(jax.random.key(6), 2001, jnp.arange(60)), float)
    assert abs((other * values).mean()) < 5 / np.sqrt(values.size)


@pytest.mark.slow
def test_units_in_another_order_receive_the_same_noise():
    order = jnp.array([2, 0, 3, 1])
    psi, xi, start = _draws.trial_noise(jax.random.key(1), 9, 4, 2)
    same_psi, permuted_xi, permuted_start = _draws.trial_noise(jax.random.key(1), 9, 4, 2, order)
    np.testing.assert_array_equal(same_psi, psi)
    np.testing.assert_array_equal(permuted_xi, xi[:, order])
    np.testing.assert_array_equal(permuted_start, start[order])
    assert psi.shape == (9, 2)
    assert psi.dtype == xi.dtype == start.dtype == jnp.float32
