"""Occupation of states by the chain of a binary network: averaged over time from a start, and stationary."""

from collections.abc import Callable
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, Int
from numpy.typing import ArrayLike
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from noisette.arguments import check_arguments
from noisette.errors import InputError, integer, real_array, require
from noisette.networks import BinaryNetwork
from noisette.theory.markov import _gth, _krylov, _transition
from noisette.theory.markov._transition import DENSE_LIMIT, FREE_LIMIT, transition_matrix

LOGARITHMIC = 8  # largest number of units for elimination on logarithms, which takes about a second
SMALL = 7  # largest number of units for which matrices are squared, batched and differentiated
#: Type of an initial state: a code, "uniform", or 2^N probabilities.
Start = int | str | ArrayLike


class Reducible(InputError):
    """Exception for chains with several closed sets of states (to rounding), whose limit depends on the start."""


@check_arguments
def start_distribution(start: Start, size: int) -> np.ndarray:
    """Return the initial distribution given as a code, as "uniform", or as 2^N probabilities.

    Examples
    --------
    >>> start_distribution(2, 2)
    array([0., 0., 1., 0.])
    """
    size = integer(size, "size")
    if isinstance(start, str):
        require(start == "uniform", f"start {start!r}", "a code, 'uniform', or a distribution")
        return np.full(2**size, 2.0**-size)
    real_array(start, "start")  # rejects input that NumPy would convert silently; codes remain integers
    array = np.asarray(start)
    if array.ndim == 0:
        require(
            array.dtype.kind in "iu" and 0 <= int(array) < 2**size,
            f"start {start!r}",
            f"states of {size} units have codes from 0 to {2**size - 1}",
        )
        return np.eye(1, 2**size, int(array))[0]
    require(
        array.shape == (2**size,) and bool((array >= 0).all()) and abs(float(array.sum()) - 1) < 1e-9,
        f"start of shape {array.shape}",
        f"a distribution over {2**size} states: nonnegative and summing to 1",
    )
    return array.astype(float)


@check_arguments
def closed_classes(transition: np.ndarray) -> list[np.ndarray]:
    """Return the minimal sets of states that the chain cannot leave, each sorted, in order of their first states.

    Parameters
    ----------
    transition : transition probabilities, or a mask of the possible transitions, shape (n, n)

    Examples
    --------
    >>> [c.tolist() for c in closed_classes(np.array([[1.0, 0, 0], [0.5, 0, 0.5], [0, 0, 1.0]]))]
    [[0], [2]]
    """
    _check_square(transition)
    if (transition > 0).all():
        return [np.arange(len(transition))]
    # closed classes are the strongly connected components of the graph of transitions that no edge leaves
    graph = csr_array(transition > 0)
    number, label = connected_components(graph, connection="strong")
    rows, columns = graph.nonzero()
    transient = np.unique(label[rows[label[rows] != label[columns]]])
    classes = [np.flatnonzero(label == k) for k in np.setdiff1d(np.arange(number), transient)]
    return sorted(classes, key=lambda members: members[0])


@check_arguments
def stationary(network: BinaryNetwork) -> np.ndarray:
    """Stationary distribution π = πP over all states.

    Up to 12 units it is computed by elimination without subtraction (GTH), which gives every probability a small
    relative error, however metastable the chain; beyond, by Arnoldi's method, which rejects chains that mix too slowly.

    Parameters
    ----------
    network : at most 16 units in independent noise, 12 in common noise

    Returns
    -------
    array of float64, shape (2**N,)

    Raises
    ------
    InputError : If there are several closed sets of states, so that the distribution depends on the start, if the
        chain mixes too slowly, or if there are too many units.

    See Also
    --------
    theory.markov.occupation : The distribution over the first steps of a run, from a given state.
    theory.markov.stationary_of : The same for a given transition matrix.

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
        return dense_stationary(network, transition_matrix(network))
    return stationary_free(matrix_free(network), network.size)


def dense_stationary(network: BinaryNetwork, matrix: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of a network, given its transition matrix.

    Where probabilities that underflow make the chain reducible, the elimination is repeated on logarithms.
    """
    try:
        return stationary_of(matrix)
    except Reducible:
        law = _transition.law(network)
        noiseless = law.std is None or not np.any(np.asarray(law.std))
        if network.size > LOGARITHMIC or law.shared is not None or noiseless:
            raise
    return _stationary_in(_transition.log_transition(network, law.std), -np.inf, _gth.log_stationary)


@check_arguments
def stationary_of(transition: np.ndarray) -> np.ndarray:
    """Return the stationary distribution of a transition matrix, by elimination without subtraction.

    Parameters
    ----------
    transition : probabilities, rows sum to 1, shape (n, n)

    Raises
    ------
    InputError : If there are several closed sets of states.

    See Also
    --------
    theory.markov.stationary : The same for a network.

    Examples
    --------
    >>> stationary_of(np.array([[0.5, 0.5], [1.0, 0.0]])).round(6)
    array([0.666667, 0.333333])
    """
    _check_square(transition)
    return _stationary_in(transition, 0.0, _gth.stationary)


def _check_square(transition: np.ndarray) -> None:
    description = f"transition probabilities of shape {transition.shape}"
    require(transition.ndim == 2 and transition.shape[0] == transition.shape[1] > 0, description, "shape (n, n)")
    require(bool(np.isfinite(transition).all()), "transition probabilities with NaN or infinity", "finite numbers")


def _stationary_in(transition: np.ndarray, never: float, solve: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    """Return the stationary distribution by `solve` on the only closed class, zero elsewhere.

    Parameters
    ----------
    transition : probabilities or their logarithms, shape (n, n)
    never : value of impossible transitions, 0 or −∞
    solve : solver for irreducible chains
    """
    closed = closed_classes(transition > never)
    if len(closed) > 1:
        raise Reducible(
            f"the chain has {len(closed)} closed sets of states; "
            "a unique stationary distribution requires a single one; use estimator fixed-start, or stronger noise"
        )
    distribution = np.zeros(len(transition))
    try:
        distribution[closed[0]] = solve(transition[np.ix_(closed[0], closed[0])])
    except _gth.Vanishing as error:
        raise Reducible(str(error)) from error
    return distribution


def stationary_free(apply: _krylov.Apply, size: int) -> np.ndarray:
    """Return the stationary distribution of a chain of `size` units, given only the map p ↦ pP."""
    # a random start overlaps with every slow mode, whereas a symmetric one can be orthogonal to some of them
    start = np.random.default_rng(0).random(2**size)
    return np.clip(_krylov.stationary(apply, start / start.sum())[0], 0.0, None)


@check_arguments
def occupation(network: BinaryNetwork, steps: int, start: Start = 0) -> np.ndarray:
    """Exact distribution of the state, averaged over the first `steps` steps from an initial state.

    .. math:: \\bar p = \\frac{1}{N_T} \\sum_{t=0}^{N_T-1} p_0 P^t

    Parameters
    ----------
    network : at most 16 units
    steps : N_T
    start : initial state: a code, "uniform", or a distribution p_0, shape (2**N,)

    Returns
    -------
    array of float64, shape (2**N,)

    Raises
    ------
    InputError : If there are too many units, or if rounding errors affect the result.

    See Also
    --------
    theory.markov.stationary : The limit of infinitely many steps.

    Examples
    --------
    >>> import noisette as nz
    >>> occupation(nz.SignNetwork([[-1.0]]), 3, start=0).round(4)  # down, up, down
    array([0.6667, 0.3333])
    """
    steps = integer(steps, "steps", None)
    _transition.fits(network, FREE_LIMIT, "simulate")
    require(steps >= 1, f"steps {steps}", "at least one step")
    first = start_distribution(start, network.size)
    if network.size <= SMALL:
        return np.asarray(time_average(jnp.asarray(transition_matrix(network)), jnp.asarray(first), steps))
    return long_average(network, matrix_free(network), first, steps)


def matrix_free(network: BinaryNetwork) -> _krylov.Apply:
    """Return the map p ↦ pP, without the matrix P if the noise is independent between units."""
    law = _transition.law(network)
    if law.shared is None:
        kernel = _transition.factors(network, law.std, network.reach())
        return partial(_transition.apply, kernel)
    matrix = transition_matrix(network)
    return lambda p: p @ matrix


def long_average(network: BinaryNetwork, apply: _krylov.Apply, first: np.ndarray, steps: int) -> np.ndarray:
    """Return (1/steps) Σ_{t<steps} first · Pᵗ in a Krylov space, or by squaring P where that is inaccurate."""
    try:
        # rounding leaves entries of order −1e-17
        return np.clip(_krylov.time_average(apply, first, steps), 0.0, None)
    except _krylov.IllConditioned:
        if network.size > DENSE_LIMIT:
            raise
        return np.asarray(time_average(jnp.asarray(transition_matrix(network)), jnp.asarray(first), steps))


@jax.jit
def time_average(p: Float[Array, "n n"], first: Float[Array, " n"], steps: int | Int[Array, ""]) -> Float[Array, " n"]:
    """Return (1/steps) Σ_{t<steps} first · pᵗ by doubling, shape (n,).

    All terms are nonnegative, so nothing cancels. The loop over the binary digits of `steps` is compiled once for all
    numbers of steps.
    """

    def unfinished(carry):
        return carry[0] > 0

    def double(carry):
        # after j rounds power = P^(2^j) and sums = Σ_{t<2^j} Pᵗ; total and current = first · P^k cover the k steps of
        # the lower binary digits
        left, total, current, sums, power = carry
        odd = left % 2 == 1  # this binary digit of `steps` is set, so the next 2^j steps are added
        total = jnp.where(odd, total + current @ sums, total)
        current = jnp.where(odd, current @ power, current)
        return left // 2, total, current, sums + power @ sums, power @ power

    begin = (jnp.asarray(steps), jnp.zeros_like(first), first, jnp.eye(len(p)), p)
    total = jax.lax.while_loop(unfinished, double, begin)[1]
    # rows of p sum to 1 up to rounding, which grows in proportion to the number of steps
    return total * (first.sum() / total.sum())
