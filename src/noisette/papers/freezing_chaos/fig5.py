"""Figure 5: distribution of activity, and trajectories along three principal components."""

from typing import Any

import jax
import numpy as np
import xarray as xr

from noisette.analysis import pca
from noisette.networks import Onsager, RateNetwork
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import COLOURS, figure, letter
from noisette.probes import Snapshots, Trace
from noisette.simulation import simulate
from noisette.studies import Claim, Study, holds

GAIN, LARGE = 2.0, 10.0
EVERY = 10  # steps between the states used for the principal components
LENGTH = 20.0
TRAJECTORIES = {"smoke": 4, "quick": 30, "paper": 100}
STARTS = {"uniform": None, "x0 + 0.1 randn": 0.1, "x0 + 0.01 randn": 0.01}
TYPESET = {"uniform": "uniform", "x0 + 0.1 randn": r"$x_0 + 0.1\,\xi$", "x0 + 0.01 randn": r"$x_0 + 0.01\,\xi$"}
PAPER_SHARE = 0.8567
EDGES = np.linspace(-1, 1, 21)
CASES = ("before", "after", "large gain, dt = 0.01", "large gain, dt = 0.002")


def measure(scale: str, seed: int) -> xr.Dataset:
    """Return histograms of φ(x), and principal components of trajectories for three kinds of initial states."""
    matrices = [_runs.weights(scale, seed, i) for i in range(_runs.NETWORKS[scale])]
    states = np.stack(_states(matrices, seed))  # case, network, unit
    rates = np.tanh(states)
    histograms = [np.histogram(case, EDGES)[0] / case.size for case in rates]
    gains = np.array([GAIN, GAIN, LARGE, LARGE])
    energies = np.stack([_runs.energy(W, gains, states[:, i]) for i, W in enumerate(matrices)])
    variables = {"histogram": (("case", "phi"), histograms), "energy": ("case", energies.mean(0))}
    variables |= {"saturated": ("case", (np.abs(rates) > 0.9).mean((1, 2)))}
    W = matrices[int(energies[:, 0].argmax())]  # the network with the strongest activity
    parts = [_components(W, spread, scale, seed) for spread in STARTS.values()]
    starts = xr.DataArray(list(STARTS), dims="start", name="start")
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale), "dt": _runs.PAPER_DT}
    coords = {"case": list(CASES), "phi": (EDGES[1:] + EDGES[:-1]) / 2}
    return xr.Dataset(variables, coords, attrs).merge(xr.concat(parts, starts))


def _states(matrices: list[np.ndarray], seed: int) -> list[np.ndarray]:
    """Return states before and after the switch at g = 2, and end states of gradient dynamics at g = 10, two steps."""
    columns = []
    for i, W in enumerate(matrices):
        common: dict[str, Any] = {"start": "uniform", "seed": seed, "network": i}
        switch = _runs.networks(W, [GAIN], _runs.switched(0.0, 1.0))
        frozen = _runs.run(switch, [Snapshots([99.99])], duration=300.0, dt=_runs.PAPER_DT, **common).isel(network=0)
        descent = _runs.networks(W, [LARGE], 1.0)
        finals = [_runs.run(descent, [], duration=100.0, dt=dt, **common) for dt in (_runs.PAPER_DT, _runs.FINE_DT)]
        columns.append([frozen.snapshots.values[0], frozen.final.values, *(f.final.values[0] for f in finals)])
    return [np.array(case) for case in zip(*columns, strict=True)]


def _components(W: np.ndarray, spread: float | None, scale: str, seed: int) -> xr.Dataset:
    """Return the explained variance of trajectories from one distribution of initial states, and three projections."""
    number, size = TRAJECTORIES[scale], len(W)
    rng = np.random.default_rng(seed)
    starts = rng.uniform(-1, 1, (number, size))
    if spread is not None:
        starts = starts[0] + spread * rng.standard_normal((number, size))
    network = Onsager(RateNetwork(W, GAIN), _runs.switched(0.0, 1.0, every=LENGTH / 2))
    probe = Trace(every=EVERY)
    key = jax.random.key(seed)
    data = simulate(network, probes=probe, duration=LENGTH, dt=_runs.PAPER_DT, start=starts, runs=number, key=key)
    components = pca(data.trace.values)
    energies = _runs.energy(W, np.full(3, GAIN), data.trace.values[:3])
    values = {
        "explained": ("component", components.explained.values[:10]),
        "projection": (("trajectory", "time", "axis"), components.projection.values[:3]),
        "course": (("trajectory", "time"), energies),
    }
    return xr.Dataset(values, {"time": data.time.values})


def study(scale: str, seed: int) -> Study:
    """Return the study; it has one point."""
    return Study("fig5", measure, {"scale": [scale]}, {"seed": seed})


def plot(data: xr.Dataset):
    """Plot the panels of the paper, c for both steps, and the explained variance for three kinds of initial states."""
    data = data.isel(scale=0)
    fig = figure(9.6, 5.2)
    grid = fig.add_gridspec(2, 4)
    titles = (
        rf"$g = {GAIN:g}$, before the switch",
        rf"$g = {GAIN:g}$, after the switch",
        rf"$\gamma = 1$, $g = {LARGE:g}$, $\mathrm{{d}}t = 0.01$",
        rf"$\gamma = 1$, $g = {LARGE:g}$, $\mathrm{{d}}t = 0.002$",
    )
    for column, (case, title, mark) in enumerate(zip(CASES, titles, ("a", "b", "c", "c′"), strict=True)):
        axes = fig.add_subplot(grid[0, column])
        axes.bar(
            data.phi, data.histogram.sel(case=case), 0.095, color=COLOURS["entropy" if column < 2 else "information"]
        )
        axes.set_title(title)
        axes.set_xlabel(r"$\phi(x)$")
        axes.set_ylabel("fraction of units" if column == 0 else "")
        letter(axes, mark)
    _trajectories(fig.add_subplot(grid[1, :2], projection="3d"), data)
    energy_axis = fig.add_subplot(grid[1, 2])
    energy_axis.semilogy(data.time, data.course.sel(start="x0 + 0.1 randn").values.T, lw=1)
    energy_axis.axvline(LENGTH / 2, color=COLOURS["grey"], lw=0.8, ls="--")
    energy_axis.set(xlabel=r"time $t$ ($\tau$)", ylabel=r"kinetic energy $E_\mathrm{k}/N$")
    shares = fig.add_subplot(grid[1, 3])
    for name in STARTS:
        cumulative = np.cumsum(data.explained.sel(start=name).values)
        shares.plot(np.arange(1, len(cumulative) + 1), cumulative, "o-", ms=3, label=TYPESET[name])
    shares.axhline(PAPER_SHARE, color=COLOURS["grey"], lw=0.8, ls="--")
    shares.annotate("paper, 3 components", (10, PAPER_SHARE), ha="right", va="bottom", fontsize=7)
    shares.set(xlabel="number of components", ylabel="explained variance", ylim=(0, 1.02))
    shares.legend(fontsize=7, loc="lower right")
    letter(energy_axis, "e")
    letter(shares, "f")
    return fig


def _trajectories(axes, data: xr.Dataset) -> None:
    path = data.projection.sel(start="x0 + 0.1 randn").values
    half = path.shape[1] // 2
    for trajectory in path:
        axes.plot(*trajectory[: half + 1].T, color=COLOURS["entropy"], lw=1)
        axes.plot(*trajectory[half:].T, color=COLOURS["information"], lw=1.4)
        axes.plot(*trajectory[:1].T, "kx", ms=6)
    axes.set_title(r"three trajectories (orange: $\gamma = 1$)", fontsize=9)
    axes.text2D(-0.35, 1.02, "d", transform=axes.transAxes, fontweight="bold", fontsize=11)
    axes.set(xlabel="PC 1", ylabel="PC 2")
    axes.set_zlabel("PC 3")
    axes.tick_params(labelsize=6)


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the shape of the distributions and about the explained variance."""
    data = data.isel(scale=0)
    u = {case: _edges_over_middle(data.histogram.sel(case=case).values) for case in CASES}
    energy = data.energy.sel(case=["before", "after"]).values
    shares = {name: float(data.explained.sel(start=name)[:3].sum()) for name in STARTS}
    saturated = {case: float(data.saturated.sel(case=case)) for case in CASES[2:]}
    listed = ", ".join(f"{100 * share:.0f} % for {name}" for name, share in shares.items())
    return [
        holds(
            "5a,b: the kinetic energy is higher before the switch than after it (g = 2)",
            "higher",
            f"E_k/N {energy[0]:.2g} and {energy[1]:.1g}",
            energy[0] > 10 * energy[1],
            why="the energy is higher by more than a factor of ten",
            why_not="the energy is not higher by a factor of ten",
        ),
        holds(
            "5a,b: the distribution of activity has the same U shape before and after the switch",
            "U shape",
            f"ratio of outer to middle bins: {u['before']:.1f} and {u['after']:.1f}",
            min(u["before"], u["after"]) > 1.3,
            why="histograms of φ(x), which the switch hardly changes (the norm named in the caption has no U shape)",
            why_not="one of the distributions is not U-shaped",
        ),
        holds(
            "5c: gradient dynamics at g = 10 also have a U-shaped distribution",
            "U shape",
            f"|φ| > 0.9 in {100 * saturated[CASES[2]]:.0f} % of the units with dt = 0.01, in "
            f"{100 * saturated[CASES[3]]:.0f} % with dt = 0.002",
            saturated[CASES[3]] > 0.1,
            why="this also holds with a short step",
            why_not="this holds only with an unstable step; from these initial states the flow itself converges to x ≈ "
            "0",
        ),
        Claim(
            "5d: the first three components explain 85.67 % of the variance",
            "85.67 %",
            listed,
            "differs",
            "the value cannot be checked: the explained variance depends on the spread of the initial states, which "
            "the paper does not state; it is smaller for independent initial states and larger for nearby ones",
        ),
    ]


def _edges_over_middle(histogram: np.ndarray) -> float:
    quarter = len(histogram) // 4
    outer = histogram[: quarter // 2].mean() + histogram[-(quarter // 2) :].mean()
    return float(outer / 2 / histogram[quarter:-quarter].mean())


FIGURE = Figure(
    "fig5",
    "Distribution of activity, and trajectories along principal components",
    study,
    plot,
    claims,
    caption=(
        "All results are simulated. Panel c′ repeats c with a shorter time step; the dashed line in e "
        "marks the switch, that in f the value of the paper."
    ),
)
