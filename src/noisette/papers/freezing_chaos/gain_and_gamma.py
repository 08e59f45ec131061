"""Figure `knob`, not in the paper: the largest exponent and the kinetic energy as functions of the gain and of γ."""

import numpy as np
import xarray as xr

from noisette.analysis import chaos_curve
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import figure, letter
from noisette.studies import Claim, Study, holds

SEVERAL = (0.0, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.3)
GAMMAS = {"smoke": (0.0, 0.1, 0.4, 1.0), "quick": SEVERAL, "paper": SEVERAL}
GAINS = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
LENGTH = {"smoke": (10.0, 2.0), "quick": (60.0, 20.0), "paper": (100.0, 40.0)}


def measure(gamma: float, scale: str, seed: int) -> xr.Dataset:
    """Return exponents and energies at all gains for one γ; the step is stable at each gain."""
    duration, discard = LENGTH[scale]
    W = [_runs.weights(scale, seed, i) for i in range(1 if scale != "paper" else _runs.NETWORKS[scale])]
    curve = chaos_curve(W, GAINS, gamma=gamma, dt=0.01, duration=duration, discard=discard, halve=False, key=seed)
    return (
        curve.drop_vars("audit").mean("network").isel(exponent=0).assign_attrs(curve.attrs, size=_runs.size_of(scale))
    )


def study(scale: str, seed: int) -> Study:
    """Return the study over γ."""
    return Study("knob", measure, {"gamma": list(GAMMAS[scale])}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the exponent and the kinetic energy as colour maps."""
    fig = figure(8.0, 3.1)
    left, right = fig.subplots(1, 2)
    values = data.lyapunov.values.T
    reach = float(np.nanmax(np.abs(values)))
    first = left.pcolormesh(*_corners(data), values, cmap="RdBu_r", vmin=-reach, vmax=reach)
    fig.colorbar(first, ax=left, label=r"largest exponent $\lambda$ ($1/\tau$)")
    energy = np.log10(np.maximum(data.mean_kinetic_energy.values.T, 1e-12))
    second = right.pcolormesh(*_corners(data), energy, cmap="viridis")
    fig.colorbar(second, ax=right, label=r"$\log_{10}(E_\mathrm{k}/N)$")
    for axis, mark in ((left, "a"), (right, "b")):
        axis.set(xlabel=r"strength $\gamma$ of the Onsager term", ylabel="gain $g$")
        axis.set_xticks(range(len(data.gamma)), [f"{g:g}" for g in data.gamma.values])
        axis.set_yticks(range(len(data.gain)), [f"{g:g}" for g in data.gain.values])
        letter(axis, mark)
    return fig


def _corners(data: xr.Dataset) -> tuple[np.ndarray, np.ndarray]:
    return np.arange(data.sizes["gamma"] + 1) - 0.5, np.arange(data.sizes["gain"] + 1) - 0.5


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claim about the decrease of the exponent with γ."""
    chaotic = data.lyapunov.sel(gain=data.gain >= 3)
    share = (chaotic / chaotic.sel(gamma=0.0)).mean("gain")
    half = float(data.gamma[(share < 0.5).values][0])
    falls = bool((chaotic.mean("gain").diff("gamma").sel(gamma=slice(None, 1.0)) < 0.01).all())
    rest = float(chaotic.sel(gamma=1.0).max())
    return [
        holds(
            "not in the paper: freezing is gradual in γ (g ≥ 3)",
            "γ is 0 or 1 in the paper",
            f"relative to its value at γ = 0, λ falls below one half at γ = {half:g}, and to "
            f"{float(share.sel(gamma=0.4, method='nearest')):.2f} at γ = 0.4; λ is at most {rest:.3f} at γ = 1",
            falls and half < 0.5,
            why="a fraction of the Onsager term removes most of the chaos",
            why_not="λ does not fall with γ",
        )
    ]


FIGURE = Figure(
    "knob",
    "λ and E_k as functions of gain and γ (not in the paper)",
    study,
    plot,
    claims,
    caption="All results are simulated; each cell is the mean over networks.",
)
