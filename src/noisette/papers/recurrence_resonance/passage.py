"""Mean passage times between attractors against the noise (not in the paper)."""

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
        noisy = Boltzmann(weights, noise=White(float(r)))
        times.append(markov.passage_times(noisy, 7)[24] if network == "Hopfield" else markov.escape_time(noisy, codes))
    return xr.Dataset({"steps": ("noise", times)}, {"noise": noise}, {"method": "exact", "units": "steps"})


def study(scale: str, seed: int) -> Study:
    """Return the study over the networks; it is deterministic."""
    return Study("passage", measure, {"network": list(NETWORKS)}, {"scale": scale})


LABELS = {
    "autapses": "autapses: exit from a fixed point",
    "NRooks": "NRooks: exit from an 8-cycle",
    "Hopfield": "Hopfield: from 24 to 7",
}


def plot(data: xr.Dataset):
    """Plot mean passage times on a logarithmic scale, with the length of the runs of the paper."""
    fig = figure(5.2, 3.4)
    axes = fig.subplots()
    for name in NETWORKS:
        axes.semilogy(data.noise, data.steps.sel(network=name), color=COLOUR[name], label=LABELS[name])
    axes.axhline(RUN, color=COLOURS["grey"], lw=0.9, ls="--")
    axes.text(
        49.5,
        RUN * 1.8,
        "length of the runs in the paper",
        ha="right",
        va="bottom",
        fontsize=8,
        color=COLOURS["grey"],
    )
    axes.set_xlabel("noise strength $r$")
    axes.set_ylabel("mean passage time (steps)")
    axes.legend()
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether runs are trapped in an attractor without noise and escape with it."""
    judged = []
    for name in NETWORKS:
        without, with_noise = float(data.steps.sel(network=name, noise=0.0)), float(data.steps.sel(network=name)[13])
        judged.append(
            holds(
                f"{name}: trapped without noise, not trapped with it",
                "trapped in one or a few attractors at r = 0",
                f"{without:.3g} steps at r = 0, {with_noise:.3g} at r = {float(data.noise[13]):g}",
                without > RUN / 5,
                why=f"exact; at r = 0 the attractor is left {RUN / without:.2g} times in {RUN:,} steps on average",
                why_not=f"exact; the attractor is left {RUN / without:.1f} times in {RUN:,} steps even without noise",
                failed="differs",
                any_scale=True,
            )
        )
    return judged


FIGURE = Figure(
    "passage",
    "Mean passage times against the noise (not in the paper)",
    study,
    plot,
    claims,
    caption="All curves are exact. The dashed line is the length of the runs in the paper.",
)
