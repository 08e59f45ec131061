"""Gains at which the stationary state of a network loses stability or ceases to exist.

In frozen noise the states are parametrised by the variance v of the currents: g² = (v − s²)/⟨φ²⟩ and χ = g² ⟨φ'²⟩ are
functions of v. The states reached from small gains are those where g exceeds its values at all smaller v.
"""

from functools import cache

import numpy as np

from noisette.activations import Activation, Power
from noisette.arguments import check_arguments
from noisette.errors import InputError, require
from noisette.noise import Noise, NoiseSpectrum, spectrum_of
from noisette.theory.covariance._branch import Branch, WhiteBranch
from noisette.theory.covariance._fixed_points import averages_at_zero
from noisette.theory.dmft import mean_field
from noisette.theory.gaussian._activation import check, is_odd, values
from noisette.theory.gaussian._averages import is_linear, power_moment
from noisette.theory.gaussian._fixed_point import root

FLAT = 1e-12  # ⟨φ'²⟩ at zero below which x = 0 counts as stable at any gain
STEP, MOST = 1.25, 50.0  # ratio of the gains in the search for λ_max = 0, and the largest of them


@check_arguments
def fold_gain(activation: Activation, noise: Noise | None = None) -> float:
    """Largest gain at which a large random network in frozen noise has a stationary state, N → ∞.

    .. math:: g_{\\max}^2 = \\sup_v \\frac{v - s^2}{\\langle \\phi^2 \\rangle_v}

    with the variance v of the currents and the strength s of the noise; without noise g_max is at least the gain at
    which x = 0 loses stability. Beyond g_max activity grows without bound; g_max is inf where φ grows more slowly
    than its input. Power laws with p > 1 have g²_max = s^{2(1−p)} (p − 1)^{p−1}/(p^p E|z|^{2p}) with z ~ N(0, 1).

    Parameters
    ----------
    activation : φ
    noise : None or Frozen(s)

    Raises
    ------
    InputError : If the noise changes in time.

    Returns
    -------
    g_max, a float; may be inf

    See Also
    --------
    theory.critical_gain : The smallest gain at which the stationary state loses stability.
    theory.power_law_phases : Stability and limits of large gains for power-law units.

    Examples
    --------
    >>> from noisette.activations import Power, relu
    >>> from noisette.noise import Frozen
    >>> round(fold_gain(Power(2.0), Frozen(1.0)), 4), round(fold_gain(relu, Frozen(1.0)), 4)
    (0.2887, 1.4142)

    References
    ----------
    Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    check(activation)
    spectrum = spectrum_of(noise)
    require(
        spectrum.is_frozen or spectrum.is_zero, f"{noise}", "fold_gain takes None or Frozen noise", "see critical_gain"
    )
    return fold_of(activation, spectrum.frozen)


def fold_of(activation: Activation, noise: float) -> float:
    """Return the fold gain in frozen noise of variance `noise`."""
    if is_linear(activation):
        return 1.0
    if isinstance(activation, Power):
        return power_fold(float(activation.exponent), noise)
    fold = Branch(activation, noise).fold()
    return fold if noise > 0 else max(fold, _critical_without_noise(activation))


def power_fold(p: float, noise: float) -> float:
    """Return the largest gain with a stationary state of a power law in frozen noise of variance `noise`."""
    # g² m_2p = (v − s²)/v^p is largest at v = s² p/(p − 1), the fold of the two branches v(g)
    if p < 1:
        return np.inf
    if p == 1:
        return 1.0
    if noise == 0:
        return np.inf
    return float(np.sqrt((p - 1) ** (p - 1) / (p**p * power_moment(2 * p) * noise ** (p - 1))))


def power_critical(p: float, noise: float) -> float:
    """Return the gain at which χ = 1 for a power law in frozen noise of variance `noise`."""
    # χ = (1 − s²/v) p²/(2p − 1) is one at v = s² p²/(1 − p)² for 1/2 < p < 1. For p ≤ 1/2, χ is infinite; for p > 1 it
    # is below one at every state, as its value at the fold is p/(2p − 1)
    if p <= 0.5:
        return 0.0
    if p == 1:
        return 1.0
    if p > 1:
        return np.inf
    v = noise * p**2 / (1 - p) ** 2
    return float(np.sqrt((v - noise) / (power_moment(2 * p) * v**p))) if noise > 0 else 0.0


@check_arguments
def critical_gain(activation: Activation, noise: Noise | None = None) -> float:
    """Smallest gain at which the stationary state of a large random network loses stability, N → ∞.

    .. math:: \\chi = g^2 \\langle \\phi'^2 \\rangle = 1

    at fixed points in frozen noise, or at x = 0 without noise (g_c = 1/φ'(0) for odd φ). In noise that changes in time
    the largest Lyapunov exponent is zero at g_c.

    Parameters
    ----------
    activation : φ; it must be odd in noise that changes in time
    noise : None, Frozen, White, OrnsteinUhlenbeck, or a sum of them

    Raises
    ------
    InputError : If mean-field theory does not apply to the noise, or to φ in this noise.

    Returns
    -------
    g_c, a float; inf if the state is stable wherever it exists, 0 if it is never stable (power laws with p ≤ 1/2)

    See Also
    --------
    theory.critical_noise : The inverse function, the strength of the noise that suppresses chaos at a given gain.
    theory.fold_gain : The largest gain at which there is a stationary state in frozen noise.
    theory.power_law_phases : Stability and limits of large gains for power-law units.

    Examples
    --------
    >>> from noisette.activations import tanh
    >>> from noisette.noise import Frozen
    >>> round(critical_gain(tanh, Frozen(1.0)), 4), critical_gain(tanh)
    (1.8556, 1.0)

    References
    ----------
    Sompolinsky, Crisanti & Sommers (1988) [sompolinsky1988]; Schuecker, Goedeke & Helias (2018) [schuecker2018];
    Mato, Rigatuso & Torroba (2026) [mato2026].
    """
    check(activation)
    spectrum = spectrum_of(noise)
    if is_linear(activation):
        return 1.0
    if spectrum.is_zero:
        return _critical_without_noise(activation)
    if spectrum.is_frozen:
        if isinstance(activation, Power):
            return power_critical(float(activation.exponent), spectrum.frozen)
        return Branch(activation, spectrum.frozen).critical()
    require(
        is_odd(activation),
        "an activation that is not odd, in noise that changes in time",
        "the critical gain in such noise is known for odd activations",
        "use Frozen noise, or simulate",
    )
    if spectrum == NoiseSpectrum(white=spectrum.white):
        return WhiteBranch(activation, spectrum.white / 2).critical()
    return _onset_of_chaos(activation, noise)


def _critical_without_noise(activation: Activation) -> float:
    """Return the gain at which the fixed point of a network without noise loses stability.

    If φ has a kink at zero, half of the units are on each side of it. If φ(0) ≠ 0 the fixed point is not at zero.
    """
    if isinstance(activation, Power) and activation.exponent != 1:
        return 0.0 if activation.exponent < 1 else np.inf
    if float(values(activation, np.array(0.0))) != 0:
        return Branch(activation, 0.0).critical()
    slope_square = averages_at_zero(activation).slope_square
    return float(1 / np.sqrt(slope_square)) if slope_square > FLAT else np.inf


def _onset_of_chaos(activation: Activation, noise: Noise | None) -> float:
    """Return the smallest gain with λ_max = 0, in a search upwards from the critical gain without noise."""

    @cache
    def exponent(gain: float) -> float:
        return float(mean_field(activation, gain, noise).lyapunov)

    # noise that changes in time raises the critical gain of saturating units: start at the critical gain without noise
    noiseless = _critical_without_noise(activation)
    low, gain = 0.0, noiseless if 0 < noiseless < MOST else 0.1
    while gain < MOST:
        try:
            if exponent(gain) >= 0:
                return root(exponent, low, gain, absolute=1e-7)
        except InputError:  # no stationary state, or input too strong for the computation of the exponent
            return np.inf
        low, gain = gain, STEP * gain
    return np.inf


__all__ = ["critical_gain", "fold_gain", "fold_of", "power_critical", "power_fold"]
