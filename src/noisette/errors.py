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
