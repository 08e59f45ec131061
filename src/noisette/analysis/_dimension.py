"""Participation dimension of activity, from a known covariance matrix or from unbiased estimates of its traces."""

from typing import NamedTuple

import numpy as np
import xarray as xr
from jaxtyping import Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.errors import InputError, real_array, require

ROUND_OFF = 1e-6  # tolerated asymmetry and negative eigenvalues, relative to |C|; covers sums in float32


class SpectralMoments(NamedTuple):
    """Traces of a covariance matrix C of N units.

    Attributes
    ----------
    first : tr C/N, the mean variance of a unit
    second : tr C²/N
    diagonal : Σ_i C_ii²/N
    size : N
    """

    first: float
    second: float
    diagonal: float
    size: int

    @property
    def participation_dimension(self) -> float:
        """D = (tr C)²/(N tr C²), the participation ratio divided by N; NaN if C = 0."""
        return self.first**2 / self.second if self.second != 0 else float("nan")

    @property
    def covariance_variance(self) -> float:
        """N ⟨C_ij²⟩ over pairs i ≠ j, which equals ψ = N Var C_ij if the mean covariance is zero."""
        return (self.second - self.diagonal) * self.size / (self.size - 1) if self.size > 1 else float("nan")


@check_arguments
def spectral_moments(samples: ArrayLike, *, centred: bool = False, groups: ArrayLike | None = None) -> SpectralMoments:
    """Estimate tr C/N, tr C²/N and Σ C_ii²/N from samples of activity, each without bias.

    .. math:: \\widehat{\\mathrm{tr}\\, C^2} = \\frac{1}{n(n-1)} \\sum_{a \\neq b} (\\mathbf x_a \\cdot \\mathbf x_b)^2

    The naive estimate tr Ĉ² exceeds tr C² by about (tr C)²/n. If the mean is unknown, products of samples are replaced
    by products of differences: ¼ ((x_a − x_b) · (x_c − x_d))², averaged over all quadruples of distinct samples.

    Parameters
    ----------
    samples : x, shape (n, N)
    centred : whether to remove the unknown mean; if not, the mean is assumed to be zero, as for odd activations
    groups : label of each sample, shape (n,). Samples of one group may be dependent, such as snapshots of one run: only
        products between different groups are used, with equal weights of the groups

    Raises
    ------
    InputError : samples that are not finite or of the wrong shape; fewer than two groups (four if `centred`).

    See Also
    --------
    Covariance : The covariance matrix of your own simulation.
    participation_dimension : The dimension of a given covariance matrix.
    covariance_spectrum : All eigenvalues of a covariance matrix.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.random.default_rng(0).standard_normal((50, 100))  # C = 1: D = 1, from half as many samples as units
    >>> round(spectral_moments(x).participation_dimension, 2), round(participation_dimension(x.T @ x / 50), 2)
    (1.01, 0.33)

    References
    ----------
    Chen, Zhang & Zhong (2010), Journal of the American Statistical Association 105:810.
    """
    x = real_array(samples, "samples")
    require(x.ndim == 2 and x.shape[1] > 0, f"samples of shape {x.shape}", "shape (samples, units)")
    labels = np.arange(len(x)) if groups is None else np.asarray(groups)
    require(labels.shape == (len(x),), f"groups of shape {labels.shape}", f"one label for each of {len(x)} samples")
    _, label, count = np.unique(labels, return_inverse=True, return_counts=True)
    least, kind = (4, "centred") if centred else (2, "zero-mean")
    number = f"{len(count)} samples" if groups is None else f"{len(count)} groups"
    require(len(count) >= least, number, f"at least {least} for {kind} samples")
    order = np.argsort(label, kind="stable")
    x, label = x[order], label[order]
    starts = np.cumsum(count) - count
    if centred:
        x = x - (np.add.reduceat(x, starts) / count[:, None]).mean(0)
    weighted = x / np.sqrt(count[label])[:, None]  # with these weights sums of squared products are means over groups
    squares = np.add.reduceat(weighted**2, starts)
    traces = _uncentred(weighted, squares, starts) if not centred else _centred(x, weighted, squares, label, starts)
    first, second, diagonal = (float(total) / x.shape[1] for total in traces)
    return SpectralMoments(first, second, diagonal, x.shape[1])


def _products(weighted: np.ndarray) -> float:
    """Return Σ_ab (x_a · x_b)² over rows, the squared Frobenius norm of both X Xᵀ and Xᵀ X; the smaller one is used."""
    gram = weighted @ weighted.T if len(weighted) < weighted.shape[1] else weighted.T @ weighted
    return float((gram**2).sum())


def _between(weighted: np.ndarray, starts: np.ndarray) -> float:
    """Return the sum, over ordered pairs of different groups, of the mean of (x_a · x_b)²."""
    if len(starts) == len(weighted):
        return _products(weighted) - float(((weighted**2).sum(1) ** 2).sum())
    return _products(weighted) - sum(_products(group) for group in np.split(weighted, starts[1:]))


def _uncentred(weighted: np.ndarray, squares: np.ndarray, starts: np.ndarray) -> tuple[float, float, float]:
    """Return the traces by U-statistics over pairs of groups, for activity with zero mean."""
    number = len(starts)
    pairs = number * (number - 1)
    diagonal = float((squares.sum(0) ** 2 - (squares**2).sum(0)).sum())
    return float(squares.sum()) / number, _between(weighted, starts) / pairs, diagonal / pairs


def _centred(
    x: np.ndarray, weighted: np.ndarray, squares: np.ndarray, label: np.ndarray, starts: np.ndarray
) -> tuple[float, float, float]:
    """Return the traces by U-statistics over quadruples of groups.

    The mean of ¼ ((x_a − x_b) · (x_c − x_d))² equals T₂ − 2 T₃ + T₄, the means of (x_a · x_b)², (x_a · x_b)(x_a · x_c)
    and (x_a · x_b)(x_c · x_d) over distinct pairs, triples and quadruples of groups. Since the group means u_A add up
    to zero, inclusion and exclusion reduce the sums over triples and quadruples to sums over pairs. With G_AB = u_A·u_B
    and the mean ⟨·⟩_A over the samples of group A they are

        triples: 2 Σ_A ⟨(x · u_A)²⟩_A − Σ_AB ⟨(x · u_B)²⟩_A,
        quadruples: (tr G)² + 2 Σ_AB G_AB² − 6 Σ_A G_AA².

    The same formulas with scalar products replaced by products of the components of one unit yield C_ii². See Chen,
    Zhang & Zhong (2010).
    """
    number = len(starts)
    pairs = number * (number - 1)
    triples, quadruples = pairs * (number - 2), pairs * (number - 2) * (number - 3)
    means = np.add.reduceat(x, starts) / np.diff([*starts, len(x)])[:, None]
    gram = means @ means.T
    trace, diagonal = float(np.trace(gram)), float((np.diag(gram) ** 2).sum())
    projections = weighted @ means.T  # of each sample on each group mean, with the weight of its group
    own = float((projections[np.arange(len(x)), label] ** 2).sum())
    triple_sum = 2 * own - float((projections**2).sum())
    quadruple_sum = trace**2 - 4 * diagonal + 2 * (float((gram**2).sum()) - diagonal)
    second = _between(weighted, starts) / pairs - 2 * triple_sum / triples + quadruple_sum / quadruples
    # the same for each unit, where G_AB is a product of two numbers, so that Σ_AB G_AB² = (tr G)²
    square, fourth = (means**2).sum(0), (means**4).sum(0)
    pair_sums = squares.sum(0) ** 2 - (squares**2).sum(0)
    triple_sums = 2 * (means**2 * squares).sum(0) - squares.sum(0) * square
    diagonal_terms = pair_sums / pairs - 2 * triple_sums / triples + (3 * square**2 - 6 * fourth) / quadruples
    return float(squares.sum()) / number + trace / pairs, second, float(diagonal_terms.sum())


@check_arguments
def participation_dimension(
    covariance: ArrayLike | xr.DataArray | None = None,
    *,
    samples: ArrayLike | None = None,
    centred: bool = False,
    groups: ArrayLike | None = None,
) -> float:
    """Participation ratio of the eigenvalues of a covariance matrix, divided by N: a relative dimension.

    .. math:: D = \\frac{(\\mathrm{tr}\\, C)^2}{N\\, \\mathrm{tr}\\, C^2}

    D is 1 if the variance is the same in all directions, and 1/N if it is restricted to a single direction. The
    participation ratio itself, which lies between 1 and N, is N D.

    Parameters
    ----------
    covariance : C, shape (N, N), if it is known. A result of `simulate` with the dimension ``run`` is averaged over
        the runs, which estimate the same C
    samples : samples of activity, shape (n, N), from which both traces are estimated without bias
    centred, groups : as for `spectral_moments`

    Raises
    ------
    InputError : both a covariance and samples, or neither; a matrix that is not square, finite, symmetric and positive
        semi-definite (up to 1e-6 of its norm); invalid samples, see `spectral_moments`.

    See Also
    --------
    Covariance : The covariance matrix of your own simulation.
    spectral_moments : Traces without bias from samples, for the dimension and the mean square covariance.
    covariance_spectrum : All eigenvalues of a covariance matrix.
    analysis.jackknife : The dimension of an ensemble of networks, with its standard error.

    Examples
    --------
    >>> import numpy as np
    >>> participation_dimension(np.diag([1.0, 1.0, 0.0, 0.0]))
    0.5

    References
    ----------
    Gao, Trautmann, Yu, Santhanam, Ryu, Shenoy & Ganguli (2017), bioRxiv 214262.
    """
    passed = "both a covariance and samples" if samples is not None else "neither covariance nor samples"
    require((covariance is None) != (samples is None), passed, "exactly one of them")
    if samples is not None:
        return spectral_moments(samples, centred=centred, groups=groups).participation_dimension
    c = _covariance(_over_runs(covariance))
    total = float((c**2).sum())
    return float(np.trace(c)) ** 2 / (len(c) * total) if total > 0 else float("nan")


def _over_runs(covariance: ArrayLike | xr.DataArray | None) -> ArrayLike | xr.DataArray | None:
    """Return the average of covariances over the dimension ``run`` of a result; raise for several networks."""
    if not isinstance(covariance, xr.DataArray):
        return covariance
    other = [str(dim) for dim in covariance.dims if dim != "run" and covariance.ndim > 2 + ("run" in covariance.dims)]
    remedy = f"select one covariance, for example with isel({other[0]}=0)" if other else ""
    require(not other, f"covariance with dimensions {', '.join(other)}", "a matrix of one network", remedy)
    return covariance.mean("run") if "run" in covariance.dims else covariance


def _covariance(covariance: ArrayLike | xr.DataArray | None) -> np.ndarray:
    """Return the symmetrised covariance matrix; raise if it is not positive semi-definite up to round-off."""
    c = real_array(covariance, "covariance")
    require(c.ndim == 2 and c.shape[0] == c.shape[1] > 0, f"covariance of shape {c.shape}", "a square matrix")
    size = float(np.linalg.norm(c))
    require(float(np.linalg.norm(c - c.T)) <= ROUND_OFF * size, "a covariance with C ≠ Cᵀ", "a symmetric matrix")
    c = (c + c.T) / 2
    if size > 0:
        try:  # C + ε|C| has a Cholesky factor if and only if no eigenvalue is below −ε|C|; faster than eigenvalues
            np.linalg.cholesky(c + ROUND_OFF * size * np.eye(len(c)))
        except np.linalg.LinAlgError:
            least = float(np.linalg.eigvalsh(c)[0])
            raise InputError(f"a covariance with the eigenvalue {least:.4g}; no eigenvalue is negative") from None
    return c


@check_arguments
def covariance_spectrum(covariance: ArrayLike | xr.DataArray) -> Float[np.ndarray, " N"]:
    """Eigenvalues of a covariance matrix in descending order: the variances of its principal components.

    Parameters
    ----------
    covariance : C, shape (N, N); averaged over the dimension ``run``, if there is one

    Raises
    ------
    InputError : a matrix that is not square, finite, symmetric and positive semi-definite (up to 1e-6 of its norm).

    See Also
    --------
    Covariance : The covariance matrix of your own simulation.
    participation_dimension : The dimension of a given covariance matrix.
    spectral_moments : Traces without bias from samples, for the dimension and the mean square covariance.

    Examples
    --------
    >>> covariance_spectrum([[2.0, 1.0], [1.0, 2.0]]).round(6)
    array([3., 1.])

    References
    ----------
    Hu & Sompolinsky (2022), PLOS Computational Biology 18:e1010327.
    """
    return np.linalg.eigvalsh(_covariance(_over_runs(covariance)))[::-1]


@check_arguments
def jackknife(first: ArrayLike, second: ArrayLike) -> tuple[float, float]:
    """Participation dimension of an ensemble of networks, with its jackknife standard error.

    .. math:: D = \\langle \\mathrm{tr}\\, C/N \\rangle^2 / \\langle \\mathrm{tr}\\, C^2/N \\rangle, \\qquad
       s^2 = \\frac{K - 1}{K} \\sum_k (D_k - \\bar D)^2

    The averages are taken over K networks. D_k is the estimate without network k, and D̄ the mean of these estimates.
    D is relative to N, as in `participation_dimension`.

    Parameters
    ----------
    first, second : tr C/N and tr C²/N of each network, shape (networks,); networks with NaN are excluded

    Returns
    -------
    (D, s); D is NaN without networks, and s for fewer than two

    Raises
    ------
    InputError : arrays of different shapes.

    See Also
    --------
    participation_dimension : The dimension of a given covariance matrix.

    Examples
    --------
    >>> jackknife([1.0, 1.2, 1.4], [2.0, 2.0, 2.0])
    (0.72, 0.1386...)

    References
    ----------
    Efron (1982), The Jackknife, the Bootstrap and Other Resampling Plans.
    """
    c1, c2 = (real_array(values, "traces", finite=False) for values in (first, second))
    shapes = f"lists of shapes {c1.shape} and {c2.shape}"
    require(c1.ndim == 1 and c1.shape == c2.shape, shapes, "one number per network in both")
    kept = np.isfinite(c1) & np.isfinite(c2)
    c1, c2 = c1[kept], c2[kept]
    count = len(c1)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.mean(c1) ** 2 / np.mean(c2) if count else np.nan
        if count < 2:
            return float(value), float("nan")
        without = ((c1.sum() - c1) / (count - 1)) ** 2 / ((c2.sum() - c2) / (count - 1))
    return float(value), float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))


__all__ = ["SpectralMoments", "covariance_spectrum", "jackknife", "participation_dimension", "spectral_moments"]
