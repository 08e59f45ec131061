"""Separation of trajectories by condition: agreement of unsupervised clusters with the labels of conditions."""

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr
from jaxtyping import Array, Float, Shaped
from scipy.cluster.vq import kmeans2, vq

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.keys import KeyLike, as_seed
from noisette.provenance import provenance

Labels = Sequence[Any] | Shaped[np.ndarray | Array, "..."] | xr.DataArray
STARTS, ITERATIONS = 10, 100  # numbers of initialisations and of iterations of k-means
Points = Float[np.ndarray | Array, "*batch component"] | xr.DataArray | xr.Dataset


@check_arguments
@public_call
def clusters(embedding: Points, number: int = 4, *, key: KeyLike = 0) -> xr.DataArray:
    """Cluster points by k-means, with the best of ten initialisations by k-means++.

    .. math:: \\min \\sum_i \\|\\mathbf y_i - \\mathbf c_{k(i)}\\|^2

    over the centres c and the assignments k of points y to clusters. If there are at most `number` distinct points,
    each of them is a cluster.

    Parameters
    ----------
    embedding : y, a result of `embed` or points of shape (…, component)
    number : number of clusters; by default 4, as there are conditions in Rungratsameetaweemana et al. (2025)
    key : an integer or a JAX key, for the initialisations

    Returns
    -------
    DataArray of the index of the cluster of each point, from 0 to number − 1 in arbitrary order, shape (…)

    Raises
    ------
    InputError : points that are not finite, fewer points than clusters.

    Examples
    --------
    >>> import numpy as np
    >>> assignment = clusters(np.array([[0.0, 0.0], [9.0, 9.0], [0.1, 0.0], [9.0, 9.1]]), 2)
    >>> agreement(assignment, [0, 1, 0, 1])
    1.0

    References
    ----------
    Arthur & Vassilvitskii (2007), Proceedings of SODA, 1027; Rungratsameetaweemana et al. (2025), PNAS
    122:e2316745122.
    """
    number = integer(number, "number", None)
    seed = as_seed(key)
    array = real_array(_points(embedding), "points", finite=False)
    require(array.ndim >= 2, f"points of shape {array.shape}", "shape (…, component)")
    points = array.reshape(-1, array.shape[-1])
    require(bool(np.isfinite(points).all()), "points that are NaN or infinite", "finite points")
    require(1 <= number <= len(points), f"{number} clusters of {len(points)} points", "no more clusters than points")
    distinct, assignment = np.unique(points, axis=0, return_inverse=True)
    if len(distinct) > number:
        assignment = _best_of_starts(points, number, np.random.default_rng(seed))
    attrs = provenance("simulated", "k-means", ("rungratsameetaweemana2025",), {"number": number, "key": key})
    labels = {"long_name": "index of the cluster", "units": ""}
    return xr.DataArray(np.asarray(assignment).reshape(array.shape[:-1]), name="cluster", attrs=labels | attrs)


def _best_of_starts(points: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Return the assignment of the initialisation that leads to the smallest sum of squared distances."""
    sums, assignments = [], []
    for _ in range(STARTS):
        with warnings.catch_warnings():
            # an empty cluster in one initialisation is harmless, since the best of all is chosen
            warnings.filterwarnings("ignore", "One of the clusters is empty", UserWarning)
            centres, _ = kmeans2(points, _initial_centres(points, number, rng), ITERATIONS, minit="matrix")
        assignment, distance = vq(points, centres)
        sums.append((distance**2).sum())
        assignments.append(assignment)
    return assignments[int(np.argmin(sums))]


def _initial_centres(points: np.ndarray, number: int, rng: np.random.Generator) -> np.ndarray:
    """Draw initial centres by k-means++: with probability ∝ the squared distance to the nearest centre drawn before."""
    centres = [points[rng.integers(len(points))]]
    while len(centres) < number:
        squared = vq(points, np.array(centres))[1] ** 2
        centres.append(points[rng.choice(len(points), p=squared / squared.sum())])
    return np.array(centres)


def _comparable(labels: Labels) -> np.ndarray:
    """Return labels as an array; raise if they are masked, or of types that cannot be compared."""
    require(not np.ma.is_masked(labels), "labels with masked values", "a label for each item", "leave these items out")
    array = np.asarray(labels)
    if array.dtype.kind == "O":
        kinds = sorted({type(label).__name__ for label in array.flat})
        require(len(kinds) <= 1, f"labels of types {', '.join(kinds)}", "labels of one type")
    is_nan = array.dtype.kind == "f" and bool(np.isnan(array).any())
    require(not is_nan, "labels that are NaN", "a label for each item", "leave these items out")
    return array


@check_arguments
def agreement(first: Labels, second: Labels) -> float:
    """Adjusted Rand index: agreement of two partitions of the same items, corrected for chance.

    .. math:: \\text{ARI} = \\frac{2 (ad - bc)}{(a + b)(b + d) + (a + c)(c + d)}

    over all pairs of items: a pairs are in the same cluster in both partitions, d in neither, b in the first only and c
    in the second only. The index is 1 for identical partitions, whatever their labels, 0 on average for
    independent partitions, and may be negative.

    Parameters
    ----------
    first, second : labels of the items in each partition, numbers or names, of the same shape

    Returns
    -------
    ARI, at most 1

    Raises
    ------
    InputError : labels of different shapes, or fewer than two items.

    Examples
    --------
    >>> agreement([0, 0, 1, 1], ["b", "b", "a", "a"]), agreement([0, 0, 1, 1], [0, 1, 0, 1])
    (1.0, -0.5)

    References
    ----------
    Hubert & Arabie (1985), Journal of Classification 2:193.
    """
    first_codes, second_codes = _comparable(first), _comparable(second)
    require(
        first_codes.shape == second_codes.shape,
        f"labels of shapes {first_codes.shape} and {second_codes.shape}",
        "the same shape",
    )
    require(first_codes.size >= 2, f"{first_codes.size} labels", "at least two")
    _, first_codes = np.unique(first_codes.ravel(), return_inverse=True)
    _, second_codes = np.unique(second_codes.ravel(), return_inverse=True)
    shared = np.zeros((first_codes.max() + 1, second_codes.max() + 1), np.int64)
    np.add.at(shared, (first_codes, second_codes), 1)
    same_in_both, same_in_first, same_in_second, pairs = (
        int((counts * (counts - 1) // 2).sum()) for counts in (shared, shared.sum(1), shared.sum(0), shared.sum())
    )
    a, b, c = same_in_both, same_in_first - same_in_both, same_in_second - same_in_both
    d = pairs - a - b - c
    if b == c == 0:  # identical partitions, including the trivial ones, for which the ratio is 0/0
        return 1.0
    return 2 * (a * d - b * c) / ((a + b) * (b + d) + (a + c) * (c + d))


@check_arguments
@public_call
def cluster_separation(
    trajectories: Points, labels: Labels, windows: int | Mapping[str, tuple[float, float]] = 1, *, key: KeyLike = 0
) -> xr.Dataset:
    """Separation of trials by condition as a function of time.

    In each window every trial is represented by the mean of its states. These means are clustered by k-means into as
    many clusters as there are conditions, and the adjusted Rand index measures the agreement of clusters and
    conditions: 1 if each condition forms its own cluster, about 0 if conditions are mixed.

    Parameters
    ----------
    trajectories : a result of `embed`, or states of shape (trial, time, component), which need not be embedded
    labels : condition of each trial, shape (trial,)
    windows : number of time points per window, for consecutive windows; or named windows (start, stop) in the unit of
        the times, with the stop excluded
    key : an integer or a JAX key, for k-means

    Returns
    -------
    Dataset over ``window``: ``agreement``, the adjusted Rand index, and ``start`` and ``stop``, the first and the last
    time in the window

    Raises
    ------
    InputError : states of the wrong shape or not finite, labels of another shape, fewer than two conditions, windows
        without a time point.

    Examples
    --------
    >>> import numpy as np
    >>> time, side = np.arange(6), np.array([-1.0, 1.0, -1.0, 1.0])
    >>> paths = (side[:, None] * np.maximum(time - 2, 0))[..., None]  # identical until t = 2, then separate
    >>> cluster_separation(paths, side, {"before": (0, 3), "after": (3, 6)}).agreement.values
    array([0., 1.])
    """
    seed = as_seed(key)
    points = _points(trajectories)
    named = isinstance(points, xr.DataArray) and {"trial", "time"} <= set(points.dims)
    ordered = points.transpose("trial", "time", ...) if named else points
    states = real_array(ordered, "states")
    require(states.ndim == 3, f"states of shape {states.shape}", "shape (trial, time, component)")
    conditions = np.asarray(labels)
    fits = conditions.shape == states.shape[:1]
    require(fits, f"labels of shape {conditions.shape}", f"one for each of {len(states)} trials")
    number = len(np.unique(conditions))
    require(number >= 2, f"{number} conditions", "at least two")
    time = np.asarray(points.coords["time"]) if named and "time" in points.coords else np.arange(states.shape[1])
    chosen = _windows(windows, time)
    scores = [
        agreement(conditions, clusters(states[:, inside].mean(1), number, key=seed)) for inside in chosen.values()
    ]
    ends = np.array([time[inside][[0, -1]] for inside in chosen.values()])
    variables = {
        "agreement": ("window", scores, {"long_name": "adjusted Rand index", "units": ""}),
        "start": ("window", ends[:, 0]),
        "stop": ("window", ends[:, 1]),
    }
    configuration = {"conditions": number, "windows": windows}
    coords = {"window": list(chosen)} if isinstance(windows, Mapping) else {}
    return xr.Dataset(variables, coords, provenance("simulated", "k-means", (), configuration, seed=seed))


def _points(embedding: Any) -> Any:
    """Return the array of points; of a result of `embed`, its projection."""
    if isinstance(embedding, xr.Dataset):
        require("projection" in embedding, f"a dataset of {list(embedding)}", "a result of embed", "use embed(states)")
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
    require(not empty, f"no time point in window {', '.join(empty)}", span, "windows are (start, stop), stop excluded")
    return chosen
