"""Attractors of the noiseless sign map: fixed points, cycles and their basins, by enumeration."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import xarray as xr

from noisette.analysis._options import Progress, Ties
from noisette.arguments import check_arguments
from noisette.codes import decode, encode
from noisette.errors import require
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.progress import reporting

LIMIT = 20  # largest number of units
ROWS = 2**14  # number of states that are processed at once


class Attractors(NamedTuple):
    """Attractors of the sign map, as integer codes of states (most significant bit first).

    Attributes
    ----------
    fixed_points : codes of the fixed points
    cycles : codes of the states of each cycle, in the order of the map
    basins : number of states that end in each attractor, fixed points first, then cycles
    labels : index of the attractor of every state in the same order, shape (2**N,)
    unit_names : names of the units of the network; None if they have no names
    """

    fixed_points: list[int]
    cycles: list[list[int]]
    basins: list[int]
    labels: np.ndarray
    unit_names: tuple[str, ...] | None = None

    @property
    def sets(self) -> list[list[int]]:
        """All attractors as lists of codes, fixed points first, then cycles."""
        return [[code] for code in self.fixed_points] + self.cycles

    @property
    def data(self) -> xr.Dataset:
        """Dataset over ``attractor`` and ``unit``: ``state``, the first of each attractor, ``period`` and ``basin``."""
        states = decode(np.array([codes[0] for codes in self.sets]), len(self.labels).bit_length() - 1)
        return states_by_name(states, self.unit_names).assign(
            period=("attractor", [len(codes) for codes in self.sets]), basin=("attractor", self.basins)
        )


def states_by_name(states: np.ndarray, names: tuple[str, ...] | None) -> xr.Dataset:
    """Return states of attractors over ``attractor`` and ``unit``, with the names of the units if they have names.

    Examples
    --------
    >>> states_by_name(np.array([[1.0, -1.0]]), ("AVAL", "AVAR")).state.sel(unit="AVAR").values
    array([-1.])
    """
    coords = {} if names is None else {"unit": list(names)}
    return xr.Dataset({"state": (["attractor", "unit"], states, {"long_name": "state", "units": ""})}, coords)


@check_arguments
def successors(network: NetworkLike, ties: Ties = "keep", *, progress: Progress | None = None) -> np.ndarray:
    """Successor of every state under the noiseless sign map, as integer codes.

    Parameters
    ----------
    network : binary network of at most 20 units
    ties : next state of a unit whose field is zero up to round-off: "keep" its state, "up" (+1) or "down" (−1)
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (states
        done, states)

    Returns
    -------
    codes of the next states, array of int64 of shape (2**N,)

    Raises
    ------
    InputError : too many units, an unknown value of `ties`.

    Examples
    --------
    >>> import noisette as nz
    >>> successors(nz.SignNetwork([[0.0, 1.0], [-1.0, 0.0]]))
    array([1, 3, 0, 2])
    """
    network = as_network(network, BinaryNetwork)
    n = network.size
    require(
        n <= LIMIT,
        f"{n} units have 2^{n} states",
        f"attractors are enumerated up to {LIMIT} units",
        "use analysis.sampled_attractors for larger networks",
    )
    advance = sign_map(network, ties)
    next_codes = np.empty(2**n, np.int64)
    with reporting(progress, "successors") as callback:
        for first in range(0, 2**n, ROWS):
            codes = np.arange(first, min(first + ROWS, 2**n))
            next_codes[codes] = encode(advance(decode(codes, n)))
            if callback is not None:
                callback(int(codes[-1]) + 1, 2**n)
    return next_codes


def sign_map(network: BinaryNetwork, ties: Ties = "keep") -> Callable[[np.ndarray], np.ndarray]:
    """Return the noiseless sign map as a function of states, shape (..., N).

    Parameters
    ----------
    network : binary network
    ties : rule for zero fields, as for `successors`

    Raises
    ------
    InputError : an unknown value of `ties`.

    Examples
    --------
    >>> import noisette as nz
    >>> sign_map(nz.SignNetwork([[0.0, 1.0], [-1.0, 0.0]]))(np.array([[-1.0, -1.0]]))
    array([[-1.,  1.]])
    """
    weights, bias, tolerance = np.asarray(network.weights), np.asarray(network.bias), float(network.zero_tolerance())

    def advance(units: np.ndarray) -> np.ndarray:
        field = units @ weights.T + bias
        tied = {"keep": units, "up": 1.0, "down": -1.0}[ties]
        return np.where(np.where(np.abs(field) <= tolerance, tied, field) > 0, 1.0, -1.0)

    return advance


@check_arguments
def attractors(network: NetworkLike, ties: Ties = "keep", *, progress: Progress | None = None) -> Attractors:
    """Fixed points and cycles of the noiseless sign map, with their basins, over all 2^N states.

    .. math:: s_n \\mapsto \\mathrm{sign}\\Big(\\sum_m W_{nm} s_m + b_n\\Big)

    Parameters
    ----------
    network : binary network of at most 20 units; Boltzmann networks are taken in their deterministic limit
    ties : rule for zero fields: "keep" the state, "up", or "down"
    progress : as for `successors`

    Returns
    -------
    Attractors

    Raises
    ------
    InputError : too many units, an unknown value of `ties`.

    See Also
    --------
    analysis.sampled_attractors : Larger binary networks, from random states, with a bound on what is missed.
    analysis.find_attractors : The choice between the two from the number of units.
    find_fixed_points : Fixed points of rate networks in frozen noise, for many draws at once.

    Examples
    --------
    >>> import noisette as nz
    >>> result = nz.attractors(nz.SignNetwork(nz.weights.hopfield([24, 7], 10)))
    >>> result.fixed_points, result.cycles, result.basins
    ([7, 24], [], [16, 16])
    """
    network = as_network(network, BinaryNetwork)
    next_codes = successors(network, ties, progress=progress)
    # Pointer doubling: after k rounds `jump` is the 2^k-th iterate of the map, and `smallest` the smallest code among
    # the iterates 0 … 2^k − 1. After N rounds `jump` lies on the attractor, and its 2^N iterates visit all of it.
    jump, smallest = next_codes, np.arange(len(next_codes))
    for _ in range(network.size):
        smallest = np.minimum(smallest, smallest[jump])
        jump = jump[jump]
    representative = smallest[jump]  # smallest code of the attractor in which a state ends
    representatives, counts = np.unique(representative, return_counts=True)
    is_fixed = next_codes[representatives] == representatives
    order = np.concatenate([np.flatnonzero(is_fixed), np.flatnonzero(~is_fixed)])
    rank = np.empty(len(representatives), np.int64)
    rank[order] = np.arange(len(representatives))
    return Attractors(
        [int(code) for code in representatives[is_fixed]],
        [_cycle(next_codes, int(code)) for code in representatives[~is_fixed]],
        [int(count) for count in counts[order]],
        rank[np.searchsorted(representatives, representative)],
        network.unit_names,
    )


def _cycle(next_codes: np.ndarray, first: int) -> list[int]:
    """Return the cycle through `first`, in the order of the map."""
    cycle = [first]
    while (code := int(next_codes[cycle[-1]])) != first:
        cycle.append(code)
    return cycle
