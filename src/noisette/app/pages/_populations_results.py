"""Theory and simulation behind the page about populations; theory at a gain is kept for further views."""

from dataclasses import dataclass
from functools import lru_cache

import jax
import numpy as np
import xarray as xr

from noisette import Trace, White, activations, ensembles, simulate, theory
from noisette.errors import InputError
from noisette.networks import Populations

START = 0.5  # mean of x at the start, in theory and simulation, which selects one of several stationary states
GAINS = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
DURATION, DISCARD, DT, EVERY = 120.0, 60.0, 0.05, 4


@dataclass(frozen=True)
class Law:
    """What determines the theory of a view besides the gain.

    Parameters
    ----------
    activation : word of the registry
    excitation : mean weight from the excitatory units to each population, times their number
    balance : the same of the inhibitory units, over −excitation
    variance_e, variance_i : variances of weights from excitatory and inhibitory units, times their numbers
    fraction : fraction of excitatory units
    tau : time constant of inhibitory units
    bias : bias of excitatory units
    noise : strength of white noise
    """

    activation: str
    excitation: float
    balance: float
    variance_e: float
    variance_i: float
    fraction: float
    tau: float
    bias: float
    noise: float

    def ensemble(self, size: int) -> ensembles.Blocks:
        """Return the ensemble of weights of N units."""
        excitatory = round(self.fraction * size)
        means = [self.excitation, -self.balance * self.excitation]
        return ensembles.Blocks([means] * 2, [[self.variance_e, self.variance_i]] * 2, [excitatory, size - excitatory])

    def populations(self, size: int) -> Populations:
        """Return excitatory and inhibitory units."""
        noise = White(self.noise) if self.noise else None
        phi = activations.from_string(self.activation)
        return Populations(self.ensemble(size), phi, tau=[1.0, self.tau], bias=[self.bias, 0.0], noise=noise)

    @property
    def outlier(self) -> float:
        """Outlier of the spectrum of the weights, the total mean weight."""
        return self.excitation * (1 - self.balance)

    @property
    def radius(self) -> float:
        """Radius of the disc of the other eigenvalues of the weights."""
        return float(np.sqrt(self.variance_e + self.variance_i))


@dataclass(frozen=True)
class Solution:
    """Theory at one gain, or the reason why there is none.

    Parameters
    ----------
    data : result of `theory.population_mean_field`; None if there is none
    reason : why
    """

    data: xr.Dataset | None
    reason: str = ""


@lru_cache(maxsize=512)
def solution(law: Law, gain: float) -> Solution:
    """Return theory at one gain, N → ∞."""
    try:
        return Solution(theory.population_mean_field(law.populations(1000), gain, start_mean=START))
    except InputError as error:
        return Solution(None, str(error))


@lru_cache(maxsize=16)
def run(law: Law, gain: float, size: int, seed: int) -> xr.Dataset:
    """Return the states of all units of one network over time, and means and variances after the transient."""
    populations = law.populations(size)
    key = jax.random.key(seed)
    network = populations.network(gain, key=key)
    start = START + np.asarray(jax.random.normal(jax.random.fold_in(key, 1), (size,), float))
    options = {"duration": DURATION, "dt": DT, "start": start, "key": jax.random.fold_in(key, 2), "warn": False}
    trace = simulate(network, probes=Trace(every=EVERY), **options).trace.isel(run=0, drop=True)
    late = trace.sel(time=slice(DISCARD, None)).values
    member = populations.ensemble.populations
    over = {name: [float(getattr(late[:, member == p], name)()) for p in range(2)] for name in ("mean", "var")}
    values = {"simulated_mean": ("population", over["mean"]), "simulated_variance": ("population", over["var"])}
    means = np.array([trace.values[:, member == p].mean(1) for p in range(2)])
    return xr.Dataset({"trace": trace, "population_mean": (("population", "time"), means), **values})


def eigenvalues(law: Law, gain: float, size: int, seed: int) -> np.ndarray:
    """Return the eigenvalues of g W of the simulated network."""
    network = law.populations(size).network(gain, key=jax.random.key(seed))
    return np.linalg.eigvals(gain * np.asarray(network.weights))


__all__ = ["DISCARD", "GAINS", "Law", "Solution", "eigenvalues", "run", "solution"]
