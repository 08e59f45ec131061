"""Principal component analysis of trajectories."""

from typing import Any

import numpy as np
import scipy.linalg
import xarray as xr
from jaxtyping import Array, Float

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.provenance import provenance


@check_arguments
@public_call
def pca(trajectories: Float[np.ndarray | Array, "*batch unit"] | xr.DataArray, components: int = 3) -> xr.Dataset:
    """Principal components of states, pooled over all times and trajectories.

    .. math:: C = \\big\\langle (\\mathbf x - \\bar{\\mathbf x})(\\mathbf x - \\bar{\\mathbf x})^\\top \\big\\rangle
       = \\sum_k \\lambda_k \\mathbf v_k \\mathbf v_k^\\top, \\qquad
       \\text{projection}_k = \\mathbf v_k \\cdot (\\mathbf x - \\bar{\\mathbf x}), \\qquad
       \\text{explained}_k = \\lambda_k / \\mathrm{Tr}\\, C

    The largest entry of each component is made positive, so that results do not depend on the solver. The explained
    fractions of the variance depend strongly on the initial states of the trajectories, which should be reported with
    them.

    Parameters
    ----------
    trajectories : states, shape (…, time, N), with the units on the last axis
    components : number of components, at most N and less than the number of states

    Returns
    -------
    Dataset with ``projection`` (…, time, component), ``components`` (component, unit), the v_k, ``mean`` (unit) and
    ``explained`` (mode), the fraction of the variance along each of all principal directions

    Raises
    ------
    InputError : fewer than two states, states that are not finite or are all equal, too many components.

    See Also
    --------
    analysis.embed : Nonlinear embeddings, and a choice of the method.
    covariance_spectrum : The variances alone.

    Examples
    --------
    >>> import numpy as np
    >>> angle = np.linspace(0, 2 * np.pi, 100, endpoint=False)
    >>> circle = np.stack([3 * np.cos(angle), np.sin(angle), 0 * angle], axis=-1)
    >>> pca(circle, 2).explained.values.round(6)
    array([0.9, 0.1, 0. ])
    """
    components = integer(components, "components", None)
    labelled = trajectories if isinstance(trajectories, xr.DataArray) else None
    array = real_array(trajectories, "states", finite=False)
    require(array.ndim >= 2, f"trajectories of shape {array.shape}", "states of shape (…, time, N)")
    states = array.reshape(-1, array.shape[-1])
    limit = min(len(states) - 1, states.shape[1])
    require(len(states) >= 2, f"{len(states)} states", "at least two")
    require(bool(np.isfinite(states).all()), "states that are NaN or infinite", "finite states")
    require(1 <= components <= limit, f"{components} components", f"1 to {limit} for {states.shape} states")
    mean = states.mean(0)
    variances, directions = _principal(states - mean, components)
    require(variances.sum() > 0, "states that do not move", "states that differ")
    directions *= np.sign(directions[np.arange(components), np.abs(directions).argmax(1)])[:, None]
    dims = list(labelled.dims) if labelled is not None else _names(array.ndim)
    coords: dict[Any, Any] = (
        {} if labelled is None else {d: labelled.coords[d] for d in dims[:-1] if d in labelled.coords}
    )
    result = xr.Dataset(
        {
            "projection": ([*dims[:-1], "component"], (array - mean) @ directions.T),
            "components": (["component", "unit"], directions),
            "explained": ("mode", variances / variances.sum(), {"long_name": "fraction of the variance", "units": ""}),
            "mean": ("unit", mean),
        },
        coords,
    )
    return result.assign_attrs(provenance("simulated", "covariance", (), {"components": components}))


def _principal(centred: np.ndarray, components: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the variances along all principal directions, in descending order, and the first directions as rows."""
    number, size = centred.shape
    if number > size:
        values, vectors = scipy.linalg.eigh(centred.T @ centred / number)
        return np.maximum(values[::-1], 0.0), vectors[:, ::-1][:, :components].T.copy()
    # with fewer states than units the SVD of the states is cheaper than the eigenvectors of the singular covariance
    _, singular, rows = np.linalg.svd(centred, full_matrices=False)
    return singular**2 / number, rows[:components].copy()


def _names(axes: int) -> list[str]:
    """Return names of the axes of an array: unit for the last, time for the one before, and batch axes before these."""
    return [*(f"batch_{i}" for i in range(axes - 2)), "time", "unit"]
