"""A loop as one function is `jax.lax.scan`: forward, backward, side by side, and where the mark is not known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette.training import _loop

KEYS = jax.random.split(jax.random.key(0), 3)
MATRIX = jax.random.normal(KEYS[0], (5, 5)) / 3
START = jax.random.normal(KEYS[1], (4, 5))
GIVEN = jax.random.normal(KEYS[2], (4, 30, 5))


def step(matrix, x, push):
    after = jnp.tanh(matrix @ x) + push
    return after, after**2


def scanned(matrix, start, given, reverse):
    return jax.lax.scan(lambda x, push: step(matrix, x, push), start, given, reverse=reverse)


@pytest.mark.parametrize("known", [True, False])
@pytest.mark.parametrize("reverse", [False, True])
def test_it_is_a_scan(monkeypatch, known, reverse):
    if not known:
        monkeypatch.setattr(_loop, "set_xla_metadata", None)
    found = jax.jit(lambda *a: _loop.compiled_scan(step, *a, reverse))(MATRIX, START[0], GIVEN[0])
    wanted = scanned(MATRIX, START[0], GIVEN[0], reverse)
    jax.tree.map(lambda ours, theirs: np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6), found, wanted)


def test_side_by_side_it_is_each_alone():
    """Bit for bit: a network trained among others is the one trained alone."""
    alone = jax.jit(lambda *a: _loop.compiled_scan(step, *a))
    together = jax.jit(jax.vmap(lambda start, given: _loop.compiled_scan(step, MATRIX, start, given)))(START, GIVEN)
    for i in range(len(START)):
        one = alone(MATRIX, START[i], GIVEN[i])
        assert all((ours[i] == theirs).all() for ours, theirs in zip(together, one, strict=True))


def test_the_compiler_is_given_the_mark():
    """If a new jaxlib drops it, training is slower and nothing says so: this does."""
    if jax.default_backend() != "cpu":
        pytest.skip("it is for CPUs only")
    assert _loop.set_xla_metadata is not None
    lowered = jax.jit(lambda *a: _loop.compiled_scan(step, *a)).lower(MATRIX, START[0], GIVEN[0])
    assert "xla_cpu_small_call" in lowered.as_text()


def test_numbers_may_be_part_of_the_program():
    """At this mark the compiler ends the process where a loop is given literals."""
    found = jax.jit(lambda start: _loop.compiled_scan(step, MATRIX, start, GIVEN[0]))(START[0])
    wanted = scanned(MATRIX, START[0], GIVEN[0], False)
    jax.tree.map(lambda ours, theirs: np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6), found, wanted)


@pytest.mark.parametrize("known", [True, False])
def test_work_kept_apart_is_the_same_work(monkeypatch, known):
    if not known:
        monkeypatch.setattr(_loop, "set_xla_metadata", None)
    draw = lambda key: jax.random.normal(key, (7, 3))  # noqa: E731
    key = jax.random.key(5)
    assert (jax.jit(lambda key: _loop.without_fusion(draw, key))(key) == draw(key)).all()
    lowered = jax.jit(lambda key: _loop.without_fusion(draw, key)).lower(key).as_text()
    assert ('inlineable = "false"' in lowered) == (known and jax.default_backend() == "cpu")
