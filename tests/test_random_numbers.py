"""Random numbers: keys, and laws of the numbers.

False alarms of each statistical test: 1e-5. `benchmarks/generator.py` repeats them with 10⁹ numbers.
"""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy import stats

from noisette.random_numbers import exponential, fold_in, key_words, logarithm, normal, uniform

KEY = jax.random.key(5)
NUMBER = 1_000_000


@pytest.mark.parametrize("key", [KEY, jax.random.key_data(KEY), jax.random.key(3, impl="rbg")])
def test_keys_are_those_of_jax(key):
    for number in (0, 1, 2**32 - 1):
        expected, folded = jax.random.fold_in(key, number), fold_in(key, number)
        assert folded.dtype == expected.dtype
        assert (jax.random.key_data(folded) == jax.random.key_data(expected)).all()
    assert all(word.shape == () and word.dtype == jnp.uint32 for word in key_words(key))


@pytest.mark.slow
@pytest.mark.parametrize("draw", [uniform, normal])
def test_numbers_do_not_depend_on_the_batch(draw):
    keys = jax.random.split(KEY, 3)
    together = jax.jit(jax.vmap(lambda key: draw(key, (7, 5))))(keys)
    assert together.dtype == jnp.float64
    alone = np.stack([np.asarray(draw(key, (7, 5))) for key in keys])
    assert np.asarray(together) == pytest.approx(alone, rel=1e-14)
    compiled = jax.jit(draw, static_argnums=1)
    assert (compiled(KEY, (20,))[:9] == compiled(KEY, (9,))).all()
    assert (compiled(KEY, (4, 5)).ravel() == compiled(KEY, (20,))).all()


def test_uniform_numbers_are_uniform_and_inside_the_unit_interval():
    values = np.asarray(uniform(KEY, (NUMBER,)))
    assert 0 < values.min() < values.max() < 1
    assert stats.kstest(values, "uniform").pvalue > 1e-5
    assert (values * 2**53 % 2 == 1).all()  # the centres of 2⁵² intervals


def test_normal_numbers_are_normal_also_in_the_tails():
    values = np.asarray(normal(KEY, (NUMBER,)))
    assert stats.kstest(values, "norm").pvalue > 1e-5
    for limit in (1.0, 2.0, 3.0, 4.0, 4.75):
        for number in ((values > limit).sum(), (values < -limit).sum()):
            assert stats.binomtest(int(number), NUMBER, stats.norm.sf(limit)).pvalue > 1e-5
    assert abs(values).max() < 7.54


@pytest.mark.slow
def test_normal_numbers_of_neighbouring_indices_steps_and_keys_are_uncorrelated():
    keys = jax.vmap(lambda i: fold_in(KEY, i))(jnp.arange(1000))
    values = np.asarray(jax.vmap(lambda key: normal(key, (1000,)))(keys))
    bound = stats.norm.isf(0.5e-5) / np.sqrt(values.size)
    for shift, axis in ((1, 0), (1, 1), (2, 1), (500, 1)):
        for power in (1, 2):  # correlations of the numbers, and of their squares
            powers = values**power - (power == 2)
            spread = powers.var()
            assert abs((powers * np.roll(powers, shift, axis)).mean() / spread) < bound


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [False, True])
def test_the_exponential_and_the_logarithm_are_accurate_in_compiled_programs(compiled):
    """XLA may simplify a sequence of operations, which does not affect operations that are executed one by one."""
    apply = jax.jit if compiled else lambda function: function
    values = np.linspace(-700, 700, 40001)
    error = abs(np.asarray(apply(exponential)(jnp.asarray(values))) / np.exp(values) - 1)
    assert np.all(error < 2e-15 * (1 + abs(values) / 10))
    assert float(apply(exponential)(jnp.zeros(()))) == 1
    positive = np.geomspace(1e-300, 1e300, 40001)
    assert np.asarray(apply(logarithm)(jnp.asarray(positive))) == pytest.approx(np.log(positive), rel=3e-15, abs=0)


@pytest.mark.slow
def test_the_logarithm_is_accurate_from_the_smallest_to_the_largest_number():
    values = np.geomspace(2.3e-308, 1.7e308, 100_001)
    assert np.asarray(logarithm(jnp.asarray(values))) == pytest.approx(np.log(values), rel=3e-15, abs=0)
    near = 1 + np.arange(-1000, 1000) * np.finfo(float).eps
    assert np.asarray(logarithm(jnp.asarray(near))) == pytest.approx(np.log(near), rel=3e-15, abs=0)


def test_more_numbers_than_counters_are_refused():
    with pytest.raises(ValueError, match=r"4294967297 numbers from one key; at most 2\^32"):
        jax.eval_shape(lambda: normal(KEY, (2**32 + 1,)))
