"""Exact and simulated resonance curves, and joint distributions of single runs, for figures 1 and 2."""

from typing import NamedTuple

import jax
import numpy as np
import xarray as xr

from noisette.analysis import optimal_noise, resonance
from noisette.networks import Boltzmann
from noisette.noise import White
from noisette.probes import JointStates
from noisette.simulation import simulate

STEPS = 10_000


class Size(NamedTuple):
    """Size of a computation: noise strengths of the exact and of the simulated curve, and number of runs."""

    noise: np.ndarray
    sampled: np.ndarray
    runs: int


COARSE = np.array([*range(9), 10, 12, 14, 17, 20, 23, 26, 30, 35, 40, 45, 50], float)
SIZES = {
    "smoke": Size(np.linspace(0, 50, 11), np.linspace(0, 50, 6), 2),
    "quick": Size(np.linspace(0, 50, 51), COARSE, 4),
    "paper": Size(np.linspace(0, 50, 101), np.linspace(0, 50, 101), 40),
}


def curves(weights: np.ndarray, start: int, scale: str, seed: int) -> xr.Dataset:
    """Return exact (``exact_…``) and simulated H, I and D against the noise, and the exact optimum."""
    network, size = Boltzmann(weights), SIZES[scale]
    exact = resonance(network, size.noise, STEPS, start)
    sampled = resonance(network, size.sampled, STEPS, start, "single-run", runs=size.runs, key=seed)
    best = optimal_noise(network, STEPS, start, between=size.noise)
    prefixed = exact.rename({name: f"exact_{name}" for name in exact.data_vars})
    merged = xr.merge([prefixed, sampled], combine_attrs="drop", join="outer", compat="no_conflicts")
    return merged.assign(optimal_noise=best.noise, optimal_information=best.information).assign_attrs(
        {**sampled.attrs, "method": "exact and simulated", "estimator": "fixed-start and single-run"}
    )


def joints(weights: np.ndarray, start: int, noise: list[float], seed: int) -> xr.DataArray:
    """Return the joint distribution of successive states in one run at each strength of the noise."""
    base = Boltzmann(weights)
    networks = [base.with_noise(White(float(r))) for r in noise]
    counts = simulate(networks, STEPS, JointStates(), key=jax.random.key(seed), start=start, runs=2).joint_states
    return (counts.isel(run=0) / STEPS).rename(network="strength").assign_coords(strength=noise)


def exact_of(data: xr.Dataset) -> xr.Dataset:
    """Return the exact curves without the prefix of their names."""
    names = {f"exact_{n}": n for n in ("entropy", "information", "divergence")}
    return data[list(names)].rename(names)


def nearest(data: xr.Dataset, noise: float) -> xr.Dataset:
    """Return the values at the noise strength nearest to `noise`."""
    return data.sel(noise=noise, method="nearest")
