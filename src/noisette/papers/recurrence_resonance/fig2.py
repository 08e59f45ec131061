"""Figure 2: autapses, Hopfield and NRooks networks of five units."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr

from noisette.analysis import attractors
from noisette.networks import Boltzmann
from noisette.papers._paper import Figure
from noisette.papers.recurrence_resonance._curves import curves, exact_of, joints, nearest
from noisette.plots import COLOURS, figure, information_curves, joint_matrix, letter
from noisette.studies import Claim, Study, compare, holds
from noisette.weights import autapses, hopfield, nrooks

# name, weights, initial state and optimal noise of the paper; the weights ±10 of the Hopfield network are inferred
NETWORKS = {
    "fig2a": ("autapses network", autapses(10.0), 0, 4.0),
    "fig2b": ("Hopfield network, patterns 24 and 7", hopfield([24, 7], 10.0), 24, 23.0),
    "fig2c": ("NRooks network", nrooks(20.0), 0, 7.0),
}
READING_ERROR = 0.15  # bit; error of values read off a printed curve


def measure(name: str, scale: str, seed: int) -> xr.Dataset:
    """Return curves, attractors and joint distributions of one network."""
    _, weights, start, best = NETWORKS[name]
    structure = attractors(Boltzmann(weights))
    data = curves(weights, start, scale, seed)
    matrices = joints(weights, start, [0.0, best, 50.0], seed)
    return data.assign(
        joint=(("panel", "before", "after"), matrices.values),
        joint_noise=("panel", matrices.strength.values),
        fixed_points=len(structure.fixed_points),
        cycles=("cycle", [len(c) for c in structure.cycles] or [0]),
        peak=float(data.noise[np.nanargmax(data.information.values)]),
    )


def study(figure_name: str, scale: str, seed: int) -> Study:
    """Return the study of one network; its grid has a single point, which contains the whole curve."""
    return Study(figure_name, measure, {"name": [figure_name]}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the curve and the three joint distributions, as in the paper."""
    network = data.isel(name=0)
    fig = figure(10.2, 2.9)
    axes = fig.subplots(1, 4, width_ratios=[1.35, 1, 1, 1])
    information_curves(axes[0], exact_of(network), network)
    best = float(network.optimal_noise)
    axes[0].axvline(best, color=COLOURS["grey"], lw=0.8, ls=":")
    axes[0].set_ylim(0, 6.1)
    axes[0].set_title(NETWORKS[str(network.name.item())][0])
    images = [joint_matrix(axis, network.joint.values[i]) for i, axis in enumerate(axes[1:])]
    for i, axis in enumerate(axes[1:]):
        axis.set_title(rf"$r = {float(network.joint_noise[i]):g}$")
    for i, axis in enumerate(axes):
        letter(axis, "abcd"[i])
    fig.colorbar(images[0], ax=axes[1:], label="joint probability, one run", shrink=0.85)
    return fig


def _value(
    network: xr.Dataset, name: str, noise: float, paper: float, differs: str, within: float = READING_ERROR
) -> Claim:
    point = nearest(network, noise)
    symbol = {"entropy": "H", "information": "I"}[name]
    exact = float(point[f"exact_{name}"])
    return compare(
        f"{symbol} at r = {noise:g}, in bit",
        paper,
        float(point[name]),
        within,
        error=float(point[f"{name}_se"]),
        agrees=f"mean of single runs; the exact fixed-start value is {exact:.4g}",
        differs=differs,
    )


def claims_autapses(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the autapses network."""
    network = data.isel(name=0)
    scatter = "single runs differ, with a standard deviation of 0.6 bit"
    spread = 0.6
    return [
        _fixed(network, 32),
        _value(network, "entropy", 0, 1, scatter, spread),
        _value(network, "information", 0, 1, scatter, spread),
        _value(network, "entropy", 4, 5, "runs of 10⁴ steps do not visit all states equally often"),
        _value(network, "information", 4, 4.5, "the value depends on the length of the runs"),
        _value(network, "entropy", 50, 5, "the value depends on the length of the runs"),
        _value(network, "information", 50, 0.1, "the value depends on the length of the runs"),
        _peak(network, 4),
    ]


def claims_hopfield(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the Hopfield network."""
    network = data.isel(name=0)
    impossible = "impossible for Hebbian weights: at H = 1.5, I is at most 1.08 for any coupling and noise"
    drop = float(nearest(network, 23).exact_information - nearest(network, 50).exact_information)
    return [
        _fixed(network, 2),
        _value(network, "entropy", 0, 0, "some run left its pattern"),
        _value(network, "information", 0, 0, "some run left its pattern"),
        _value(network, "entropy", 23, 1.5, impossible),
        _value(network, "information", 23, 1.3, "the value depends on the coupling, which is inferred"),
        _peak(network, 23),
        holds(
            "I between its peak and r = 50",
            "drops slightly",
            f"drops by {drop:.2f} bit to {float(nearest(network, 50).exact_information):.2f}",
            drop < 0.3,
            why="exact curve",
            why_not="exact curve; noise of five times the coupling reduces the information to a third",
            failed="differs",
        ),
    ]


def claims_nrooks(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the NRooks network."""
    network = data.isel(name=0)
    lengths = network.cycles.values.tolist()
    return [
        holds(
            "attractors of the sign map",
            "four 8-cycles",
            " + ".join(f"{n}-cycle" for n in lengths),
            lengths == [8, 8, 8, 8],
            why="480 of 3,840 signed permutations have four 8-cycles, including this permutation",
            why_not="the permutation has other cycles",
            any_scale=True,
        ),
        _value(network, "entropy", 0, 3, "some run left its cycle"),
        _value(network, "information", 0, 3, "some run left its cycle"),
        _value(network, "entropy", 7, 5, "the value depends on the length of the runs"),
        _value(network, "information", 7, 4.9, "the value depends on the length of the runs"),
        _value(network, "entropy", 50, 5, "the value depends on the length of the runs"),
        _peak(network, 7),
    ]


def _fixed(network: xr.Dataset, expected: int) -> Claim:
    number = int(network.fixed_points)
    ties = "; a unit with zero field keeps its state" if expected == 2 else ""
    return holds(
        "fixed points of the sign map",
        str(expected),
        str(number),
        number == expected,
        why=f"all 32 states enumerated{ties}",
        why_not="the matrix has another number of fixed points",
        any_scale=True,
    )


def _peak(network: xr.Dataset, paper: float) -> Claim:
    grid = network.noise.values[np.isfinite(network.information.values)]
    step = float(np.diff(grid)[np.searchsorted(grid, float(network.peak)) - 1])
    best = float(network.optimal_noise)
    return compare(
        "r at which I peaks",
        paper,
        float(network.peak),
        step + 0.5,
        agrees=f"mean of single runs on a grid of spacing {step:g}; the exact fixed-start optimum is {best:.4g}",
        differs=f"the exact fixed-start optimum is {best:.4g} for N_T = 10⁴; it depends on the length of the runs",
    )


_CLAIMS: dict[str, Callable[[xr.Dataset], list[Claim]]] = {
    "fig2a": claims_autapses,
    "fig2b": claims_hopfield,
    "fig2c": claims_nrooks,
}
FIGURES = tuple(
    Figure(
        name,
        f"Resonance curve of the {label}",
        partial(study, name),
        plot,
        _CLAIMS[name],
        caption=(
            "Lines are exact, and dots are means over simulated runs; the joint distributions in b–d are those of one "
            "run. The dotted line marks the optimal noise."
        ),
    )
    for name, (label, *_) in NETWORKS.items()
)
