"""The course of a training on disk: everything that the rest of it depends on, bit by bit."""

import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np

from noisette.errors import InputError, require
from noisette.training._one import TrainingState
from noisette.training.files import atomic_write

REMEDY = "delete it to train this network anew"
COURSE = {"trials", "status", "tests"}


def keep(course: TrainingState, path: Path) -> None:
    """Write a course; an interrupted write leaves the one before."""
    leaves = jax.tree.leaves((eqx.filter(course.network, eqx.is_array), course.optimiser))
    arrays: dict[str, Any] = {f"leaf_{i}": np.asarray(leaf) for i, leaf in enumerate(leaves)}
    if course.order is not None:
        arrays |= {"order": course.order, "width": np.asarray(course.width)}
    with atomic_write(path) as beside:
        np.savez(beside, trials=course.trials, status=course.status, tests=course.tests, **arrays)


def resumed(fresh: TrainingState, path: Path) -> TrainingState:
    """Return the course that `path` holds, `fresh` being the same network before its first trial.

    Raises
    ------
    InputError : a file that cannot be read, or is of another network.
    """
    try:
        with path.open("rb") as raw, np.load(raw, allow_pickle=False) as found:  # numpy leaves a broken file open
            arrays = dict(found)
    except (OSError, ValueError, EOFError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as error:
        raise InputError(f"checkpoint {str(path)!r} cannot be read; {REMEDY}") from error
    like = (eqx.filter(fresh.network, eqx.is_array), fresh.optimiser)
    leaves, form = jax.tree.flatten(like)
    kept = [arrays.get(f"leaf_{i}") for i in range(len(leaves))]
    alike = all(
        new is not None and new.shape == old.shape and new.dtype == old.dtype
        for new, old in zip(kept, leaves, strict=True)
    )
    require(alike and arrays.keys() >= COURSE, f"checkpoint {str(path)!r} is of another network", REMEDY)
    values, optimiser = jax.tree.unflatten(form, [jnp.asarray(new) for new in kept])
    network = eqx.combine(values, eqx.filter(fresh.network, eqx.is_array, inverse=True))
    order = arrays.get("order")
    return replace(
        fresh,
        network=network,
        optimiser=optimiser,
        trials=int(arrays["trials"]),
        status=str(arrays["status"]),
        tests=arrays["tests"],
        order=order,
        width=0 if order is None else int(arrays["width"]),
    )
