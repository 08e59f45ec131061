"""`compiled_scan` equals `jax.lax.scan`: forward, backward, batched, and without support for the metadata."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from noisette.training import _loop

KEYS = jax.random.split(jax.random.key(0), 3)
MATRIX = jax.random.normal(KEYS[0], (5, 5)) / 3
START = jax.random.normal(KEYS[1], (4, 5))
INPUTS = jax.random.normal(KEYS[2], (4, 30, 5))


def step(matrix, x, push):
    after = jnp.tanh(matrix @ x) + push
    return after, after**2


def scanned(matrix, start, inputs, reverse):
    return jax.lax.scan(lambda x, push: step(matrix, x, push), start, inputs, reverse=reverse)


@pytest.mark.parametrize("supported", [True, False])
@pytest.mark.parametrize("reverse", [False, True])
def test_the_result_equals_that_of_lax_scan(monkeypatch, supported, reverse):
    if not supported:
        monkeypatch.setattr(_loop, "set_xla_metadata", None)
    result = jax.jit(lambda *a: _loop.compiled_scan(step, *a, reverse))(MATRIX, START[0], INPUTS[0])
    expected = scanned(MATRIX, START[0], INPUTS[0], reverse)
    jax.tree.map(lambda ours, theirs: np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6), result, expected)


def test_a_batched_scan_equals_separate_scans():
    """Bit for bit, so that a network trained in a batch equals one trained alone."""
    single = jax.jit(lambda *a: _loop.compiled_scan(step, *a))
    together = jax.jit(jax.vmap(lambda start, inputs: _loop.compiled_scan(step, MATRIX, start, inputs)))(START, INPUTS)
    for i in range(len(START)):
        separate = single(MATRIX, START[i], INPUTS[i])
        assert all((ours[i] == theirs).all() for ours, theirs in zip(together, separate, strict=True))


def test_the_metadata_reach_the_compiler():
    """If a new jaxlib ignored the metadata, training would silently become slower; this test would fail."""
    if jax.default_backend() != "cpu":
        pytest.skip("the metadata apply to CPUs only")
    assert _loop.set_xla_metadata is not None
    lowered = jax.jit(lambda *a: _loop.compiled_scan(step, *a)).lower(MATRIX, START[0], INPUTS[0])
    assert "xla_cpu_small_call" in lowered.as_text()


def test_arguments_may_be_constants_of_the_program():
    """With these metadata, the compiler aborts the process if a loop has literal arguments."""
    result = jax.jit(lambda start: _loop.compiled_scan(step, MATRIX, start, INPUTS[0]))(START[0])
    expected = scanned(MATRIX, START[0], INPUTS[0], False)
    jax.tree.map(lambda ours, theirs: np.testing.assert_allclose(ours, theirs, rtol=2e-6, atol=1e-6), result, expected)


@pytest.mark.parametrize("supported", [True, False])
def test_without_fusion_results_are_unchanged(monkeypatch, supported):
    if not supported:
        monkeypatch.setattr(_loop, "set_xla_metadata", None)
    draw = lambda key: jax.random.normal(key, (7, 3))  # noqa: E731
    key = jax.random.key(5)
    assert (jax.jit(lambda key: _loop.without_fusion(draw, key))(key) == draw(key)).all()
    lowered = jax.jit(lambda key: _loop.without_fusion(draw, key)).lower(key).as_text()
    assert ('inlineable = "false"' in lowered) == (supported and jax.default_backend() == "cpu")
