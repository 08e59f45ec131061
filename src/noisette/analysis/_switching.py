"""Transitions between attractors that are caused by pulses of noise."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float

from noisette.analysis._attractors import attractors
from noisette.analysis._options import Progress, Ties
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.codes import decode, encode
from noisette.errors import integer, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.noise import Pulse
from noisette.proportions import BOUNDS, Proportion
from noisette.provenance import network_entries, provenance
from noisette.simulation import simulate
from noisette.theory import markov


class Switching(NamedTuple):
    """Switching probabilities between attractors.

    Attributes
    ----------
    attractors : codes of the states of each attractor
    matrix : matrix[i, j] = P(end in j | start in i), shape (attractors, attractors)
    probability : probability of ending in another attractor, averaged over the initial attractors
    """

    attractors: list[list[int]]
    matrix: Float[np.ndarray, "attractors attractors"]
    probability: float


RANDOMISING = 1e300  # strength that replaces an infinite pulse, relative to which every field is lost in round-off


@check_arguments
def switching(
    network: NetworkLike, pulse: float, relaxation: int = 50, *, duration: int = 1, ties: Ties = "keep"
) -> Switching:
    """Exact probabilities that a noise pulse moves the network from one attractor to another.

    The network starts in a uniformly distributed state of an attractor, is subject to `duration` steps of white noise
    of strength `pulse`, and relaxes for `relaxation` steps without noise. It ends in the attractor in whose basin the
    final state lies.

    .. math:: M = A \\, P(r_p)^{\\text{duration}} \\, P(0)^{\\text{relaxation}} \\, B

    with the uniform distributions over the states of each attractor as the rows of A, the transition matrix P(r) in
    white noise of strength r, and the indicator functions of the basins as the columns of B.

    Parameters
    ----------
    network : binary network of at most 12 units
    pulse : strength r_p ≥ 0, the standard deviation per step; ``inf`` randomises all units subject to the noise
    relaxation : number of steps without noise after the pulse
    duration : number of steps of the pulse
    ties : rule for zero fields in the assignment of basins; in the dynamics a unit with zero field takes a random state

    Returns
    -------
    Switching, with M as its ``matrix``

    Raises
    ------
    InputError : more than 12 units, a negative pulse, times that are negative or not integers.

    See Also
    --------
    simulated_switching : Simulated pulses, for networks of any size and any noise.
    theory.markov.passage_times : The time until noise that lasts causes the transition.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10))
    >>> round(switching(network, 7.0).probability, 6)
    0.359298
    """
    network = as_network(network, BinaryNetwork)
    relaxation, duration = _times(pulse, relaxation, duration)
    basins = attractors(network, ties)
    sets = basins.sets
    distribution = np.zeros((len(sets), 2**network.size))
    for i, codes in enumerate(sets):
        distribution[i, codes] = 1 / len(codes)
    pulse_matrix = markov.transition_matrix(network.with_noise(Pulse(min(pulse, RANDOMISING))), time=0)
    noiseless_matrix = markov.transition_matrix(network.with_noise(None))
    for matrix, times in ((pulse_matrix, duration), (noiseless_matrix, relaxation)):
        for _ in range(times):
            distribution = distribution @ matrix
    ends = np.zeros((len(sets), len(sets)))
    for j in range(len(sets)):
        ends[:, j] = distribution[:, basins.labels == j].sum(1)
    leaving = ends.sum(1) - np.diag(ends)
    return Switching(sets, ends, float(leaving.mean()))


@check_arguments
@public_call
def simulated_switching(
    network: NetworkLike,
    pulse: float,
    relaxation: int = 50,
    *,
    duration: int = 1,
    runs: int = 1000,
    key: KeyLike = 0,
    ties: Ties = "keep",
    progress: Progress | None = None,
) -> Proportion:
    """Fraction of simulated pulses that switch the attractor, with Wilson's interval.

    Parameters
    ----------
    network, pulse, relaxation, duration, ties : as for `switching`
    runs : number of trials, distributed evenly over the attractors and their states
    key : an integer or a JAX key
    progress : as for `simulate`

    Returns
    -------
    Proportion with ``share``, ``standard_error``, and the bounds ``low`` and ``high`` of the 95 % interval, which has a
    positive width even if no trial switches; ``share, error = simulated_switching(…)`` unpacks the first two

    Raises
    ------
    InputError : a negative pulse, a number of runs that is not an integer of at least 1, negative times.

    See Also
    --------
    switching : Exact probabilities, for few units.

    Examples
    --------
    >>> import noisette as nz
    >>> print(simulated_switching(nz.SignNetwork(nz.weights.autapses(10)), 0.0, runs=10))
    0 (0 of 10; 95 % interval 0 to 0.2775)
    """
    network = as_network(network, BinaryNetwork)
    relaxation, duration = _times(pulse, relaxation, duration)
    runs = integer(runs, "runs")
    root = as_key(key)
    basins = attractors(network, ties)
    sets = basins.sets
    initial = np.arange(runs) % len(sets)
    repetition = np.arange(runs) // len(sets)
    codes = np.array([sets[i][t % len(sets[i])] for i, t in zip(initial, repetition, strict=True)])
    pulsed = network.with_noise(Pulse(min(pulse, RANDOMISING), 0, duration))
    starts = decode(codes, network.size)
    result = simulate(pulsed, duration + relaxation, key=root, start=starts, runs=runs, progress=progress)
    switched = basins.labels[encode(result.final.values)] != initial
    proportion = Proportion.of(int(switched.sum()), int(runs))
    timing = {"pulse": pulse, "relaxation": relaxation, "duration": duration, "ties": ties}
    configuration = {**timing, "runs": runs, "key": key, **network_entries(network)}
    attrs = provenance("simulated", "share of trials", ("metzner2024",), configuration)
    numbers = {name: getattr(proportion, name) for name in ("successes", "trials", "share", "standard_error")}
    interval = ("bound", [proportion.low, proportion.high])
    return replace(proportion, data=xr.Dataset({**numbers, "interval": interval}, {"bound": BOUNDS}, attrs))


def _times(pulse: float, relaxation: int, duration: int) -> tuple[int, int]:
    """Return the numbers of steps of relaxation and pulse; raise `InputError` for an invalid pulse."""
    relaxation, duration = integer(relaxation, "relaxation", None), integer(duration, "duration", None)
    require(pulse >= 0, f"pulse {pulse}", "a noise strength is zero or positive")
    require(
        relaxation >= 0 and duration >= 1,
        f"{relaxation} steps of relaxation after {duration} of the pulse",
        "relaxation ≥ 0, duration ≥ 1",
    )
    return relaxation, duration
