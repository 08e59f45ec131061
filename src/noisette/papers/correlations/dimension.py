"""Figure a: the dimension of activity in frozen noise over the gain, and how nonlinearity keeps it above zero."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVATIONS, ACTIVITIES, COLOURS, LABELS, MANY, NOISE, SIZE, traces
from noisette.plots import COLOURS as PALETTE
from noisette.plots import figure, letter
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations, critical_gain

GAINS = np.linspace(0.02, 2.6, 130)
SHARES = (0.15, 0.3, 0.45, 0.6, 0.75)  # of the critical gain, where fixed points are simulated
MOVING = (2.0, 2.6)  # where all are beyond χ = 1, and move
NETWORKS = {"smoke": 3, "quick": 8, "paper": 30}
NONLINEAR = tuple(name for name in ACTIVATIONS if name != "linear")
FEW_BEYOND = 0.05  # share of points that may lie beyond three standard errors: they come from few networks
PARTICIPATING = 5.0  # standard errors by which D must exceed 1/N, one direction


def measure(activation: str, scale: str, seed: int) -> xr.Dataset:
    """Return theory and simulation of one activation; simulated points are fixed points below χ = 1."""
    phi = ACTIVATIONS[activation]
    tables = [correlations(phi, GAINS, NOISE, activity=each) for each in ACTIVITIES]
    motion = np.full((2, len(MOVING)), np.nan)
    if activation != "linear":
        moving = [correlations(phi, MOVING, NOISE, activity=each, dynamic=True) for each in ACTIVITIES]
        motion = np.array([t.participation_dimension for t in moving])
    critical = critical_gain(phi, NOISE)
    found: dict[str, Any] = {
        "gain": ("curve", GAINS),
        "critical": critical,
        "dimension": (("activity", "curve"), np.array([t.participation_dimension for t in tables])),
        "variance": ("curve", tables[0].variance.values),
        "slopes": ("curve", tables[0].effective_gain.values ** 2),
        "susceptibility": ("curve", tables[0].susceptibility.values),
        "moving_gain": ("motion", list(MOVING)),
        "moving": (("activity", "motion"), motion),
    }
    found |= _points(activation, np.array(SHARES) * critical, scale, seed)
    attrs = {"method": "mean-field, and simulated", "size": SIZE[scale], "networks": NETWORKS[scale]}
    return xr.Dataset(found, {"activity": list(ACTIVITIES)}, attrs)


def _points(activation: str, gains: np.ndarray, scale: str, seed: int) -> dict[str, Any]:
    """Return D of theory, by quadrature as for an unknown φ, to order 1/N if φ is linear, and of simulation."""
    phi, size, dims = ACTIVATIONS[activation], SIZE[scale], ("activity", "point")
    large = [correlations(phi, gains, NOISE, size, activity=each) for each in ACTIVITIES]
    unknown = [correlations(lambda x: phi(x), gains, NOISE, activity=each) for each in ACTIVITIES]
    exact = np.full((2, len(gains)), np.nan)
    if activation == "linear":
        exact[:] = correlations(phi, gains, NOISE, size, order="finite").participation_dimension
    runs = [traces(phi, float(g), scale, seed, networks=NETWORKS[scale]) for g in gains]
    simulated = np.array([one.dimension() for one in runs])  # point, (value, error), activity
    return {
        "point_gain": ("point", gains),
        "predicted": (dims, np.array([t.participation_dimension for t in large])),
        "enough": (dims, np.array([t.valid for t in large]).astype(int)),
        "quadrature": (dims, np.array([t.participation_dimension for t in unknown])),
        "exact": (dims, exact),
        "simulated": (dims, simulated[:, 0].T),
        "simulated_se": (dims, simulated[:, 1].T),
        "failed": ("point", [one.failed for one in runs]),
    }


def study(scale: str, seed: int) -> Study:
    """Return the study over activations."""
    return Study("dimension", measure, {"activation": list(ACTIVATIONS)}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw D over the gain; rates and their bound on a logarithmic axis; ν and χ."""
    made = figure(9.6, 3.3)
    whole, closer, slopes = axes = made.subplots(1, 3)
    for name in data.activation.values:
        here, colour = data.sel(activation=name), PALETTE[COLOURS[name]]
        stable = (here.gain < here.critical).values
        for axis, activity, width in ((whole, "current", 1.6), (whole, "rate", 0.7), (closer, "rate", 1.4)):
            one = here.sel(activity=activity)
            label = LABELS[name] if width > 1 else None
            axis.plot(one.gain, one.dimension.where(stable), lw=width, color=colour, label=label)
            axis.plot(one.gain, one.dimension, ":", lw=width, color=colour)
            if width > 1:
                axis.plot(one.moving_gain, one.moving, "D", ms=3.5, color=colour, mec="none")
                error = {"fmt": "o", "ms": 3.5, "lw": 1, "mfc": "white", "color": colour}
                axis.errorbar(one.point_gain, one.simulated, one.simulated_se, **error)
        closer.plot(here.gain, _bound(here), "--", lw=0.8, color=colour)
        slopes.plot(here.gain, here.slopes, color=colour)
        slopes.plot(here.gain, here.susceptibility, "--", lw=0.9, color=colour)
    for axis, mark in zip(axes, "abc", strict=True):
        axis.axvline(1, color=PALETTE["grey"], lw=0.6, zorder=0)
        axis.set(xlabel="gain g", xlim=(0, GAINS[-1] + 0.05))
        letter(axis, mark)
    whole.set(ylabel="dimension D of x (thin: of φ)", ylim=(0, 1.02))
    whole.legend(loc="upper right", fontsize=7)
    closer.set(ylabel="dimension D of φ", yscale="log", ylim=(1e-4, 1.2), xlim=(0.6, GAINS[-1] + 0.05))
    keys = {"theory, χ < 1": "-", "theory, χ ≥ 1": ":", "bound (s²/v)²": "--", "motion (theory)": "D", "simulated": "o"}
    for label, look in keys.items():
        closer.plot(
            [], [], look, ms=3.5, lw=1.2, mfc="white" if look == "o" else None, color=PALETTE["grey"], label=label
        )
    closer.legend(handles=closer.lines[-len(keys) :], loc="lower left", fontsize=6.5)
    slopes.set(ylabel="ν = g²⟨φ'⟩² (dashed: χ)", ylim=(0, 1.6))
    slopes.axhline(1, color=PALETTE["grey"], lw=0.6, zorder=0)
    return made


def _bound(data: xr.Dataset) -> xr.DataArray:
    """Return (s²/v)², below which D of rates cannot fall."""
    return 1 / data.variance**2


def claims(data: xr.Dataset) -> list[Claim]:
    """Return what theory and simulation say of the linear instability."""
    return [_resolved(data), _positive(data), *_linear(data), _agrees(data), _pade(data), _motion(data)]


def _resolved(data: xr.Dataset) -> Claim:
    rate = data.dimension.sel(activity="rate")
    beyond = data.gain.isel(activation=0).values >= 1
    lost = bool(np.isnan(rate.sel(activation="linear").values[beyond]).all())
    curved = data.sel(activation=list(NONLINEAR))
    least = {name: float(rate.sel(activation=name).values[beyond].min()) for name in NONLINEAR}
    above = float((rate.sel(activation=list(NONLINEAR)) / _bound(curved)).min())
    listed = ", ".join(f"{LABELS[name]} {value:.2g}" for name, value in least.items())
    return holds(
        "abstract: nonlinearities resolve the linear instability and give a strictly positive participation dimension",
        "positive (theory)",
        f"linear: no state at g ≥ 1. Smallest D of φ at 1 ≤ g ≤ {GAINS[-1]:g}: {listed}; D ≥ {above:.2f} (s²/v)²",
        lost and min(least.values()) > 0 and above >= 1 - 1e-9 and float(curved.slopes.max()) < 1,
        why="ν ≤ 1 − s²/v < 1 for every odd φ, so that D_φ = (1 − ν)² ≥ (s²/v)²",
        why_not="a dimension vanishes, falls below its bound, or a linear network has a state at g ≥ 1",
    )


def _positive(data: xr.Dataset) -> Claim:
    size, worst, number = data.attrs["size"], {}, 0
    for name in NONLINEAR:
        here = data.sel(activation=name)
        above = ((here.simulated - 1 / size) / here.simulated_se).where(here.point_gain > 1)
        number += int(above.notnull().sum())
        worst[name] = float(above.min())
    listed = ", ".join(f"{LABELS[name]} {value:.0f}" for name, value in worst.items())
    return holds(
        "abstract: the same, simulated beyond g = 1",
        "positive",
        f"D − 1/N in standard errors, least of {number} points with g > 1: {listed} (N = {size})",
        min(worst.values()) > PARTICIPATING,
        why="activity fills more than the one direction that a diverging mode would leave (D = 1/N)",
        why_not="some activation has no point beyond g = 1, or fills no more than one direction",
    )


def _linear(data: xr.Dataset) -> list[Claim]:
    here = data.sel(activation="linear", activity="current")
    law = (1 - here.gain**2) ** 2
    off = float(np.abs(here.dimension - law).max())
    z = np.abs((here.simulated - here.exact) / here.simulated_se).where(here.enough == 1).values
    return [
        holds(
            "linear networks, frozen noise: D = (1 − g²)²",
            "(1 − g²)² (Hu & Sompolinsky)",
            f"theory within {off:.0e}",
            off < 1e-9,
            why="closed form",
            why_not="theory does not follow the law",
        ),
        holds(
            "linear networks, simulated: D = (1 − g²)² − (2g² + 7g⁴)/N",
            "within error (theory)",
            f"{int((z > MANY).sum())} of {int(np.isfinite(z).sum())} points beyond {MANY:g} s.e., "
            f"largest {np.nanmax(z):.1f}; N = {data.attrs['size']}",
            bool(np.nanmax(z) < MANY),
            why="points with N·D ≥ 30",
            why_not="some point is off",
        ),
    ]


def _agrees(data: xr.Dataset) -> Claim:
    here = data.sel(activation=list(NONLINEAR))
    large = here.enough == 1
    apart = np.abs(here.simulated - here.predicted).where(large)
    number = int(large.sum())
    bare = int((apart > MANY * here.simulated_se).sum())
    beyond = int((apart > MANY * here.simulated_se + 1 / data.attrs["size"]).sum())
    worst = float((apart / here.predicted).max())
    return holds(
        "abstract: simulations with hundreds of neurons agree with large-N theory (D of x and of φ)",
        "agree",
        f"{bare} of {number} points beyond {MANY:g} s.e. of N → ∞, {beyond} if 1/N is granted; "
        f"largest deviation {100 * worst:.1f} %; N = {data.attrs['size']}, {data.attrs['networks']} networks, "
        f"{int(here.failed.sum())} draws unsolved",
        beyond <= FEW_BEYOND * number,
        why="up to three quarters of the critical gain, N·D ≥ 30; coefficients of 1/N are below one in size",
        why_not="more points are off than errors allow",
    )


def _pade(data: xr.Dataset) -> Claim:
    here = data.sel(activation="pade")
    off = float(np.abs(here.quadrature / here.predicted - 1).max())
    z = float(np.abs((here.simulated - here.predicted) / here.simulated_se).where(here.enough == 1).max())
    return holds(
        "abstract: analytic predictions for a class of Padé activations",
        "closed form",
        f"closed form = quadrature within {off:.0e} of D; simulation within {z:.1f} s.e.; x/(1 + x²/3)",
        off < 1e-8 and z < MANY + 1,
        why="averages of x (1 + βα x²)/(1 + α x²) take one error function; which class the paper takes is not known",
        why_not="closed form, quadrature and simulation differ",
    )


def _motion(data: xr.Dataset) -> Claim:
    here = data.sel(activation=list(NONLINEAR), activity="rate")
    static = [np.interp(MOVING, here.gain.isel(activation=0), row) for row in here.dimension.values]
    ratio = here.moving.values / np.array(static)
    least = float(here.moving.min())
    return holds(
        "beyond χ = 1, where fixed points are unstable, the motion has a positive dimension too",
        "positive (theory)",
        f"least D of φ {least:.1e}; {ratio.min():.2f} to {ratio.max():.2f} times that of the fixed points, "
        f"g = {MOVING[0]:g} and {MOVING[-1]:g}",
        bool((here.moving > 0).all()),
        why="dynamical mean-field theory; the static line beyond χ = 1 counts unstable fixed points",
        why_not="theory of the motion gives none",
    )


FIGURE = Figure("dimension", "Dimension of activity in frozen noise over the gain", study, plot, claims)
