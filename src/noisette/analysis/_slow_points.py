"""Fixed points and slow points: limits of the gradient flow of the kinetic energy."""

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import scipy.linalg
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike
from scipy.optimize import least_squares
from scipy.sparse.csgraph import connected_components

from noisette.analysis._jacobian import Signal, jacobian, signal, spectrum
from noisette.analysis._options import Progress
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import real_array, require
from noisette.networks import ContinuousNetwork, NetworkLike, Onsager, as_network, label_units
from noisette.provenance import network_entries, provenance
from noisette.simulation import Stiff, simulate

LIMIT = 400  # largest number of units
AT_REST = 1e-20  # largest E_k/N of a fixed point after refinement
LEVEL = 1e-8  # the gradient counts as zero if a Newton step lowers E_k by less than this fraction
FLAT = 1e-12  # curvatures below this fraction of the largest are round-off
UPHILL = 1e-8  # an eigenvalue of D above this fraction of the largest is a direction in which E_k decreases
UNSTABLE = 1e-6  # eigenvalues of the free network whose real part exceeds this fraction of the largest |μ| are unstable
ORIGIN = 1e-6  # rms of a state below which it counts as the origin
SAME = 1e-5  # rms distance, relative to max(1, rms of the state), below which two limits are identical
PRECISION = 1e-15  # tolerances of the refinement
EVALUATIONS = 1000  # largest number of evaluations in the refinement
KINDS = ("fixed point", "local minimum", "saddle", "not converged")


@check_arguments
@public_call
def slow_points(
    network: NetworkLike,
    starts: ArrayLike | Array | xr.DataArray,
    *,
    duration: float = 1e4,
    tolerance: float = 1e-6,
    at_rest: float = AT_REST,
    inputs: Signal = None,
    time: float = 0.0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Follow the gradient flow of the kinetic energy to its limit, refine it, and classify it.

    .. math:: \\dot{\\mathbf x} = -\\nabla E_k = -A^\\top \\mathbf f, \\qquad E_k = \\tfrac12 |\\mathbf f|^2, \\qquad
       A = \\partial \\mathbf f / \\partial \\mathbf x

    The flow is stiff and integrated implicitly. The Levenberg–Marquardt method with the exact Jacobian, applied to f,
    minimises the same E_k and refines the limit. A limit with E_k = 0 is a fixed point of the network. A limit with
    E_k > 0 and zero gradient is a local minimum, at which the frozen network is at rest and the free network is slow:
    there Aᵀf = 0, so that the free network has a neutral direction, which does not count as unstable. Saddles are
    limits only for initial states of special symmetry. The flow slows down with time: if it does not converge within
    `duration`, the refinement may move the state far, and to a limit other than that of the flow.

    Parameters
    ----------
    network : network with drift f and at most 400 units; its noise is ignored, and a frozen network is replaced by the
        network from which it is built
    starts : initial states, shape (starts, N) or (N,)
    duration : duration of the gradient flow, in the network's unit of time
    tolerance : relative tolerance of the integration
    at_rest : largest E_k/N at which a refined limit counts as a fixed point
    inputs : constant input signals, shape (channels,), or a number for one channel; no input by default
    time : time at which a time-dependent drift is evaluated
    progress : True to show a bar (see `show_progress`), or a function called with (starts done, starts)

    Returns
    -------
    Dataset over ``start``: ``state``; ``kinetic_energy`` and ``flow_energy``, E_k/N after and before the refinement;
    ``kind`` ("fixed point", "local minimum", "saddle" or "not converged"); ``eigenvalue``, the largest eigenvalue of
    minus the Hessian, at most 0 at a minimum; ``index``, the number of unstable directions of the free network;
    ``overlap``, the cosine of the angle to the start (NaN at the origin); ``moved``, the rms distance of the
    refinement; and ``point``, the index of the distinct point. Over ``distinct``, in descending order of ``count``, the
    number of starts with this limit: ``distinct_state``, ``distinct_kind`` and ``distinct_energy``. Limits are
    identical if they are of one kind and their states differ by less than 1e-5 (rms, relative to the rms of states
    above 1); they are represented by the one with the lowest energy. Unconverged states are never merged

    Raises
    ------
    InputError : more than 400 units, starts of the wrong shape or with values that are not finite.

    See Also
    --------
    find_fixed_points : Fixed points of rate networks in frozen noise, for many draws at once.
    analysis.nearest_fixed_point : The fixed point nearest to a given state, such as that of a delay.

    Examples
    --------
    >>> import noisette as nz
    >>> parabola = nz.networks.Flow(lambda x: x**2 + 1, 1)  # without fixed point; slowest at zero
    >>> points = slow_points(parabola, [[0.7]], duration=5)
    >>> str(points.kind[0].values), round(float(points.kinetic_energy[0]), 9)
    ('local minimum', 0.5)

    References
    ----------
    Sussillo & Barak (2013), Neural Computation 25:626; Huang & Huang (2025), Physical Review E 112:044227.
    """
    continuous = as_network(network, ContinuousNetwork)
    free = continuous.dynamics()
    while isinstance(free, Onsager):
        free = free.network
    free = free.with_noise(None)
    require(free.size <= LIMIT, f"{free.size} units", f"slow points are computed for at most {LIMIT} units")
    initial_states = np.atleast_2d(real_array(starts, "starts"))
    require(
        initial_states.ndim == 2 and initial_states.shape[1] == free.size and initial_states.size > 0,
        f"starts of shape {np.shape(starts)}",
        f"states of shape (starts, {free.size})",
    )
    require(at_rest >= 0, f"at_rest {at_rest:g}", "an energy of zero or more")
    require(0 < duration < np.inf, f"duration {duration:g}", "a time above zero")
    require(0 < tolerance < 1, f"tolerance {tolerance:g}", "a relative error between 0 and 1")
    fixed_time, fixed_inputs = jnp.asarray(time, float), signal(inputs)
    limits = []
    for start in initial_states:
        limits.append(_limit(free, start, duration, tolerance, at_rest, fixed_time, fixed_inputs))
        if callable(progress):
            progress(len(limits), len(initial_states))
    configuration = {"duration": duration, "tolerance": tolerance, "at_rest": at_rest, "starts": initial_states}
    configuration |= network_entries(free)
    data = _dataset(limits).assign_attrs(provenance("simulated", "gradient-flow", ("huang2025",), configuration))
    return label_units(data, continuous)


@eqx.filter_jit
def _drift(network: ContinuousNetwork, state: Array, time: Array, inputs: Array | None) -> Float[Array, " N"]:
    """Return the drift f of a network, compiled."""
    return network.drift(state, time, inputs)


def _limit(
    free: ContinuousNetwork,
    start: np.ndarray,
    duration: float,
    tolerance: float,
    at_rest: float,
    time: Array,
    inputs: Array | None,
) -> dict[str, Any]:
    """Follow the flow from one start, refine its limit, and return the results for this start."""
    frozen = Onsager(free)
    flow = simulate(
        frozen,
        1,
        dt=float(duration),
        solver=Stiff(tolerance),
        inputs=None if inputs is None else np.asarray(inputs)[None],
        start=start,
        key=jax.random.key(0),
    ).final.values[0]
    drift = lambda x: np.asarray(_drift(free, x, time, inputs))  # noqa: E731
    jacobian_at = lambda x: np.asarray(jacobian(free, x, time, inputs))  # noqa: E731
    state = least_squares(
        drift,
        flow,
        jacobian_at,  # pyright: ignore[reportArgumentType]
        method="lm",
        xtol=PRECISION,
        ftol=PRECISION,
        gtol=PRECISION,
        max_nfev=EVALUATIONS,
    ).x
    flow_jacobian = np.asarray(jacobian(frozen, state, time, inputs))
    curvatures, directions = scipy.linalg.eigh(flow_jacobian)
    energy, eigenvalues = float(np.mean(drift(state) ** 2) / 2), spectrum(free, state, time, inputs)
    gradient = directions.T @ (jacobian_at(state).T @ drift(state))  # gradient Aᵀf in the eigenbasis of the Hessian
    return {
        "state": state,
        "kinetic_energy": energy,
        "flow_energy": float(np.mean(drift(flow) ** 2) / 2),
        "kind": "fixed point" if energy <= at_rest else _kind(curvatures, gradient, energy * free.size),
        "eigenvalue": curvatures[-1],
        "index": int((np.real(eigenvalues) > UNSTABLE * np.abs(eigenvalues).max()).sum()),
        "overlap": _overlap(start, state),
        "moved": float(np.sqrt(np.mean((state - flow) ** 2))),
    }


def _kind(curvatures: np.ndarray, gradient: np.ndarray, energy: float) -> str:
    """Return the kind of a limit with E_k > 0, from the eigenvalues of D in ascending order and the total energy."""
    # a Newton step lowers E_k by Σ_i g_i²/(2 |c_i|), with gradient g and curvatures c in the eigenbasis of the Hessian
    steepest = np.abs(curvatures).max()
    reduction = (gradient**2 / np.maximum(np.abs(curvatures), FLAT * steepest)).sum() / 2
    if not reduction <= LEVEL * energy:
        return "not converged"
    return "saddle" if curvatures[-1] > UPHILL * steepest else "local minimum"


def _overlap(start: np.ndarray, state: np.ndarray) -> float:
    """Return the cosine of the angle between two states; NaN if one of them is the origin."""
    lengths = np.linalg.norm(start), np.linalg.norm(state)
    if min(lengths) <= ORIGIN * len(state) ** 0.5:
        return float("nan")
    return float(start @ state / (lengths[0] * lengths[1]))


def _dataset(limits: list[dict[str, Any]]) -> xr.Dataset:
    """Return the results of all starts, with the distinct limits, as a dataset."""
    labels = {
        "kinetic_energy": ("kinetic energy per unit after the refinement", ""),
        "flow_energy": ("kinetic energy per unit at the end of the flow", ""),
        "kind": ("kind of the limit", "1"),
        "eigenvalue": ("largest eigenvalue of the Jacobian of the gradient flow", "1/tau"),
        "index": ("number of unstable directions of the free network", "1"),
        "overlap": ("cosine of the angle between start and limit", "1"),
        "moved": ("rms displacement by the refinement", "1"),
    }
    columns: dict[str, Any] = {
        name: ("start", np.array([limit[name] for limit in limits]), {"long_name": text, "units": unit})
        for name, (text, unit) in labels.items()
    }
    states = np.stack([limit["state"] for limit in limits])
    point, representatives, count = _distinct(states, columns["kind"][1], columns["kinetic_energy"][1])
    columns |= {
        "point": ("start", point, {"long_name": "index of the distinct point", "units": ""}),
        "distinct_state": (["distinct", "unit"], states[representatives], {"long_name": "state", "units": ""}),
        "distinct_kind": ("distinct", columns["kind"][1][representatives], columns["kind"][2]),
        "distinct_energy": ("distinct", columns["kinetic_energy"][1][representatives], columns["kinetic_energy"][2]),
        "count": ("distinct", count, {"long_name": "number of starts with this limit", "units": ""}),
    }
    return xr.Dataset({"state": (["start", "unit"], states), **columns})


def _distinct(states: np.ndarray, kinds: np.ndarray, energies: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the distinct point of each start, the start that represents each point, and the number of its starts.

    Limits of one kind that are close to each other are merged. Closeness is made transitive by connected components,
    so that the result does not depend on the order of the starts.
    """
    distances = np.sqrt(((states[:, None] - states[None]) ** 2).mean(-1))
    scales = np.maximum(1.0, np.sqrt((states**2).mean(-1)))
    identical = (distances <= SAME * scales) & (kinds[:, None] == kinds[None]) & (kinds != "not converged")[:, None]
    number, labels = connected_components(identical, directed=False)
    groups = sorted(
        (np.flatnonzero(labels == label) for label in range(number)), key=lambda rows: (-len(rows), rows[0])
    )
    point = np.empty(len(states), int)
    for index, rows in enumerate(groups):
        point[rows] = index
    representatives = np.array([rows[np.argmin(energies[rows])] for rows in groups])
    return point, representatives, np.array([len(rows) for rows in groups])
