"""What probes of activity look at: the current x or the rate φ(x), and how often."""

from collections.abc import Callable
from typing import Any

from jaxtyping import Array

ACTIVITIES = ("current", "rate")


def rate_of(network: Any) -> Callable[[Array], Array] | None:
    """Return φ of a network, or of the network inside it (a stepper's, Onsager's); None if there is none."""
    while network is not None and not hasattr(network, "rate"):
        network = getattr(network, "network", None)
    return None if network is None else network.rate


__all__ = ["ACTIVITIES", "rate_of"]
