"""Figure a: dimension of activity in frozen noise against the gain; it remains positive because of the nonlinearity."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVATIONS, ACTIVITIES, COLOURS, LABELS, NOISE, SIZE, THRESHOLD, traces
from noisette.plots import COLOURS as PALETTE
from noisette.plots import figure, letter
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations, critical_gain

GAINS = np.linspace(0.02, 2.6, 130)
SHARES = (0.15, 0.3, 0.45, 0.6, 0.75)  # gains of simulated fixed points, as fractions of the critical gain
DYNAMIC_GAINS = (2.0, 2.6)  # beyond χ = 1 for all activations, where the activity is time-dependent
NETWORKS = {"smoke": 3, "quick": 8, "paper": 30}
NONLINEAR = tuple(name for name in ACTIVATIONS if name != "linear")
MAX_SHARE_BEYOND = 0.05  # largest fraction of points that may deviate by more than three standard errors
MIN_EXCESS = 5.0  # standard errors by which D must exceed 1/N, the value for a single direction


def measure(activation: str, scale: str, seed: int) -> xr.Dataset:
    """Return theory and simulation for one activation; the simulated points are fixed points with χ < 1."""
    phi = ACTIVATIONS[activation]
    tables = [correlations(phi, GAINS, NOISE, activity=activity) for activity in ACTIVITIES]
    dynamic_dimension = np.full((2, len(DYNAMIC_GAINS)), np.nan)
    if activation != "linear":
        dynamic_tables = [
            correlations(phi, DYNAMIC_GAINS, NOISE, activity=activity, dynamic=True) for activity in ACTIVITIES
        ]
        dynamic_dimension = np.array([t.participation_dimension for t in dynamic_tables])
    critical = critical_gain(phi, NOISE)
    variables: dict[str, Any] = {
        "gain": ("curve", GAINS),
        "critical": critical,
        "dimension": (("activity", "curve"), np.array([t.participation_dimension for t in tables])),
        "variance": ("curve", tables[0].variance.values),
        "slopes": ("curve", tables[0].effective_gain.values ** 2),
        "susceptibility": ("curve", tables[0].susceptibility.values),
        "moving_gain": ("motion", list(DYNAMIC_GAINS)),
        "moving": (("activity", "motion"), dynamic_dimension),
    }
    variables |= _points(activation, np.array(SHARES) * critical, scale, seed)
    attrs = {"method": "mean-field, and simulated", "size": SIZE[scale], "networks": NETWORKS[scale]}
    return xr.Dataset(variables, {"activity": list(ACTIVITIES)}, attrs)


def _points(activation: str, gains: np.ndarray, scale: str, seed: int) -> dict[str, Any]:
    """Return D by closed form, by quadrature as for an arbitrary φ, to order 1/N if φ is linear, and by simulation."""
    phi, size, dims = ACTIVATIONS[activation], SIZE[scale], ("activity", "point")
    large = [correlations(phi, gains, NOISE, size, activity=activity) for activity in ACTIVITIES]
    generic = [correlations(lambda x: phi(x), gains, NOISE, activity=activity) for activity in ACTIVITIES]
    exact = np.full((2, len(gains)), np.nan)
    if activation == "linear":
        exact[:] = correlations(phi, gains, NOISE, size, order="finite").participation_dimension
    runs = [traces(phi, float(g), scale, seed, networks=NETWORKS[scale]) for g in gains]
    simulated = np.array([run.dimension() for run in runs])  # point, (value, error), activity
    return {
        "point_gain": ("point", gains),
        "predicted": (dims, np.array([t.participation_dimension for t in large])),
        "enough": (dims, np.array([t.valid for t in large]).astype(int)),
        "quadrature": (dims, np.array([t.participation_dimension for t in generic])),
        "exact": (dims, exact),
        "simulated": (dims, simulated[:, 0].T),
        "simulated_se": (dims, simulated[:, 1].T),
        "failed": ("point", [run.failed for run in runs]),
    }


def study(scale: str, seed: int) -> Study:
    """Return the study over activations."""
    return Study("dimension", measure, {"activation": list(ACTIVATIONS)}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot D against the gain, D of the rates and its bound on a logarithmic axis, and ν and χ."""
    fig = figure(9.6, 3.3)
    linear_axis, log_axis, slopes = axes = fig.subplots(1, 3)
    for name in data.activation.values:
        network, colour = data.sel(activation=name), PALETTE[COLOURS[name]]
        stable = (network.gain < network.critical).values
        for axis, activity, width in (
            (linear_axis, "current", 1.6),
            (linear_axis, "rate", 0.7),
            (log_axis, "rate", 1.4),
        ):
            curve = network.sel(activity=activity)
            label = LABELS[name] if width > 1 else None
            axis.plot(curve.gain, curve.dimension.where(stable), lw=width, color=colour, label=label)
            axis.plot(curve.gain, curve.dimension, ":", lw=width, color=colour)
            if width > 1:
                axis.plot(curve.moving_gain, curve.moving, "D", ms=3.5, color=colour, mec="none")
                error = {"fmt": "o", "ms": 3.5, "lw": 1, "mfc": "white", "color": colour}
                axis.errorbar(curve.point_gain, curve.simulated, curve.simulated_se, **error)
        log_axis.plot(network.gain, _bound(network), "--", lw=0.8, color=colour)
        slopes.plot(network.gain, network.slopes, color=colour)
        slopes.plot(network.gain, network.susceptibility, "--", lw=0.9, color=colour)
    for axis, mark in zip(axes, "abc", strict=True):
        axis.axvline(1, color=PALETTE["grey"], lw=0.6, zorder=0)
        axis.set(xlabel="gain $g$", xlim=(0, GAINS[-1] + 0.05))
        letter(axis, mark)
    linear_axis.set(ylabel=r"dimension $D$ of $x$ (thin: of $\phi(x)$)", ylim=(0, 1.02))
    linear_axis.legend(loc="upper right", fontsize=7)
    log_axis.set(ylabel=r"dimension $D$ of $\phi(x)$", yscale="log", ylim=(1e-4, 1.2), xlim=(0.6, GAINS[-1] + 0.05))
    entries = {
        r"theory, $\chi < 1$": "-",
        r"theory, $\chi \geq 1$": ":",
        "bound $(s^2/v)^2$": "--",
        "dynamic theory": "D",
        "simulated": "o",
    }
    for label, style in entries.items():
        log_axis.plot(
            [], [], style, ms=3.5, lw=1.2, mfc="white" if style == "o" else None, color=PALETTE["grey"], label=label
        )
    log_axis.legend(handles=log_axis.lines[-len(entries) :], loc="lower left", fontsize=6.5)
    slopes.set(ylabel=r"$\nu = g^2\langle\phi'\rangle^2$ (dashed: $\chi$)", ylim=(0, 1.6))
    slopes.axhline(1, color=PALETTE["grey"], lw=0.6, zorder=0)
    return fig


def _bound(data: xr.Dataset) -> xr.DataArray:
    """Return (s²/v)², the lower bound of D of the rates."""
    return 1 / data.variance**2


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the linear instability."""
    return [_resolved(data), _positive(data), *_linear(data), _agrees(data), _pade(data), _dynamic(data)]


def _resolved(data: xr.Dataset) -> Claim:
    rate = data.dimension.sel(activity="rate")
    beyond = data.gain.isel(activation=0).values >= 1
    no_stationary_state = bool(np.isnan(rate.sel(activation="linear").values[beyond]).all())
    curved = data.sel(activation=list(NONLINEAR))
    least = {name: float(rate.sel(activation=name).values[beyond].min()) for name in NONLINEAR}
    excess = float((rate.sel(activation=list(NONLINEAR)) / _bound(curved)).min())
    listed = ", ".join(f"{LABELS[name]} {value:.2g}" for name, value in least.items())
    return holds(
        "abstract: nonlinearities resolve the linear instability and give a strictly positive participation dimension",
        "positive (theory)",
        f"linear: no stationary state at g ≥ 1. Smallest D of φ for 1 ≤ g ≤ {GAINS[-1]:g}: {listed}; D ≥ {excess:.2f} "
        "(s²/v)²",
        no_stationary_state and min(least.values()) > 0 and excess >= 1 - 1e-9 and float(curved.slopes.max()) < 1,
        why="ν ≤ 1 − s²/v < 1 for every odd φ, so that D_φ = (1 − ν)² ≥ (s²/v)²",
        why_not="a dimension vanishes or falls below its bound, or a linear network has a stationary state at g ≥ 1",
    )


def _positive(data: xr.Dataset) -> Claim:
    size, worst, number = data.attrs["size"], {}, 0
    for name in NONLINEAR:
        network = data.sel(activation=name)
        excess = ((network.simulated - 1 / size) / network.simulated_se).where(network.point_gain > 1)
        number += int(excess.notnull().sum())
        worst[name] = float(excess.min())
    listed = ", ".join(f"{LABELS[name]} {value:.0f}" for name, value in worst.items())
    return holds(
        "abstract: the participation dimension is also positive in simulations at g > 1",
        "positive",
        f"D − 1/N in standard errors, smallest of {number} points with g > 1: {listed} (N = {size})",
        min(worst.values()) > MIN_EXCESS,
        why="activity occupies more than one direction (a single diverging mode has D = 1/N)",
        why_not="for some activation there is no point beyond g = 1, or activity occupies only one direction",
    )


def _linear(data: xr.Dataset) -> list[Claim]:
    network = data.sel(activation="linear", activity="current")
    law = (1 - network.gain**2) ** 2
    largest_error = float(np.abs(network.dimension - law).max())
    z = np.abs((network.simulated - network.exact) / network.simulated_se).where(network.enough == 1).values
    return [
        holds(
            "linear networks, frozen noise: D = (1 − g²)²",
            "(1 − g²)² (Hu & Sompolinsky)",
            f"theory agrees within {largest_error:.0e}" if largest_error else "theory agrees to all digits",
            largest_error < 1e-9,
            why="the theory is a closed form",
            why_not="theory deviates from the law",
        ),
        holds(
            "linear networks, simulated: D = (1 − g²)² − (2g² + 7g⁴)/N",
            "within error (theory)",
            f"{int((z > THRESHOLD).sum())} of {int(np.isfinite(z).sum())} points beyond {THRESHOLD:g} s.e., "
            f"largest {np.nanmax(z):.1f}; N = {data.attrs['size']}",
            bool(np.nanmax(z) < THRESHOLD),
            why="all points with N·D ≥ 30 agree",
            why_not="some points deviate",
        ),
    ]


def _agrees(data: xr.Dataset) -> Claim:
    networks = data.sel(activation=list(NONLINEAR))
    large = networks.enough == 1
    deviation = np.abs(networks.simulated - networks.predicted).where(large)
    number = int(large.sum())
    outside = int((deviation > THRESHOLD * networks.simulated_se).sum())
    extreme = int((deviation > THRESHOLD * networks.simulated_se + 1 / data.attrs["size"]).sum())
    worst = float((deviation / networks.predicted).max())
    return holds(
        "abstract: simulations with hundreds of neurons agree with large-N theory (D of x and of φ)",
        "agree",
        f"{outside} of {number} points deviate from N → ∞ by more than {THRESHOLD:g} s.e., {extreme} by more than that "
        f"plus 1/N; largest deviation {100 * worst:.1f} %; N = {data.attrs['size']}, {data.attrs['networks']} "
        f"networks, {int(networks.failed.sum())} draws unsolved",
        extreme <= MAX_SHARE_BEYOND * number,
        why="up to three quarters of the critical gain, N·D ≥ 30; coefficients of 1/N are smaller than one in "
        "magnitude",
        why_not="more points deviate than the standard errors allow",
    )


def _pade(data: xr.Dataset) -> Claim:
    network = data.sel(activation="pade")
    gap = float(np.abs(network.quadrature / network.predicted - 1).max())
    z = float(np.abs((network.simulated - network.predicted) / network.simulated_se).where(network.enough == 1).max())
    return holds(
        "abstract: analytic predictions for a class of Padé activations",
        "closed form",
        f"closed form and quadrature of D agree within {gap:.0e}, simulation within {z:.1f} s.e.; φ(x) = x/(1 + x²/3)",
        gap < 1e-8 and z < THRESHOLD + 1,
        why="averages of x (1 + βα x²)/(1 + α x²) require one error function; the class used in the paper is not known",
        why_not="closed form, quadrature and simulation differ",
    )


def _dynamic(data: xr.Dataset) -> Claim:
    networks = data.sel(activation=list(NONLINEAR), activity="rate")
    static = [np.interp(DYNAMIC_GAINS, networks.gain.isel(activation=0), row) for row in networks.dimension.values]
    ratio = networks.moving.values / np.array(static)
    least = float(networks.moving.min())
    return holds(
        "beyond χ = 1, where fixed points are unstable, the time-dependent activity also has a positive dimension",
        "positive (theory)",
        f"smallest D of φ {least:.1e}; {ratio.min():.2f} to {ratio.max():.2f} times that of the fixed points, "
        f"g = {DYNAMIC_GAINS[0]:g} and {DYNAMIC_GAINS[-1]:g}",
        bool((networks.moving > 0).all()),
        why="dynamical mean-field theory; beyond χ = 1 the static curve describes unstable fixed points",
        why_not="dynamical mean-field theory gives a vanishing dimension",
    )


FIGURE = Figure(
    "dimension",
    "Dimension of activity in frozen noise against the gain",
    study,
    plot,
    claims,
    caption=(
        "Lines are mean-field theory, dotted beyond χ = 1; circles are simulated, with standard errors "
        "over networks; diamonds are the dynamic theory."
    ),
)
