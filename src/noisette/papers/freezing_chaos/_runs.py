"""Sizes, networks of several gains with one weight matrix, and runs in which γ is switched, for all figures."""

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np
import xarray as xr

from noisette.networks import Onsager, RateNetwork, Switch
from noisette.probes import Probe
from noisette.simulation import simulate
from noisette.weights import ensemble

PAPER_DT = 0.01
FINE_DT = 0.002  # stable up to g = 15.8 at the fixed point x = 0, and up to 17.5 along trajectories towards it
SIZE = {"smoke": 40, "quick": 200, "paper": 1000}
NETWORKS = {"smoke": 2, "quick": 3, "paper": 5}
SWITCH_GAINS = (1.0, 1.2, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0, 10.0, 12.0)


def size_of(scale: str) -> int:
    """Return N at this scale."""
    return SIZE[scale]


def weights(scale: str, seed: int, network: int) -> np.ndarray:
    """Return W of variance 1/N, zero on the diagonal (Eq 2 at g = 1)."""
    return ensemble(f"gaussian:{SIZE[scale]}", seed)(network)


def networks(W: np.ndarray, gains: Sequence[float], gamma: Any = None) -> list[Any]:
    """Return one network per gain, all with the weights W; γ is a number, a schedule, or None for the plain network."""
    plain = RateNetwork(W)
    family_of_gains = [plain.with_gain(float(g)) for g in gains]
    return family_of_gains if gamma is None else [Onsager(n, gamma) for n in family_of_gains]


def switched(*levels: float, every: float = 100.0) -> Switch:
    """Return a schedule of γ in which each of the given levels lasts `every` time constants."""
    return Switch([every * (i + 1) for i in range(len(levels) - 1)], levels)


def run(
    family_of_gains: list[Any],
    probes: Sequence[Probe],
    *,
    duration: float,
    dt: float,
    start: Any,
    seed: int,
    network: int,
) -> xr.Dataset:
    """Simulate one trial of each network; the result contains the audit of the step size."""
    result = simulate(
        family_of_gains,
        probes=list(probes),
        key=jax.random.fold_in(jax.random.key(seed), network),
        duration=duration,
        dt=dt,
        start=start,
        warn=False,
    )
    return result.isel(run=0)


def energy(W: np.ndarray, gains: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Return E_k/N of states of shape (gain, …, N)."""
    g = np.asarray(gains, float).reshape((-1,) + (1,) * (states.ndim - 1))
    return (((-states + g * np.tanh(states) @ W.T) ** 2).mean(-1)) / 2


def overlap(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the cosine between states."""
    return (x * y).sum(-1) / (np.linalg.norm(x, axis=-1) * np.linalg.norm(y, axis=-1))
