"""The fixed point nearest to a state."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike
from scipy.optimize import root

from noisette.analysis._jacobian import Signal, instant, jacobian, signal
from noisette.arguments import check_arguments
from noisette.errors import real_array, require
from noisette.networks import ContinuousNetwork, NetworkLike, as_network
from noisette.simulation import stable_step

AT_REST = 1e-8  # largest residual of a fixed point, relative to max(1, largest |x|)
PRECISION = 1e-13  # relative tolerance of the searches
EVALUATIONS = 1000  # largest number of evaluations of the velocity in a search
FLOW_DURATION = 20  # duration of the flow before the third search, in units of the longest time constant


class FixedPoint(NamedTuple):
    """Fixed point near a state.

    Attributes
    ----------
    state : x, shape (N,)
    distance : Euclidean distance from the initial state of the search
    residual : max_i |τ_i F_i(x)|, in units of x
    converged : whether the residual is zero up to round-off, so that `state` is a fixed point
    """

    state: Float[np.ndarray, " N"]
    distance: float
    residual: float
    converged: bool


@check_arguments
def nearest_fixed_point(
    network: NetworkLike, start: ArrayLike | Array, *, inputs: Signal = None, time: float = 0.0
) -> FixedPoint:
    """Find a fixed point near a state: the nearest of the results of three searches.

    .. math:: F(\\mathbf x) = 0, \\qquad \\text{task networks without input: } \\mathbf x = W \\sigma(\\mathbf x)

    Powell's hybrid method and the Levenberg–Marquardt method start from the state itself, with the exact Jacobian. A
    third search starts from the state that the noiseless flow reaches after twenty times the longest time constant. A
    nearer fixed point may exist. The fixed point may be stable or unstable: see `modes` and `spectrum`.

    Parameters
    ----------
    network : network in continuous time, or a trained network
    start : state, shape (N,)
    inputs : constant input signals, shape (channels,), or a number for one channel; no input by default
    time : time at which a time-dependent velocity is evaluated, in the unit of time of the network

    Raises
    ------
    InputError : a start of the wrong shape or with values that are not finite.

    Returns
    -------
    FixedPoint : the nearest fixed point, or the result with the smallest residual if no search converges

    See Also
    --------
    find_fixed_points : Fixed points of rate networks in frozen noise, for many draws at once.
    analysis.slow_points : Minima of the kinetic energy, where no fixed point may exist.

    Examples
    --------
    >>> import noisette as nz
    >>> bistable = nz.RateNetwork([[2.0]])
    >>> point = nearest_fixed_point(bistable, [1.5])  # of x = 2 tanh x, at 0 and ±1.915
    >>> round(float(point.state[0]), 4), point.converged
    (1.915, True)
    """
    rate = as_network(network, ContinuousNetwork).dynamics()
    first = real_array(start, "start")
    require(first.shape == (rate.size,), f"start of shape {first.shape}", f"one number for each of {rate.size} units")
    scale = np.broadcast_to(np.asarray(rate.time_constants, float), first.shape)
    now, drive = instant(time), signal(inputs)
    scaled_velocity = lambda x: scale * np.asarray(_velocity(rate, jnp.asarray(x), now, drive))  # noqa: E731
    scaled_jacobian = lambda x: scale[:, None] * np.asarray(jacobian(rate, x, now, drive))  # noqa: E731
    step = min(rate.min_tau / 4, _stable(rate, first, drive))
    # arrays, so that one program serves networks with different time constants
    number = jnp.asarray(int(FLOW_DURATION * scale.max() / step))
    after_flow = np.asarray(_flow(rate, jnp.asarray(first), now, drive, jnp.asarray(step), number))
    hybr_options: dict[str, Any] = {"maxfev": EVALUATIONS, "xtol": PRECISION}
    lm_options: dict[str, Any] = {"maxiter": EVALUATIONS // 5, "xtol": PRECISION, "ftol": PRECISION}
    solutions = [root(scaled_velocity, first, jac=scaled_jacobian, method="hybr", options=hybr_options).x]
    solutions += [root(scaled_velocity, first, jac=scaled_jacobian, method="lm", options=lm_options).x]
    if np.isfinite(after_flow).all():
        solutions += [root(scaled_velocity, after_flow, jac=scaled_jacobian, method="hybr", options=hybr_options).x]
    candidates = [
        _fixed_point(x, first, float(np.abs(scaled_velocity(x)).max())) for x in solutions if np.isfinite(x).all()
    ]
    fixed_points = [point for point in candidates if point.converged]
    return (
        min(fixed_points, key=lambda point: point.distance)
        if fixed_points
        else min(candidates, key=lambda point: point.residual)
    )


def _stable(network: ContinuousNetwork, start: np.ndarray, inputs: Array | None) -> float:
    """Return a time step at which weakly damped oscillations of the noiseless network do not grow."""
    return stable_step([network.with_noise(None)], start[None], inputs)


def _fixed_point(state: np.ndarray, first: np.ndarray, residual: float) -> FixedPoint:
    """Return the result of a search with its distance from the start and whether it converged."""
    at_rest = residual <= AT_REST * max(1.0, float(np.abs(state).max()))
    return FixedPoint(state, float(np.linalg.norm(state - first)), residual, at_rest)


@eqx.filter_jit
def _velocity(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None) -> Array:
    """Return the velocity F(x) of the network without noise, shape (N,)."""
    return network.drift(units, time, inputs)


@eqx.filter_jit
def _flow(
    network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None, step: Array, steps: Array
) -> Array:
    """Return the state after a number of steps of Euler's method without noise, at constant time and inputs."""
    return jax.lax.fori_loop(0, steps, lambda _, x: x + step * network.drift(x, time, inputs), units)
