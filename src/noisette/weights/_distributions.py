"""Ensembles of the matrices that words, files and functions of users name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import PRNGKeyArray

from noisette.ensembles import Ensemble, Statistics
from noisette.errors import InputError


@dataclass(frozen=True, eq=False)
class Drawn(Ensemble):
    """Ensemble of the matrices that a function of `noisette.weights` draws, with the statistics of another ensemble.

    Attributes
    ----------
    maker : function that draws a matrix
    arguments : its arguments except the key
    described : ensemble with the same sizes and, for N → ∞, the same statistics
    """

    maker: Callable[..., np.ndarray]
    arguments: dict[str, Any]
    described: Ensemble

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each population."""
        return self.described.sizes

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return one matrix, shape (N, N), from a JAX key."""
        return self.maker(**self.arguments, key=key)

    def statistics(self) -> Statistics:
        """Return the statistics that mean-field theory uses."""
        return self.described.statistics()


@dataclass(frozen=True, eq=False)
class WithoutStatistics(Ensemble):
    """Matrices of one population that can be simulated, and for which theory is refused.

    Attributes
    ----------
    text : name of the matrix or of the function, for error messages
    made : the matrix, or a function that draws one from a JAX key
    number : number of units N
    """

    text: str
    made: np.ndarray | Callable[[PRNGKeyArray], np.ndarray]
    number: int

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units, in one population."""
        return (self.number,)

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return the matrix, or one matrix from a JAX key."""
        return self.made if isinstance(self.made, np.ndarray) else self.made(key)

    def statistics(self) -> Statistics:
        """Raise an error with the reason: the statistics of these weights are unknown."""
        what = "a single matrix" if isinstance(self.made, np.ndarray) else "drawn by a function"
        raise InputError(
            f"weights {self.text!r}, {what}, in mean-field theory; an ensemble whose statistics are known, such as "
            "gaussian:N or blocks:SIZES:MEAN:VARIANCE; simulate the network"
        )


__all__ = ["Drawn", "WithoutStatistics"]
