"""Time-dependent parameters."""

from collections.abc import Sequence

import equinox as eqx
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import real_array, real_number, require
from noisette.reprs import as_call

ROUNDING = 1e-9  # a switch at t = 100 acts in the step that begins at 99.9999999999


class Switch(eqx.Module):
    """Piecewise constant parameter: values[0] before times[0], values[1] from times[0] on, and so on.

    Parameters
    ----------
    times : times of the jumps, strictly increasing, shape (jumps,)
    values : values before, between and after the jumps, shape (jumps + 1,)

    Raises
    ------
    InputError : times that do not increase, or a wrong number of values.

    See Also
    --------
    Ramp : A parameter that changes linearly.

    Examples
    --------
    >>> gamma = Switch([100.0, 200.0], [0.0, 1.0, 0.0])
    >>> [float(gamma(t)) for t in (99.99, 100.0, 200.0)]
    [0.0, 1.0, 0.0]
    """

    times: Float[Array, " jumps"]
    values: Float[Array, " levels"]

    @check_arguments
    def __init__(self, times: ArrayLike | Sequence[float], values: ArrayLike | Sequence[float]):
        jumps, levels = np.atleast_1d(real_array(times, "times")), real_array(values, "values")
        require(
            jumps.ndim == 1 and levels.shape == (len(jumps) + 1,) and bool((np.diff(jumps) > 0).all()),
            f"{len(jumps)} times and values of shape {levels.shape}",
            "increasing times, and one more value than times",
        )
        self.times, self.values = jnp.asarray(jumps), jnp.asarray(levels)

    def __repr__(self) -> str:
        return as_call(self, first=2)

    def __call__(self, time: float | Array) -> Float[Array, ""]:
        """Return the value at `time`."""
        return self.values[jnp.sum(time >= self.times - ROUNDING * (1 + jnp.abs(self.times)))]


class Ramp(eqx.Module):
    """Parameter that changes linearly from `first` at time `begin` to `last` at time `end`, and is constant elsewhere.

    Parameters
    ----------
    first, last : values before `begin` and after `end`
    begin, end : times between which the parameter changes, in the network's unit of time

    Raises
    ------
    InputError : an end that does not come after the beginning, or values that are not finite.

    See Also
    --------
    Switch : A parameter that jumps at given times.

    Examples
    --------
    >>> [float(Ramp(0.0, 1.0, begin=10, end=20)(t)) for t in (0.0, 15.0, 30.0)]
    [0.0, 0.5, 1.0]
    """

    first: Float[Array, ""]
    last: Float[Array, ""]
    begin: Float[Array, ""]
    end: Float[Array, ""]

    @check_arguments
    def __init__(self, first: ArrayLike, last: ArrayLike, *, begin: ArrayLike, end: ArrayLike):
        names = {"first": first, "last": last, "begin": begin, "end": end}
        self.first, self.last, self.begin, self.end = (
            jnp.asarray(real_number(value, f"{name} of a ramp")) for name, value in names.items()
        )
        require(
            float(self.end) > float(self.begin), f"a ramp from {begin} to {end}", "its end comes after its beginning"
        )

    def __repr__(self) -> str:
        return as_call(self, first=2)

    def __call__(self, time: float | Array) -> Float[Array, ""]:
        """Return the value at `time`."""
        fraction = jnp.clip((time - self.begin) / (self.end - self.begin), 0.0, 1.0)
        return self.first + fraction * (self.last - self.first)
