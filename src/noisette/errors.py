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


class TransientWarning(UserWarning):
    """Runs that have not reached their stationary state: what is measured depends on where they started.

    Examples
    --------
    >>> import warnings, noisette as nz
    >>> with warnings.catch_warnings(record=True, action="always") as said:
    ...     found = nz.simulated_correlations(nz.activations.linear, 0.999, nz.White(1.0), weights=[[1.0]], draws=20)
    >>> said[0].category.__name__
    'TransientWarning'
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
