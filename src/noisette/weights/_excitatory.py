"""Sparse weight matrices of excitatory and inhibitory units."""

import jax
import numpy as np
from jaxtyping import PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.arguments import check_arguments
from noisette.ensembles._excitatory import SignedWeights, excitatory_fraction
from noisette.errors import integer
from noisette.limits import unit_count
from noisette.recipes import remembered
from noisette.weights._check import square

_COMMON = {"sigma_e": 1.2, "sigma_i": 1.2, "fraction": 0.8, "density": 0.2}
#: Named sets of parameters of `excitatory_inhibitory`: the cases of Huang & Huang (2025).
EI_CASES: dict[str, dict[str, float]] = {
    "inhibitory": {"mu_e": 1.0, "mu_i": -6.0, **_COMMON},
    "balanced": {"mu_e": 1.0, "mu_i": -4.0, **_COMMON},
    "excitatory": {"mu_e": 1.5, "mu_i": -4.0, **_COMMON},
}


@check_arguments
@remembered
def excitatory_inhibitory(
    size: int,
    *,
    mu_e: ArrayLike = 1.0,
    mu_i: ArrayLike = -4.0,
    sigma_e: ArrayLike = 1.2,
    sigma_i: ArrayLike = 1.2,
    fraction: ArrayLike = 0.8,
    density: ArrayLike = 0.2,
    key: PRNGKeyArray,
) -> np.ndarray:
    """Draw a sparse weight matrix of excitatory and inhibitory units; the first columns (presynaptic) are excitatory.

    .. math:: J = S \\circ (A D + \\mathbf 1 \\mathbf v^\\top), \\quad S_{ij} \\sim \\mathrm{Bernoulli}(\\alpha),
       \\; A_{ij} \\sim \\mathcal N(0, 1), \\; D_{jj} = \\sigma_l/\\sqrt N, \\; v_j = \\mu_l/\\sqrt N

    where l = e for the first ⌊fN⌋ columns and l = i for the others. If σ > 0, some synapses have the sign opposite to
    the type of their presynaptic unit; see `dale_violations`.

    Parameters
    ----------
    size : number of units N
    mu_e, mu_i : means μ of excitatory and inhibitory weights, before division by √N
    sigma_e, sigma_i : standard deviations σ of excitatory and inhibitory weights, before division by √N
    fraction : fraction f of excitatory units
    density : connection probability α
    key : random key

    Returns
    -------
    array of float64, shape (size, size)

    Raises
    ------
    InputError : If a fraction is outside [0, 1], the density outside (0, 1], or a standard deviation negative.

    See Also
    --------
    weights.gaussian : Independent normal weights.
    weights.symmetric : Symmetric normal weights.

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
    unit_count(size)
    numbers = SignedWeights.of(
        mu_e=mu_e, mu_i=mu_i, sigma_e=sigma_e, sigma_i=sigma_i, fraction=fraction, density=density
    )
    weight_key, mask_key = jax.random.split(key)
    mean, sigma = (np.repeat(pair, numbers.sizes(size)) for pair in (numbers.mean, numbers.std))
    normal = np.asarray(jax.random.normal(weight_key, (size, size), float))
    connected = np.asarray(jax.random.bernoulli(mask_key, numbers.density, (size, size)))
    return np.where(connected, normal * sigma + mean, 0.0) / np.sqrt(size)


@check_arguments
def expected_mean(
    size: int, *, mu_e: float, mu_i: float, fraction: float = 0.8, density: float = 0.2, **_: float
) -> float:
    """Return the expected weight of `excitatory_inhibitory`, E[J] = α (f μ_e + (1 − f) μ_i)/√N.

    The spectrum of J has an outlier at N E[J].

    Parameters
    ----------
    size : number of units N
    mu_e, mu_i, fraction, density : as in `excitatory_inhibitory`

    Examples
    --------
    >>> round(1000 * expected_mean(1000, **EI_CASES["inhibitory"]), 2)
    -2.53
    """
    numbers = SignedWeights.of(mu_e=mu_e, mu_i=mu_i, fraction=fraction, density=density)
    return float(numbers.shares @ numbers.average / np.sqrt(integer(size, "size")))


@check_arguments
def spectral_radius(
    *,
    mu_e: float,
    mu_i: float,
    sigma_e: float = 1.2,
    sigma_i: float = 1.2,
    fraction: float = 0.8,
    density: float = 0.2,
) -> float:
    """Return the radius of the disc that contains the eigenvalues of `excitatory_inhibitory` except the outlier.

    .. math:: R = \\sqrt{\\textstyle\\sum_{l} f_l \\alpha \\big[(1-\\alpha) \\mu_l^2 + \\sigma_l^2\\big]}

    Parameters
    ----------
    mu_e, mu_i, sigma_e, sigma_i, fraction, density : as in `excitatory_inhibitory`

    Examples
    --------
    >>> round(spectral_radius(**EI_CASES["balanced"]), 3)
    0.963
    """
    numbers = SignedWeights.of(
        mu_e=mu_e, mu_i=mu_i, sigma_e=sigma_e, sigma_i=sigma_i, fraction=fraction, density=density
    )
    return float(np.sqrt(numbers.shares @ numbers.variance))


@check_arguments
def dale_violations(weights: ArrayLike, fraction: float = 0.8) -> dict[str, float]:
    """Return the fractions of synapses that violate Dale's law, by type of the presynaptic unit.

    Parameters
    ----------
    weights : weight matrix J, shape (N, N); the first ⌊fN⌋ columns are excitatory
    fraction : fraction f of excitatory units

    Returns
    -------
    fractions of the non-zero weights with the wrong sign, under the keys ``excitatory``, ``inhibitory`` and ``all``

    Examples
    --------
    >>> dale_violations([[1.0, -1.0], [-2.0, -1.0]], fraction=0.5)
    {'excitatory': 0.5, 'inhibitory': 0.0, 'all': 0.25}
    """
    matrix = square(weights)
    number = int(excitatory_fraction(fraction) * len(matrix))  # of excitatory units
    wrong = np.concatenate([matrix[:, :number] < 0, matrix[:, number:] > 0], axis=1)
    connected = matrix != 0
    parts = {"excitatory": slice(None, number), "inhibitory": slice(number, None), "all": slice(None)}
    return {name: float(wrong[:, part].sum() / max(1, connected[:, part].sum())) for name, part in parts.items()}
