"""Independent weights whose mean and variance depend on the populations of the two units."""

from collections.abc import Sequence
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
class Blocks(Ensemble):
    """Populations of units, with independent weights of given mean and variance from each population to each other.

    .. math:: \\langle W_{ij} \\rangle = \\frac{M_{pq}}{N_q}, \\quad \\mathrm{Var}\\, W_{ij} = \\frac{V_{pq}}{N_q},
       \\quad \\mathrm{Corr}(W_{ij}, W_{ji}) = \\kappa_{pq}, \\qquad i \\in p,\\; j \\in q

    A unit of population p thus receives from population q an input of mean M_pq r and variance V_pq r² if all rates of
    q are r, whatever the sizes. With a density c below one, a fraction 1 − c of the weights is zero, and the others are
    normal with the mean and the variance that give all weights the mean and the variance above. Theory is that of
    N → ∞, where a unit has many inputs, c N_q ≫ 1, and only mean and variance matter.

    Parameters
    ----------
    mean : M, total mean weight from population q (column) to p (row), a number or shape (P, P)
    variance : V, total variance, zero or positive, a number or shape (P, P)
    sizes : N_q, numbers of units of the populations, shape (P,); consecutive units
    density : c, fraction of weights that are not zero, above 0 up to 1, a number or shape (P, P)
    reciprocity : κ, correlation of W_ij and W_ji, from −1 to 1, a number or shape (P, P), symmetric; requires density 1
    self_coupling : whether the diagonal is drawn as well; otherwise it is zero

    Raises
    ------
    InputError : numbers out of range, shapes that do not match, or a density so low that no variance above zero
        remains for the weights that are not zero.

    See Also
    --------
    ensembles.LowRank : Weights m nᵀ/N.
    ensembles.excitatory_inhibitory : Sparse weights of excitatory and inhibitory units.
    theory.population_mean_field : The stationary state of such networks for N → ∞.
    weights.gaussian : A single matrix of independent weights.

    Examples
    --------
    >>> ensemble = Blocks(mean=[[1.0, -2.0], [1.0, -1.5]], variance=[[1.0, 2.0], [1.0, 2.0]], sizes=[400, 100])
    >>> W = ensemble.draw(key=0)
    >>> W.shape, bool(abs(W[:400, 400:].sum(1).mean() + 2.0) < 0.3)
    ((500, 500), True)
    >>> (ensemble + Blocks(0.0, 1.0, [400, 100])).statistics().variance.tolist()
    [[2.0, 3.0], [2.0, 3.0]]

    References
    ----------
    Aljadeff, Stern & Sharpee (2015) [aljadeff2015]; Kadmon & Sompolinsky (2015) [kadmon2015]; Martí, Brunel & Ostojic
    (2018) [marti2018].
    """

    mean: Float[np.ndarray, "P P"]
    variance: Float[np.ndarray, "P P"]
    numbers: tuple[int, ...]
    density: Float[np.ndarray, "P P"]
    reciprocity: Float[np.ndarray, "P P"]
    self_coupling: bool

    @check_arguments
    def __init__(
        self,
        mean: ArrayLike,
        variance: ArrayLike,
        sizes: ArrayLike | Sequence[int],
        *,
        density: ArrayLike = 1.0,
        reciprocity: ArrayLike = 0.0,
        self_coupling: bool = True,
    ):
        numbers = tuple(unit_count(int(n)) for n in np.atleast_1d(_whole(sizes)))
        p = len(numbers)
        squares = {
            "mean": _square(mean, "mean", p, -np.inf, np.inf),
            "variance": _square(variance, "variance", p, 0.0, np.inf),
            "density": _square(density, "density", p, 0.0, 1.0),
            "reciprocity": _square(reciprocity, "reciprocity", p, -1.0, 1.0),
        }
        for name, value in {**squares, "numbers": numbers, "self_coupling": self_coupling}.items():
            object.__setattr__(self, name, value)
        self._check()

    def _check(self) -> None:
        """Raise unless the combination of arguments can be drawn."""
        kappa, c = self.reciprocity, self.density
        require(bool((c > 0).all()), f"density {c.min():g}", "numbers above 0, up to 1")
        require(bool((kappa == kappa.T).all()), f"reciprocity {kappa.tolist()}", "a symmetric matrix")
        dense = not kappa.any() or bool((c == 1).all())
        require(dense, "reciprocity with a density below one", "one of the two")
        left = self._variance_of_connections()
        require(
            bool((left >= -1e-12).all()),
            f"density {c.min():g}, for which the zeros alone have a variance above the given one",
            f"at least M²/(N_q V + M²), here {float(np.max(self._least_density())):.3g}",
            "raise the density or the variance, or lower the mean",
        )

    def _least_density(self) -> np.ndarray:
        """Return the density at which the weights that are not zero have no variance."""
        square = self.mean**2 / np.array(self.numbers)
        total = self.variance + square
        return np.divide(square, total, out=np.zeros_like(total), where=total > 0)

    def _variance_of_connections(self) -> np.ndarray:
        """Return N_q Var of the weights that are not zero: c (v + m²) − m² = V + M²/N_q − M²/(c N_q), divided by c."""
        square = self.mean**2 / np.array(self.numbers)
        return (self.variance + square - square / self.density) / self.density

    @property
    def sizes(self) -> tuple[int, ...]:
        """Number of units of each population."""
        return self.numbers

    def sample(self, *, key: PRNGKeyArray) -> np.ndarray:
        """Return one matrix, shape (N, N), from a JAX key."""
        weight_key, mask_key = jax.random.split(key)
        each = np.ix_(self.populations, self.populations)
        number = np.array(self.numbers)
        normal = np.array(jax.random.normal(weight_key, (self.size, self.size), float))
        if self.reciprocity.any():
            normal = _correlated(normal, self.reciprocity[each])
        mean, std = self.mean / self.density / number, np.sqrt(np.maximum(self._variance_of_connections(), 0) / number)
        matrix = mean[each] + std[each] * normal
        if (self.density < 1).any():
            drawn = np.asarray(jax.random.uniform(mask_key, (self.size, self.size), float))
            matrix = np.where(drawn < self.density[each], matrix, 0.0)
        if not self.self_coupling:
            np.fill_diagonal(matrix, 0.0)
        return matrix

    def statistics(self) -> Statistics:
        """Return the statistics that mean-field theory uses."""
        fractions = np.array(self.numbers) / self.size
        parts = {"mean": self.mean, "variance": self.variance, "reciprocity": self.reciprocity}
        return unstructured(fractions)._replace(**parts)


def _correlated(normal: np.ndarray, kappa: np.ndarray) -> np.ndarray:
    """Return normal numbers for which those of (i, j) and (j, i) have the correlation κ.

    With the symmetric and antisymmetric parts s and a of independent numbers, of variance ½ each, the sum
    √(1 + κ) s + √(1 − κ) a has variance 1 and the correlation (1 + κ)/2 − (1 − κ)/2 = κ.
    """
    symmetric, antisymmetric = (normal + normal.T) / 2, (normal - normal.T) / 2
    correlated = np.sqrt(1 + kappa) * symmetric + np.sqrt(1 - kappa) * antisymmetric
    np.fill_diagonal(correlated, np.diag(normal))
    return correlated


def _whole(sizes: ArrayLike | Sequence[int]) -> np.ndarray:
    """Return numbers of units; raise unless they are whole numbers."""
    numbers = real_array(sizes, "sizes")
    fits = numbers.ndim <= 1 and numbers.size > 0 and bool((numbers == np.rint(numbers)).all())
    require(fits and bool((numbers >= 1).all()), f"sizes {numbers.tolist()}", "numbers of units, such as [400, 100]")
    return numbers


def _square(values: ArrayLike, name: str, p: int, low: float, high: float) -> np.ndarray:
    """Return a number or matrix as a matrix of shape (P, P); raise if an entry is out of range."""
    array = real_array(values, name)
    fits = array.shape in ((), (p, p))
    require(fits, f"{name} of shape {array.shape}", f"a number, or shape ({p}, {p}) for {p} sizes")
    inside = bool(((array >= low) & (array <= high)).all())
    require(inside, f"{name} {array.tolist()}", f"numbers from {low:g} to {high:g}")
    return np.array(np.broadcast_to(array, (p, p)), float)


__all__ = ["Blocks"]
