"""Weights of low rank, m nᵀ/N."""

from collections.abc import Sequence
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._blocks import _whole
from noisette.ensembles._ensemble import Ensemble, Statistics, unstructured
from noisette.errors import real_array, require
from noisette.limits import unit_count


@dataclass(frozen=True, eq=False, init=False)
class LowRank(Ensemble):
    """Weights of rank R whose vectors have jointly normal entries, independent between units.

    .. math:: W_{ij} = \\frac1N \\sum_{r=1}^R m_i^r n_j^r, \\qquad (m_i, n_i) \\sim \\mathcal N(\\mu, \\Sigma)

    The means and covariances may depend on the population of the unit. The activity along m is κ_r = (1/N) Σ_j n_j^r
    φ(x_j), which theory returns as ``overlap``.

    Parameters
    ----------
    covariance : Σ of the entries (m¹ … m^R, n¹ … n^R) of a unit, shape (2R, 2R) or (P, 2R, 2R)
    sizes : numbers of units of the populations, or the number of units N of a single one
    mean : μ, shape (2R,) or (P, 2R), zero by default

    Raises
    ------
    InputError : shapes that do not match, or a covariance that is not symmetric and positive semidefinite.

    See Also
    --------
    ensembles.RandomModes : Many modes of given strengths.
    ensembles.Blocks : Independent weights, to which weights of low rank are added.

    Examples
    --------
    >>> part = LowRank([[1.0, 0.5], [0.5, 1.0]], 2000)
    >>> W = part.draw(key=0)
    >>> bool(abs(np.trace(W) - 0.5) < 0.1)  # the eigenvalue of a matrix of rank one is ⟨m n⟩
    True
    >>> part.statistics().overlap.tolist()
    [[[0.5]]]

    References
    ----------
    Mastrogiuseppe & Ostojic (2018) [mastrogiuseppe2018].
    """

    covariance: Float[np.ndarray, "P entries entries"]
    numbers: tuple[int, ...]
    mean: Float[np.ndarray, "P entries"]
    vectors: tuple[np.ndarray, np.ndarray] | None

    @check_arguments
    def __init__(self, covariance: ArrayLike, sizes: ArrayLike | Sequence[int], *, mean: ArrayLike | None = None):
        numbers = tuple(unit_count(int(n)) for n in np.atleast_1d(_whole(sizes)))
        p = len(numbers)
        sigma = real_array(covariance, "covariance")
        sigma = sigma[None] if sigma.ndim == 2 else sigma
        entries = sigma.shape[-1] if sigma.ndim else 0
        fits = sigma.ndim == 3 and sigma.shape[1:] == (entries, entries) and sigma.shape[0] in (1, p)
        require(
            fits and entries > 0 and entries % 2 == 0,
            f"covariance of shape {np.shape(covariance)}",
            f"shape (2R, 2R), or ({p}, 2R, 2R) for {p} sizes",
        )
        lowest = float(np.linalg.eigvalsh(sigma).min())
        symmetric = bool(np.allclose(sigma, np.swapaxes(sigma, 1, 2), rtol=0, atol=1e-12 * np.abs(sigma).max()))
        require(
            symmetric and lowest >= -1e-10 * np.abs(sigma).max(),
            f"covariance with the lowest eigenvalue {lowest:.3g}" if symmetric else "covariance that is not symmetric",
            "a symmetric matrix without negative eigenvalues",
        )
        mu = np.zeros(entries) if mean is None else real_array(mean, "mean")
        fits = mu.shape in ((entries,), (p, entries))
        require(fits, f"mean of shape {mu.shape}", f"shape ({entries},), or ({p}, {entries})")
        values = {
            "covariance": np.array(np.broadcast_to(sigma, (p, entries, entries))),
            "numbers": numbers,
            "mean": np.array(np.broadcast_to(mu, (p, entries))),
            "vectors": None,
        }
        for name, value in values.items():
            object.__setattr__(self, name, value)

    @classmethod
    @check_arguments
    def from_vectors(cls, m: ArrayLike, n: ArrayLike, sizes: ArrayLike | Sequence[int] | None = None) -> "LowRank":
        """Return the ensemble of the single matrix m nᵀ/N, with the means and covariances of given vectors.

        Theory treats the entries as normal with these statistics.

        Parameters
        ----------
        m, n : vectors, shape (N,) or (N, R)
        sizes : numbers of units of the populations, one population by default

        Raises
        ------
        InputError : If the shapes of m, n and sizes do not match.

        Examples
        --------
        >>> part = LowRank.from_vectors([1.0, -1.0, 2.0], [1.0, 0.0, 1.0])
        >>> part.draw(key=0)[0].tolist()  # m_1 n/3
        [0.3333333333333333, 0.0, 0.3333333333333333]
        """
        left, right = (np.array(real_array(v, name), ndmin=1) for v, name in ((m, "m"), (n, "n")))
        left, right = (v[:, None] if v.ndim == 1 else v for v in (left, right))
        fits = left.shape == right.shape and left.ndim == 2 and left.size > 0
        require(fits, f"m of shape {np.shape(m)} and n of shape {np.shape(n)}", "the same shape, (N,) or (N, R)")
        numbers = _whole(len(left) if sizes is None else sizes).astype(int).reshape(-1)
        total = int(numbers.sum())
        require(total == len(left), f"sizes {numbers.tolist()} with vectors of {len(left)} entries", "the same number")
        parts = np.split(np.concatenate([left, right], axis=1), np.cumsum(numbers)[:-1])
        means = np.array([part.mean(0) for part in parts])
        covariances = np.array(
            [part.T @ part / len(part) - np.outer(a, a) for part, a in zip(parts, means, strict=True)]
        )
        result = cls((covariances + np.swapaxes(covariances, 1, 2)) / 2, numbers, mean=means)
        object.__setattr__(result, "vectors", (left, right))
        return result

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each population."""
        return self.numbers

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return one matrix, shape (N, N), from a JAX key; that of the given vectors, if there are any."""
        left, right = self._drawn(key)
        return left @ right.T / self.size

    def left_vectors(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return the vectors m that `sample` draws with this key, shape (N, R)."""
        return self._drawn(key)[0]

    def _drawn(self, key: PRNGKeyArray) -> tuple[np.ndarray, np.ndarray]:
        """Return m and n, each of shape (N, R)."""
        if self.vectors is not None:
            return self.vectors
        values, axes = np.linalg.eigh(self.covariance)
        roots = axes * np.sqrt(np.maximum(values, 0))[:, None]  # Σ = root rootᵀ
        normal = np.asarray(jax.random.normal(key, (self.size, self.mean.shape[1]), float))
        entries = self.mean[self.populations] + np.einsum("iab,ib->ia", roots[self.populations], normal)
        left, right = np.split(entries, 2, axis=1)
        return left, right

    def statistics(self) -> Statistics:
        """Return the statistics that mean-field theory uses."""
        fractions = np.array(self.numbers) / self.size
        rank = self.mean.shape[1] // 2
        parts = {
            "left_mean": self.mean[:, :rank],
            "right_mean": self.mean[:, rank:],
            "left_covariance": self.covariance[:, :rank, :rank],
            "overlap": self.covariance[:, rank:, :rank],
        }
        return unstructured(fractions, rank)._replace(**parts)


__all__ = ["LowRank"]
