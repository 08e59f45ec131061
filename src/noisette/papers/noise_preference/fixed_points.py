"""Mechanism: shifts of fixed points by noise inside the activation, by theory and in simulations."""

from typing import Any

import jax.numpy as jnp
import numpy as np
import xarray as xr
from scipy.stats import linregress

from noisette.activations import Activation, Formula, Smoothed, linear, relu, sigmoid, tanh
from noisette.networks import RateNetwork, TaskNetwork
from noisette.noise import Placed, SampleAndHold
from noisette.papers._paper import Figure
from noisette.papers.noise_preference._curves import ABSTRACT, LARGEST, SIGNIFICANCE, mean_and_error, p_value
from noisette.papers.noise_preference._runs import EXPERIMENTS, FIRST_SEED, loss, trained_networks
from noisette.plots import COLOURS, SERIES, figure, letter
from noisette.probes import Trace
from noisette.simulation import simulate
from noisette.studies import Claim, Study, compare, holds
from noisette.training import run_trials

COUPLING, BIAS = 0.5, 0.5  # of the single unit
ACTIVATIONS: dict[str, Activation] = {
    "relu": relu,
    "softplus": Formula("log(1+exp(x))"),
    "sigmoid": sigmoid,
    "tanh": tanh,
    "linear": linear,
}
NOISE = np.array([0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0])
HELD = 0.02  # time for which a value of the noise is held, and step of the simulation, in time constants
UNITS = {"smoke": 20, "quick": 200, "paper": 2000}  # independent copies of the single unit
DURATION = {"smoke": 20.0, "quick": 60.0, "paper": 200.0}
TASK = "function-approximation"
TRIALS = {"smoke": 10, "quick": 100, "paper": 1000}  # of each input
SETTLED = 5000.0  # ms
STD = EXPERIMENTS[TASK].levels["inside"][LARGEST]


def study(scale: str, seed: int) -> Study:
    """Return the study over the parts of the figure: single units, and networks with noise inside or outside."""
    axes = {"part": ["units", "inside", "outside"]}
    return Study("fixed-points", measure, axes, {"scale": scale, "seed": FIRST_SEED + seed})


def measure(part: str, scale: str, seed: int) -> xr.Dataset:
    """Return the data of one part of the figure."""
    if part == "units":
        return single_units(scale, seed)
    networks = trained_networks(TASK, part, LARGEST, scale, seed)
    slopes = ("network", [relative_slope(network, scale, seed) for network in networks])
    data = xr.Dataset({"slope": slopes}, attrs={"method": "simulated"})
    return data if part == "outside" else data.merge(output_shifts(networks, scale, seed))


def fixed_point(activation: Activation, std: float) -> float:
    """Return the solution of x = w φ_σ(x) + b, where φ_σ is the smoothed activation.

    Examples
    --------
    >>> fixed_point(linear, 1.0)  # b/(1 − w)
    1.0
    """
    smooth, x = Smoothed(activation, std), jnp.asarray(0.0)
    for _ in range(60):  # the map contracts: w times the slope is at most ½
        x = COUPLING * smooth(x) + BIAS
    return round(float(x), 12)


def single_units(scale: str, seed: int) -> xr.Dataset:
    """Return fixed points by theory, and means over time and over independent units in simulations."""
    size, duration = UNITS[scale], DURATION[scale]
    theory, means, errors = [], [], []
    for activation in ACTIVATIONS.values():
        theory.append([fixed_point(activation, float(std)) for std in NOISE])
        networks = [
            RateNetwork(
                COUPLING * np.eye(size),
                bias=BIAS,
                activation=activation,
                noise=Placed(SampleAndHold(float(std), HELD), "activation"),
            )
            for std in NOISE
        ]
        start = np.array(theory[-1])[:, None] * np.ones(size)
        result = [
            simulate(network, duration=duration, probes=Trace(every=10), dt=HELD, start=x, key=seed, warn=False)
            for network, x in zip(networks, start, strict=True)
        ]
        traces = np.array([data.trace.values[0] for data in result])  # (noise, time, unit)
        per_unit = traces[:, traces.shape[1] // 4 :].mean(1)
        means.append(per_unit.mean(1))
        errors.append(per_unit.std(1, ddof=1) / np.sqrt(size))
    dims = ["activation", "noise"]
    return xr.Dataset(
        {"theory": (dims, theory), "simulated": (dims, means), "simulated_se": (dims, errors)},
        {"activation": list(ACTIVATIONS), "noise": NOISE},
        {"method": "exact and simulated"},
    )


def stationary_outputs(network: TaskNetwork, inputs: np.ndarray, std: float) -> np.ndarray:
    """Return the outputs at the fixed points of the network with the smoothed activation, for each constant input."""
    equivalent = network.network
    assert equivalent.input_weights is not None
    biases = [equivalent.input_weights @ jnp.asarray(u) for u in inputs]
    smooth = [
        RateNetwork(
            equivalent.weights,
            tau=equivalent.tau,
            bias=bias,
            activation=Smoothed(sigmoid, std),
            readout=equivalent.readout,
            readout_bias=equivalent.readout_bias,
            unit_of_time="ms",
        )
        for bias in biases
    ]
    final = simulate(smooth, duration=SETTLED, dt=10.0, start=0.0, key=0, warn=False).final.values
    return np.array([n.output(jnp.asarray(x.reshape(-1)))[0] for n, x in zip(smooth, final, strict=True)])


def output_shifts(networks: list[TaskNetwork], scale: str, seed: int) -> xr.Dataset:
    """Return how the mean outputs change when the noise of the training is removed, by theory and simulated."""
    task: Any = EXPERIMENTS[TASK].task
    inputs = np.stack([task.grid, np.ones(task.points)], axis=1)
    theory = [stationary_outputs(n, inputs, 0.0) - stationary_outputs(n, inputs, STD) for n in networks]
    simulated = [mean_outputs(n, False, scale, seed) - mean_outputs(n, True, scale, seed) for n in networks]
    dims = ["network", "x"]
    return xr.Dataset({"shift_theory": (dims, theory), "shift": (dims, simulated)}, {"x": task.grid})


def mean_outputs(network: TaskNetwork, noisy: bool, scale: str, seed: int) -> np.ndarray:
    """Return the mean output in the response window for each input, of many trials."""
    task = EXPERIMENTS[TASK].task
    means = []
    for label in range(len(task.conditions)):
        trials = run_trials(network, task, TRIALS[scale], key=seed + 2, internal_noise=noisy, label=label)
        filtered = np.asarray(loss().filtered(trials.outputs.values.astype(float)))
        means.append(filtered[:, trials.mask.values[0] > 0, 0].mean())
    return np.array(means)


def relative_slope(network: TaskNetwork, scale: str, seed: int) -> float:
    """Return the mean slope of the activation at the states of a network in the window, over the largest slope ¼."""
    task = EXPERIMENTS[TASK].task
    trials = run_trials(network, task, EXPERIMENTS[TASK].sizes[scale].trials, key=seed + 3, units=True)
    rates = np.asarray(sigmoid(jnp.asarray(trials.units.values[:, trials.mask.values[0] > 0], float)))
    return float(4 * (rates * (1 - rates)).mean())


def plot(data: xr.Dataset):
    """Plot fixed points of single units, shifts of the outputs of networks, and slopes of the activation."""
    fig = figure(8.2, 2.9)
    left, middle, right = fig.subplots(1, 3)
    units = data.sel(part="units")
    for name, colour in zip(ACTIVATIONS, SERIES, strict=False):
        values = units.sel(activation=name)
        left.plot(data.noise, values.theory, color=colour, label=name)
        left.errorbar(data.noise, values.simulated, values.simulated_se, color=colour, fmt="o", ms=3)
    left.set_xlabel(r"noise inside the activation, $\sigma$")
    left.set_ylabel(r"fixed point $x^*$")
    left.set_ylim(top=1.85)
    left.legend(fontsize=7, ncols=2, loc="upper left")
    inside = data.sel(part="inside")
    ends = float(min(inside.shift_theory.min(), inside["shift"].min())), float(inside["shift"].max())
    middle.plot(ends, ends, color=COLOURS["grey"], lw=0.9)
    middle.plot(inside.shift_theory.values.T, inside["shift"].values.T, "o", ms=3, color=SERIES[0])
    middle.set_xlabel("shift of the output, theory")
    middle.set_ylabel("shift of the output, simulated")
    middle.set_title("noise removed from networks")
    slopes = data.slope.sel(part=["inside", "outside"]).values
    right.plot([0, 1], slopes, "o-", ms=3, lw=0.7, color=COLOURS["grey"])
    right.set_xticks([0, 1], ["inside", "outside"])
    right.set_xlim(-0.4, 1.4)
    right.set_ylim(bottom=0)
    right.set_xlabel("noise of the training")
    right.set_ylabel("slope / largest slope")
    for axis, mark in zip((left, middle, right), "abc", strict=True):
        letter(axis, mark)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of the abstract about the mechanism."""
    units = data.sel(part="units")
    shift = (units.simulated - units.simulated.sel(noise=0.0)).sel(activation="softplus", noise=2.0)
    expected = (units.theory - units.theory.sel(noise=0.0)).sel(activation="softplus", noise=2.0)
    straight = (units.simulated - units.theory).sel(activation="linear", noise=2.0)
    straight_se = float(units.simulated_se.sel(activation="linear", noise=2.0))
    inside = data.sel(part="inside")
    line: Any = linregress(inside.shift_theory.values.ravel(), inside["shift"].values.ravel())
    slopes = {part: data.slope.sel(part=part).values for part in ("inside", "outside")}
    p = p_value(slopes["outside"] - slopes["inside"])
    values = {part: "{:.2f} ± {:.1g}".format(*mean_and_error(slope)) for part, slope in slopes.items()}
    return [
        compare(
            "shift of the fixed point of a softplus unit, x* = w ⟨φ(x* + σξ)⟩ + b, by noise σ = 2 inside",
            round(float(expected), 4),
            float(shift),
            0.01 * float(expected),
            error=float(units.simulated_se.sel(activation="softplus", noise=2.0)),
            agrees="the published value is our theory for this unit; noise that is fast compared with the unit",
            differs="the published value is our theory for this unit; noise that is fast compared with the unit",
        ),
        holds(
            "a linear unit, whose noise is not attenuated, has no shift of its fixed point",
            "the bias arises near nonlinearities",
            f"shift {float(straight):+.4f} ± {straight_se:.1g} at σ = 2",
            abs(float(straight)) < 3 * straight_se,
            why="within three standard errors",
            why_not="more than three standard errors",
        ),
        holds(
            "shifts of fixed points account for the bias of the outputs when the noise is removed",
            "shifts of fixed points bias the outputs when the noise is removed",
            f"simulated against predicted shift: slope {line.slope:.2f} ± {line.stderr:.1g}, r = {line.rvalue:.2f}",
            bool(line.rvalue > 0.9 and abs(line.slope - 1) < 0.25),
            why=f"function approximation, σ = {STD:g}; fixed points of the network with the "
            f"smoothed activation; {ABSTRACT}",
            why_not="correlation below 0.9, or slope outside 0.75 … 1.25",
        ),
        holds(
            "networks operate closer to the nonlinearity of the activation if they are trained with noise inside it",
            "optimization of performance leads there with noise inside, but not outside",
            f"mean slope of the activation over its largest slope: {values['inside']} inside, {values['outside']} "
            "outside",
            p < SIGNIFICANCE,
            why=f"paired over networks, one-sided t test; {ABSTRACT}",
            why_not=f"the slopes do not differ significantly in this direction; logistic units, whose largest slope is "
            f"at their centre; {ABSTRACT}",
            p=p,
            level=SIGNIFICANCE,
        ),
    ]


FIGURE = Figure(
    "fixed-points",
    "Shift of fixed points by noise inside the activation",
    study,
    plot,
    claims,
    caption=(
        "a: lines are theory, x* = w⟨φ(x* + σξ)⟩ + b with w = b = ½; symbols are simulated means over independent "
        "units with standard errors. b: one symbol per network and input; theory is the fixed point of the network "
        "with the smoothed activation. c: one line per pair of networks that started from the same weights."
    ),
)
