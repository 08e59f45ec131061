"""Low-dimensional embedding of the states of trials by principal components or PHATE."""

import warnings
from typing import Any, Literal

import numpy as np
import xarray as xr
from jaxtyping import Array, Float

from noisette.analysis.embedding._pca import pca
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import InputError, integer, real_array, require
from noisette.imports import import_extra
from noisette.keys import KeyLike, as_seed
from noisette.provenance import provenance

AXES = ("trial", "time", "unit")
LARGEST_RANDOM_STATE = 2**32  # exclusive bound of the seeds of NumPy's legacy generator, which PHATE uses


@check_arguments
@public_call
def embed(
    states: Float[np.ndarray | Array, "trial time unit"] | xr.DataArray,
    method: Literal["pca", "phate"] = "pca",
    components: int = 3,
    every: int = 5,
    *,
    key: KeyLike = 0,
    **options: Any,
) -> xr.Dataset:
    """Embed the states of all trials jointly in a small number of dimensions.

    Principal components preserve variance. PHATE (potential of heat diffusion) preserves neighbourhoods: the distances
    between the logarithms of the distributions of a random walk over neighbouring states after t steps,

    .. math:: D_{ij} = \\big\\|\\log P^t_{i\\cdot} - \\log P^t_{j\\cdot}\\big\\|, \\qquad
       P_{ij} \\propto e^{-(d_{ij}/\\epsilon_i)^\\alpha} + e^{-(d_{ij}/\\epsilon_j)^\\alpha},

    with ε_i the distance to the k-th neighbour, are embedded by multidimensional scaling. The result depends on all
    states of the embedding, and its axes have no unit: distances are comparable within one embedding only.

    The largest entry of each component is made positive. Results are reproducible for a given key.

    Parameters
    ----------
    states : states of the trials, shape (trial, time, unit)
    method : "pca", or "phate", which requires the extra ``embed``
    components : number of dimensions of the embedding
    every : factor by which the time points are subsampled; 5 in Rungratsameetaweemana et al. (2025)
    key : an integer or a JAX key, for PHATE; principal components are deterministic
    options : options of PHATE, such as ``knn=5`` (k), ``decay=40`` (α), ``t="auto"``, ``mds_solver="smacof"`` or
        ``n_landmark=2000``, the number of states that are embedded directly, while all others are interpolated; the
        computation time grows as the cube of ``n_landmark``

    Returns
    -------
    Dataset with ``projection`` (trial, time, component), with the times of the states or their indices; and with
    ``components``, ``mean`` and ``explained`` of `pca`, or with the attributes of PHATE ``diffusion_time`` (t) and
    ``pieces``, the number of connected components of the graph of neighbours. Distances between the latter are not
    meaningful; a larger ``knn`` connects them

    Raises
    ------
    InputError : states of the wrong shape, not finite or constant; no time point; too many components; an unknown
        method; invalid options of PHATE; PHATE not installed.

    See Also
    --------
    analysis.pca : Linear components alone, without further packages.

    Examples
    --------
    >>> import numpy as np
    >>> turn = np.linspace(0, 2 * np.pi, 60, endpoint=False) + np.array([[0.0], [1.0]])
    >>> circles = np.stack([3 * np.cos(turn), np.sin(turn), 0 * turn], axis=-1)
    >>> embedded = embed(circles, components=2)
    >>> dict(embedded.projection.sizes), embedded.explained.values[:2].round(6)
    ({'trial': 2, 'time': 12, 'component': 2}, array([0.9, 0.1]))

    References
    ----------
    Moon et al. (2019), Nature Biotechnology 37:1482; Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Fig. 2.
    """
    components = integer(components, "components", None)
    every = integer(every, "every", None)
    seed = as_seed(key)
    labelled = _with_axes(states)
    require(every >= 1, f"every {every}", "at least 1, which keeps all time points")
    kept = labelled.isel(time=slice(None, None, every))
    require(kept.size > 0, f"states of shape {labelled.shape}", "at least one trial, time point and unit")
    configuration = {"method": method, "components": components, "every": every, **options}
    coords = {name: axis for name, axis in kept.coords.items() if "unit" not in axis.dims}
    if method == "pca":
        require(
            not options, f"options {', '.join(options)}", "no options for principal components", "use method='phate'"
        )
        principal = pca(kept, components).assign_coords(coords)
        return principal.assign_attrs(provenance("simulated", "covariance", (), configuration))
    points = real_array(kept, "states", finite=False).reshape(-1, kept.shape[-1])
    coordinates, details = _phate(points, components, seed, options)
    largest = coordinates[np.abs(coordinates).argmax(0), np.arange(components)]
    projection = (coordinates * np.where(largest < 0, -1.0, 1.0)).reshape(*kept.shape[:-1], components)
    references = ("rungratsameetaweemana2025",)
    attrs = provenance("simulated", "PHATE", references, configuration, seed=seed, **details)
    return xr.Dataset({"projection": (["trial", "time", "component"], projection)}, coords, attrs)


def _with_axes(states: Any) -> xr.DataArray:
    """Return the states over (trial, time, unit), with a coordinate ``time``."""
    if isinstance(states, xr.DataArray):
        require(set(states.dims) == set(AXES), f"states over {states.dims}", f"states over {AXES}")
        named = states.transpose(*AXES)
    else:
        array = real_array(states, "states")
        require(array.ndim == len(AXES), f"states of shape {array.shape}", f"states over {AXES}")
        named = xr.DataArray(array, dims=AXES)
    return named if "time" in named.coords else named.assign_coords(time=np.arange(named.sizes["time"]))


def _phate(
    points: np.ndarray, components: int, seed: int, options: dict[str, Any]
) -> tuple[np.ndarray, dict[str, int]]:
    """Return the coordinates of points by PHATE, and its diffusion time and number of connected components."""
    number, neighbours = len(points), int(options.get("knn", 5))
    require(bool(np.isfinite(points).all()), "states that are NaN or infinite", "finite states")
    require(bool(np.ptp(points, axis=0).any()), "states that do not move", "states that differ")
    require(components >= 1, f"{components} components", "at least one")
    limit = max(neighbours, components) + 1
    require(number > limit, f"{number} states", f"more than {limit} for knn={neighbours} and {components} components")
    library = import_extra("phate", "embed")
    chosen = {"mds_solver": "smacof", **options}  # SMACOF converges; the faster solver warns that it may not
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Graph is disconnected", RuntimeWarning)  # reported in the result instead
        try:
            operator = library.PHATE(
                n_components=components, random_state=seed % LARGEST_RANDOM_STATE, n_jobs=1, verbose=-3, **chosen
            )
            coordinates = np.asarray(operator.fit_transform(points), float)
        except (TypeError, ValueError) as error:
            raise InputError(f"PHATE with options {options}: {error}") from error
    steps = operator.optimal_t if operator.optimal_t is not None else operator.t
    return coordinates, {"diffusion_time": int(steps), "pieces": int(operator.graph.n_connected_components)}
