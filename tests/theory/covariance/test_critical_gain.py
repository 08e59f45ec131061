import jax.numpy as jnp
import numpy as np
import pytest

from noisette import activations
from noisette.errors import InputError
from noisette.noise import Common, Frozen, White
from noisette.provenance import PAPERS
from noisette.theory import correlations, critical_gain, fold_gain, mean_field, power_law_phases


@pytest.mark.parametrize(
    ("activation", "std", "gain"),
    [
        (activations.tanh, 0.2, 1.3041),
        (activations.Power(0.5), 1.0, 0.0),
        (activations.Power(0.3), 1.0, 0.0),
        (activations.Power(1.5), 1.0, np.inf),
        (activations.linear, 1.0, 1.0),
        (activations.relu, 1.0, np.sqrt(2)),
    ],
)
def test_critical_gains_in_frozen_noise(activation, std, gain):
    assert critical_gain(activation, Frozen(std)) == pytest.approx(gain, abs=5e-5)


def test_where_tanh_becomes_unstable():
    gain = critical_gain(activations.tanh, Frozen(1.0))
    for activity, dimension in (("rate", 0.1808), ("current", 0.1615)):
        result = correlations(activations.tanh, gain, Frozen(1.0), activity=activity)
        assert float(result.susceptibility) == pytest.approx(1, abs=1e-9)
        assert float(result.participation_dimension) == pytest.approx(dimension, abs=5e-5)


@pytest.mark.slow
@pytest.mark.parametrize("activation", [activations.tanh, activations.erf, activations.Pade(1.0, 0.3)])
@pytest.mark.parametrize("std", [0.05, 3.0])
def test_stable_below_and_unstable_above(activation, std):
    gain = critical_gain(activation, Frozen(std))
    result = correlations(activation, [0.999 * gain, 1.001 * gain], Frozen(std))
    assert result.susceptibility[0] < 1 < result.susceptibility[1]
    assert result.valid.values.tolist() == [True, False]


def test_silent_networks():
    assert critical_gain(activations.tanh) == pytest.approx(1, abs=1e-12)
    assert critical_gain(activations.tanh, Frozen(0.0)) == critical_gain(activations.tanh)
    assert critical_gain(activations.erf) == pytest.approx(np.sqrt(np.pi) / 2, rel=1e-12)
    assert critical_gain(activations.relu) == pytest.approx(np.sqrt(2))
    assert critical_gain(activations.linear) == 1
    assert critical_gain(activations.Threshold(0.5)) == critical_gain(activations.Power(2.0)) == np.inf
    assert critical_gain(activations.Power(0.9)) == 0
    # weak noise changes little: χ = 1 is reached immediately
    assert critical_gain(activations.tanh, Frozen(1e-3)) == pytest.approx(1, abs=0.02)
    # sigmoid has a fixed point away from zero
    assert critical_gain(activations.sigmoid) == pytest.approx(
        critical_gain(activations.sigmoid, Frozen(1e-3)), rel=1e-5
    )


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [0.2, 1.0])
@pytest.mark.parametrize("activation", [activations.tanh, activations.Pade(1.0, 0.3)])
def test_white_noise_where_the_exponent_vanishes(activation, sigma):
    gain = critical_gain(activation, White(sigma))
    assert gain > critical_gain(activation)
    assert float(mean_field(activation, gain, White(sigma)).lyapunov) == pytest.approx(0, abs=1e-8)


@pytest.mark.slow
def test_white_noise_on_power_laws():
    assert critical_gain(activations.Power(2.0), White(0.5)) == np.inf
    assert critical_gain(activations.linear, White(0.5)) == 1
    gain = critical_gain(activations.Power(0.75), White(0.5))
    # all depends on g σ^(p−1) only
    assert critical_gain(activations.Power(0.75), White(1.5)) == pytest.approx(gain * 3**0.25, rel=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("activation", "gain"),
    [
        (activations.Power(1.5), 0.4911),
        (activations.Power(2.0), 0.2887),
        (activations.Power(3.0), 0.0994),
        (activations.Power(0.75), np.inf),
        (activations.linear, 1.0),
        (activations.relu, np.sqrt(2)),
        (activations.tanh, np.inf),
        (activations.Pade(1.0, 0.3), 1 / 0.3),
        (activations.Pade(1.0, 2.0), 0.5),
        (lambda x: 0.5 * x + jnp.tanh(x), 2.0),
        (lambda x: x * jnp.log1p(x**2), 0.0),
    ],
)
def test_fold_gains(activation, gain):
    result = fold_gain(activation, Frozen(1.0))
    if gain:
        assert result == pytest.approx(gain, abs=5e-5)
    else:
        assert 0 < result < 1  # faster than its input: a fold with no closed form
    if np.isfinite(result):
        table = correlations(activation, [result * (1 - 1e-4), result * (1 + 1e-4)], Frozen(1.0))
        assert np.isfinite(table.variance.values).tolist() == [True, False]
        assert "without bound" in str(table.reason[1].item())


@pytest.mark.slow
@pytest.mark.parametrize(("p", "std"), [(1.2, 0.3), (1.7, 3.0), (3.0, 1.0)])
def test_the_fold_of_power_laws_without_closed_form(p, std):
    activation = activations.Power(p)
    closed = fold_gain(activation, Frozen(std))
    assert fold_gain(lambda x: activation(x), Frozen(std)) == pytest.approx(closed, rel=1e-7)
    # at the fold v = s² p/(p − 1) and χ = p/(2p − 1)
    result = correlations(activation, closed * (1 - 1e-10), Frozen(std))
    assert float(result.variance) == pytest.approx(std**2 * p / (p - 1), rel=1e-3)
    assert float(result.susceptibility) == pytest.approx(p / (2 * p - 1), rel=1e-3)


@pytest.mark.slow
def test_a_user_defined_activation():
    assert critical_gain(lambda x: activations.tanh(x), Frozen(1.0)) == pytest.approx(1.8555891, abs=1e-6)
    clipped = critical_gain(lambda x: jnp.clip(x, -1, 1), Frozen(1.0))
    result = correlations(lambda x: jnp.clip(x, -1, 1), clipped, Frozen(1.0))
    assert float(result.susceptibility) == pytest.approx(1, abs=3e-3)  # kinks


def test_phases_of_power_laws():
    result = power_law_phases([0.0, 0.25, 0.5, 0.75])
    np.testing.assert_allclose(result.effective_gain**2, [0.6366, 0.8166, 0.9270, 0.9837], atol=5e-5)
    np.testing.assert_allclose(result.rate_dimension, [0.1320, 0.0336, 0.00532, 2.7e-4], rtol=0.02)
    np.testing.assert_allclose(result.current_dimension, [0.0828, 0.0252, 0.00467, 2.6e-4], rtol=0.02)
    np.testing.assert_allclose(result.variance_exponent, [2, 8 / 3, 4, 8])
    assert result.susceptibility.values.tolist() == [np.inf, np.inf, np.inf, 0.75**2 / 0.5]
    assert np.isinf(result.fold_gain).all()
    steep = power_law_phases([1.0, 1.5, 2.0, 3.0])
    np.testing.assert_allclose(steep.fold_gain, [1, 0.4911, 0.2887, 0.0994], atol=5e-5)
    assert steep.critical_gain.values.tolist() == [1, np.inf, np.inf, np.inf]
    assert np.isnan(steep.rate_dimension).all()
    assert PAPERS.keys() >= set(result.attrs["references"].split(","))


@pytest.mark.parametrize("p", [0.6, 0.75, 0.9, 1.5, 2.0])
def test_gains_of_power_laws_scale_with_noise(p):
    weak, strong = power_law_phases(p), power_law_phases(p, std=4.0)
    for name in ("critical_gain", "fold_gain"):
        assert float(strong[name]) == pytest.approx(float(weak[name]) * 4.0 ** (1 - p), rel=1e-12)


@pytest.mark.parametrize("p", [0.5, 0.75])
def test_power_laws_saturate(p):
    # v → (g² m)^(1/(1 − p)), and D to the value of `power_law_phases`, never to zero
    phases = power_law_phases(p)
    for activity in ("current", "rate"):
        result = correlations(activations.Power(p), [1e3, 2e3], Frozen(1.0), activity=activity)
        limit = float(phases[f"{activity}_dimension"])
        np.testing.assert_allclose(result.participation_dimension, limit, rtol=1e-2)
    growth = np.diff(np.log(correlations(activations.Power(p), [1e3, 2e3], Frozen(1.0)).variance))[0] / np.log(2)
    assert growth == pytest.approx(float(phases.variance_exponent), rel=1e-3)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: critical_gain(activations.tanh, Common(1.0)), "Common noise"),
        (lambda: critical_gain(activations.relu, White(1.0)), "not odd"),
        (lambda: critical_gain(jnp.sinh, Frozen(1.0)), "NaN or infinite"),
        (lambda: fold_gain(activations.tanh, White(1.0)), "None or Frozen"),
        (lambda: power_law_phases([-1.0]), "exponents"),
        (lambda: power_law_phases([]), "shape"),
        (lambda: power_law_phases(0.5, std=0.0), "std 0"),
    ],
)
def test_invalid_input_is_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
