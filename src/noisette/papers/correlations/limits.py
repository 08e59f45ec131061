"""Figure h: where it breaks: fixed points lose their stability at χ = 1, and static theory its subject."""

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
from noisette.papers.correlations._sampled import moving_traces, snapshots
from noisette.plots import COLOURS, figure, letter
from noisette.probes import Snapshots
from noisette.simulation import simulate
from noisette.studies import Claim, Study, holds
from noisette.theory import correlations, critical_gain

NOISE = Frozen(1.0)
ACTIVATIONS: dict[str, Activation] = {"tanh": tanh, "power": Power(0.75), "pade": Pade(1 / 3, 0.0)}
LOOK = {"tanh": ("tanh", "entropy"), "power": ("power ¾", "information"), "pade": ("Padé x/(1 + x²/3)", "purple")}
# every cell of the study has one value of each of these three
CHI = {
    "tanh": (0.5, 0.75, 0.9, 1.0, 1.1, 1.2, 1.35, 1.5, 1.7),
    "power": (0.5, 0.75, 0.85, 0.9, 0.95, 1.0, 1.04, 1.08, 1.1),  # below 1.125, which χ never exceeds
}
STRENGTHS = (0.05, 0.1, 0.2, 0.4, 0.7, 1.0, 1.5, 2.0, 3.0)
GAINS = (1.25, 1.5, 1.75, 2.0, 2.25, 2.5, 3.0, 3.5, 4.0)
SIMULATED = (1.5, 2.0, 2.5, 3.5)
SIZES = {"smoke": (20, 40), "quick": (100, 200), "paper": (100, 400)}
STARTS = {"smoke": (4, 4), "quick": (12, 8), "paper": (20, 25)}  # networks, starts of each
SIZE, DT, SETTLE = 400, 0.2, 60.0  # N of the runs in panel c, their step, and what is not counted of them
RUNS = {"smoke": (2, 8), "quick": (8, 30), "paper": (30, 60)}  # networks, runs of each
DURATION, STILL = 150.0, 1e-4  # how long a flow may take to settle, and |dx/dt|² of one that has
FLOW_DT = 0.3  # a fixed point is stable in these steps just where it is in the flow, χ < 1
MOST = 4.0  # standard errors, for the largest of many deviations
CRITICAL = {("tanh", 1.0): 1.8556, ("tanh", 0.2): 1.3041, ("pade", 1.0): 1.8090}  # our derivation


def measure(cell: int, scale: str, seed: int) -> xr.Dataset:
    """Return the shares of flows that do not settle at one χ, critical gains at one s, and D at one gain."""
    chi = {name: values[cell] for name, values in CHI.items()}
    shares = [
        [_unsettled(ACTIVATIONS[name], gain_of(ACTIVATIONS[name], c), size, scale, seed) for size in SIZES[scale]]
        for name, c in chi.items()
    ]
    critical = [critical_gain(phi, Frozen(STRENGTHS[cell])) for phi in ACTIVATIONS.values()]
    data: dict[str, Any] = {
        "chi": ("flow", list(chi.values())),
        "unsettled": (("flow", "size"), shares),
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
    """Return the gain at which the fixed points in noise of variance 1 have this χ."""

    def above(gain: float) -> float:
        return float(correlations(activation, gain, NOISE).susceptibility) - chi

    high = 0.5
    while above(high) < 0:
        high *= 1.5
    return float(brentq(above, 0.0, high, xtol=1e-9))  # type: ignore[arg-type]


def _unsettled(activation: Activation, gain: float, size: int, scale: str, seed: int) -> float:
    """Return the share of random starts from which the flow is still moving at the end."""
    networks, starts = STARTS[scale]
    together = SIZES[scale][-1] // size  # small networks share a matrix as blocks: each shape is compiled once
    key, steps, speeds = jax.random.key(seed), round(DURATION / FLOW_DT), []
    for number in range(networks // together):
        for_weights, for_noise = jax.random.split(jax.random.fold_in(key, number))
        network = RateNetwork(blocks(size, together, for_weights), gain, activation=activation, noise=NOISE)
        found = simulate(
            network,
            steps,
            Snapshots([DURATION - FLOW_DT]),
            key=for_noise,
            dt=FLOW_DT,
            runs=starts,
            start="normal",
            warn=False,
        )
        velocity = (found.final.values - found.snapshots.values[:, 0]) / FLOW_DT
        speeds.append((velocity.reshape(starts, together, size) ** 2).sum(2))
    return float(np.mean(~(np.array(speeds) <= STILL)))  # what ran away moves too


def _dimensions(gain: float, scale: str, seed: int) -> dict[str, np.ndarray]:
    """Return D and v in static theory, in dynamic theory, in that of Euler steps, and simulated."""
    found: dict[str, np.ndarray] = {}
    theories = {"static": {}, "dynamic": {"dynamic": True}, "euler": {"dynamic": True, "dt": DT}}
    if gain not in SIMULATED:
        del theories["euler"]
        found |= {"euler_variance": np.full(2, np.nan), "euler_dimension": np.full(2, np.nan)}
    for prefix, options in theories.items():
        tables = [correlations(tanh, gain, NOISE, activity=each, **options) for each in ACTIVITIES]
        for name, long in (("variance", "variance"), ("dimension", "participation_dimension")):
            found[f"{prefix}_{name}"] = np.array([float(table[long]) for table in tables])
    simulated = np.full((4, 2), np.nan)
    if gain in SIMULATED:
        networks, runs = RUNS[scale]
        states = snapshots(runs, dt=DT, discard=SETTLE)
        traces = moving_traces(tanh, gain, NOISE, states, size=SIZE, networks=networks, seed=seed)
        simulated = np.array([*traces.variance(), *traces.dimension()])
    names = ("simulated_variance", "error_variance", "simulated_dimension", "error_dimension")
    return found | dict(zip(names, simulated, strict=True))


def study(scale: str, seed: int) -> Study:
    """Return the study whose cells each hold one point of every panel."""
    return Study("limits", measure, {"cell": list(range(len(GAINS)))}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw shares of unsettled flows over χ, critical gains over the noise, and D across the critical gain."""
    made = figure(9.8, 3.1)
    left, middle, right = made.subplots(1, 3)
    for flow in CHI:
        label, colour = LOOK[flow]
        for size, line, face in zip(data["size"].values, ("--", "-"), ("white", COLOURS[colour]), strict=True):
            here = data.sel(flow=flow, size=size)
            style = {"color": COLOURS[colour], "mfc": face, "ms": 3.5, "lw": 1.2}
            left.plot(here.chi, here.unsettled, f"o{line}", label=f"{label}, N = {size}", **style)
    left.axvline(1, ymax=0.74, color=COLOURS["grey"], lw=0.7, ls=":")
    left.set(xlabel="χ = g² ⟨φ'²⟩", ylabel="share of starts still moving", ylim=(-0.03, 1.4))
    left.set_yticks(np.linspace(0, 1, 6))
    left.legend(loc="upper left", ncols=2, columnspacing=1, handlelength=2.2, fontsize=7.5)
    for name, (label, colour) in LOOK.items():
        middle.plot(data.strength, data.critical.sel(activation=name), color=COLOURS[colour], label=label)
    middle.set(xlabel="standard deviation s of the noise", ylabel="critical gain, χ = 1", ylim=(0, None), xlim=(0, 3))
    middle.legend(loc="lower right")
    _across(right, data)
    for axis, mark in zip((left, middle, right), "abc", strict=True):
        letter(axis, mark)
    return made


def _across(axis: Any, data: xr.Dataset) -> None:
    """Draw D of x in tanh networks over the gain, through the critical one."""
    critical = critical_gain(tanh, NOISE)
    here = data.sel(activity="current")
    colour = COLOURS["entropy"]
    beyond = here.gain.values > critical - 0.2
    axis.plot(here.gain, here.dynamic_dimension, color=colour, label="motion")
    axis.plot(here.gain[beyond], here.static_dimension[beyond], ":", color=COLOURS["information"], label="fixed points")
    axis.plot(here.gain, here.euler_dimension, "_", ms=9, color=colour, label=f"motion, steps of {data.attrs['dt']:g}")
    axis.errorbar(
        here.gain, here.simulated_dimension, here.error_dimension, fmt="o", ms=3.5, lw=1, mfc="white", color=colour,
        label=f"N = {data.attrs['runs_size']}",
    )  # fmt: skip
    axis.axvline(critical, ymax=0.85, color=COLOURS["grey"], lw=0.7, ls=":")
    axis.annotate("χ = 1", (critical, 0.88), xycoords=("data", "axes fraction"), ha="center", fontsize=8)
    axis.set(xlabel="gain g", ylabel="D of x; tanh, s = 1", ylim=(0, None))
    axis.legend(loc="upper right")


def claims(data: xr.Dataset) -> list[Claim]:
    """Return where fixed points end, and what the abstract's statements are worth beyond."""
    return [_transition(data), _critical(data), _beyond(data), _chaos(data), _positive(data)]


def _transition(data: xr.Dataset) -> Claim:
    low = float(data.unsettled.where(data.chi <= 0.75).max())
    small, large = (data.isel(size=i) for i in (0, 1))
    above = [one.unsettled.where(one.chi > 1).mean("cell").values for one in (small, large)]
    last = float(large.unsettled.isel(cell=-1).min())
    listed = []
    for flow in CHI:
        here = large.sel(flow=flow).isel(cell=[1, 3, 5, -1])
        pairs = zip(here.unsettled.values, here.chi.values, strict=True)
        listed.append(f"{LOOK[flow][0]}: " + ", ".join(f"{share:.2f} at χ = {chi:g}" for share, chi in pairs))
    return holds(
        "h: flows from random starts settle below χ = 1 and keep moving above it, the more so the larger N",
        "theory: χ = 1; separate simulations of N = 400: 0 at χ = .75, .50 (tanh, 1.10), 1.0 (power ¾, 1.12)",
        f"N = {int(large['size'])}: {'; '.join(listed)}",
        low < 0.05 and last > 0.5 and bool((above[1] > above[0]).all()),
        why=f"at most {100 * low:.0f} % move at χ ≤ 0.75 and at least {100 * last:.0f} % at the largest χ, more in the "
        "larger network: finite networks round the transition",
        why_not="flows move where they should settle, or settle where they should move",
    )


def _critical(data: xr.Dataset) -> Claim:
    found = {(name, s): float(data.critical.sel(activation=name).values[STRENGTHS.index(s)]) for name, s in CRITICAL}
    off = max(abs(found[key] - value) for key, value in CRITICAL.items())

    def text(table: dict[tuple[str, float], float]) -> str:
        return ", ".join(f"{name} s = {s:g}: {g:.4f}" for (name, s), g in table.items())

    return holds(
        "h: critical gains, χ = 1; noise stabilises",
        f"theory, derived independently: {text(CRITICAL)}",
        text(found),
        off < 1e-4 and bool((data.critical.diff("cell") > 0).all()),
        why="the same to the digits given, and they rise with the noise for all three activations",
        why_not=f"off by up to {off:.1g}, or not rising with the noise",
    )


def _deviations(data: xr.Dataset, theory: str) -> float:
    """Return the largest deviation of simulated v and D from a theory beyond the critical gain, in standard errors."""
    here = data.isel(cell=np.isfinite(data.simulated_dimension.values).all(1) & (data.gain.values > 1.8556))
    return max(
        float((abs(here[f"simulated_{n}"] - here[f"{theory}_{n}"]) / here[f"error_{n}"]).max())
        for n in ("variance", "dimension")
    )


def _beyond(data: xr.Dataset) -> Claim:
    dynamic, static = _deviations(data, "euler"), _deviations(data, "static")
    here = data.isel(cell=GAINS.index(SIMULATED[-1]))
    v = [float(here[f"{n}_variance"][0]) for n in ("static", "dynamic", "simulated")]
    return holds(
        "h: beyond the critical gain formulas of fixed points fail, and dynamic theory in frozen noise holds",
        "theory: so; the abstract does not mention the loss of stability",
        f"N = {data.attrs['runs_size']}: off by up to {static:.0f} standard errors from fixed points, "
        f"{dynamic:.1f} from dynamic theory; v at g = {SIMULATED[-1]:g}: {v[0]:.2f} fixed points, "
        f"{v[1]:.2f} motion, {v[2]:.2f} simulated",
        static > MOST > dynamic,
        why="only the theory of motion is confirmed",
        why_not="simulations do not tell the two theories apart, or contradict both",
    )


def _chaos(data: xr.Dataset) -> Claim:
    here = data.isel(cell=GAINS.index(2.5))
    found = [
        float(here[name][k])
        for name, k in (("dynamic_variance", 0), ("dynamic_dimension", 0), ("dynamic_dimension", 1))
    ]
    expected = (5.0878, 0.1008, 0.1254)
    simulated = f"{float(here.simulated_dimension[0]):.4f} ± {float(here.error_dimension[0]):.4f}"
    return holds(
        "h: chaos in frozen noise, tanh g = 2.5, s = 1: v, D_x, D_φ",
        "theory, derived independently: 5.0878, .1008, .1254; D_x simulated .1022 ± .0022",
        f"{found[0]:.4f}, {found[1]:.4f}, {found[2]:.4f}; D_x simulated {simulated}",
        max(abs(a - b) for a, b in zip(found, expected, strict=True)) < 2e-4,
        why=f"the same numbers; simulated with N = {data.attrs['runs_size']} in steps of {data.attrs['dt']:g}",
        why_not="numbers differ",
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
        f"D ≥ {float(inside.min()):.3f} at gains to {float(data.gain.where(stable).max()):g}; motion beyond "
        f"g = {critical:.4f} has D ≥ {float(beyond.min()):.3f}, fixed points "
        f"{100 * (1 - float(ratio.min())):.0f} % less there",
        float(inside.min()) > 0 and float(beyond.min()) > 0,
        why=f"it does, at fixed points for 1 < g < {critical:.4f} (tanh, s = 1). The abstract does not say that they "
        "lose stability there: beyond, D is that of chaotic motion, positive too, but not that of the formulas for "
        "fixed points",
        why_not="D vanishes somewhere",
    )


FIGURE = Figure("limits", "Loss of stability at χ = 1, and what holds beyond", study, plot, claims)
