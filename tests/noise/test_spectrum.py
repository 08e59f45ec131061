"""Autocovariances of noises, and a user-defined Gaussian noise in mean-field theory."""

import jax
import jax.numpy as jnp
import pytest

from noisette import theory
from noisette.activations import tanh
from noisette.errors import InputError
from noisette.noise import Common, Frozen, Noise, NoiseSpectrum, OrnsteinUhlenbeck, Pulse, White, spectrum_of


class WhiteAndColoured(Noise):
    """σ ξ(t) plus an Ornstein–Uhlenbeck process, as one noise."""

    strength: float = 0.4
    std: float = 0.6
    tau: float = 2.0

    def init(self, size, *, key):
        return self.std * jax.random.normal(key, (size,))

    def sample(self, state, time, size, *, key, dt=1.0):
        first, second = jax.random.split(key)
        decay = jnp.exp(-dt / self.tau)
        later = decay * state + self.std * jnp.sqrt(1 - decay**2) * jax.random.normal(first, (size,))
        return state * dt + self.strength * jnp.sqrt(dt) * jax.random.normal(second, (size,)), later

    def spectrum(self):
        return NoiseSpectrum(white=self.strength**2, coloured=((self.std**2, self.tau),))

    def scaled(self, factor):
        return WhiteAndColoured(factor * self.strength, factor * self.std, self.tau)


def test_a_user_defined_noise_enters_mean_field_theory():
    mine, known = WhiteAndColoured(), White(0.4) + OrnsteinUhlenbeck(0.6, 2.0)
    for name in ("variance", "lyapunov"):
        expected = float(theory.mean_field(tanh, 1.2, known)[name])
        assert float(theory.mean_field(tanh, 1.2, mine)[name]) == pytest.approx(expected, rel=1e-12)
    expected = float(theory.correlations(tanh, 1.2, 2.0 * known + Frozen(0.5)).participation_dimension)
    dimension = theory.correlations(tanh, 1.2, 2.0 * mine + Frozen(0.5)).participation_dimension
    assert float(dimension) == pytest.approx(expected, rel=1e-12)


def test_sums_and_factors():
    spectrum = spectrum_of(2.0 * (White(1.5) + Frozen(0.5)) + OrnsteinUhlenbeck(0.5, 3.0) + OrnsteinUhlenbeck(0.0, 1.0))
    assert spectrum == NoiseSpectrum(9.0, ((0.25, 3.0),), 1.0)
    assert spectrum_of(None).is_zero
    assert spectrum_of(White(0.0)).is_zero
    assert spectrum_of(Frozen(1.0)).is_frozen
    assert spectrum_of(White(1.0)).is_white
    assert not spectrum.is_zero
    assert not spectrum.is_frozen
    assert not spectrum.is_white


class Wrong(WhiteAndColoured):
    def spectrum(self):
        return NoiseSpectrum(white=-1.0)


class Number(WhiteAndColoured):
    def spectrum(self):
        return 1.0


@pytest.mark.parametrize(
    ("noise", "message"),
    [
        (Common(1.0), "Common noise; mean-field theory needs White"),
        (Pulse(1.0), "Gated noise; mean-field theory needs White"),
        (White([1.0, 2.0]), "white noise with 2 strengths"),
        (Wrong(), r"spectrum of Wrong noise with variances \[-1.0"),
        (Number(), "spectrum of Number: 1.0; a NoiseSpectrum"),
    ],
)
def test_noise_without_a_common_spectrum_is_refused(noise, message):
    with pytest.raises(InputError, match=message):
        spectrum_of(noise)
