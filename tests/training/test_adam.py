"""The published optimiser, against its formula and against the usual form of Adam."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette.training import published_adam
from noisette.training.adam import EPSILON

START = {"weights": np.array([1.0, -2.0, 0.5]), "bias": np.array([[0.25]])}
GRADIENTS = [
    {"weights": np.array([3.0, -0.5, 0.0]), "bias": np.array([[1e-3]])},
    {"weights": np.array([-1.0, -0.5, 0.2]), "bias": np.array([[-2e-3]])},
    {"weights": np.array([0.1, 4.0, 0.2]), "bias": np.array([[5e-3]])},
]


def trajectory(optimiser, gradients, start=START):
    """Return the parameters after each of the gradients."""
    parameters, rows = jax.tree.map(jnp.asarray, start), []
    state = optimiser.init(parameters)
    for gradient in gradients:
        change, state = optimiser.update(jax.tree.map(jnp.asarray, gradient), state, parameters)
        parameters = optax.apply_updates(parameters, change)
        rows.append(jax.tree.map(np.asarray, parameters))
    return rows


def by_hand(gradients, start, rate):
    """Return the parameters after each step of θ ← θ − η √(1 − β₂ⁿ)/(1 − β₁ⁿ) m/(√v + ε), for one array."""
    theta, m, v, rows = np.array(start), 0.0, 0.0, []
    for n, g in enumerate(gradients, 1):
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2
        theta = theta - rate * np.sqrt(1 - 0.999**n) / (1 - 0.9**n) * m / (np.sqrt(v) + 1e-8)
        rows.append(theta)
    return rows


@pytest.mark.parametrize("rate", [0.01, 0.3])
def test_three_steps_by_hand(rate):
    result = trajectory(published_adam(rate), GRADIENTS)
    for name, start in START.items():
        expected = by_hand([g[name] for g in GRADIENTS], start, rate)
        # the number of steps is counted in float32
        np.testing.assert_allclose([row[name] for row in result], expected, rtol=1e-5)


def test_it_agrees_with_the_usual_form_unless_gradients_are_tiny():
    ours, usual = trajectory(published_adam(0.01), GRADIENTS), trajectory(optax.adam(0.01), GRADIENTS)
    for first, second in zip(ours, usual, strict=True):
        np.testing.assert_allclose(first["weights"], second["weights"], rtol=0, atol=1e-7)
        assert abs(first["bias"] - second["bias"]) > 1e-6  # ε = 1e-8 is not negligible against √v = 0.03 · 0.001


def test_epsilon_is_added_to_the_uncorrected_root():
    """With a first gradient of ε the usual form steps by η/2; here √v = √0.001 ε, and the step is η/(1 + 1/√0.001)."""
    tiny = [{"weights": np.full(3, EPSILON), "bias": np.zeros((1, 1))}]
    ours, usual = (trajectory(o, tiny)[0]["weights"] - START["weights"] for o in (published_adam(1.0), optax.adam(1.0)))
    np.testing.assert_allclose(usual, -0.5, rtol=1e-5)
    np.testing.assert_allclose(ours, -1 / (1 + 1 / np.sqrt(0.001)), rtol=1e-5)


@given(sign=st.sampled_from([-1.0, 1.0]), exponent=st.floats(-3, 6), rate=st.floats(1e-4, 1.0))
def test_the_first_step_has_the_length_of_the_learning_rate(sign, exponent, rate):
    change, _ = published_adam(rate).update(jnp.asarray([sign * 10**exponent]), published_adam().init(jnp.zeros(1)))
    np.testing.assert_allclose(change, [-sign * rate], rtol=1e-3)


def test_parameters_without_gradient_stay_or_continue_in_the_direction_of_their_momentum():
    """Dead weights therefore stay dead: the momentum keeps the sign of the last gradient, and zeros stay zero."""
    zero = {"weights": np.zeros(3), "bias": np.zeros((1, 1))}
    rows = trajectory(published_adam(), [GRADIENTS[0], *[zero] * 40])
    path = np.array([START["weights"]] + [row["weights"] for row in rows])
    assert (np.diff(path[:, 0]) < 0).all()
    assert (np.diff(path[:, 1]) > 0).all()
    assert (path[:, 2] == START["weights"][2]).all()


def test_precision_is_that_of_the_parameters():
    single = published_adam()
    state = single.init(jnp.zeros(2, jnp.float32))
    change, state = single.update(jnp.ones(2, jnp.float32), state)
    assert {change.dtype, state.first.dtype, state.second.dtype} == {jnp.dtype(jnp.float32)}
