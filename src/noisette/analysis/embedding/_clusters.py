"""Do trajectories fall apart by condition? Clusters found without labels, held against the labels."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Shaped

from noisette.errors import integer, require
from noisette.imports import optional
from noisette.provenance import provenance

Labels = Sequence[Any] | Shaped[np.ndarray | Array, "..."] | xr.DataArray
Points = Float[np.ndarray | Array, "*batch component"] | xr.DataArray | xr.Dataset


def clusters(embedding: Points, number: int = 4, *, seed: int = 0) -> np.ndarray:
    """Sort points into clusters by k-means, the best of ten starts.

    .. math:: \\min \\sum_i \\|\\mathbf y_i - \\mathbf c_{k(i)}\\|^2

    Where fewer than `number` different points are given, each of them is a cluster.

    Parameters
    ----------
    embedding : y, a result of `embed` or points of shape (…, component); one row a trial, or a time of a trial
    number : of clusters; the paper's task has four conditions
    seed : of the starts

    Returns
    -------
    cluster of each point, 0 to number − 1, in no meaningful order, shape (…)

    Raises
    ------
    InputError : points that are not finite, fewer points than clusters; scikit-learn (extra ``embed``) not installed.

    Examples
    --------
    >>> import numpy as np
    >>> found = clusters(np.array([[0.0, 0.0], [9.0, 9.0], [0.1, 0.0], [9.0, 9.1]]), 2)
    >>> agreement(found, [0, 1, 0, 1])
    1.0
    """
    number = integer(number, "number", None)
    seed = integer(seed, "seed", 0)
    given = np.asarray(_points(embedding), float)
    require(given.ndim >= 2, f"points of shape {given.shape}", "shape (…, component)")
    points = given.reshape(-1, given.shape[-1])
    require(bool(np.isfinite(points).all()), "points that are NaN or infinite", "finite points")
    require(1 <= number <= len(points), f"{number} clusters of {len(points)} points", "no more clusters than points")
    different, which = np.unique(points, axis=0, return_inverse=True)
    if len(different) > number:
        library = optional("sklearn.cluster", "embed")
        which = library.KMeans(number, n_init=10, random_state=seed).fit_predict(points)
    return np.asarray(which).reshape(given.shape[:-1])


def agreement(first: Labels, second: Labels) -> float:
    """Adjusted Rand index: how far two ways to sort the same things agree on which belong together.

    .. math:: \\text{ARI} = \\frac{2 (ad - bc)}{(a + b)(b + d) + (a + c)(c + d)}

    over all pairs of things, a of which are together in both sortings, d apart in both, b together only in the first
    and c only in the second. It is 1 for the same sorting under any names, 0 on average for independent ones, and
    may be negative.

    Parameters
    ----------
    first, second : labels of the same things, numbers or names, of the same shape

    Returns
    -------
    ARI, at most 1

    Raises
    ------
    InputError : labels of different shapes, or of fewer than two things.

    Examples
    --------
    >>> agreement([0, 0, 1, 1], ["b", "b", "a", "a"]), agreement([0, 0, 1, 1], [0, 1, 0, 1])
    (1.0, -0.5)

    References
    ----------
    Hubert & Arabie (1985), Journal of Classification 2:193.
    """
    one, two = np.asarray(first), np.asarray(second)
    require(one.shape == two.shape, f"labels of shapes {one.shape} and {two.shape}", "the same shape")
    require(one.size >= 2, f"{one.size} labels", "at least two")
    _, one = np.unique(one.ravel(), return_inverse=True)
    _, two = np.unique(two.ravel(), return_inverse=True)
    shared = np.zeros((one.max() + 1, two.max() + 1), np.int64)
    np.add.at(shared, (one, two), 1)
    both, in_first, in_second, everything = (
        int((counts * (counts - 1) // 2).sum()) for counts in (shared, shared.sum(1), shared.sum(0), shared.sum())
    )
    b, c = in_first - both, in_second - both
    d = everything - both - b - c
    if b == c == 0:  # the same sorting, all together and all apart included
        return 1.0
    return 2 * (both * d - b * c) / ((both + b) * (b + d) + (both + c) * (c + d))


def separation(
    trajectories: Points, labels: Labels, windows: int | Mapping[str, tuple[float, float]] = 1, *, seed: int = 0
) -> xr.Dataset:
    """How well trials fall apart by condition, over time.

    In each window every trial is the mean of its states; k-means sorts these into as many clusters as there are
    conditions, and the adjusted Rand index says how far clusters and conditions agree: 1 when each condition is a
    cluster of its own, about 0 when they are mixed.

    Parameters
    ----------
    trajectories : a result of `embed`, or states of shape (trial, time, component); raw states may be given, too
    labels : condition of each trial, shape (trial,)
    windows : number of time points in each, one window after the other; or named windows (from, to), in the unit of
        the times, the last excluded
    seed : of k-means

    Returns
    -------
    Dataset over ``window``: ``agreement``, and ``start`` and ``stop``, the first and last time in it

    Raises
    ------
    InputError : states of the wrong shape or not finite, labels that do not fit, fewer than two conditions, windows
        without a time point; scikit-learn (extra ``embed``) not installed.

    Examples
    --------
    >>> import numpy as np
    >>> time, side = np.arange(6), np.array([-1.0, 1.0, -1.0, 1.0])
    >>> paths = (side[:, None] * np.maximum(time - 2, 0))[..., None]  # together until t = 2, then apart
    >>> separation(paths, side, {"before": (0, 3), "after": (3, 6)}).agreement.values
    array([0., 1.])
    """
    seed = integer(seed, "seed", 0)
    given = _points(trajectories)
    named = isinstance(given, xr.DataArray) and {"trial", "time"} <= set(given.dims)
    ordered = given.transpose("trial", "time", ...) if named else given
    states = np.asarray(ordered, float)
    require(states.ndim == 3, f"states of shape {states.shape}", "shape (trial, time, component)")
    conditions = np.asarray(labels)
    fits = conditions.shape == states.shape[:1]
    require(fits, f"labels of shape {conditions.shape}", f"one for each of {len(states)} trials")
    number = len(np.unique(conditions))
    require(number >= 2, f"{number} conditions", "at least two")
    time = np.asarray(given.coords["time"]) if named and "time" in given.coords else np.arange(states.shape[1])
    chosen = _windows(windows, time)
    found = [
        agreement(conditions, clusters(states[:, inside].mean(1), number, seed=seed)) for inside in chosen.values()
    ]
    ends = np.array([time[inside][[0, -1]] for inside in chosen.values()])
    variables = {
        "agreement": ("window", found, {"long_name": "adjusted Rand index", "units": "1"}),
        "start": ("window", ends[:, 0]),
        "stop": ("window", ends[:, 1]),
    }
    configuration = {"conditions": number, "windows": windows}
    coords = {"window": list(chosen)} if isinstance(windows, Mapping) else {}
    return xr.Dataset(variables, coords, provenance("simulated", "k-means", (), configuration, seed=seed))


def _points(embedding: Any) -> Any:
    """Return the array of points, which in a result of `embed` is its projection."""
    if isinstance(embedding, xr.Dataset):
        require("projection" in embedding, f"a dataset of {list(embedding)}", "one with a projection", "embed(states)")
        return embedding.projection
    return embedding


def _windows(windows: int | Mapping[str, tuple[float, float]], time: np.ndarray) -> dict[Any, np.ndarray]:
    """Return the indices of the time points of each window."""
    if isinstance(windows, Mapping):
        chosen = {name: np.flatnonzero((time >= low) & (time < high)) for name, (low, high) in windows.items()}
    else:
        windows = integer(windows, "windows", None)
        require(1 <= windows <= len(time), f"windows of {windows} time points", f"1 to {len(time)}")
        pieces = np.split(np.arange(len(time)), np.arange(windows, len(time), windows))
        chosen = dict(enumerate(pieces))
    require(len(chosen) > 0, "no window", "at least one")
    empty = [str(name) for name, inside in chosen.items() if not len(inside)]
    span = f"times run from {time[0]:g} to {time[-1]:g}"
    require(not empty, f"no time point in window {', '.join(empty)}", span, "windows are (from, to), the last excluded")
    return chosen
