"""Fixed points of networks in frozen noise, computed for all draws of the noise together."""

import warnings

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import UnsolvedWarning, integer, real_array, real_number, require, users_frame
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, as_network, fastest_rate, label_units
from noisette.noise import Frozen, Noise, Sum
from noisette.progress import ProgressLike
from noisette.provenance import network_entries, provenance
from noisette.simulation._anderson import SAMPLED, Search, attempt, is_near
from noisette.simulation._linear_stability import are_stable

STEP = 0.5  # Euler step, in units of the shortest time constant; steps of 1 may be unstable where the flow is stable
SLOW = 1.3  # largest product of step and |μ| for which the modes of random networks are stable in steps
SHORTEST = 0.01  # shortest Euler step, in units of the shortest time constant
RELAXATION = (16, 48, 192, 768)  # number of Euler steps before each attempt
SHARE = 32  # the first attempt stops when 1/32 of the draws remain unsolved
BATCH = 32  # number of draws in later attempts, unless there are at most twice as many draws in total
NEWTON, HALVINGS = 16, 12  # largest numbers of Newton steps, and of halvings in the line search of each
DISPLACEMENT = 0.03  # distance of a new start from an unstable fixed point, relative to the norm of the state
CLOSE = 0.2  # largest norm of the velocity at the start of Newton's method, relative to the norm of the state

States = Float[Array, "draws N"]


@check_arguments
@public_call
def find_fixed_points(
    network: NetworkLike,
    draws: int | None = None,
    *,
    key: KeyLike | None = None,
    inputs: ArrayLike | None = None,
    start: float | ArrayLike = 0.0,
    tolerance: float = 1e-10,
    warn: bool = True,
    progress: ProgressLike = None,
) -> xr.Dataset:
    """Find the fixed point that a network approaches, for each draw of its frozen noise.

    .. math:: \\mathbf F(\\mathbf x^a) + \\mathbf b(\\mathbf x^a) \\circ \\boldsymbol\\xi^a = 0,
       \\qquad a = 1 \\dots \\text{draws}

    The flow of all draws is followed from `start` for a short time, by Euler steps of at most half a time constant. A
    quasi-Newton iteration with Anderson acceleration, which uses one Jacobian for all draws, then solves for the fixed
    points. For draws that do not converge within 40 iterations, or that leave the neighbourhood of the end of the
    trajectory, the flow is followed four times as long and the iteration is repeated. Draws that remain are solved by
    Newton's method with a line search. If the flow converges to an attracting fixed point, this is therefore the
    solution. If it does not converge, the solution may be a nearby unstable fixed point. Each solution is tested for
    linear stability. From the vicinity of unstable ones the flow is followed once more, and `stable` is true for draws
    whose final solution is stable.

    Parameters
    ----------
    network : network in continuous time, with `Frozen` noise or a sum of frozen noises
    draws : number of draws of the noise
    key : random key, or an integer; the first draws do not depend on the number of draws
    inputs : values ξ of the noise, shape (draws, N), for a network without noise; replaces `draws` and `key`
    start : initial state of all draws, a scalar or shape (N,)
    tolerance : largest residual of a solved draw. The residual is max |velocity| times the shortest time constant,
        relative to the larger of max |x| and min(1, max |ξ|), so that the relative precision is the same for weak
        and for strong noise
    warn : whether to warn of unsolved and unstable draws, which the attributes count in any case
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (draws
        solved, draws)

    Raises
    ------
    InputError : a noise that is not frozen; both or neither of `draws` and `inputs`; inconsistent shapes.

    Returns
    -------
    Dataset with ``state`` (draw, unit), ``residual`` (draw), ``converged`` (draw) and ``stable`` (draw), which is
    true if the draw is solved and all eigenvalues of the Jacobian at the solution have negative real parts; attributes
    ``failed``, the number of unsolved draws, and ``unstable``, the number of solved draws that are not stable. For
    unsolved draws, ``state`` is the last state of the search

    Warns
    -----
    UnsolvedWarning : unsolved draws, or solutions that are unstable

    See Also
    --------
    analysis.slow_points : Minima of the kinetic energy, where no fixed point may exist.
    analysis.nearest_fixed_point : The fixed point nearest to a given state, such as that of a delay.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.RateNetwork([[0.5]], activation=nz.activations.linear, noise=nz.Frozen(1.0))
    >>> points = find_fixed_points(network, 2000, key=0)  # x = 2 ξ
    >>> round(float(points.state.std()), 2), points.attrs["failed"]
    (2.0, 0)
    """
    continuous = as_network(network, ContinuousNetwork)
    network = continuous.dynamics()
    key = None if key is None else as_key(key)
    noise = _inputs(network, draws, key, inputs)
    first = jnp.asarray(np.broadcast_to(network.start(start), noise.shape))
    tolerance = real_number(tolerance, "tolerance", "a number above zero", lambda bound: 0 < bound < np.inf)
    step, scale = _step(network, np.asarray(first[0])), network.min_tau
    noiseless = network.with_noise(None)  # so that networks in different noises share a compiled program
    search = Search(noiseless, jnp.asarray(step), jnp.asarray(scale), jnp.asarray(tolerance))
    states, error = _solve_all(search, first, noise, progress)
    stable = _stable(search, states, error, noise)
    solved = error < tolerance  # false for NaN
    failed, unstable = int((~solved).sum()), int((solved & ~stable).sum())
    if warn:
        _warn(failed, unstable, len(solved))
    configuration = {"draws": len(solved), "tolerance": tolerance, "start": start, "inputs": inputs, "key": key}
    configuration |= network_entries(continuous)
    data = xr.Dataset(
        {
            "state": (("draw", "unit"), states, {"long_name": "state", "units": ""}),
            "residual": ("draw", error, {"long_name": "largest |velocity| × time constant", "units": ""}),
            "converged": ("draw", solved, {"long_name": "whether the draw is solved", "units": ""}),
            "stable": ("draw", stable, {"long_name": "whether the solution is a stable fixed point", "units": ""}),
        },
        attrs=provenance("simulated", "fixed points", (), configuration, failed=failed, unstable=unstable),
    )
    return label_units(data, continuous)


def _warn(failed: int, unstable: int, draws: int) -> None:
    """Warn of unsolved draws and of unstable solutions."""
    parts = []
    if failed:
        parts.append(f"{failed} of {draws} draws were not solved; `converged` is false for them")
    if unstable:
        parts.append(
            f"{unstable} of {draws} draws were solved by unstable fixed points; `stable` is true for the others"
        )
    if parts:
        warnings.warn("; ".join(parts), UnsolvedWarning, stacklevel=users_frame())


def _solve_all(search: Search, first: States, noise: States, progress: ProgressLike) -> tuple[np.ndarray, np.ndarray]:
    """Return states and residuals: attempts on all draws, then on unsolved ones, and finally Newton's method."""
    share = jnp.asarray(len(first) // SHARE)
    batch = len(first) if len(first) <= 2 * BATCH else BATCH  # few shapes, since each is compiled separately
    outcomes = [np.array(part) for part in attempt(search, first, noise, jnp.asarray(RELAXATION[0]), share)]
    states, error, far, mean = outcomes
    for steps in RELAXATION[1:]:
        unsolved = np.flatnonzero(~(error < search.tolerance))  # NaN counts as unsolved
        if callable(progress):
            progress(len(first) - len(unsolved), len(first))
        for rows in np.array_split(unsolved, -(-len(unsolved) // batch)) if len(unsolved) else ():
            padded = np.resize(rows, batch)
            attempted = attempt(search, jnp.asarray(far[padded]), noise[padded], jnp.asarray(steps), jnp.asarray(0))
            for old, new in zip(outcomes, attempted, strict=True):
                old[rows] = np.asarray(new)[: len(rows)]
    for row in np.flatnonzero(~(error < search.tolerance)):
        for start in (mean[row], far[row]):  # the trajectory may circle the fixed point, even a stable one
            states[row], error[row] = _newton(search, jnp.asarray(start), noise[row])
            if error[row] < search.tolerance:
                break
    if callable(progress):
        progress(len(first), len(first))
    return states, error


def _stable(search: Search, states: np.ndarray, error: np.ndarray, noise: States) -> np.ndarray:
    """Return which draws have stable solutions, after another search that starts near the unstable ones.

    If this search ends at a stable fixed point, `states` and `error` of the draw are replaced in place.
    """
    stable = np.zeros(len(states), bool)
    solved = np.flatnonzero(error < search.tolerance)
    if not len(solved):
        return stable
    stable[solved], slowest = _checked(search, states, noise, solved, len(states))
    unstable = solved[~stable[solved]]
    batch = len(states) if len(states) <= 2 * BATCH else BATCH
    for rows in np.array_split(unstable, -(-len(unstable) // batch)) if len(unstable) else ():
        padded = np.resize(rows, batch)
        length = np.sqrt((states[padded] ** 2).sum(1, keepdims=True))
        displaced = states[padded] + DISPLACEMENT * length * slowest[np.searchsorted(solved, padded)]
        steps = jnp.asarray(RELAXATION[-1])
        attempted, residual, _, _ = attempt(search, jnp.asarray(displaced), noise[padded], steps, jnp.asarray(0))
        better = np.asarray(residual)[: len(rows)] < float(search.tolerance)
        candidates = np.where(better[:, None], np.asarray(attempted)[: len(rows)], states[rows])
        proposal = states.copy()
        proposal[rows] = candidates
        better &= _checked(search, proposal, noise, rows, batch)[0]
        states[rows[better]], error[rows[better]] = candidates[better], np.asarray(residual)[: len(rows)][better]
        stable[rows] = better
    return stable


def _checked(
    search: Search, states: np.ndarray, noise: States, rows: np.ndarray, shape: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the fixed points of draws are stable, and their slowest modes; `shape` is the compiled size."""
    fastest = max(float(fastest_rate(search.network, jnp.asarray(states[row]))) for row in rows[:SAMPLED])
    padded = np.resize(rows, shape)
    stable, slowest = are_stable(search, jnp.asarray(states[padded]), noise[padded], float(search.scale), fastest)
    return stable[: len(rows)], slowest[: len(rows)]


@eqx.filter_jit
def _newton(search: Search, far: Array, noise: Array) -> tuple[Array, Array]:
    """Return state and residual of a draw after Newton's method with a line search on the norm of the velocity."""

    def norm(x):
        return jnp.linalg.norm(search.flow(x, noise))

    def body(carry):
        number, x, size, _ = carry
        step = jnp.linalg.solve(jax.jacfwd(search.flow)(x, noise), -search.flow(x, noise))
        insufficient = lambda c: (c[0] < HALVINGS) & ~(norm(x + 0.5 ** c[0] * step) < (1 - 1e-4 * 0.5 ** c[0]) * size)  # noqa: E731
        (halvings,) = jax.lax.while_loop(insufficient, lambda c: (c[0] + 1,), (0,))
        new_x = x + 0.5**halvings * step
        return number + 1, new_x, norm(new_x), halvings < HALVINGS

    def unfinished(carry):
        number, x, _, descends = carry
        return (number < NEWTON) & descends & ~(search.error(search.flow(x, noise), x, noise) < search.tolerance)

    size = norm(far)
    admissible = size <= CLOSE * jnp.linalg.norm(far)
    x = jax.lax.while_loop(unfinished, body, (0, far, size, admissible))[1]
    x = jnp.where(is_near(x, far) & (norm(x) < size), x, far)
    return x, search.error(search.flow(x, noise), x, noise)


def is_frozen(noise: Noise | None) -> bool:
    """Return whether a noise is `Frozen` or a sum of frozen noises."""
    return isinstance(noise, Frozen) or (isinstance(noise, Sum) and all(is_frozen(part) for part in noise.parts))


def _inputs(
    network: ContinuousNetwork, draws: int | None, key: PRNGKeyArray | None, inputs: ArrayLike | None
) -> States:
    """Return ξ of all draws, shape (draws, N)."""
    require(
        (draws is None) != (inputs is None), "draws and inputs" if draws else "neither draws nor inputs", "one of them"
    )
    if inputs is not None:
        array = real_array(inputs, "inputs")
        fits = array.ndim == 2 and array.shape[1] == network.size and len(array) > 0
        require(fits, f"inputs of shape {array.shape}", f"(draws, {network.size})")
        kind = f"inputs for a network in {type(network.noise).__name__} noise"
        require(network.noise is None, kind, "either noise or inputs", "use network.with_noise(None)")
        return jnp.asarray(array)
    draws = integer(draws, "draws")
    require(key is not None, "no key", "draws are random", "give key=")
    name = type(network.noise).__name__ if network.noise is not None else "no"
    require(is_frozen(network.noise), f"{name} noise", "fixed points exist in Frozen noise only", "use simulate")
    return frozen_draws(network.noise, key, int(draws), network.size)  # type: ignore[arg-type]


@eqx.filter_jit
def frozen_draws(noise: Noise, key: PRNGKeyArray, draws: int, size: int) -> States:
    """Return the values of frozen noise, shape (draws, N); the first draws do not depend on the number of draws."""

    def draw(number):
        draw_key = jax.random.fold_in(key, number)
        return noise.sample(noise.init(size, key=draw_key), 0.0, size, key=draw_key)[0]

    return jax.vmap(draw)(jnp.arange(draws))


def _step(network: ContinuousNetwork, units: np.ndarray) -> float:
    """Return the Euler step along the flow: half of the shortest time constant, or less if modes are fast.

    A decaying mode μ decays in Euler steps below 2 |Re μ|/|μ|², which for an oscillating mode is less than 2/|μ|. If
    half a time constant may be too long, half of this bound is used, but not less than SHORTEST time constants.
    """
    longest, point = STEP * network.min_tau, jnp.asarray(units)
    fastest = float(fastest_rate(network, point))
    if not np.isfinite(fastest) or fastest * longest <= SLOW:
        return longest
    modes = np.linalg.eigvals(np.asarray(jax.jacfwd(network.drift)(point)))
    decaying = modes[modes.real < 0]
    bound = (-decaying.real / np.abs(decaying) ** 2).min() if len(decaying) else 1 / fastest
    return float(np.clip(min(bound, 1 / fastest), SHORTEST * network.min_tau, longest))
