"""Figure h: limits of the theory: fixed points lose stability at χ = 1, beyond which static theory does not apply."""

from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.optimize import brentq

from noisette.activations import Activation, Pade, Power, tanh
from noisette.networks import RateNetwork
from noisette.noise import Frozen
from noisette.papers._paper import Figure
from noisette.papers.correlations._runs import ACTIVITIES, blocks
from noisette.papers.correlations._sampled import dynamic_traces, snapshots
from noisette.plots import COLOURS, figure, letter
from noisette.probes import Snapshots
from noisette.simulation import simulate
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations, critical_gain

NOISE = Frozen(1.0)
ACTIVATIONS: dict[str, Activation] = {"tanh": tanh, "power": Power(0.75), "pade": Pade(1 / 3, 0.0)}
STYLES = {"tanh": ("tanh", "entropy"), "power": ("power ¾", "information"), "pade": ("Padé x/(1 + x²/3)", "purple")}
SMALL = {"tanh": "sky", "power": "orange"}  # colours of the smaller networks
# each cell of the study uses one value of each of the following three quantities
CHI = {
    "tanh": (0.5, 0.75, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.7),
    "power": (0.5, 0.75, 0.85, 0.9, 0.95, 1.0, 1.04, 1.08, 1.1),  # χ < 1.125 for all gains
}
STRENGTHS = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0)
GAINS = (1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0)
SIMULATED = (1.5, 2.0, 2.5, 3.5)
SIZES = {"smoke": (20, 40), "quick": (100, 200), "paper": (100, 400)}
STARTS = {"smoke": (4, 4), "quick": (12, 8), "paper": (20, 25)}  # networks, initial states per network
SIZE, DT, DISCARD = 400, 0.2, 60.0  # N, step and transient of the runs in panel c
RUNS = {"smoke": (2, 8), "quick": (8, 30), "paper": (30, 60)}  # networks, runs per network
DURATION, MAX_SPEED = 150.0, 1e-4  # time to converge, and largest |dx/dt|² of a converged flow
FLOW_DT = 0.3  # for this step, a fixed point is stable under Euler's method if and only if χ < 1, as in the flow
MAX_DEVIATION = 4.0  # standard errors; threshold for the largest of many deviations
CRITICAL = {("tanh", 1.0): 1.8556, ("tanh", 0.2): 1.3041, ("pade", 1.0): 1.8090}  # derived independently


def measure(cell: int, scale: str, seed: int) -> xr.Dataset:
    """Return, for one χ, fractions of flows that do not converge; for one s, critical gains; for one gain, D."""
    chi = {name: values[cell] for name, values in CHI.items()}
    fractions = [
        [_not_converged(ACTIVATIONS[name], gain_of(ACTIVATIONS[name], c), size, scale, seed) for size in SIZES[scale]]
        for name, c in chi.items()
    ]
    critical = [critical_gain(phi, Frozen(STRENGTHS[cell])) for phi in ACTIVATIONS.values()]
    data: dict[str, Any] = {
        "chi": ("flow", list(chi.values())),
        "unsettled": (("flow", "size"), fractions),
        "strength": STRENGTHS[cell],
        "critical": ("activation", critical),
        "gain": GAINS[cell],
    }
    data |= {name: ("activity", values) for name, values in _dimensions(GAINS[cell], scale, seed).items()}
    coords = {
        "flow": list(CHI), "size": list(SIZES[scale]), "activation": list(ACTIVATIONS), "activity": list(ACTIVITIES),
    }  # fmt: skip
    attrs = {"method": "mean-field, and simulated", "dt": DT, "runs_size": SIZE, "starts": int(np.prod(STARTS[scale]))}
    return xr.Dataset(data, coords, attrs)


def gain_of(activation: Activation, chi: float) -> float:
    """Return the gain at which the fixed points in noise of variance 1 have the given χ."""

    def excess(gain: float) -> float:
        return float(correlations(activation, gain, NOISE).susceptibility) - chi

    high = 0.5
    while excess(high) < 0:
        high *= 1.5
    return float(brentq(excess, 0.0, high, xtol=1e-9))  # type: ignore[arg-type]


def _not_converged(activation: Activation, gain: float, size: int, scale: str, seed: int) -> float:
    """Return the fraction of random initial states from which the flow has not converged at the end."""
    networks, starts = STARTS[scale]
    blocks_per_matrix = SIZES[scale][-1] // size  # small networks are blocks of one matrix, which avoids recompilation
    key, steps, speeds = jax.random.key(seed), round(DURATION / FLOW_DT), []
    for number in range(networks // blocks_per_matrix):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        network = RateNetwork(blocks(size, blocks_per_matrix, for_weights), gain, activation=activation, noise=NOISE)
        result = simulate(
            network,
            steps,
            Snapshots([DURATION - FLOW_DT]),
            key=for_noise,
            dt=FLOW_DT,
            runs=starts,
            start="normal",
            warn=False,
        )
        velocity = (result.final.values - result.snapshots.values[:, 0]) / FLOW_DT
        speeds.append((velocity.reshape(starts, blocks_per_matrix, size) ** 2).sum(2))
    return float(np.mean(~(np.array(speeds) <= MAX_SPEED)))  # divergent flows count as not converged


def _dimensions(gain: float, scale: str, seed: int) -> dict[str, np.ndarray]:
    """Return D and v by static theory, by dynamic theory, by dynamic theory for Euler steps, and by simulation."""
    statistics: dict[str, np.ndarray] = {}
    theories = {"static": {}, "dynamic": {"dynamic": True}, "euler": {"dynamic": True, "dt": DT}}
    if gain not in SIMULATED:
        del theories["euler"]
        statistics |= {"euler_variance": np.full(2, np.nan), "euler_dimension": np.full(2, np.nan)}
    for prefix, options in theories.items():
        tables = [correlations(tanh, gain, NOISE, activity=activity, **options) for activity in ACTIVITIES]
        for name, long in (("variance", "variance"), ("dimension", "participation_dimension")):
            statistics[f"{prefix}_{name}"] = np.array([float(table[long]) for table in tables])
    simulated = np.full((4, 2), np.nan)
    if gain in SIMULATED:
        networks, runs = RUNS[scale]
        states = snapshots(runs, dt=DT, discard=DISCARD)
        traces = dynamic_traces(tanh, gain, NOISE, states, size=SIZE, networks=networks, seed=seed)
        simulated = np.array([*traces.variance(), *traces.dimension()])
    names = ("simulated_variance", "error_variance", "simulated_dimension", "error_dimension")
    return statistics | dict(zip(names, simulated, strict=True))


def study(scale: str, seed: int) -> Study:
    """Return the study; each of its cells contains one point of every panel."""
    return Study("limits", measure, {"cell": list(range(len(GAINS)))}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot fractions of flows that do not converge, critical gains, and D across the critical gain."""
    fig = figure(9.8, 3.1)
    left, middle, right = fig.subplots(1, 3)
    for flow in CHI:
        label, colour = STYLES[flow]
        for size, line, name in zip(data["size"].values, ("--", "-"), (SMALL[flow], colour), strict=True):
            points = data.sel(flow=flow, size=size)
            style = {"color": COLOURS[name], "ms": 3.5, "lw": 1.2}
            left.plot(points.chi, points.unsettled, f"o{line}", label=rf"{label}, $N = {size}$", **style)
    left.axvline(1, ymax=0.74, color=COLOURS["grey"], lw=0.7, ls=":")
    left.set(xlabel=r"$\chi = g^2\langle\phi'^2\rangle$", ylabel="fraction not converged", ylim=(-0.03, 1.4))
    left.set_yticks(np.linspace(0, 1, 6))
    left.legend(loc="upper left", ncols=2, columnspacing=1, handlelength=2.2, fontsize=7.5)
    for name, (label, colour) in STYLES.items():
        middle.plot(data.strength, data.critical.sel(activation=name), color=COLOURS[colour], label=label)
    middle.set(
        xlabel="standard deviation $s$ of the noise", ylabel=r"critical gain ($\chi = 1$)", ylim=(0, None), xlim=(0, 3)
    )
    middle.legend(loc="lower right")
    _across(right, data)
    for axis, mark in zip((left, middle, right), "abc", strict=True):
        letter(axis, mark)
    return fig


def _across(axis: Any, data: xr.Dataset) -> None:
    """Plot D of x in tanh networks against the gain, across the critical gain."""
    critical = critical_gain(tanh, NOISE)
    of_x = data.sel(activity="current")
    colour = COLOURS["entropy"]
    near_critical = of_x.gain.values > critical - 0.2
    axis.plot(of_x.gain, of_x.dynamic_dimension, color=colour, label="dynamic theory")
    axis.plot(
        of_x.gain[near_critical],
        of_x.static_dimension[near_critical],
        ":",
        color=COLOURS["information"],
        label="static theory (fixed points)",
    )
    axis.plot(
        of_x.gain,
        of_x.euler_dimension,
        "_",
        ms=9,
        color=colour,
        label=rf"dynamic theory, $\mathrm{{d}}t = {data.attrs['dt']:g}$",
    )
    axis.errorbar(
        of_x.gain, of_x.simulated_dimension, of_x.error_dimension, fmt="o", ms=3.5, lw=1, mfc="white", color=colour,
        label=rf"simulated, $N = {data.attrs['runs_size']}$",
    )  # fmt: skip
    axis.axvline(critical, ymax=0.85, color=COLOURS["grey"], lw=0.7, ls=":")
    axis.annotate(r"$\chi = 1$", (critical, 0.88), xycoords=("data", "axes fraction"), ha="center", fontsize=8)
    axis.set(xlabel="gain $g$", ylabel="dimension $D$ of $x$ (tanh, $s = 1$)", ylim=(0, None))
    axis.legend(loc="upper right")


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the stability of fixed points, and about statements of the abstract beyond it."""
    return [_transition(data), _critical(data), _beyond(data), _chaos(data), _positive(data)]


def _transition(data: xr.Dataset) -> Claim:
    low = float(data.unsettled.where(data.chi <= 0.75).max())
    small, large = (data.isel(size=i) for i in (0, 1))
    above = [flows.unsettled.where(flows.chi > 1).mean("cell").values for flows in (small, large)]
    last = float(large.unsettled.isel(cell=-1).min())
    listed = []
    for flow in CHI:
        points = large.sel(flow=flow).isel(cell=[1, 3, 5, -1])
        pairs = zip(points.unsettled.values, points.chi.values, strict=True)
        listed.append(f"{STYLES[flow][0]}: " + ", ".join(f"{share:.2f} at χ = {chi:g}" for share, chi in pairs))
    return holds(
        "h: flows from random initial states converge for χ < 1 and do not for χ > 1, the more sharply the larger N",
        "theory: χ = 1; separate simulations, N = 400: 0 at χ = 0.75, 0.50 (tanh, 1.10), 1.0 (power ¾, 1.12)",
        f"N = {int(large['size'])}: {'; '.join(listed)}",
        low < 0.05 and last > 0.5 and bool((above[1] > above[0]).all()),
        why=f"at most {100 * low:.0f} % do not converge at χ ≤ 0.75 and at least {100 * last:.0f} % at the largest χ, "
        "more in the larger network: the transition is smoothed in finite networks",
        why_not="flows do not converge where they should, or converge where they should not",
    )


def _critical(data: xr.Dataset) -> Claim:
    gains = {(name, s): float(data.critical.sel(activation=name).values[STRENGTHS.index(s)]) for name, s in CRITICAL}
    largest_error = max(abs(gains[key] - value) for key, value in CRITICAL.items())

    def text(table: dict[tuple[str, float], float]) -> str:
        return ", ".join(f"{name} s = {s:g}: {g:.4f}" for (name, s), g in table.items())

    return holds(
        "h: critical gains (χ = 1); noise stabilises the fixed points",
        f"theory, derived independently: {text(CRITICAL)}",
        text(gains),
        largest_error < 1e-4 and bool((data.critical.diff("cell") > 0).all()),
        why="the values agree to all digits, and critical gains increase with the noise for all three activations",
        why_not=f"the values differ by up to {largest_error:.1g}, or do not increase with the noise",
    )


def _deviations(data: xr.Dataset, theory: str) -> float:
    """Return the largest deviation of simulated v and D from a theory beyond the critical gain, in standard errors."""
    points = data.isel(cell=np.isfinite(data.simulated_dimension.values).all(1) & (data.gain.values > 1.8556))
    return max(
        float((abs(points[f"simulated_{n}"] - points[f"{theory}_{n}"]) / points[f"error_{n}"]).max())
        for n in ("variance", "dimension")
    )


def _beyond(data: xr.Dataset) -> Claim:
    dynamic, static = _deviations(data, "euler"), _deviations(data, "static")
    point = data.isel(cell=GAINS.index(SIMULATED[-1]))
    v = [float(point[f"{n}_variance"][0]) for n in ("static", "dynamic", "simulated")]
    return holds(
        "h: beyond the critical gain the formulas for fixed points fail, and dynamic theory in frozen noise holds",
        "theory; the abstract does not mention the loss of stability",
        f"N = {data.attrs['runs_size']}: deviations of up to {static:.0f} standard errors from static theory, "
        f"{dynamic:.1f} from dynamic theory; v at g = {SIMULATED[-1]:g}: {v[0]:.2f} static theory, "
        f"{v[1]:.2f} dynamic theory, {v[2]:.2f} simulated",
        static > MAX_DEVIATION > dynamic,
        why="only dynamic theory is confirmed",
        why_not="the simulations do not distinguish the two theories, or contradict both",
    )


def _chaos(data: xr.Dataset) -> Claim:
    point = data.isel(cell=GAINS.index(2.5))
    values = [
        float(point[name][k])
        for name, k in (("dynamic_variance", 0), ("dynamic_dimension", 0), ("dynamic_dimension", 1))
    ]
    expected = (5.0878, 0.1008, 0.1254)
    simulated = f"{float(point.simulated_dimension[0]):.4f} ± {float(point.error_dimension[0]):.4f}"
    return holds(
        "h: chaos in frozen noise, tanh g = 2.5, s = 1: v, D_x, D_φ",
        "theory, derived independently: 5.0878, 0.1008, 0.1254; D_x simulated 0.1022 ± 0.0022",
        f"{values[0]:.4f}, {values[1]:.4f}, {values[2]:.4f}; D_x simulated {simulated}",
        max(abs(a - b) for a, b in zip(values, expected, strict=True)) < 2e-4,
        why=f"the numbers agree; simulated with N = {data.attrs['runs_size']} and steps of {data.attrs['dt']:g}",
        why_not="the numbers differ",
    )


def _positive(data: xr.Dataset) -> Claim:
    critical = critical_gain(tanh, NOISE)
    stable = (data.gain > 1) & (data.gain < critical)
    inside = data.static_dimension.where(stable)
    beyond = data.dynamic_dimension.where(data.gain > critical)
    ratio = (data.static_dimension / data.dynamic_dimension).where(data.gain > critical)
    return holds(
        "h: the dimension stays strictly positive beyond the linear instability",
        "nonlinearity resolves the instability at g = 1; D > 0",
        f"D ≥ {float(inside.min()):.3f} at gains up to {float(data.gain.where(stable).max()):g}; dynamic theory beyond "
        f"g = {critical:.4f} gives D ≥ {float(beyond.min()):.3f}, static theory "
        f"{100 * (1 - float(ratio.min())):.0f} % less there",
        float(inside.min()) > 0 and float(beyond.min()) > 0,
        why=f"this holds at fixed points for 1 < g < {critical:.4f} (tanh, s = 1). The abstract does not state that "
        "they lose stability there; beyond, D is that of chaotic activity, which is also positive but not given by "
        "the formulas for fixed points",
        why_not="D vanishes at some gain",
    )


FIGURE = Figure(
    "limits",
    "Loss of stability at χ = 1, and dynamic theory beyond it",
    study,
    plot,
    claims,
    caption=(
        "Panel a is simulated; b and the lines in c are mean-field theory. Circles in c are simulated, "
        "with standard errors over networks."
    ),
)
