"""Information flow between sets of units of a binary network: transfer entropy and active information, exactly.

With the state s of all units at step t in the stationary chain, and b' the next state of the target units B, all
measures follow from the joint distribution p(h, s, b') of the history h = (b_{t−k+1}, …, b_{t−1}) of the target, the
state s, which contains b_t and the state a_t of the source units A, and b'. It is propagated exactly,

    p(h ∘ b_t, s_{t+1}) = Σ_s p(h, s) P(s_{t+1}|s),   p(h, s, b') = p(h, s) P(b'|s),

from p(s) = π. Since b' depends on s alone, the information that s has about b' is the sum of what the past of the
target has (active information) and of what the other units add (transfer entropy from all of them):

    I(b'; s_t) = I(b'; b_{t−k+1}, …, b_t) + I(b'; rest_t | b_{t−k+1}, …, b_t).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr
from scipy.special import xlog1py

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, require, shown
from noisette.information import plogp
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.provenance import network_entries, provenance
from noisette.theory.markov import _transition
from noisette.theory.markov._occupation import stationary
from noisette.theory.markov._transition import DENSE_LIMIT, FREE_LIMIT, transition_matrix

LARGEST = 2**24  # entries of the joint distribution, 134 MB
#: Units given as an index, a name, or several of them.
Units = int | str | Sequence[int | str] | np.ndarray
LABELS = {
    "transfer_entropy": "transfer entropy",
    "complete_transfer_entropy": "transfer entropy, given all other units",
    "active_information": "active information storage",
    "information": "information of the state in the next state of the target",
    "entropy": "entropy of the target",
}


def indices(network: BinaryNetwork, units: Any, name: str) -> list[int]:
    """Return the indices of units given by indices or names, sorted."""
    listed = [units] if isinstance(units, int | str | np.integer) else list(np.ravel(np.asarray(units, object)))
    names = network.unit_names or ()
    allowed = f"indices from 0 to {network.size - 1}" + (f", or names such as {names[0]!r}" if names else "")
    found = []
    for unit in listed:
        if isinstance(unit, str):
            require(unit in names, f"{name} {unit!r}", allowed)
            found.append(names.index(unit))
        else:
            require(isinstance(unit, int | np.integer) and not isinstance(unit, bool), f"{name} {shown(unit)}", allowed)
            require(0 <= unit < network.size, f"{name} {unit}", allowed)
            found.append(int(unit))
    require(len(set(found)) == len(found), f"{name} {shown(units)}", "each unit occurs once")
    return sorted(found)


def _next_of(network: BinaryNetwork, target: list[int]) -> np.ndarray:
    """Return P(b'|s), the probabilities of the next states of the target units, shape (2^N, 2^B)."""
    law = _transition.law(network)
    if law.shared is not None:
        return _marginal(transition_matrix(network), network.size, target)
    reach, columns = network.reach(), np.asarray(target)

    def block(fields):
        down, up = _transition.probabilities(network, fields, law.std, reach)
        return _transition.khatri_rao(down[:, columns], up[:, columns])

    return np.asarray(_transition.by_blocks(block, network))


def _marginal(p: np.ndarray, size: int, kept: Sequence[int]) -> np.ndarray:
    """Return the sum over all units except the kept ones of the last axis of an array, an axis of 2^N states."""
    # the first unit is the most significant bit, so that axis n belongs to unit n
    split = p.reshape(*p.shape[:-1], *(2,) * size)
    first = p.ndim - 1
    summed = split.sum(axis=tuple(first + n for n in range(size) if n not in kept))
    return summed.reshape(*p.shape[:-1], -1)


def _histories(network: BinaryNetwork, target: list[int], history: int) -> np.ndarray:
    """Return p(h, s), with the history h of the target before the present step, shape (2^(B(k−1)), 2^N)."""
    joint = stationary(network)[None]
    if history == 1:
        return joint
    matrix, size = transition_matrix(network), network.size
    codes = _codes(size, target)
    for _ in range(history - 1):
        # the present state of the target becomes the last entry of the history
        parts = [joint * (codes == code) for code in range(2 ** len(target))]
        joint = (np.stack(parts, axis=1) @ matrix).reshape(-1, 2**size)
    return joint


def _codes(size: int, units: Sequence[int]) -> np.ndarray:
    """Return the code of the state of some units in each state of all, shape (2^N,)."""
    bits = (np.arange(2**size)[:, None] >> (size - 1 - np.asarray(units, int))) & 1
    return bits @ (1 << np.arange(len(units))[::-1])


def gained(joint: np.ndarray, axes: tuple[int, ...]) -> float:
    """Return the mutual information of the last axis and some others, given all remaining ones, in bits."""
    total = joint.sum(-1, keepdims=True)
    known = np.divide(joint, total, out=np.zeros_like(joint), where=total > 0)  # p(b'|all)
    fewer = joint.sum(axes, keepdims=True)
    rest = total.sum(axes, keepdims=True)
    unknown = np.divide(fewer, rest, out=np.zeros_like(fewer), where=rest > 0)  # p(b'|remaining)
    # Σ p log(p/q) = Σ q f(p/q − 1) with f(x) = (1 + x) log(1 + x) − x ≥ 0, of second order: no rounding errors where
    # the distributions agree
    ratio = np.divide(known - unknown, unknown, out=np.zeros_like(joint), where=unknown > 0)
    divergence = (xlog1py(1 + ratio, ratio) - ratio) * unknown
    return max(float(np.sum(total * divergence)) / np.log(2), 0.0)


class _Joint:
    """Joint distribution p(h, s, b') of one target, and the information that parts of the past have about b'."""

    def __init__(self, network: BinaryNetwork, target: list[int], history: int):
        self.size, self.target = network.size, target
        past, after = _histories(network, target, history), _next_of(network, target)
        self.joint = np.moveaxis(past[:, :, None] * after, 2, 1)  # (histories, next, states)

    def of(self, units: Sequence[int]) -> np.ndarray:
        """Return the joint distribution of h, the present states of some units and b', one axis for each unit."""
        marginal = _marginal(self.joint, self.size, units)
        split = marginal.reshape(*marginal.shape[:2], *(2,) * len(units))
        return np.moveaxis(split, 1, -1)

    def transfer(self, source: Sequence[int], condition: Sequence[int]) -> float:
        """Return I(b'; source | h, condition) in bits."""
        units = sorted({*source, *condition})
        return gained(self.of(units), tuple(1 + units.index(unit) for unit in source))

    def own(self) -> dict[str, float]:
        """Return the measures of the target itself, in bits."""
        after = self.joint.sum((0, 2))
        kept, everything = self.of(self.target), self.joint.sum(0).T
        return {
            "active_information": gained(kept, tuple(range(kept.ndim - 1))),
            "information": gained(everything, (0,)),
            "entropy": -float(np.asarray(plogp(after)).sum()),
        }

    def flow(self, source: list[int], given: Sequence[int]) -> dict[str, float]:
        """Return the measures of the flow from some units to the target, in bits."""
        others = [unit for unit in range(self.size) if unit not in source]
        return {
            "transfer_entropy": self.transfer(source, [*self.target, *given]),
            "complete_transfer_entropy": self.transfer(source, others),
        }


def _fits(network: BinaryNetwork, target: list[int], history: int) -> None:
    """Raise for joint distributions that are too large."""
    limit = FREE_LIMIT if history == 1 and _transition.law(network).shared is None else DENSE_LIMIT
    _transition.fits(network, limit, "simulate")
    states = network.size + len(target) * history
    given = f"a target of {len(target)} units with {history} steps of history in {network.size} units"
    require(2**states <= LARGEST, f"{given}, 2^{states} joint states", "at most 2^24", "give fewer units or steps")


@check_arguments
@public_call
def information_flow(
    network: NetworkLike, source: Units, target: Units, given: Units = (), *, history: int = 1
) -> xr.Dataset:
    """Exact transfer entropy between two sets of units, and active information storage of the target, in bits.

    .. math:: T_{A \\to B} = I\\big(b_{t+1}; a_t \\,|\\, b_t, \\dots, b_{t-k+1}, g_t\\big), \\qquad
       S_B = I\\big(b_{t+1}; b_t, \\dots, b_{t-k+1}\\big)

    with the states a, b and g of the units in `source`, `target` and `given`, and k = `history`, in the stationary
    chain. The history of the source is one step. A definition with longer histories has the limit k → ∞; values for
    finite k are exact for that k. Given all other units, k matters less, since the next state depends on the
    present state alone: the complete transfer entropy is that given the present state of all units outside the source.

    Parameters
    ----------
    network : binary network of at most 16 units, 12 in common noise or with a history above 1
    source : A, indices or names of units
    target : B, indices or names of units that are not in the source
    given : g, further units whose present state is known, none by default
    history : k, number of past states of the target

    Returns
    -------
    Dataset with the scalars ``transfer_entropy``; ``complete_transfer_entropy``, given all units outside the source;
    ``active_information`` S_B; ``information`` I(b'; s), of the state of all units, the sum of S_B and of the
    transfer entropy from all units outside B; and ``entropy`` H(B)

    Raises
    ------
    InputError : unknown units, sets that overlap or are empty, too many units, or no unique stationary distribution.

    See Also
    --------
    theory.markov.transfer_entropies : The same from each unit to each other.
    theory.markov.measures : H, I and D of all units together.
    theory.markov.input_information : Information about an input.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann([[0.0, 0.0], [9.0, 0.0]])  # unit 1 copies unit 0, a fair coin
    >>> round(float(information_flow(network, 0, 1).transfer_entropy), 4)
    0.9982
    >>> float(information_flow(network, 1, 0).transfer_entropy)
    0.0

    References
    ----------
    Schreiber (2000) [schreiber2000]; Lizier, Prokopenko & Zomaya (2012) [lizier2012].
    """
    binary = as_network(network, BinaryNetwork)
    a, b, g = (
        indices(binary, units, name) for units, name in ((source, "source"), (target, "target"), (given, "given"))
    )
    require(len(a) > 0, "no source", "at least one unit")
    require(len(b) > 0, "no target", "at least one unit")
    for first, second, names in ((a, b, "source and target"), (a, g, "source and given"), (b, g, "target and given")):
        common = sorted({*first} & {*second})
        require(not common, f"{names} share unit {', '.join(map(str, common))}", "disjoint sets of units")
    k = integer(history, "history")
    _fits(binary, b, k)
    joint = _Joint(binary, b, k)
    values = joint.flow(a, g) | joint.own()
    data = xr.Dataset({name: ((), value, _attributes(name)) for name, value in values.items()})
    configuration = {"source": a, "target": b, "given": g, "history": k, **network_entries(binary)}
    return data.assign_attrs(provenance("exact", "stationary", ("schreiber2000", "lizier2012"), configuration))


@check_arguments
@public_call
def transfer_entropies(network: NetworkLike, *, history: int = 1) -> xr.Dataset:
    """Exact transfer entropies from each unit to each other, and the active information storage of each, in bits.

    Parameters
    ----------
    network : binary network, as for `information_flow`
    history : k, number of past states of the target, as for `information_flow`

    Returns
    -------
    Dataset with ``transfer_entropy`` and ``complete_transfer_entropy`` (target, source), zero on the diagonal, and
    ``active_information``, ``information`` and ``entropy`` (target)

    Raises
    ------
    InputError : As for `information_flow`.

    See Also
    --------
    theory.markov.information_flow : The same between sets of units.

    Examples
    --------
    >>> import noisette as nz
    >>> chain = nz.Boltzmann([[0.0, 0.0, 0.0], [6.0, 0.0, 0.0], [0.0, 6.0, 0.0]])  # 0 → 1 → 2
    >>> transfer_entropies(chain).transfer_entropy.values.round(2)
    array([[0.  , 0.  , 0.  ],
           [0.98, 0.  , 0.  ],
           [0.  , 0.98, 0.  ]])

    References
    ----------
    Schreiber (2000) [schreiber2000]; Lizier, Prokopenko & Zomaya (2012) [lizier2012].
    """
    binary = as_network(network, BinaryNetwork)
    size, k = binary.size, integer(history, "history")
    _fits(binary, [0], k)
    pairs = {name: np.zeros((size, size)) for name in ("transfer_entropy", "complete_transfer_entropy")}
    own = {name: np.zeros(size) for name in ("active_information", "information", "entropy")}
    for target in range(size):
        joint = _Joint(binary, [target], k)
        for name, value in joint.own().items():
            own[name][target] = value
        for source in range(size):
            if source != target:
                for name, value in joint.flow([source], []).items():
                    pairs[name][target, source] = value
    names = np.arange(size) if binary.unit_names is None else list(binary.unit_names)
    data = xr.Dataset(
        {name: (("target", "source"), values, _attributes(name)) for name, values in pairs.items()}
        | {name: ("target", values, _attributes(name)) for name, values in own.items()},
        {"target": names, "source": names},
    )
    configuration = {"history": k, **network_entries(binary)}
    return data.assign_attrs(provenance("exact", "stationary", ("schreiber2000", "lizier2012"), configuration))


def _attributes(name: str) -> dict[str, str]:
    return {"long_name": LABELS[name], "units": "bit"}


__all__ = ["Units", "information_flow", "transfer_entropies"]
