"""Exact and simulated information, and the bias of the plug-in estimator (not in the paper)."""

import numpy as np
import xarray as xr

from noisette.analysis import resonance
from noisette.networks import Boltzmann
from noisette.papers._paper import Figure
from noisette.papers.recurrence_resonance._networks import NETWORKS
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, holds

NAME = "Hopfield"
NOISE = np.linspace(20, 50, 7)
RUNS = {"smoke": 4, "quick": 20, "paper": 400}
LENGTHS = (1_000, 10_000)


def measure(steps: int, scale: str, seed: int) -> xr.Dataset:
    """Return exact, plug-in and Miller–Madow information for runs of one length."""
    weights, start = NETWORKS[NAME]
    network = Boltzmann(weights)
    exact = resonance(network, NOISE, steps, start)
    sampled = resonance(network, NOISE, steps, start, "single-run", runs=RUNS[scale], key=seed)
    return sampled.assign(exact=exact.information)


def study(scale: str, seed: int) -> Study:
    """Return the study over the length of the runs."""
    return Study("bias", measure, {"steps": LENGTHS}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the information, and the bias of its estimates for two lengths of the runs."""
    fig = figure(8.0, 3.0)
    axes = fig.subplots(1, 3, width_ratios=[1.1, 1, 1])
    axes[0].plot(data.noise, data.exact.sel(steps=LENGTHS[-1]), color=COLOURS["black"], lw=1, label="exact")
    styles = {
        "information": ("o", "information", "plug-in"),
        "information_corrected": ("s", "sky", "Miller–Madow"),
    }
    for name, (marker, colour, label) in styles.items():
        for axis, steps in zip(axes[1:], LENGTHS, strict=True):
            curve = data.sel(steps=steps)
            axis.errorbar(
                data.noise,
                curve[name] - curve.exact,
                curve[f"{name}_se"],
                fmt=marker,
                ms=3.5,
                lw=1,
                color=COLOURS[colour],
                label=label,
            )
        short = data.sel(steps=LENGTHS[0])
        axes[0].plot(data.noise, short[name], marker, ms=3.5, color=COLOURS[colour], label=rf"{label}, $N_T = 10^3$")
    axes[0].set_ylabel("information $I$ (bit)")
    axes[0].set_ylim(0, 2.4)
    axes[0].legend(loc="upper right")
    for axis, steps, mark in zip(axes[1:], LENGTHS, "bc", strict=True):
        axis.axhline(0, color=COLOURS["grey"], lw=0.8)
        axis.set_title(rf"$N_T$ = {steps:,}")
        axis.set_ylabel("estimate − exact (bit)")
        axis.legend()
        letter(axis, mark)
    letter(axes[0], "a")
    for axis in axes:
        axis.set_xlabel("noise strength $r$")
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether the plug-in estimate of one run is accurate, for each length of the runs."""
    judged = []
    for steps in LENGTHS:
        point = data.sel(steps=steps, noise=50.0)
        bias = {n: float(point[n] - point.exact) for n in ("information", "information_corrected")}
        error = float(point.information_se)
        judged.append(
            holds(
                f"the plug-in estimate of I from one run of {steps:,} steps equals I (r = 50)",
                "curves are plug-in estimates",
                f"{bias['information']:+.3f} ± {error:.3f} bit; corrected {bias['information_corrected']:+.3f}",
                abs(bias["information"]) < 0.03,
                why="the bias is below 0.03 bit",
                why_not="the plug-in bias is about (number of observed pairs of states)/(2 N_T ln 2) bit; it shifts "
                "r_opt upwards and can mimic a resonance of less than 0.1 bit",
                failed="differs",
            )
        )
    return judged


FIGURE = Figure(
    "bias",
    "Exact and simulated information, and the bias of the plug-in estimator (not in the paper)",
    study,
    plot,
    claims,
    caption=(
        "The line in a is exact. Symbols are means over simulated runs, and error bars are standard errors over runs."
    ),
)
