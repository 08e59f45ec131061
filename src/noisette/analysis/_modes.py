"""Modes of a network about a state: eigenvalues, left and right eigenvectors, and how many units take part."""

from typing import Any

import numpy as np
import scipy.linalg
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.analysis._jacobian import jacobian
from noisette.errors import integer, real_array, require
from noisette.networks import ContinuousNetwork, NetworkLike, as_network
from noisette.provenance import network_entries, provenance

TOP = 10  # leading modes, in the paper
GAP = 3.0  # decades between zeros and other entries of an eigenvector
EPSILON = float(np.finfo(float).eps)
PARTS = ["real", "imaginary"]
PER_SECOND = 1000.0  # from 1/ms


def inverse_participation_ratio(vectors: ArrayLike | Array) -> np.ndarray:
    """Inverse participation ratio: 1 for a vector of one entry, 1/N for one spread evenly over N.

    .. math:: \\mathrm{IPR} = \\frac{\\sum_i |\\psi_i|^4}{\\big(\\sum_i |\\psi_i|^2\\big)^2}

    Parameters
    ----------
    vectors : ψ, real or complex, shape (…, N); of any length

    Raises
    ------
    InputError : vectors of zeros, or that are not finite.

    Returns
    -------
    IPR, shape (…)

    Examples
    --------
    >>> inverse_participation_ratio([[0.0, -3.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]]).tolist()
    [1.0, 0.25]

    References
    ----------
    Rungratsameetaweemana et al. (2025), PNAS 122:e2316745122, Eq 11.
    """
    size = np.abs(np.asarray(vectors))
    require(size.ndim > 0 and size.shape[-1] > 0, f"vectors of shape {size.shape}", "shape (…, N)")
    largest = size.max(-1, keepdims=True)
    fine = bool(np.isfinite(largest).all() and (largest > 0).all())
    require(fine, "vectors of zeros, NaN or infinite entries", "finite vectors with at least one entry")
    weight = (size / largest) ** 2
    return np.asarray((weight**2).sum(-1) / weight.sum(-1) ** 2)


def participation(vectors: ArrayLike | Array) -> np.ndarray:
    """How many units take part in a vector: 1/IPR, from 1 to N.

    Parameters
    ----------
    vectors : ψ, real or complex, shape (…, N)

    Examples
    --------
    >>> participation([1.0, 1.0, 0.0, 0.0]).item()
    2.0
    """
    return np.asarray(1 / inverse_participation_ratio(vectors))


def modes(network: NetworkLike, state: ArrayLike | Array | xr.DataArray) -> xr.Dataset:
    """Modes of the Jacobian at a state, from the least to the most stable.

    .. math:: J_{ij} = \\frac{1}{\\tau_i} \\big(-\\delta_{ij} + W_{ij}\\, \\sigma(x_j)(1 - \\sigma(x_j))\\big), \\qquad
       \\psi^L J = \\lambda \\psi^L, \\quad J \\psi^R = \\lambda \\psi^R, \\qquad
       \\delta\\mathbf x(t) = \\sum_n e^{\\lambda_n t}\\, \\psi^R_n
       \\frac{\\psi^L_n \\cdot \\delta\\mathbf x_0}{\\psi^L_n \\cdot \\psi^R_n}

    J is linear in the direction of a deviation whether the state is one of rest or not; only at rest do deviations
    follow it for long. ψ^L · ψ^R is the plain sum of products, without conjugation. Both vectors have length 1, so that
    ``overlap`` = \\|ψ^L · ψ^R\\| is 1 for normal matrices and falls to 0 where modes merge.

    Parameters
    ----------
    network : any in continuous time, trained ones included, without input
    state : x, shape (N,), or (stimulus, N) as in ``delay_state(…).state``

    Raises
    ------
    InputError : a state that does not fit or is not finite.

    Returns
    -------
    Dataset over ``mode``, ``unit`` and, for what is complex, ``part``: ``eigenvalue``, in 1/s of networks whose time
    constants are in ms, as those of task networks are, and in 1/time of others (`attrs` say which); ``left`` and
    ``right`` eigenvectors; ``ipr_left``, ``ipr_right``; ``overlap``; ``largest``, the largest real part;
    ``mean_ipr_left_top10``, over the first ten modes

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
    at = state if isinstance(state, xr.DataArray) else real_array(state, "state")
    require(at.ndim in (1, 2), f"state of shape {at.shape}", f"({rate.size},), or (stimulus, {rate.size})")
    lead = [] if at.ndim == 1 else [at.dims[0] if isinstance(at, xr.DataArray) else "stimulus"]
    rows = [_of(np.asarray(jacobian(rate, x))) for x in np.atleast_2d(real_array(at, "state"))]
    unit = "1/s" if milliseconds else "1/time"
    about = {
        "eigenvalue": ("eigenvalue of the Jacobian", unit),
        "left": ("left eigenvector", "1"),
        "right": ("right eigenvector", "1"),
        "ipr_left": ("inverse participation ratio of the left eigenvector", "1"),
        "ipr_right": ("inverse participation ratio of the right eigenvector", "1"),
        "overlap": ("product of left and right eigenvector", "1"),
    }
    columns: dict[str, Any] = {}
    for name, (text, units) in about.items():
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
    if isinstance(at, xr.DataArray) and lead:
        coords |= {str(name): line for name, line in at.coords.items() if line.dims == (lead[0],)}
    configuration = {"units": rate.size, "states": at, **network_entries(network)}
    attrs = provenance("exact", "linearisation about a state", ("rungratsameetaweemana2025",), configuration)
    return xr.Dataset(columns, coords, attrs)


def as_complex(values: xr.DataArray) -> np.ndarray:
    """Return complex numbers from their ``part`` dimension.

    Examples
    --------
    >>> as_complex(xr.DataArray([[1.0, 2.0]], dims=["mode", "part"], coords={"part": PARTS})).tolist()
    [(1+2j)]
    """
    require("part" in values.dims, f"an array over {', '.join(map(str, values.dims))}", "one over part")
    return np.asarray(values.sel(part="real").values + 1j * values.sel(part="imaginary").values)


def zero_threshold(sizes: ArrayLike) -> tuple[float, float]:
    """Return below which size the entries of a vector count as zero, and the width of the gap that this rests on.

    An entry that is zero in exact arithmetic comes out of LAPACK as an exact zero, where balancing isolates the unit,
    or as round-off: about ``N * eps`` of the largest entry, more where the eigenvector is ill-conditioned. Non-zero
    entries lie above, so that a gap of several decades in the sorted sizes separates the two. The widest gap is taken
    that is at least 3 decades wide and whose lower edge is at most ``sqrt(eps)`` of the largest entry; a larger size is
    no round-off. Sizes below ``N * eps``, exact zeros among them, count as ``N * eps``.

    Parameters
    ----------
    sizes : absolute values of the entries of a vector, shape (N,)

    Raises
    ------
    InputError : sizes that are negative, not finite, or all zero.

    Returns
    -------
    (threshold, in the unit of the sizes, and width of the gap in decades); (0, 0) where there is no such gap

    Examples
    --------
    >>> threshold, decades = zero_threshold([1.0, 0.01, 1e-17, 0.0])
    >>> 1e-14 < threshold < 1e-2, round(decades, 1)
    (True, 13.1)
    >>> zero_threshold(10.0 ** -np.arange(20))  # one decade after another, without a gap
    (0.0, 0.0)
    """
    magnitudes = np.asarray(sizes, float)
    fine = (
        magnitudes.ndim == 1
        and magnitudes.size > 0
        and bool(np.isfinite(magnitudes).all())
        and bool((magnitudes >= 0).all())
    )
    require(
        fine and bool(magnitudes.max(initial=0.0) > 0),
        "sizes of a vector",
        "finite, not negative, at least one above 0",
    )
    largest = magnitudes.max()
    floor = magnitudes.size * EPSILON
    ordered = np.sort(np.maximum(magnitudes / largest, floor))
    logs = np.log10(ordered)
    widths = np.where(ordered[:-1] <= np.sqrt(EPSILON), np.diff(logs), 0.0)
    if not widths.size or widths.max() < GAP:
        return 0.0, 0.0
    at = int(widths.argmax())
    return float(largest * 10 ** ((logs[at] + logs[at + 1]) / 2)), float(widths[at])


def supports(found: xr.Dataset, top: int = TOP, *, tolerance: float | None = None) -> xr.DataArray:
    """Return which units have a non-zero entry in each of the leading left eigenvectors.

    What counts as zero is read off the entries of each vector (`zero_threshold`): zeros are exact or round-off, and a
    gap separates them from the rest. A vector without such a gap has no zeros: all units take part in it. In networks
    trained on delayed match to sample, most of whose connections are dead, about three quarters of the entries are
    exact zeros; in a network that keeps its connections there are none.

    Parameters
    ----------
    found : as `modes` returns it
    top : how many modes, from the least stable on; ten in the paper
    tolerance : entries up to this share of the largest of their vector count as zero, instead of the gap

    Raises
    ------
    InputError : no modes, or a tolerance that is no share.

    Returns
    -------
    array of bool over ``mode`` and ``unit``, and ``stimulus`` where `found` has it. `attrs`: ``gap``, the narrowest gap
    in decades, 0 if a vector has none, NaN with a `tolerance`; ``without_gap``, the number of vectors that have none

    Examples
    --------
    >>> import noisette as nz
    >>> downstream = nz.RateNetwork([[0.0, 2.0], [0.0, 0.0]], tau=[1.0, 4.0])  # unit 1 drives unit 0
    >>> mask = supports(modes(downstream, [0.0, 0.0]), 1)
    >>> mask.values, round(mask.attrs["gap"], 1)
    (array([[False,  True]]), 15.4)
    """
    integer(top, "top")
    left = found.left.isel(mode=slice(None, top))
    size = np.hypot(left.sel(part="real", drop=True), left.sel(part="imaginary", drop=True))
    if tolerance is not None:
        require(0 <= tolerance < 1, f"tolerance {tolerance:g}", "a share of the largest entry, below 1")
        chosen = size > tolerance * size.max("unit")
        return chosen.rename("supports").assign_attrs(gap=np.nan, without_gap=0)
    rows = size.transpose(..., "unit")
    cuts = [zero_threshold(row) for row in rows.values.reshape(-1, rows.sizes["unit"])]
    threshold = rows.isel(unit=0, drop=True).copy(data=np.reshape([cut for cut, _ in cuts], rows.shape[:-1]))
    gaps = [decades for _, decades in cuts]
    chosen = (size > threshold).transpose(*size.dims).rename("supports")
    return chosen.assign_attrs(gap=min(gaps), without_gap=sum(decades == 0 for decades in gaps))


def dominant_units(found: xr.Dataset, top: int = TOP, *, tolerance: float | None = None) -> xr.DataArray:
    """Return the dominant units: those with a non-zero entry in any of the leading left eigenvectors.

    Where there are several stimuli, in those of any of them.

    Parameters
    ----------
    found, top, tolerance : as for `supports`

    Returns
    -------
    array of bool, shape (unit,), with the `attrs` of `supports` and ``kind``: "subset", or "all units" where every
    unit takes part, so that there is no dominant set

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
    each = supports(found, top, tolerance=tolerance)
    dominant = each.any([dim for dim in each.dims if dim != "unit"]).rename("dominant")
    return dominant.assign_attrs(each.attrs, kind="all units" if bool(dominant.all()) else "subset")


def _of(matrix: np.ndarray) -> dict[str, np.ndarray]:
    """Return eigenvalues and eigenvectors of one Jacobian, as rows, in descending order of the real part."""
    require(bool(np.isfinite(matrix).all()), "a Jacobian with NaN or infinite entries", "modes need a finite state")
    solved: Any = scipy.linalg.eig(matrix, left=True, right=True)
    values, left, right = (np.asarray(part, complex) for part in solved)
    order = np.lexsort((-np.imag(values), -np.real(values)))
    # scipy's left vectors fulfil v^H J = λ v^H
    rows = {"left": left[:, order].conj().T, "right": right[:, order].T}
    return {
        "eigenvalue": values[order],
        **rows,
        "ipr_left": inverse_participation_ratio(rows["left"]),
        "ipr_right": inverse_participation_ratio(rows["right"]),
        "overlap": np.abs((rows["left"] * rows["right"]).sum(1)),
    }
