"""Noise pulses: the probability that one noisy step, followed by steps without noise, switches the attractor."""

import numpy as np
import xarray as xr

from noisette.analysis import simulated_switching, switching
from noisette.networks import Boltzmann, SignNetwork
from noisette.papers._paper import Figure
from noisette.papers.recurrence_resonance._networks import COLOUR, NETWORKS
from noisette.plots import figure, letter
from noisette.studies import Claim, Study, holds

KINDS = {"Boltzmann": Boltzmann, "sign": SignNetwork}
RELAXATION = 50  # steps without noise after the pulse
POINTS = {"smoke": 6, "quick": 26, "paper": 101}
RUNS = {"smoke": 200, "quick": 2_000, "paper": 40_000}
CHECKED = 20.0  # strength at which the exact result is compared with simulation
DRAWN = 20.0  # strength for which the switching matrix is shown


def measure(network: str, kind: str, scale: str, seed: int) -> xr.Dataset:
    """Return exact switching probabilities against the strength of the pulse, a simulated one, and one matrix."""
    weights, _ = NETWORKS[network]
    binary = KINDS[kind](weights)
    pulse = np.linspace(0, 50, POINTS[scale])
    probability = [switching(binary, float(r), RELAXATION).probability for r in pulse]
    checked = simulated_switching(binary, CHECKED, RELAXATION, runs=RUNS[scale], key=seed)
    drawn = switching(binary, DRAWN, RELAXATION).matrix
    return xr.Dataset(
        {
            "probability": ("pulse", probability),
            "limit": switching(binary, np.inf, RELAXATION).probability,
            "checked_exact": switching(binary, CHECKED, RELAXATION).probability,
            "checked": checked.share,
            "checked_se": checked.standard_error,
            "checked_low": checked.low,
            "checked_high": checked.high,
            "checked_runs": checked.trials,
            "matrix": (("start", "end"), drawn),
        },
        {"pulse": pulse, "start": np.arange(len(drawn)), "end": np.arange(len(drawn))},
        {"method": "exact and simulated", "quiet": RELAXATION},
    )


def study(scale: str, seed: int) -> Study:
    """Return the study over networks, with Boltzmann and with deterministic units."""
    grid = {"network": list(NETWORKS), "kind": list(KINDS)}
    return Study("pulses", measure, grid, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the switching probability for both kinds of units, and the switching matrices of the Boltzmann networks."""
    fig = figure(9.6, 5.4)
    top, bottom = np.asarray(fig.subfigures(2, 1))
    for axis, kind, mark in zip(top.subplots(1, 2), KINDS, "ab", strict=True):
        for name in NETWORKS:
            curve = data.sel(network=name, kind=kind)
            axis.plot(data.pulse, curve.probability, color=COLOUR[name], label=name)
            bars = [[float(curve.checked - curve.checked_low)], [float(curve.checked_high - curve.checked)]]
            axis.errorbar([CHECKED], [float(curve.checked)], bars, fmt="o", ms=4, color=COLOUR[name])
            axis.axhline(float(curve.limit), color=COLOUR[name], lw=0.7, ls=":")
        axis.set_title(f"{kind} units")
        axis.set_xlabel("strength of the pulse $r$")
        axis.set_ylabel("switching probability")
        axis.set_ylim(0, 1.02)
        axis.legend(loc="center right", bbox_to_anchor=(1.0, 0.3))
        letter(axis, mark)
    top.suptitle(r"points: simulated with 95 % intervals; dotted lines: $r \to \infty$", fontsize=8)
    axes, images = bottom.subplots(1, 3), []
    for axis, name, mark in zip(axes, NETWORKS, "cde", strict=True):
        matrix = data.matrix.sel(network=name, kind="Boltzmann").values
        number = int(np.isfinite(np.diag(matrix)).sum())
        images.append(axis.imshow(matrix[:number, :number], cmap="Blues", vmin=0, vmax=1))
        ticks = range(number) if number < 8 else [0, number // 2, number - 1]
        axis.set_xticks(ticks)
        axis.set_yticks(ticks)
        axis.set_title(rf"{name}, pulse of $r = {DRAWN:g}$")
        axis.set_xlabel("attractor after")
        axis.set_ylabel("attractor before")
        letter(axis, mark)
    bottom.colorbar(images[0], ax=axes, label="probability", shrink=0.9)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of the paper about noise pulses, and whether simulation and exact result agree."""
    judged = []
    for name in NETWORKS:
        strong = {kind: float(data.probability.sel(network=name, kind=kind, pulse=50.0)) for kind in KINDS}
        judged.append(
            holds(
                f"{name}: a pulse of r = 50 switches between attractors",
                "yes, probabilistic and deterministic",
                f"P = {strong['Boltzmann']:.4f}; sign units {strong['sign']:.4f}",
                min(strong.values()) > 0.01,
                why="exact; one step with noise and 50 steps without",
                why_not="the probability is below 0.01",
            )
        )
    # binomial error at the exact probability, which does not vanish if no trial switched
    exact = data.checked_exact
    error = np.sqrt(exact * (1 - exact) / data.checked_runs)
    deviation = np.abs(data.checked - exact) / error.where(error > 0, np.finfo(float).eps)
    worst = float(deviation.max())
    judged.append(
        holds(
            f"simulated pulses agree with the exact switching probabilities (r = {CHECKED:g}, all networks)",
            "–",
            f"largest of {deviation.size} deviations {worst:.1f} s.e.",
            worst < 4,
            why="in six comparisons, a deviation of more than 4 s.e. occurs by chance once in 2,600 cases",
            why_not="simulation and exact result disagree",
        )
    )
    return judged


FIGURE = Figure(
    "pulses",
    "Short noise pulses switch attractors",
    study,
    plot,
    claims,
    caption=(
        "Lines and matrices are exact; points are simulated, with 95 % intervals. Dotted lines are the "
        "limit of strong pulses, r → ∞."
    ),
)
