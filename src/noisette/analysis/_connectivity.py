"""Connections of a network: numbers, strengths and densities, and the recurrent core."""

from typing import Any

import numpy as np
import xarray as xr
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, real_number, require
from noisette.networks import NetworkLike, RateNetwork, TaskNetwork, as_network, label_units
from noisette.provenance import network_entries, provenance

PAIRS = ("EE", "EI", "IE", "II")


@check_arguments
@public_call
def connectivity(network: NetworkLike, *, threshold: float = 0.0) -> xr.Dataset:
    """Count the connections between excitatory and inhibitory units, and determine the recurrent core of a network.

    Pairs are named from → to: ``EI`` is excitatory to inhibitory, entries W_ij with i inhibitory and j excitatory. In
    the notation W_IE the target comes first.

    Each unit that is part of no loop contributes an eigenvalue of exactly −1/τ_i at any state: in a topological order
    of the strongly connected components the Jacobian is block triangular, and such a unit is a block of size one
    without self-coupling. The core is the largest strongly connected component.

    Parameters
    ----------
    network : task network, or rate network that obeys Dale's law, in which units without outgoing connections count as
        excitatory
    threshold : absolute weight up to which a connection counts as absent

    Raises
    ------
    InputError : a negative threshold; units with both excitatory and inhibitory connections.

    Returns
    -------
    Dataset over ``pair`` (EE, EI, IE, II): ``connections``, the number of connections, ``possible``, their number in
    the mask, and ``mean_strength``, the mean weight of existing connections (NaN if there are none); over ``unit``:
    ``excitatory``, ``core`` and ``on_loop``; ``density``, the fraction of the N² pairs that are connected; ``dead``,
    the fraction of possible connections that are absent; ``core_size``; ``leak_share``, the fraction of eigenvalues
    that equal −1/τ exactly

    Examples
    --------
    >>> import noisette as nz
    >>> chain = nz.RateNetwork([[0.0, 0.0, 0.0], [2.0, 0.0, -1.0], [0.0, 0.0, 0.0]])  # 0 excites 1, 2 inhibits it
    >>> counts = connectivity(chain)
    >>> dict(zip(counts.pair.values.tolist(), counts.connections.values.tolist())), float(counts.leak_share)
    ({'EE': 1, 'EI': 0, 'IE': 1, 'II': 0}, 1.0)
    """
    real_number(threshold, "threshold", "zero or positive", lambda weight: 0 <= weight < np.inf)
    model = as_network(network)
    if not isinstance(model, TaskNetwork | RateNetwork):
        raise InputError(f"connectivity of a {type(model).__name__}; a TaskNetwork or a RateNetwork is required")
    weights, possible, excitatory = _parts(model)
    connected = np.abs(weights) > threshold
    size = len(weights)
    populations = {"E": excitatory, "I": ~excitatory}
    blocks = [np.outer(populations[pair[1]], populations[pair[0]]) for pair in PAIRS]  # row = target
    counts = np.array([int((connected & block).sum()) for block in blocks])
    sums = np.array([weights[connected & block].sum() for block in blocks])
    components, label = connected_components(csr_matrix(connected), directed=True, connection="strong")
    sizes = np.bincount(label, minlength=components)
    on_loop = (sizes[label] > 1) | np.diag(connected)
    # the first of several components of equal size; a single unit is a core only if it has a self-connection
    core = (label == np.argmax(sizes)) & on_loop if sizes.max() > 1 else on_loop & (np.cumsum(on_loop) == 1)
    columns: dict[str, Any] = {
        "connections": ("pair", counts),
        "possible": ("pair", np.array([int((possible & block).sum()) for block in blocks])),
        "mean_strength": ("pair", np.divide(sums, counts, out=np.full(len(PAIRS), np.nan), where=counts > 0)),
        "excitatory": ("unit", excitatory),
        "core": ("unit", core),
        "on_loop": ("unit", on_loop),
        "density": ((), counts.sum() / size**2),
        "dead": ((), 1 - (connected & possible).sum() / max(1, int(possible.sum()))),
        "core_size": ((), int(core.sum())),
        "leak_share": ((), float((~on_loop).mean())),
    }
    configuration = {"threshold": threshold, "units": size, **network_entries(model)}
    attrs = provenance("exact", "enumeration", ("kim2019",), configuration)
    return label_units(xr.Dataset(columns, {"pair": list(PAIRS)}, attrs), model)


def _parts(network: TaskNetwork | RateNetwork) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the weights, the mask of possible connections, and the mask of excitatory units."""
    if isinstance(network, TaskNetwork):
        weights = np.asarray(network.effective)
        mask = np.ones(weights.shape, bool) if network.mask is None else np.asarray(network.mask)
        return weights, mask, network.excitatory
    weights = np.asarray(network.gain * network.weights, float)
    both = int(((weights > 0).any(0) & (weights < 0).any(0)).sum())
    require(both == 0, f"{both} units that both excite and inhibit", "a network that obeys Dale's law")
    return weights, np.ones(weights.shape, bool), np.asarray((weights >= 0).all(0))
