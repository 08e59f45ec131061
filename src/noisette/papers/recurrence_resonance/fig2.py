"""Figure 2: autapses, Hopfield and NRooks networks of five units."""

from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr

from noisette.analysis import attractors
from noisette.networks import Boltzmann
from noisette.papers._paper import Figure
from noisette.papers.recurrence_resonance._curves import at, curves, exact_of, joints
from noisette.plots import COLOURS, figure, information_curves, joint_matrix, letter
from noisette.studies import Claim, Study, compare, holds
from noisette.weights import autapses, hopfield, nrooks

# name, weights, start and the paper's best noise; weights ±10 of the Hopfield network are inferred, not printed
NETWORKS = {
    "fig2a": ("autapses network", autapses(10.0), 0, 4.0),
    "fig2b": ("Hopfield network, patterns 24 and 7", hopfield([24, 7], 10.0), 24, 23.0),
    "fig2c": ("NRooks network", nrooks(20.0), 0, 7.0),
}
NEAR = 0.15  # a value read off a printed curve


def measure(name: str, scale: str, seed: int) -> xr.Dataset:
    """Return curves, attractors and joint distributions of one network."""
    _, weights, start, best = NETWORKS[name]
    found = attractors(Boltzmann(weights))
    data = curves(weights, start, scale, seed)
    matrices = joints(weights, start, [0.0, best, 50.0], seed)
    return data.assign(
        joint=(("panel", "before", "after"), matrices.values),
        joint_noise=("panel", matrices.strength.values),
        fixed_points=len(found.fixed_points),
        cycles=("cycle", [len(c) for c in found.cycles] or [0]),
        peak=float(data.noise[np.nanargmax(data.information.values)]),
    )


def study(figure_name: str, scale: str, seed: int) -> Study:
    """Return the study of one network: a single point of the grid, its curve inside."""
    return Study(figure_name, measure, {"name": [figure_name]}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw the curve and the three joint distributions, as in the paper."""
    here = data.isel(name=0)
    made = figure(10.2, 2.9)
    axes = made.subplots(1, 4, width_ratios=[1.35, 1, 1, 1])
    information_curves(axes[0], exact_of(here), here)
    best = float(here.optimal_noise)
    axes[0].axvline(best, color=COLOURS["grey"], lw=0.8, ls=":")
    axes[0].set_ylim(0, 6.1)
    axes[0].set_title(NETWORKS[str(here.name.item())][0])
    images = [joint_matrix(axis, here.joint.values[i]) for i, axis in enumerate(axes[1:])]
    for i, axis in enumerate(axes[1:]):
        axis.set_title(f"r = {float(here.joint_noise[i]):g}")
    for i, axis in enumerate(axes):
        letter(axis, "abcd"[i])
    made.colorbar(images[0], ax=axes[1:], label="joint probability, one run", shrink=0.85)
    return made


def _value(here: xr.Dataset, name: str, noise: float, paper: float, differs: str, within: float = NEAR) -> Claim:
    there = at(here, noise)
    symbol = {"entropy": "H", "information": "I"}[name]
    exact = float(there[f"exact_{name}"])
    return compare(
        f"{symbol} at r = {noise:g}, bit",
        paper,
        float(there[name]),
        within,
        error=float(there[f"{name}_se"]),
        agrees=f"mean of single runs; exact fixed-start value {exact:.4g}",
        differs=differs,
    )


def claims_autapses(data: xr.Dataset) -> list[Claim]:
    """Return the paper's statements on the autapses network."""
    here = data.isel(name=0)
    one_run = "single runs differ: standard deviation 0.6 bit between them"
    spread = 0.6
    return [
        _fixed(here, 32),
        _value(here, "entropy", 0, 1, one_run, spread),
        _value(here, "information", 0, 1, one_run, spread),
        _value(here, "entropy", 4, 5, "runs of 10⁴ steps do not visit all states evenly"),
        _value(here, "information", 4, 4.5, "another run length"),
        _value(here, "entropy", 50, 5, "another run length"),
        _value(here, "information", 50, 0.1, "another run length"),
        _peak(here, 4),
    ]


def claims_hopfield(data: xr.Dataset) -> list[Claim]:
    """Return the paper's statements on the Hopfield network."""
    here = data.isel(name=0)
    impossible = "impossible for Hebbian weights: at H = 1.5, I is 1.08 at most, at any coupling and noise"
    drop = float(at(here, 23).exact_information - at(here, 50).exact_information)
    return [
        _fixed(here, 2),
        _value(here, "entropy", 0, 0, "the run left its pattern"),
        _value(here, "information", 0, 0, "the run left its pattern"),
        _value(here, "entropy", 23, 1.5, impossible),
        _value(here, "information", 23, 1.3, "another coupling"),
        _peak(here, 23),
        holds(
            "I from its peak to r = 50",
            "drops slightly",
            f"drops by {drop:.2f} bit, to {float(at(here, 50).exact_information):.2f}",
            drop < 0.3,
            why="exact curve",
            why_not="exact curve: noise of five times the coupling leaves a third of the information",
            failed="differs",
        ),
    ]


def claims_nrooks(data: xr.Dataset) -> list[Claim]:
    """Return the paper's statements on the NRooks network."""
    here = data.isel(name=0)
    lengths = here.cycles.values.tolist()
    return [
        holds(
            "attractors of the sign map",
            "four 8-cycles",
            " + ".join(f"{n}-cycle" for n in lengths),
            lengths == [8, 8, 8, 8],
            why="480 of 3,840 signed permutations have them; this is one",
            why_not="another permutation",
            any_scale=True,
        ),
        _value(here, "entropy", 0, 3, "the run left its cycle"),
        _value(here, "information", 0, 3, "the run left its cycle"),
        _value(here, "entropy", 7, 5, "another run length"),
        _value(here, "information", 7, 4.9, "another run length"),
        _value(here, "entropy", 50, 5, "another run length"),
        _peak(here, 7),
    ]


def _fixed(here: xr.Dataset, expected: int) -> Claim:
    number = int(here.fixed_points)
    ties = "; zero fields keep the state" if expected == 2 else ""
    return holds(
        "fixed points of the sign map",
        str(expected),
        str(number),
        number == expected,
        why=f"all 32 states enumerated{ties}",
        why_not="another matrix",
        any_scale=True,
    )


def _peak(here: xr.Dataset, paper: float) -> Claim:
    grid = here.noise.values[np.isfinite(here.information.values)]
    step = float(np.diff(grid)[np.searchsorted(grid, float(here.peak)) - 1])
    best = float(here.optimal_noise)
    return compare(
        "r at which I peaks",
        paper,
        float(here.peak),
        step + 0.5,
        agrees=f"mean of single runs, {step:g} apart; exact fixed-start optimum {best:.4g}",
        differs=f"exact fixed-start optimum {best:.4g} for N_T = 10⁴; it depends on the length of the run",
    )


_CLAIMS: dict[str, Callable[[xr.Dataset], list[Claim]]] = {
    "fig2a": claims_autapses,
    "fig2b": claims_hopfield,
    "fig2c": claims_nrooks,
}
FIGURES = tuple(
    Figure(name, f"Resonance curve of the {label}", partial(study, name), plot, _CLAIMS[name])
    for name, (label, *_) in NETWORKS.items()
)
