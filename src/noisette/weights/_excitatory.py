"""Sparse networks of excitatory and inhibitory units."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.errors import integer, require
from noisette.weights._check import square

_COMMON = {"sigma_e": 1.2, "sigma_i": 1.2, "fraction": 0.8, "density": 0.2}
EI_CASES: dict[str, dict[str, float]] = {
    "inhibitory": {"mu_e": 1.0, "mu_i": -6.0, **_COMMON},
    "balanced": {"mu_e": 1.0, "mu_i": -4.0, **_COMMON},
    "excitatory": {"mu_e": 1.5, "mu_i": -4.0, **_COMMON},
}


def excitatory_inhibitory(
    size: int,
    *,
    mu_e: float = 1.0,
    mu_i: float = -4.0,
    sigma_e: float = 1.2,
    sigma_i: float = 1.2,
    fraction: float = 0.8,
    density: float = 0.2,
    key: PRNGKeyArray,
) -> np.ndarray:
    """Draw a sparse matrix whose columns, the presynaptic units, are excitatory first, then inhibitory.

    .. math:: J = S \\circ (A D + \\mathbf 1 \\mathbf v^\\top), \\quad S_{ij} \\sim \\mathrm{Bernoulli}(\\alpha),
       \\; A_{ij} \\sim \\mathcal N(0, 1), \\; D_{jj} = \\sigma_l/\\sqrt N, \\; v_j = \\mu_l/\\sqrt N

    with l = e for the first ⌊fN⌋ columns and i for the others. The dispersion σ > 0 lets some synapses have the
    wrong sign: see `dale_violations`.

    Parameters
    ----------
    size : number of units N
    mu_e, mu_i : means μ of excitatory and inhibitory weights, before division by √N
    sigma_e, sigma_i : dispersions σ, likewise
    fraction : f, share of excitatory units
    density : α, share of weights that are there
    key : random key

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    InputError : a share outside 0 … 1, a negative dispersion.

    Examples
    --------
    >>> import jax
    >>> J = excitatory_inhibitory(400, key=jax.random.key(0))
    >>> bool(abs((J != 0).mean() - 0.2) < 0.01)
    True

    References
    ----------
    Harris, Meffin, Burkitt & Peterson (2023), Physical Review Research 5:043132; Huang & Huang (2025),
    Physical Review E 112:044227, Eqs 14–18.
    """
    integer(size, "size is")
    _shares(fraction, density)
    require(min(sigma_e, sigma_i) >= 0, f"dispersions {sigma_e:g}, {sigma_i:g}", "zero or positive")
    for_weights, for_places = jax.random.split(key)
    excitatory = np.arange(size) < int(fraction * size)
    mean, sigma = np.where(excitatory, mu_e, mu_i), np.where(excitatory, sigma_e, sigma_i)
    normal = np.asarray(jax.random.normal(for_weights, (size, size), float))
    there = np.asarray(jax.random.bernoulli(for_places, density, (size, size)))
    return np.where(there, normal * sigma + mean, 0.0) / np.sqrt(size)


def _shares(fraction: float, density: float) -> None:
    require(0 <= fraction <= 1, f"fraction {fraction:g}", "a share of excitatory units between 0 and 1")
    require(0 < density <= 1, f"density {density:g}", "a share of weights above 0, at most 1")


def expected_mean(
    size: int, *, mu_e: float, mu_i: float, fraction: float = 0.8, density: float = 0.2, **_: float
) -> float:
    """Return the expected weight of `excitatory_inhibitory`, E[J] = α (f μ_e + (1 − f) μ_i)/√N.

    N E[J] is the outlier of the spectrum that the means cause, in units of 1/τ.

    Examples
    --------
    >>> round(1000 * expected_mean(1000, **EI_CASES["inhibitory"]), 2)
    -2.53
    """
    _shares(fraction, density)
    return float(density * (fraction * mu_e + (1 - fraction) * mu_i) / np.sqrt(integer(size, "size is")))


def spectral_radius(
    *,
    mu_e: float,
    mu_i: float,
    sigma_e: float = 1.2,
    sigma_i: float = 1.2,
    fraction: float = 0.8,
    density: float = 0.2,
) -> float:
    """Return the radius of the disc of eigenvalues of `excitatory_inhibitory`, the outlier left aside.

    .. math:: R = \\sqrt{\\textstyle\\sum_{l} f_l \\alpha \\big[(1-\\alpha) \\mu_l^2 + \\sigma_l^2\\big]}

    Examples
    --------
    >>> round(spectral_radius(**EI_CASES["balanced"]), 3)
    0.963
    """
    _shares(fraction, density)
    parts = ((fraction, mu_e, sigma_e), (1 - fraction, mu_i, sigma_i))
    return float(np.sqrt(sum(f * density * ((1 - density) * mu**2 + sigma**2) for f, mu, sigma in parts)))


def dale_violations(weights: ArrayLike, fraction: float = 0.8) -> dict[str, float]:
    """Return the share of existing synapses whose sign breaks Dale's law, by type of the presynaptic unit.

    Parameters
    ----------
    weights : J, columns presynaptic, the first ⌊fN⌋ of them excitatory
    fraction : f

    Examples
    --------
    >>> dale_violations([[1.0, -1.0], [-2.0, -1.0]], fraction=0.5)
    {'excitatory': 0.5, 'inhibitory': 0.0, 'all': 0.25}
    """
    matrix = square(weights)
    _shares(fraction, 1.0)
    first = int(fraction * len(matrix))
    wrong = np.concatenate([matrix[:, :first] < 0, matrix[:, first:] > 0], axis=1)
    there = matrix != 0
    parts = {"excitatory": slice(None, first), "inhibitory": slice(first, None), "all": slice(None)}
    return {name: float(wrong[:, part].sum() / max(1, there[:, part].sum())) for name, part in parts.items()}
