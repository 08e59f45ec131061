"""What every ensemble of weight matrices has: sizes of its populations, draws, and statistics for theory."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import NamedTuple

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray

from noisette.arguments import check_arguments
from noisette.errors import InputError, require


class Statistics(NamedTuple):
    """Statistics of an ensemble in the limit of many units, as mean-field theory needs them.

    With units i of population p and j of population q, which has N_q of the N units:

    Attributes
    ----------
    mean : N_q ⟨W_ij⟩, shape (P, P)
    variance : N_q Var W_ij, shape (P, P)
    reciprocity : correlation of W_ij and W_ji, shape (P, P)
    fractions : N_q/N, shape (P,)
    left_mean, right_mean : means of m and n of the part m nᵀ/N of low rank R, shape (P, R)
    left_covariance : covariances of the entries of m between ranks, shape (P, R, R)
    overlap : covariances of n (first rank index) with m (second), shape (P, R, R)
    modes : participation ratio of the squared strengths of modes divided by N, ⟨D²⟩²/⟨D⁴⟩ for the part of random modes;
        infinite for independent weights
    """

    mean: Float[np.ndarray, "P P"]
    variance: Float[np.ndarray, "P P"]
    reciprocity: Float[np.ndarray, "P P"]
    fractions: Float[np.ndarray, " P"]
    left_mean: Float[np.ndarray, "P R"]
    right_mean: Float[np.ndarray, "P R"]
    left_covariance: Float[np.ndarray, "P R R"]
    overlap: Float[np.ndarray, "P R R"]
    modes: float = np.inf

    @property
    def populations(self) -> int:
        """Return the number of populations P."""
        return len(self.fractions)

    @property
    def rank(self) -> int:
        """Return the rank R of the part of low rank."""
        return self.left_mean.shape[1]

    @property
    def is_plain(self) -> bool:
        """Return whether this is one population of independent weights of zero mean."""
        structured = self.populations > 1 or self.rank > 0 or self.mean.any() or self.reciprocity.any()
        return not structured and bool(np.isinf(self.modes))


def unstructured(fractions: np.ndarray, rank: int = 0) -> Statistics:
    """Return statistics that are zero, for populations of the given fractions and a part of the given rank."""
    p = len(fractions)
    squares, pairs, triples = np.zeros((3, p, p)), np.zeros((2, p, rank)), np.zeros((2, p, rank, rank))
    return Statistics(squares[0], squares[1], squares[2], fractions, pairs[0], pairs[1], triples[0], triples[1])


@dataclass(frozen=True, eq=False)
class Ensemble(ABC):
    """Distribution of weight matrices W, row = target, with populations of consecutive units.

    Ensembles of the same size are added: ``Blocks(…) + LowRank(…)`` is the ensemble of sums of independent draws.
    """

    @property
    @abstractmethod
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each population."""

    @abstractmethod
    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return one matrix, shape (N, N), from a JAX key."""

    @abstractmethod
    def statistics(self) -> Statistics:
        """Return the statistics that mean-field theory uses.

        Raises
        ------
        InputError : If no mean-field theory of this ensemble exists, with the reason.
        """

    def left_vectors(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return the vectors m of the part of low rank that `sample` draws with this key, shape (N, R)."""
        return np.zeros((self.size, 0))

    @property
    def size(self) -> int:
        """Number of units N."""
        return sum(self.sizes)

    @check_arguments
    def draw(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Draw one weight matrix W, row = target.

        Parameters
        ----------
        key : random key

        Returns
        -------
        array of float64, shape (N, N)
        """
        return self.sample(key=key)

    @property
    def populations(self) -> np.ndarray:
        """Population of each unit, 0 … P − 1, shape (N,)."""
        return np.repeat(np.arange(len(self.sizes)), self.sizes)

    def __add__(self, other: "Ensemble") -> "Sum":
        if not isinstance(other, Ensemble):
            return NotImplemented
        parts = tuple(part for term in (self, other) for part in (term.parts if isinstance(term, Sum) else [term]))
        return Sum(parts)


@check_arguments
@dataclass(frozen=True, eq=False)
class Sum(Ensemble):
    """Sum of independent ensembles; the populations are those of the part with the most.

    Attributes
    ----------
    parts : the ensembles that are added
    """

    parts: Sequence[Ensemble]

    def __post_init__(self) -> None:
        require(len(self.parts) > 0, "a sum of no ensembles", "at least one")
        for part in self.parts:
            fits = part.size == self.size and part.sizes in ((part.size,), self.sizes)
            require(fits, f"ensembles with populations of {self.sizes} and {part.sizes} units", "the same populations")
        random_modes = sum(np.isfinite(part.modes) for part in self._known())
        require(random_modes < 2 or len(self.parts) == 1, "two ensembles of random modes", "one of them in a sum")

    def _known(self) -> list[Statistics]:
        """Return the statistics of the parts that have them."""
        known = []
        for part in self.parts:
            try:
                known.append(part.statistics())
            except InputError:  # of an ensemble that can only be simulated
                continue
        return known

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each population."""
        return max((part.sizes for part in self.parts), key=len)

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return the sum of one matrix of each part."""
        return np.sum([part.sample(key=own) for part, own in self._keys(key)], axis=0)

    def left_vectors(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return the vectors m of all parts, shape (N, R)."""
        return np.concatenate([part.left_vectors(key=own) for part, own in self._keys(key)], axis=1)

    def _keys(self, key: PRNGKeyArray) -> list[tuple[Ensemble, PRNGKeyArray]]:
        """Return the parts, each with a key of its own."""
        return [(part, jax.random.fold_in(key, number)) for number, part in enumerate(self.parts)]

    def statistics(self) -> Statistics:
        """Return the statistics of the sum: means and variances add, ranks are joined."""
        fractions = np.array(self.sizes) / self.size
        return reduce(_added, [_divided(part.statistics(), fractions) for part in self.parts])


def _divided(statistics: Statistics, fractions: np.ndarray) -> Statistics:
    """Return statistics of one population for several populations of the given fractions."""
    p = len(fractions)
    if statistics.populations == p:
        return statistics
    share = np.tile(fractions, (p, 1))  # N_q ⟨W⟩ = (N_q/N) N ⟨W⟩
    squares = {name: share * getattr(statistics, name)[0, 0] for name in ("mean", "variance")}
    names = ("left_mean", "right_mean", "left_covariance", "overlap")
    ranks = {name: np.repeat(getattr(statistics, name), p, axis=0) for name in names}
    reciprocity = np.full((p, p), statistics.reciprocity[0, 0])
    return statistics._replace(**squares, **ranks, reciprocity=reciprocity, fractions=fractions)


def _added(first: Statistics, second: Statistics) -> Statistics:
    """Return the statistics of the sum of two independent ensembles with the same populations."""
    variance = first.variance + second.variance
    # N_q Cov(W_ij, W_ji) of the sum, with variances per weight v_pq/N_q, is divided by the geometric mean of variances
    joint = sum(s.reciprocity * np.sqrt(s.variance * s.variance.T) for s in (first, second))
    scale = np.sqrt(variance * variance.T)
    reciprocity = np.divide(joint, scale, out=np.zeros_like(scale), where=scale > 0)
    left, right = (np.concatenate([a, b], axis=1) for a, b in zip(first[4:6], second[4:6], strict=True))
    p, r, s = first.populations, first.rank, second.rank
    joined = []
    for a, b in zip(first[6:8], second[6:8], strict=True):
        block = np.zeros((p, r + s, r + s))
        block[:, :r, :r], block[:, r:, r:] = a, b
        joined.append(block)
    # the squared strengths of independent weights participate fully: ⟨D²⟩ adds and ⟨D⁴⟩ of the modes remains
    modes = np.inf
    for part in (first, second):
        if np.isfinite(part.modes):
            modes = part.modes * float(variance.sum() / part.variance.sum()) ** 2
    mean = first.mean + second.mean
    return Statistics(mean, variance, reciprocity, first.fractions, left, right, joined[0], joined[1], modes)


__all__ = ["Ensemble", "Statistics", "Sum", "unstructured"]
