"""Mean-field theory at the onset of activity, in very weak and very strong noise, and at very large gains."""

import numpy as np
import pytest
from scipy.optimize import brentq

from noisette.activations import Power, tanh
from noisette.errors import InputError
from noisette.noise import Frozen, OrnsteinUhlenbeck, White
from noisette.theory import correlations, mean_field


def attempt(*arguments):
    """Return the mean-field solution, or None and the reason for the refusal."""
    try:
        return mean_field(*arguments), ""
    except InputError as error:
        return None, str(error)


@pytest.mark.parametrize("excess", [1e-3, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-12, 1e-14])
def test_activity_just_above_the_onset_is_accurate_or_refused(excess):
    result, reason = attempt(tanh, 1 + excess)
    if result is None:
        assert "decay too slowly" in reason or "onset" in reason
        assert excess < 1e-5
        return
    assert float(result.variance) == pytest.approx(excess, rel=2 * excess + 1e-4, abs=0)
    assert float(result.lyapunov) == pytest.approx(excess**2 / 2, rel=5 * excess + 1e-4, abs=0)


@pytest.mark.parametrize("gain", [1.0, 1 - 1e-15, 1 - 1e-9, 0.0])
def test_silence_is_never_unstable(gain):
    result = mean_field(tanh, gain)
    assert float(result.variance) == 0
    assert float(result.lyapunov) == pytest.approx(gain - 1, abs=1e-15)
    assert float(result.lyapunov) <= 0


@pytest.mark.slow
@pytest.mark.parametrize("sigma", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6])
@pytest.mark.parametrize("excess", [-1e-6, 0.0, 1e-9])
def test_weak_noise_at_the_onset(sigma, excess):
    # of third order in x: ε − v + σ⁴/(8 v²) = 0 with ε = (g² − 1)/2, so that v = σ^(4/3)/2 at g = 1
    gain = 1 + excess

    def cubic(log: float) -> float:
        v = np.exp(log)
        return (gain**2 - 1) / 2 - v + sigma**4 / (8 * v**2)

    expected = float(np.exp(brentq(cubic, -60.0, 3.0, xtol=1e-14)))
    assert float(mean_field(tanh, gain, White(sigma)).variance) == pytest.approx(
        expected, rel=5 * expected + 1e-6, abs=0
    )


@pytest.mark.slow
@pytest.mark.parametrize("strength", [1e-49, 1e-40, 1e-20, 1e-8])
def test_weak_noise_is_linear(strength):
    gain, tau = 0.8, 2.0
    k = 0.6
    still, white, slow = Frozen(strength), White(strength), OrnsteinUhlenbeck(strength, tau)
    for noise, factor in ((still, 1 / k**2), (white, 1 / (2 * k)), (slow, tau / (k * (1 + k * tau)))):
        assert float(mean_field(tanh, gain, noise).variance) == pytest.approx(factor * strength**2, rel=1e-9, abs=0)
        result = correlations(tanh, gain, noise)
        assert bool(result.valid)
        assert float(result.variance) == pytest.approx(factor * strength**2, rel=1e-9, abs=0)
    assert float(correlations(tanh, gain, still).participation_dimension) == pytest.approx(k**4, rel=1e-9)


@pytest.mark.parametrize("noise", [White, Frozen, lambda s: OrnsteinUhlenbeck(s, 2.0)])
@pytest.mark.parametrize("strength", [1e-300, 1e-60, 1e-50, 1e50, 1e80, 1e200])
def test_noise_beyond_floating_point_is_refused(noise, strength):
    for dt in (None, 0.1):
        with pytest.raises(InputError, match=r"noise of strength .*zero, or a number from 1e-50 to 1e\+50"):
            correlations(tanh, 0.8, noise(strength), dt=dt)


@pytest.mark.slow
@pytest.mark.parametrize("noise", [None, White(1.0), Frozen(1.0), OrnsteinUhlenbeck(1.0, 2.0)])
@pytest.mark.parametrize("gain", [40.0, 3e2, 1e4, 1e7, 1e12])
def test_large_gains_are_accurate_or_refused(noise, gain):
    # tanh is then a sign function: the potential gives ½ v² = g² v (1 − 2/π)
    result, reason = attempt(tanh, gain, noise)
    if result is None:
        assert "without bound" not in reason
        assert "nearly does" in reason or "step" in reason
        return
    assert float(result.variance) == pytest.approx(2 * (1 - 2 / np.pi) * gain**2, rel=1e-2)
    assert 1.5 < float(result.lyapunov) < 3


@pytest.mark.slow
def test_chaos_far_below_the_unstable_fixed_point():
    # its variance is .73 of that of the fixed point at large gains
    result = correlations(tanh, 50.0, Frozen(1.0), dynamic=True)
    assert bool(result.valid)
    assert float(result.variance) == pytest.approx(float(correlations(tanh, 50.0, White(1.0)).variance), rel=2e-3)


@pytest.mark.slow
@pytest.mark.parametrize("dt", [None, 0.1])
def test_power_laws_below_one_are_always_bounded(dt):
    # v ≈ g^(2/(1−p)), far beyond any fixed range of a scan
    for p in (0.3, 0.99) if dt is None else (0.3, 0.75):
        result = correlations(Power(p), 3.0, White(1.0), dt=dt)
        assert bool(result.valid)
        assert np.log(float(result.variance)) == pytest.approx(2 * np.log(3.0) / (1 - p), rel=0.3)


@pytest.mark.parametrize("noise", [1e10, 1e40])
def test_strong_frozen_noise_turns_the_activation_into_a_step(noise):
    result, reason = attempt(tanh, 0.8, Frozen(noise))
    assert "step" in reason if result is None else float(result.variance) == pytest.approx(noise**2)
