"""Connections of a network: their numbers, strengths and densities, and the recurrent core."""

from typing import Any

import numpy as np
import xarray as xr
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from noisette.errors import InputError, require
from noisette.networks import NetworkLike, RateNetwork, TaskNetwork, as_network
from noisette.provenance import network_entries, provenance

PAIRS = ("EE", "EI", "IE", "II")


def connectivity(network: NetworkLike, *, threshold: float = 0.0) -> xr.Dataset:
    """Count the connections of a network between excitatory and inhibitory units, and find its recurrent core.

    Pairs are named from → to: ``EI`` is excitatory to inhibitory, entries W_ij with i inhibitory and j excitatory.

    Units that lie on no loop each give an eigenvalue of exactly −1/τ_i, whatever the state: ordered along the arrows
    the Jacobian is block triangular, and they are blocks of one without self-coupling. The core is the largest set of
    units each of which reaches each other.

    Parameters
    ----------
    network : a task network; or a rate network that obeys Dale's law, whose units without outgoing connections count
        as excitatory
    threshold : connections up to this strength do not count

    Raises
    ------
    InputError : a negative threshold; units that both excite and inhibit.

    Returns
    -------
    Dataset over ``pair`` (EE, EI, IE, II): ``connections``, ``possible`` (those of the mask), ``mean_strength`` of
    those there are, signed, NaN without any; over ``unit``: ``excitatory``, ``core`` and ``on_loop``; ``density``, the
    share of N² that is connected; ``dead``, the share of possible connections that are not there; ``core_size``;
    ``leak_share``, the share of eigenvalues that are exactly −1/τ

    Examples
    --------
    >>> import noisette as nz
    >>> chain = nz.RateNetwork([[0.0, 0.0, 0.0], [2.0, 0.0, -1.0], [0.0, 0.0, 0.0]])  # 0 excites 1, 2 inhibits it
    >>> counts = connectivity(chain)
    >>> dict(zip(counts.pair.values.tolist(), counts.connections.values.tolist())), float(counts.leak_share)
    ({'EE': 1, 'EI': 0, 'IE': 1, 'II': 0}, 1.0)
    """
    require(threshold >= 0, f"threshold {threshold:g}", "a strength of zero or more")
    member = as_network(network)
    if not isinstance(member, TaskNetwork | RateNetwork):
        raise InputError(f"connectivity of a {type(member).__name__}; of a task network or a RateNetwork")
    weights, possible, excitatory = _parts(member)
    connected = np.abs(weights) > threshold
    size = len(weights)
    cells = {"E": excitatory, "I": ~excitatory}
    blocks = [np.outer(cells[pair[1]], cells[pair[0]]) for pair in PAIRS]  # row = target
    counts = np.array([int((connected & block).sum()) for block in blocks])
    sums = np.array([weights[connected & block].sum() for block in blocks])
    number, label = connected_components(csr_matrix(connected), directed=True, connection="strong")
    members = np.bincount(label, minlength=number)
    looped = (members[label] > 1) | np.diag(connected)
    # of several largest sets the first; a single unit is no core, unless it excites itself
    core = (label == np.argmax(members)) & looped if members.max() > 1 else looped & (np.cumsum(looped) == 1)
    columns: dict[str, Any] = {
        "connections": ("pair", counts),
        "possible": ("pair", np.array([int((possible & block).sum()) for block in blocks])),
        "mean_strength": ("pair", np.divide(sums, counts, out=np.full(len(PAIRS), np.nan), where=counts > 0)),
        "excitatory": ("unit", excitatory),
        "core": ("unit", core),
        "on_loop": ("unit", looped),
        "density": ((), counts.sum() / size**2),
        "dead": ((), 1 - (connected & possible).sum() / max(1, int(possible.sum()))),
        "core_size": ((), int(core.sum())),
        "leak_share": ((), float((~looped).mean())),
    }
    configuration = {"threshold": threshold, "units": size, **network_entries(member)}
    attrs = provenance("exact", "enumeration", ("kim2019",), configuration)
    return xr.Dataset(columns, {"pair": list(PAIRS)}, attrs)


def _parts(network: TaskNetwork | RateNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return weights, where connections are possible, and which units are excitatory."""
    if isinstance(network, TaskNetwork):
        weights = network.effective
        mask = np.ones(weights.shape, bool) if network.mask is None else np.asarray(network.mask)
        return weights, mask, network.excitatory
    weights = np.asarray(network.gain * network.weights, float)
    both = int(((weights > 0).any(0) & (weights < 0).any(0)).sum())
    require(both == 0, f"{both} units that both excite and inhibit", "a network that obeys Dale's law")
    return weights, np.ones(weights.shape, bool), np.asarray((weights >= 0).all(0))
