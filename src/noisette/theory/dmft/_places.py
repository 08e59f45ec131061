"""Mean-field theory of noise inside the activation, on the rates and on the synapses.

With ν on the current, η inside the activation, ρ on the rates and ζ on the synapses, the input of a unit of a large
random network is Gaussian with the autocovariance

    g² (1 + c_ζ(τ)) [C_φ(τ) + c_ρ(τ)] + c_ν(τ),    C_φ(τ) = ⟨φ(x(t) + η(t)) φ(x(t+τ) + η(t+τ))⟩,

because the entries of J ∘ (1 + ζ) are independent of each other and of the state. Hence noise on the rates is noise of
autocovariance g² c_ρ on the current; frozen synaptic noise of standard deviation s makes the gain g √(1 + s²); white
synaptic noise is white noise of intensity g² σ² ⟨φ²⟩ on the current, which is found self-consistently.
"""

from typing import NamedTuple

import numpy as np

from noisette.activations import Activation
from noisette.errors import InputError, require
from noisette.noise import NO_NOISE, Frozen, Noise, NoiseSpectrum, White, by_place, spectrum_of
from noisette.theory.dmft._solution import DMFTSolution, solve_dmft

ROUNDS, PRECISION = 200, 1e-11  # of the iteration for the intensity of white synaptic noise
STRONGEST = 1e12


class Places(NamedTuple):
    """Noise of a large random network at each place, as mean-field theory needs it.

    Attributes
    ----------
    current, rate, inside : power spectra of the noise on the current, on the rates and inside the activation
    frozen_synapses : s², relative variance of frozen synaptic noise
    white_synapses : σ², relative intensity of white synaptic noise
    """

    current: NoiseSpectrum = NO_NOISE
    rate: NoiseSpectrum = NO_NOISE
    inside: NoiseSpectrum = NO_NOISE
    frozen_synapses: float = 0.0
    white_synapses: float = 0.0


def places_of(noise: Noise | None) -> Places:
    """Return the noise at each place, after checking that the theory applies to it.

    Raises
    ------
    InputError : noise on inputs or the read-out, white noise inside the activation, synaptic noise that is neither
        white nor frozen, or noise without a spectrum that is the same for all units.

    Examples
    --------
    >>> from noisette.noise import Frozen, Placed, White
    >>> places_of(White(1.0) + Placed(Frozen(0.5), "synapses")).frozen_synapses
    0.25
    """
    parts = by_place(noise)
    absent = ", ".join(place for place in ("inputs", "readout") if place in parts)
    require(not absent, f"noise on {absent} in mean-field theory", "current, activation, rate or synapses", "simulate")
    inside = spectrum_of(parts.get("activation"))
    require(inside.white == 0, "white noise inside the activation", "noise with a correlation time, or frozen noise")
    frozen, white = _synaptic(parts.get("synapses"))
    return Places(spectrum_of(parts.get("current")), spectrum_of(parts.get("rate")), inside, frozen, white)


def _synaptic(noise: Noise | None) -> tuple[float, float]:
    """Return the variance of frozen synaptic noise and the intensity of white synaptic noise."""
    if noise is None:
        return 0.0, 0.0
    admitted = isinstance(noise, Frozen | White)
    require(admitted, f"{noise!r} on synapses in mean-field theory", "Frozen or White noise", "otherwise simulate")
    spectrum = spectrum_of(noise)
    return spectrum.frozen, spectrum.white


def solve_places(activation: Activation, gain: float, places: Places, *, dt: float | None = None) -> DMFTSolution:
    """Return the solution of mean-field theory with noise at several places, see `solve_dmft`.

    Examples
    --------
    >>> from noisette.activations import linear
    >>> places = Places(current=NoiseSpectrum(white=2.0), white_synapses=1.0)
    >>> round(solve_places(linear, 0.5, places).variance, 6)  # 1/(√(1 − g²) − g² σ²/2)
    1.349481
    """
    g = gain * float(np.sqrt(1 + places.frozen_synapses))
    spectrum = places.current + places.rate.scaled(g**2)
    if places.white_synapses == 0 or gain == 0:
        return solve_dmft(activation, g, spectrum, dt=dt, inside=places.inside)

    def solution(intensity: float) -> DMFTSolution:
        return solve_dmft(activation, g, spectrum + NoiseSpectrum(white=intensity), dt=dt, inside=places.inside)

    factor = gain**2 * places.white_synapses
    rate_noise = places.rate.variance  # multiplied by the synaptic noise, as are the rates
    require(np.isfinite(rate_noise), "white noise on both rates and synapses", "one of the two")
    intensity = factor * (float(np.mean(np.square(np.tanh(np.linspace(-2, 2, 9))))) + rate_noise)
    for _ in range(ROUNDS):
        first = factor * (solution(intensity).rate_square + rate_noise)
        second = factor * (solution(first).rate_square + rate_noise)
        # Aitken's extrapolation of the two iterates
        bend = second - 2 * first + intensity
        new = second - (second - first) ** 2 / bend if abs(bend) > 1e-14 * second else second
        new = new if np.isfinite(new) and new > 0 else second
        if new < PRECISION * factor:
            return solution(0.0)
        if abs(new - intensity) <= PRECISION * new:
            return solution(new)
        if new > STRONGEST:
            break
        intensity = new
    raise InputError(
        f"gain {gain:g} in white synaptic noise: no stationary state is found; lower the gain or the noise"
    )


__all__ = ["Places", "places_of", "solve_places"]
