"""Sums of random modes with given strengths."""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._ensemble import Ensemble, Statistics, unstructured
from noisette.errors import real_array, require
from noisette.limits import unit_count


@dataclass(frozen=True, eq=False, init=False)
class RandomModes(Ensemble):
    """Weights that are sums of random modes of given strengths.

    .. math:: W_{ij} = \\sum_a D_a \\ell_{ia} r_{ja}, \\qquad \\ell_{ia}, r_{ja} \\sim \\mathcal N(0, 1/N)

    For N → ∞ with a number of modes proportional to N, the autocovariance of a unit is that of independent weights of
    the variance Σ_a D_a²/N², and the covariances of pairs also depend on the participation ratio of the strengths.

    Parameters
    ----------
    strengths : D_a, shape (modes,)
    size : number of units N

    Raises
    ------
    InputError : strengths that are not finite numbers, or all zero.

    See Also
    --------
    ensembles.Blocks : Independent weights.
    ensembles.LowRank : A few modes of strength N.

    Examples
    --------
    >>> ensemble = RandomModes(np.ones(300), 300)
    >>> float(ensemble.statistics().variance[0, 0]), ensemble.statistics().modes
    (1.0, 1.0)
    >>> ensemble.draw(key=0).shape
    (300, 300)

    References
    ----------
    Clark, Marschall, van Meegen & Litwin-Kumar (2025) [clark2025].
    """

    strengths: Float[np.ndarray, " modes"]
    number: int

    @check_arguments
    def __init__(self, strengths: ArrayLike, size: int):
        values = np.atleast_1d(real_array(strengths, "strengths"))
        fits = values.ndim == 1 and bool(np.isfinite(values).all()) and bool(values.any())
        require(fits, f"strengths of shape {values.shape}", "a list of finite numbers, not all zero")
        object.__setattr__(self, "strengths", values)
        object.__setattr__(self, "number", unit_count(size))

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units, in one population."""
        return (self.number,)

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return one matrix, shape (N, N), from a JAX key."""
        keys = jax.random.split(key)
        shape = (self.number, len(self.strengths))
        left, right = (np.asarray(jax.random.normal(k, shape, float)) for k in keys)
        return (left * self.strengths) @ right.T / self.number

    def statistics(self) -> Statistics:
        """Return the statistics that mean-field theory uses."""
        squares = self.strengths**2
        variance = float(squares.sum()) / self.number
        participation = float(squares.sum() ** 2 / (squares**2).sum()) / self.number
        return unstructured(np.ones(1))._replace(variance=np.array([[variance]]), modes=participation)


__all__ = ["RandomModes"]
