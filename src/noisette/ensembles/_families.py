"""Ensembles of one or two populations, by their names."""

import numpy as np
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._blocks import Blocks
from noisette.errors import real_number, require
from noisette.limits import unit_count


@check_arguments
def gaussian(size: int, variance: ArrayLike = 1.0) -> Blocks:
    """Return the ensemble of independent normal weights of zero mean, W_ij ~ N(0, variance/N), without self-couplings.

    Parameters
    ----------
    size : number of units N
    variance : N times the variance of a weight

    Raises
    ------
    InputError : If a number is out of range.

    See Also
    --------
    ensembles.sparse : A given mean number of inputs.
    ensembles.reciprocal : Correlated weights of the two directions.
    weights.gaussian : A single matrix.

    Examples
    --------
    >>> gaussian(400).statistics().is_plain
    True
    """
    return Blocks(0.0, variance, unit_count(size), self_coupling=False)


@check_arguments
def sparse(size: int, inputs: ArrayLike, *, mean: ArrayLike = 0.0, variance: ArrayLike = 1.0) -> Blocks:
    """Return the ensemble of sparse weights with a given mean number of inputs per unit.

    Parameters
    ----------
    size : number of units N
    inputs : mean number of inputs k of a unit, above 0, at most N; a weight is not zero with probability k/N
    mean, variance : N times the mean and the variance of a weight, zeros included

    Raises
    ------
    InputError : If a number is out of range.

    See Also
    --------
    ensembles.gaussian : All-to-all weights.
    ensembles.Blocks : Several populations.

    Examples
    --------
    >>> W = sparse(1000, 20).draw(key=0)
    >>> bool(abs((W != 0).sum(1).mean() - 20) < 1)
    True
    """
    number = unit_count(size)
    allowed = f"a mean number of inputs above 0, at most {number}"
    k = real_number(inputs, "inputs", allowed, lambda k: 0 < k <= number)
    return Blocks(mean, variance, number, density=k / number)


@check_arguments
def reciprocal(size: int, reciprocity: ArrayLike, variance: ArrayLike = 1.0) -> Blocks:
    """Return the ensemble of normal weights in which W_ij and W_ji are correlated, without self-couplings.

    Parameters
    ----------
    size : number of units N
    reciprocity : κ, correlation of W_ij and W_ji: 0 for independent, 1 for symmetric, −1 for antisymmetric weights
    variance : N times the variance of a weight

    Raises
    ------
    InputError : If a number is out of range.

    See Also
    --------
    ensembles.gaussian : Independent weights.
    weights.symmetric : A single symmetric matrix.

    Examples
    --------
    >>> W = reciprocal(300, 1.0).draw(key=0)
    >>> bool((W == W.T).all())
    True
    """
    return Blocks(0.0, variance, unit_count(size), reciprocity=reciprocity, self_coupling=False)


@check_arguments
def excitatory_inhibitory(
    size: int,
    *,
    mu_e: ArrayLike = 1.0,
    mu_i: ArrayLike = -4.0,
    sigma_e: ArrayLike = 1.2,
    sigma_i: ArrayLike = 1.2,
    fraction: ArrayLike = 0.8,
    density: ArrayLike = 0.2,
) -> Blocks:
    """Return the ensemble of `weights.excitatory_inhibitory`, in two populations.

    .. math:: M_{pq} = f_q \\sqrt N \\alpha \\mu_q, \\qquad V_{pq} = f_q \\alpha [(1 - \\alpha) \\mu_q^2 + \\sigma_q^2]

    The mean grows as √N: theory takes its value at this N, and is that of N → ∞ in everything else.

    Parameters
    ----------
    size : number of units N
    mu_e, mu_i, sigma_e, sigma_i : means and standard deviations of the weights that are not zero, times √N
    fraction : fraction f of excitatory units, between 0 and 1
    density : connection probability α

    Raises
    ------
    InputError : If a fraction or density is out of range, or if one of the populations is empty.

    See Also
    --------
    weights.excitatory_inhibitory : A single matrix.
    weights.spectral_radius : The radius of the disc of its eigenvalues.
    ensembles.Blocks : Any means and variances.

    Examples
    --------
    >>> ensemble = excitatory_inhibitory(1000)
    >>> ensemble.sizes, round(float(ensemble.statistics().variance[0].sum()) ** 0.5, 3)  # `weights.spectral_radius`
    ((800, 200), 0.963)
    """
    number = unit_count(size)
    f = real_number(fraction, "fraction", "a fraction of excitatory units between 0 and 1", lambda f: 0 < f < 1)
    c = real_number(density, "density", "a connection probability above 0, at most 1", lambda d: 0 < d <= 1)
    allowed, positive = "a standard deviation, zero or positive", lambda s: 0 <= s < np.inf
    sigma = np.array([real_number(s, n, allowed, positive) for s, n in ((sigma_e, "sigma_e"), (sigma_i, "sigma_i"))])
    mu = np.array([real_number(m, n) for m, n in ((mu_e, "mu_e"), (mu_i, "mu_i"))])
    sizes = np.array([int(f * number), number - int(f * number)])
    require(bool((sizes > 0).all()), f"{number} units, {sizes[0]} of them excitatory", "both kinds of units")
    share = sizes / number
    mean, variance = share * np.sqrt(number) * c * mu, share * c * ((1 - c) * mu**2 + sigma**2)
    return Blocks(np.tile(mean, (2, 1)), np.tile(variance, (2, 1)), sizes, density=c)


__all__ = ["excitatory_inhibitory", "gaussian", "reciprocal", "sparse"]
