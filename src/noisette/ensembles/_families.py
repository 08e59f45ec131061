"""Ensembles of one population, by their names."""

from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._blocks import Blocks
from noisette.errors import real_number
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


__all__ = ["gaussian", "reciprocal", "sparse"]
