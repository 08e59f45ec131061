"""Distance of trajectories in the same noise: when they meet, and at which rate small distances grow or decay.

The logarithm of a small distance d is a random walk with the drift λ, the conditional Lyapunov exponent. The rate is
estimated where d is small compared with its largest value and large compared with round-off. Trajectories may enter and
leave this range several times; the growth of ln d within it, summed over all visits, divided by their total time, is
consistent whatever the rule by which visits end (optional stopping), which a fit to a part selected by eye is not.
"""

from itertools import pairwise
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

from noisette.probes import block_error

ENTER, LEAVE = 1e-3, 1e-2  # distances, relative to the largest, where a visit to the linear range begins and ends
ROUND_OFF = 1e-12  # smallest distance that is resolved, relative to the root mean square of the states
MOST_BLOCKS = 100  # of the standard error


class Contraction(NamedTuple):
    """Result of `contraction`.

    Attributes
    ----------
    time : time from which the distance stays below the tolerance; infinite if it does not at the end
    rate : growth rate of small distances, negative for contraction; NaN if they are never small
    error : standard error of the rate; NaN for fewer than 20 records in the linear range
    """

    time: float
    rate: float
    error: float


def distances(states: Float[np.ndarray, "starts time unit"], binary: bool) -> Float[np.ndarray, " time"]:
    """Return the distance per unit at each time: the root mean square over units and over all pairs of starts.

    For binary units it is the fraction of units that differ.

    Examples
    --------
    >>> distances(np.array([[[1.0, 1.0]], [[1.0, -1.0]]]), binary=True), distances(np.zeros((2, 1, 3)), binary=False)
    (array([0.5]), array([0.]))
    """
    pairs = [(a, b) for a in range(len(states)) for b in range(a)]
    if binary:
        return np.mean([np.mean(states[a] != states[b], axis=-1) for a, b in pairs], axis=0)
    with np.errstate(over="ignore", invalid="ignore"):  # of states that diverge
        return np.sqrt(np.mean([np.mean((states[a] - states[b]) ** 2, axis=-1) for a, b in pairs], axis=0))


def contraction(
    times: Float[np.ndarray, " time"], distance: Float[np.ndarray, " time"], size: float, tolerance: float
) -> Contraction:
    """Return when a distance becomes smaller than the tolerance for good, and the rate at which it does.

    Parameters
    ----------
    times : times of the records, equidistant except for the last one
    distance : distance d at these times
    size : root mean square of the states, which sets the scale of round-off
    tolerance : distance below which trajectories have met

    Examples
    --------
    >>> times = np.arange(0.0, 100.0)
    >>> meeting = contraction(times, np.exp(-0.2 * times), 1.0, 1e-6)
    >>> meeting.time, round(meeting.rate, 6)
    (70.0, -0.2)
    """
    apart = np.flatnonzero(~(distance < tolerance))  # includes NaN
    first = apart[-1] + 1 if len(apart) else 0
    meeting = float(times[first]) if first < len(times) else float("inf")
    growth = _growth_of_small_distances(distance[:-1], size)
    if not len(growth):
        return Contraction(meeting, float("nan"), float("nan"))
    interval = float(times[1] - times[0])
    per_block = -(-len(growth) // MOST_BLOCKS)
    used = len(growth) // per_block * per_block
    error = block_error(growth[:used].reshape(-1, per_block).mean(1) / interval)
    return Contraction(meeting, float(growth.mean()) / interval, float(error))


def _growth_of_small_distances(distance: np.ndarray, size: float) -> np.ndarray:
    """Return the changes of ln d between records in the linear range, joined over all visits to it."""
    finite = distance[np.isfinite(distance)]
    largest, least = (finite.max() if len(finite) else 0.0), ROUND_OFF * size
    growth, inside = [], False
    for former, now in pairwise(distance):
        if not former > least:  # the trajectories have met, up to round-off
            break
        inside = former < (LEAVE if inside else ENTER) * largest
        if inside and now > least:
            growth.append(np.log(now / former))
    return np.array(growth)


__all__ = ["Contraction", "contraction", "distances"]
