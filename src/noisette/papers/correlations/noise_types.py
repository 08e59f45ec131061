"""Figure e: dimension against the gain in quenched, coloured and annealed noise of equal effect on an isolated unit."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.activations import tanh
from noisette.noise import Frozen, Noise, OrnsteinUhlenbeck, White
from noisette.papers._paper import Figure
from noisette.papers.correlations import _runs
from noisette.papers.correlations._runs import ACTIVITIES
from noisette.papers.correlations._sampled import DT, dynamic_traces, snapshots, trajectories
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, deviation_test, holds
from noisette.theory import correlations, critical_gain

SIZE = {"smoke": 40, "quick": 200, "paper": 400}
NETWORKS = {"smoke": 3, "quick": 8, "paper": 40}  # D varies more between networks than with the number of runs
RUNS = {"smoke": 10, "quick": 40, "paper": 100}
TAU = 3.0
KINDS: dict[str, Noise] = {  # an isolated unit has variance 1 in each of them
    "quenched": Frozen(1.0),
    "coloured": OrnsteinUhlenbeck(((1 + TAU) / TAU) ** 0.5, TAU),
    "annealed": White(2**0.5),
    "long window": White(2**0.5),
}
GAINS = tuple(np.arange(0, 2.51, 0.125).tolist())
SIMULATED = {"smoke": (1.0,), "quick": (0.5, 1.0, 1.5, 2.0), "paper": (0.5, 1.0, 1.5, 2.0, 2.5)}
QUENCHED = {
    "smoke": (1.0,),
    "quick": (0.5, 1.0, 1.25),
    "paper": (0.5, 1.0, 1.5),
}  # simulated gains in quenched noise; convergence is slow close to χ = 1
WINDOWED = {"smoke": (1.0,), "quick": (1.0,), "paper": (0.5, 1.0, 1.5)}
WINDOW = 30.0  # time constants; the correlation time of the rates is about 3
MAX_DEVIATION = 4.0  # standard errors; threshold for the largest of many deviations
TABLE = {  # D of rates: quenched, annealed, annealed in long windows; derived and computed independently
    0.5: (0.835, 0.956, 0.830),
    1.0: (0.508, 0.805, 0.458),
    1.5: (0.269, 0.532, 0.162),
    2.0: (0.158, 0.267, 0.046),
}
STYLES = {
    "quenched": ("quenched", "entropy"),
    "coloured": (rf"coloured, $\tau_\mathrm{{c}} = {TAU:g}$", "divergence"),
    "annealed": ("annealed", "information"),
    "long window": ("annealed, long windows", "purple"),
}


def measure(kind: str, gain: float, scale: str, seed: int) -> xr.Dataset:
    """Return D of x and φ(x) by theory, in continuous time and for Euler steps, and by simulation at some gains."""
    noise = KINDS[kind]
    dynamic = kind != "quenched" or gain >= critical_gain(tanh, noise)
    dimensions = {name: np.full(2, np.nan) for name in ("euler", "at_rest")}
    dimensions["dimension"] = _theory(kind, gain, dynamic, None)
    if (kind == "annealed" and gain % 0.25 == 0) or (kind == "long window" and gain in WINDOWED[scale]):
        dimensions["euler"] = _theory(kind, gain, dynamic, DT)
    if kind == "quenched":
        dimensions["at_rest"] = _theory(kind, gain, False, None)
    simulated = _simulated(kind, gain, scale, seed)
    dimensions |= {"simulated": simulated[0], "simulated_se": simulated[1]}
    data = {name: ("activity", values) for name, values in dimensions.items()}
    attrs = {"method": "mean-field, and simulated", "size": SIZE[scale], "dt": DT}
    slopes = _slopes(noise, gain) if kind == "long window" else np.nan
    return xr.Dataset(data | {"slopes": slopes}, {"activity": list(ACTIVITIES)}, attrs)


def _theory(kind: str, gain: float, dynamic_theory: bool, dt: float | None) -> np.ndarray:
    """Return D of x and φ(x) for N → ∞; in long windows both values are those of the rates."""
    window = "long-window" if kind == "long window" else "equal-time"
    values = [
        float(
            correlations(
                tanh, gain, KINDS[kind], activity=activity, covariance=window, dynamic=dynamic_theory, dt=dt
            ).participation_dimension
        )
        for activity in ACTIVITIES
    ]
    return np.array(values)


def _slopes(noise: Noise, gain: float) -> float:
    """Return ν = g² ⟨φ'⟩² from the equal-time variance by a separate quadrature."""
    z = np.linspace(-9, 9, 2001)
    weight = np.exp(-(z**2) / 2)
    x = np.sqrt(float(correlations(tanh, gain, noise).variance)) * z
    return float(gain * (1 - np.tanh(x) ** 2) @ weight / weight.sum()) ** 2


def _simulated(kind: str, gain: float, scale: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return simulated D of x and φ(x), and standard errors; NaN at gains that are not simulated."""
    options: dict[str, Any] = {"size": SIZE[scale], "networks": NETWORKS[scale], "seed": seed}
    if kind == "long window" and gain in WINDOWED[scale]:
        runs = trajectories(2 * RUNS[scale], WINDOW)
        return dynamic_traces(tanh, gain, KINDS[kind], runs, **options, long_window=True).dimension()
    if kind == "annealed" and gain in SIMULATED[scale]:
        return dynamic_traces(tanh, gain, KINDS[kind], snapshots(RUNS[scale]), **options).dimension()
    if kind == "quenched" and gain in QUENCHED[scale]:
        return _runs.traces(tanh, gain, scale, seed, networks=2 * NETWORKS[scale], size=SIZE[scale]).dimension()
    return np.full(2, np.nan), np.full(2, np.nan)


def study(scale: str, seed: int) -> Study:
    """Return the study over noises and gains."""
    return Study("noise-types", measure, {"kind": list(KINDS), "gain": GAINS}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot D of the rates and of the currents against the gain for each noise."""
    fig = figure(8.2, 3.3)
    axes = fig.subplots(1, 2, sharey=True)
    for axis, activity, name, mark in zip(axes, ("rate", "current"), (r"$\phi(x)$", "$x$"), "ab", strict=True):
        for kind, (label, colour) in STYLES.items():
            curve = data.sel(kind=kind, activity=activity)
            if kind == "long window" and activity == "current":
                continue  # in long windows x and φ(x) differ by a white input
            style = {"color": COLOURS[colour]}
            axis.plot(data.gain, curve.dimension, label=label, **style)
            if kind == "annealed":
                finite = np.isfinite(curve.euler)
                axis.plot(
                    data.gain[finite],
                    curve.euler[finite],
                    lw=0.7,
                    label=rf"annealed, $\mathrm{{d}}t = {data.attrs['dt']:g}$",
                    color=COLOURS["black"],
                )
            axis.errorbar(data.gain, curve.simulated, curve.simulated_se, fmt="o", ms=3.5, lw=1, mfc="white", **style)
        axis.set(xlabel="gain $g$", title=f"$D$ of {name}", ylim=(0, 1.03), xlim=(0, None))
        letter(axis, mark)
    axes[0].set_ylabel(r"dimension $D = (\mathrm{tr}\,C)^2/(N\,\mathrm{tr}\,C^2)$")
    axes[0].legend()
    axes[1].annotate(
        rf"tanh; points: simulated, $N = {data.attrs['size']}$", (0.97, 0.93), xycoords="axes fraction", ha="right"
    )
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about similarities and differences of quenched and annealed noise."""
    return [_form(data), _tabled(data), _long_windows(data), _simulation(data)]


def _form(data: xr.Dataset) -> Claim:
    both = data.dimension.sel(kind=["quenched", "annealed"])
    falls = bool((both.diff("gain") < 0).all()) and bool((both > 0).all())
    starts = bool(np.allclose(both.isel(gain=0), 1, atol=1e-6))
    quenched, annealed = both.sel(activity="rate").values
    peak = int(np.argmax(annealed / quenched))
    return holds(
        "e: D against g is similar in annealed and in quenched noise: tanh, equal variance of isolated units",
        "the two are compared; similar",
        f"both decrease from 1 at g = 0 to D_φ = {quenched[-1]:.3f} (quenched) and {annealed[-1]:.3f} (annealed) at "
        f"g = {float(data.gain[-1]):g}. Their ratio is at most {annealed[peak] / quenched[peak]:.2f}: "
        f"{quenched[peak]:.3f} and {annealed[peak]:.3f} at g = {float(data.gain[peak]):g}",
        falls and starts,
        why="D of x and φ(x) start at 1, decrease monotonically and remain positive; time-dependent noise leads to "
        "activity of a higher dimension",
        why_not="one of them does not start at 1, increases at some gain, or is not positive",
    )


def _tabled(data: xr.Dataset) -> Claim:
    """Return the claim that D_φ agrees with independent programs, for quenched noise at fixed points."""
    columns = [data.at_rest.sel(kind="quenched"), *(data.dimension.sel(kind=k) for k in ("annealed", "long window"))]
    rows = {g: [float(column.sel(gain=g, activity="rate")) for column in columns] for g in TABLE}
    largest_error = max(abs(a - b) for g, row in TABLE.items() for a, b in zip(row, rows[g], strict=True))
    last = max(TABLE)
    dynamic_dimension = float(data.dimension.sel(kind="quenched", gain=last, activity="rate"))

    def text(table):
        return "; ".join(f"g = {g:g}: " + "/".join(f"{v:.3f}" for v in row) for g, row in table.items())

    return holds(
        "e: D_φ in quenched noise, in annealed noise, and in annealed noise over long windows, variance 1",
        f"theory, derived independently: {text(TABLE)}",
        text(rows),
        largest_error < 1e-3,
        why=f"the values agree to within one unit of the third digit. In quenched noise at g = {last:g} they are those "
        f"of unstable fixed points; dynamic theory gives {dynamic_dimension:.3f}",
        why_not=f"the values differ by up to {largest_error:.1g}",
    )


def _long_windows(data: xr.Dataset) -> Claim:
    curve = data.sel(kind="long window", activity="rate")
    formula = (1 - curve.slopes) ** 2
    largest_error = float(abs(curve.dimension - formula).max())
    points = curve.isel(gain=np.isfinite(curve.simulated.values))
    z = float((abs(points.simulated - points.euler) / points.simulated_se).max())
    listed = ", ".join(
        f"{value:.3f} ± {error:.1g} at g = {g:g} (theory for Euler steps {theory:.3f})"
        for g, value, error, theory in zip(
            points.gain, points.simulated, points.simulated_se, points.euler, strict=True
        )
    )
    return holds(
        "e: in long windows D_φ in annealed noise obeys the law of quenched noise, D_φ = (1 − ν)², ν = g²⟨φ'⟩²",
        "theory: the same law, at the variance in annealed noise",
        f"theory deviates by at most {largest_error:.0e}; simulated {listed}",
        largest_error < 1e-5 and z < MAX_DEVIATION,
        why=f"ν by a separate quadrature; in windows of {WINDOW:g} time constants D agrees within {z:.1f} standard "
        "errors",
        why_not=f"theory deviates by {largest_error:.1g}, simulation by {z:.1f} standard errors",
        **deviation_test(z, MAX_DEVIATION, max(1, points.sizes["gain"])),
    )


def _simulation(data: xr.Dataset) -> Claim:
    curves = data.sel(kind=["quenched", "annealed"])
    theory = curves.euler.where(np.isfinite(curves.euler), curves.dimension)  # fixed points do not depend on the step
    z, continuous = (
        abs(curves.simulated - prediction) / curves.simulated_se for prediction in (theory, curves.dimension)
    )
    relative_error, number = float(abs(curves.simulated / theory - 1).max()), int(np.isfinite(z.values).sum())
    return holds(
        "e: theory and simulations of hundreds of neurons agree, in quenched and annealed noise",
        "agree",
        f"{number} values of D, N = {data.attrs['size']}: largest deviation {float(z.max()):.1f} standard errors, "
        f"{100 * relative_error:.1f} %",
        float(z.max()) < MAX_DEVIATION,
        why=f"all values are within {MAX_DEVIATION:g} standard errors of the theory for Euler steps of {DT:g}; "
        f"continuous time deviates by up to {float(continuous.max()):.0f}",
        why_not=f"some values deviate by more than {MAX_DEVIATION:g} standard errors",
        **deviation_test(float(z.max()), MAX_DEVIATION, max(1, number)),
    )


FIGURE = Figure(
    "noise-types",
    "Dimension in quenched and annealed noise against the gain",
    study,
    plot,
    claims,
    caption="Lines are mean-field theory; circles are simulated, with standard errors over networks.",
)
