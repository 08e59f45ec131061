"""Attractors of the noiseless sign map of networks of any size, from random initial states.

The period of the attractor of each run follows from Brent's algorithm: the present state is compared with a saved
state, which is replaced whenever the number of steps is a power of two. Memory does not grow with the number of steps.
"""

from collections.abc import Callable
from typing import NamedTuple

import jax
import numpy as np
import xarray as xr
from scipy.special import betaincinv

from noisette.analysis._attractors import LIMIT, Attractors, attractors, sign_map, states_by_name
from noisette.analysis._options import Progress, Ties
from noisette.arguments import check_arguments
from noisette.errors import integer
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, NetworkLike, as_network

STARTS, SOME_STEPS = 1000, 2048  # number of runs, if most of them end within this number of steps
FEW_STARTS, STEPS = 50, 2**20  # number of runs otherwise, and largest number of steps
FEWEST_STEPS = 256
WORK = 1.5e11  # number of multiplications beyond which there are fewer steps
CONFIDENCE = 0.95


class SampledAttractors(NamedTuple):
    """Attractors of the sign map that runs from random initial states reach; ``print`` summarises them.

    Attributes
    ----------
    states : one state of each attractor, the first in lexicographic order, shape (attractors, N); fixed points first,
        then cycles, each in the order of decreasing `counts`
    periods : number of states of each attractor, shape (attractors,)
    counts : number of runs that end in each attractor, shape (attractors,)
    starts : number of runs
    steps : largest number of steps of a run
    unfinished : number of runs that do not reach an attractor within `steps`
    missed : upper bound, at a confidence level of 95 %, on the probability that a run from a random state does not end
        in one of these attractors
    unit_names : names of the units of the network; None if they have no names
    """

    states: np.ndarray
    periods: np.ndarray
    counts: np.ndarray
    starts: int
    steps: int
    unfinished: int
    missed: float
    unit_names: tuple[str, ...] | None = None

    @property
    def data(self) -> xr.Dataset:
        """Dataset over ``attractor`` and ``unit``: ``state``, one of each attractor, ``period`` and ``count``."""
        return states_by_name(self.states, self.unit_names).assign(
            period=("attractor", self.periods), count=("attractor", self.counts)
        )

    @property
    def fixed_points(self) -> np.ndarray:
        """Fixed points, shape (number, N)."""
        return self.states[self.periods == 1]

    @check_arguments
    def cycle(self, network: NetworkLike, index: int, ties: Ties = "keep") -> np.ndarray:
        """Return all states of one attractor in the order of the map, shape (period, N).

        Parameters
        ----------
        network, ties : as for `sampled_attractors`
        index : index of the attractor

        Examples
        --------
        >>> import noisette as nz
        >>> network = nz.SignNetwork(nz.weights.nrooks(20))
        >>> sampled_attractors(network, 100).cycle(network, 0).shape
        (8, 5)
        """
        advance, cycle = sign_map(as_network(network, BinaryNetwork), ties), [self.states[index]]
        while len(cycle) < self.periods[index]:
            cycle.append(advance(cycle[-1]))
        return np.array(cycle)

    @property
    def method(self) -> str:
        """How the attractors were found, and what is known about others, in sentences."""
        fixed = int((self.periods == 1).sum())
        text = (
            f"Sampled: {self.starts} runs of the sign map from random states reach {fixed} fixed points and "
            f"{len(self.periods) - fixed} cycles. "
        )
        if self.unfinished:
            text += f"{self.unfinished} runs have not reached an attractor after {self.steps} steps. "
        return text + (
            f"A run from a random state ends in another attractor, or takes longer, with a probability of at most "
            f"{self.missed:.2g} (95 % confidence). All attractors are found by enumeration, which is limited to "
            f"{LIMIT} units."
        )

    def __str__(self) -> str:
        return self.method


@check_arguments
def find_attractors(
    network: NetworkLike,
    ties: Ties = "keep",
    *,
    starts: int | None = None,
    steps: int | None = None,
    key: KeyLike = 0,
    progress: Progress | None = None,
) -> Attractors | SampledAttractors:
    """Find attractors of the noiseless sign map, all of them for up to 20 units, and by sampling for larger networks.

    Parameters
    ----------
    network, ties, key, progress : as for `sampled_attractors`
    starts, steps : as for `sampled_attractors`; if one of them is specified, small networks are sampled as well

    Returns
    -------
    Attractors, of `attractors`, or SampledAttractors, of `sampled_attractors`

    Raises
    ------
    InputError : as for `attractors` and `sampled_attractors`.

    See Also
    --------
    attractors : All attractors and basins of a binary network of up to 20 units.
    analysis.sampled_attractors : Larger binary networks, from random states, with a bound on what is missed.

    Examples
    --------
    >>> import noisette as nz
    >>> type(find_attractors(nz.SignNetwork(nz.weights.nrooks(20)))).__name__
    'Attractors'
    >>> type(find_attractors(nz.SignNetwork([[1.0] * 61] * 61))).__name__
    'SampledAttractors'
    """
    binary = as_network(network, BinaryNetwork)
    if binary.size <= LIMIT and starts is None and steps is None:
        return attractors(binary, ties, progress=progress)
    return sampled_attractors(binary, starts, ties, steps=steps, key=key, progress=progress)


@check_arguments
def sampled_attractors(
    network: NetworkLike,
    starts: int | None = None,
    ties: Ties = "keep",
    *,
    steps: int | None = None,
    key: KeyLike = 0,
    progress: Progress | None = None,
) -> SampledAttractors:
    """Find fixed points and cycles of the noiseless sign map of a network of any size from random initial states.

    All states are equally probable as initial states, so that the share of runs that end in an attractor estimates the
    size of its basin as a fraction of the 2^N states. The bound on attractors that were missed does not depend on
    assumptions: the number of runs of the second half that end in an attractor which no run of the first half has
    reached, or in none, is binomial, and ``missed`` is the upper Clopper–Pearson limit of its probability.

    Parameters
    ----------
    network : binary network; Boltzmann networks are taken in their deterministic limit
    starts : number of runs, at least 2; by default 1000, or 50 longer runs if most of the 1000 do not end early
    ties : rule for zero fields, as for `attractors`
    steps : largest number of steps of a run; by default 1,048,576, or fewer for large networks
    key : an integer or a JAX key, for the initial states
    progress : called with (done, total)

    Returns
    -------
    SampledAttractors

    Raises
    ------
    InputError : fewer than 2 runs, fewer than one step, an unknown value of `ties`.

    See Also
    --------
    attractors : All attractors and basins of a binary network of up to 20 units.
    analysis.find_attractors : The choice between the two from the number of units.

    Examples
    --------
    >>> import noisette as nz
    >>> result = sampled_attractors(nz.SignNetwork([[1.0] * 61] * 61))
    >>> result.periods.tolist(), round(result.missed, 4)  # the pattern and its negative
    ([1, 1], 0.006)

    References
    ----------
    Brent (1980), BIT 20:176; Clopper & Pearson (1934), Biometrika 26:404.
    """
    network = as_network(network, BinaryNetwork)
    number = STARTS if starts is None else integer(starts, "starts", 2)
    advance = sign_map(network, ties)
    bits = np.asarray(jax.random.bernoulli(as_key(key), 0.5, (number, network.size)))
    states = np.where(bits, 1.0, -1.0)
    # runs of asymmetric networks may take exponentially long: then only some of them are continued
    most = _affordable(number, network.size, SOME_STEPS if starts is None else STEPS) if steps is None else steps
    final, periods = _run(states, advance, integer(most, "steps"), progress)
    if starts is None and steps is None and 2 * np.count_nonzero(periods) < number:
        number, most = FEW_STARTS, _affordable(FEW_STARTS, network.size, STEPS)
        final, periods = _run(states[:number], advance, most, progress)
    ended = np.flatnonzero(periods)
    first = _first_states(final[ended], periods[ended], advance)
    _, index, inverse, counts = np.unique(
        np.packbits(first > 0, axis=1), axis=0, return_index=True, return_inverse=True, return_counts=True
    )
    lengths = periods[ended][index]
    order = np.lexsort((-counts, lengths > 1))
    label = np.full(number, -1)
    label[ended] = inverse.reshape(-1)
    columns = (first[index][order], lengths[order], counts[order])
    return SampledAttractors(*columns, number, most, number - len(ended), _missed(label), network.unit_names)


def _affordable(starts: int, size: int, steps: int) -> int:
    """Return a number of steps of at most `steps` that takes a limited time."""
    return int(np.clip(WORK / (starts * float(size) ** 2), FEWEST_STEPS, steps))


def _run(
    states: np.ndarray, advance: Callable[[np.ndarray], np.ndarray], steps: int, progress: Progress | None
) -> tuple[np.ndarray, np.ndarray]:
    """Return a state of each run on its attractor, and the period of the attractor, 0 for runs that do not end."""
    final, periods = states.copy(), np.zeros(len(states), int)
    active, present, saved, power, since = np.arange(len(states)), states, states, 1, 0
    for step in range(steps):
        present, since = advance(present), since + 1
        returned = (present == saved).all(1)
        if returned.any():
            final[active[returned]], periods[active[returned]] = present[returned], since
            active, present, saved = active[~returned], present[~returned], saved[~returned]
        if callable(progress) and step % 256 == 0:
            progress(max(step, steps * (len(states) - len(active)) // len(states)), steps)
        if not len(active):
            break
        if since == power:
            saved, power, since = present, 2 * power, 0
    return final, periods


def _first_states(states: np.ndarray, periods: np.ndarray, advance: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the first state, in lexicographic order, of the attractor on which each state lies."""
    first, active, present = states.copy(), np.arange(len(states)), states
    for step in range(1, int(periods.max(initial=1))):
        going = periods[active] > step
        active, present = active[going], advance(present[going])
        earlier = _precedes(present, first[active])
        first[active[earlier]] = present[earlier]
    return first


def _precedes(states: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Return whether each state precedes another in lexicographic order, with −1 before +1."""
    differs = states != others
    position = differs.argmax(1)
    rows = np.arange(len(states))
    return differs[rows, position] & (states[rows, position] < others[rows, position])


def _missed(label: np.ndarray) -> float:
    """Return the upper limit of the probability of attractors that were not found, from the labels of the runs."""
    half = len(label) // 2
    second = label[half:]
    new = int((~np.isin(second, label[:half]) | (second < 0)).sum())
    number = len(second)
    return 1.0 if new == number else float(betaincinv(new + 1, number - new, CONFIDENCE))


__all__ = ["SampledAttractors", "find_attractors", "sampled_attractors"]
