"""Figure e: quenched, coloured and annealed noise that make an isolated neuron vary alike, over the gain."""

from typing import Any

import numpy as np
import xarray as xr

from noisette.activations import tanh
from noisette.noise import Frozen, Noise, OrnsteinUhlenbeck, White
from noisette.papers._paper import Figure
from noisette.papers.correlations import _runs
from noisette.papers.correlations._runs import ACTIVITIES
from noisette.papers.correlations._sampled import DT, moving_traces, snapshots, whole_runs
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, deviation_test, holds
from noisette.theory import correlations, critical_gain

SIZE = {"smoke": 40, "quick": 200, "paper": 400}
NETWORKS = {"smoke": 3, "quick": 8, "paper": 40}  # many networks, few draws: networks differ more than draws
RUNS = {"smoke": 10, "quick": 40, "paper": 100}
TAU = 3.0
KINDS: dict[str, Noise] = {  # an isolated neuron has variance 1 in each
    "quenched": Frozen(1.0),
    "coloured": OrnsteinUhlenbeck(((1 + TAU) / TAU) ** 0.5, TAU),
    "annealed": White(2**0.5),
    "long window": White(2**0.5),
}
GAINS = tuple(np.arange(0, 2.51, 0.125).tolist())
SIMULATED = {"smoke": (1.0,), "quick": (0.5, 1.0, 1.5, 2.0), "paper": (0.5, 1.0, 1.5, 2.0, 2.5)}
SETTLED = {
    "smoke": (1.0,),
    "quick": (0.5, 1.0, 1.25),
    "paper": (0.5, 1.0, 1.5),
}  # in quenched noise; close to χ = 1 it takes long
WINDOWED = {"smoke": (1.0,), "quick": (1.0,), "paper": (0.5, 1.0, 1.5)}
WINDOW = 30.0  # time constants; rates forget in about 3
MOST = 4.0  # standard errors, for the largest of many deviations
TABLE = {  # D of rates: quenched, annealed, annealed in long windows; our derivation, solved by other programs
    0.5: (0.835, 0.956, 0.830),
    1.0: (0.508, 0.805, 0.458),
    1.5: (0.269, 0.532, 0.162),
    2.0: (0.158, 0.267, 0.046),
}
LOOK = {
    "quenched": ("quenched", "entropy"),
    "coloured": (f"coloured, τ_c = {TAU:g}", "divergence"),
    "annealed": ("annealed", "information"),
    "long window": ("annealed, long windows", "purple"),
}


def measure(kind: str, gain: float, scale: str, seed: int) -> xr.Dataset:
    """Return D of x and of φ(x) in theory, in continuous time and in Euler steps, and simulated at some gains."""
    noise = KINDS[kind]
    moving = kind != "quenched" or gain >= critical_gain(tanh, noise)
    found = {name: np.full(2, np.nan) for name in ("euler", "at_rest")}
    found["dimension"] = _theory(kind, gain, moving, None)
    if (kind == "annealed" and gain % 0.25 == 0) or (kind == "long window" and gain in WINDOWED[scale]):
        found["euler"] = _theory(kind, gain, moving, DT)
    if kind == "quenched":
        found["at_rest"] = _theory(kind, gain, False, None)
    simulated = _simulated(kind, gain, scale, seed)
    found |= {"simulated": simulated[0], "simulated_se": simulated[1]}
    data = {name: ("activity", values) for name, values in found.items()}
    attrs = {"method": "mean-field, and simulated", "size": SIZE[scale], "dt": DT}
    slopes = _slopes(noise, gain) if kind == "long window" else np.nan
    return xr.Dataset(data | {"slopes": slopes}, {"activity": list(ACTIVITIES)}, attrs)


def _theory(kind: str, gain: float, moving: bool, dt: float | None) -> np.ndarray:
    """Return D of x and of φ(x), N → ∞; long windows are of rates alone."""
    window = "long-window" if kind == "long window" else "equal-time"
    values = [
        float(
            correlations(
                tanh, gain, KINDS[kind], activity=each, covariance=window, dynamic=moving, dt=dt
            ).participation_dimension
        )
        for each in ACTIVITIES
    ]
    return np.array(values)


def _slopes(noise: Noise, gain: float) -> float:
    """Return ν = g² ⟨φ'⟩² from the variance at equal times and a quadrature of its own."""
    z = np.linspace(-9, 9, 2001)
    weight = np.exp(-(z**2) / 2)
    x = np.sqrt(float(correlations(tanh, gain, noise).variance)) * z
    return float(gain * (1 - np.tanh(x) ** 2) @ weight / weight.sum()) ** 2


def _simulated(kind: str, gain: float, scale: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return simulated D of x and of φ(x), and standard errors; NaN where nothing is simulated."""
    many: dict[str, Any] = {"size": SIZE[scale], "networks": NETWORKS[scale], "seed": seed}
    if kind == "long window" and gain in WINDOWED[scale]:
        runs = whole_runs(2 * RUNS[scale], WINDOW)
        return moving_traces(tanh, gain, KINDS[kind], runs, **many, long_window=True).dimension()
    if kind == "annealed" and gain in SIMULATED[scale]:
        return moving_traces(tanh, gain, KINDS[kind], snapshots(RUNS[scale]), **many).dimension()
    if kind == "quenched" and gain in SETTLED[scale]:
        return _runs.traces(tanh, gain, scale, seed, networks=2 * NETWORKS[scale], size=SIZE[scale]).dimension()
    return np.full(2, np.nan), np.full(2, np.nan)


def study(scale: str, seed: int) -> Study:
    """Return the study over noise and gain."""
    return Study("noise-types", measure, {"kind": list(KINDS), "gain": GAINS}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw D of rates and of currents over the gain for each noise."""
    made = figure(8.2, 3.3)
    axes = made.subplots(1, 2, sharey=True)
    for axis, activity, name, mark in zip(axes, ("rate", "current"), ("φ(x)", "x"), "ab", strict=True):
        for kind, (label, colour) in LOOK.items():
            here = data.sel(kind=kind, activity=activity)
            if kind == "long window" and activity == "current":
                continue  # x and φ(x) differ by a white input in long windows, which no figure needs
            style = {"color": COLOURS[colour]}
            axis.plot(data.gain, here.dimension, label=label, **style)
            if kind == "annealed":
                some = np.isfinite(here.euler)
                axis.plot(
                    data.gain[some], here.euler[some], lw=0.7, label=f"annealed, steps of {data.attrs['dt']:g}", **style
                )
            axis.errorbar(data.gain, here.simulated, here.simulated_se, fmt="o", ms=3.5, lw=1, mfc="white", **style)
        axis.set(xlabel="gain g", title=f"D of {name}", ylim=(0, 1.03), xlim=(0, None))
        letter(axis, mark)
    axes[0].set_ylabel("dimension D = (tr C)²/(N tr C²)")
    axes[0].legend()
    axes[1].annotate(f"tanh; points: N = {data.attrs['size']}", (0.97, 0.93), xycoords="axes fraction", ha="right")
    return made


def claims(data: xr.Dataset) -> list[Claim]:
    """Return what quenched and annealed noise have in common, and what not."""
    return [_form(data), _tabled(data), _long_windows(data), _simulation(data)]


def _form(data: xr.Dataset) -> Claim:
    both = data.dimension.sel(kind=["quenched", "annealed"])
    falls = bool((both.diff("gain") < 0).all()) and bool((both > 0).all())
    starts = bool(np.allclose(both.isel(gain=0), 1, atol=1e-6))
    quenched, annealed = both.sel(activity="rate").values
    most = int(np.argmax(annealed / quenched))
    return holds(
        "e: D in annealed noise is similar to D in quenched noise in form: tanh, equal variance of isolated neurons",
        "the two are compared; similar",
        f"both fall from 1 at g = 0, to D_φ = {quenched[-1]:.3f} quenched and {annealed[-1]:.3f} annealed at g = "
        f"{float(data.gain[-1]):g}. In number they differ by up to {annealed[most] / quenched[most]:.2f} times: "
        f"{quenched[most]:.3f} and {annealed[most]:.3f} at g = {float(data.gain[most]):g}",
        falls and starts,
        why="D of x and of φ(x) start at 1, fall monotonically and stay positive; noise that changes in time leaves "
        "activity of higher dimension",
        why_not="one of them does not start at 1, rises somewhere, or is not positive",
    )


def _tabled(data: xr.Dataset) -> Claim:
    """Return whether D_φ is what other programs found, at fixed points in quenched noise."""
    columns = [data.at_rest.sel(kind="quenched"), *(data.dimension.sel(kind=k) for k in ("annealed", "long window"))]
    rows = {g: [float(one.sel(gain=g, activity="rate")) for one in columns] for g in TABLE}
    off = max(abs(a - b) for g, row in TABLE.items() for a, b in zip(row, rows[g], strict=True))
    last = max(TABLE)
    moving = float(data.dimension.sel(kind="quenched", gain=last, activity="rate"))

    def text(table):
        return "; ".join(f"g = {g:g}: " + "/".join(f"{v:.3f}" for v in row) for g, row in table.items())

    return holds(
        "e: D_φ in quenched noise, annealed noise, and annealed noise in long windows, variance 1",
        f"theory, derived independently: {text(TABLE)}",
        text(rows),
        off < 1e-3,
        why=f"to one in the third digit. Quenched at g = {last:g} are fixed points, which are unstable there; motion "
        f"has {moving:.3f}",
        why_not=f"numbers differ by up to {off:.1g}",
    )


def _long_windows(data: xr.Dataset) -> Claim:
    here = data.sel(kind="long window", activity="rate")
    formula = (1 - here.slopes) ** 2
    off = float(abs(here.dimension - formula).max())
    points = here.isel(gain=np.isfinite(here.simulated.values))
    z = float((abs(points.simulated - points.euler) / points.simulated_se).max())
    listed = ", ".join(
        f"{value:.3f} ± {error:.1g} at g = {g:g} (theory of steps {theory:.3f})"
        for g, value, error, theory in zip(
            points.gain, points.simulated, points.simulated_se, points.euler, strict=True
        )
    )
    return holds(
        "e: in long windows annealed noise obeys D_φ = (1 − ν)², the law of quenched noise, ν = g²⟨φ'⟩²",
        "theory: the same law, at the variance that annealed noise gives",
        f"theory is off by {off:.0e} at most; simulated {listed}",
        off < 1e-5 and z < MOST,
        why=f"ν by a separate quadrature; windows of {WINDOW:g} time constants are within {z:.1f} standard errors",
        why_not=f"theory is off by {off:.1g}, simulation by {z:.1f} standard errors",
        **deviation_test(z, MOST, max(1, points.sizes["gain"])),
    )


def _simulation(data: xr.Dataset) -> Claim:
    here = data.sel(kind=["quenched", "annealed"])
    theory = here.euler.where(np.isfinite(here.euler), here.dimension)  # fixed points do not depend on the step
    z, continuous = (abs(here.simulated - one) / here.simulated_se for one in (theory, here.dimension))
    off, number = float(abs(here.simulated / theory - 1).max()), int(np.isfinite(z.values).sum())
    return holds(
        "e: theory and simulations of hundreds of neurons agree, quenched and annealed",
        "they agree",
        f"{number} values of D, N = {data.attrs['size']}: largest deviation {float(z.max()):.1f} standard errors, "
        f"{100 * off:.1f} %",
        float(z.max()) < MOST,
        why=f"all within {MOST:g} standard errors of the theory of Euler steps of {DT:g}; that of continuous time is "
        f"off by up to {float(continuous.max()):.0f}",
        why_not=f"some are more than {MOST:g} standard errors off",
        **deviation_test(float(z.max()), MOST, max(1, number)),
    )


FIGURE = Figure("noise-types", "Quenched and annealed noise: dimension over the gain", study, plot, claims)
