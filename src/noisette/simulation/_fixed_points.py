"""Fixed points of networks in frozen noise, for all draws of the noise at once."""

import warnings

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.errors import UnsolvedWarning, integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, as_network, sharpness
from noisette.noise import Frozen, Noise, Sum
from noisette.provenance import network_entries, provenance
from noisette.simulation._anderson import SAMPLED, Search, attempt, is_near
from noisette.simulation._linear_stability import are_stable

STEP = 0.5  # of relaxation, in the shortest time constant: unit steps fail where the flow is stable
SLOW = 1.3  # step × fastest mode, up to which modes of random networks do not rotate too fast for it
SHORTEST = 0.01  # of the steps
RELAXATION = (16, 48, 192, 768)  # steps along the flow before each attempt
SHARE = 32  # the first attempt stops when 1/32 of the draws are left
BATCH = 32  # draws of the later attempts; all of them, if they are at most twice as many
NEWTON, HALVINGS = 16, 12
BESIDE = 0.03  # of its length, by which a state is moved off an unstable fixed point
CLOSE = 0.2  # largest velocity from which Newton's method may begin, relative to the state

States = Float[Array, "draws N"]


def find_fixed_points(
    network: NetworkLike,
    draws: int | None = None,
    *,
    key: KeyLike | None = None,
    inputs: ArrayLike | None = None,
    start: float | ArrayLike = 0.0,
    tolerance: float = 1e-10,
    warn: bool = True,
) -> xr.Dataset:
    """Find the state in which a network settles, for each draw of its frozen noise.

    .. math:: \\mathbf F(\\mathbf x^a) + \\mathbf b(\\mathbf x^a) \\circ \\boldsymbol\\xi^a = 0,
       \\qquad a = 1 \\dots \\text{draws}

    All draws follow the flow from `start` for a short time, in steps of half a time constant: one matrix product a
    step. From there Newton's method with one Jacobian for all draws, Anderson-accelerated, goes to the fixed point.
    Draws for which it does not converge soon, or leaves the neighbourhood, follow the flow four times as long, and
    try again; the last resort is Newton's method with their own Jacobian and a line search. So an attractor is
    reached where the flow leads to one. Where the flow does not come to rest, the solution may be an unstable fixed
    point close to it: each solution is checked for linear stability, the flow is followed once more from beside those
    that are unstable, and `stable` tells which remain so.

    Parameters
    ----------
    network : any network in continuous time, in `Frozen` noise or a sum of them
    draws : how many
    key : random key, or an integer; the first draws are the same however many there are
    inputs : the values ξ themselves, shape (draws, N), for a network without noise
    start : state from which all draws start, a number or shape (N,)
    tolerance : largest |velocity| × shortest time constant of a solved draw, relative to its largest |x| or, if that
        is larger, to its largest |ξ| or 1, whichever is smaller: so weak noise is solved as precisely as strong noise
    warn : whether to warn of unsolved draws; they are counted anyway

    Raises
    ------
    InputError : noise that is not frozen; draws and inputs together, or neither; shapes that do not fit.

    Returns
    -------
    Dataset with ``state`` (draw, unit), ``residual`` (draw), ``converged`` (draw) and ``stable`` (draw), which is
    true where a draw is solved and every eigenvalue of the Jacobian there has a negative real part; attributes
    ``failed``, the number of draws that were not solved, and ``unstable``, of those solved but unstable. The states
    of draws that were not solved are kept: they are where the search ended

    Warns
    -----
    UnsolvedWarning : draws without a solution, and solutions that are unstable

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.5]], activation=nz.activations.linear, noise=nz.Frozen(1.0))
    >>> points = find_fixed_points(network, 2000, key=0)  # x = 2 ξ
    >>> round(float(points.state.std()), 2), points.attrs["failed"]
    (2.03, 0)
    """
    continuous = as_network(network, ContinuousNetwork)
    network = continuous.dynamics()
    key = None if key is None else as_key(key)
    noise = _inputs(network, draws, key, inputs)
    first = jnp.asarray(np.broadcast_to(network.start(start), noise.shape))
    require(tolerance > 0, f"tolerance {tolerance}", "a number above zero")
    step, scale = _step(network, np.asarray(first[0])), network.min_tau
    quiet = network.with_noise(None)  # one compiled program, whatever the noise
    search = Search(quiet, jnp.asarray(step), jnp.asarray(scale), jnp.asarray(tolerance))
    states, error = _all(search, first, noise)
    stable = _stable(search, states, error, noise)
    solved = error < tolerance  # NaN is not
    failed, unstable = int((~solved).sum()), int((solved & ~stable).sum())
    if warn:
        _warn(failed, unstable, len(solved))
    configuration = {"draws": len(solved), "tolerance": tolerance, "start": start, "inputs": inputs, "key": key}
    configuration |= network_entries(continuous)
    return xr.Dataset(
        {
            "state": (("draw", "unit"), states, {"long_name": "state", "units": "1"}),
            "residual": ("draw", error, {"long_name": "largest |velocity| × time constant", "units": "1"}),
            "converged": ("draw", solved, {"long_name": "whether the draw is solved", "units": "1"}),
            "stable": ("draw", stable, {"long_name": "whether it is solved by a stable fixed point", "units": "1"}),
        },
        attrs=provenance("simulated", "fixed points", (), configuration, failed=failed, unstable=unstable),
    )


def _warn(failed: int, unstable: int, draws: int) -> None:
    """Warn of draws without a stable fixed point."""
    parts = []
    if failed:
        parts.append(f"{failed} of {draws} draws were not solved; `converged` marks them")
    if unstable:
        parts.append(f"{unstable} of {draws} draws were solved by unstable fixed points; `stable` marks the others")
    if parts:
        warnings.warn("; ".join(parts), UnsolvedWarning, stacklevel=3)


def _all(search: Search, first: States, noise: States) -> tuple[np.ndarray, np.ndarray]:
    """Return states and residuals of all draws: attempts on all, then on those that are left, then one by one."""
    share = jnp.asarray(len(first) // SHARE)
    batch = len(first) if len(first) <= 2 * BATCH else BATCH  # few shapes: each is compiled once
    ends = [np.array(each) for each in attempt(search, first, noise, jnp.asarray(RELAXATION[0]), share)]
    states, error, far, mean = ends
    for steps in RELAXATION[1:]:
        left = np.flatnonzero(~(error < search.tolerance))  # NaN is left too
        for rows in np.array_split(left, -(-len(left) // batch)) if len(left) else ():
            padded = np.resize(rows, batch)
            tried = attempt(search, jnp.asarray(far[padded]), noise[padded], jnp.asarray(steps), jnp.asarray(0))
            for old, new in zip(ends, tried, strict=True):
                old[rows] = np.asarray(new)[: len(rows)]
    for row in np.flatnonzero(~(error < search.tolerance)):
        for start in (mean[row], far[row]):  # the flow may go round the fixed point, even round a stable one
            states[row], error[row] = _newton(search, jnp.asarray(start), noise[row])
            if error[row] < search.tolerance:
                break
    return states, error


def _stable(search: Search, states: np.ndarray, error: np.ndarray, noise: States) -> np.ndarray:
    """Return which draws are solved by stable fixed points, after one more search from beside the unstable ones.

    `states` and `error` of draws that this search solves with a stable fixed point are replaced in place.
    """
    stable = np.zeros(len(states), bool)
    solved = np.flatnonzero(error < search.tolerance)
    if not len(solved):
        return stable
    stable[solved], slowest = _checked(search, states, noise, solved, len(states))
    left = solved[~stable[solved]]
    batch = len(states) if len(states) <= 2 * BATCH else BATCH
    for rows in np.array_split(left, -(-len(left) // batch)) if len(left) else ():
        padded = np.resize(rows, batch)
        length = np.sqrt((states[padded] ** 2).sum(1, keepdims=True))
        beside = states[padded] + BESIDE * length * slowest[np.searchsorted(solved, padded)]
        steps = jnp.asarray(RELAXATION[-1])
        tried, residual, _, _ = attempt(search, jnp.asarray(beside), noise[padded], steps, jnp.asarray(0))
        better = np.asarray(residual)[: len(rows)] < float(search.tolerance)
        after = np.where(better[:, None], np.asarray(tried)[: len(rows)], states[rows])
        moved = states.copy()
        moved[rows] = after
        better &= _checked(search, moved, noise, rows, batch)[0]
        states[rows[better]], error[rows[better]] = after[better], np.asarray(residual)[: len(rows)][better]
        stable[rows] = better
    return stable


def _checked(
    search: Search, states: np.ndarray, noise: States, rows: np.ndarray, shape: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the fixed points of some draws are stable, and their slowest modes; `shape` draws are compiled."""
    fastest = max(float(sharpness(search.network, jnp.asarray(states[row]))) for row in rows[:SAMPLED])
    padded = np.resize(rows, shape)
    stable, slowest = are_stable(search, jnp.asarray(states[padded]), noise[padded], float(search.scale), fastest)
    return stable[: len(rows)], slowest[: len(rows)]


@eqx.filter_jit
def _newton(search: Search, far: Array, noise: Array) -> tuple[Array, Array]:
    """Return state and residual of one draw after Newton's method with a line search on the norm of the velocity."""

    def norm(x):
        return jnp.linalg.norm(search.flow(x, noise))

    def body(carry):
        number, x, size, _ = carry
        step = jnp.linalg.solve(jax.jacfwd(search.flow)(x, noise), -search.flow(x, noise))
        shorter = lambda c: (c[0] < HALVINGS) & ~(norm(x + 0.5 ** c[0] * step) < (1 - 1e-4 * 0.5 ** c[0]) * size)  # noqa: E731
        (halvings,) = jax.lax.while_loop(shorter, lambda c: (c[0] + 1,), (0,))
        after = x + 0.5**halvings * step
        return number + 1, after, norm(after), halvings < HALVINGS

    def more(carry):
        number, x, _, descends = carry
        return (number < NEWTON) & descends & ~(search.error(search.flow(x, noise), x, noise) < search.tolerance)

    size = norm(far)
    close = size <= CLOSE * jnp.linalg.norm(far)
    x = jax.lax.while_loop(more, body, (0, far, size, close))[1]
    x = jnp.where(is_near(x, far) & (norm(x) < size), x, far)
    return x, search.error(search.flow(x, noise), x, noise)


def is_frozen(noise: Noise | None) -> bool:
    """Return whether noise is Frozen, or a sum of Frozen."""
    return isinstance(noise, Frozen) or (isinstance(noise, Sum) and all(is_frozen(part) for part in noise.parts))


def _inputs(
    network: ContinuousNetwork, draws: int | None, key: PRNGKeyArray | None, inputs: ArrayLike | None
) -> States:
    """Return ξ of every draw."""
    require((draws is None) != (inputs is None), "draws and inputs" if draws else "neither draws nor inputs", "one")
    if inputs is not None:
        array = real_array(inputs, "inputs")
        fits = array.ndim == 2 and array.shape[1] == network.size and len(array) > 0
        require(fits, f"inputs of shape {array.shape}", f"(draws, {network.size})")
        kind = f"inputs for a network in {type(network.noise).__name__} noise"
        require(network.noise is None, kind, "one or the other", "use network.with_noise(None)")
        return jnp.asarray(array)
    draws = integer(draws, "draws")
    require(key is not None, "no key", "draws are random", "give key=")
    name = type(network.noise).__name__ if network.noise is not None else "no"
    require(is_frozen(network.noise), f"{name} noise", "a network settles in Frozen noise only", "use simulate")
    return frozen_draws(network.noise, key, int(draws), network.size)  # type: ignore[arg-type]


@eqx.filter_jit
def frozen_draws(noise: Noise, key: PRNGKeyArray, draws: int, size: int) -> States:
    """Return the values of frozen noise for each draw; the first are the same however many there are."""

    def draw(number):
        draw_key = jax.random.fold_in(key, number)
        return noise.sample(noise.init(size, key=draw_key), 0.0, size, key=draw_key)[0]

    return jax.vmap(draw)(jnp.arange(draws))


def _step(network: ContinuousNetwork, units: np.ndarray) -> float:
    """Return the step of relaxation: half a time constant, or less where modes are fast.

    A decaying mode μ shrinks in steps shorter than 2 |Re μ|/|μ|², which is less than 2/|μ| where it rotates: half of
    that is taken wherever half a time constant may be too long, but never less than SHORTEST time constants.
    """
    most, point = STEP * network.min_tau, jnp.asarray(units)
    fastest = float(sharpness(network, point))
    if not np.isfinite(fastest) or fastest * most <= SLOW:
        return most
    modes = np.linalg.eigvals(np.asarray(jax.jacfwd(network.drift)(point)))
    decaying = modes[modes.real < 0]
    bound = (-decaying.real / np.abs(decaying) ** 2).min() if len(decaying) else 1 / fastest
    return float(np.clip(min(bound, 1 / fastest), SHORTEST * network.min_tau, most))
