"""Strength of noise that suppresses chaos in a large random network."""

import numpy as np

from noisette.activations import Activation
from noisette.arguments import check_arguments
from noisette.errors import InputError, real_number
from noisette.noise import Noise, White, spectrum_of
from noisette.theory.covariance._critical_gain import critical_gain
from noisette.theory.dmft import mean_field
from noisette.theory.gaussian._fixed_point import root

FACTOR, STEPS = 1.5, 60  # ratio of successive strengths in the search for a change of sign, and their largest number
ACCURACY = 1e-10  # of the root, relative to the strength


@check_arguments
def critical_noise(activation: Activation, gain: float, noise: Noise | None = None) -> float:
    """Strength of the noise at which the largest Lyapunov exponent of a large random network is zero, N → ∞.

    .. math:: \\lambda_{\\max}(g, \\sigma_c) = 0

    In stronger noise λ_max < 0, and all trajectories in the same noise meet; in weaker noise the network is chaotic. It
    is the inverse function of `theory.critical_gain`. In white noise the condition is Δ''(0⁺) = 0, which is
    g² ⟨φ²⟩ = ⟨x²⟩, and for tanh σ_c = (4/3)^{1/4} (g − 1) for g → 1.

    Parameters
    ----------
    activation : φ; it must be odd in noise that changes in time
    gain : g ≥ 0
    noise : the noise of unit strength, by default White(1.0); the result is its factor

    Raises
    ------
    InputError : If mean-field theory does not apply to the noise, or to φ in this noise; if the network has no
        stationary state; if no change of sign is found.

    Returns
    -------
    σ_c, a float; 0 where the network is not chaotic without noise, as for g φ'(0) ≤ 1

    See Also
    --------
    theory.critical_gain : The gain at which the stationary state loses stability, for given noise.
    theory.mean_field : Variance, energy and exponent for given gain and noise.
    analysis.simulated_critical_noise : The same strength of given networks, from simulations.

    Examples
    --------
    >>> from noisette.activations import tanh
    >>> from noisette.noise import Frozen
    >>> round(critical_noise(tanh, 2.0), 4), critical_noise(tanh, 1.0)
    (1.0461, 0.0)
    >>> round(critical_noise(tanh, 1.8556, Frozen(1.0)), 4)
    1.0

    References
    ----------
    Schuecker, Goedeke & Helias (2018) [schuecker2018].
    """
    g = real_number(gain, "gain", "a finite number, zero or positive", lambda value: 0 <= value < np.inf)
    unit = White(1.0) if noise is None else noise
    silent = mean_field(activation, g)
    if float(silent.lyapunov) <= 0:
        return 0.0

    frozen = spectrum_of(unit).is_frozen

    def excess(strength: float) -> float:
        """Return a function with the sign of the exponent."""
        if frozen:  # the variances of chaos and of the fixed point cannot be told apart close to the transition
            return max(g - critical_gain(activation, strength * unit), -g)
        return float(mean_field(activation, g, strength * unit).lyapunov)

    # the exponent is positive in weak noise: search downwards for such a strength, then upwards for a negative exponent
    low = float(np.sqrt(silent.variance))
    for _ in range(STEPS):
        if excess(low) > 0:
            break
        low /= FACTOR
    for _ in range(STEPS):
        high = FACTOR * low
        if excess(high) <= 0:
            return root(excess, low, high, absolute=ACCURACY * high)
        low = high
    raise InputError(f"gain {g:g} in {noise}: the network is chaotic in noise of strengths up to {low:.3g}")


__all__ = ["critical_noise"]
