"""Independent increments that are not Gaussian: any distribution of unit variance, and α-stable noise."""

import math
from collections.abc import Callable
from typing import Any, Literal

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import InputError, real_number, require
from noisette.functions import check_array, traced
from noisette.noise._base import Noise, as_strength, per_unit
from noisette.noise._distributions import laplace_numbers, stable_numbers, student_numbers, uniform_numbers
from noisette.noise._spectrum import NoiseSpectrum, common_variance

Named = Literal["uniform", "laplace", "student"]
Sampler = Callable[[Any, tuple[int, ...]], Any]
SAMPLERS = {"uniform": uniform_numbers, "laplace": laplace_numbers}
TRIED = 200_000  # numbers drawn to check a sampler of the user's own
MEAN, VARIANCE = 0.02, 0.05  # largest deviations from 0 and 1: 9 standard errors, 22 for a kurtosis of 3


class Independent(Noise):
    """Independent values of any distribution of mean 0 and variance 1: σ_n √dt ξ_n in each step of dt.

    Variances do not depend on dt, and equal those of `White` of the same strength. The other moments of a sum of steps
    approach those of a normal number as dt → 0, so that this noise differs from `White` only for steps that are not
    short, as in discrete time. For values that are the same at any dt, use a distribution with jumps, `Shot` or
    `Stable`.

    Parameters
    ----------
    distribution : "uniform", "laplace" or "student"; or a function of a random key and a shape that returns values of
        mean 0 and variance 1, written with JAX. A trial of 200 000 values must have a mean within 0.02 of 0 and a
        variance within 0.05 of 1
    strength : σ_n, a scalar or one value per unit, shape (N,), with the same meaning as for `White`
    df : degrees of freedom ν of "student", above 2; its kurtosis is finite for ν > 4

    Raises
    ------
    InputError : an unknown distribution, a function whose values have another mean, variance or shape, a negative
        strength, or ν ≤ 2.

    See Also
    --------
    White : Normal values.
    Stable : Values of infinite variance.

    Examples
    --------
    >>> import jax
    >>> noise = Independent("uniform", 2.0)
    >>> added, _ = noise.sample((), 0.0, 10000, key=jax.random.key(0), dt=0.25)
    >>> round(float(abs(added).max()), 2), round(float(added.std()), 1)  # σ √dt √3 and σ √dt
    (1.73, 1.0)
    """

    distribution: str | Sampler = eqx.field(static=True)
    strength: Float[Array, "*units"]
    df: Float[Array, ""] | None

    @check_arguments
    def __init__(self, distribution: Named | Sampler, strength: object = 1.0, df: ArrayLike | Array | None = None):
        self.distribution, self.strength = distribution, as_strength(strength, "noise strength")
        student = distribution == "student"
        given = f"{distribution!r} {'without' if student else 'with'} degrees of freedom"
        require(student == (df is not None), given, 'df is a parameter of "student"', "df=5" if student else "")
        self.df = None
        if df is not None:
            allowed = "a number above 2, where the variance is finite"
            self.df = jnp.asarray(real_number(df, "degrees of freedom", allowed, lambda n: 2 < n < np.inf))
        if callable(distribution):
            _check_sampler(distribution)

    def init(self, size, *, key):
        """Check the shape of the strength and return the empty state."""
        per_unit(self.strength, size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return σ √dt ξ, shape (N,), and the unchanged state."""
        if self.df is not None:
            values = student_numbers(key, (size,), self.df)
        elif callable(self.distribution):
            values = self.distribution(key, (size,))
        else:
            values = SAMPLERS[self.distribution](key, (size,))
        return self.strength * jnp.sqrt(dt) * values, state

    def white_part(self, size):
        """Return σ, shape (N,), whose square is the variance per unit of time, and no common factor."""
        return per_unit(self.strength, size), jnp.asarray(np.zeros((0, size)))

    def spectrum(self):
        """Raise, since the values are not normal."""
        name = self.distribution if isinstance(self.distribution, str) else "a distribution of your own"
        raise InputError(
            f"Independent noise of {name}; mean-field theory needs a stationary Gaussian process; White of the same "
            "strength is its limit for short steps, or simulate"
        )

    def scaled(self, factor):
        """Return noise of strength `factor` · σ."""
        return eqx.tree_at(lambda n: n.strength, self, as_strength(factor * self.strength, "noise strength"))


def _check_sampler(sampler: Sampler) -> None:
    """Raise for a function that does not return values of mean 0 and variance 1."""
    name, key = getattr(sampler, "__name__", type(sampler).__name__), jax.random.key(0)
    values = traced(lambda key: sampler(key, (3,)), f"distribution {name}", key)
    check_array(values, f"distribution {name}", (3,))
    with jax.ensure_compile_time_eval():
        drawn = np.asarray(jax.jit(sampler, static_argnums=1)(key, (TRIED,)), float)
    mean, variance = float(drawn.mean()), float(drawn.var())
    fits = abs(mean) <= MEAN and abs(variance - 1) <= VARIANCE  # false for NaN
    given = f"distribution {name} with mean {mean:.3g} and variance {variance:.3g} in a trial of {TRIED} values"
    remedy = "subtract its mean and divide by its standard deviation; use Stable for infinite variance"
    require(fits, given, f"mean 0 within {MEAN:g} and variance 1 within {VARIANCE:g}", remedy)


class Stable(Noise):
    """Symmetric α-stable noise: c_n dt^(1/α) ξ_n in each step of dt, the increments of a Lévy flight.

    .. math:: \\langle e^{ik\\xi} \\rangle = e^{-|k|^\\alpha}, \\qquad 0 < \\alpha \\le 2

    The sum of the samples of two steps has the distribution of the sample of one step of twice the length, for any α.
    For α < 2 the variance is infinite: theory refuses this noise, and checks of the step leave variances out. For α = 2
    this is `White` with σ = √2 c, and α = 1 is the Cauchy distribution, of which half lies within ±c dt.

    Parameters
    ----------
    alpha : α, above 0 and up to 2
    scale : c_n, a scalar or one value per unit, shape (N,)

    Raises
    ------
    InputError : an α out of range, or a negative scale.

    See Also
    --------
    White : The limit α = 2.
    Independent : Values of finite variance.

    Examples
    --------
    >>> Stable(2.0, 2**0.5).step_law(1, 0)[0].round(3).tolist()
    [2.0]

    References
    ----------
    Chambers, Mallows & Stuck (1976), Journal of the American Statistical Association 71:340.
    """

    alpha: float = eqx.field(static=True)
    scale: Float[Array, "*units"]

    @check_arguments
    def __init__(self, alpha: float, scale: object = 1.0):
        self.alpha = real_number(alpha, "alpha", "a number above 0 and up to 2", lambda a: 0 < a <= 2)
        self.scale = as_strength(scale, "noise scale")

    def init(self, size, *, key):
        """Check the shape of the scale and return the empty state."""
        per_unit(self.scale, size)
        return ()

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return c dt^(1/α) ξ, shape (N,), and the unchanged state."""
        return self.scale * jnp.asarray(dt) ** (1 / self.alpha) * stable_numbers(key, (size,), self.alpha), state

    def step_law(self, size, time):
        """Return the law for α = 2: standard deviations √2 c, shape (N,), and no common factor."""
        if self.alpha < 2:
            raise self._no_variance()
        return per_unit(math.sqrt(2) * self.scale, size), jnp.asarray(np.zeros((0, size)))

    def spectrum(self):
        """Return 2 c² δ(τ) for α = 2."""
        if self.alpha < 2:
            raise self._no_variance()
        return NoiseSpectrum(white=2 * common_variance(self.scale, "stable"))

    def _no_variance(self) -> InputError:
        given = f"Stable noise of alpha {self.alpha:g}, which has no variance"
        return InputError(f"{given}; theory needs Gaussian noise; simulate")

    @property
    def has_variance(self):
        """Whether α = 2."""
        return self.alpha == 2

    def scaled(self, factor):
        """Return noise of the scale `factor` · c."""
        return Stable(self.alpha, factor * self.scale)
