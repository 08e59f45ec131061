"""Gaussian noises with a given spectrum: power laws, damped oscillations, and sums of these."""

import math
from collections.abc import Callable

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_array, real_number, require
from noisette.functions import called
from noisette.noise._base import Noise, Sum, as_strength, per_unit
from noisette.noise._spectrum import NoiseSpectrum, common_variance
from noisette.noise.coloured import OrnsteinUhlenbeck
from noisette.noise.jumps import as_time
from noisette.random_numbers import fold_in, normal

PER_DECADE = 2  # processes per decade of correlation times
TOLERANCE = 0.01  # largest error of a fitted autocovariance, relative to the variance


class PowerLaw(Noise):
    """Gaussian noise with the spectrum 1/f^a between two correlation times, independent for each unit.

    .. math:: \\eta(t) = \\sum_k \\eta_k(t), \\qquad \\langle \\eta(t)\\, \\eta(t') \\rangle =
       \\sum_k s_k^2 e^{-|t-t'|/\\tau_k}, \\qquad s_k^2 \\propto \\tau_k^{a-1}, \\quad \\sum_k s_k^2 = s^2

    It is the sum of Ornstein–Uhlenbeck processes, two for each decade of correlation times from the shortest to the
    longest, sampled exactly for any dt. The power at the angular frequency ω is proportional to ω^(−a) within 0.2 % far
    from both ends of 1/longest < ω < 1/shortest, and is lower by the share
    (2/π) sin(πa/2) [(ω longest)^(a−2)/(2 − a) + (ω shortest)^a/a] near them: for a = 1, by 6 % one decade from an end
    and by 0.6 % two decades from it. Power is constant at lower frequencies, and falls as 1/f² at higher ones. A step
    of dt adds η dt, as for `OrnsteinUhlenbeck`.

    Parameters
    ----------
    std : s, stationary standard deviation of η, a scalar or one value per unit, shape (N,)
    exponent : a, above 0 and below 2
    shortest, longest : ends of the band of correlation times, in the network's unit of time

    Raises
    ------
    InputError : a negative standard deviation, an exponent out of range, or correlation times that are not positive and
        in ascending order.

    See Also
    --------
    OrnsteinUhlenbeck : One correlation time.
    BandLimited : Power around a frequency.
    noise.from_autocovariance : Noise of a given autocovariance.

    Examples
    --------
    >>> noise = PowerLaw(1.0, 1.0, shortest=0.1, longest=100.0)
    >>> [round(tau, 2) for _, tau in noise.spectrum().coloured]
    [0.18, 0.56, 1.78, 5.62, 17.78, 56.23]

    References
    ----------
    Milotti (2002), 1/f noise: a pedagogical review, arXiv:physics/0204033.
    """

    std: Float[Array, "*units"]
    exponent: float = eqx.field(static=True)
    shortest: float = eqx.field(static=True)
    longest: float = eqx.field(static=True)

    @check_arguments
    def __init__(self, std: object = 1.0, exponent: float = 1.0, shortest: float = 0.1, longest: float = 100.0):
        self.std = as_strength(std, "noise std")
        self.exponent = real_number(exponent, "exponent", "a number above 0 and below 2", lambda a: 0 < a < 2)
        above = lambda t: 0 < t < math.inf  # noqa: E731
        self.shortest = real_number(shortest, "shortest correlation time", "a time above zero", above)
        self.longest = real_number(longest, "longest correlation time", "a time above zero", above)
        require(self.shortest < self.longest, f"correlation times from {shortest} to {longest}", "ascending times")

    @property
    def components(self) -> tuple[Float[np.ndarray, " K"], Float[np.ndarray, " K"]]:
        """Shares s_k²/s² of the variance, and correlation times τ_k, each of shape (K,)."""
        decades = math.log10(self.longest / self.shortest)
        count = max(1, math.ceil(PER_DECADE * decades - 1e-9))
        taus = self.shortest * 10 ** (decades * (np.arange(count) + 0.5) / count)
        weights = taus ** (self.exponent - 1)
        return weights / weights.sum(), taus

    def init(self, size, *, key):
        """Draw the processes from their stationary distribution, shape (K, N)."""
        shares, _ = self.components
        return per_unit(self.std, size) * np.sqrt(shares)[:, None] * normal(key, (len(shares), size))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return η dt, shape (N,), and the processes after the step, drawn from their exact transition probability."""
        shares, taus = self.components
        ages = dt / jnp.asarray(taus)[:, None]
        innovation = self.std * jnp.sqrt(-shares[:, None] * jnp.expm1(-2 * ages)) * normal(key, (len(taus), size))
        return state.sum(0) * dt, jnp.exp(-ages) * state + innovation

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,)."""
        return state.sum(0)

    @property
    def correlation_time(self):
        """The shortest correlation time."""
        return float(self.components[1][0])

    def spectrum(self):
        """Return the sum of s_k² e^(−|τ|/τ_k)."""
        variance = common_variance(self.std, "power-law")
        pairs = zip(*self.components, strict=True)
        return NoiseSpectrum(coloured=tuple((variance * float(c), float(t)) for c, t in pairs) if variance else ())

    def scaled(self, factor):
        """Return the noise with standard deviation `factor` · s."""
        return PowerLaw(factor * self.std, self.exponent, self.shortest, self.longest)


class BandLimited(Noise):
    """Gaussian noise with power around a frequency: a damped oscillation, independent for each unit.

    .. math:: \\langle \\eta(t)\\, \\eta(t') \\rangle = s^2 e^{-|t-t'|/\\tau_c} \\cos(2\\pi f (t-t'))

    It is one component of a rotating two-dimensional Ornstein–Uhlenbeck process, sampled exactly for any dt. The power
    is the sum of two Lorentzian curves of half width 1/(2πτ_c) around ±f. A step of dt adds η dt with the value at its
    beginning; steps must be short compared with 1/f.

    Parameters
    ----------
    std : s, stationary standard deviation of η, a scalar or one value per unit, shape (N,)
    frequency : f, cycles per unit of time; zero for an Ornstein–Uhlenbeck process
    tau : τ_c, time constant of the damping, in the network's unit of time

    Raises
    ------
    InputError : a negative standard deviation or frequency, or a time constant that is not positive.

    See Also
    --------
    OrnsteinUhlenbeck : Power around frequency zero.
    PowerLaw : Power over several decades of frequency.

    Examples
    --------
    >>> [round(x, 4) for x in BandLimited(0.5, frequency=1.0, tau=2.0).spectrum().oscillating[0]]
    [0.25, 2.0, 6.2832]

    References
    ----------
    Gardiner (2009), Stochastic Methods, section 4.5.
    """

    std: Float[Array, "*units"]
    frequency: Float[Array, ""]
    tau: Float[Array, ""]

    @check_arguments
    def __init__(self, std: object = 1.0, frequency: ArrayLike | Array = 1.0, tau: ArrayLike | Array = 1.0):
        self.std = as_strength(std, "noise std")
        self.frequency = as_strength(frequency, "frequency")
        if not isinstance(self.frequency, Tracer):
            require(self.frequency.ndim == 0, f"frequency of shape {self.frequency.shape}", "one number")
        self.tau = as_time(tau, "time constant")

    def init(self, size, *, key):
        """Draw both components from their stationary distribution, each of shape (N,)."""
        std = per_unit(self.std, size)
        return tuple(std * normal(fold_in(key, i), (size,)) for i in range(2))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return η dt, shape (N,), and both components after the step, by their exact transition probability."""
        x, y = state
        decay, phase = jnp.exp(-dt / self.tau), 2 * jnp.pi * self.frequency * dt
        even, odd = decay * jnp.cos(phase), decay * jnp.sin(phase)
        innovation = self.std * jnp.sqrt(-jnp.expm1(-2 * dt / self.tau))
        after = even * x - odd * y + innovation * normal(fold_in(key, 0), (size,))
        return x * dt, (after, odd * x + even * y + innovation * normal(fold_in(key, 1), (size,)))

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,)."""
        return state[0]

    @property
    def correlation_time(self):
        """The shorter of τ_c and 1/(2πf)."""
        omega = 2 * math.pi * float(self.frequency)
        return min(float(self.tau), 1 / omega if omega > 0 else math.inf)

    def spectrum(self):
        """Return s² e^(−|τ|/τ_c) cos(2πfτ)."""
        variance, omega = common_variance(self.std, "band-limited"), 2 * math.pi * float(self.frequency)
        if not variance or not omega:
            return NoiseSpectrum(coloured=((variance, float(self.tau)),) if variance else ())
        return NoiseSpectrum(oscillating=((variance, float(self.tau), omega),))

    def scaled(self, factor):
        """Return the noise with standard deviation `factor` · s."""
        return BandLimited(factor * self.std, self.frequency, self.tau)


@check_arguments
def from_autocovariance(
    autocovariance: Callable[[np.ndarray], ArrayLike] | ArrayLike, lags: ArrayLike, *, tolerance: float = TOLERANCE
) -> Noise:
    """Return Gaussian noise of a given autocovariance, as a sum of Ornstein–Uhlenbeck processes and oscillations.

    Variances on a grid of correlation times and frequencies are fitted to the autocovariance by non-negative least
    squares. Times are from half of the shortest difference of lags to ten times the longest lag, and frequencies are
    those that the lags resolve.

    Parameters
    ----------
    autocovariance : values at the lags, shape (lags,), or a function that returns them
    lags : lags τ ≥ 0, in ascending order, starting with 0, at least 4
    tolerance : largest error at any lag, relative to the variance

    Raises
    ------
    InputError : lags that are not ascending from 0, values that are not finite, or an autocovariance that such a sum
        does not describe within the tolerance, as one that is not positive semi-definite.

    See Also
    --------
    PowerLaw : The spectrum 1/f^a.
    BandLimited : One frequency.

    Examples
    --------
    >>> import numpy as np
    >>> noise = from_autocovariance(lambda t: 0.5 * np.exp(-t) + 0.5 * np.exp(-t / 20), np.linspace(0, 60, 121))
    >>> round(noise.spectrum().autocovariance(0.0).item(), 2)
    1.0
    """
    from scipy.optimize import nnls

    real_number(tolerance, "tolerance", "a finite number above zero", lambda t: 0 < t < math.inf)
    times = real_array(lags, "lags")
    ascending = times.ndim == 1 and len(times) >= 4 and times[0] == 0 and bool((np.diff(times) > 0).all())
    require(ascending, f"lags of shape {times.shape}", "at least four lags in ascending order, from 0")
    if callable(autocovariance):
        allowed = "a function of an array of lags, or its values"
        autocovariance = called(autocovariance, times, "autocovariance fails", allowed)
    values = real_array(autocovariance, "autocovariance")
    require(
        values.shape == times.shape, f"autocovariance of shape {values.shape}", f"one value for each of {len(times)}"
    )
    require(values[0] > 0, f"variance {values[0]:g}", "a number above zero")
    step, end = float(np.diff(times).min()), float(times[-1])
    taus = np.geomspace(step / 2, 10 * end, 40)
    omegas = np.concatenate([[0.0], np.pi / end * np.arange(1, min(len(times), 200))])
    omegas = omegas[omegas <= np.pi / step]
    pairs = [(tau, omega) for tau in taus for omega in omegas if omega == 0 or omega * tau > 0.5]
    basis = np.exp(-times[:, None] / [t for t, _ in pairs]) * np.cos(times[:, None] * [w for _, w in pairs])
    weights, _ = nnls(basis, values, maxiter=20 * len(pairs))
    error = float(np.abs(basis @ weights - values).max()) / values[0]
    require(error <= tolerance, f"an autocovariance that is described within {error:.2g}", f"within {tolerance:g}")
    chosen = [(weight, *pair) for weight, pair in zip(weights, pairs, strict=True) if weight > 1e-6 * values[0]]
    parts = [
        BandLimited(math.sqrt(weight), omega / (2 * math.pi), tau)
        if omega
        else OrnsteinUhlenbeck(math.sqrt(weight), tau)
        for weight, tau, omega in chosen
    ]
    return parts[0] if len(parts) == 1 else Sum(tuple(parts))
