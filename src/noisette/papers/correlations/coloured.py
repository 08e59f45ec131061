"""Figure f: dimension, variance and autocovariance in coloured noise against its correlation time, and both limits."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.activations import tanh
from noisette.noise import Frozen, Noise, OrnsteinUhlenbeck, White
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES
from noisette.papers.correlations._sampled import DT, dynamic_traces, snapshots
from noisette.plots import COLOURS, SERIES, figure, letter
from noisette.studies import Claim, Study, deviation_test, holds
from noisette.theory import autocovariance, correlations

GAIN = 1.2
SIZE = {"smoke": 40, "quick": 200, "paper": 400}
NETWORKS = {"smoke": 3, "quick": 12, "paper": 40}
RUNS = {"smoke": 10, "quick": 40, "paper": 100}
WHITE, FROZEN = 0.0, np.inf  # the limits, as correlation times
TIMES = (WHITE, 0.01, 0.03, 0.06, 0.1, 0.2, 0.3, 0.6, 1.0, 2.0, 3.0, 6.0, 10.0, 20.0, 30.0, 60.0, 100.0, FROZEN)
SIMULATED = (0.3, 3.0, 30.0)
SHOWN = (WHITE, 0.3, 1.0, 3.0, 10.0, 100.0, FROZEN)
LAGS = np.linspace(0, 10, 101)
MAX_DEVIATION = 4.0  # standard errors; threshold for the largest of many deviations
TABLE = {  # v, ⟨φ²⟩, D_x, D_φ; derived independently and computed by a separate program
    WHITE: (1.3547, 0.4497, 0.6821, 0.7078),
    0.01: (1.3578, 0.4501, 0.6795, 0.7052),
    0.1: (1.3831, 0.4535, 0.6578, 0.6831),
    0.3: (1.4273, 0.4592, 0.6193, 0.6443),
    3.0: (1.6027, 0.4803, 0.4670, 0.4896),
    30.0: (1.6917, 0.4901, 0.3945, 0.4101),
    100.0: (1.7029, 0.4912, 0.3858, 0.3997),
    FROZEN: (1.7082, 0.4918, 0.3817, 0.3945),
}


def noise(time: float) -> Noise:
    """Return the noise of the given correlation time in which an isolated unit has variance 1."""
    if time == WHITE:
        return White(2**0.5)
    return Frozen(1.0) if time == FROZEN else OrnsteinUhlenbeck(((1 + time) / time) ** 0.5, time)


def measure(time: float, scale: str, seed: int) -> xr.Dataset:
    """Return variance and D of x and φ(x) by theory, by theory for Euler steps and by simulation, and C(τ)."""
    columns = {"": _theory(time, None)}
    is_simulated = time in SIMULATED
    columns["euler_"] = _theory(time, DT) if is_simulated else np.full((2, 2), np.nan)
    simulated = np.full((4, 2), np.nan)
    if is_simulated:
        runs = snapshots(RUNS[scale])
        estimates = dynamic_traces(tanh, GAIN, noise(time), runs, size=SIZE[scale], networks=NETWORKS[scale], seed=seed)
        simulated = np.array([*estimates.variance(), *estimates.dimension()])
    columns["simulated_"], columns["error_"] = simulated[::2], simulated[1::2]
    data: dict[str, Any] = {
        f"{prefix}{name}": ("activity", row)
        for prefix, rows in columns.items()
        for name, row in zip(("variance", "dimension"), rows, strict=True)
    }
    data["autocovariance"] = ("lag", autocovariance(tanh, GAIN, noise(time), LAGS).current.values)
    data["slow_coefficient"] = _slow_coefficient()
    attrs = {"method": "mean-field, and simulated", "size": SIZE[scale], "gain": GAIN, "dt": DT}
    return xr.Dataset(data, {"activity": list(ACTIVITIES), "lag": LAGS}, attrs)


def _theory(time: float, dt: float | None) -> np.ndarray:
    """Return the variances and the dimensions of x and φ(x)."""
    tables = [correlations(tanh, GAIN, noise(time), activity=activity, dt=dt) for activity in ACTIVITIES]
    return np.array([[float(table[n]) for table in tables] for n in ("variance", "participation_dimension")])


def _slow_coefficient() -> float:
    """Return (1/√(1 − χ) − 1)/(1 − γ) at the fixed points in frozen noise, where 1/(1 − γ) = dv/ds²."""
    small = 1e-3
    v = [float(correlations(tanh, GAIN, Frozen((1 + sign * small) ** 0.5)).variance) for sign in (1, -1)]
    chi = float(correlations(tanh, GAIN, Frozen(1.0)).susceptibility)
    return (1 / np.sqrt(1 - chi) - 1) * (v[0] - v[1]) / (2 * small)


def study(scale: str, seed: int) -> Study:
    """Return the study over the correlation time, including both limits."""
    return Study("coloured", measure, {"time": TIMES}, {"scale": scale, "seed": seed}, units={"time": "tau"})


def plot(data: xr.Dataset):
    """Plot D and variance against τ_c, between their limits, and C(τ)/C(0)."""
    fig = figure(9.8, 3.1)
    left, middle, right = fig.subplots(1, 3, width_ratios=[1, 1, 1.15])
    for activity, colour, label in (("rate", "entropy", r"$\phi(x)$"), ("current", "information", "$x$")):
        _between(left, data, "dimension", activity, COLOURS[colour], label)
    _between(middle, data, "variance", "current", COLOURS["information"], "theory")
    left.set(ylabel="dimension $D$", ylim=(0.34, 0.75))
    middle.set(ylabel=r"variance $\mathrm{tr}\,C/N$ of $x$", ylim=(1.3, 1.76))
    for axis, (top, bottom) in ((left, ("white", "frozen")), (middle, ("frozen", "white"))):
        axis.set(xscale="log", xlabel=r"correlation time $\tau_\mathrm{c}$ of the noise ($\tau$)")
        axis.annotate(top, (0.5, 0.98), xycoords="axes fraction", fontsize=8, ha="center", va="top")
        axis.annotate(bottom, (0.5, 0.02), xycoords="axes fraction", fontsize=8, ha="center")
    left.legend(loc="lower left", bbox_to_anchor=(0, 0.14))
    steps = rf"theory, $\mathrm{{d}}t = {data.attrs['dt']:g}$"
    middle.plot([], [], "_", ms=9, color=COLOURS["information"], label=steps)
    middle.plot(
        [], [], "o", ms=3.5, mfc="white", color=COLOURS["information"], label=rf"simulated, $N = {data.attrs['size']}$"
    )
    middle.legend(loc="lower right", bbox_to_anchor=(1, 0.13), fontsize=7)
    for number, time in enumerate(SHOWN):
        autocovariance = data.autocovariance.sel(time=time)
        limit = time in (WHITE, FROZEN)
        label = {WHITE: "white", FROZEN: "frozen"}.get(time, rf"$\tau_\mathrm{{c}} = {time:g}$")
        colour = COLOURS["black" if time == WHITE else "grey"] if limit else SERIES[number - 1]
        right.plot(
            data.lag, autocovariance / autocovariance[0], "--" if limit else "-", label=label, color=colour, lw=1.2
        )
    right.set(xlabel=r"lag ($\tau$)", ylabel="normalised autocovariance of $x$", ylim=(0, 1.03), xlim=(0, LAGS[-1]))
    right.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    for axis, mark in zip((left, middle, right), "abc", strict=True):
        letter(axis, mark)
    return fig


def _between(axis, data: xr.Dataset, name: str, activity: str, colour: str, label: str) -> None:
    """Plot a quantity against the correlation time: both limits, theory, and simulated points."""
    for time in (WHITE, FROZEN):
        axis.axhline(float(data[name].sel(time=time, activity=activity)), color=colour, lw=0.7, ls="--")
    points = data.sel(time=list(TIMES[1:-1]), activity=activity)
    axis.plot(points.time, points[name], color=colour, label=label)
    axis.plot(points.time, points[f"euler_{name}"], "_", ms=9, color=colour)
    marks = {"fmt": "o", "ms": 3.5, "lw": 1, "mfc": "white", "color": colour}
    axis.errorbar(points.time, points[f"simulated_{name}"], points[f"error_{name}"], **marks)


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims that coloured noise interpolates between white and frozen noise."""
    return [_equation(data), _tabled(data), _monotonic(data), _limits(data), _slow(data)]


def _equation(data: xr.Dataset) -> Claim:
    names = ("variance", "dimension")
    points = data.sel(time=list(SIMULATED))
    z, continuous_z = (
        max(float((abs(points[f"simulated_{n}"] - points[f"{kind}{n}"]) / points[f"error_{n}"]).max()) for n in names)
        for kind in ("euler_", "")
    )
    relative_error = max(float(abs(points[f"simulated_{n}"] / points[f"euler_{n}"] - 1).max()) for n in names)
    return holds(
        "f: a self-consistent equation for coloured noise is confirmed by simulations",
        "a new self-consistent equation; simulations of hundreds of neurons agree",
        f"tr C/N and D of x and φ(x) at τ_c = {', '.join(f'{t:g}' for t in SIMULATED)}, N = {data.attrs['size']}: "
        f"largest deviation {z:.1f} standard errors, {100 * relative_error:.1f} %",
        z < MAX_DEVIATION,
        why="the equation is that of standard dynamical mean-field theory, C − C'' = g² C_φ + s² e^(−|τ|/τ_c), since "
        f"only the abstract was available. It is solved for Euler steps of {DT:g} (bars); continuous time deviates by "
        f"up to {continuous_z:.0f} standard errors",
        why_not=f"the standard equation of dynamical mean-field theory deviates by more than {MAX_DEVIATION:g} "
        "standard errors",
        **deviation_test(z, MAX_DEVIATION, sum(points[f"error_{n}"].size for n in names)),
    )


def _tabled(data: xr.Dataset) -> Claim:
    def row(time: float) -> tuple[float, ...]:
        point = data.sel(time=time)
        return tuple(float(v) for v in (*point.variance, *point.dimension))

    errors = {t: max(abs(a - b) for a, b in zip(row(t), values, strict=True)) for t, values in TABLE.items()}
    worst = max(errors.values())

    def text(values):
        return "/".join(f"{v:.4f}" for v in values)

    return holds(
        f"f: v, ⟨φ²⟩, D_x, D_φ at g = {GAIN:g} for {len(TABLE)} correlation times",
        f"theory, derived independently: white {text(TABLE[WHITE])}; τ_c = 3 {text(TABLE[3.0])}; frozen "
        f"{text(TABLE[FROZEN])}",
        f"white {text(row(WHITE))}; τ_c = 3 {text(row(3.0))}; frozen {text(row(FROZEN))}",
        worst < 2e-4,
        why=f"all {4 * len(TABLE)} numbers agree to within one unit of the last digit",
        why_not=f"the numbers differ by up to {worst:.1g}",
        any_scale=True,
    )


def _monotonic(data: xr.Dataset) -> Claim:
    rises = bool((data.variance.diff("time") > 0).all())
    falls = bool((data.dimension.diff("time") < 0).all())
    ends = [[f"{float(v):.3f}" for v in data.dimension.sel(time=t)] for t in (WHITE, FROZEN)]
    return holds(
        "f: coloured noise interpolates between white and quenched noise",
        "white and quenched noise as its limits",
        f"from τ_c = 0 to ∞, D_x falls from {ends[0][0]} to {ends[1][0]}, D_φ from {ends[0][1]} to {ends[1][1]}",
        rises and falls,
        why="both variances increase and both dimensions decrease monotonically between the limits",
        why_not="one of the quantities is not monotonic in τ_c",
        any_scale=True,
    )


def _limits(data: xr.Dataset) -> Claim:
    def deviation(time: float, limit: float) -> float:
        dimension, limit_dimension = (data.dimension.sel(time=t) for t in (time, limit))
        return float(abs(dimension / limit_dimension - 1).max())

    fast, slow = (deviation(0.03, WHITE), deviation(0.01, WHITE)), (deviation(30.0, FROZEN), deviation(100.0, FROZEN))
    return holds(
        "f: D approaches its values in white and in quenched noise",
        "theory: white noise as τ_c → 0 with 2 s² τ_c = σ², quenched noise as τ_c → ∞",
        f"D deviates from its value in white noise by {100 * fast[0]:.2f} % at τ_c = 0.03 and {100 * fast[1]:.2f} % at "
        f"0.01, and from its value in quenched noise by {100 * slow[0]:.1f} % at 30 and {100 * slow[1]:.1f} % at 100",
        2 < fast[0] / fast[1] < 4 and 2.5 < slow[0] / slow[1] < 4,
        why="the deviations are proportional to τ_c and to 1/τ_c",
        why_not="the deviations are not proportional to τ_c or 1/τ_c",
        any_scale=True,
    )


def _slow(data: xr.Dataset) -> Claim:
    v = data.variance.sel(activity="current")
    expected = float(data.slow_coefficient[0])
    scaled = {t: t * float(v.sel(time=FROZEN) - v.sel(time=t)) for t in (10.0, 30.0, 100.0)}
    errors = [abs(value / expected - 1) for value in scaled.values()]
    return holds(
        "f: the variance approaches that in quenched noise, v, as v(τ_c) ≈ v − (s₀²/τ_c)(1/√(1 − χ) − 1)/(1 − γ)",
        f"theory: coefficient {expected:.3f}",
        "(v − v(τ_c)) τ_c = " + ", ".join(f"{value:.3f} at {t:g}" for t, value in scaled.items()),
        errors[2] < 0.06 and errors[0] > errors[1] > errors[2],
        why=f"the coefficient is approached as τ_c grows, to {100 * errors[2]:.1f} %; the remainder is of order 1/τ_c²",
        why_not="the scaled difference does not approach the coefficient",
        any_scale=True,
    )


FIGURE = Figure(
    "coloured",
    "Coloured noise between white and quenched",
    study,
    plot,
    claims,
    caption=(
        "Lines are mean-field theory in continuous time, and dashes for the time step of the "
        "simulations. Circles are simulated, with standard errors over networks."
    ),
)
