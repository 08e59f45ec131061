"""Modes of a network about a state: eigenvalues, left and right eigenvectors, and their localisation."""

from typing import Any

import numpy as np
import scipy.linalg
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.analysis._jacobian import jacobian
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_array, require
from noisette.networks import ContinuousNetwork, NetworkLike, as_network, label_units
from noisette.provenance import network_entries, provenance

TOP = 10  # number of leading modes, as in the paper
GAP = 3.0  # smallest gap, in decades, between zero and non-zero entries of an eigenvector
EPSILON = float(np.finfo(float).eps)
PARTS = ["real", "imaginary"]
PER_SECOND = 1000.0  # conversion of 1/ms to 1/s


@check_arguments
def inverse_participation_ratio(vectors: ArrayLike | Array) -> np.ndarray:
    """Inverse participation ratio: 1 for a vector with a single non-zero entry, 1/N for N entries of equal size.

    .. math:: \\mathrm{IPR} = \\frac{\\sum_i |\\psi_i|^4}{\\big(\\sum_i |\\psi_i|^2\\big)^2}

    Parameters
    ----------
    vectors : ψ, real or complex, shape (…, N), of any norm

    Raises
    ------
    InputError : vectors of zeros, or entries that are not finite.

    Returns
    -------
    IPR, shape (…)

    See Also
    --------
    analysis.participation : Its inverse, an effective number of units.

    Examples
    --------
    >>> inverse_participation_ratio([[0.0, -3.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]).tolist()
    [1.0, 0.25]

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Eq 11.
    """
    is_complex = np.iscomplexobj(vectors) and not np.ma.is_masked(vectors)
    sizes = np.abs(np.asarray(vectors) if is_complex else real_array(vectors, "vectors", finite=False))
    require(sizes.ndim > 0 and sizes.shape[-1] > 0, f"vectors of shape {sizes.shape}", "shape (…, N)")
    largest = sizes.max(-1, keepdims=True)
    valid = bool(np.isfinite(largest).all() and (largest > 0).all())
    require(valid, "vectors of zeros, or with NaN or infinite entries", "finite vectors other than zero")
    weights = (sizes / largest) ** 2
    return np.asarray((weights**2).sum(-1) / weights.sum(-1) ** 2)


@check_arguments
def participation(vectors: ArrayLike | Array) -> np.ndarray:
    """Participation number of a vector: 1/IPR, the effective number of units with non-zero entries, between 1 and N.

    Parameters
    ----------
    vectors : ψ, real or complex, shape (…, N)

    Returns
    -------
    1/IPR, shape (…)

    See Also
    --------
    analysis.inverse_participation_ratio : Its inverse, between 1/N and 1.
    participation_dimension : The same ratio for the eigenvalues of a covariance matrix, divided by N.

    Examples
    --------
    >>> participation([1.0, 1.0, 0.0, 0.0]).item()
    2.0
    """
    return np.asarray(1 / inverse_participation_ratio(vectors))


@check_arguments
@public_call
def modes(network: NetworkLike, state: ArrayLike | Array | xr.DataArray) -> xr.Dataset:
    """Modes of the Jacobian at a state, from the least to the most stable.

    .. math:: J_{ij} = \\frac{1}{\\tau_i} \\big(-\\delta_{ij} + W_{ij}\\, \\sigma(x_j)(1 - \\sigma(x_j))\\big), \\qquad
       \\psi^L J = \\lambda \\psi^L, \\quad J \\psi^R = \\lambda \\psi^R, \\qquad
       \\delta\\mathbf x(t) = \\sum_n e^{\\lambda_n t}\\, \\psi^R_n
       \\frac{\\psi^L_n \\cdot \\delta\\mathbf x_0}{\\psi^L_n \\cdot \\psi^R_n}

    for task networks, with the logistic function σ; for other networks J is the Jacobian of their drift. J is defined
    at any state, but deviations follow the expansion above for long times only at a fixed point. ψ^L · ψ^R is the sum
    of products without complex conjugation. Both vectors are normalised to length 1, so that
    ``overlap`` = \\|ψ^L · ψ^R\\| is 1 for normal matrices and vanishes where modes coalesce.

    Parameters
    ----------
    network : network in continuous time, or a trained network, without input
    state : x, shape (N,), or (stimulus, N) as in ``delay_state(…).state``

    Raises
    ------
    InputError : a state of the wrong shape or with values that are not finite.

    Returns
    -------
    Dataset over ``mode``, ``unit`` and, for complex variables, ``part``: ``eigenvalue``, in 1/s for networks whose time
    constants are in ms, such as task networks, and in 1/time for others (see its attribute ``units``); ``left`` and
    ``right`` eigenvectors; ``ipr_left`` and ``ipr_right``; ``overlap``; ``largest``, the largest real part of an
    eigenvalue; ``mean_ipr_left_top10``, the mean over the first ten modes

    See Also
    --------
    analysis.spectrum : The eigenvalues alone.

    Examples
    --------
    >>> import noisette as nz
    >>> decomposition = modes(nz.RateNetwork([[0.0, 2.0], [0.0, 0.0]], tau=[1.0, 4.0]), [0.0, 0.0])
    >>> decomposition.eigenvalue.sel(part="real").values
    array([-0.25, -1.  ])
    >>> decomposition.ipr_left.values, decomposition.right.isel(mode=1).sel(part="real").values.round(6)
    (array([1.        , 0.78382436]), array([1., 0.]))

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Eqs 5, 10 and 11.
    """
    network = as_network(network, ContinuousNetwork)
    rate, milliseconds = network.dynamics(), network.time_unit == "ms"
    states = state if isinstance(state, xr.DataArray) else real_array(state, "state")
    require(states.ndim in (1, 2), f"state of shape {states.shape}", f"({rate.size},), or (stimulus, {rate.size})")
    lead = [] if states.ndim == 1 else [states.dims[0] if isinstance(states, xr.DataArray) else "stimulus"]
    rows = [_decompose(np.asarray(jacobian(rate, x))) for x in np.atleast_2d(real_array(states, "state"))]
    unit = "1/s" if milliseconds else "1/time"
    labels = {
        "eigenvalue": ("eigenvalue of the Jacobian", unit),
        "left": ("left eigenvector", "1"),
        "right": ("right eigenvector", "1"),
        "ipr_left": ("inverse participation ratio of the left eigenvector", "1"),
        "ipr_right": ("inverse participation ratio of the right eigenvector", "1"),
        "overlap": ("absolute value of the product of left and right eigenvector", "1"),
    }
    columns: dict[str, Any] = {}
    for name, (text, units) in labels.items():
        values = np.stack([row[name] for row in rows])
        values = values if lead else values[0]
        dims = ["mode", *(["unit"] if name in ("left", "right") else [])]
        if np.iscomplexobj(values):
            dims, values = [*dims, "part"], np.stack([np.real(values), np.imag(values)], -1)
        values = values * PER_SECOND if milliseconds and name == "eigenvalue" else values
        columns[name] = ([*lead, *dims], values, {"long_name": text, "units": units})
    columns["largest"] = columns["eigenvalue"][0][:-2], columns["eigenvalue"][1][..., 0, 0], {"units": unit}
    columns["mean_ipr_left_top10"] = columns["ipr_left"][0][:-1], columns["ipr_left"][1][..., :TOP].mean(-1)
    coords: dict[str, Any] = {"part": PARTS}
    if isinstance(states, xr.DataArray) and lead:
        coords |= {str(name): coordinate for name, coordinate in states.coords.items() if coordinate.dims == (lead[0],)}
    configuration = {"units": rate.size, "states": states, **network_entries(network)}
    attrs = provenance("exact", "linearisation about a state", ("rungratsameetaweemana2025",), configuration)
    return label_units(xr.Dataset(columns, coords, attrs), as_network(network))


def as_complex(values: xr.DataArray) -> np.ndarray:
    """Return complex numbers from an array of real and imaginary parts over the dimension ``part``.

    Parameters
    ----------
    values : real and imaginary parts, with the dimension ``part``

    Examples
    --------
    >>> as_complex(xr.DataArray([[1.0, 2.0]], dims=["mode", "part"], coords={"part": PARTS})).tolist()
    [(1+2j)]
    """
    require(
        "part" in values.dims, f"an array over {', '.join(map(str, values.dims))}", "an array with the dimension part"
    )
    return np.asarray(values.sel(part="real").values + 1j * values.sel(part="imaginary").values)


def zero_threshold(sizes: ArrayLike) -> tuple[float, float]:
    """Threshold below which entries of a vector count as zero, and the width of the gap that determines it.

    LAPACK returns an entry that is zero in exact arithmetic as an exact zero, if balancing isolates the unit, or as
    round-off of about ``N * eps`` of the largest entry, and more for an ill-conditioned eigenvector. Non-zero entries
    are larger, so that a gap of several decades in the sorted absolute values separates the two. The threshold is the
    geometric middle of the widest gap that spans at least 3 decades and whose lower edge is at most ``sqrt(eps)`` of
    the largest entry, since larger values cannot be round-off. Values below ``N * eps``, including exact zeros, are
    treated as ``N * eps``.

    Parameters
    ----------
    sizes : absolute values of the entries of a vector, shape (N,)

    Raises
    ------
    InputError : sizes that are negative, not finite, or all zero.

    Returns
    -------
    (threshold, width of the gap in decades), with the threshold in the unit of `sizes`; (0, 0) without such a gap

    Examples
    --------
    >>> threshold, decades = zero_threshold([1.0, 0.01, 1e-17, 0.0])
    >>> 1e-14 < threshold < 1e-2, round(decades, 1)
    (True, 13.1)
    >>> zero_threshold(10.0 ** -np.arange(20))  # successive entries are one decade apart: there is no gap
    (0.0, 0.0)
    """
    magnitudes = np.asarray(sizes, float)
    valid = (
        magnitudes.ndim == 1
        and magnitudes.size > 0
        and bool(np.isfinite(magnitudes).all())
        and bool((magnitudes >= 0).all())
    )
    require(
        valid and bool(magnitudes.max(initial=0.0) > 0),
        "sizes of a vector that are negative, not finite, or all zero",
        "finite absolute values, at least one of them above 0",
    )
    largest = magnitudes.max()
    floor = magnitudes.size * EPSILON
    ordered = np.sort(np.maximum(magnitudes / largest, floor))
    logs = np.log10(ordered)
    widths = np.where(ordered[:-1] <= np.sqrt(EPSILON), np.diff(logs), 0.0)
    if not widths.size or widths.max() < GAP:
        return 0.0, 0.0
    widest = int(widths.argmax())
    return float(largest * 10 ** ((logs[widest] + logs[widest + 1]) / 2)), float(widths[widest])


@check_arguments
def supports(spectrum: xr.Dataset, top: int = TOP, *, tolerance: float | None = None) -> xr.DataArray:
    """Supports of the leading left eigenvectors: the units with non-zero entries.

    The threshold for zero follows from the entries of each vector (see `zero_threshold`). A vector without a gap has no
    zero entries, and its support consists of all units. In networks trained on delayed match to sample, most of whose
    connections are zero, about three quarters of the entries are exact zeros; in fully connected networks there are
    none.

    Parameters
    ----------
    spectrum : dataset returned by `modes`
    top : number of modes, beginning with the least stable; ten in the paper
    tolerance : if given, entries up to this fraction of the largest entry of their vector count as zero

    Raises
    ------
    InputError : a number of modes below 1, or a tolerance outside 0 … 1.

    Returns
    -------
    array of bool over ``mode`` and ``unit``, and over ``stimulus`` if `spectrum` has this dimension. Attributes:
    ``gap``, the narrowest gap in decades, 0 if a vector has none, NaN with a `tolerance`; ``without_gap``, the number
    of vectors without a gap

    Examples
    --------
    >>> import noisette as nz
    >>> downstream = nz.RateNetwork([[0.0, 2.0], [0.0, 0.0]], tau=[1.0, 4.0])  # unit 1 drives unit 0
    >>> mask = supports(modes(downstream, [0.0, 0.0]), 1)
    >>> mask.values, round(mask.attrs["gap"], 1)
    (array([[False,  True]]), 15.4)
    """
    integer(top, "top")
    left = spectrum.left.isel(mode=slice(None, top))
    sizes = np.hypot(left.sel(part="real", drop=True), left.sel(part="imaginary", drop=True))
    if tolerance is not None:
        require(0 <= tolerance < 1, f"tolerance {tolerance:g}", "a share of the largest entry, below 1")
        mask = sizes > tolerance * sizes.max("unit")
        return mask.rename("supports").assign_attrs(gap=np.nan, without_gap=0)
    rows = sizes.transpose(..., "unit")
    thresholds = [zero_threshold(row) for row in rows.values.reshape(-1, rows.sizes["unit"])]
    threshold = rows.isel(unit=0, drop=True).copy(data=np.reshape([value for value, _ in thresholds], rows.shape[:-1]))
    gaps = [decades for _, decades in thresholds]
    mask = (sizes > threshold).transpose(*sizes.dims).rename("supports")
    return mask.assign_attrs(gap=min(gaps), without_gap=sum(decades == 0 for decades in gaps))


@check_arguments
def dominant_units(spectrum: xr.Dataset, top: int = TOP, *, tolerance: float | None = None) -> xr.DataArray:
    """Dominant units: those with a non-zero entry in any of the leading left eigenvectors, for any stimulus.

    Parameters
    ----------
    spectrum, top, tolerance : as for `supports`

    Returns
    -------
    array of bool, shape (unit,), with the attributes of `supports` and ``kind``: "subset", or "all units" if the
    supports contain every unit, so that no dominant subset exists

    Examples
    --------
    >>> import noisette as nz
    >>> downstream = nz.RateNetwork([[0.0, 2.0], [0.0, 0.0]], tau=[1.0, 4.0])
    >>> dominant_units(modes(downstream, [0.0, 0.0]), top=1).values
    array([False,  True])
    >>> mutual = nz.RateNetwork([[0.0, 2.0], [1.0, 0.0]], tau=[1.0, 4.0])
    >>> dominant_units(modes(mutual, [0.0, 0.0]), top=1).attrs["kind"]
    'all units'

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Fig 4j–k.
    """
    each = supports(spectrum, top, tolerance=tolerance)
    dominant = each.any([dim for dim in each.dims if dim != "unit"]).rename("dominant")
    return dominant.assign_attrs(each.attrs, kind="all units" if bool(dominant.all()) else "subset")


def _decompose(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Return eigenvalues and eigenvectors (as rows) of one Jacobian, in descending order of the real part."""
    require(bool(np.isfinite(matrix).all()), "a Jacobian with NaN or infinite entries", "the state must be finite")
    solved: Any = scipy.linalg.eig(matrix, left=True, right=True)
    values, left, right = (np.asarray(part, complex) for part in solved)
    order = np.lexsort((-np.imag(values), -np.real(values)))
    # SciPy's left eigenvectors satisfy v^H J = λ v^H
    rows = {"left": left[:, order].conj().T, "right": right[:, order].T}
    return {
        "eigenvalue": values[order],
        **rows,
        "ipr_left": inverse_participation_ratio(rows["left"]),
        "ipr_right": inverse_participation_ratio(rows["right"]),
        "overlap": np.abs((rows["left"] * rows["right"]).sum(1)),
    }
