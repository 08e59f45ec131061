"""Figure c: finite-size corrections of the dimension, N (D − D_∞) against 1/N, in theory and in simulations."""

from typing import Any, NamedTuple

import jax
import numpy as np
import xarray as xr

from noisette.activations import Activation, Power, linear, tanh
from noisette.analysis import jackknife
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES, NOISE, THRESHOLD, Traces, traces
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study, deviation_test, holds
from noisette.theory import correlations


class Case(NamedTuple):
    """Kind of network: φ, g, whether J_ii is random, label, colour, and known (slope, error) of D of x and of φ."""

    activation: Activation
    gain: float
    self_coupling: bool
    label: str
    colour: str
    slopes: tuple[tuple[float, float], ...] = ()


CASES = {
    "linear": Case(linear, 0.5, True, "linear, g = 0.5", "black"),
    "no-autapses": Case(linear, 0.5, False, "linear, g = 0.5, J_ii = 0", "grey"),
    "tanh-0.8": Case(tanh, 0.8, True, "tanh, g = 0.8", "entropy", ((-0.24, 0.03), (0.21, 0.03))),
    "tanh-1.2": Case(tanh, 1.2, True, "tanh, g = 1.2", "sky", ((-0.15, 0.05), (0.52, 0.05))),
    "power": Case(Power(0.75), 0.5, True, "power ¾, g = 0.5", "information", ((-0.26, 0.03), (0.08, 0.03))),
}
CURVED = tuple(name for name, case in CASES.items() if case.slopes)
SIZES = {"smoke": (20, 40), "quick": (40, 100, 200), "paper": (40, 100, 200, 400)}
REDUCED = {"smoke": (20,), "quick": (40, 100), "paper": (40, 100, 200)}  # sizes at which the reduced model is sampled
SITES = {"smoke": 4_000, "quick": 400_000, "paper": 20_000_000}  # samples × N of the reduced model
NETWORKS = {
    "smoke": {20: 8, 40: 6},
    "quick": {40: 120, 100: 40, 200: 20},
    "paper": {40: 2000, 100: 1000, 200: 500, 400: 250},
}
MATRICES = {
    "smoke": 80_000,
    "quick": 5_000_000,
    "paper": 80_000_000,
}  # matrix entries of linear networks drawn at each size
BLOCK = 4_000_000  # matrix entries drawn at once
MAX_DEVIATION = 4.0  # standard errors; threshold for every point


def measure(case: str, size: int, scale: str, seed: int) -> xr.Dataset:
    """Return N (D − D_∞) of simulated networks and of the reduced model, with standard errors."""
    network, undefined = CASES[case], np.full(2, np.nan)
    phi, gain = network.activation, network.gain
    large = [correlations(phi, gain, NOISE, activity=activity) for activity in ACTIVITIES]
    limit = np.array([float(table.participation_dimension) for table in large])
    deviations: dict[str, Any] = {"limit": limit, "model": undefined, "model_se": undefined}
    if phi is linear:
        first, second = _linear(gain, size, scale, seed, network.self_coupling)
        deviations["simulated"], deviations["simulated_se"] = (
            np.full(2, activity) for activity in jackknife(first, second)
        )
        networks, failed = 2 * len(first), 0
    else:
        control = float(large[0].effective_gain)
        runs = traces(phi, gain, scale, seed, networks=NETWORKS[scale][size], size=size, control=control)
        control_traces = np.stack(_linear(control, size, scale, seed + 1))
        deviations["simulated"], deviations["simulated_se"] = np.array(
            [controlled(runs, i, control_traces) for i in range(2)]
        ).T
        networks, failed = runs.first.shape[1], runs.failed
    if phi is not linear and size in REDUCED[scale]:
        samples, key = SITES[scale] // size, jax.random.key(seed)
        options: dict[str, Any] = {"order": "finite", "samples": samples, "key": key}
        model = [correlations(phi, gain, NOISE, size, activity=activity, **options) for activity in ACTIVITIES]
        deviations["model"] = np.array([float(table.participation_dimension) for table in model])
        deviations["model_se"] = np.array([float(table.participation_dimension_se) for table in model])
    for name in ("model", "simulated"):
        deviations[name] = size * (deviations[name] - limit)
        deviations[f"{name}_se"] = size * deviations[f"{name}_se"]
    data = {name: ("activity", column) for name, column in deviations.items()} | {
        "networks": networks,
        "failed": failed,
    }
    return xr.Dataset(data, {"activity": list(ACTIVITIES)}, {"method": "mean-field, and simulated"})


def _linear(gain: float, size: int, scale: str, seed: int, self_coupling: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return tr C/N and tr C²/N of linear networks, C = (1 − gJ)⁻¹ (1 − gJ)⁻ᵀ, each averaged over J and −J."""
    number, block = MATRICES[scale] // (2 * size**2), max(1, BLOCK // size**2)
    key, identity, parts = jax.random.fold_in(jax.random.key(seed), size), np.eye(size), []
    for start in range(0, number, block):
        shape = (min(block, number - start), size, size)
        J = np.array(jax.random.normal(jax.random.fold_in(key, start), shape, float)) / size**0.5
        if not self_coupling:
            J[:, range(size), range(size)] = 0.0
        both = [np.linalg.inv(identity - sign * gain * J) for sign in (1, -1)]
        first = [(G**2).sum((1, 2)) for G in both]
        second = [((G @ G.swapaxes(1, 2)) ** 2).sum((1, 2)) for G in both]
        parts.append(np.mean([first, second], axis=1) / size)
    first, second = np.concatenate(parts, axis=1)
    return first, second


def controlled(runs: Traces, activity: int, known: np.ndarray) -> tuple[float, float]:
    """Return D and its standard error, with a linear network of the same weights and noise as control variate.

    Parameters
    ----------
    runs : traces of x, of φ(x), and of the linear network
    activity : index of the activity, 0 for x or 1 for φ(x)
    known : traces of many linear networks, shape (2, networks), for the means of the control variate
    """
    first, second = runs.first[activity], runs.second[activity]
    control = np.array([runs.first[2], runs.second[2]])
    mean, spread = known.mean(1), np.cov(known) / known.shape[1]
    design = np.column_stack([np.ones(len(first)), (control - mean[:, None]).T])
    fits, *_ = np.linalg.lstsq(design, np.array([first, second]).T, rcond=None)
    first_mean, second_mean = fits[0]
    residuals = np.array([first, second]).T - design @ fits
    degrees_of_freedom = len(first) - design.shape[1]
    ratio = np.array([2 / first_mean, -1 / second_mean])  # gradient of log D
    propagated = fits[1:] @ ratio  # gradient of log D with respect to the mean of the control variate
    error = ((residuals @ ratio) ** 2).sum() / (degrees_of_freedom * len(first)) + propagated @ spread @ propagated
    dimension = first_mean**2 / second_mean
    return float(dimension), float(dimension * np.sqrt(error))


def study(scale: str, seed: int) -> Study:
    """Return the study over cases and sizes."""
    return Study("finite-size", measure, {"case": list(CASES), "size": SIZES[scale]}, {"scale": scale, "seed": seed})


def fitted(sizes: np.ndarray, values: np.ndarray, errors: np.ndarray) -> tuple[float, float, float]:
    """Fit a + b/N to the finite values; return a, b and the standard error of a."""
    finite = np.isfinite(values)
    design = np.column_stack([np.ones(finite.sum()), 1 / sizes[finite]]) / errors[finite, None]
    inverse = np.linalg.inv(design.T @ design)
    limit, slope = inverse @ design.T @ (values[finite] / errors[finite])
    return float(limit), float(slope), float(np.sqrt(inverse[0, 0]))


def _fit(data: xr.Dataset, name: str, activity: str) -> tuple[float, float, float]:
    """Fit a line jointly to the simulation and the reduced model."""
    points = data.sel(case=name, activity=activity)
    values, errors = (np.append(points[f"simulated{x}"].values, points[f"model{x}"].values) for x in ("", "_se"))
    return fitted(np.tile(data["size"].values, 2), values, errors)


def _exact(name: str) -> float:
    """Return the exact slope of D in 1/N of linear networks."""
    case = CASES[name]
    options: dict[str, Any] = {"order": "finite", "self_coupling": case.self_coupling}
    smaller, larger = (
        float(correlations(linear, case.gain, NOISE, n, **options).participation_dimension) for n in (100, 200)
    )
    return 200 * (smaller - larger)


def plot(data: xr.Dataset):
    """Plot N (D − D_∞) against 1/N: linear networks with exact slopes, and D of x and of φ of nonlinear networks."""
    fig = figure(9.6, 3.2)
    axes = fig.subplots(1, 3)
    linear_cases = tuple(name for name in CASES if name not in CURVED)
    groups = (("current", linear_cases), ("current", CURVED), ("rate", CURVED))
    place = 1 / data["size"].values
    for axis, (activity, names), mark in zip(axes, groups, "abc", strict=True):
        for number, name in enumerate(names):
            points, case = data.sel(case=name, activity=activity), CASES[name]
            colour, shifted = COLOURS[case.colour], place + 3e-4 * (number - (len(names) - 1) / 2)
            limit, fitted_slope, _ = _fit(data, name, activity)
            ends = np.array([0, place.max()])
            label = case.label.replace("g =", "$g$ =").replace("J_ii", "$J_{ii}$")
            axis.plot(ends, limit + fitted_slope * ends, lw=1, color=colour, label=label)
            axis.errorbar(
                shifted, points.simulated, points.simulated_se, fmt="o", ms=3.5, lw=1, mfc="white", color=colour
            )
            axis.errorbar(shifted - 1e-4, points.model, points.model_se, fmt="s", ms=3, lw=1, color=colour)
            slope = case.slopes[ACTIVITIES.index(activity)][0] if case.slopes else _exact(name)
            axis.plot(0, slope, "*", ms=8, color=colour, clip_on=False, zorder=5)
        axis.axhline(0, color=COLOURS["grey"], lw=0.6, zorder=0)
        axis.set(xlabel="$1/N$", xlim=(0, place.max() * 1.05))
        letter(axis, mark)
    for axis, label in zip(axes, ("linear", "$D$ of $x$", r"$D$ of $\phi(x)$"), strict=True):
        axis.set_ylabel(rf"$N\,(D - D_\infty)$, {label}")
    marks = {"reduced model": ("s", 3), "simulated": ("o", 3.5), "known slope": ("*", 8)}
    for label, (mark, width) in marks.items():
        fill = "white" if mark == "o" else COLOURS["grey"]
        axes[2].plot([], [], mark, ms=width, mfc=fill, color=COLOURS["grey"], label=label)
    legends = [axis.get_legend_handles_labels() for axis in (axes[0], axes[2])]
    handles, labels = ([*legends[0][k], *legends[1][k]] for k in (0, 1))
    fig.legend(handles, labels, loc="outside right center", fontsize=7)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims that theory and simulation agree in the slopes and at finite sizes."""
    slopes = [_slopes(data, name) if name in CURVED else _linear_slope(data, name) for name in CASES]
    return [*slopes, _sizes(data)]


def _linear_slope(data: xr.Dataset, name: str) -> Claim:
    limit, _, error = _fit(data, name, "current")
    exact, case = _exact(name), CASES[name]
    z, numbers = abs(limit - exact) / error, ", ".join(str(int(n)) for n in data["size"])
    formula = "−(2g² + 7g⁴)" if case.self_coupling else "g²(2 − 9g² − 2g⁴)"
    diagonal = "random J_ii" if case.self_coupling else "J_ii = 0"
    return holds(
        f"abstract: systematic 1/N corrections. Linear, g = {case.gain:g}, {diagonal}: N (D − D_∞) → {formula}",
        f"{exact:.5g} (theory)",
        f"{limit:.2f} ± {error:.2f} from exact covariances of random networks, N = {numbers}",
        z < THRESHOLD,
        why=f"the deviation is {z:.1f} standard errors",
        why_not=f"the deviation is {z:.1f} standard errors",
        **deviation_test(float(z), THRESHOLD),
    )


def _slopes(data: xr.Dataset, name: str) -> Claim:
    case, worst, result = CASES[name], 0.0, []
    for activity, (known, spread) in zip(ACTIVITIES, case.slopes, strict=True):
        limit, _, error = _fit(data, name, activity)
        worst = max(worst, abs(limit - known) / float(np.hypot(error, spread)))
        result.append(f"{limit:+.2f} ± {error:.2f}")
    return holds(
        f"abstract: systematic 1/N corrections. {case.label}: N (D − D_∞) of x and of φ as 1/N → 0",
        ", ".join(f"{known:+.2f} ± {spread:.2f}" for known, spread in case.slopes) + " (theory, independent program)",
        ", ".join(result),
        worst < THRESHOLD,
        why=f"the largest difference is {worst:.1f} standard errors; line through reduced model and simulation",
        why_not=f"deviations of up to {worst:.1f} standard errors; reduced model and simulation agree with each other, "
        "and the other value is based on only two sizes, N = 40 and 80",
        failed="differs",
        **deviation_test(float(worst), THRESHOLD, len(case.slopes)),
    )


def _sizes(data: xr.Dataset) -> Claim:
    points = data.sel(case=list(CURVED))
    z = np.abs(points.simulated - points.model) / np.hypot(points.simulated_se, points.model_se)
    number, worst = int(z.notnull().sum()), float(z.max())
    at = ", ".join(str(int(n)) for n in data["size"].values[z.notnull().any(["case", "activity"]).values])
    return holds(
        "abstract: simulations agree; N (D − D_∞) of simulated networks equals that of the reduced model",
        "agree",
        f"largest of {number} differences {worst:.1f} s.e., {int((z > THRESHOLD).sum())} beyond {THRESHOLD:g}; N = "
        f"{at}; standard errors {float(points.simulated_se.min()):.2f} to {float(points.simulated_se.max()):.2f}, "
        f"{int(points.failed.sum())} draws unsolved",
        worst < MAX_DEVIATION and int((z > THRESHOLD).sum()) <= 1,
        why="linear networks with the same weights and noise serve as control variates; the reduced model is exact at "
        "every N if the fixed point is unique",
        why_not="simulation and reduced model differ",
    )


FIGURE = Figure(
    "finite-size",
    "Finite-size corrections of the dimension against 1/N",
    study,
    plot,
    claims,
    caption=(
        "Circles are simulated and squares are the reduced model, both with standard errors. Lines are "
        "fits to both, and stars are slopes that are known from theory."
    ),
)
