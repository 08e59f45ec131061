"""The noise of trials: the generator against its published words, the quantile against SciPy, and its laws."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import special, stats

from noisette.training import _draws

ALL = 0xFFFFFFFF
KNOWN = [  # key, counter and words of threefry2x32-20: known answers of the authors' Random123 library
    ((0, 0), (0, 0), (0x6B200159, 0x99BA4EFE)),
    ((ALL, ALL), (ALL, ALL), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]


@pytest.mark.parametrize(("key", "counter", "words"), KNOWN)
def test_words_of_the_generator_are_the_published_ones(key, counter, words):
    found = _draws.threefry(jnp.array(key, jnp.uint32), *jnp.array(counter, jnp.uint32))
    assert tuple(map(int, found)) == words


def test_quantile_is_that_of_scipy():
    """Relative error below 1e-5 wherever it is used: at odd multiples of 2⁻²³, ends and middle included."""
    places = np.concatenate([np.arange(0, 2**23, 997), [0, 1, 2, 2**22 - 1, 2**22, 2**23 - 2, 2**23 - 1]])
    uniform = (places * 2.0**-22 - (1 - 2.0**-23)).astype(np.float32)
    wanted = np.sqrt(2) * special.erfinv(uniform.astype(float))
    np.testing.assert_allclose(_draws.quantile(jnp.asarray(uniform)), wanted, rtol=1e-5)


@pytest.fixture(scope="module")
def values():
    return np.asarray(_draws.normal(jax.random.key(5), 2001, jnp.arange(60)), float)


def test_numbers_are_normal(values):
    """Kolmogorov–Smirnov; false alarm 1e-3, seed fixed."""
    assert stats.kstest(values.ravel(), "norm").pvalue > 1e-3


@pytest.mark.parametrize("lag", [0, 1, 2, 1000, 1001])
def test_neither_places_nor_times_are_correlated(values, lag):
    """All pairs of places at one lag; the largest of 3600 correlations, false alarm 1e-4 by Bonferroni."""
    early, late = values[: len(values) - lag], values[lag:]
    found = early.T @ late / len(early)
    if lag == 0:
        np.testing.assert_allclose(np.diag(found), 1, atol=5 * np.sqrt(2 / len(values)))
        np.fill_diagonal(found, 0)
    assert np.abs(found).max() < stats.norm.isf(1e-4 / 2 / found.size) / np.sqrt(len(early))


def test_powers_are_not_correlated(values):
    """The two halves of time share a counter; their squares must not know of each other (5 standard errors)."""
    squares = values**2 - 1
    half = (len(values) + 1) // 2
    found = (squares[:-half] * squares[half:]).mean()
    assert abs(found) < 5 * 2 / np.sqrt(squares[half:].size)


def test_a_number_belongs_to_its_place_and_time(values):
    some = jnp.array([7, 3, 59])
    np.testing.assert_array_equal(_draws.normal(jax.random.key(5), 2001, some), values[:, some])


def test_other_keys_give_other_numbers(values):
    other = np.asarray(_draws.normal(jax.random.key(6), 2001, jnp.arange(60)), float)
    assert abs((other * values).mean()) < 5 / np.sqrt(values.size)


def test_units_in_another_order_hear_the_same():
    order = jnp.array([2, 0, 3, 1])
    psi, xi, start = _draws.trial_noise(jax.random.key(1), 9, 4, 2)
    same, moved, begun = _draws.trial_noise(jax.random.key(1), 9, 4, 2, order)
    np.testing.assert_array_equal(same, psi)
    np.testing.assert_array_equal(moved, xi[:, order])
    np.testing.assert_array_equal(begun, start[order])
    assert psi.shape == (9, 2)
    assert psi.dtype == xi.dtype == start.dtype == jnp.float32
