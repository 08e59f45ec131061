"""Figure `ends`, not in the paper: whether the gradient flow ends in fixed points or in local minima of E_k."""

import jax
import numpy as np
import xarray as xr

from noisette.analysis import slow_points
from noisette.networks import RateNetwork
from noisette.papers._paper import Figure
from noisette.plots import COLOURS, figure, letter
from noisette.simulation import simulate
from noisette.studies import Claim, Study, holds
from noisette.weights import ensemble

SIZE = {"smoke": 40, "quick": 60, "paper": 200}
GAINS = (2.0, 4.0, 8.0)
STARTS = {"smoke": 1, "quick": 3, "paper": 5}
DURATION = {"smoke": 100.0, "quick": 2e3, "paper": 1e5}
KINDS = ("fixed point", "local minimum", "saddle", "not converged")


def measure(gain: float, scale: str, seed: int) -> xr.Dataset:
    """Return the end states of the flow, started on the attractor of the plain network, once in each network."""
    draw = ensemble(f"gaussian:{SIZE[scale]}", seed)
    parts = []
    for number in range(STARTS[scale]):
        network = RateNetwork(draw(number), gain)
        key = jax.random.fold_in(jax.random.key(seed), number)
        start = simulate(network, duration=100.0, dt=0.02, key=key).final.values
        parts.append(slow_points(network, start, duration=DURATION[scale]).drop_dims("distinct"))
    data = xr.concat(parts, "start").drop_vars("state")
    data["kind"] = ("start", [KINDS.index(str(kind)) for kind in data.kind.values])
    return data.assign_attrs(size=SIZE[scale], kinds=",".join(KINDS))


def study(scale: str, seed: int) -> Study:
    """Return the study over the gain."""
    return Study("ends", measure, {"gain": list(GAINS)}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot energy, number of unstable directions and overlap with the initial state, by kind of end state."""
    fig = figure(8.6, 2.9)
    names = {
        "kinetic_energy": r"final kinetic energy $E_\mathrm{k}/N$",
        "index": "unstable directions of $f$",
        "overlap": "overlap with the initial state",
    }
    axes = fig.subplots(1, 3)
    for axis, (name, label), mark in zip(axes, names.items(), "abc", strict=True):
        for number, (kind, colour) in enumerate(
            zip(KINDS, ("divergence", "information", "purple", "grey"), strict=True)
        ):
            of_kind = data[name].where(data.kind == number)
            values = of_kind.clip(1e-34) if name == "kinetic_energy" else of_kind
            spread = np.linspace(-0.15, 0.15, data.sizes["start"])
            for position, gain in enumerate(GAINS):
                label_once = kind if position == 0 else None
                axis.plot(position + spread, values.sel(gain=gain), "o", ms=4, color=COLOURS[colour], label=label_once)
        axis.set_xticks(range(len(GAINS)), [f"{g:g}" for g in GAINS])
        axis.set(xlabel="gain $g$", ylabel=label)
        letter(axis, mark)
    axes[0].set_yscale("log")
    fig.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=len(KINDS))
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether the frozen activity approaches unstable fixed points of the plain network."""
    minima = {g: int((data.kind.sel(gain=g) == KINDS.index("local minimum")).sum()) for g in GAINS}
    fixed = {g: int((data.kind.sel(gain=g) == 0).sum()) for g in GAINS}
    number = data.sizes["start"]
    listed = "; ".join(f"g = {g:g}: {fixed[g]} fixed points, {minima[g]} minima with E_k > 0" for g in GAINS)
    return [
        holds(
            "2, 5, summary: frozen activity approaches the unstable fixed points of the chaotic network",
            "original unstable fixed points can be achieved",
            f"{listed}, of {number} each (N = {data.attrs['size']})",
            sum(minima.values()) == 0,
            why="every end state is a fixed point",
            why_not="some end states are local minima of the kinetic energy with E_k > 0: slow points, at which the "
            "plain network is not at rest",
            failed="differs",
        )
    ]


FIGURE = Figure(
    "ends",
    "End states of the gradient flow (not in the paper)",
    study,
    plot,
    claims,
    caption="Each dot is the end state of one simulated trajectory of the gradient flow.",
)
