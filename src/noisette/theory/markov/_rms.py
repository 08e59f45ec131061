"""Correlations of successive states of a binary network, exactly."""

import numpy as np
import xarray as xr

from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.codes import states
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.provenance import network_entries, provenance
from noisette.theory.markov import _transition
from noisette.theory.markov._occupation import stationary
from noisette.theory.markov._transition import FREE_LIMIT, transition_matrix


def expected(network: BinaryNetwork) -> np.ndarray:
    """Return the expected next state of each unit in each state, E[s'_n|s], shape (2^N, N)."""
    law = _transition.law(network)
    if law.shared is not None:
        return transition_matrix(network) @ states(network.size)
    reach = network.reach()

    def block(fields):
        down, up = _transition.probabilities(network, fields, law.std, reach)
        return up - down

    return np.asarray(_transition.by_blocks(block, network))


def pearson(covariance: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return correlations from covariances and variances; zero for variables that do not vary."""
    scale = np.sqrt(np.outer(first, second))
    return np.divide(covariance, scale, out=np.zeros_like(covariance), where=scale > 0)


@check_arguments
@public_call
def rms_correlation(network: NetworkLike) -> xr.Dataset:
    """Exact correlations of successive states of all pairs of units, and their root mean square.

    .. math:: C_{ij} = \\mathrm{corr}\\big(s_j(t), s_i(t+1)\\big), \\qquad
       C_\\mathrm{RMS} = \\Big( \\frac{1}{N^2} \\sum_{ij} C_{ij}^2 \\Big)^{1/2}

    in the stationary chain, with Pearson's correlation, over all pairs, also of a unit with itself. Units that never
    change have the correlation zero. C_RMS is bounded by 1, which it reaches if all units are equal or opposite; N
    units that each copy one other have 1/√N. It is a proxy of the information I of successive states within one
    family of random networks only, see the guide to information flow.

    Parameters
    ----------
    network : binary network of at most 16 units in independent noise, 12 in common noise

    Returns
    -------
    Dataset with ``rms_correlation`` and ``correlation`` (after, before)

    Raises
    ------
    InputError : too many units, or no unique stationary distribution.

    See Also
    --------
    analysis.rms_correlation : An estimate from simulated states, for networks of any size.
    theory.markov.measures : The information of successive states itself.

    Examples
    --------
    >>> import noisette as nz
    >>> network = nz.Boltzmann(nz.weights.nrooks(20, (1, 2, 3, 0)))  # each of four units copies another one
    >>> round(float(rms_correlation(network).rms_correlation), 4)
    0.5

    References
    ----------
    Metzner, Yamakou, Voelkl, Schilling & Krauss (2024) [metzner2024b].
    """
    binary = as_network(network, BinaryNetwork)
    _transition.fits(binary, FREE_LIMIT, "simulate, and use analysis.rms_correlation")
    occupied, every = stationary(binary), states(binary.size)
    up, down = (occupied @ (every == sign) for sign in (1, -1))
    variance = 4 * up * down  # 1 − m² would cancel where a unit rarely changes
    mean = up - down
    covariance = (expected(binary) - mean).T @ (occupied[:, None] * (every - mean))
    correlation = pearson(covariance, variance, variance)
    names = np.arange(binary.size) if binary.unit_names is None else list(binary.unit_names)
    data = xr.Dataset(
        {
            "rms_correlation": (
                (),
                float(np.sqrt(np.mean(correlation**2))),
                {"long_name": "root mean square of the correlations of successive states", "units": ""},
            ),
            "correlation": (
                ("after", "before"),
                correlation,
                {"long_name": "correlation of successive states", "units": ""},
            ),
        },
        {"after": ("after", names, {"long_name": "unit after the step"}), "before": names},
    )
    data["before"].attrs["long_name"] = "unit before the step"
    return data.assign_attrs(provenance("exact", "stationary", ("metzner2024b",), network_entries(binary)))


__all__ = ["rms_correlation"]
