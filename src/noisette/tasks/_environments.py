"""Trials drawn from environments with the interface of NeuroGym; neither NeuroGym nor Gymnasium is required."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from noisette.errors import InputError, require

MOST_STEPS = 100_000


class EnvironmentTrial(NamedTuple):
    """One trial of an environment, without padding.

    Parameters
    ----------
    inputs : observations, shape (time, channels)
    target : ground truth, shape (time, outputs)
    mask : 1 within the response window and 0 outside, shape (time,)
    label : index of the condition
    """

    inputs: np.ndarray
    target: np.ndarray
    mask: np.ndarray
    label: int


def attribute(environment: Any, name: str) -> Any:
    """Return the attribute `name` of the outermost wrapper that defines it, or None; `env` is the next wrapper."""
    layer = environment
    while layer is not None:
        if name in getattr(layer, "__dict__", {}) or hasattr(type(layer), name):
            return getattr(layer, name)
        layer = getattr(layer, "__dict__", {}).get("env")
    return None


def kind_of(environment: Any) -> type:
    """Return the class of the environment inside its wrappers."""
    layer = environment
    while getattr(layer, "__dict__", {}).get("env") is not None:
        layer = layer.__dict__["env"]
    return type(layer)


def number_of(space: Any) -> int | None:
    """Return the number of values of a discrete space; None for other spaces."""
    number = getattr(space, "n", None)
    return None if number is None or np.ndim(number) > 0 else int(number)


def class_names(space: Any, classes: int | None) -> tuple[str, ...]:
    """Return the names of the classes, taken from the space if it defines them."""
    if classes is None:
        return ("trial",)
    names = [str(number) for number in range(classes)]
    values_by_name = getattr(space, "name", None)
    for name, values in values_by_name.items() if isinstance(values_by_name, dict) else ():
        if np.ndim(values) == 0:
            names[int(values)] = str(name)
        else:
            for position, value in enumerate(values, 1):
                names[int(value)] = f"{name} {position}"
    return tuple(names)


def drawn_trial(environment: Any, seed: int, response: str, classes: int | None) -> EnvironmentTrial:
    """Return the trial that an environment generates from a seed."""
    observed, truth = _observations_and_truth(environment, seed)
    kind = kind_of(environment).__name__
    length = len(observed)
    require(
        length == len(truth) > 0,
        f"{kind} has {length} observations and {len(truth)} values of ground truth",
        "one of each per step",
    )
    inputs = _one_hot(observed, number_of(attribute(environment, "observation_space")), f"observation of {kind}")
    if classes is None:
        whole_numbers = truth.dtype.kind in "iub"
        require(not whole_numbers, f"{kind} has integer ground truth but no action_space.n", "the number of classes")
    target = _one_hot(truth, classes, f"ground truth of {kind}")
    mask = np.zeros(length)
    starts, ends = attribute(environment, "start_ind"), attribute(environment, "end_ind")
    if isinstance(starts, dict) and isinstance(ends, dict) and response in starts:
        mask[starts[response] : ends[response]] = 1
    elif classes is not None:
        mask[truth != 0] = 1
    if not mask.any():
        mask[:] = 1
    label = 0 if classes is None else int(np.bincount(truth[mask > 0].astype(int), minlength=classes).argmax())
    return EnvironmentTrial(inputs, target, mask, label)


def _one_hot(values: np.ndarray, classes: int | None, name: str) -> np.ndarray:
    """Return classes in one-hot encoding, and other values as numbers, with the steps as the first axis."""
    if classes is None:
        return values.reshape(len(values), -1).astype(float)
    valid = values.ndim == 1 and bool(((values >= 0) & (values < classes) & (values == np.round(values))).all())
    require(valid, f"{name} outside its classes", f"whole numbers from 0 to {classes - 1}, one per step")
    return np.eye(classes)[values.astype(int)]


def _observations_and_truth(environment: Any, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return observations and ground truth of a new trial, step by step if the environment has no ``new_trial``."""
    seeded, new_trial = attribute(environment, "seed"), attribute(environment, "new_trial")
    kind, first = kind_of(environment).__name__, None
    begins = callable(new_trial) or callable(attribute(environment, "reset"))
    require(begins, f"{kind} cannot begin a trial", "an environment with new_trial(), or with reset() and step(action)")
    if callable(seeded):
        seeded(seed)
    if callable(new_trial):
        new_trial()
    else:
        first = environment.reset() if callable(seeded) else environment.reset(seed=seed)
    observed, truth = attribute(environment, "ob"), attribute(environment, "gt")
    if callable(new_trial) or np.ndim(observed) > 1:
        require(
            observed is not None and truth is not None,
            f"{kind} has no {'ob' if observed is None else 'gt'} after new_trial()",
            "observations `ob` and ground truth `gt` of the whole trial",
            "a network cannot be trained on an environment that provides only rewards",
        )
        return np.asarray(observed), np.asarray(truth)
    pairs = list(_stepped(environment, first[0] if isinstance(first, tuple) else first))
    return np.asarray([ob for ob, _ in pairs]), np.asarray([gt for _, gt in pairs])


def _stepped(environment: Any, observed: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the observation and the ground truth of each step of a trial."""
    space = attribute(environment, "action_space")
    idle = 0 if number_of(space) is not None else np.zeros(getattr(space, "shape", None) or ())
    for _ in range(MOST_STEPS):
        before = attribute(environment, "gt")
        after, *flags, info = environment.step(idle)
        truth = info.get("gt", before)
        require(
            truth is not None,
            f"{kind_of(environment).__name__} has no ground truth",
            'a value `gt`, or info["gt"], at each step',
        )
        yield observed, truth
        if info.get("new_trial", False) or any(bool(flag) for flag in flags[1:]):
            return
        observed = after
    raise InputError(f"a trial of {kind_of(environment).__name__} did not end within {MOST_STEPS} steps")
