"""Figure 4: divergence of the regulated dynamics against time, for four gains."""

import numpy as np
import xarray as xr

from noisette.analysis import diagonal, divergence
from noisette.networks import Onsager, RateNetwork
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import SERIES, figure, letter
from noisette.probes import Snapshots
from noisette.studies import Claim, Study, holds

GAINS = (2.0, 4.0, 6.0, 10.0)
STEPS = (_runs.PAPER_DT, 0.002)
TIMES = tuple(np.concatenate([[0.0], np.round(np.geomspace(0.02, 99.0, 24), 2)]))


def measure(dt: float, scale: str, seed: int) -> xr.Dataset:
    """Return the divergence per unit against time, and the diagonal of the Jacobian at the end."""
    W = _runs.weights(scale, seed, 0)
    data = _runs.run(
        _runs.networks(W, GAINS, 1.0), [Snapshots(TIMES)], duration=100.0, dt=dt, start="uniform", seed=seed, network=0
    )
    networks = [Onsager(RateNetwork(W, g)) for g in GAINS]
    paths = np.concatenate([data.snapshots.values, data.final.values[:, None]], axis=1)
    variables = {
        "divergence": (
            ("gain", "time"),
            [[float(divergence(n, x)) / len(x) for x in path] for n, path in zip(networks, paths, strict=True)],
        ),
        "diagonal": (("gain", "unit"), [np.asarray(diagonal(n, p[-1])) for n, p in zip(networks, paths, strict=True)]),
        "stability": ("gain", data.stability.values),
    }
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale)}
    return xr.Dataset(variables, {"gain": list(GAINS), "time": [*TIMES, 100.0]}, attrs)


def study(scale: str, seed: int) -> Study:
    """Return the study over the step."""
    return Study("fig4", measure, {"dt": STEPS}, {"scale": scale, "seed": seed}, units={"dt": "tau"})


def plot(data: xr.Dataset):
    """Plot the divergence against time, and the distribution of the diagonal of the Jacobian."""
    fig = figure(7.6, 3.0)
    left, right = fig.subplots(1, 2)
    for gain, colour in zip(GAINS, SERIES, strict=False):
        for dt, dashes in zip(STEPS, ("--", "-"), strict=True):
            run = data.sel(gain=gain, dt=dt)
            times = np.maximum(data.time.values, 0.01)
            label = rf"$g = {gain:g}$" if dt == STEPS[1] else None
            left.semilogx(times, run.divergence, dashes, lw=1.3, color=colour, label=label)
        right.hist(data.diagonal.sel(gain=gain, dt=STEPS[1]), 40, histtype="step", lw=1.3, color=colour)
        left.axhline(-(1 + gain**2), color=colour, lw=0.5, ls=":")
    left.set(xlabel=r"time $t$ ($\tau$)", ylabel=r"divergence $\mathrm{Tr}\,D/N$ ($1/\tau$)")
    steps = rf"dashed: $\mathrm{{d}}t = {STEPS[0]:g}$, solid: $\mathrm{{d}}t = {STEPS[1]:g}$, dotted: $-(1 + g^2)$"
    left.set_title(steps, fontsize=8)
    left.legend(loc="center right", bbox_to_anchor=(1.0, 0.42))
    label = rf"diagonal of $D$ at $t = 100$ ($1/\tau$), $\mathrm{{d}}t = {STEPS[1]:g}$"
    right.set(xlabel=label, ylabel="number of units")
    letter(left, "a")
    letter(right, "b")
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the contraction of phase-space volume."""
    worst = float(data.divergence.max())
    fine, coarse = (data.divergence.sel(gain=10.0, dt=dt) for dt in (STEPS[1], STEPS[0]))
    early = {name: float(path.sel(time=slice(0.5, 2.0)).mean()) for name, path in (("fine", fine), ("coarse", coarse))}
    late = {name: float(path.sel(time=slice(50, None)).mean()) for name, path in (("fine", fine), ("coarse", coarse))}
    return [
        holds(
            "4a: the divergence is negative: phase-space volume contracts",
            "negative",
            f"at most {worst:.2f} per unit; −(1 + g²) at the fixed point x = 0",
            worst < 0,
            why="Tr D is minus the trace of the Hessian of E_k, which is positive along the flow",
            why_not="the divergence is positive at some time",
        ),
        holds(
            "4a: contraction is strongest at an early stage, for large g",
            "especially for large g and at an earlier stage",
            f"g = 10: Tr D/N = {early['coarse']:.1f} near t = 1, {late['coarse']:.1f} after t = 50 with dt = 0.01; "
            f"{early['fine']:.1f} and {late['fine']:.1f} with dt = {STEPS[1]:g}",
            early["fine"] < late["fine"],
            why="this also holds with a short step",
            why_not="this holds only in runs with an unstable step; in the flow itself the contraction increases with "
            "time, towards −(1 + g²) at the fixed point",
        ),
    ]


FIGURE = Figure(
    "fig4",
    "Divergence of the force and the diagonal of the Jacobian",
    study,
    plot,
    claims,
    caption="All results are simulated, in one network per gain, except for the dotted lines, −(1 + g²).",
)
