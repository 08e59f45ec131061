"""Choice of the method by which the states of a binary network are measured, from its size and its noise.

Exact results need the distribution of all 2^N states: at most 16 units in noise that is independent between units,
whose chain is applied without its matrix, and at most 12 units in shared noise. Beyond, states cannot be counted, and
the information of a subset of the units is estimated from simulated runs.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from noisette.analysis._options import Estimator
from noisette.errors import InputError, integer, require
from noisette.networks import BinaryNetwork
from noisette.theory import markov
from noisette.theory.markov._transition import FREE_LIMIT, law

OBSERVED = 5  # number of units that are observed by default: 32 states, 1024 pairs of states
RUNS, FEWEST_RUNS = 20, 4  # number of runs of small networks, and of the largest
WORK = 2e11  # number of operations in the runs of a curve, beyond which there are fewer runs
PER_UNIT = 500  # number of operations for the noise and the next state of a unit, in multiplications
RATIOS = (0.0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0, 1.4, 2.0, 2.8, 4.0, 8.0)  # strengths relative to the field scale


class Choice(NamedTuple):
    """Method of measurement that is chosen for a network, and the reason.

    Attributes
    ----------
    estimator : an estimator of `resonance`
    units : indices of the observed units; None for all units
    runs : number of simulated runs at each strength
    reason : which method is used, and why, in one sentence
    alternative : what other methods require, in one sentence
    """

    estimator: Estimator
    units: tuple[int, ...] | None
    runs: int
    reason: str
    alternative: str

    @property
    def exact(self) -> bool:
        """Whether the method is exact."""
        return self.estimator in markov.ESTIMATORS

    def attributes(self) -> dict[str, str]:
        """Return the attributes of a result."""
        return {"reason": self.reason, "alternative": self.alternative}


def choose_estimator(
    network: BinaryNetwork,
    steps: int = 10_000,
    units: Sequence[int] | None = None,
    runs: int | None = None,
    strengths: int = len(RATIOS),
) -> Choice:
    """Choose the estimator of the information of a network from its size and its noise.

    Networks whose exact chain fits into memory are solved exactly, unless `units` selects a subset. For other networks
    the information of a subset of the units is estimated from simulated runs, with the exact probabilities of the next
    state ("rao-blackwell") if the noise is independent between units, and from counts ("single-run") otherwise.

    Parameters
    ----------
    network : binary network with the noise that is scaled
    steps : number of steps of a run
    units : indices of the observed units; by default those of `coupled_units`
    runs : number of runs at each strength; by default 20, or fewer for large networks, at least 4
    strengths : number of noise strengths, for the number of runs

    Returns
    -------
    Choice

    Examples
    --------
    >>> import noisette as nz
    >>> choose_estimator(nz.Boltzmann(nz.weights.autapses(10))).estimator
    'fixed-start'
    >>> choice = choose_estimator(nz.Boltzmann(nz.weights.autapses(10, 60)))
    >>> choice.estimator, choice.units, choice.runs
    ('rao-blackwell', (0, 1, 2, 3, 4), 20)
    """
    size, obstacle, shared = network.size, _obstacle(network), is_shared(network)
    if obstacle is None and units is None:
        few = size <= markov.DENSE_LIMIT
        means = f"its 2^{size} states fit into memory" if few else f"its 2^{size} states are visited without a matrix"
        reason = f"Exact for all {size} units: {means}, and the noise of one step is integrated out."
        other = "For a simulation, use estimator single-run or rao-blackwell" + ("." if few else ", which is faster.")
        return Choice("fixed-start", None, RUNS if runs is None else runs, reason, other)
    observed = (
        coupled_units(np.asarray(network.weights)) if units is None else tuple(integer(u, "unit", 0) for u in units)
    )
    work = float(strengths) * steps * size * (size + PER_UNIT)
    number = int(np.clip(WORK // work, FEWEST_RUNS, RUNS)) if runs is None else runs
    estimator: Estimator = "single-run" if shared else "rao-blackwell"
    origin = "which are strongly coupled with each other" if units is None else "which were selected"
    why = obstacle or "the units were selected, and subsets are simulated"
    listed = ", ".join(map(str, observed))
    reason = (
        f"Simulated, {estimator}, {number} runs: {why}; the information is that of units {listed}, {origin}."
        if len(observed) < size
        else f"Simulated, {estimator}, {number} runs: {why}."
    )
    return Choice(estimator, observed, number, reason, _requirement(size, shared))


def is_shared(network: BinaryNetwork) -> bool:
    """Return whether noise is not independent between units and steps, so that flip probabilities are unknown.

    Examples
    --------
    >>> import noisette as nz
    >>> is_shared(nz.Boltzmann([[0.0]], noise=nz.Common(1.0)))
    True
    """
    try:
        return bool(network.noise.step_law(network.size, 0)[1].shape[0])
    except InputError:
        return True


def _obstacle(network: BinaryNetwork) -> str | None:
    """Return why the exact chain of a network is not available, or None if it is."""
    size = network.size
    try:
        shared = law(network).shared is not None
    except InputError as error:
        return f"{str(error).split(';')[0]}, so that there is no exact chain"
    limit, kind = (markov.DENSE_LIMIT, "shared") if shared else (FREE_LIMIT, "independent")
    if size > limit:
        return f"{size} units have 2^{size} states, and exact results in {kind} noise are limited to {limit} units"
    return None


def _requirement(size: int, shared: bool) -> str:
    """Return what an exact result and a larger subset require."""
    vectors = f"{_bytes(8 * 2.0**size)} for the distribution of all 2^{size} states" if size < 1000 else "2^N numbers"
    matrix = f", and {_bytes(8 * 4.0**size)} for their matrix" if shared and size < 500 else ""
    pairs = 8 * 4**10 * RUNS / 1e6
    return (
        f"An exact result would require {vectors}{matrix}; other subsets (--units, at most 10) require "
        f"up to {pairs:.0f} MB."
    )


def _bytes(number: float) -> str:
    """Return a number of bytes as text."""
    for unit, scale in (("MB", 1e6), ("GB", 1e9), ("TB", 1e12)):
        if number < 1000 * scale:
            return f"{number / scale:.3g} {unit}"
    return f"{number / 1e12:.1e} TB"


def coupled_units(weights: np.ndarray, count: int = OBSERVED) -> tuple[int, ...]:
    """Return units that are strongly coupled with each other, by greedy selection.

    The first unit has the strongest coupling of the matrix, |W_ij| + |W_ji|, or 2|W_ii|; each further unit is the one
    with the largest sum of couplings with the units selected so far. Ties are resolved by the lowest index.

    Parameters
    ----------
    weights : W, shape (N, N)
    count : number of units

    Returns
    -------
    increasing indices of min(N, count) units

    Examples
    --------
    >>> coupled_units(np.array([[0.0, 0, 0, 1], [0, 0, 5, 0], [0, -4, 0, 2], [0, 0, 0, 0]]), 3)
    (1, 2, 3)
    """
    require(count >= 1, f"{count} units", "at least 1")
    size = len(weights)
    coupling = np.abs(weights)
    coupling = coupling + coupling.T
    selected = [int(coupling.max(1).argmax())]
    total = coupling[selected[0]].copy()
    total[selected[0]] = -1.0
    while len(selected) < min(size, count):
        unit = int(total.argmax())
        selected.append(unit)
        total += coupling[unit]
        total[selected] = -1.0
    return tuple(sorted(selected))


def field_scale(network: BinaryNetwork) -> float:
    """Return the root mean square of the fields over units and random states; 1 if all fields vanish.

    .. math:: h^2 = \\frac{1}{N} \\sum_n \\Big(b_n^2 + \\sum_m W_{nm}^2\\Big)

    Examples
    --------
    >>> import noisette as nz
    >>> field_scale(nz.Boltzmann(nz.weights.autapses(10, 60)))
    10.0
    """
    power = (np.asarray(network.weights) ** 2).sum(1) + np.asarray(network.bias) ** 2
    scale = float(np.sqrt(power.mean()))
    return scale if scale > 0 else 1.0


def default_strengths(network: BinaryNetwork) -> np.ndarray:
    """Return the noise strengths of a simulated curve: multiples from 0 to 8 of the scale of the fields.

    The multiples are rounded to two significant digits.

    Examples
    --------
    >>> import noisette as nz
    >>> default_strengths(nz.Boltzmann(nz.weights.autapses(10, 60)))[:4]
    array([0. , 0.5, 1. , 2. ])
    """
    scale = field_scale(network)
    return np.array([float(f"{ratio * scale:.2g}") for ratio in RATIOS])


__all__ = ["Choice", "choose_estimator", "coupled_units", "default_strengths", "field_scale", "is_shared"]
