"""Coloured noise: the Ornstein–Uhlenbeck process, and frozen noise, its limit of infinite correlation time."""

import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_number, real_values, require
from noisette.noise._base import Noise, as_strength, per_unit
from noisette.noise._spectrum import NoiseSpectrum, common_variance
from noisette.random_numbers import normal


class OrnsteinUhlenbeck(Noise):
    """Ornstein–Uhlenbeck noise, independent for each unit and stationary from the start.

    .. math:: \\tau_c \\dot\\eta = -\\eta + s\\sqrt{2\\tau_c}\\,\\xi(t), \\qquad
       \\langle \\eta(t)\\,\\eta(t') \\rangle = s^2 e^{-|t-t'|/\\tau_c}

    The process is sampled exactly, so that η has this autocovariance for any dt; a step of dt adds η dt.

    Parameters
    ----------
    std : s, stationary standard deviation of η, a scalar or one value per unit, shape (N,)
    tau : τ_c, correlation time, in the network's unit of time (in discrete time, steps)

    Raises
    ------
    InputError : a negative standard deviation, or a correlation time that is not positive.

    See Also
    --------
    White : Independent for each unit and uncorrelated in time.
    Frozen : Constant in time: the limit of a long correlation time.

    Examples
    --------
    >>> import jax
    >>> noise = OrnsteinUhlenbeck(2.0, tau=3.0)
    >>> state = noise.init(1, key=jax.random.key(0))
    >>> _, later = noise.sample(state, 0.0, 1, key=jax.random.key(1), dt=300.0)
    >>> added, _ = noise.sample(later, 300.0, 1, key=jax.random.key(2), dt=0.5)
    >>> bool(added == later * 0.5)
    True

    References
    ----------
    Gillespie (1996), Physical Review E 54:2084.
    """

    std: Float[Array, "*units"]
    tau: Float[Array, ""]

    @check_arguments
    def __init__(self, std: object = 1.0, tau: ArrayLike | Array = 1.0):
        self.std = as_strength(std, "noise std")
        self.tau = jnp.asarray(real_values(tau, "correlation time"), float)
        if not isinstance(self.tau, Tracer):
            require(
                self.tau.ndim == 0 and bool(np.asarray(self.tau) > 0),
                f"correlation time {tau}",
                "one number above zero",
                "use White for zero, Frozen for infinity",
            )

    @classmethod
    def from_intensity(cls, strength: object, tau: ArrayLike) -> "OrnsteinUhlenbeck":
        """Return the process dη = −η dt/τ + σ dW, whose variance is σ² τ/2.

        Parameters
        ----------
        strength : σ, a scalar or one value per unit, shape (N,)
        tau : τ, correlation time, in the network's unit of time

        Raises
        ------
        InputError : a negative strength, or a correlation time that is not positive and finite.

        Examples
        --------
        >>> float(OrnsteinUhlenbeck.from_intensity(2.0, tau=8.0).std)
        4.0
        """
        time = real_number(tau, "correlation time", "a number above zero", lambda t: 0 < t < np.inf)
        return cls(as_strength(strength, "noise strength") * np.sqrt(time / 2), time)

    def init(self, size, *, key):
        """Draw η from its stationary distribution, shape (N,)."""
        return per_unit(self.std, size) * normal(key, (size,))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return η dt, shape (N,), and η after the step, drawn from its exact transition probability."""
        decay = jnp.exp(-dt / self.tau)
        innovation = self.std * jnp.sqrt(-jnp.expm1(-2 * dt / self.tau)) * normal(key, (size,))
        return state * dt, decay * state + innovation

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,)."""
        return state

    @property
    def correlation_time(self):
        """The correlation time τ_c."""
        return float(self.tau)

    def spectrum(self):
        """Return s² e^(−|τ|/τ_c)."""
        variance = common_variance(self.std, "Ornstein–Uhlenbeck")
        return NoiseSpectrum(coloured=((variance, float(self.tau)),) if variance else ())

    def scaled(self, factor):
        """Return the process with standard deviation `factor` · s."""
        return OrnsteinUhlenbeck(factor * self.std, self.tau)


class Frozen(Noise):
    """Frozen noise: a random input of each unit that is constant in time and drawn once per trial.

    .. math:: \\eta_n \\sim \\mathcal N(0, s_n^2), \\quad \\text{the same at all times}

    A step of dt adds η_n dt.

    Parameters
    ----------
    std : s, standard deviation over units and trials, a scalar or one value per unit, shape (N,)

    Raises
    ------
    InputError : a negative or infinite standard deviation.

    See Also
    --------
    White : Independent for each unit and uncorrelated in time.
    OrnsteinUhlenbeck : Correlated in time, with a correlation time τ.

    Examples
    --------
    >>> import jax
    >>> noise = Frozen(2.0)
    >>> state = noise.init(3, key=jax.random.key(0))
    >>> added, later = noise.sample(state, 0.0, 3, key=jax.random.key(1), dt=0.5)
    >>> bool((added == state / 2).all()), later is state
    (True, True)
    """

    std: Float[Array, "*units"]

    @check_arguments
    def __init__(self, std: object = 1.0):
        self.std = as_strength(std, "noise std")

    def init(self, size, *, key):
        """Draw the input of each unit, shape (N,)."""
        return per_unit(self.std, size) * normal(key, (size,))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return η dt, shape (N,), and the unchanged state."""
        return state * dt, state

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,)."""
        return state

    def spectrum(self):
        """Return the constant autocovariance s²."""
        return NoiseSpectrum(frozen=common_variance(self.std, "frozen"))

    def scaled(self, factor):
        """Return frozen noise of standard deviation `factor` · s."""
        return Frozen(factor * self.std)
