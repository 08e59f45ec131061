"""Ours: how long the networks stay where they are, against noise."""

import numpy as np
import xarray as xr

from noisette.analysis import attractors
from noisette.networks import Boltzmann
from noisette.noise import White
from noisette.papers._paper import Figure
from noisette.papers.recurrence_resonance._networks import COLOUR, NETWORKS
from noisette.plots import COLOURS, figure
from noisette.studies import Claim, Study, holds
from noisette.theory import markov

RUN = 10_000
POINTS = {"smoke": 26, "quick": 26, "paper": 101}


def measure(network: str, scale: str) -> xr.Dataset:
    """Return the mean number of steps to leave the first attractor (Hopfield: to reach the other pattern)."""
    weights, _ = NETWORKS[network]
    noise = np.linspace(0, 50, POINTS[scale])
    codes = attractors(Boltzmann(weights)).sets[0]
    times = []
    for r in noise:
        built = Boltzmann(weights, noise=White(float(r)))
        times.append(markov.passage_times(built, 7)[24] if network == "Hopfield" else markov.escape_time(built, codes))
    return xr.Dataset({"steps": ("noise", times)}, {"noise": noise}, {"method": "exact", "units": "steps"})


def study(scale: str, seed: int) -> Study:
    """Return the study over the networks; nothing in it is random."""
    return Study("passage", measure, {"network": list(NETWORKS)}, {"scale": scale})


LABELS = {
    "autapses": "autapses: leave a state",
    "NRooks": "NRooks: leave an 8-cycle",
    "Hopfield": "Hopfield: from 24 to 7",
}


def plot(data: xr.Dataset):
    """Draw times on a logarithmic scale, with the length of the paper's runs."""
    made = figure(5.2, 3.4)
    axes = made.subplots()
    for name in NETWORKS:
        axes.semilogy(data.noise, data.steps.sel(network=name), color=COLOUR[name], label=LABELS[name])
    axes.axhline(RUN, color=COLOURS["grey"], lw=0.9, ls="--")
    axes.text(
        49.5,
        RUN * 1.8,
        "length of the paper's runs",
        ha="right",
        va="bottom",
        fontsize=8,
        color=COLOURS["grey"],
    )
    axes.set_xlabel("noise strength r")
    axes.set_ylabel("mean passage time (steps)")
    axes.legend()
    return made


def claims(data: xr.Dataset) -> list[Claim]:
    """Return why noise helps: without it a run never leaves its attractor."""
    found = []
    for name in NETWORKS:
        still, noisy = float(data.steps.sel(network=name, noise=0.0)), float(data.steps.sel(network=name)[13])
        found.append(
            holds(
                f"{name}: trapped without noise, free with it",
                "trapped in one or a few attractors at r = 0",
                f"{still:.3g} steps at r = 0, {noisy:.3g} at r = {float(data.noise[13]):g}",
                still > RUN / 5,
                why=f"exact; left {RUN / still:.2g} times in {RUN:,} steps at r = 0 on average",
                why_not=f"left {RUN / still:.1f} times in {RUN:,} steps without any noise",
                failed="differs",
                any_scale=True,
            )
        )
    return found


FIGURE = Figure("passage", "Passage times against noise (ours)", study, plot, claims)
