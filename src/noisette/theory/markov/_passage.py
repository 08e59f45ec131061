"""Mean first-passage times, escape times and entropy production of the chain of a binary network."""

import numpy as np
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.codes import decode
from noisette.errors import real_array, require
from noisette.networks import BinaryNetwork
from noisette.theory.markov import _gth
from noisette.theory.markov._occupation import stationary_of
from noisette.theory.markov._transition import transition_matrix

NONNEGATIVE = "a square matrix of numbers that are zero or positive"


@check_arguments
def passage_times(network: BinaryNetwork, target: int | list[int]) -> np.ndarray:
    """Mean number of steps to reach a target from every state; infinite where it may never be reached.

    .. math:: \\tau_a = 1 + \\sum_{b \\notin \\mathrm{target}} P_{ab} \\tau_b

    The equations are solved by elimination without subtraction, so that times of any length (beyond 10²⁵⁰ steps) are
    accurate; dense linear solvers can return negative times there.

    Parameters
    ----------
    network : at most 12 units
    target : a code, or several codes that form one target; their own entries are the mean return time (from a state
        of the target drawn uniformly, if there are several)

    Returns
    -------
    array of float64, shape (2**N,), in steps

    Raises
    ------
    InputError : If there are too many units, if a code is not a state, or if probabilities are too small.

    See Also
    --------
    theory.markov.escape_time : The time until the network leaves a set of states.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.hopfield([24, 7], 10), noise=nz.White(23.0))
    >>> round(float(passage_times(network, 7)[24]), 5)
    58.55637
    """
    p = transition_matrix(network)
    goal = np.unique(np.atleast_1d(target))
    require(goal.size > 0, "no target", "a code, or several codes")
    decode(goal, network.size)  # raises an error for codes that are not states
    others = np.setdiff1d(np.arange(len(p)), goal)
    # merge the target into one state of index 0, which the chain leaves from a member drawn uniformly
    rows = np.vstack([p[goal].mean(0), p[others]])
    merged = np.column_stack([rows[:, goal].sum(1), rows[:, others]])
    sure = _surely_reaching(merged)
    # the elimination requires that state 0 can be reached from every state: keep those from which it is certain
    times = np.full(len(merged), np.inf)
    kept = np.union1d(0, np.flatnonzero(sure))
    times[kept] = _gth.passage_times(merged[np.ix_(kept, kept)])
    if not sure[0]:  # the chain may leave the target for good, while other states still reach it with certainty
        times[0] = np.inf
    result = np.empty(len(p))
    result[goal], result[others] = times[0], times[1:]
    return result


def _surely_reaching(transition: np.ndarray) -> np.ndarray:
    """Return the mask of the states from which state 0 is reached with probability 1, shape (n,)."""
    edges = transition > 0
    able = np.zeros(len(edges), bool)
    able[0] = True
    # backward search on the graph of transitions, first from state 0 (states that can reach it), then from the states
    # that cannot reach it (states that may end up there)
    while True:
        wider = able | edges[:, able].any(1)
        if (wider == able).all():
            break
        able = wider
    lost = ~able
    through = edges.copy()
    through[:, 0] = False  # transitions out of state 0 are irrelevant to its first passage
    while True:
        wider = lost | through[:, lost].any(1)
        if (wider == lost).all():
            return ~lost
        lost = wider


@check_arguments
def escape_time(network: BinaryNetwork, codes: list[int]) -> float:
    """Mean number of steps until the network leaves a set of states, from a state of the set drawn uniformly.

    Parameters
    ----------
    network : at most 12 units
    codes : codes of the states in the set, for instance of one attractor

    Returns
    -------
    float, in steps; infinite if the chain may remain in the set forever

    See Also
    --------
    theory.markov.passage_times : The time until the network reaches a state.

    Examples
    --------
    >>> import noisette as nz
    >>> round(escape_time(nz.Boltzmann(nz.weights.autapses(10)), [0]), 2)  # 1/(1 − (1 − q)⁵)
    4405.89
    """
    members = np.unique(codes)
    require(members.size > 0, "no codes", "at least one code of a state")
    decode(members, network.size)  # raises an error for codes that are not states
    others = np.setdiff1d(np.arange(2**network.size), members)
    if not len(others):
        return np.inf
    return float(passage_times(network, others.tolist())[members].mean())


@check_arguments
def entropy_production(network: BinaryNetwork) -> float:
    """Entropy production rate of the stationary chain, in bits per step.

    .. math:: \\sigma = \\sum_{ab} \\pi_a P_{ab} \\log_2 \\frac{\\pi_a P_{ab}}{\\pi_b P_{ba}}

    with the stationary distribution π and the transition matrix P. It is zero if and only if the chain is reversible
    (detailed balance), and infinite if the reverse of a possible transition is impossible.

    Parameters
    ----------
    network : at most 12 units

    See Also
    --------
    EntropyProduction : The probe that estimates it in simulations of any number of units.
    theory.binary_mean_field : Its value per unit in large random networks.

    Examples
    --------
    >>> import noisette as nz
    >>> bool(entropy_production(nz.Boltzmann(nz.weights.autapses(1.0, 2))) < 1e-12)
    True
    """
    p = transition_matrix(network)
    return irreversibility(stationary_of(p)[:, None] * p)


@check_arguments
def irreversibility(flow: ArrayLike) -> float:
    """Entropy production of a stationary chain in bits per step, given the probabilities of successive states.

    .. math:: \\sigma = \\sum_{ab} F_{ab} \\log_2 \\frac{F_{ab}}{F_{ba}}

    Parameters
    ----------
    flow : F, shape (n, n): row = first state, column = next state

    Raises
    ------
    InputError : If F is not a square matrix, or has negative entries.

    See Also
    --------
    theory.markov.entropy_production : The same of a network.

    Examples
    --------
    >>> cycle = [[0.0, 0.2, 0.1], [0.1, 0.0, 0.2], [0.2, 0.1, 0.0]]  # of three states, twice as often forwards
    >>> round(irreversibility(cycle), 3), irreversibility(np.eye(2) / 2)
    (0.3, 0.0)
    """
    f = real_array(flow, "flow")
    require(f.ndim == 2 and f.shape[0] == f.shape[1] and bool((f >= 0).all()), f"flow of shape {f.shape}", NONNEGATIVE)
    both = f > 0
    if (both & (f.T == 0)).any():
        return np.inf
    return float(np.sum(f[both] * np.log2(f[both] / f.T[both])))
