"""Critical strength of noise in mean-field theory, by laws that do not use the exponent."""

import numpy as np
import pytest

import noisette as nz
from noisette.activations import erf, linear, tanh
from noisette.theory import critical_gain, critical_noise, mean_field


@pytest.mark.slow
@pytest.mark.parametrize("activation", [tanh, erf])
@pytest.mark.parametrize("gain", [1.3, 2.0, 5.0])
def test_white_noise_obeys_the_condition_of_schuecker(activation, gain):
    """At the onset of chaos Δ''(0⁺) = Δ₀ − g² ⟨φ²⟩ = 0 (Schuecker, Goedeke & Helias 2018)."""
    noise = nz.White(critical_noise(activation, gain))
    theory = mean_field(activation, gain, noise)
    assert float(gain**2 * theory.rate_variance / theory.variance) == pytest.approx(1, abs=1e-9)


def test_it_is_the_inverse_of_the_critical_gain():
    assert critical_gain(tanh, nz.White(critical_noise(tanh, 2.0))) == pytest.approx(2.0, abs=1e-8)
    assert critical_gain(tanh, nz.Frozen(critical_noise(tanh, 1.5, nz.Frozen(2.0)) * 2)) == pytest.approx(1.5, abs=1e-8)


@pytest.mark.slow
def test_slow_noise_has_zero_exponent():
    strength = critical_noise(tanh, 1.5, nz.OrnsteinUhlenbeck(1.0, 2.0))
    theory = mean_field(tanh, 1.5, nz.OrnsteinUhlenbeck(strength, 2.0))
    assert float(theory.lyapunov) == pytest.approx(0, abs=1e-8)


@pytest.mark.slow
def test_it_vanishes_linearly_at_the_onset_of_chaos():
    """σ_c = (4/3)^{1/4} (g − 1), from the expansion φ = x − x³/3 of the potential."""
    slopes = [critical_noise(tanh, 1 + e) / e for e in (0.02, 0.01)]
    limit = (4 / 3) ** 0.25
    assert 2 * slopes[1] - slopes[0] == pytest.approx(limit, abs=2e-4)
    assert abs(slopes[1] - limit) < abs(slopes[0] - limit) < 0.01


def test_networks_that_are_not_chaotic_need_no_noise():
    assert critical_noise(tanh, 1.0) == critical_noise(tanh, 0.5) == critical_noise(linear, 0.9) == 0.0


def test_the_strength_is_the_factor_of_the_given_noise():
    assert critical_noise(tanh, 2.0, nz.White(0.5)) == pytest.approx(2 * critical_noise(tanh, 2.0), rel=1e-8)


def test_exponents_change_their_sign():
    strength = critical_noise(tanh, 3.0)
    below, above = (float(mean_field(tanh, 3.0, nz.White(f * strength)).lyapunov) for f in (0.99, 1.01))
    assert below > 0 > above
    assert np.isclose(below, -above, rtol=0.1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((tanh, -1.0), "gain"),
        ((tanh, np.inf), "gain"),
        ((tanh, 2.0, nz.Common(1.0)), "Common"),
        ((linear, 1.5), "stationary|grows|gain"),
    ],
)
def test_refusals(arguments, message):
    with pytest.raises(nz.InputError, match=message):
        critical_noise(*arguments)
