"""Measures of information flow of a single network for study files."""

import jax
import xarray as xr
from jaxtyping import PRNGKeyArray
from numpy.typing import ArrayLike

from noisette.analysis._rms_correlation import rms_correlation
from noisette.errors import integer
from noisette.networks import BinaryNetwork, NetworkLike, as_network
from noisette.probes import Trace
from noisette.simulation import simulate
from noisette.theory import markov


def of_flow(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    source: markov.Units,
    target: markov.Units,
    given: markov.Units = (),
    history: int = 1,
) -> xr.Dataset:
    """Return transfer entropy and active information, as `theory.markov.information_flow`.

    Parameters
    ----------
    network : binary network
    key : unused, as the measure is exact
    source, target, given, history : as for `theory.markov.information_flow`

    Examples
    --------
    >>> import jax, noisette as nz
    >>> data = of_flow(nz.Boltzmann([[0.0, 0.0], [9.0, 0.0]]), key=jax.random.key(0), source=0, target=1)
    >>> round(float(data.transfer_entropy), 3)
    0.998
    """
    return markov.information_flow(network, source, target, given, history=history)


def of_input(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    patterns: int | ArrayLike = 1,
    strength: float = 1.0,
    lag: int = 1,
) -> xr.Dataset:
    """Return the information about an input, as `theory.markov.input_information` at one lag.

    Parameters
    ----------
    network : binary network
    key : unused, as the measure is exact
    patterns, strength : as for `theory.markov.input_information`
    lag : number of steps after the input

    Examples
    --------
    >>> import jax, noisette as nz
    >>> data = of_input(nz.Boltzmann([[0.0]]), key=jax.random.key(0), strength=9.0)
    >>> round(float(data.input_information), 3)
    0.998
    """
    return markov.input_information(network, patterns, strength, lags=[lag]).isel(lag=0, drop=True)


def of_correlations(
    network: NetworkLike,
    *,
    key: PRNGKeyArray,
    steps: int = 2000,
    discard: int = 100,
    runs: int = 10,
) -> xr.Dataset:
    """Return the root mean square of the correlations of successive states, exact up to 12 units.

    Parameters
    ----------
    network : binary network
    key : random key, for simulations of larger networks
    steps, discard, runs : steps of each run, those discarded, and number of runs, for larger networks

    Examples
    --------
    >>> import jax, noisette as nz
    >>> data = of_correlations(nz.Boltzmann(nz.weights.autapses(20.0, 4)), key=jax.random.key(0))
    >>> round(float(data.rms_correlation), 3)
    0.5
    """
    binary = as_network(network, BinaryNetwork)
    if binary.size <= markov.DENSE_LIMIT:
        return markov.rms_correlation(binary)[["rms_correlation"]]
    first = integer(discard, "discard", 0)
    start = jax.random.rademacher(jax.random.fold_in(key, 0), (runs, binary.size), float)
    run = simulate(binary, first + steps, Trace(), key=jax.random.fold_in(key, 1), runs=runs, start=start)
    return rms_correlation(run.trace.values[:, first:])


__all__ = ["of_correlations", "of_flow", "of_input"]
