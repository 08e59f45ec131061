"""Stacking of networks along a batch axis, and random keys and initial states of trials."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, PRNGKeyArray

from noisette.errors import real_array, require
from noisette.functions import is_own
from noisette.networks import Network

START = 2**32 - 2  # index of the subkey for random initial states


def stack(networks: Sequence[Network]) -> tuple[Network, Network]:
    """Return a network with stacked leaves, and the batch axis of each leaf, None for leaves shared by all networks."""
    leaves = [jax.tree.leaves(n) for n in networks]
    structure = jax.tree.structure(networks[0])
    allowed, remedy = "all networks of a simulation are of the same kind", "simulate them separately"
    require(
        all(jax.tree.structure(n) == structure for n in networks),
        "networks of different kinds, or in different kinds of noise",
        allowed,
        remedy,
    )
    merged, axes = [], []
    for column in zip(*leaves, strict=True):
        same = all(leaf is column[0] or np.array_equal(leaf, column[0]) for leaf in column)
        if not same:
            stackable = not callable(column[0]) and len({np.shape(leaf) for leaf in column}) == 1
            require(
                stackable, "networks with different functions, or with parameters of different shapes", allowed, remedy
            )
        merged.append(column[0] if same else jnp.stack(column))
        axes.append(None if same else 0)
    return jax.tree.unflatten(structure, merged), jax.tree.unflatten(structure, axes)


@partial(jax.jit, static_argnames=("networks", "runs", "common"))
def trial_keys(key: PRNGKeyArray, networks: int, runs: int, common: bool = False) -> Array:
    """Return an independent key for each network and run, shape (networks, runs); if `common`, one for each network.

    In common noise all runs have the key of the first run, so that this run is the same as in independent noise.
    """
    fold = jax.vmap(jax.random.fold_in, (None, 0))
    return jax.vmap(fold, (0, None))(fold(key, jnp.arange(networks)), jnp.arange(runs) * (not common))


def starts(network: Network, start: Any, runs: int, key: PRNGKeyArray) -> np.ndarray:
    """Return the initial states of the runs, which are the same for all networks, shape (runs, N)."""
    array = np.asarray(start)
    if array.dtype.kind in "biufc":
        real_array(start, "start")  # raises for masked arrays, whose mask NumPy discards
    one_per_run = array.ndim == 2 or (array.ndim == 1 and array.shape != (network.size,))
    require(
        not one_per_run or len(array) == runs,
        f"{len(array) if one_per_run else 1} starts for {runs} runs",
        "one start, or one per run",
    )
    if one_per_run:
        return np.stack([network.start(row) for row in array])
    if start is not None and not isinstance(start, str):
        return np.tile(network.start(start), (runs, 1))
    keys = jax.random.split(jax.random.fold_in(key, START), runs)
    if is_own(network):  # its `start` may be written in NumPy
        return np.stack([network.start(start, key=k) for k in keys])
    return np.asarray(jax.vmap(lambda k: jnp.asarray(network.start(start, key=k)))(keys))
