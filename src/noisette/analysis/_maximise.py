"""Weights with the largest information of successive states, by gradient ascent through the exact stationary chain.

Two facts are useful to judge the results. Let no row have a sum of magnitudes above R, and let there be neither bias
nor noise beside the thresholds. Then |h_n| ≤ R in every state, each unit has at least the conditional entropy h₂(q),
q = 1/(1 + e^R), and

    I = H(s') − H(s'|s) ≤ N (1 − h₂(q)).

Signed permutation matrices of the weight R (N-rooks) attain the bound, and only they do: all states are occupied, so
that |h_n| = R in all states requires a single weight in each row, and H = N requires that all states are equally
likely, so that no two rows use the same column. For other constraints this argument fails, because several weights in a
row add up to larger fields.

For weak weights the expansion of I in W begins with ‖W‖²/(8 ln 2), the same for all matrices of one Frobenius norm; the
next order decides. With G = W Wᵀ it is, up to the factor 1/ln 2, the sum of three effects: correlated units have larger
fields, the entropy of a unit given its field h_n is not quadratic, and correlated units have a smaller joint entropy,

    Σ_n Σ_{m≠k} W_nm W_nk G_mk/32 − Σ_n ⟨h_n⁴⟩/64 − Σ_{i≠j} G_ij²/64,

with the average over independent fair s. For rows of the norm ρ this is −Nρ⁴/64 for rooks and (N² − 4N + 2) ρ⁴/64 for
the uniform matrix W_ij = ρ/√N, a ferromagnet, which is therefore better for weak weights if N ≥ 3. For strong weights
it has 1 bit, and rooks have N bits.
"""

from functools import partial
from typing import Any, Literal, NamedTuple, get_args

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
import xarray as xr
from jaxtyping import Array, Float
from numpy.typing import ArrayLike

from noisette.analysis._options import Progress, seed_entry
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.errors import integer, real_number, require
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, Boltzmann, NetworkLike, as_network, rounded_reach
from noisette.provenance import network_entries, provenance
from noisette.theory import markov
from noisette.weights import is_nrooks

LIMIT = 7  # largest number of units
CHUNK = 50  # steps between reports of progress
SUFFICIENT = 1e-4  # share of the linear prediction by which I must grow in a step
SHORTEST, LONGEST = 1e-10, 1e10  # limits of the length of a step, per unit of the gradient
Constraint = Literal["row-sum", "row-norm", "frobenius", "largest"]
NORMS = {
    "row-sum": lambda w: np.abs(w).sum(1).max(),
    "row-norm": lambda w: np.sqrt((w**2).sum(1)).max(),
    "frobenius": lambda w: np.sqrt((w**2).sum()),
    "largest": lambda w: np.abs(w).max(),
}


class _Problem(NamedTuple):
    """Network whose weights are varied, standard deviation of its noise, bound of |h|, constraint and its bound."""

    network: BinaryNetwork
    std: Float[Array, " N"] | None
    bound: Array


def _projected(w: Array, bound: Array, constraint: str) -> Array:
    """Return the nearest matrix that satisfies the constraint."""
    if constraint == "row-sum":
        return jax.vmap(lambda row: optax.projections.projection_l1_ball(row, bound))(w)
    if constraint == "row-norm":
        return jax.vmap(lambda row: optax.projections.projection_l2_ball(row, bound))(w)
    if constraint == "frobenius":
        return optax.projections.projection_l2_ball(w, bound)
    return jnp.clip(w, -bound, bound)


def _information(w: Array, problem: _Problem, reach: float) -> Array:
    network = eqx.tree_at(lambda n: n.weights, problem.network, w)
    return markov.stationary_information(network, problem.std, reach)


class _Point(NamedTuple):
    """Weights of one start, their information and its gradient, and the length of the next step."""

    weights: Float[Array, "N N"]
    information: Float[Array, ""]
    gradient: Float[Array, "N N"]
    length: Float[Array, ""]


_value_and_gradient = jax.value_and_grad(_information)


def _step(point: _Point, problem: _Problem, constraint: str, reach: float) -> _Point:
    """Return the point after a step along the gradient, projected, or the same point with a shorter step.

    After a successful step the length is that of Barzilai and Borwein (1988), a difference quotient of the gradient.
    """
    w = _projected(point.weights + point.length * point.gradient, problem.bound, constraint)
    value, gradient = _value_and_gradient(w, problem, reach)
    moved = w - point.weights
    enough = value >= point.information + SUFFICIENT * jnp.sum(point.gradient * moved)
    curvature = jnp.abs(jnp.sum(moved * (gradient - point.gradient)))
    squared = jnp.sum(moved**2)
    length = jnp.where(curvature > 0, squared / jnp.where(curvature > 0, curvature, 1.0), 2 * point.length)
    longer = _Point(w, value, gradient, jnp.clip(length, SHORTEST, LONGEST))
    return jax.tree.map(
        partial(jnp.where, enough), longer, point._replace(length=jnp.maximum(point.length / 4, SHORTEST))
    )


@partial(jax.jit, static_argnames=("constraint", "reach"))
def _ascend(
    points: _Point, problem: _Problem, steps: int | Array, constraint: str, reach: float
) -> tuple[_Point, Array]:
    """Return the points after up to CHUNK steps, and the information before each of them, shape (CHUNK, starts)."""
    step = jax.vmap(partial(_step, constraint=constraint, reach=reach), in_axes=(0, None))

    def record(i, carry):
        now, values = carry
        return step(now, problem), values.at[i].set(now.information)

    # the number of steps is traced, so that code is compiled once for all of them
    return jax.lax.fori_loop(0, steps, record, (points, jnp.zeros((CHUNK, len(points.weights)))))


@check_arguments
@public_call
def maximise_information(
    weights: ArrayLike | NetworkLike,
    constraint: Constraint = "row-sum",
    bound: float | None = None,
    *,
    starts: int = 1,
    steps: int = 500,
    key: KeyLike = 0,
    progress: Progress | None = None,
) -> xr.Dataset:
    """Maximise the exact stationary information of successive states over the weights, within a bound on their size.

    .. math:: \\max_W I(s_t; s_{t+1}), \\qquad \\sum_j |W_{ij}| \\le R, \\quad
       \\Big(\\sum_j W_{ij}^2\\Big)^{1/2} \\le R, \\quad \\Big(\\sum_{ij} W_{ij}^2\\Big)^{1/2} \\le R
       \\quad \\text{or} \\quad |W_{ij}| \\le R

    Gradients are those of the exact chain, through its stationary distribution. Each start is followed by gradient
    ascent, projected to the constraint, in which I never decreases, to a local maximum; several starts show whether
    maxima differ. For "row-sum" without bias and noise the global maxima are known: the signed permutations of the
    weight R (N-rooks), with I = N (1 − h₂(1/(1 + e^R))). Other constraints can favour other matrices.

    Parameters
    ----------
    weights : W0, shape (N, N), N ≤ 7, the first start; or a binary network, whose bias and noise are kept
    constraint : "row-sum", "row-norm", "frobenius" or "largest", in the order of the equation
    bound : R; by default that of W0
    starts : number of starts; all except the first are matrices of independent normal numbers scaled to the bound
    steps : number of evaluations of the gradient for each start
    key : an integer or a JAX key, for the starts
    progress : True to show a bar, or a function called with (steps done, steps)

    Returns
    -------
    Dataset over ``start`` with ``weights`` (start, target, source), ``final_information``, ``information`` (start,
    step) before each step, ``nrooks``, whether one weight dominates each row and column, see `weights.is_nrooks`, and
    ``residual``, the largest change of a weight by a projected gradient step of length 1 at the end, zero at a maximum

    Raises
    ------
    InputError : more than 7 units, common noise, weights of zero without a bound.

    See Also
    --------
    theory.markov.measures : The information of one network.
    optimal_noise : The noise at which the information is largest.
    weights.nrooks : Signed permutation matrices.

    Examples
    --------
    >>> import noisette as nz
    >>> found = maximise_information([[0.5, 0.2], [0.3, -0.4]], "row-sum", 4.0, steps=300)
    >>> bool(found.nrooks[0]), round(float(found.final_information[0]), 4)
    (True, 1.74)

    References
    ----------
    Metzner, Yamakou, Voelkl, Schilling & Krauss (2024) [metzner2024b], who maximise I by evolution.
    """
    network = _network(weights)
    require(network.size <= LIMIT, f"{network.size} units", f"at most {LIMIT}, as gradients need dense chains")
    require(constraint in get_args(Constraint), f"constraint {constraint!r}", " or ".join(get_args(Constraint)))
    first = np.asarray(network.weights)
    own = float(NORMS[constraint](first))
    allowed = "a bound above zero"
    limit = own if bound is None else real_number(bound, "bound", allowed, lambda x: 0 < x < np.inf)
    require(limit > 0, "weights of zero without a bound", allowed, "give bound")
    count, length = integer(starts, "starts"), integer(steps, "steps")
    problem = _Problem(network, _noise(network), jnp.asarray(limit))
    w = jnp.asarray(_starts(first, count, limit, constraint, key))
    largest = limit * (network.size if constraint == "largest" else np.sqrt(network.size))
    reach = rounded_reach(largest + float(np.abs(network.bias).max()))
    points, values = _followed(w, problem, constraint, reach, length, progress)
    data = _result(points, values, problem, constraint)
    configuration = {"constraint": constraint, "bound": limit, "starts": count, "steps": length, "key": key}
    configuration |= network_entries(network)
    attributes = provenance("exact", "stationary", ("metzner2024b",), configuration, **seed_entry(key))
    return data.assign_attrs(attributes)


def _network(weights: Any) -> BinaryNetwork:
    """Return a network given as such or by its weights."""
    if isinstance(weights, NetworkLike):
        return as_network(weights, BinaryNetwork)
    return Boltzmann(weights)


def _noise(network: BinaryNetwork) -> Array | None:
    """Return the standard deviation of independent noise, None without noise."""
    std, factors = network.noise.step_law(network.size, None)
    common = "noise shared by units"
    require(not np.any(np.asarray(factors)), common, "independent noise of each unit", "use White")
    require(
        isinstance(network, Boltzmann) or bool(np.all(np.asarray(std) > 0)),
        "a sign network with noiseless units",
        "noise above zero, as steps have no gradient",
    )
    return jnp.asarray(std) if np.any(np.asarray(std)) else None


def _starts(first: np.ndarray, count: int, limit: float, constraint: str, key: KeyLike) -> np.ndarray:
    """Return the starts, W0 projected and normal matrices scaled to the bound, shape (starts, N, N)."""
    begin = np.asarray(_projected(jnp.asarray(first), jnp.asarray(limit), constraint))
    drawn = np.asarray(jax.random.normal(as_key(key), (count - 1, *first.shape), float))
    return np.stack([begin, *(w * (limit / NORMS[constraint](w)) for w in drawn)])


def _followed(
    w: Array, problem: _Problem, constraint: str, reach: float, steps: int, progress: Progress | None
) -> tuple[_Point, np.ndarray]:
    """Return the points at the end, and the information before each step, shape (steps, starts)."""
    value, gradient = jax.vmap(_value_and_gradient, in_axes=(0, None, None))(w, problem, reach)
    points, values = _Point(w, value, gradient, jnp.ones(len(w))), []
    for done in range(0, steps, CHUNK):
        number = min(CHUNK, steps - done)
        points, informations = _ascend(points, problem, number, constraint, reach)
        values.append(np.asarray(informations)[:number])
        if callable(progress):
            progress(min(done + CHUNK, steps), steps)
    return points, np.concatenate(values)


def _result(points: _Point, values: np.ndarray, problem: _Problem, constraint: str) -> xr.Dataset:
    """Return the Dataset of all starts."""
    w = points.weights
    moved = jax.vmap(lambda m: _projected(m, problem.bound, constraint))(w + points.gradient)
    units = np.arange(w.shape[1])
    bits = {"long_name": "information of successive states", "units": "bit"}
    return xr.Dataset(
        {
            "weights": (("start", "target", "source"), np.asarray(w), {"long_name": "weight", "units": ""}),
            "final_information": ("start", np.asarray(points.information), bits),
            "information": (("start", "step"), values.T, bits),
            "nrooks": ("start", [is_nrooks(m) for m in np.asarray(w)], {"long_name": "N-rooks", "units": ""}),
            "residual": (
                "start",
                np.asarray(jnp.abs(moved - w).max((1, 2))),
                {"long_name": "largest change by a projected gradient step", "units": ""},
            ),
        },
        {
            "start": np.arange(len(w)),
            "step": ("step", np.arange(len(values)), {"long_name": "step of the ascent", "units": ""}),
            "target": units,
            "source": units,
        },
    )


__all__ = ["Constraint", "maximise_information"]
