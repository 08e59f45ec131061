"""What probes of activity look at: the current x or the rate φ(x), and how often."""

from collections.abc import Callable
from typing import Any

import numpy as np
from jaxtyping import Array

from noisette.errors import require

ACTIVITIES = ("current", "rate")


def rate_of(network: Any) -> Callable[[Array], Array] | None:
    """Return φ of a network, or of the network inside it (a stepper's, Onsager's); None if there is none."""
    while network is not None and not hasattr(network, "rate"):
        network = getattr(network, "network", None)
    return None if network is None else network.rate


def whole(number: object, name: str, least: int) -> int:
    """Return a number of steps, refused if it is not an integer of at least `least`."""
    fits = isinstance(number, int | np.integer) and not isinstance(number, bool) and bool(number >= least)
    require(fits, f"{name} {number!r}", f"an integer of at least {least}")
    return int(number)  # type: ignore[call-overload]


__all__ = ["ACTIVITIES", "rate_of", "whole"]
