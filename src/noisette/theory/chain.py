"""The exact Markov chain of a binary network in white noise: what a simulation would show, without sampling.

Given the state, units are independent once white noise is averaged out, so the transition probability is a
product over units, and everything about successive states follows from it.
"""

from functools import partial
from typing import Literal, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from noisette.codes import states
from noisette.errors import InputError, require
from noisette.information import binary_entropy, entropy, plogp
from noisette.networks import BinaryNetwork
from noisette.theory import _gth, _krylov, _transition
from noisette.theory._transition import DENSE_LIMIT, FREE_LIMIT, Law

SMALL = 7  # up to here matrices are small enough to be squared, batched and differentiated
Estimator = Literal["fixed-start", "start-averaged", "stationary"]
ESTIMATORS = ("fixed-start", "start-averaged", "stationary")
Start = int | str | ArrayLike


class Measures(NamedTuple):
    """Entropy H of the states, mutual information I of successive states, divergence D = H − I, in bits."""

    entropy: Float[Array, "..."]
    information: Float[Array, "..."]
    divergence: Float[Array, "..."]


def transition_matrix(network: BinaryNetwork, time: int = 0) -> np.ndarray:
    """Transition probabilities between all states, the noise of one step averaged exactly.

    .. math:: P(s'|s) = \\prod_n S(s'_n h_n(s); r_n), \\qquad h = W s + b

    Parameters
    ----------
    network : at most 12 units, in memoryless Gaussian noise (White, Common, Pulse, sums, gates)
    time : step whose noise counts, for noise gated in time

    Returns
    -------
    array of float64, shape (2**N, 2**N): row = code of the state left, column = code of the state entered

    Raises
    ------
    InputError : too many units; noise with memory or with several different shared factors.

    Examples
    --------
    >>> import noisette as nz
    >>> P = transition_matrix(nz.Boltzmann([[2.0]]))
    >>> P.round(4)
    array([[0.8808, 0.1192],
           [0.1192, 0.8808]])
    """
    _transition.fits(network, DENSE_LIMIT, "use the matrix-free measures, or simulate")
    return np.asarray(_dense(network, _transition.law(network, time)))


def _dense(network: BinaryNetwork, law: Law) -> Float[Array, "states states"]:
    if law.shared is None:
        return _dense_white(network, law.std, network.reach())
    return _transition.dense(network, law, network.reach())


@partial(jax.jit, static_argnames="reach")
def _dense_white(network: BinaryNetwork, std: Array, reach: float) -> Array:
    return _transition.dense(network, Law(std, None), reach)


def stationary(network: BinaryNetwork) -> np.ndarray:
    """Stationary distribution π = πP over all states.

    Up to 12 units by elimination without subtraction (GTH), each probability to its own precision however
    metastable the chain; beyond by Arnoldi's method, which refuses chains that mix too slowly.

    Returns
    -------
    array of float64, shape (2**N,)

    Raises
    ------
    InputError : several closed sets of states, so that the distribution depends on the start; too many units.

    Examples
    --------
    >>> import noisette as nz
    >>> stationary(nz.Boltzmann([[0.0]], bias=1.0)).round(6)  # 1/(1 + e), e/(1 + e)
    array([0.268941, 0.731059])

    References
    ----------
    Grassmann, Taksar & Heyman (1985), Operations Research 33:1107.
    """
    _transition.fits(network, FREE_LIMIT, "simulate")
    if network.size <= DENSE_LIMIT:
        return stationary_of(transition_matrix(network))
    return _stationary_free(_free(network), network.size)


def _stationary_free(apply: _krylov.Apply, size: int) -> np.ndarray:
    start = np.random.default_rng(0).random(2**size)  # generic: overlaps with every slow mode
    return np.clip(_krylov.stationary(apply, start / start.sum())[0], 0.0, None)


def stationary_of(transition: np.ndarray) -> np.ndarray:
    """Stationary distribution of a transition matrix (rows sum to 1), without subtraction.

    Examples
    --------
    >>> stationary_of(np.array([[0.5, 0.5], [1.0, 0.0]])).round(6)
    array([0.666667, 0.333333])
    """
    closed = closed_classes(transition)
    require(
        len(closed) == 1,
        f"the chain has {len(closed)} closed sets of states",
        "a stationary distribution needs a single one",
        "use estimator fixed-start, or more noise",
    )
    distribution = np.zeros(len(transition))
    distribution[closed[0]] = _gth.stationary(transition[np.ix_(closed[0], closed[0])])
    return distribution


def closed_classes(transition: np.ndarray) -> list[np.ndarray]:
    """Sets of states that the chain cannot leave, each sorted, in the order of their first states.

    Examples
    --------
    >>> [c.tolist() for c in closed_classes(np.array([[1.0, 0, 0], [0.5, 0, 0.5], [0, 0, 1.0]]))]
    [[0], [2]]
    """
    if (transition > 0).all():
        return [np.arange(len(transition))]
    graph = csr_array(transition > 0)
    number, label = connected_components(graph, connection="strong")
    rows, columns = graph.nonzero()
    leaks = np.unique(label[rows[label[rows] != label[columns]]])
    found = [np.flatnonzero(label == k) for k in np.setdiff1d(np.arange(number), leaks)]
    return sorted(found, key=lambda members: members[0])


def start_distribution(start: Start, size: int) -> np.ndarray:
    """Return the distribution that `start` means: a code, "uniform", or 2^N probabilities.

    Examples
    --------
    >>> start_distribution(2, 2)
    array([0., 0., 1., 0.])
    """
    if isinstance(start, str):
        require(start == "uniform", f"start {start!r}", "a code, 'uniform', or a distribution")
        return np.full(2**size, 2.0**-size)
    array = np.asarray(start)
    if array.ndim == 0:
        require(
            array.dtype.kind in "iu" and 0 <= int(array) < 2**size,
            f"start {start!r}",
            f"a state of {size} units has a code from 0 to {2**size - 1}",
        )
        return np.eye(1, 2**size, int(array))[0]
    require(
        array.shape == (2**size,) and bool((array >= 0).all()) and abs(float(array.sum()) - 1) < 1e-9,
        f"start of shape {array.shape}",
        f"a distribution over {2**size} states: not negative, summing to 1",
    )
    return array.astype(float)


def occupation(network: BinaryNetwork, steps: int, start: Start = 0) -> np.ndarray:
    """Exact distribution of the state, averaged over the first `steps` steps from a start.

    .. math:: \\bar p = \\frac{1}{N_T} \\sum_{t=0}^{N_T-1} p_0 P^t

    Parameters
    ----------
    network : at most 16 units
    steps : N_T
    start : code, "uniform", or a distribution p_0, shape (2**N,)

    Returns
    -------
    array of float64, shape (2**N,)

    Examples
    --------
    >>> import noisette as nz
    >>> occupation(nz.SignNetwork([[-1.0]]), 3, start=0).round(4)  # down, up, down
    array([0.6667, 0.3333])
    """
    _transition.fits(network, FREE_LIMIT, "simulate")
    require(steps >= 1, f"steps {steps}", "at least one step")
    first = start_distribution(start, network.size)
    if network.size <= SMALL:
        return np.asarray(_time_average(jnp.asarray(transition_matrix(network)), jnp.asarray(first), steps))
    return np.clip(_krylov.time_average(_free(network), first, steps), 0.0, None)


def _free(network: BinaryNetwork) -> _krylov.Apply:
    """Return p ↦ pP without the matrix where the noise allows it."""
    law = _transition.law(network)
    if law.shared is None:
        kernel = _transition.factors(network, law.std, network.reach())
        return partial(_transition.apply, kernel)
    matrix = transition_matrix(network)
    return lambda p: p @ matrix


@partial(jax.jit, static_argnames="steps")
def _time_average(p: Float[Array, "n n"], first: Float[Array, " n"], steps: int) -> Float[Array, " n"]:
    """(1/steps) Σ_{t<steps} first · pᵗ, by doubling: positive terms only."""
    total, current, power = jnp.zeros_like(first), first, None
    for bit in f"{steps:b}":
        if power is not None:
            total, current, power = total + total @ power, current @ power, power @ power
        if bit == "1":
            total, current = total + current, current @ p
            power = p if power is None else power @ p
    return total / steps


@jax.jit
def _measures_of(p: Array, after: Array, loss: Array) -> Measures:
    """H, I and D from p̄, p̄P and the conditional entropy H(s'|s)."""
    h = entropy(p)
    information = entropy(after) - loss
    return Measures(h, information, h - information)


def conditional_entropy(network: BinaryNetwork, law: Law) -> Float[Array, " states"]:
    """Return H(s'|s) for each state s of a network in independent noise: Σ_n h2(q_n)."""
    return _loss(network, law.std, network.reach())


@partial(jax.jit, static_argnames="reach")
def _loss(network: BinaryNetwork, std: Array, reach: float) -> Array:
    return _transition.by_blocks(lambda h: binary_entropy(network.flip(h, std, reach=reach)).sum(1), network)


@jax.jit
def _row_entropies(matrix: Array) -> Array:
    return -plogp(matrix).sum(1)


@partial(jax.jit, static_argnames=("steps", "estimator", "reach"))
def small_measures(
    network: BinaryNetwork, std: Array, first: Array, steps: int, estimator: str, reach: float
) -> Measures:
    """H, I and D of a small network in independent noise of `std`; pure, batchable, differentiable."""
    fields = network.field(jnp.asarray(states(network.size)))
    q = network.flip(fields, std, reach=reach)
    positive = fields >= 0
    p = _transition.khatri_rao(jnp.where(positive, q, 1 - q), jnp.where(positive, 1 - q, q))
    where = _gth.stationary_traced(p) if estimator == "stationary" else _time_average(p, first, steps)
    return _measures_of(where, where @ p, where @ binary_entropy(q).sum(1))


def measures(
    network: BinaryNetwork, steps: int = 10_000, start: Start = 0, estimator: Estimator = "fixed-start"
) -> Measures:
    """Exact entropy, mutual information and divergence of successive states, in bits.

    .. math:: H = -\\sum_a \\bar p_a \\log_2 \\bar p_a, \\quad
       I = H(\\bar p) + H(\\bar p P) - H(\\bar P), \\quad \\bar P_{ab} = \\bar p_a P_{ab}, \\quad D = H - I

    Parameters
    ----------
    network : at most 16 units in independent noise, 12 in common noise
    steps : N_T, for the estimators with a finite time
    start : code, "uniform" or distribution, for "fixed-start"
    estimator : "fixed-start" (N_T steps from `start`), "start-averaged" (from the uniform distribution: the
        entropy of the mixture, not the mean of entropies), "stationary" (N_T → ∞)

    Returns
    -------
    Measures of three scalars

    Raises
    ------
    InputError : too many units, unknown estimator, no unique stationary distribution.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.autapses(10), noise=nz.White(4.0))
    >>> [round(float(x), 4) for x in measures(network)]
    [4.9999, 4.5442, 0.4557]
    """
    check_estimator(estimator)
    _transition.fits(network, FREE_LIMIT, "simulate, with estimator single-run and a subset of units")
    law = _transition.law(network)
    first = start_distribution("uniform" if estimator == "start-averaged" else start, network.size)
    if network.size <= SMALL and law.shared is None and estimator != "stationary":
        found = small_measures(network, law.std, jnp.asarray(first), steps, estimator, network.reach())
        return Measures(*map(np.asarray, found))
    if law.shared is not None or (network.size <= DENSE_LIMIT and estimator == "stationary"):
        matrix = transition_matrix(network)
        apply = lambda p: p @ matrix  # noqa: E731
    else:
        matrix, apply = None, _free(network)
    if estimator != "stationary":
        p = np.clip(_krylov.time_average(apply, first, steps), 0.0, None)
    else:
        p = _stationary_free(apply, network.size) if matrix is None else stationary_of(matrix)
    after = apply(p)
    if law.shared is None:
        loss = p @ np.asarray(conditional_entropy(network, law))
    else:
        loss = p @ np.asarray(_row_entropies(jnp.asarray(matrix)))
    return Measures(*map(np.asarray, _measures_of(jnp.asarray(p), jnp.asarray(after), jnp.asarray(loss))))


def check_estimator(estimator: str) -> None:
    """Refuse an unknown estimator."""
    require(estimator in ESTIMATORS, f"unknown estimator {estimator!r}", f"exact ones are {', '.join(ESTIMATORS)}")


def joint(
    network: BinaryNetwork, steps: int = 10_000, start: Start = 0, estimator: Estimator = "fixed-start"
) -> np.ndarray:
    """Exact joint distribution of successive states, P̄(a, b) = p̄(a) P(b|a).

    Returns
    -------
    array of float64, shape (2**N, 2**N), summing to 1

    Examples
    --------
    >>> import noisette as nz
    >>> joint(nz.Boltzmann([[2.0]]), estimator="stationary").round(4)
    array([[0.4404, 0.0596],
           [0.0596, 0.4404]])
    """
    check_estimator(estimator)
    return _occupied(network, steps, start, estimator)[:, None] * transition_matrix(network)


def _occupied(network: BinaryNetwork, steps: int, start: Start, estimator: str) -> np.ndarray:
    if estimator == "stationary":
        return stationary(network)
    return occupation(network, steps, "uniform" if estimator == "start-averaged" else start)


def passage_times(network: BinaryNetwork, target: int | list[int]) -> np.ndarray:
    """Mean number of steps to reach a target from every state; infinite where it may never be reached.

    .. math:: \\tau_a = 1 + \\sum_{b \\notin \\mathrm{target}} P_{ab} \\tau_b

    Solved without subtraction, so that times of any length (250 decades and more) keep their digits; a dense
    linear solve returns negative times there.

    Parameters
    ----------
    network : at most 12 units
    target : code, or codes that count as one target; their own entry is the mean return time (from a state of
        the target drawn uniformly, if there are several)

    Returns
    -------
    array of float64, shape (2**N,)

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.hopfield([24, 7], 10), noise=nz.White(23.0))
    >>> round(passage_times(network, 7)[24], 5)
    58.55637
    """
    p = transition_matrix(network)
    goal = np.unique(np.atleast_1d(target))
    for code in goal:
        start_distribution(int(code), network.size)
    others = np.setdiff1d(np.arange(len(p)), goal)
    # the target becomes one state, index 0
    rows = np.vstack([p[goal].mean(0), p[others]])
    merged = np.column_stack([rows[:, goal].sum(1), rows[:, others]])
    sure = _surely_reaching(merged)
    times = np.full(len(merged), np.inf)
    if sure[0]:
        times[sure] = _gth.passage_times(merged[np.ix_(sure, sure)])
    else:  # the target itself leaks away, but the others may still be sure to reach it
        closed = merged[np.ix_(np.r_[0, np.flatnonzero(sure)], np.r_[0, np.flatnonzero(sure)])]
        times[sure] = _gth.passage_times(closed)[1:]
    result = np.empty(len(p))
    result[goal], result[others] = times[0], times[1:]
    return result


def _surely_reaching(transition: np.ndarray) -> np.ndarray:
    """Mask of the states from which state 0 is reached with probability 1."""
    edges = transition > 0
    able = np.zeros(len(edges), bool)
    able[0] = True
    while True:
        wider = able | edges[:, able].any(1)
        if (wider == able).all():
            break
        able = wider
    lost = ~able
    through = edges.copy()
    through[:, 0] = False  # what happens after state 0 is reached does not count
    while True:
        wider = lost | through[:, lost].any(1)
        if (wider == lost).all():
            return ~lost
        lost = wider


def escape_time(network: BinaryNetwork, codes: list[int]) -> float:
    """Mean number of steps until the network leaves a set of states, started uniformly in it.

    Parameters
    ----------
    codes : the set, for instance one attractor

    Returns
    -------
    float, in steps; infinite if the set is closed

    Examples
    --------
    >>> import noisette as nz
    >>> round(escape_time(nz.Boltzmann(nz.weights.autapses(10)), [0]), 2)  # 1/(1 − (1 − q)⁵)
    4405.89
    """
    members = np.unique(codes)
    others = np.setdiff1d(np.arange(2**network.size), members)
    if not len(others):
        return np.inf
    return float(passage_times(network, others.tolist())[members].mean())


def entropy_production(network: BinaryNetwork) -> float:
    """Rate at which the stationary chain tells its past from its future, in bits per step.

    .. math:: \\sigma = \\sum_{ab} \\pi_a P_{ab} \\log_2 \\frac{\\pi_a P_{ab}}{\\pi_b P_{ba}}

    Zero if and only if the chain is reversible; infinite if a transition has no way back.

    Examples
    --------
    >>> import noisette as nz
    >>> bool(entropy_production(nz.Boltzmann(nz.weights.autapses(1.0, 2))) < 1e-12)
    True
    """
    p = transition_matrix(network)
    flow = stationary_of(p)[:, None] * p
    if ((flow > 0) & (flow.T == 0)).any():
        return np.inf
    both = flow > 0
    return float(np.sum(flow[both] * np.log2(flow[both] / flow.T[both])))


__all__ = [
    "ESTIMATORS",
    "InputError",
    "Measures",
    "closed_classes",
    "conditional_entropy",
    "entropy_production",
    "escape_time",
    "joint",
    "measures",
    "occupation",
    "passage_times",
    "small_measures",
    "start_distribution",
    "stationary",
    "stationary_of",
    "transition_matrix",
]
