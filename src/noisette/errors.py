"""The one error a user's input can raise."""

import numpy as np


class InputError(ValueError):
    """Input that cannot be used: says what was given, what is allowed and what to do.

    Examples
    --------
    >>> import noisette as nz
    >>> nz.White(-1.0)
    Traceback (most recent call last):
    noisette.errors.InputError: noise strength -1; a noise strength is zero or positive
    """


def require(condition: bool | np.bool, given: str, allowed: str, remedy: str = "") -> None:
    """Raise `InputError` with one line, in the order given · allowed · what to do, unless `condition`."""
    if not condition:
        raise InputError("; ".join(part for part in (given, allowed, remedy) if part))


def integer(value: object, name: str, least: int | None = 1) -> int:
    """Return `value` if it is an integer of at least `least`; numbers of steps, units, lags, runs … pass through here.

    Python's integers and NumPy's (arrays without dimensions, too) are integers. Booleans, text and floating-point
    numbers are not, 2.0 included: what comes out of a division is a whole number by accident.

    Parameters
    ----------
    value : the number
    name : what it is, for the message
    least : the smallest allowed; None allows every integer

    Raises
    ------
    InputError : anything else.

    Examples
    --------
    >>> integer(np.int64(3), "lags")
    3
    >>> integer(1.5, "every")
    Traceback (most recent call last):
    noisette.errors.InputError: every 1.5; an integer of at least 1
    """
    plain = value[()] if isinstance(value, np.ndarray) and value.ndim == 0 else value
    fits = isinstance(plain, int | np.integer) and not isinstance(plain, bool)
    allowed = "an integer" if least is None else f"an integer of at least {least}"
    require(fits and (least is None or bool(plain >= least)), f"{name} {value!r}", allowed)  # type: ignore[operator]
    return int(plain)  # type: ignore[call-overload]


class StepSizeWarning(UserWarning):
    """A simulation in continuous time whose step is too long for what it simulates.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> stiff = nz.RateNetwork([[0.0]], tau=0.01)
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.simulate(stiff, duration=1, dt=0.1, key=jax.random.key(0))
    >>> said[0].category.__name__
    'StepSizeWarning'
    """


class BlowUpWarning(UserWarning):
    """A trial whose state became infinite or NaN; the others are as they should be.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> runaway = nz.RateNetwork([[9.0]], activation=nz.activations.relu)
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.simulate(runaway, duration=200, dt=0.1, start=1.0, key=jax.random.key(0))
    >>> said[0].category.__name__
    'BlowUpWarning'
    """


class UnsolvedWarning(UserWarning):
    """Draws of frozen noise for which no fixed point was found, or runs that ran away; they are counted.

    Examples
    --------
    >>> import jax, warnings, noisette as nz
    >>> runaway = nz.RateNetwork([[2.0]], activation=nz.activations.linear, noise=nz.Frozen(1.0))
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.relaxed(runaway, 5, key=jax.random.key(0))
    >>> said[0].category.__name__, found.attrs["failed"]
    ('UnsolvedWarning', 5)
    """


class ResolutionWarning(UserWarning):
    """Lyapunov exponents that round-off hides at the interval between orthonormalisations; they are NaN.

    Examples
    --------
    >>> import jax, jax.numpy as jnp, warnings, noisette as nz
    >>> network = nz.networks.Map(lambda s: jnp.array([1.1, 1e-5]) * s[0] + jnp.array([0, 1e-5]) * s[1], 2)
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.lyapunov_spectrum(network, 2, every=10, duration=40, discard=0, key=jax.random.key(0))
    >>> said[0].category.__name__
    'ResolutionWarning'
    """
