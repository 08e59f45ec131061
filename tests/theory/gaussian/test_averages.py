import jax.numpy as jnp
import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from noisette import activations
from noisette.errors import InputError
from noisette.theory.gaussian import averages, check, derivatives, is_linear, is_odd, moments, power_moment

CLOSED = [
    activations.linear,
    activations.erf,
    activations.Power(1.5),
    activations.Power(2.0),
    activations.Pade(1 / 3, 0.0),
    activations.Pade(2 / 5, 1 / 6),
    activations.Pade(2.0, -0.3),
]


class Hidden:
    """A user-defined activation: the same values, but no name from which a closed form could be found."""

    def __init__(self, activation):
        self.activation = activation

    def __call__(self, x):
        return self.activation(x)


def exact(function, variance, mean=0.0):
    """Integrate over x ~ N(mean, variance) with thirty digits."""
    with mpmath.workdps(30):
        std = mpmath.sqrt(mpmath.mpf(variance))
        edges = [-14, -4, -1, -0.3, -0.1, -0.03, -0.01, 0, 0.01, 0.03, 0.1, 0.3, 1, 4, 14]
        total = mpmath.quad(lambda z: function(mean + std * z) * mpmath.exp(-(z**2) / 2), edges)
        return float(total / mpmath.sqrt(2 * mpmath.pi))


@pytest.mark.slow
@pytest.mark.parametrize("variance", [1e-6, 1e-2, 1.0, 30.0, 1e3])
def test_tanh_against_high_precision(variance):
    result = averages(activations.tanh, variance)
    assert result.square == pytest.approx(exact(lambda x: mpmath.tanh(x) ** 2, variance), rel=1e-12, abs=0)
    assert result.slope == pytest.approx(exact(lambda x: mpmath.sech(x) ** 2, variance), rel=1e-12)
    assert result.slope_square == pytest.approx(exact(lambda x: mpmath.sech(x) ** 4, variance), rel=1e-12)
    assert result.mean == pytest.approx(0, abs=1e-15)


@pytest.mark.slow
@pytest.mark.parametrize("mean", [-2.0, 0.3])
def test_sigmoid_with_a_mean(mean):
    result = averages(activations.sigmoid, 1.7, mean)

    def sigmoid(x):
        return 1 / (1 + mpmath.exp(-x))

    assert result.mean == pytest.approx(exact(sigmoid, 1.7, mean), rel=1e-12)
    assert result.square == pytest.approx(exact(lambda x: sigmoid(x) ** 2, 1.7, mean), rel=1e-12)
    slope = exact(lambda x: sigmoid(x) * (1 - sigmoid(x)), 1.7, mean)
    assert result.slope == pytest.approx(slope, rel=1e-12)
    assert result.slope_square == pytest.approx(
        exact(lambda x: (sigmoid(x) * (1 - sigmoid(x))) ** 2, 1.7, mean), rel=1e-12
    )


@pytest.mark.slow
@pytest.mark.parametrize("activation", CLOSED)
@pytest.mark.parametrize("variance", [1e-6, 0.1, 0.35, 1.0, 300.0])
def test_quadrature_is_the_closed_form(activation, variance):
    closed, quadrature = averages(activation, variance), averages(Hidden(activation), variance)
    np.testing.assert_allclose(closed[1:], quadrature[1:], rtol=1e-10)  # φ'² of x^1.5 has a kink


@pytest.mark.parametrize("theta", [-0.7, 0.0, 0.5])
@pytest.mark.parametrize("mean", [-2.0, 0.0, 0.3])
def test_quadrature_of_kinks(theta, mean):
    activation = activations.Threshold(theta)
    closed, quadrature = averages(activation, 1.3, mean), averages(Hidden(activation), 1.3, mean)
    np.testing.assert_allclose(closed[:3], quadrature[:3], rtol=1e-4)
    assert quadrature.slope_square == pytest.approx(closed.slope_square, rel=2e-3)
    if theta == 0:
        assert averages(activations.relu, 1.3, mean) == closed


def test_averages_far_below_threshold_are_accurate():
    result = averages(activations.Threshold(0.0), 1.0, -20.0)
    density = mpmath.exp(-200) / mpmath.sqrt(2 * mpmath.pi)
    with mpmath.workdps(40):
        first = density - 20 * mpmath.ncdf(-20)
        second = 401 * mpmath.ncdf(-20) - 20 * density
    assert result.mean == pytest.approx(float(first), rel=1e-9)
    assert result.square == pytest.approx(float(second), rel=1e-6)


def test_singular_power_law():
    closed, quadrature = averages(activations.Power(0.75), 1.7), averages(Hidden(activations.Power(0.75)), 1.7)
    np.testing.assert_allclose(closed[1:3], quadrature[1:3], rtol=1e-11)
    assert quadrature.slope_square == pytest.approx(closed.slope_square, rel=2e-3)  # integrable, but no limit at zero
    assert averages(activations.Power(0.5), 1.0).slope_square == np.inf


@pytest.mark.slow
@pytest.mark.parametrize("activation", [*CLOSED, activations.tanh, activations.relu, activations.Power(0.75)])
@given(st.floats(1e-3, 1e3))
def test_mean_slopes_are_bounded_by_the_others(activation, variance):
    result = averages(activation, variance)
    assert result.slope**2 <= result.slope_square * (1 + 1e-12)  # Jensen: ν ≤ χ
    assert result.slope**2 * variance <= (result.square - result.mean**2) * (1 + 1e-12)  # Cauchy–Schwarz


def test_activations_that_use_numpy_only():
    def numpy_only(x):
        x = np.array(x)  # a copy, which tracers refuse
        x *= 1.0
        return np.tanh(x)

    np.testing.assert_allclose(averages(numpy_only, 1.3)[1:], averages(activations.tanh, 1.3)[1:], rtol=1e-11)
    np.testing.assert_allclose(averages(numpy_only, 1.3, 0.4), averages(Hidden(activations.tanh), 1.3, 0.4), rtol=1e-11)


def test_jumps_have_no_mean_square_slope():
    assert averages(jnp.sign, 1.0).slope_square == np.inf
    assert averages(jnp.sign, 1.0).slope == pytest.approx(np.sqrt(2 / np.pi), rel=1e-4)


@pytest.mark.parametrize("activation", [activations.relu, activations.sigmoid, activations.linear])
def test_several_means_at_once(activation):
    means = np.linspace(-1, 1, 201)
    several = averages(activation, 0.7, means)
    single = averages(activation, 0.7, float(means[30]))
    np.testing.assert_allclose([part[30] for part in several], single, rtol=1e-11)
    np.testing.assert_allclose(moments(activation, np.full(201, 0.7), means), several[:2], rtol=1e-12)


@pytest.mark.parametrize("variance", [1e-4, 0.5, 20.0])
def test_derivatives_by_differences(variance):
    step = 1e-3 * variance
    result = derivatives(activations.tanh, variance)
    above, below = derivatives(activations.tanh, variance + step), derivatives(activations.tanh, variance - step)
    assert result.square == pytest.approx(averages(activations.tanh, variance).square, rel=1e-12)
    for name, slope in (("square", "first"), ("first", "second"), ("spread", "spread_first")):
        difference = (getattr(above, name) - getattr(below, name)) / (2 * step)
        assert getattr(result, slope) == pytest.approx(difference, rel=1e-4)


@pytest.mark.parametrize("p", [0.75, 1.0, 1.5])
def test_derivatives_of_power_laws(p):
    closed, quadrature = derivatives(activations.Power(p), 1.7), derivatives(Hidden(activations.Power(p)), 1.7)
    np.testing.assert_allclose(closed, quadrature, rtol=1e-9, atol=1e-12)
    assert closed.square == pytest.approx(power_moment(2 * p) * 1.7**p)


def test_families_contain_the_linear_unit_as_a_limit():
    assert all(map(is_linear, (activations.linear, activations.Power(1.0), activations.Pade(0.0, 0.4))))
    assert is_linear(activations.Pade(0.3, 1.0))
    assert not any(map(is_linear, (activations.tanh, activations.Power(1.1), activations.Pade())))
    for activation in (activations.Power(1.0), activations.Pade(0.0, 0.4), activations.Pade(0.3, 1.0)):
        assert averages(activation, 2.5) == averages(activations.linear, 2.5)


def test_odd_activations_are_recognised():
    assert all(map(is_odd, [*CLOSED, activations.tanh, jnp.arctan]))
    assert not any(map(is_odd, [activations.relu, activations.Threshold(0.5), activations.sigmoid, jnp.cos]))


@pytest.mark.parametrize(
    ("activation", "message"), [(jnp.sinh, "NaN or infinite"), (lambda x: x.sum(), "activation returns shape")]
)
def test_unsuitable_activations_are_refused(activation, message):
    with pytest.raises(InputError, match=message):
        check(activation)
