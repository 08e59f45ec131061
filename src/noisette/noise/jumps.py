"""Noises with jumps: the telegraph process, Poisson shot noise, and values that are held."""

from typing import Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import InputError, real_number, real_values, require
from noisette.noise._base import Noise, Time, as_strength, per_unit
from noisette.noise._distributions import poisson_numbers
from noisette.random_numbers import exponential, fold_in, normal, uniform

PAST = 37.0  # e^(−37) < 2⁻⁵³: earlier pulses have no effect on a sum in float64
MOST_PULSES = 1e4  # largest number of pulses in a time constant
ROUNDING = 1e-9  # relative rounding of times at which a held value changes


def as_time(value: ArrayLike | Array, name: str) -> Array:
    """Return a time above zero as a scalar array, after checking it; the values of traced arrays are not checked.

    Examples
    --------
    >>> float(as_time(2, "correlation time"))
    2.0
    """
    time = jnp.asarray(real_values(value, name), float)
    if not isinstance(time, Tracer):
        require(time.ndim == 0 and bool(np.asarray(time) > 0), f"{name} {value}", "one number above zero")
    return time


class Telegraph(Noise):
    """Telegraph noise: each unit has the value s or −s, and jumps between them at random times.

    .. math:: \\eta_n(t) = \\pm s_n, \\qquad \\langle \\eta(t)\\,\\eta(t') \\rangle = s^2 e^{-|t-t'|/\\tau_c}

    The process has the autocovariance of `OrnsteinUhlenbeck`, but only two values. Jumps in both directions have the
    rate 1/(2τ_c). The transition probability (1 ± e^(−dt/τ_c))/2 is exact for any dt. A step of dt adds η dt with the
    value at its beginning, so that the intensity of the noise at frequency zero, 2 s² τ_c, is larger by the factor
    x coth x ≈ 1 + (dt/τ_c)²/12, where x = dt/(2τ_c).

    Parameters
    ----------
    std : s, a scalar or one value per unit, shape (N,)
    tau : τ_c, correlation time, in the network's unit of time (in discrete time, steps)

    Raises
    ------
    InputError : a negative standard deviation, or a correlation time that is not positive.

    See Also
    --------
    OrnsteinUhlenbeck : A Gaussian process with the same autocovariance, which mean-field theory accepts.
    SampleAndHold : Normal values that are held for a fixed time.
    Shot : Pulses at random times.

    Examples
    --------
    >>> import jax
    >>> noise = Telegraph(2.0, tau=3.0)
    >>> state = noise.init(1000, key=jax.random.key(0))
    >>> sorted({*state.tolist()})
    [-2.0, 2.0]

    References
    ----------
    Gardiner (2009), Stochastic Methods, section 3.8.2.
    """

    std: Float[Array, "*units"]
    tau: Float[Array, ""]

    @check_arguments
    def __init__(self, std: object = 1.0, tau: ArrayLike | Array = 1.0):
        self.std = as_strength(std, "noise std")
        self.tau = as_time(tau, "correlation time")

    @classmethod
    def from_rate(cls, std: object, rate: ArrayLike) -> "Telegraph":
        """Return the process whose jumps have the given rate in both directions, with τ_c = 1/(2 rate).

        Parameters
        ----------
        std : s, a scalar or one value per unit, shape (N,)
        rate : number of jumps per unit of time

        Raises
        ------
        InputError : a negative standard deviation, or a rate that is not positive and finite.

        Examples
        --------
        >>> float(Telegraph.from_rate(1.0, rate=0.25).tau)
        2.0
        """
        return cls(std, 1 / (2 * real_number(rate, "rate of jumps", "a number above zero", lambda r: 0 < r < np.inf)))

    def init(self, size, *, key):
        """Draw s or −s with equal probability, shape (N,)."""
        return per_unit(self.std, size) * jnp.where(uniform(key, (size,)) < 0.5, 1.0, -1.0)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return η dt, shape (N,), and η after the step, drawn from its exact transition probability."""
        stays = uniform(key, (size,)) < (1 + jnp.exp(-dt / self.tau)) / 2
        return state * dt, jnp.where(stays, state, -state)

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,)."""
        return state

    @property
    def correlation_time(self):
        """The correlation time τ_c."""
        return float(self.tau)

    def spectrum(self):
        """Raise, since the process is not Gaussian."""
        raise _not_gaussian("Telegraph noise has two values", "OrnsteinUhlenbeck has the same autocovariance")

    def scaled(self, factor):
        """Return telegraph noise of the values ± `factor` · s."""
        return Telegraph(factor * self.std, self.tau)


class Shot(Noise):
    """Poisson shot noise: pulses of area a at random times, independent for each unit, minus their mean.

    .. math:: \\eta_n(t) = \\sum_k a_n h(t - t_{nk}) - \\lambda_n a_n, \\qquad
       h(t) = \\frac{1}{\\tau_s} e^{-t/\\tau_s}, \\quad t > 0

    Without τ_s the pulses are instantaneous, and a step of dt adds a (n − λ dt) with a Poisson number n of mean λ dt:
    this is noise of the intensity λa² per unit of time, without values. With τ_s the cumulants of η follow from
    Campbell's theorem, κ_m = λ aᵐ/(m τ_s^(m−1)) for m ≥ 2: variance λa²/(2τ_s), skewness (2√2/3)/√(λτ_s), and the
    autocovariance is λa²/(2τ_s) e^(−\\|t\\|/τ_s). The state after a step is drawn from its exact distribution for any
    dt, and a step adds η dt with the value at its beginning, as for `Telegraph`. The mean λa of a positive input can
    be added as a bias.

    Parameters
    ----------
    rate : λ, number of pulses per unit of time, a scalar or one value per unit, shape (N,)
    amplitude : a, area of a pulse, of either sign, a scalar or one value per unit, shape (N,)
    tau : τ_s, time constant of the pulses, in the network's unit of time; None for instantaneous pulses

    Raises
    ------
    InputError : a negative rate, an infinite amplitude, a time constant that is not positive, or more than 10⁴ pulses
        in a time constant, where the skewness is below 0.01.

    See Also
    --------
    White : The limit of many small instantaneous pulses, σ² = λa².
    OrnsteinUhlenbeck : The limit of many small pulses of a duration.

    Examples
    --------
    >>> import jax
    >>> added, _ = Shot(2.0, 0.5).sample((), 0.0, 4, key=jax.random.key(0), dt=0.1)
    >>> [round(x / 0.5 + 0.2) for x in added.tolist()]  # numbers of pulses
    [2, 1, 0, 0]

    References
    ----------
    Campbell (1909), Proceedings of the Cambridge Philosophical Society 15:117.
    """

    rate: Float[Array, "*units"]
    amplitude: Float[Array, "*units"]
    tau: Float[Array, ""] | None

    @check_arguments
    def __init__(self, rate: object = 1.0, amplitude: ArrayLike | Array = 1.0, tau: ArrayLike | Array | None = None):
        self.rate = as_strength(rate, "rate of pulses")
        self.amplitude = real_values(amplitude, "amplitude of pulses")
        shape = self.amplitude.shape
        require(len(shape) <= 1, f"amplitudes of shape {shape}", "a number, or one number for each unit")
        self.tau = None if tau is None else as_time(tau, "time constant of pulses")
        if self.tau is not None and not isinstance(self.tau, Tracer) and not isinstance(self.rate, Tracer):
            pulses = float(np.max(np.asarray(self.rate)) * np.asarray(self.tau))
            remedy = "use OrnsteinUhlenbeck(a √(λ/(2τ)), τ), from which the skewness differs by less than 0.01"
            require(pulses <= MOST_PULSES, f"{pulses:g} pulses in a time constant", f"at most {MOST_PULSES:g}", remedy)

    def init(self, size, *, key):
        """Return the sum of the pulses before time zero, shape (N,); empty for instantaneous pulses."""
        for parameter in (self.rate, self.amplitude):
            per_unit(parameter, size)
        return () if self.tau is None else self._pulses(size, PAST * self.tau, self.tau, key)

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the pulses integrated over the step minus their mean, shape (N,), and the next sum of pulses."""
        mean = self.rate * dt
        if self.tau is None:
            return self.amplitude * (poisson_numbers(key, (size,), mean) - mean), state
        after = jnp.exp(-dt / self.tau) * state + self._pulses(size, dt, self.tau, key)
        return self.value(state, time, size) * dt, after

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,); instantaneous pulses have no values."""
        return super().value(state, time, size, dt=dt) if self.tau is None else state - self.rate * self.amplitude

    def _pulses(self, size: int, span: Time, tau: Array, key: Array) -> Array:
        """Return the sum at time `span` of pulses that began since time zero, shape (N,).

        Given their number, the times of pulses are independent and uniform.
        """
        age = jax.lax.stop_gradient(span / tau)
        number = poisson_numbers(fold_in(key, 0), (size,), self.rate * span)
        most = number.max()

        def add(carry):
            k, total = carry
            ages = uniform(fold_in(key, k + 1), (size,)) * age
            return k + 1, total + jnp.where(k < number, exponential(-jnp.minimum(ages, 700.0)), 0.0)

        start = (jnp.zeros((), int), jnp.zeros(size))
        return self.amplitude / tau * jax.lax.while_loop(lambda carry: carry[0] < most, add, start)[1]

    @property
    def has_values(self):
        """Whether the pulses have a duration."""
        return self.tau is not None

    @property
    def correlation_time(self):
        """The time constant τ_s of the pulses; infinite for instantaneous pulses."""
        return float("inf") if self.tau is None else float(self.tau)

    def spectrum(self):
        """Raise, since the process is not Gaussian."""
        similar = "White(a √λ)" if self.tau is None else "OrnsteinUhlenbeck(a √(λ/(2τ)), τ)"
        raise _not_gaussian("Shot noise has cumulants of all orders", f"{similar} has the same autocovariance")

    def scaled(self, factor):
        """Return shot noise of the amplitude `factor` · a."""
        return Shot(self.rate, factor * self.amplitude, self.tau)


class SampleAndHold(Noise):
    """Independent normal values, each held for a fixed time.

    .. math:: \\eta_n(t) \\sim \\mathcal N(0, s_n^2) \\quad
       \\text{for } t \\in [kT, (k+1)T)

    In steps of dt = T each step adds η dt with an independent value, the convention of programs whose σ is a standard
    deviation per step; unlike theirs, the process does not depend on dt. With phase="zero" the values of all units
    change at the multiples of T. With phase="random" each unit has a uniform phase, drawn once per trial, so that the
    process is stationary with the autocovariance s² (1 − \\|t − t'\\|/T) for \\|t − t'\\| < T, and zero beyond. A step
    adds η dt with the value at its beginning, which is exact for phase="zero" if T is a multiple of dt.

    Parameters
    ----------
    std : s, standard deviation of a value, a scalar or one value per unit, shape (N,)
    every : T, time for which a value is held, in the network's unit of time (in discrete time, steps)
    phase : "zero" or "random"

    Raises
    ------
    InputError : a negative standard deviation, or a time that is not positive.

    See Also
    --------
    White : The limit of a short time T, σ² = s² T.
    Telegraph : Two values, held for random times.

    Examples
    --------
    >>> import jax
    >>> noise = SampleAndHold(2.0, every=0.5)
    >>> state = noise.init(1, key=jax.random.key(0))
    >>> _, same = noise.sample(state, 0.0, 1, key=jax.random.key(1), dt=0.25)
    >>> _, other = noise.sample(same, 0.25, 1, key=jax.random.key(2), dt=0.25)
    >>> bool(same == state), bool(other == state)
    (True, False)
    """

    std: Float[Array, "*units"]
    every: Float[Array, ""]
    phase: Literal["zero", "random"] = eqx.field(static=True)

    @check_arguments
    def __init__(self, std: object = 1.0, every: ArrayLike | Array = 1.0, phase: Literal["zero", "random"] = "zero"):
        self.std = as_strength(std, "noise std")
        self.every, self.phase = as_time(every, "time for which a value is held"), phase

    def init(self, size, *, key):
        """Draw the values of the units, shape (N,), and the times since they were drawn, a scalar or shape (N,)."""
        values = per_unit(self.std, size) * normal(fold_in(key, 0), (size,))
        ages = jnp.zeros(()) if self.phase == "zero" else self.every * uniform(fold_in(key, 1), (size,))
        return values, ages

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return η dt, shape (N,), and the next values."""
        values, ages = state
        elapsed = (time + ages) / self.every + ROUNDING
        changes = elapsed - jnp.floor(elapsed) + dt / self.every >= 1
        return values * dt, (jnp.where(changes, self.std * normal(key, (size,)), values), ages)

    def value(self, state, time, size, *, dt=1.0):
        """Return η, shape (N,)."""
        return state[0]

    @property
    def correlation_time(self):
        """The time T for which a value is held."""
        return float(self.every)

    def spectrum(self):
        """Raise, since the process is not stationary, or with random phases not Gaussian."""
        raise _not_gaussian(
            "SampleAndHold noise changes at times that all units share, or with random phases has no joint normal law",
            "White(s √T) is the limit of a short time",
        )

    def scaled(self, factor):
        """Return values of the standard deviation `factor` · s."""
        return SampleAndHold(factor * self.std, self.every, self.phase)


def _not_gaussian(fact: str, remedy: str) -> InputError:
    """Return the error for noise that is not a stationary Gaussian process."""
    allowed = "mean-field theory needs a stationary Gaussian process"
    return InputError(f"{fact}; {allowed}; {remedy}, or simulate")
