import contextlib

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, special, stats
from scipy.special import erf, expit

from noisette import activations
from noisette.activations import Pade, Power, Threshold, from_string
from noisette.errors import InputError
from noisette.registry import words

X = np.array([-30.0, -2.5, -0.3, 0.0, 0.1, 1.7, 40.0])
VALUES = {
    "tanh": np.tanh,
    "sigmoid": expit,
    "erf": erf,
    "linear": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "threshold:0.7": lambda x: np.maximum(x - 0.7, 0),
    "threshold:-1": lambda x: np.maximum(x + 1, 0),
    "power:3": lambda x: x**3,
    "power:0.5": lambda x: np.sign(x) * np.sqrt(np.abs(x)),
    "power:1": lambda x: x,
    "pade:2,0.25": lambda x: x * (1 + 0.5 * x**2) / (1 + 2 * x**2),
    "pade:0,5": lambda x: x,
}
SLOPES_AT_ZERO = {
    "tanh": 1,
    "sigmoid": 0.25,
    "erf": 2 / np.sqrt(np.pi),
    "linear": 1,
    "relu": 0,
    "threshold:0.7": 0,
    "threshold:-1": 1,
    "power:3": 0,
    "power:1": 1,
    "pade:2,0.25": 1,
}
ODD = ["tanh", "erf", "linear", "power:3", "power:0.5", "power:1.7", "pade:2,0.25"]
numbers = st.floats(-1e6, 1e6)


@pytest.mark.slow
@pytest.mark.parametrize("text", VALUES)
def test_values(text):
    assert np.asarray(from_string(text)(jnp.asarray(X))) == pytest.approx(VALUES[text](X), rel=1e-12, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("text", SLOPES_AT_ZERO)
def test_slopes_at_zero(text):
    assert float(jax.grad(from_string(text))(0.0)) == pytest.approx(SLOPES_AT_ZERO[text], rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("text", VALUES)
def test_every_derivative_is_finite_and_that_of_the_values(text):
    slopes = np.asarray(jax.vmap(jax.grad(from_string(text)))(jnp.asarray(X)))
    assert np.isfinite(slopes).all()
    h = 1e-6
    away = np.abs(X) > h
    central = (VALUES[text](X + h) - VALUES[text](X - h)) / (2 * h)
    assert slopes[away] == pytest.approx(central[away], rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("exponent", [0.2, 0.5, 0.99, 1.5, 2.0])
def test_power_laws_have_finite_gradients_at_zero_through_any_chain(exponent):
    gradient = jax.grad(lambda x: jnp.sum(Power(exponent)(2 * x) ** 2))(jnp.zeros(3))
    assert np.isfinite(gradient).all()


@given(x=numbers)
def test_odd_activations_are_odd(x):
    for text in ODD:
        phi = from_string(text)
        assert float(phi(jnp.asarray(-x))) == -float(phi(jnp.asarray(x)))


@given(x=numbers)
def test_the_logistic_function_and_its_mirror_add_to_one(x):
    assert float(activations.sigmoid(jnp.asarray(x)) + activations.sigmoid(jnp.asarray(-x))) == pytest.approx(1)
    assert 2 * float(activations.sigmoid(jnp.asarray(2 * x))) - 1 == pytest.approx(np.tanh(x), abs=1e-12)


@given(alpha=st.floats(0.01, 10), beta=st.floats(0, 2))
def test_pade_is_linear_at_zero_and_of_slope_beta_far_away(alpha, beta):
    slope = jax.grad(Pade(alpha, beta))
    assert float(slope(0.0)) == 1
    assert float(slope(1e6)) == pytest.approx(beta, abs=1e-6)


def test_every_listed_activation_can_be_built_from_its_name():
    for name in words("activations"):
        arguments = {"threshold": ":0.5", "power": ":2", "pade": ":1,0", "formula": ":x^3", "smoothed": ":1,relu"}.get(
            name, ""
        )
        assert callable(from_string(name + arguments))
    assert from_string("tanh") is activations.tanh
    assert from_string("threshold:0.5") == Threshold(0.5)
    assert from_string("power:2") == Power(2.0)
    assert from_string("pade:1,0.5") == Pade(1.0, 0.5)
    assert from_string("smoothed:0.5,power:2") == activations.Smoothed(Power(2.0), 0.5)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: from_string("softplus"), "unknown activation 'softplus'; activations are tanh, .*, or MODULE:NAME"),
        (lambda: from_string(""), "unknown activation ''"),
        (lambda: from_string("tanh:2"), "'tanh:2' cannot be read; the form is tanh"),
        (lambda: from_string("power"), "the form is power:p"),
        (lambda: from_string("power:two"), "the form is power:p"),
        (lambda: from_string("threshold:1,2"), "the form is threshold:θ"),
        (lambda: from_string("pade:1,2,3"), "the form is pade:α,β"),
        (lambda: from_string("smoothed:1"), "the form is smoothed:σ,ACTIVATION"),
        (lambda: from_string("smoothed:-1,tanh"), "std -1; zero or positive"),
        (lambda: from_string("smoothed:1,softplus"), "unknown activation 'softplus'"),
        (lambda: from_string("power:-1"), "power -1; an exponent above zero"),
        (lambda: from_string("power:nan"), "power nan; an exponent above zero"),
        (lambda: Power(0.0), "an exponent above zero"),
        (lambda: Pade(-1.0), "α -1; a finite number, zero or positive: below zero the activation has poles"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()


@given(name=st.sampled_from([*words("activations"), "x"]), arguments=st.text("0123.,:-+e naif∞", max_size=8))
def test_any_invalid_text_raises_an_input_error(name, arguments):
    with contextlib.suppress(InputError):
        assert callable(from_string(f"{name}:{arguments}"))


SMOOTHED = [activations.tanh, activations.sigmoid, activations.relu, activations.Threshold(0.3), activations.erf]
SMOOTHED += [activations.linear, activations.Pade(1.0, 0.0)]


@pytest.mark.slow
@pytest.mark.parametrize("activation", SMOOTHED)
@pytest.mark.parametrize("std", [0.1, 0.5, 3.0, 20.0])
def test_smoothed_activations_are_averages_over_normal_noise(activation, std):
    """Adaptive quadrature, split at the kinks at 0 and 0.3; the poles of the Padé activation at ±i limit the error."""
    error = 2e-9 if isinstance(activation, Pade) else 1e-11
    x = np.array([-1.0, 0.3, 4.0])
    values = activations.Smoothed(activation, std)(jnp.asarray(x))
    for point, value in zip(x, values, strict=True):
        density = lambda t, p=point: float(activation(jnp.asarray(p + std * t))) * stats.norm.pdf(t)  # noqa: E731
        kinks = [float(np.clip((k - point) / std, -9, 9)) for k in (0.0, 0.3)]
        expected = integrate.quad(density, -10, 10, points=kinks, limit=200, epsabs=1e-12)[0]
        assert float(value) == pytest.approx(expected, abs=error)


def test_smoothing_twice_adds_the_variances():
    x = jnp.linspace(-4, 4, 17)
    twice = activations.Smoothed(activations.Smoothed(activations.tanh, 0.6), 0.8)(x)
    np.testing.assert_allclose(twice, activations.Smoothed(activations.tanh, 1.0)(x), atol=1e-12)


def test_smoothing_at_a_kink_has_the_stated_error():
    """|x| has the kink a = 2 and the mean √(2/π) σ exp(−x²/2σ²) + x erf(x/√2σ)."""
    x, std = np.linspace(-2, 2, 101), 0.7
    exact = np.sqrt(2 / np.pi) * std * np.exp(-(x**2) / 2 / std**2) + x * special.erf(x / np.sqrt(2) / std)
    error = np.abs(np.asarray(activations.Smoothed(jnp.abs, std)(jnp.asarray(x))) - exact).max()
    assert 1e-6 < error < 2 * std / 1900


def test_smoothed_activations_have_a_derivative_and_keep_the_precision():
    smooth = activations.Smoothed(activations.sigmoid, 0.5)
    slope = jax.grad(lambda x: smooth(x))(jnp.asarray(0.4))
    step = 1e-5
    difference = (smooth(jnp.asarray(0.4 + step)) - smooth(jnp.asarray(0.4 - step))) / (2 * step)
    assert float(slope) == pytest.approx(float(difference), rel=1e-8)
    assert smooth(jnp.zeros(3, jnp.float32)).dtype == jnp.float32


@pytest.mark.parametrize("std", [-1.0, float("nan"), float("inf")])
def test_smoothing_needs_a_standard_deviation(std):
    with pytest.raises(InputError, match="std"):
        activations.Smoothed(activations.tanh, std)
