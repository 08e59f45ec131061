"""The fixed point nearest to a state."""

from typing import Any, NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float
from numpy.typing import ArrayLike
from scipy.optimize import root

from noisette.analysis._jacobian import Signal, jacobian, signal
from noisette.errors import real_array, require
from noisette.networks import ContinuousNetwork, NetworkLike, as_network
from noisette.simulation import stable_step

AT_REST = 1e-8  # max |x − Wφ(x)| of a fixed point, in units of the largest |x|, or of 1
PRECISION = 1e-13
EVALUATIONS = 1000
LONG = 20  # of the longest time constants, followed before the third search


class FixedPoint(NamedTuple):
    """A zero of the velocity near a state.

    Attributes
    ----------
    state : x, shape (N,)
    distance : Euclidean distance from where the search began
    residual : max |τ F(x)|, in units of x
    converged : whether it is a fixed point, and not merely the best that was found
    """

    state: Float[np.ndarray, " N"]
    distance: float
    residual: float
    converged: bool


def nearest_fixed_point(
    network: NetworkLike, start: ArrayLike | Array, *, inputs: Signal = None, time: float = 0.0
) -> FixedPoint:
    """Find a fixed point of a network near a state: of all that three searches from it find, the nearest.

    .. math:: F(\\mathbf x) = 0, \\qquad \\text{task networks without input: } x = W \\sigma(x)

    Powell's hybrid method and Levenberg–Marquardt start from the state itself, with the exact Jacobian; a third search
    starts from where the noiseless flow has carried the state after twenty of the longest time constants. Nothing
    says that there is no other fixed point still nearer. Stability is not asked for: see `modes` or `spectrum`.

    Parameters
    ----------
    network : any network in continuous time, trained ones included
    start : state, shape (N,)
    inputs : input signals that are held, shape (channels,) or a number for one channel; None for none
    time : matters where γ or the velocity changes in time

    Raises
    ------
    InputError : a start that does not fit or is not finite.

    Returns
    -------
    FixedPoint : the best of the three ends if none is a fixed point

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
    now, held = jnp.asarray(time, float), signal(inputs)
    scaled_velocity = lambda x: scale * np.asarray(_velocity(rate, jnp.asarray(x), now, held))  # noqa: E731
    slope = lambda x: scale[:, None] * np.asarray(jacobian(rate, x, now, held))  # noqa: E731
    step = min(rate.min_tau / 4, _stable(rate, first, held))
    carried = np.asarray(_carried(rate, jnp.asarray(first), now, held, step, int(LONG * scale.max() / step)))
    hybr_options: dict[str, Any] = {"maxfev": EVALUATIONS, "xtol": PRECISION}
    lm_options: dict[str, Any] = {"maxiter": EVALUATIONS // 5, "xtol": PRECISION, "ftol": PRECISION}
    ends = [root(scaled_velocity, first, jac=slope, method="hybr", options=hybr_options).x]
    ends += [root(scaled_velocity, first, jac=slope, method="lm", options=lm_options).x]
    if np.isfinite(carried).all():
        ends += [root(scaled_velocity, carried, jac=slope, method="hybr", options=hybr_options).x]
    candidates = [
        _described(end, first, float(np.abs(scaled_velocity(end)).max())) for end in ends if np.isfinite(end).all()
    ]
    fixed_points = [point for point in candidates if point.converged]
    return (
        min(fixed_points, key=lambda point: point.distance)
        if fixed_points
        else min(candidates, key=lambda point: point.residual)
    )


def _stable(network: ContinuousNetwork, start: np.ndarray, inputs: Array | None) -> float:
    """Return a step that keeps weakly damped oscillations from growing."""
    return stable_step([network.with_noise(None)], start[None], inputs)


def _described(end: np.ndarray, first: np.ndarray, residual: float) -> FixedPoint:
    at_rest = residual <= AT_REST * max(1.0, float(np.abs(end).max()))
    return FixedPoint(end, float(np.linalg.norm(end - first)), residual, at_rest)


@eqx.filter_jit
def _velocity(network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None) -> Array:
    return network.drift(units, time, inputs)


@eqx.filter_jit
def _carried(
    network: ContinuousNetwork, units: Array, time: Array, inputs: Array | None, step: Any, steps: Any
) -> Array:
    return jax.lax.fori_loop(0, steps, lambda _, x: x + step * network.drift(x, time, inputs), units)
