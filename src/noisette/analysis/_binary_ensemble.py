"""Random binary networks of N units: averages over networks, exact or simulated, beside `theory.binary_mean_field`."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypedDict, Unpack

import jax
import numpy as np
import xarray as xr
from jaxtyping import Array
from numpy.typing import ArrayLike

from noisette.analysis._options import Progress, seed_entry
from noisette.analysis._unit_means import UnitMeans
from noisette.arguments import check_arguments
from noisette.calls import public_call
from noisette.codes import states
from noisette.errors import integer, nonnegative_grid, real_array, real_number, require
from noisette.information import binary_entropy, entropy, plogp
from noisette.keys import KeyLike, as_key
from noisette.networks import BinaryNetwork, Boltzmann
from noisette.noise import White
from noisette.probes import ConditionalEntropy, EntropyProduction
from noisette.provenance import provenance
from noisette.simulation import simulate
from noisette.theory import markov
from noisette.theory.markov import QUANTITIES

SIMULATED = ("magnetisation", "overlap", "autocorrelation", "conditional_entropy", "entropy_production")
EXACT = (*SIMULATED, "unit_entropy", "entropy", "unit_information", "information")
LARGEST_EXACT, AUTOMATIC = 12, 8  # units of exact networks: largest number, and largest one by default
REPLICAS = 2  # runs of each network, whose means over time are multiplied
WEIGHTS_AT_ONCE = 8_000_000  # weights of the networks that are simulated together, 64 MB
NONNEGATIVE = "a finite number, zero or positive"


class EnsembleOptions(TypedDict, total=False):
    """Options of `binary_ensemble`.

    Attributes
    ----------
    bias : b, the mean of the biases, or a list of values that are shared by equal fractions of the units
    bias_std : B, standard deviation of Gaussian differences of the biases from these values
    start : mean of the units in the first state of simulations
    networks : number of networks
    steps, discard : numbers of steps measured, and before them
    every : number of steps between evaluations of entropies
    """

    bias: ArrayLike | Array
    bias_std: float
    start: float
    networks: int
    steps: int
    discard: int
    every: int


DEFAULTS: dict[str, Any] = {"bias": 0.0, "bias_std": 0.0, "start": 1.0, "networks": 20, "steps": 1000, "discard": 100}
DEFAULTS |= {"every": 5}


@check_arguments
@public_call
def binary_ensemble(
    gain: ArrayLike | Array,
    size: int,
    mean: float = 0.0,
    std: float = 1.0,
    noise: ArrayLike | Array = 0.0,
    method: Literal["auto", "exact", "simulated"] = "auto",
    *,
    key: KeyLike = 0,
    progress: Progress | None = None,
    **options: Unpack[EnsembleOptions],
) -> xr.Dataset:
    """Order parameters, information and entropy production per unit of random binary networks of N units.

    .. math:: P(s_i' = \\pm 1) = S(\\pm h_i; \\sigma), \\quad h_i = \\sum_j W_{ij} s_j + b_i, \\quad
       W_{ij} \\sim \\mathcal N\\Big(\\frac{g J_0}{N}, \\frac{g^2 \\Delta J^2}{N}\\Big)

    Averages over networks of the quantities that `theory.binary_mean_field` describes for N → ∞. Exact values are those
    of the stationary chain on all 2^N states. Simulations use the exact probabilities of the next state given the
    present one, and the overlap is the product of two runs of the same network, so that the estimates of stationary
    networks are unbiased for any number of steps. The same random numbers are used at every gain and strength of noise.

    Parameters
    ----------
    gain, mean, std, noise : g, J₀, ΔJ and σ, as for `theory.binary_mean_field`
    size : number of units N
    method : "exact" (up to 12 units), "simulated", or "auto", exact up to 8 units
    key : an integer or a JAX key
    progress : True to show a bar with the remaining time (see `show_progress`), or a function called with (done, total)
    **options : ``bias``, ``bias_std``: b and B, as in theory; ``networks``: number of networks, at least 2, by default
        20; for simulations ``steps`` (1000) measured after ``discard`` (100), ``every`` (5): steps between evaluations
        of entropies; and ``start`` (1.0), the mean of the units at first

    Raises
    ------
    InputError : too many units for the exact method, fewer than 2 networks, options that are out of range, an exact
        chain that has no unique stationary distribution in float64.

    Returns
    -------
    Dataset over ``gain`` and ``noise``, each if several are given, with ``magnetisation``, ``overlap``,
    ``autocorrelation``, ``conditional_entropy`` and ``entropy_production``, for exact networks also ``unit_entropy``,
    ``entropy``, ``unit_information`` and ``information``, in bits per unit; each with its standard error over networks,
    ``…_se``. The entropy of the joint state of simulated networks is not estimated, since 2^N states cannot be counted

    See Also
    --------
    theory.binary_mean_field : The limit of N → ∞.
    EntropyProduction : The probe, for networks of your own.
    theory.markov.measures : H, I and D of one network at one strength, exactly.

    Examples
    --------
    >>> data = binary_ensemble(2.0, 6, std=1.0, networks=100)
    >>> f"{float(data.information):.3f} ± {float(data.information_se):.3f} bit"  # 0.284 for N → ∞
    '0.290 ± 0.003 bit'

    References
    ----------
    Aguilera, Igarashi & Shimazaki (2023) [aguilera2023].
    """
    units = integer(size, "size")
    settings = {**DEFAULTS, **options}
    numbers = {name: integer(settings[name], name, 0 if name == "discard" else 1) for name in ("steps", "discard")}
    numbers |= {"every": integer(settings["every"], "every"), "networks": integer(settings["networks"], "networks", 2)}
    require(
        method != "exact" or units <= LARGEST_EXACT,
        f"{units} units for the exact method",
        f"at most {LARGEST_EXACT} units",
        "use method simulated",
    )
    exact = method == "exact" or (method == "auto" and units <= AUTOMATIC)
    gains, strengths = nonnegative_grid(gain, "gain"), nonnegative_grid(noise, "noise")
    ensemble = _ensemble(units, mean, std, settings, as_key(key))
    points = [(g, s) for g in gains.ravel().tolist() for s in strengths.ravel().tolist()]
    measure = _exact if exact else _Simulated(numbers["steps"], numbers["discard"], numbers["every"])
    names = EXACT if exact else SIMULATED
    values = np.empty((len(points), numbers["networks"], len(names)))
    done = 0
    for first, count in _batches(units, numbers["networks"], exact):
        for i, (g, s) in enumerate(points):
            values[i, first : first + count] = measure(ensemble, g, s, first, count)
            done += count
            if callable(progress):
                progress(done, len(points) * numbers["networks"])
    configuration = {"gain": gains, "size": units, "mean": mean, "std": std, "noise": strengths, "key": key}
    configuration |= {name: settings[name] for name in ("bias", "bias_std", "networks")}
    if not exact:
        configuration |= {name: settings[name] for name in ("start", "steps", "discard", "every")}
    kind = ("exact" if exact else "simulated", "stationary")
    attrs = provenance(*kind, ("aguilera2023",), configuration, **seed_entry(key))
    return _table(gains, strengths, values, names).assign_attrs(attrs)


class _Ensemble(NamedTuple):
    """Random networks of one size, in which the network of an index is the same at every gain."""

    size: int
    mean: float
    std: float
    biases: np.ndarray
    bias_std: float
    start: float
    key: Array

    def networks(self, gain: float, noise: float, first: int, count: int) -> list[BinaryNetwork]:
        """Return the networks of some indices."""
        return [self._network(gain, noise, jax.random.fold_in(self.key, n)) for n in range(first, first + count)]

    def _network(self, gain: float, noise: float, key: Array) -> Boltzmann:
        weights, biases = jax.random.split(key)
        normal = np.asarray(jax.random.normal(weights, (self.size, self.size)))
        matrix = gain * (self.mean / self.size + self.std / np.sqrt(self.size) * normal)
        values = self.biases[np.arange(self.size) * len(self.biases) // self.size]
        return Boltzmann(
            matrix, values + self.bias_std * np.asarray(jax.random.normal(biases, (self.size,))), White(noise)
        )

    def starts(self, first: int) -> np.ndarray:
        """Return random states whose units have the mean `start`, one for each run."""
        drawn = jax.random.uniform(jax.random.fold_in(self.run_key(first), 0), (REPLICAS, self.size))
        return np.where(np.asarray(drawn) < (1 + self.start) / 2, 1.0, -1.0)

    def run_key(self, first: int) -> Array:
        """Return the key of the runs of a batch of networks."""
        return jax.random.fold_in(jax.random.fold_in(self.key, first), 1)


def _ensemble(size: int, mean: float, std: float, settings: dict[str, Any], key: Array) -> _Ensemble:
    """Return the random networks, after checking their parameters."""
    biases = real_array(settings["bias"], "bias")
    require(biases.ndim <= 1 and biases.size > 0, f"bias of shape {biases.shape}", "a number, or a list of numbers")
    spread, differences = (
        real_number(value, name, NONNEGATIVE, lambda x: 0 <= x < np.inf)
        for value, name in ((std, "std"), (settings["bias_std"], "bias_std"))
    )
    start = real_number(settings["start"], "start", "a magnetisation from -1 to 1", lambda m: -1 <= m <= 1)
    return _Ensemble(size, real_number(mean, "mean"), spread, biases.ravel(), differences, start, key)


def _batches(size: int, networks: int, exact: bool) -> Iterator[tuple[int, int]]:
    """Return the first index and the number of networks of each batch."""
    most = 1 if exact else max(1, WEIGHTS_AT_ONCE // size**2)
    for first in range(0, networks, most):
        yield first, min(most, networks - first)


def _exact(ensemble: _Ensemble, gain: float, noise: float, first: int, count: int) -> np.ndarray:
    """Return the quantities of the stationary chains of networks, shape (networks, names)."""
    return np.array([_of_chain(network) for network in ensemble.networks(gain, noise, first, count)])


def _of_chain(network: BinaryNetwork) -> list[float]:
    """Return the quantities of `EXACT` for the stationary chain of a network."""
    matrix = markov.transition_matrix(network)
    occupied = markov.stationary_of(matrix)
    every = states(network.size)
    means = occupied @ every
    lost = -float(occupied @ np.asarray(plogp(matrix)).sum(1)) / network.size
    joint = float(entropy(occupied)) / network.size
    single = float(np.mean(np.asarray(binary_entropy(np.clip((1 - np.abs(means)) / 2, 0.0, 0.5)))))
    return [
        *(float(means.mean()), float(np.mean(means**2)), float(occupied @ np.mean(every * (matrix @ every), 1))),
        *(lost, markov.irreversibility(occupied[:, None] * matrix) / network.size),
        *(single, joint, single - lost, joint - lost),
    ]


class _Simulated(NamedTuple):
    """Simulation of networks, two runs each."""

    steps: int
    discard: int
    every: int

    def __call__(self, ensemble: _Ensemble, gain: float, noise: float, first: int, count: int) -> np.ndarray:
        """Return the quantities of `SIMULATED` of networks, shape (networks, names)."""
        probes = [UnitMeans(self.discard), EntropyProduction(self.every, self.discard)]
        probes.append(ConditionalEntropy(every=self.every, discard=self.discard))
        data = simulate(
            ensemble.networks(gain, noise, first, count),
            self.steps + self.discard,
            probes,
            key=ensemble.run_key(first),
            start=ensemble.starts(first),
            runs=REPLICAS,
        )
        means = data.unit_mean.values  # (networks, runs, units)
        columns = [means.mean((1, 2)), means.prod(1).mean(-1)]
        columns += [data.autocorrelation.values.mean(1)]
        columns += [data[name].values.mean(1) / ensemble.size for name in SIMULATED[3:]]
        return np.stack(columns, 1)


def _table(gains: np.ndarray, strengths: np.ndarray, values: np.ndarray, names: tuple[str, ...]) -> xr.Dataset:
    """Return means and standard errors over networks of values of shape (points, networks, names)."""
    dims = ("gain",) * gains.ndim + ("noise",) * strengths.ndim
    shape = gains.shape + strengths.shape
    average, error = values.mean(1), values.std(1, ddof=1) / np.sqrt(values.shape[1])
    columns: dict[str, Any] = {}
    for i, name in enumerate(names):
        text, unit = QUANTITIES[name]
        columns[name] = (dims, average[:, i].reshape(shape), {"long_name": text, "units": unit})
        label = {"long_name": f"{text}, standard error over networks", "units": unit}
        columns[f"{name}_se"] = (dims, error[:, i].reshape(shape), label)
    coords = {
        "gain": (("gain",) * gains.ndim, gains, {"long_name": "gain g", "units": ""}),
        "noise": (("noise",) * strengths.ndim, strengths, {"long_name": "noise strength", "units": "std per step"}),
    }
    return xr.Dataset(columns, coords)


__all__ = ["binary_ensemble"]
