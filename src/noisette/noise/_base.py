"""What every noise is, and the sum of noises."""

from abc import abstractmethod

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax.core import Tracer
from jaxtyping import Array, Float, PRNGKeyArray, PyTree
from numpy.typing import ArrayLike

from noisette.errors import InputError, real_values, require
from noisette.noise._spectrum import NoiseSpectrum


def as_strength(value: object, name: str) -> Array:
    """Return a strength as an array of zero or one dimension: what the constructor of a noise keeps.

    Parameters
    ----------
    value : a number, or one number for each unit, shape (N,)
    name : what it is, for the message

    Raises
    ------
    InputError : a negative or infinite strength, or more than one dimension; values that JAX traces pass unchecked.

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


def per_unit(strength: Array, size: int) -> Array:
    """Return one strength for each unit of a network.

    Parameters
    ----------
    strength : as `as_strength` returns it
    size : number of units N

    Raises
    ------
    InputError : several strengths, but not N.

    Examples
    --------
    >>> per_unit(as_strength(0.5, "noise strength"), 3).tolist()
    [0.5, 0.5, 0.5]
    """
    require(
        strength.shape in ((), (1,), (size,)),
        f"noise with {strength.size} strengths",
        f"the network has {size} units: one number, or {size}",
    )
    return jnp.broadcast_to(strength, (size,))


Time = float | int | Array | np.number  # traced or not


class Noise(eqx.Module):
    """What every noise is: a state, and a sample to add to each unit at each step."""

    __array_ufunc__ = None  # so that NumPy leaves `array * noise` to `__rmul__`, with its checks

    def init(self, size: int, *, key: PRNGKeyArray) -> PyTree:
        """Return the state in which the process starts; memoryless noise has none."""
        return ()

    @abstractmethod
    def sample(
        self, state: PyTree, time: Time, size: int, *, key: PRNGKeyArray, dt: Time = 1.0
    ) -> tuple[Float[Array, " {size}"], PyTree]:
        """Return what is added to each unit from `time` to `time` + `dt`, and the next state.

        In discrete networks time is the number of the step and dt is 1.
        """

    def step_law(
        self, size: int, time: int | Array | None
    ) -> tuple[Float[Array, " {size}"], Float[Array, "factors {size}"]]:
        """Return the law at step `time` as (standard deviation per unit, loadings of shared factors).

        The sample is s ∘ ξ + Lᵀ ζ with independent standard normal ξ (one per unit) and ζ (one per factor). Only
        noise without memory has such a law; it is what exact theory needs.

        With time None it is the law of every step.

        Raises
        ------
        InputError : if the noise has memory, is not Gaussian, or (time None) changes from step to step.
        """
        raise InputError(
            f"{type(self).__name__} has no independent Gaussian law per step; "
            "exact theory needs White, Common, Pulse, their sums and gates; use a simulated estimator"
        )

    def spectrum(self) -> NoiseSpectrum:
        """Return the stationary autocovariance of the noise, which is all that mean-field theory needs of it.

        A Gaussian noise of your own enters `theory.mean_field` and `theory.correlations` by returning a
        `NoiseSpectrum` here; sums need no more than that of their parts.

        Raises
        ------
        InputError : noise that is shared by units, differs between them, is not Gaussian or not stationary.
        """
        raise InputError(
            f"{type(self).__name__} noise; mean-field theory takes White, OrnsteinUhlenbeck, Frozen, their sums, and "
            "noise that defines spectrum(); simulate it"
        )

    @abstractmethod
    def scaled(self, factor: float | Array) -> "Noise":
        """Return the same noise, `factor` times as strong."""

    def __add__(self, other: "Noise") -> "Noise":
        """Return the sum of two independent noises."""
        require(isinstance(other, Noise), f"noise plus {other!r}", "a sum of noises", "wrap a strength in White")
        return Sum((self, other))

    def __mul__(self, factor: ArrayLike | Array) -> "Noise":
        """Return this noise, `factor` times as strong."""
        return self.scaled(real_values(factor, "factor of a noise"))

    __rmul__ = __mul__


class Sum(Noise):
    """The sum of independent noises.

    Examples
    --------
    >>> from noisette.noise import Common, White
    >>> independent, factors = (White(3.0) + White(4.0) + Common(1.0)).step_law(1, 0)
    >>> independent.tolist(), factors.tolist()
    ([5.0], [[1.0]])
    """

    parts: tuple[Noise, ...]

    def init(self, size, *, key):
        """Return the states of all parts."""
        keys = jax.random.split(key, len(self.parts))
        return tuple(part.init(size, key=k) for part, k in zip(self.parts, keys, strict=True))

    def sample(self, state, time, size, *, key, dt=1.0):
        """Return the sum of the parts' samples."""
        keys = jax.random.split(key, len(self.parts))
        pairs = [
            part.sample(inner, time, size, key=k, dt=dt) for part, inner, k in zip(self.parts, state, keys, strict=True)
        ]
        return sum((value for value, _ in pairs), jnp.zeros(size)), tuple(inner for _, inner in pairs)

    def step_law(self, size, time):
        """Return independent strengths added in quadrature, and all factors."""
        laws = [part.step_law(size, time) for part in self.parts]
        square = sum((single**2 for single, _ in laws), jnp.zeros(size))
        silent = square == 0  # keeps the root differentiable where nothing is added
        independent = jnp.where(silent, 0.0, jnp.sqrt(jnp.where(silent, 1.0, square)))
        return independent, jnp.concatenate([factors for _, factors in laws])

    def spectrum(self):
        """Return the sum of the autocovariances of the parts, which are independent."""
        return sum((spectrum_of(part) for part in self.parts), NoiseSpectrum())

    def scaled(self, factor):
        """Return the sum of the scaled parts."""
        return Sum(tuple(part.scaled(factor) for part in self.parts))


def spectrum_of(noise: Noise | None) -> NoiseSpectrum:
    """Return the checked autocovariance of a noise; without noise it is zero.

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
