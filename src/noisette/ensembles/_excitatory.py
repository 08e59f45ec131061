"""Sparse weights of excitatory and inhibitory units: their numbers, checked, and their ensemble."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._blocks import Blocks
from noisette.errors import real_number, require
from noisette.limits import unit_count


class SignedWeights(NamedTuple):
    """Numbers of excitatory and inhibitory weights of `weights.excitatory_inhibitory`, after their checks.

    Attributes
    ----------
    mean, std : μ and σ of excitatory and inhibitory weights that are not zero, times √N, shape (2,)
    fraction : fraction f of excitatory units, from 0 to 1
    density : connection probability α, above 0, at most 1
    """

    mean: Float[np.ndarray, " 2"]
    std: Float[np.ndarray, " 2"]
    fraction: float
    density: float

    @classmethod
    def of(
        cls,
        *,
        mu_e: ArrayLike,
        mu_i: ArrayLike,
        sigma_e: ArrayLike = 0.0,
        sigma_i: ArrayLike = 0.0,
        fraction: ArrayLike = 0.8,
        density: ArrayLike = 0.2,
    ) -> "SignedWeights":
        """Return the numbers; raise `InputError` if one is out of range."""
        allowed, positive = "a standard deviation, zero or positive", lambda s: 0 <= s < np.inf
        f = excitatory_fraction(fraction)
        c = real_number(density, "density", "a connection probability above 0, at most 1", lambda d: 0 < d <= 1)
        pairs = ((sigma_e, "sigma_e"), (sigma_i, "sigma_i"))
        std = np.array([real_number(sigma, name, allowed, positive) for sigma, name in pairs])
        mean = np.array([real_number(mu, name) for mu, name in ((mu_e, "mu_e"), (mu_i, "mu_i"))])
        return cls(mean, std, f, c)

    def sizes(self, size: int) -> list[int]:
        """Return the numbers of excitatory and inhibitory ones among N units; they are the first and the last ones."""
        excitatory = int(self.fraction * size)
        return [excitatory, size - excitatory]

    @property
    def shares(self) -> Float[np.ndarray, " 2"]:
        """Return the fractions of excitatory and inhibitory units, for N → ∞."""
        return np.array([self.fraction, 1 - self.fraction])

    @property
    def average(self) -> Float[np.ndarray, " 2"]:
        """Return √N times the mean of all excitatory and inhibitory weights, zeros included: α μ."""
        return self.density * self.mean

    @property
    def variance(self) -> Float[np.ndarray, " 2"]:
        """Return N times the variance of all excitatory and inhibitory weights: α [(1 − α) μ² + σ²]."""
        return self.density * ((1 - self.density) * self.mean**2 + self.std**2)


def excitatory_fraction(fraction: ArrayLike) -> float:
    """Return the fraction of excitatory units; raise `InputError` if it is out of range."""
    return real_number(fraction, "fraction", "a fraction of excitatory units between 0 and 1", lambda f: 0 <= f <= 1)


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
    numbers = SignedWeights.of(
        mu_e=mu_e, mu_i=mu_i, sigma_e=sigma_e, sigma_i=sigma_i, fraction=fraction, density=density
    )
    sizes = np.array(numbers.sizes(number))
    require(
        bool((sizes > 0).all()),
        f"{number} units, {sizes[0]} of them excitatory",
        "both kinds of units",
        "change the size or the fraction",
    )
    share = sizes / number
    mean, variance = share * np.sqrt(number) * numbers.average, share * numbers.variance
    return Blocks(np.tile(mean, (2, 1)), np.tile(variance, (2, 1)), sizes, density=numbers.density)


__all__ = ["SignedWeights", "excitatory_fraction", "excitatory_inhibitory"]
