"""The gains at which the stationary state of a network loses stability or ceases to exist.

In frozen noise the variance v of the currents serves as the parameter: g² = (v − s²)/⟨φ²⟩ and χ = g²⟨φ'²⟩ are
functions of it, and the state reached from small gains is the one where g exceeds all that it was at smaller v.
"""

from functools import cache

import numpy as np

from noisette.activations import Activation, Power
from noisette.errors import InputError, require
from noisette.noise import Noise, NoiseSpectrum, spectrum_of
from noisette.theory.covariance._branch import Branch, WhiteBranch
from noisette.theory.covariance._fixed_points import at_rest
from noisette.theory.dmft import mean_field
from noisette.theory.gaussian._activation import check, is_odd, values
from noisette.theory.gaussian._averages import is_linear, power_moment
from noisette.theory.gaussian._fixed_point import root

FLAT = 1e-12  # of ⟨φ'²⟩ at zero
STEP, MOST = 1.25, 50.0  # gains among which λ = 0 is sought in noise that changes in time


def fold_gain(activation: Activation, noise: Noise | None = None) -> float:
    """Largest gain at which activity in frozen noise has a stationary state, N → ∞.

    .. math:: g_{\\max}^2 = \\sup_v \\frac{v - s^2}{\\langle \\phi^2 \\rangle_v}

    and without noise not before x = 0 is unstable. Beyond it activity grows without bound; inf where φ grows more
    slowly than its input. Power laws with p > 1 have g²_max = s^{2(1−p)} (p − 1)^{p−1}/(p^p E|z|^{2p}).

    Parameters
    ----------
    activation : φ
    noise : None or Frozen(s)

    Raises
    ------
    InputError : noise that changes in time.

    Returns
    -------
    g_max

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
    return fold if noise > 0 else max(fold, _quiet(activation))


def power_fold(p: float, noise: float) -> float:
    """Return the largest gain of a power law in frozen noise of variance `noise`."""
    if p < 1:
        return np.inf
    if p == 1:
        return 1.0
    if noise == 0:
        return np.inf
    return float(np.sqrt((p - 1) ** (p - 1) / (p**p * power_moment(2 * p) * noise ** (p - 1))))


def power_critical(p: float, noise: float) -> float:
    """Return where χ = 1 for a power law in frozen noise: v = s² p²/(1 − p)² for 1/2 < p < 1."""
    if p <= 0.5:
        return 0.0
    if p == 1:
        return 1.0
    if p > 1:
        return np.inf
    v = noise * p**2 / (1 - p) ** 2
    return float(np.sqrt((v - noise) / (power_moment(2 * p) * v**p))) if noise > 0 else 0.0


def critical_gain(activation: Activation, noise: Noise | None = None) -> float:
    """Smallest gain at which the stationary state of a random network loses stability, N → ∞.

    .. math:: \\chi = g^2 \\langle \\phi'^2 \\rangle = 1

    at the fixed points of frozen noise, or of x = 0 without noise (1/φ'(0) for odd φ); in noise that changes in time
    the largest Lyapunov exponent crosses zero.

    Parameters
    ----------
    activation : φ; in noise that changes in time an odd one
    noise : None, Frozen, White, OrnsteinUhlenbeck, or a sum

    Raises
    ------
    InputError : noise that mean-field theory does not take; φ it does not take in such noise.

    Returns
    -------
    g_c; inf if the state is stable as long as there is one, 0 if never (power laws with p ≤ 1/2)

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
        return _quiet(activation)
    if spectrum.is_frozen:
        if isinstance(activation, Power):
            return power_critical(float(activation.exponent), spectrum.frozen)
        return Branch(activation, spectrum.frozen).critical()
    require(
        is_odd(activation),
        "an activation that is not odd, in noise that changes in time",
        "the exponent is known for odd activations",
        "take Frozen noise, or simulate",
    )
    if spectrum == NoiseSpectrum(white=spectrum.white):
        return WhiteBranch(activation, spectrum.white / 2).critical()
    return _chaotic(activation, noise)


def _quiet(activation: Activation) -> float:
    """Return the gain at which a network without noise leaves its fixed point.

    At a kink of φ at zero half of the units are on each side; if φ(0) ≠ 0 the fixed point is not at zero.
    """
    if isinstance(activation, Power) and activation.exponent != 1:
        return 0.0 if activation.exponent < 1 else np.inf
    if float(values(activation, np.array(0.0))) != 0:
        return Branch(activation, 0.0).critical()
    slope_square = at_rest(activation).slope_square
    return float(1 / np.sqrt(slope_square)) if slope_square > FLAT else np.inf


def _chaotic(activation: Activation, noise: Noise | None) -> float:
    """Return where λ_max = 0, sought upwards from the gain at which x = 0 is unstable."""

    @cache
    def exponent(gain: float) -> float:
        return float(mean_field(activation, gain, noise).lyapunov)

    quiet = _quiet(activation)
    low, gain = 0.0, quiet if 0 < quiet < MOST else 0.1
    while gain < MOST:
        try:
            if exponent(gain) >= 0:
                return root(exponent, low, gain, absolute=1e-7)
        except InputError:  # no stationary state, or too strong a drive for the exponent
            return np.inf
        low, gain = gain, STEP * gain
    return np.inf


__all__ = ["critical_gain", "fold_gain", "fold_of", "power_critical", "power_fold"]
