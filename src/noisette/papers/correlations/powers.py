"""Figure b: power-law units sign(x) |x|^p in frozen noise: scaling with the gain, saturation, stability, fold."""

import math
from typing import Any

import numpy as np
import xarray as xr

from noisette.activations import Power
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import NOISE, SIZE, THRESHOLD, traces
from noisette.papers.correlations._sampled import DT, dynamic_traces, snapshots
from noisette.plots import COLOURS, SERIES, figure, letter
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations, power_law_phases

POWERS = (0.25, 0.5, 0.6, 0.75, 0.9, 1.5)
SUBLINEAR = tuple(p for p in POWERS if p < 1)
NAMES = ("variance", "covariance_variance", "participation_dimension")
GAINS = np.geomspace(0.1, 30, 120)
STRONG = (300.0, 1000.0)  # gains between which exponents are measured
POINTS = {0.75: (0.3, 0.5, 0.7, 0.9, 1.1), 1.5: (0.1, 0.2, 0.3, 0.4)}  # simulated gains with stable fixed points
LEVELS = (1e2, 1e5, 1e8)  # variances v/s² of fixed points that define the gains for dynamic theory
DYNAMIC = {0.5: (1.0, 2.0, 4.0)}  # simulated gains with unstable fixed points
NETWORKS = {"smoke": 4, "quick": 8, "paper": 30}
RUNS = {"smoke": 8, "quick": 60, "paper": 200}
SATURATION = {0.25: (0.0336, 0.0252), 0.5: (0.00532, 0.00467), 0.75: (2.7e-4, 2.6e-4)}  # D of φ, x; independent
MAX_SHARE = 0.7  # largest gain relative to g_c or the fold in comparisons; beyond, corrections of order 1/N grow
CORRECTION = 5.0  # tolerated relative coefficient of 1/N in comparisons with N → ∞
MAX_ERROR = 0.1  # relative error up to which deviations of simulations are reported
MAX_SHARE_BEYOND = 0.05


def measure(power: float, scale: str, seed: int) -> xr.Dataset:
    """Return static theory against the gain and at strong gain, dynamic theory, and simulations for one exponent."""
    phi, phases = Power(power), power_law_phases(power)
    current, rate = (correlations(phi, GAINS, NOISE, activity=activity) for activity in ("current", "rate"))
    strong = [correlations(phi, STRONG, NOISE, activity=activity) for activity in ("current", "rate")]
    variables: dict[str, Any] = {name: ("gain", current[name].values) for name in NAMES}
    variables |= {f"strong_{name}": ("strong", strong[0][name].values) for name in NAMES}
    variables |= {
        "rate_dimension": ("gain", rate.participation_dimension.values),
        "strong_rate_dimension": ("strong", strong[1].participation_dimension.values),
        "stable": ("gain", current.valid.values.astype(int)),
        "critical": phases.critical_gain.values,
        "fold": phases.fold_gain.values,
        "susceptibility": phases.susceptibility.values,
    }
    variables |= _fold(power, float(phases.fold_gain)) | _dynamic(power, scale, seed) | _points(power, scale, seed)
    coords = {"gain": GAINS, "strong": list(STRONG), "level": list(LEVELS), "quantity": list(NAMES)}
    attrs = {"method": "mean-field, and simulated", "size": SIZE[scale], "networks": NETWORKS[scale]}
    return xr.Dataset(variables, coords, attrs)


def _fold(power: float, fold: float) -> dict[str, Any]:
    """Return the variance on either side of the fold, NaN where there is no stationary state."""
    sides = np.array([0.999, 1.001]) * fold
    variances = correlations(Power(power), sides, NOISE).variance.values if np.isfinite(fold) else [np.nan, np.nan]
    return {"beside_fold": ("side", variances)}


def _dynamic(power: float, scale: str, seed: int) -> dict[str, Any]:
    """Return variance and D by dynamic theory at strong gain, and simulations of the time-dependent activity."""
    gains, theory = np.full(len(LEVELS), np.nan), np.full((2, len(LEVELS)), np.nan)
    if power < 1:
        gains = np.array([_gain(power, v) for v in LEVELS])
        table = correlations(Power(power), gains, NOISE, dynamic=True)
        theory = np.array([table.variance, table.participation_dimension])
    simulated_gains = DYNAMIC.get(power, ())
    simulated = np.full((4, 3), np.nan)  # gain, theory for Euler steps, simulation and its error
    if simulated_gains:
        euler_theory = correlations(Power(power), simulated_gains, NOISE, dynamic=True, dt=DT).variance.values
        options: dict[str, Any] = {"size": SIZE[scale], "networks": NETWORKS[scale] // 2, "seed": seed}
        runs = [
            dynamic_traces(Power(power), g, NOISE, snapshots(RUNS[scale]), **options).variance()
            for g in simulated_gains
        ]
        simulated = np.array(
            [simulated_gains, euler_theory, *([estimates[k][0] for estimates in runs] for k in (0, 1))]
        )
    return {
        "moving_gain": ("level", gains),
        "moving_variance": ("level", theory[0]),
        "moving_dimension": ("level", theory[1]),
        "followed": (("what", "run"), simulated),
    }


def _gain(power: float, variance: float) -> float:
    """Return the gain at which v = 1 + g² m_2p v^p, with s = 1 and m_2p = E|z|^2p."""
    moment = 2**power * math.gamma(power + 0.5) / math.sqrt(math.pi)
    return math.sqrt((variance - 1) / (moment * variance**power))


def _points(power: float, scale: str, seed: int) -> dict[str, Any]:
    """Return theory and simulation of fixed points, padded with NaN."""
    gains = POINTS.get(power, ())
    dims, width = ("quantity", "point"), max(map(len, POINTS.values()))
    table = np.full((4, 3, width), np.nan)  # theory, simulation, error, whether N is large enough
    failed = np.zeros(width, int)
    for i, gain in enumerate(gains):
        estimates = traces(Power(power), gain, scale, seed, networks=NETWORKS[scale])
        large = correlations(Power(power), gain, NOISE, SIZE[scale])
        table[0, :, i] = [float(large[name]) for name in NAMES]
        for j, (value, error) in enumerate(
            (estimates.variance(), estimates.covariance_variance(), estimates.dimension())
        ):
            table[1, j, i], table[2, j, i] = value[0], error[0]
        table[3, :, i], failed[i] = float(large.valid), estimates.failed
    names = ("predicted", "simulated", "simulated_se", "enough")
    variables: dict[str, Any] = {name: (dims, values) for name, values in zip(names, table, strict=True)}
    padded = np.pad(np.array(gains, float), (0, width - len(gains)), constant_values=np.nan)
    return variables | {"point_gain": ("point", padded), "failed": ("point", failed)}


def study(scale: str, seed: int) -> Study:
    """Return the study over exponents."""
    return Study("powers", measure, {"power": list(POWERS)}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot v, ψ and D against the gain on logarithmic axes."""
    fig = figure(9.6, 3.5)
    axes = fig.subplots(1, 3)
    for (p, colour), axis_name in [(pair, name) for pair in zip(POWERS, SERIES, strict=False) for name in NAMES]:
        axis, curves = axes[NAMES.index(axis_name)], data.sel(power=p)
        stable = curves.stable.values == 1
        axis.plot(curves.gain, curves[axis_name], ":", lw=1.2, color=colour)
        axis.plot(curves.gain, curves[axis_name].where(stable), lw=1.6, color=colour, label=rf"$p = {p:g}$")
        points = curves.sel(quantity=axis_name)
        axis.errorbar(
            points.point_gain, points.simulated, points.simulated_se, fmt="o", ms=3.5, lw=1, mfc="white", color=colour
        )
        edge = min(float(curves.critical), float(curves.fold))
        if stable.any() and np.isfinite(edge):
            last = int(np.flatnonzero(stable)[-1])
            mark = "s" if edge == float(curves.critical) else "X"
            axis.plot(edge, curves[axis_name].values[last], mark, ms=5, color=colour, mec="none")
        dynamic = {"variance": curves.moving_variance, "participation_dimension": curves.moving_dimension}.get(
            axis_name
        )
        if dynamic is not None:
            axis.plot(curves.moving_gain, dynamic, "D", ms=3.5, color=colour, mec="none")
        if axis_name == "variance":
            gains, _, values, errors = curves.followed.values
            axis.errorbar(gains, values, errors, fmt="o", ms=3.5, lw=1, mfc="white", color=colour)
    labels = ("variance $v$ of $x$", r"$\psi = N\,\mathrm{Var}\,C_{ij}$ of $x$", "dimension $D$ of $x$")
    limits = ((0.8, 1e8), (1e-2, 1e16), (4e-6, 1.5))
    for axis, label, limit, mark in zip(axes, labels, limits, "abc", strict=True):
        axis.set(xscale="log", yscale="log", xlabel="gain $g$", ylabel=label, xlim=(GAINS[0], GAINS[-1]), ylim=limit)
        letter(axis, mark)
    axes[0].legend(loc="upper left", fontsize=7)
    axes[2].plot([], [], "s", ms=5, color=COLOURS["grey"], label=r"$\chi = 1$")
    axes[2].plot([], [], "X", ms=5, color=COLOURS["grey"], label="fold")
    axes[2].plot([], [], "D", ms=3.5, color=COLOURS["grey"], label="dynamic theory")
    axes[2].plot([], [], "o", ms=3.5, color=COLOURS["grey"], mfc="white", label="simulated")
    axes[2].legend(handles=axes[2].lines[-4:], loc="lower left", fontsize=7)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about power-law units."""
    return [
        _exponents(data, "variance", 2.0),
        _exponents(data, "covariance_variance", 4.0),
        _saturation(data),
        _unstable(data),
        _dynamic_scaling(data),
        _folded(data),
        _simulated(data),
        _dynamic_variance(data),
    ]


def _exponents(data: xr.Dataset, name: str, number: float) -> Claim:
    strong = data[f"strong_{name}"].sel(power=list(SUBLINEAR)).transpose("power", "strong")
    slopes = np.log(strong.values[:, 1] / strong.values[:, 0]) / np.log(STRONG[1] / STRONG[0])
    law = np.array([number / (1 - p) for p in SUBLINEAR])
    symbol = "v" if name == "variance" else "ψ"
    listed = ", ".join(f"{value:.4g} (p = {p:g})" for p, value in zip(SUBLINEAR, slopes, strict=True))
    return holds(
        f"abstract: scaling of power laws is controlled by the coupling: {symbol} ∝ g^({number:g}/(1 − p))",
        f"{', '.join(f'{x:.4g}' for x in law)} (theory)",
        listed,
        bool((np.abs(slopes / law - 1) < 0.01).all()),
        why=f"slopes of N → ∞ theory of fixed points between g = {STRONG[0]:g} and {STRONG[1]:g}",
        why_not="some slope deviates from the law by 1 % or more",
    )


def _saturation(data: xr.Dataset) -> Claim:
    last = data.isel(strong=-1)
    pairs = {
        p: (float(last.strong_rate_dimension.sel(power=p)), float(last.strong_participation_dimension.sel(power=p)))
        for p in SUBLINEAR
    }
    close = all(
        abs(ours - table) <= 0.5 * 10 ** np.floor(np.log10(table) - (1 if p == 0.75 else 2)) + 1e-12
        for p, both in SATURATION.items()
        for ours, table in zip(pairs[p], both, strict=True)
    )
    table = "; ".join(f"p = {p:g}: {a:.3g}, {b:.3g}" for p, (a, b) in SATURATION.items())
    listed = "; ".join(f"p = {p:g}: {a:.3g}, {b:.3g}" for p, (a, b) in pairs.items())
    return holds(
        "abstract: strictly positive dimension; that of power laws saturates at strong gain (D of φ, of x)",
        f"{table} (theory)",
        listed,
        close and all(min(both) > 0 for both in pairs.values()),
        why=f"at g = {STRONG[1]:g}; for linear units, p = 1, the dimension would vanish",
        why_not="the values at strong gain differ from the theory",
    )


def _unstable(data: xr.Dataset) -> Claim:
    curves = data.sel(power=list(SUBLINEAR))
    near = np.abs(curves.participation_dimension / curves.strong_participation_dimension.isel(strong=-1) - 1) < 0.1
    reached = [float(curves.gain.values[row].min()) if row.any() else np.inf for row in near.values]
    listed = "; ".join(
        f"p = {p:g}: χ → {c:.3g}, g_c = {g:.3g}, saturated from g = {r:.3g}"
        for p, c, g, r in zip(SUBLINEAR, curves.susceptibility.values, curves.critical.values, reached, strict=True)
    )
    return holds(
        "the saturated fixed points are unstable: χ → p²/(2p − 1) ≥ 1",
        "not in the abstract (theory)",
        listed,
        bool((curves.susceptibility.values >= 1).all()) and bool((np.array(reached) > curves.critical.values).all()),
        why="all gains of the plateau are beyond χ = 1; for p ≤ 1/2 no fixed point is stable for N → ∞",
        why_not="some plateau is reached while the fixed points are stable",
    )


def _dynamic_scaling(data: xr.Dataset) -> Claim:
    curves = data.sel(power=list(SUBLINEAR))
    slopes = np.diff(np.log(curves.moving_variance), axis=1)[:, -1] / np.diff(np.log(curves.moving_gain), axis=1)[:, -1]
    law = np.array([2 / (1 - p) for p in SUBLINEAR])
    ends = curves.moving_dimension.values[:, -1]
    drift = np.abs(ends / curves.moving_dimension.values[:, -2] - 1)
    ratio = ends / curves.strong_participation_dimension.isel(strong=-1).values
    listed = "; ".join(
        f"p = {p:g}: g^{s:.3g}, D = {d:.2g} ({r:.2g} ×)"
        for p, s, d, r in zip(SUBLINEAR, slopes, ends, ratio, strict=True)
    )
    return holds(
        "where fixed points are unstable, time-dependent activity scales and saturates as they do (D of x, and its "
        "ratio to that of the fixed points)",
        f"g^({', '.join(f'{x:.3g}' for x in law)}), D > 0 (theory)",
        listed,
        bool((np.abs(slopes / law - 1) < 0.01).all() and (drift < 0.05).all() and (ends > 0).all()),
        why=f"dynamical mean-field theory at gains where fixed points have v = {LEVELS[-2]:.0e} and {LEVELS[-1]:.0e}; "
        "power laws have no intrinsic scale and must scale alike, but they saturate at another dimension",
        why_not="the scaling deviates, or the dimension does not saturate",
    )


def _folded(data: xr.Dataset) -> Claim:
    curves = data.sel(power=1.5)
    below, above = curves.beside_fold.values
    unsolved = int(curves.failed.sum())
    return holds(
        "p = 1.5: activity is bounded only up to a fold",
        "g_max = 0.4911 (theory)",
        f"g_max = {float(curves.fold):.4f}; v = {below:.2f} just below (s² p/(p − 1) = 3), "
        f"{'none' if np.isnan(above) else f'{above:.2f}'} just above; {unsolved} simulated draws unsolved below it",
        abs(float(curves.fold) - 0.4911) < 1e-4 and np.isnan(above) and abs(below / 3 - 1) < 0.1,
        why="for p > 1 the nonlinearity does not resolve the instability; beyond the fold activity grows without bound",
        why_not="the fold is at another gain, or the variance beside it differs",
    )


def _simulated(data: xr.Dataset) -> Claim:
    edge = np.minimum(data.critical, data.fold)
    enough = data.enough == 1
    deviation = np.abs(data.simulated - data.predicted).where(enough)
    sharp = data.simulated_se < MAX_ERROR * data.predicted
    clear = enough & (data.point_gain <= MAX_SHARE * edge)
    clear_deviation = deviation.where(clear)
    number, outside = int(clear.sum()), int((clear_deviation > THRESHOLD * data.simulated_se).sum())
    correction = CORRECTION / data.attrs["size"] * data.predicted
    extreme = int((clear_deviation > THRESHOLD * data.simulated_se + correction).sum())
    worst, worst_near = (
        100 * (x / data.predicted).where(sharp).max(["power", "point"]).values for x in (clear_deviation, deviation)
    )
    return holds(
        "abstract: simulations agree; fixed points of p = 0.75 and 1.5 in v, ψ and D",
        "agree",
        f"{outside} of {number} values deviate from N → ∞ by more than {THRESHOLD:g} s.e., {extreme} by more than that "
        f"plus {CORRECTION:g}/N; largest deviations of v, ψ, D (with errors below {100 * MAX_ERROR:g} %): "
        f"{_percent(worst)}; including the points nearest to χ = 1 and to the fold {_percent(worst_near)}; N = "
        f"{data.attrs['size']}, {int(data.failed.sum())} draws unsolved",
        extreme <= MAX_SHARE_BEYOND * number,
        why=f"gains up to {MAX_SHARE:g} of g_c or of the fold, N·D ≥ 30; beyond, corrections of order 1/N grow",
        why_not="more values deviate than errors and corrections of order 1/N allow",
    )


def _percent(values: np.ndarray) -> str:
    return ", ".join(f"{x:.1f} %" for x in values)


def _dynamic_variance(data: xr.Dataset) -> Claim:
    gains, theory, values, errors = data.sel(power=0.5).followed.values
    z = np.abs(values - theory) / errors
    listed = "; ".join(
        f"g = {g:g}: {v:.3g} ± {e:.2g} ({t:.3g})" for g, v, e, t in zip(gains, values, errors, theory, strict=True)
    )
    return holds(
        "p = 0.5 has no stable fixed point: simulated variance of the time-dependent activity",
        f"{', '.join(f'{t:.3g}' for t in theory)} (theory)",
        listed,
        bool((z < THRESHOLD).all()),
        why=f"with Euler steps of {DT:g}; beyond g = 1, N·D is below 10, too small for an estimate of the dimension",
        why_not="some simulated variance deviates from the theory",
    )


FIGURE = Figure(
    "powers",
    "Power-law units in frozen noise: scaling, saturation and loss of stability",
    study,
    plot,
    claims,
    caption=(
        "Lines are mean-field theory, dotted beyond χ = 1; circles are simulated, with standard errors "
        "over networks; diamonds are the dynamic theory."
    ),
)
