"""Figure `plane`, not in the paper: dependence of the largest exponent of gradient descent on gain and step."""

import numpy as np
import xarray as xr

from noisette.analysis import chaos_curve
from noisette.averages import mean_and_error
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import COLOURS, SERIES, figure, letter
from noisette.studies import Claim, Study, holds

STEPS = {"smoke": (0.02, 0.01), "quick": (0.01, 0.005, 0.0025), "paper": (0.01, 0.005, 0.0025, 0.001)}
SCALED = (0.25, 0.36, 0.49, 0.56, 0.64, 0.72, 0.81, 0.9, 1.0, 1.28, 1.44, 2.0, 2.56, 4.0)  # g² dt
DURATION = {"smoke": 5.0, "quick": 20.0, "paper": 20.0}
RISING = 0.05


def measure(dt: float, network: int, scale: str, seed: int) -> xr.Dataset:
    """Return exponents at γ = 1 for gains at which g² dt has the same values for every step."""
    gains = np.sqrt(np.array(SCALED) / dt)
    W = _runs.weights(scale, seed, network)
    curve = chaos_curve(
        [W], gains, gamma=1.0, dt=dt, duration=DURATION[scale], discard=0.0, halve=False, key=seed + network
    )
    values = {n: ("scaled", curve[n].values.reshape(-1)) for n in ("lyapunov", "rising", "stability")}
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale)}
    return xr.Dataset({**values, "gain": ("scaled", gains)}, {"scaled": list(SCALED)}, attrs)


def study(scale: str, seed: int) -> Study:
    """Return the study over steps and networks."""
    grid = {"dt": STEPS[scale], "network": range(_runs.NETWORKS[scale])}
    return Study("plane", measure, grid, {"scale": scale, "seed": seed}, units={"dt": "tau"})


def plot(data: xr.Dataset):
    """Plot λ(g) for each step, the data collapse of λ dt against g² dt, and the onset against dt."""
    fig = figure(9.2, 3.0)
    left, middle, right = fig.subplots(1, 3)
    for dt, colour in zip(data.dt.values, SERIES, strict=False):
        at_step = data.sel(dt=dt)
        mean, error = (part.values for part in mean_and_error(at_step.lyapunov))
        gains = at_step.gain.isel(network=0).values
        left.errorbar(gains, mean, error, fmt="o-", ms=3, lw=1, color=colour, label=rf"$\mathrm{{d}}t = {dt:g}$")
        middle.errorbar(data.scaled, mean * dt, error * dt, fmt="o-", ms=3, lw=1, color=colour)
    left.axhline(0, color=COLOURS["grey"], lw=0.6)
    left.set(xlabel="gain $g$", ylabel=r"largest exponent $\lambda$ at $\gamma = 1$ ($1/\tau$)", yscale="symlog")
    left.legend()
    middle.axvline(2 / 3.26, color=COLOURS["grey"], lw=0.8, ls="--")
    middle.set(xlabel=r"$g^2\,\mathrm{d}t$", ylabel=r"$\lambda\,\mathrm{d}t$")
    onset = _onset(data)
    steps = data.dt.values
    right.errorbar(steps, onset.mean("network"), onset.std("network"), fmt="o", ms=4, color=COLOURS["information"])
    fine = np.geomspace(steps.min() * 0.8, steps.max() * 1.2, 50)
    right.loglog(
        fine,
        np.sqrt(2 / (3.26 * fine)),
        color=COLOURS["black"],
        lw=1,
        label=r"$\sqrt{2/(3.26\,\mathrm{d}t)}$: along trajectories",
    )
    right.loglog(
        fine,
        1 / np.sqrt(2 * fine),
        color=COLOURS["grey"],
        lw=1,
        ls="--",
        label=r"$\approx\sqrt{1/(2\,\mathrm{d}t)}$: at $x = 0$",
    )
    right.set(xlabel=r"step $\mathrm{d}t$ ($\tau$)", ylabel=r"gain at which $E_\mathrm{k}$ begins to rise")
    right.set_xticks(steps, [f"{step:g}" for step in steps])
    right.set_yticks([8, 10, 12, 14, 16, 20], ["8", "10", "12", "14", "16", "20"])
    right.minorticks_off()
    right.legend(fontsize=7)
    for axis, mark in zip((left, middle, right), "abc", strict=True):
        letter(axis, mark)
    return fig


def _onset(data: xr.Dataset) -> xr.DataArray:
    """Return, for each step and network, the first gain at which the energy rises on more than 5 % of the steps."""
    return data.gain.where(data.rising > RISING).min("scaled")


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether the exponents collapse and the onset scales as dt^(−1/2)."""
    scaled = (data.lyapunov * data.dt).mean("network")
    far = scaled.sel(scaled=scaled.scaled >= 2)
    spread = float(((far.max("dt") - far.min("dt")) / far.mean("dt")).max())
    onset = _onset(data).mean("network")
    slope = float(np.polyfit(np.log(data.dt.values), np.log(onset.values), 1)[0])
    listed = ", ".join(f"{float(g):.1f} at dt = {float(d):g}" for g, d in zip(onset, data.dt, strict=True))
    stable = float(np.abs(data.lyapunov.where(data.scaled <= 0.5).mean("network")).max())
    return [
        holds(
            "not in the paper: the gain at which the energy begins to rise scales as dt^(−1/2)",
            "√(2/(3.26 dt)): 7.8 at dt = 0.01",
            f"{listed}; exponent {slope:.2f}",
            abs(slope + 0.5) < 0.1,
            why="Euler's bound dt × sharpness < 2 with a sharpness of 3.26 g²",
            why_not="it scales with another exponent",
        ),
        holds(
            "not in the paper: the exponents for all steps collapse onto one curve, λ dt = F(g² dt)",
            "–",
            f"λ dt agrees within {100 * spread:.0f} % for g² dt ≥ 2; |λ| ≤ {stable:.2f} for g² dt ≤ 0.5",
            spread < 0.5,
            why="the chaos is that of gradient descent with large steps, which depends on g² dt only",
            why_not="the curves do not coincide",
        ),
    ]


FIGURE = Figure(
    "plane",
    "Dependence of λ on gain and step, and its data collapse (not in the paper)",
    study,
    plot,
    claims,
    caption=(
        "Symbols are simulated. Error bars in a and b are standard errors over networks, in c standard "
        "deviations over networks; the lines in c are linear stability theory."
    ),
)
