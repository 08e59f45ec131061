"""Base class of noises, sums of noises, and validation of noise strengths."""

import math
import numbers
from abc import abstractmethod

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, PRNGKeyArray, PyTree
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import InputError, integer, real_values, require, shown
from noisette.noise._spectrum import NoiseSpectrum
from noisette.random_numbers import fold_in
from noisette.reprs import ALL, as_call


def as_strength(value: object, name: str) -> Array:
    """Return a noise strength as an array of zero or one dimension, after checking it.

    Parameters
    ----------
    value : a scalar, or one value per unit, shape (N,)
    name : description of the strength in error messages

    Raises
    ------
    InputError : a negative or infinite strength, or more than one dimension. The values of traced arrays are not
        checked.

    Examples
    --------
    >>> as_strength([1, 2], "noise strength").tolist()
    [1.0, 2.0]
    >>> as_strength(-1.0, "noise strength")
    Traceback (most recent call last):
    noisette.errors.InputError: noise strength -1; a noise strength is zero or positive
    """
    strength = real_values(value, name)
    fits = strength.ndim <= 1 and strength.size > 0
    require(fits, f"{name} of shape {strength.shape}", "a number, or one number for each unit")
    if not isinstance(strength, Tracer):
        lowest = float(np.min(np.asarray(strength)))
        require(lowest >= 0, f"{name} {lowest:g}", "a noise strength is zero or positive")
    return strength


@check_arguments
def per_unit(strength: Array, size: int) -> Array:
    """Return a strength broadcast to the units of a network, shape (N,).

    Parameters
    ----------
    strength : result of `as_strength`, a scalar or shape (N,)
    size : number of units N

    Raises
    ------
    InputError : a number of strengths other than 1 and N.

    Examples
    --------
    >>> per_unit(as_strength(0.5, "noise strength"), 3).tolist()
    [0.5, 0.5, 0.5]
    """
    size = integer(size, "size")
    require(
        strength.shape in ((), (1,), (size,)),
        f"noise with {strength.size} strengths",
        f"the network has {size} units",
        f"give one number, or {size}",
    )
    return jnp.broadcast_to(strength, (size,))


Time = float | int | Array | np.number  # traced or not


class Noise(eqx.Module):
    """Base class of noises: random processes with a state, which add a sample to each unit in each step.

    A user-defined noise derives from this class and defines ``sample`` and ``scaled``, and ``init`` if it has a state.
    It defines ``step_law`` for exact theory and ``spectrum`` for mean-field theory, if these exist.

    Examples
    --------
    >>> import jax, noisette as nz
    >>> class Uniform(nz.noise.Noise):
    ...     width: float = 1.0
    ...
    ...     def sample(self, state, time, size, *, key, dt=1.0):  # for discrete time
    ...         return self.width * jax.random.uniform(key, (size,), float), state
    ...
    ...     def scaled(self, factor):
    ...         return Uniform(factor * self.width)
    >>> (3 * Uniform()).sample((), 0, 4, key=jax.random.key(0))[0].shape
    (4,)
    """

    def __repr__(self) -> str:
        return as_call(self, first=ALL)

    __array_ufunc__ = None  # makes NumPy delegate `array * noise` to `__rmul__`, which checks the factor

    @staticmethod
    def refusal(value: object) -> str:
        """Return the error message for a value that is not a noise, with the noise that may be meant."""
        remedy = "noise=nz.White(0.1)"
        if isinstance(value, numbers.Real) and not isinstance(value, bool):
            remedy = f"noise=nz.White({float(value):g})"
        elif isinstance(value, str) and value.startswith("white:"):
            remedy = f"noise=nz.White({value.removeprefix('white:')})"
        elif isinstance(value, type) and issubclass(value, Noise):
            remedy = f"noise=nz.{value.__name__}(…), an instance"
        return f"{shown(value)} as noise; a noise such as nz.White(σ), or None; {remedy}"

    def init(self, size: int, *, key: PRNGKeyArray) -> PyTree:
        """Return the initial state of the process for `size` units; empty by default, for noise without memory."""
        return ()

    @abstractmethod
    def sample(
        self, state: PyTree, time: Time, size: int, *, key: PRNGKeyArray, dt: Time = 1.0
    ) -> tuple[Float[Array, " {size}"], PyTree]:
        """Return the noise integrated from `time` to `time` + `dt`, shape (N,), and the next state.

        In discrete time, `time` is the index of the step and `dt` is 1.
        """

    def value(self, state: PyTree, time: Time, size: int, *, dt: Time = 1.0) -> Float[Array, " {size}"]:
        """Return the value η(t) of the noise in the step of `dt` that begins at `time`, shape (N,).

        Nonlinear functions of the noise, such as an activation function, require values, and white noise, whose
        variance is infinite, has none. A user-defined noise with memory that defines this method can be placed there.

        Raises
        ------
        InputError : a noise without values, such as White, Common or a sum that contains one of these.
        """
        raise InputError(
            f"{type(self).__name__} noise has no values in continuous time; a noise with a correlation time is needed "
            "here; use OrnsteinUhlenbeck, Frozen, or SampleAndHold(σ, dt) for an independent value in each step of dt"
        )

    def step_law(
        self, size: int, time: int | Array | None
    ) -> tuple[Float[Array, " {size}"], Float[Array, "factors {size}"]]:
        """Return the Gaussian law of the sample in a step: standard deviations s and loadings L of common factors.

        The sample is s ∘ ξ + Lᵀ ζ with independent standard normal ξ, shape (N,), and ζ, shape (factors,). Only noise
        without memory has such a law, which exact theory requires.

        Parameters
        ----------
        size : number of units N
        time : index of the step; None for a law that is the same in all steps

        Returns
        -------
        s, shape (N,), and L, shape (factors, N)

        Raises
        ------
        InputError : a noise that has memory, is not Gaussian, or, if `time` is None, changes from step to step.
        """
        raise InputError(
            f"{type(self).__name__} has no independent Gaussian law per step; "
            "exact theory needs White, Common or Pulse noise, or sums and gates of these; use a simulated estimator"
        )

    def spectrum(self) -> NoiseSpectrum:
        """Return the stationary autocovariance of the noise, which mean-field theory requires.

        A user-defined Gaussian noise that returns a `NoiseSpectrum` can be used in `theory.mean_field` and
        `theory.correlations`, alone or in a sum.

        Raises
        ------
        InputError : a noise that is shared by units, differs between units, is not Gaussian, or is not stationary.
        """
        raise InputError(
            f"{type(self).__name__} noise; mean-field theory needs White, OrnsteinUhlenbeck or Frozen noise, sums of "
            "these, or noise that defines spectrum(); otherwise simulate"
        )

    def white_part(self, size: int) -> tuple[Float[Array, " {size}"], Float[Array, "factors {size}"]]:
        """Return the law of the white part of the noise per unit of time, in the form of `step_law`.

        Its variance is the intensity that the Itô correction and Milstein's method require. Noise with values has a
        correlation time, and no white part: ordinary calculus holds for it.

        Raises
        ------
        InputError : a noise with neither values nor a law that is the same in all steps.
        """
        if self.has_values:
            return jnp.asarray(np.zeros(size)), jnp.asarray(np.zeros((0, size)))
        return self.step_law(size, None)

    @property
    def has_values(self) -> bool:
        """Whether the noise has values η(t), see `value`."""
        return type(self).value is not Noise.value

    @property
    def correlation_time(self) -> float:
        """Shortest correlation time of the noise, which limits automatic steps; infinite for white noise."""
        return math.inf

    @property
    def has_variance(self) -> bool:
        """Whether the variance of a sample is finite; otherwise nothing is known of stationary variances."""
        return True

    @abstractmethod
    def scaled(self, factor: float | Array) -> "Noise":
        """Return the noise multiplied by `factor`."""

    def __add__(self, other: "Noise") -> "Noise":
        """Return the sum of two independent noises."""
        require(
            isinstance(other, Noise),
            f"noise plus {other!r}",
            "both terms of a sum are noises",
            "use White for a strength",
        )
        return Sum((self, other))

    def __mul__(self, factor: ArrayLike | Array) -> "Noise":
        """Return the noise multiplied by `factor`, a scalar or shape (N,)."""
        product = self.scaled(real_values(factor, "factor of a noise"))
        require(isinstance(product, Noise), f"scaled of {type(self).__name__} returns {shown(product)}", "a noise")
        return product

    __rmul__ = __mul__


class Sum(Noise):
    """Sum of independent noises.

    .. math:: \\text{noise}_n(t) = \\sum_k \\text{noise}_n^{(k)}(t)

    Parameters
    ----------
    parts : the noises of the sum

    Examples
    --------
    >>> from noisette.noise import Common, White
    >>> independent, factors = (White(3.0) + White(4.0) + Common(1.0)).step_law(1, 0)
    >>> independent.tolist(), factors.tolist()
    ([5.0], [[1.0]])
    """

    parts: tuple[Noise, ...]

    def __repr__(self) -> str:
        return " + ".join(map(repr, self.parts))

    def init(self, size, *, key):
        """Return the initial states of the parts."""
        return tuple(part.init(size, key=fold_in(key, i)) for i, part in enumerate(self.parts))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the sum of the samples of the parts, shape (N,), and the next states of the parts."""
        pairs = [
            part.sample(inner, time, size, key=fold_in(key, i), dt=dt)
            for i, (part, inner) in enumerate(zip(self.parts, state, strict=True))
        ]
        return sum((value for value, _ in pairs), jnp.zeros(size)), tuple(inner for _, inner in pairs)

    def value(self, state, time, size, *, dt=1.0):
        """Return the sum of the values of the parts, shape (N,)."""
        values = [part.value(inner, time, size, dt=dt) for part, inner in zip(self.parts, state, strict=True)]
        return sum(values, jnp.zeros(size))

    def step_law(self, size, time):
        """Return the root of the summed independent variances, shape (N,), and the factors of all parts."""
        return _added([part.step_law(size, time) for part in self.parts], size)

    def white_part(self, size):
        """Return the sum of the white parts, as in `step_law`."""
        return _added([part.white_part(size) for part in self.parts], size)

    @property
    def has_values(self):
        """Whether all parts have values."""
        return all(part.has_values for part in self.parts)

    @property
    def correlation_time(self):
        """Shortest correlation time of the parts."""
        return min(part.correlation_time for part in self.parts)

    @property
    def has_variance(self):
        """Whether the variances of all parts are finite."""
        return all(part.has_variance for part in self.parts)

    def spectrum(self):
        """Return the sum of the autocovariances of the parts, which are independent."""
        return sum((spectrum_of(part) for part in self.parts), NoiseSpectrum())

    def scaled(self, factor):
        """Return the sum of the scaled parts."""
        return Sum(tuple(part.scaled(factor) for part in self.parts))


def _added(laws: list[tuple[Array, Array]], size: int) -> tuple[Array, Array]:
    """Return the law of a sum of independent Gaussian variables: one standard deviation per unit, and all factors."""
    square = sum((std**2 for std, _ in laws), jnp.zeros(size))
    is_zero = square == 0  # the derivative of the root is infinite at zero
    independent = jnp.where(is_zero, 0.0, jnp.sqrt(jnp.where(is_zero, 1.0, square)))
    return independent, jnp.concatenate([factors for _, factors in laws])


@check_arguments
def spectrum_of(noise: Noise | None) -> NoiseSpectrum:
    """Return the autocovariance of a noise, after checking it; zero for no noise.

    Raises
    ------
    InputError : a noise without a stationary autocovariance that is the same for all units, see `Noise.spectrum`.

    Examples
    --------
    >>> from noisette.noise import White
    >>> spectrum_of(White(2.0)).white, spectrum_of(None).is_zero
    (4.0, True)
    """
    if noise is None:
        return NoiseSpectrum()
    name = type(noise).__name__
    require(isinstance(noise, Noise), f"noise {noise!r}", "a noise, or None")
    spectrum = noise.spectrum()
    require(isinstance(spectrum, NoiseSpectrum), f"spectrum of {name}: {spectrum!r}", "a NoiseSpectrum")
    return spectrum.checked(name)
