import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh_tridiagonal
from scipy.optimize import brentq
from scipy.special import gamma

from noisette import activations
from noisette.errors import InputError
from noisette.noise import Common, Frozen, OrnsteinUhlenbeck, White
from noisette.provenance import PAPERS
from noisette.theory import autocovariance, mean_field


@pytest.mark.slow
@given(st.floats(0.0, 0.99), st.floats(0.01, 10.0))
def test_linear_units_in_white_noise(gain, sigma):
    rate = np.sqrt(1 - gain**2)
    result = mean_field(activations.linear, gain, White(sigma))
    assert float(result.variance) == pytest.approx(sigma**2 / (2 * rate), rel=1e-9)
    assert float(result.kinetic_energy) == pytest.approx(sigma**2 / 2 * (1 - rate / 2), rel=1e-9)
    assert float(result.lyapunov) == pytest.approx(gain - 1, abs=1e-9)
    lags = np.array([3.0, -1.0, 0.0, 0.2])
    curves = autocovariance(activations.linear, gain, White(sigma), lags)
    expected = sigma**2 / (2 * rate) * np.exp(-rate * np.abs(lags))
    np.testing.assert_allclose(curves.current, expected, rtol=1e-8)
    np.testing.assert_allclose(curves.rate, expected, rtol=1e-8)


@pytest.mark.parametrize(
    ("activation", "slope"), [(activations.tanh, 1.0), (activations.erf, 2 / np.sqrt(np.pi)), (activations.linear, 1.0)]
)
def test_silence_below_the_onset(activation, slope):
    for fraction in (0.0, 0.5, 0.999):
        result = mean_field(activation, fraction / slope)
        assert float(result.lyapunov) == pytest.approx(fraction - 1, abs=1e-12)
        assert float(result.variance) == float(result.kinetic_energy) == 0
    assert not autocovariance(activation, 0.5 / slope).current.any()


@pytest.mark.parametrize("activation", [activations.tanh, activations.erf, activations.Pade(0.5, 0.1)])
def test_the_onset_is_where_gain_times_slope_is_one(activation):
    slope = float(activation(jnp.asarray(1e-6)) / 1e-6)
    assert float(mean_field(activation, 1.001 / slope).lyapunov) > 0


@pytest.mark.parametrize("excess", [1e-2, 1e-3, 1e-4])
def test_asymptotics_at_the_onset(excess):
    # Δ₀ = ε + O(ε²) and λ = ε²/2 + O(ε³) at g = 1 + ε: the Pöschl–Teller well 1 − 6 sech² of the cubic theory
    result = mean_field(activations.tanh, 1 + excess)
    assert float(result.variance) / excess == pytest.approx(1, abs=2 * excess)
    assert float(result.lyapunov) / excess**2 == pytest.approx(0.5, abs=5 * excess)


@pytest.mark.parametrize(("gain", "sigma"), [(1.2, 0.0), (2.0, 0.0), (6.0, 0.0), (0.7, 1.0), (2.0, 0.5)])
def test_the_curve_obeys_the_equation_of_motion(gain, sigma):
    step = 1e-3
    lags = step * np.arange(3001)
    result = autocovariance(activations.tanh, gain, noise=White(sigma), lags=lags)
    current = result.current.values
    acceleration = (current[2:] - 2 * current[1:-1] + current[:-2]) / step**2
    force = current - gain**2 * result.rate.values
    np.testing.assert_allclose(acceleration, force[1:-1], atol=3e-4 * gain**2)
    kick = (current[1] - current[0]) / step - force[0] * step / 2
    assert kick == pytest.approx(-(sigma**2) / 2, abs=1e-5 * gain**2)


def test_the_autocovariance_decays_to_zero():
    result = autocovariance(activations.tanh, 3.0)
    assert float(result.current[-1] / result.current[0]) < 1e-4
    assert (np.diff(result.current) < 0).all()
    np.testing.assert_allclose(result.current[0], mean_field(activations.tanh, 3.0).variance)
    np.testing.assert_allclose(result.rate[0], mean_field(activations.tanh, 3.0).rate_variance)


@pytest.mark.parametrize(("gain", "sigma"), [(1.5, 0.0), (12.0, 0.0), (1.5, 1.0)])
def test_rates_of_the_error_function_have_a_closed_form(gain, sigma):
    result = autocovariance(activations.erf, gain, White(sigma))
    current = result.current.values
    expected = 2 / np.pi * np.arcsin(2 * current / (1 + 2 * current[0]))
    np.testing.assert_allclose(result.rate, expected, atol=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize(("gain", "sigma"), [(1.3, 0.0), (4.0, 0.0), (10.0, 0.0), (1.2, 0.3), (2.0, 1.0)])
def test_exponent_by_finite_differences(gain, sigma):
    # erf, whose C_φ' is (4/π)/√((1 + 2Δ₀)² − 4Δ²); the error of the second difference is removed by extrapolation
    reach = float(autocovariance(activations.erf, gain, White(sigma)).lag[-1]) * 1.5

    def energy(count: int) -> float:
        step = reach / count
        lags = step * (np.arange(count) + 0.5)
        current = autocovariance(activations.erf, gain, White(sigma), lags).current.values
        total = float(mean_field(activations.erf, gain, White(sigma)).variance)
        potential = 1 - gain**2 * 4 / np.pi / np.sqrt((1 + 2 * total) ** 2 - 4 * current**2)
        diagonal = potential + 2 / step**2
        diagonal[0] -= 1 / step**2  # even
        side = np.full(count - 1, -1 / step**2)
        return float(eigh_tridiagonal(diagonal, side, eigvals_only=True, select="i", select_range=(0, 0))[0])

    lowest = (4 * energy(8000) - energy(4000)) / 3
    expected = np.sqrt(1 - lowest) - 1
    assert float(mean_field(activations.erf, gain, White(sigma)).lyapunov) == pytest.approx(expected, abs=2e-7)


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [0.05, 0.5, 2.0])
def test_noise_shifts_the_onset_to_where_acceleration_vanishes(sigma):
    # Schuecker et al.: λ_max = 0 exactly where Δ''(0⁺) = Δ₀ − g² ⟨φ²⟩ = 0, that is 2 E_k/N = σ²
    def acceleration(gain: float) -> float:
        return 2 * float(mean_field(activations.tanh, gain, noise=White(sigma)).kinetic_energy) - sigma**2

    onset = brentq(acceleration, 1.0, 10.0, xtol=1e-12)
    assert onset > 1
    assert float(mean_field(activations.tanh, onset, noise=White(sigma)).lyapunov) == pytest.approx(0, abs=1e-8)
    assert float(mean_field(activations.tanh, 1.05 * onset, noise=White(sigma)).lyapunov) > 0
    assert float(mean_field(activations.tanh, 0.95 * onset, noise=White(sigma)).lyapunov) < 0


def test_strong_noise_suppresses_chaos():
    quiet, noisy = mean_field(activations.tanh, 1.1), mean_field(activations.tanh, 1.1, noise=White(0.5))
    assert float(quiet.lyapunov) > 0 > float(noisy.lyapunov)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("gain", "scale", "sigma"), [(1.1, 3.0, 0.0), (2.0, 0.3, 0.0), (6.0, 2.0, 1.0), (0.5, 0.7, 1e-3)]
)
def test_units_of_the_current_do_not_matter(gain, scale, sigma):
    plain = mean_field(activations.tanh, gain, noise=White(sigma))
    scaled = mean_field(lambda x: jnp.tanh(scale * x) / scale, gain, White(sigma / scale))
    louder = mean_field(lambda x: scale * jnp.tanh(x), gain / scale, White(sigma))
    for name, power in {"variance": 2, "kinetic_energy": 2, "lyapunov": 0}.items():
        assert float(scaled[name]) * scale**power == pytest.approx(float(plain[name]), rel=1e-6, abs=1e-8)
        assert float(louder[name]) == pytest.approx(float(plain[name]), rel=1e-6, abs=1e-8)


@pytest.mark.slow
def test_power_law_has_no_scale():
    p = 0.75
    moment = [2 ** (k / 2) * gamma((k + 1) / 2) / np.sqrt(np.pi) for k in (p + 1, 2 * p + 2)]
    variance = moment[1] - moment[0] ** 2
    result = mean_field(activations.Power(p), [0.5, 1.0, 2.0])
    expected = (2 * result.gain.values**2 * variance / (p + 1) ** 2) ** (1 / (1 - p))
    np.testing.assert_allclose(result.variance, expected, rtol=1e-7)
    np.testing.assert_allclose(result.lyapunov, result.lyapunov[0], rtol=1e-6)


def test_strong_gain_approaches_steps():
    # the potential of sign(x): ½ Δ₀² = g² Δ₀ (1 − 2/π), up to corrections of order 1/g
    result = mean_field(activations.tanh, 100.0)
    assert float(result.variance) / 100.0**2 == pytest.approx(2 * (1 - 2 / np.pi), rel=1e-2)
    assert float(result.lyapunov) == pytest.approx(2.42994, rel=2e-3)  # with 16 times as many terms


def test_three_ways_to_specify_no_noise():
    plain = mean_field(activations.tanh, 1.5)
    assert plain.equals(mean_field(activations.tanh, 1.5, noise=White(0.0)))
    several = mean_field(activations.tanh, 1.5, noise=White(0.3) + White(0.4))
    assert float(several.lyapunov) == pytest.approx(
        float(mean_field(activations.tanh, 1.5, noise=White(0.5)).lyapunov), abs=1e-12
    )


def test_several_gains_and_provenance():
    result = mean_field(activations.tanh, [0.5, 2.0], noise=White(0.5))
    assert result.lyapunov.dims == ("gain",)
    assert result.sel(gain=2.0).equals(mean_field(activations.tanh, 2.0, noise=White(0.5)))
    assert result.attrs["method"] == "mean-field"
    assert result.lyapunov.attrs["units"] == "1/tau"
    assert PAPERS.keys() >= set(result.attrs["references"].split(","))


@pytest.mark.slow
def test_the_kinetic_energy_is_that_of_the_velocity():
    # at a fixed point f is minus the frozen input; without coupling it is −x
    assert float(mean_field(activations.tanh, 1.5, Frozen(0.7)).kinetic_energy) == pytest.approx(0.7**2 / 2)
    for noise in (White(1.3), OrnsteinUhlenbeck(1.3, 2.0), Frozen(1.3) + White(1.0)):
        for dt in (None, 0.2):
            alone = mean_field(activations.relu, 0.0, noise, dt=dt)
            assert float(alone.kinetic_energy) == pytest.approx(float(alone.variance) / 2)


@given(st.floats(0.0, 0.95), st.floats(0.05, 20.0))
@settings(max_examples=10, deadline=None)
def test_linear_units_in_coloured_noise(gain, tau):
    # spectrum 2 s² τ_c / ((k² + ω²)(1 + ω² τ_c²)) with k² = 1 − g²
    k = np.sqrt(1 - gain**2)
    result = mean_field(activations.linear, gain, OrnsteinUhlenbeck(2.0, tau))
    assert float(result.variance) == pytest.approx(4 * tau / (k * (1 + k * tau)), rel=1e-9)
    assert float(result.lyapunov) == pytest.approx(gain - 1, abs=1e-8)
    lags = np.array([0.3, 4.0])
    curve = autocovariance(activations.linear, gain, OrnsteinUhlenbeck(2.0, tau), lags).current
    if abs(k * tau - 1) > 1e-2:
        expected = 4 * tau * (np.exp(-k * lags) / k - tau * np.exp(-lags / tau)) / (1 - (k * tau) ** 2)
        np.testing.assert_allclose(curve, expected, rtol=1e-7)


@pytest.mark.parametrize("activation", [activations.tanh, activations.relu])
def test_the_curve_obeys_the_equation_of_motion_in_coloured_noise(activation):
    step, gain, tau = 1e-2, 0.9, 2.0
    lags = step * np.arange(600)
    result = autocovariance(activation, gain, OrnsteinUhlenbeck(1.0, tau) + White(0.5), lags)
    current = result.current.values
    acceleration = (current[2:] - 2 * current[1:-1] + current[:-2]) / step**2
    force = current - gain**2 * result.rate.values - np.exp(-lags / tau)
    np.testing.assert_allclose(acceleration, force[1:-1], atol=2e-4)


def test_non_odd_units_have_a_mean():
    result = mean_field(activations.relu, 0.8, Frozen(1.0))
    assert float(result.variance) == pytest.approx(1 / (1 - 0.32), rel=1e-10)
    assert float(result.mean_square) == pytest.approx(0.17966, abs=5e-6)
    assert float(result.susceptibility) == pytest.approx(0.32)
    assert "mean_square" not in mean_field(activations.tanh, 0.8, Frozen(1.0))
    curve = autocovariance(activations.relu, 0.8, Frozen(1.0), [0.0, 30.0])
    np.testing.assert_allclose(curve.current, result.variance - result.mean_square)
    # about the means, the covariance of currents is s² + g² times that of rates
    np.testing.assert_allclose(1 + 0.8**2 * curve.rate, curve.current)
    fixed = mean_field(activations.sigmoid, 1.0)
    assert float(fixed.mean_square) == float(fixed.variance) > 0.25
    assert float(fixed.kinetic_energy) == pytest.approx(0, abs=1e-12)
    assert float(fixed.lyapunov) < 0


def test_frozen_noise_and_its_limits():
    calm, chaos = (mean_field(activations.tanh, gain, Frozen(1.0)) for gain in (1.85, 1.86))
    assert float(calm.lyapunov) == pytest.approx(np.sqrt(float(calm.susceptibility)) - 1)
    assert float(calm.lyapunov) < 0 < float(chaos.lyapunov)
    curve = autocovariance(activations.tanh, 2.5, Frozen(1.0))
    assert float(curve.current[0]) == pytest.approx(5.0878, abs=5e-5)
    assert float(curve.current[-1]) == pytest.approx(3.800, abs=5e-4)


def test_steps_of_a_simulation():
    result = mean_field(activations.tanh, 0.8, White(1.0), dt=0.1)
    assert float(result.variance) == pytest.approx(0.6334, abs=5e-5)
    assert "lyapunov" not in result
    curve = autocovariance(activations.tanh, 0.8, White(1.0), dt=0.1)
    np.testing.assert_allclose(curve.lag, 0.1 * np.arange(curve.lag.size), atol=1e-12)
    assert float(curve.current[0]) == float(result.variance)
    assert float(curve.current[-1] / curve.current[0]) < 1e-4
    given_lags = autocovariance(activations.tanh, 0.8, White(1.0), [-0.3, 0.0], dt=0.1)
    np.testing.assert_allclose(given_lags.current, curve.current.values[[3, 0]])
    with pytest.raises(InputError, match="multiples of dt"):
        autocovariance(activations.tanh, 0.8, White(1.0), [0.05], dt=0.1)
    assert autocovariance(activations.tanh, 0.8, OrnsteinUhlenbeck(1.0, 30.0), dt=0.1).lag.size <= 401


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((activations.tanh, -1.0), "gain -1"),
        ((activations.tanh, np.nan), "gain nan"),
        ((activations.tanh, [[1.0]]), r"shape \(1, 1\)"),
        ((jnp.sign, 2.0), "the activation jumps"),
        ((activations.tanh, 1000.0), "nearly does"),
        ((jnp.sinh, 2.0), "NaN or infinite"),
        ((activations.linear, 1.0), "no stationary state"),
        ((activations.linear, 1.0, Frozen(1.0)), "no stationary state"),
        ((activations.linear, 1.01, OrnsteinUhlenbeck(1.0, 2.0)), "no stationary state"),
        ((activations.relu, 1.5, White(1.0)), "no stationary state"),
        ((activations.Power(2.0), 0.3, Frozen(1.0)), "no stationary state"),  # the fold is at 0.2887
        ((activations.tanh, 2.0, OrnsteinUhlenbeck(1.0, 1e8)), "too slowly"),
        ((activations.linear, 1.5, White(1.0)), "no stationary state"),
        ((activations.Pade(1.0, 2.0), 0.9), "no stationary state"),
        ((lambda x: x**3 / (1 + x**4), 4.0, White(0.1)), "several stationary states"),
        ((activations.tanh, 2.0, White(1.0) + Common(1.0)), "Common noise"),
        ((activations.tanh, 2.0, White([1.0, 2.0])), "2 strengths"),
    ],
)
def test_invalid_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        mean_field(*arguments)


@pytest.mark.parametrize("lags", [[], [np.inf], [[0.0, 1.0]]])
def test_invalid_lags_are_refused(lags):
    with pytest.raises(InputError, match="lags"):
        autocovariance(activations.tanh, 2.0, lags=lags)
