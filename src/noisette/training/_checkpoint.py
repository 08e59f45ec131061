"""Checkpoints: files with the complete training state of a network, exact to the last bit."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.disk import atomic_write
from noisette.errors import InputError, require
from noisette.training._network import TrainingState

REMEDY = "delete it to train this network anew"
REQUIRED = {"trials", "status", "tests"}


class DamagedCheckpoint(InputError):
    """Error for a checkpoint that cannot be read."""


def save_checkpoint(state: TrainingState, path: Path) -> None:
    """Write a training state atomically; an interrupted write leaves the previous checkpoint intact."""
    leaves = jax.tree.leaves((eqx.filter(state.network, eqx.is_array), state.optimiser))
    arrays: dict[str, Any] = {f"leaf_{i}": np.asarray(leaf) for i, leaf in enumerate(leaves)}
    if state.order is not None:
        arrays |= {"order": state.order, "width": np.asarray(state.width)}
    with atomic_write(path) as temporary:
        np.savez(temporary, trials=state.trials, status=state.status, tests=state.tests, **arrays)


def load_checkpoint(initial: TrainingState, path: Path) -> TrainingState:
    """Return the training state stored in `path`.

    Parameters
    ----------
    initial : state of the same network before its first trial, which gives the structure of the arrays
    path : file that `save_checkpoint` wrote

    Raises
    ------
    DamagedCheckpoint : the file cannot be read.
    InputError : the file belongs to another network.
    """
    try:
        with (
            path.open("rb") as raw,
            np.load(raw, allow_pickle=False) as archive,
        ):  # NumPy does not close an invalid file
            arrays = dict(archive)
    except Exception as error:  # damaged files raise exceptions of many types
        raise DamagedCheckpoint(f"checkpoint {str(path)!r} is damaged") from error
    leaves, structure = jax.tree.flatten((eqx.filter(initial.network, eqx.is_array), initial.optimiser))
    stored = [arrays.get(f"leaf_{i}") for i in range(len(leaves))]
    same_form = all(
        new is not None and new.shape == old.shape and new.dtype == old.dtype
        for new, old in zip(stored, leaves, strict=True)
    )
    require(same_form and arrays.keys() >= REQUIRED, f"checkpoint {str(path)!r} belongs to another network", REMEDY)
    values, optimiser = jax.tree.unflatten(structure, [jnp.asarray(new) for new in stored])
    network = eqx.combine(values, eqx.filter(initial.network, eqx.is_array, inverse=True))
    order = arrays.get("order")
    return replace(
        initial,
        network=network,
        optimiser=optimiser,
        trials=int(arrays["trials"]),
        status=str(arrays["status"]),
        tests=arrays["tests"],
        order=order,
        width=0 if order is None else int(arrays["width"]),
    )
