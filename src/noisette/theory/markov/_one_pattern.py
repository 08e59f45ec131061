"""Exact information measures of a few units of a large one-pattern Hopfield network, by lumping its states.

Units of a one-pattern Hopfield network differ only in whether they agree with the pattern. Started in the
pattern, all arrangements with the same number of agreeing units are equally likely, so the chain of that number
(N + 1 states instead of 2^N) determines all statistics.
"""

import jax.numpy as jnp
import numpy as np
from scipy.special import gammaln, xlogy

from noisette.errors import integer, require
from noisette.information import binary_entropy, plogp
from noisette.networks import Boltzmann, SignNetwork, rounded_reach
from noisette.theory.markov._measures import Measures
from noisette.theory.markov._occupation import time_average

NETWORKS = {"boltzmann": Boltzmann, "sign": SignNetwork}


def _flips(size: int, coupling: float, std: float, kind: str) -> tuple[np.ndarray, np.ndarray]:
    """(P(agree next), P(disagree next)), each for a unit that agrees (row 0) or not (row 1), by number m."""
    unit = NETWORKS[kind](np.zeros((1, 1)))
    total = 2.0 * np.arange(size + 1) - size
    fields = coupling / (size - 1) * np.stack([total - 1, total + 1])
    fields = np.where(np.abs(fields) < 1e-12 * coupling, 0.0, fields)
    reach = rounded_reach(float(np.abs(fields).max()))
    q = np.asarray(unit.flip_probability(jnp.asarray(fields), jnp.asarray(std, float), reach=reach))
    return np.where(fields >= 0, 1 - q, q), np.where(fields >= 0, q, 1 - q)


def _binomials(trials: np.ndarray, p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """Binomial probabilities of 0 … N successes, one row for each number of trials; p + q = 1."""
    k, n = np.arange(len(trials)), trials[:, None]
    rest = np.maximum(n - k, 0)
    log = _log_choose(n, np.minimum(k, n)) + xlogy(k, p[:, None]) + xlogy(rest, q[:, None])
    return np.where(k <= n, np.exp(log), 0.0)


def _lumped(size: int, up: np.ndarray, down: np.ndarray) -> np.ndarray:
    """Transition matrix of the number m of agreeing units: the sum of two binomials, shape (N+1, N+1)."""
    m = np.arange(size + 1)
    stay, join = _binomials(m, up[0], down[0]), _binomials(size - m, up[1], down[1])
    rows = np.stack([np.convolve(a, b)[: size + 1] for a, b in zip(stay, join, strict=True)])
    return rows / rows.sum(1, keepdims=True)


def _from_pattern(matrix: np.ndarray, steps: int) -> np.ndarray:
    """Distribution of m averaged over `steps` steps from the pattern itself (all units agree)."""
    return np.asarray(time_average(jnp.asarray(matrix), jnp.eye(len(matrix))[-1], steps))


def _classes(k: int) -> np.ndarray:
    """All (n₊₊, n₊₋, n₋₊, n₋₋) that sum to k: units by their agreement before and after, shape (C, 4)."""
    grid = np.stack(np.meshgrid(*[np.arange(k + 1)] * 4, indexing="ij"), -1).reshape(-1, 4)
    return grid[grid.sum(1) == k]


def _log_choose(n: np.ndarray | int, k: np.ndarray) -> np.ndarray:
    return gammaln(n + 1.0) - gammaln(k + 1.0) - gammaln(n - k + 1.0)


def one_pattern_measures(
    size: int, coupling: float, noise: float, steps: int, units: int | None = None, network: str = "boltzmann"
) -> Measures:
    """Exact H, I and D of `units` units of a one-pattern Hopfield network started in its pattern, in bits.

    Weights are those of `weights.mean_field_hopfield`: W = J/(N−1) (ξξᵀ − 1). By symmetry the result is the
    same for every pattern and every choice of units.

    Parameters
    ----------
    size : number of units N; 1000 takes about a second
    coupling : J
    noise : strength r of the independent white noise
    steps : N_T
    units : k, size of the observed subset; all by default
    network : "boltzmann" or "sign"

    Returns
    -------
    Measures of three scalars; D here is H − I of the subset, not the conditional entropy given all units

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
    require(network in NETWORKS, f"network {network!r}", f"one of {', '.join(NETWORKS)}")
    require(size >= 2 and 1 <= k <= size, f"{k} units of {size}", "a subset holds between 1 and N units")
    require(k <= 40, f"a subset of {k} units", "at most 40 are enumerated by class")
    up, down = _flips(size, coupling, noise, network)
    matrix = _lumped(size, up, down)
    weight = _from_pattern(matrix, steps)

    n = _classes(k)
    before = n[:, 0] + n[:, 1]  # how many of the subset agree
    m = np.arange(size + 1)
    # hypergeometric: one particular arrangement of the subset, given m
    with np.errstate(invalid="ignore"):
        log_place = _log_choose(size - k, m - before[:, None]) - _log_choose(size, m)
    possible = (m >= before[:, None]) & (size - m >= k - before[:, None])
    place = np.where(possible, np.exp(np.where(possible, log_place, 0.0)), 0.0)
    follow = up[0] ** n[:, :1] * down[0] ** n[:, 1:2] * up[1] ** n[:, 2:3] * down[1] ** n[:, 3:]
    joint = (place * follow) @ weight  # probability of one joint state of each class
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


def one_pattern_conditional_entropy(size: int, coupling: float, noise: float, steps: int) -> float:
    """Exact H(s'|s) of the whole one-pattern network, in bits: Σ_n h2(q_n) averaged over the run.

    Examples
    --------
    >>> round(one_pattern_conditional_entropy(20, 40.0, 1e9, 100), 6)  # pure noise
    20.0
    """
    size = integer(size, "size", 2)
    steps = integer(steps, "steps")
    up, down = _flips(size, coupling, noise, "boltzmann")
    matrix = _lumped(size, up, down)
    weight = _from_pattern(matrix, steps)
    m = np.arange(size + 1)
    lost = np.asarray(binary_entropy(jnp.minimum(up, down)))
    return float(weight @ (m * lost[0] + (size - m) * lost[1]))
