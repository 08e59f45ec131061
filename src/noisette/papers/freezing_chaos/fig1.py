"""Figure 1: the Onsager term freezes chaotic activity."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.analysis import squared_displacement
from noisette.averages import mean_and_error
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.plots import COLOURS, figure, letter, traces
from noisette.probes import Snapshots, Speed, Trace
from noisette.studies import Claim, Study, holds

GAINS = np.array(_runs.SWITCH_GAINS)
SHOWN = 3.0
UNITS = 10


def measure(network: int, scale: str, seed: int) -> xr.Dataset:
    """Return Q and energies at all gains for one W, with and without the Onsager term, and traces at g = 3."""
    W = _runs.weights(scale, seed, network)
    variables: dict[str, Any] = {}
    for name, gamma in {"vanilla": None, "regulated": _runs.switched(0.0, 1.0)}.items():
        data = _runs.run(
            _runs.networks(W, _runs.SWITCH_GAINS, gamma),
            [Snapshots([100.0 - _runs.PAPER_DT]), Trace(every=25, units=range(UNITS)), Speed()],
            duration=300.0,
            dt=_runs.PAPER_DT,
            start="uniform",
            seed=seed,
            network=network,
        )
        before, after = data.snapshots.values[:, 0], data.final.values
        variables[f"q_{name}"] = ("gain", squared_displacement(before, after))
        variables[f"energy_before_{name}"] = ("gain", _runs.energy(W, GAINS, before))
        variables[f"energy_after_{name}"] = ("gain", _runs.energy(W, GAINS, after))
        variables[f"overlap_{name}"] = ("gain", _runs.overlap(before, after))
        variables[f"stability_{name}"] = ("gain", data.stability.values)
        variables[f"rising_{name}"] = ("gain", data.rising.values)
        shown = int(np.flatnonzero(SHOWN == GAINS)[0])
        variables[f"trace_{name}"] = (("time", "unit"), data.trace.values[shown])
        variables["time"] = data.time.values
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale), "dt": _runs.PAPER_DT}
    return xr.Dataset(variables, {"gain": GAINS}, attrs)


def study(scale: str, seed: int) -> Study:
    """Return the study over networks."""
    return Study("fig1", measure, {"network": range(_runs.NETWORKS[scale])}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot traces during the switch, and Q against the gain."""
    fig = figure(7.4, 2.9)
    left, right = fig.subplots(1, 2, width_ratios=[1.25, 1])
    traces(left, data.time.values, data.trace_regulated.sel(network=0).values, switches={100.0: r"$\gamma = 1$"})
    left.set_title(rf"$g = {SHOWN:g}$, $N = {data.attrs['size']}$")
    for name, colour in (("vanilla", "entropy"), ("regulated", "information")):
        mean, error = (part.values for part in mean_and_error(data[f"q_{name}"]))
        label = r"$\gamma = 0$ throughout" if name == "vanilla" else r"$\gamma = 1$ from $t = 100$"
        right.errorbar(data.gain, mean, error, fmt="o-", ms=3.5, lw=1.1, color=COLOURS[colour], label=label)
    right.set_xlabel("gain $g$")
    right.set_ylabel("squared displacement $Q(99.99, 300)$")
    right.set_ylim(bottom=0)
    right.legend()
    for axis, mark in zip((left, right), "ab", strict=True):
        letter(axis, mark)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the suppression of chaos and about the drift of the frozen state."""
    late = data.sel(gain=data.gain >= 3)
    ratio = (late.q_vanilla.mean("network") / late.q_regulated.mean("network")).values
    before, after = (data[f"energy_{w}_regulated"].sel(gain=SHOWN).mean("network").item() for w in ("before", "after"))
    onset = data.sel(gain=1.0)
    q_per_unit = (late.q_regulated.mean("network") / data.attrs["size"]).values
    values = f"{float(onset.q_vanilla.mean()):.2g} at g = 1, {float(data.q_vanilla.sel(gain=2.0).mean()):.0f} at g = 2"
    return [
        holds(
            "1a: the Onsager term strongly suppresses chaotic fluctuations (g = 3)",
            "traces flatten after t = 100",
            f"E_k/N falls from {before:.3g} to {after:.2g} within 200 τ",
            after < before / 20,
            why="the flow descends the kinetic energy",
            why_not="the kinetic energy falls by less than a factor of 20",
        ),
        holds(
            "1b: the onset of chaos is at g = 1: Q of the plain network becomes positive",
            "after the onset of chaos at g = 1",
            f"Q = {values}",
            float(onset.q_vanilla.mean()) < 0.1 * float(data.q_vanilla.sel(gain=2.0).mean()),
            why="below the onset, activity decays and hardly changes",
            why_not="Q is already large at g = 1",
        ),
        holds(
            "1b: Q is much smaller with the term than without it (g ≥ 3)",
            "chaotic dynamics can be frozen",
            f"ratio {ratio.min():.1f} to {ratio.max():.1f}",
            bool((ratio > 3).all()),
            why="same initial state and same W; means over networks",
            why_not="the ratio is below 3 at some gain",
        ),
        holds(
            "1b: after the switch the state does not change",
            "well-suited as a working memory",
            f"Q/N = {q_per_unit.min():.2f} to {q_per_unit.max():.2f}, overlap "
            f"{float(late.overlap_regulated.min()):.2f} to {float(late.overlap_regulated.max()):.2f}",
            bool((q_per_unit < 0.05).all()),
            why="the state hardly changes",
            why_not="the state remains close but continues to drift: the descent is slow and ages, as in glasses",
            failed="differs",
        ),
    ]


FIGURE = Figure(
    "fig1",
    "The Onsager term freezes chaotic activity",
    study,
    plot,
    claims,
    caption=(
        "All results are simulated. Panel a shows the first units of one network; error bars in b are "
        "standard errors over networks."
    ),
)
