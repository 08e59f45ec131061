"""Exact information measures of a subset of units of a one-pattern Hopfield network, by lumping its states.

Units of a one-pattern Hopfield network differ only in whether they agree with the pattern. If the network starts in the
pattern, all states with the same number m of agreeing units are equally likely, so the chain of m, with N + 1 states
instead of 2^N, determines all statistics.
"""

from typing import Literal

import jax.numpy as jnp
import numpy as np
from scipy.special import gammaln, xlogy

from noisette.arguments import check_arguments
from noisette.errors import integer, real_number, require
from noisette.information import binary_entropy, plogp
from noisette.networks import Boltzmann, SignNetwork, rounded_reach
from noisette.theory.markov._measures import Measures
from noisette.theory.markov._occupation import time_average

NETWORKS = {"boltzmann": Boltzmann, "sign": SignNetwork}


def _flips(size: int, coupling: float, std: float, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """Return P(agree next) and P(disagree next) by m, shapes (2, N + 1): row 0 of units that agree, row 1 of others."""
    unit = NETWORKS[kind](np.zeros((1, 1)))
    total = 2.0 * np.arange(size + 1) - size  # overlap Σ_j ξ_j s_j of a state with m agreeing units
    # field in the direction of the pattern: the overlap without the unit's own ±1, since W_ii = 0
    coupling = real_number(coupling, "coupling")
    fields = coupling / (size - 1) * np.stack([total - 1, total + 1])
    fields = np.where(np.abs(fields) < 1e-12 * coupling, 0.0, fields)
    reach = rounded_reach(float(np.abs(fields).max()))
    q = np.asarray(unit.flip_probability(jnp.asarray(fields), jnp.asarray(std, float), reach=reach))
    return np.where(fields >= 0, 1 - q, q), np.where(fields >= 0, q, 1 - q)


def _binomials(trials: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Return the probabilities of 0 … N successes, one row per number of trials; p + q = 1, shape (N + 1, N + 1)."""
    k, n = np.arange(len(trials)), trials[:, None]
    rest = np.maximum(n - k, 0)
    # logarithms, as binomial coefficients overflow from N of about 1000; xlogy gives 0 for 0 log 0
    log = _log_choose(n, np.minimum(k, n)) + xlogy(k, p[:, None]) + xlogy(rest, q[:, None])
    return np.where(k <= n, np.exp(log), 0.0)


def _lumped(size: int, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Return the transition matrix of the number m of agreeing units, shape (N + 1, N + 1)."""
    m = np.arange(size + 1)
    # the next m is the sum of two independent binomials: of the m units that agree and of the N − m that disagree
    stay, join = _binomials(m, up[0], down[0]), _binomials(size - m, up[1], down[1])
    rows = np.stack([np.convolve(a, b)[: size + 1] for a, b in zip(stay, join, strict=True)])
    return rows / rows.sum(1, keepdims=True)


def _from_pattern(matrix: np.ndarray, steps: int) -> np.ndarray:
    """Return the distribution of m averaged over `steps` steps, started with all units in agreement."""
    return np.asarray(time_average(jnp.asarray(matrix), jnp.eye(len(matrix))[-1], steps))


def _classes(k: int) -> np.ndarray:
    """Return all (n₊₊, n₊₋, n₋₊, n₋₋) that sum to k, numbers of units by agreement before and after, shape (C, 4)."""
    grid = np.stack(np.meshgrid(*[np.arange(k + 1)] * 4, indexing="ij"), -1).reshape(-1, 4)
    return grid[grid.sum(1) == k]


def _log_choose(n: np.ndarray | int, k: np.ndarray) -> np.ndarray:
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)


@check_arguments
def one_pattern_measures(
    size: int,
    coupling: float,
    noise: float,
    steps: int,
    units: int | None = None,
    network: Literal["boltzmann", "sign"] = "boltzmann",
) -> Measures:
    """Exact H, I and D of `units` units of a one-pattern Hopfield network started in its pattern, in bits.

    Weights are those of `weights.mean_field_hopfield`: W = J/(N−1) (ξξᵀ − 1). By symmetry the result is the
    same for every pattern ξ and every choice of units.

    Parameters
    ----------
    size : number of units N; 1000 units take about a second
    coupling : J
    noise : strength r of the independent white noise
    steps : N_T
    units : number of units k in the observed subset, at most 40; None for all
    network : "boltzmann" or "sign"

    Returns
    -------
    Measures of three scalars, in bits; D is H − I of the subset, not the conditional entropy given all units

    Raises
    ------
    InputError : If the network is unknown, or if the subset has more than N or 40 units.

    See Also
    --------
    resonance : The curves of H, I and D against the noise, by an estimator of your choice.
    theory.markov.measures : H, I and D of one network at one strength, exactly.

    Examples
    --------
    >>> H, I, D = one_pattern_measures(20, 40.0, 24.030, 1000, units=5)
    >>> round(float(H), 4), round(float(I), 4)
    (3.2767, 0.857)
    """
    size = integer(size, "size", None)
    steps = integer(steps, "steps")
    units = None if units is None else integer(units, "units", None)
    k = size if units is None else units
    require(size >= 2 and 1 <= k <= size, f"{k} units of {size}", "a subset contains between 1 and N units")
    require(k <= 40, f"a subset of {k} units", "at most 40 units can be enumerated")
    real_number(noise, "noise", "zero or positive", lambda r: 0 <= r < np.inf)
    up, down = _flips(size, coupling, noise, network)
    matrix = _lumped(size, up, down)
    weight = _from_pattern(matrix, steps)

    n = _classes(k)
    before = n[:, 0] + n[:, 1]  # number of units of the subset that agree at the first time
    m = np.arange(size + 1)
    # probability of one particular state of the subset given m: C(N − k, m − before)/C(N, m), shape (C, N + 1)
    with np.errstate(invalid="ignore"):
        log_place = _log_choose(size - k, m - before[:, None]) - _log_choose(size, m)
    possible = (m >= before[:, None]) & (size - m >= k - before[:, None])
    place = np.where(possible, np.exp(np.where(possible, log_place, 0.0)), 0.0)
    follow = up[0] ** n[:, :1] * down[0] ** n[:, 1:2] * up[1] ** n[:, 2:3] * down[1] ** n[:, 3:]
    joint = (place * follow) @ weight  # probability of one pair of successive states of each class, shape (C,)
    # number of pairs of states in each class: k!/(n₊₊! n₊₋! n₋₊! n₋₋!)
    multiplicity = np.exp(gammaln(k + 1.0) - gammaln(n + 1.0).sum(1))

    agree = n[:, 0] + n[:, 2]
    first = np.array([place[before == i][0] @ weight for i in range(k + 1)])
    second = np.array([(joint * multiplicity)[agree == i].sum() for i in range(k + 1)])
    ways = np.exp(_log_choose(k, np.arange(k + 1)))
    h = -float(ways @ np.asarray(plogp(jnp.asarray(first))))
    h_after = -float(ways @ np.asarray(plogp(jnp.asarray(second / ways))))
    h_joint = -float(multiplicity @ np.asarray(plogp(jnp.asarray(joint))))
    information = h + h_after - h_joint
    return Measures(*map(np.asarray, (h, information, h - information)))


@check_arguments
def one_pattern_conditional_entropy(size: int, coupling: float, noise: float, steps: int) -> float:
    """Exact conditional entropy H(s'|s) of the whole one-pattern network in bits: Σ_n h₂(q_n) averaged over time.

    Parameters
    ----------
    size, coupling, noise, steps : N, J, r and N_T, as for `one_pattern_measures` of a Boltzmann network

    Examples
    --------
    >>> round(one_pattern_conditional_entropy(20, 40.0, 1e9, 100), 6)  # pure noise
    20.0
    """
    real_number(noise, "noise", "zero or positive", lambda r: 0 <= r < np.inf)
    size = integer(size, "size", 2)
    steps = integer(steps, "steps")
    up, down = _flips(size, coupling, noise, "boltzmann")
    matrix = _lumped(size, up, down)
    weight = _from_pattern(matrix, steps)
    m = np.arange(size + 1)
    lost = np.asarray(binary_entropy(jnp.minimum(up, down)))
    return float(weight @ (m * lost[0] + (size - m) * lost[1]))
