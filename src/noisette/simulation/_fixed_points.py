"""Fixed points of networks in frozen noise, for all draws of the noise at once."""

import warnings
from typing import NamedTuple

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import xarray as xr
from jaxtyping import Array, Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.errors import UnsolvedWarning, integer, real_array, require
from noisette.keys import KeyLike, as_key
from noisette.networks import ContinuousNetwork, NetworkLike, RateNetwork, as_network, sharpness
from noisette.noise import Frozen, Noise, Sum
from noisette.provenance import network_entries, provenance
from noisette.simulation._linear_stability import are_stable

STEP = 0.5  # of relaxation, in the shortest time constant: unit steps fail where the flow is stable
SLOW = 1.3  # step × fastest mode, up to which modes of random networks do not rotate too fast for it
SHORTEST = 0.01  # of the steps
RELAXATION = (16, 48, 192, 768)  # steps along the flow before each attempt
ATTEMPT = 40  # steps of each attempt; fixed points that take more were seen to be others than the flow's
NEAR = 0.5  # how far an attempt may end from where it began, relative to the state (root mean square)
SHARE = 32  # the first attempt stops when 1/32 of the draws are left
BATCH = 32  # draws of the later attempts; all of them, if they are at most twice as many
DEPTH = 5  # of Anderson acceleration
RIDGE = 1e-12  # of its least squares
RUNAWAY = 10.0  # a state so much longer than the median is left out of the mean Jacobian
SAMPLED = 4  # draws whose Jacobians are averaged, where the network has no mean slope
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
    """States in which a network settles, one for each draw of its frozen noise.

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
    >>> import jax, noisette as nz
    >>> network = nz.RateNetwork([[0.5]], activation=nz.activations.linear, noise=nz.Frozen(1.0))
    >>> found = find_fixed_points(network, 2000, key=jax.random.key(0))  # x = 2 ξ
    >>> round(float(found.state.std()), 2), found.attrs["failed"]
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
    search = _Search(quiet, jnp.asarray(step), jnp.asarray(scale), jnp.asarray(tolerance))
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


class _Search(NamedTuple):
    """What all attempts share: the network, its step of relaxation, its time scale, and the tolerance."""

    network: ContinuousNetwork
    step: Array
    scale: Array
    tolerance: Array

    def flow(self, units: Array, noise: Array) -> Array:
        """Return F(x) + b(x) ∘ ξ of one draw."""
        amplitude = self.network.diffusion(units)
        return self.network.drift(units) + (noise if amplitude is None else amplitude * noise)

    def error(self, flow: Array, units: Array, noise: Array) -> Array:
        """Return the residual of each draw, relative to its state or, if that is smaller, to its noise of at most 1."""
        strongest = jnp.abs(noise).max(-1)
        unit = jnp.where(strongest > 0, jnp.minimum(1.0, strongest), 1.0)
        residual = self.scale * jnp.abs(flow).max(-1) / jnp.maximum(unit, jnp.abs(units).max(-1))
        return jnp.where(jnp.isfinite(flow).all(-1), residual, jnp.inf)  # the maximum of NaN may be −∞ on a processor


def _all(search: _Search, first: States, noise: States) -> tuple[np.ndarray, np.ndarray]:
    """Return states and residuals of all draws: attempts on all, then on those that are left, then one by one."""
    share = jnp.asarray(len(first) // SHARE)
    batch = len(first) if len(first) <= 2 * BATCH else BATCH  # few shapes: each is compiled once
    found = [np.array(each) for each in _attempt(search, first, noise, jnp.asarray(RELAXATION[0]), share)]
    states, error, far, mean = found
    for steps in RELAXATION[1:]:
        left = np.flatnonzero(~(error < search.tolerance))  # NaN is left too
        for rows in np.array_split(left, -(-len(left) // batch)) if len(left) else ():
            padded = np.resize(rows, batch)
            tried = _attempt(search, jnp.asarray(far[padded]), noise[padded], jnp.asarray(steps), jnp.asarray(0))
            for old, new in zip(found, tried, strict=True):
                old[rows] = np.asarray(new)[: len(rows)]
    for row in np.flatnonzero(~(error < search.tolerance)):
        for start in (mean[row], far[row]):  # the flow may go round the fixed point, even round a stable one
            states[row], error[row] = _newton(search, jnp.asarray(start), noise[row])
            if error[row] < search.tolerance:
                break
    return states, error


def _stable(search: _Search, states: np.ndarray, error: np.ndarray, noise: States) -> np.ndarray:
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
        tried, residual, _, _ = _attempt(search, jnp.asarray(beside), noise[padded], steps, jnp.asarray(0))
        better = np.asarray(residual)[: len(rows)] < float(search.tolerance)
        after = np.where(better[:, None], np.asarray(tried)[: len(rows)], states[rows])
        moved = states.copy()
        moved[rows] = after
        better &= _checked(search, moved, noise, rows, batch)[0]
        states[rows[better]], error[rows[better]] = after[better], np.asarray(residual)[: len(rows)][better]
        stable[rows] = better
    return stable


def _checked(
    search: _Search, states: np.ndarray, noise: States, rows: np.ndarray, shape: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return whether the fixed points of some draws are stable, and their slowest modes; `shape` draws are compiled."""
    fastest = max(float(sharpness(search.network, jnp.asarray(states[row]))) for row in rows[:SAMPLED])
    padded = np.resize(rows, shape)
    found = are_stable(search, jnp.asarray(states[padded]), noise[padded], float(search.scale), fastest)
    return found[0][: len(rows)], found[1][: len(rows)]


@eqx.filter_jit
def _attempt(search: _Search, units: States, noise: States, steps: Array, share: Array) -> tuple[Array, ...]:
    """Follow the flow, then look for the fixed point with one Jacobian.

    Returns the state, which is the end of the flow where no fixed point is found; its residual; the end of the flow;
    and its mean on the way.
    """
    flow = jax.vmap(search.flow)

    def follow(_, pair):
        x = pair[0] + search.step * flow(pair[0], noise)
        return x, pair[1] + x / steps

    far, mean = jax.lax.fori_loop(0, steps, follow, (units, jnp.zeros_like(units)))
    back = -jnp.linalg.inv(_mean_jacobian(search, far, noise)).T.astype(jnp.float32)  # a direction needs no more

    def towards(f):
        size = jnp.maximum(jnp.abs(f).max(-1, keepdims=True), 1e-300)  # float32 ends at 1e-38, weak noise does not
        return size * ((f / size).astype(jnp.float32) @ back).astype(f.dtype)

    def body(carry):
        number, x, error, move, sums, changes, gram = carry
        aim = jnp.einsum("dkn,dn->dk", changes, move)
        after = x + move - jnp.einsum("dk,dkn->dn", _solved(gram, aim), sums)
        after = jnp.where((error < search.tolerance)[:, None], x, after)
        f = flow(after, noise)
        there = towards(f)
        slot, change = number % DEPTH, there - move
        sums, changes = sums.at[:, slot].set(after - x + change), changes.at[:, slot].set(change)
        row = jnp.einsum("dkn,dn->dk", changes, change)
        gram = gram.at[:, slot].set(row).at[:, :, slot].set(row)
        return number + 1, after, search.error(f, after, noise), there, sums, changes, gram

    def more(carry):
        return (carry[0] < ATTEMPT) & ((~(carry[2] < search.tolerance)).sum() > share)

    f, none = flow(far, noise), jnp.zeros((len(far), DEPTH, far.shape[1]))
    before = search.error(f, far, noise)
    start = (jnp.asarray(0), far, before, towards(f), none, none, jnp.zeros((len(far), DEPTH, DEPTH)))
    _, x, error, *_ = jax.lax.while_loop(more, body, start)
    found = _near(x, far) & (error < search.tolerance)
    return jnp.where(found[:, None], x, far), jnp.where(found, error, before), far, mean


def _solved(gram: Float[Array, "draws depth depth"], aim: Float[Array, "draws depth"]) -> Float[Array, "draws depth"]:
    """Return the combinations of past changes of the residual that come closest to it (least squares)."""
    ridge = RIDGE * jnp.trace(gram, axis1=1, axis2=2) + 1e-300
    rows = jnp.concatenate([gram + ridge[:, None, None] * jnp.eye(DEPTH), aim[..., None]], axis=2)
    for k in range(DEPTH):  # positive definite: no pivots; LAPACK's batches wait for threads that two programs share
        rows = rows.at[:, k].divide(rows[:, k, k, None])
        others = jnp.where((jnp.arange(DEPTH) == k)[:, None], 0.0, rows[:, :, k, None])
        rows = rows - others * rows[:, None, k]
    return rows[:, :, DEPTH]


def _near(x: Array, far: Array) -> Array:
    """Return whether each state is close to where its search began."""
    unit = jnp.abs(far).max(-1, keepdims=True) + 1e-300  # what runs away is too large to be squared
    return (((x - far) / unit) ** 2).mean(-1) <= NEAR**2 * ((far / unit) ** 2).mean(-1)


def _mean_jacobian(search: _Search, units: States, noise: States) -> Float[Array, "N N"]:
    """Return the Jacobian of the flow averaged over draws: over all where there are slopes, else over a few."""
    network, length = search.network, jnp.linalg.norm(units, axis=1)
    sane = length <= RUNAWAY * jnp.nanmedian(length)  # what runs away must not spoil the others
    if isinstance(network, RateNetwork):
        slopes = jax.jvp(network.rate, (units,), (jnp.ones_like(units),))[1]
        slope = jnp.where(sane[:, None], slopes, 0.0).sum(0) / sane.sum()
        inner = network.gain * network.weights * slope - jnp.eye(network.size)
        return inner / jnp.broadcast_to(network.tau, (network.size,))[:, None]
    chosen = jnp.argsort(~sane)[:SAMPLED]
    return jax.lax.map(lambda pair: jax.jacfwd(search.flow)(*pair), (units[chosen], noise[chosen])).mean(0)


@eqx.filter_jit
def _newton(search: _Search, far: Array, noise: Array) -> tuple[Array, Array]:
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
    x = jnp.where(_near(x, far) & (norm(x) < size), x, far)
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
