"""Figure 9: memory and prediction of two sines with three protocols, and total capacity for random input."""

from typing import Any

import jax
import numpy as np
import xarray as xr

from noisette.analysis import driven_states, memory_curve, random_signal, sines, total_capacity
from noisette.averages import mean_and_error
from noisette.networks import ContinuousNetwork, Onsager, RateNetwork
from noisette.papers._paper import Figure
from noisette.papers.freezing_chaos import _runs
from noisette.papers.freezing_chaos._memory import claims
from noisette.plots import COLOURS, SERIES, figure, letter
from noisette.studies import Study

GAINS = (0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
FEW_GAINS = (1.0, 2.0, 8.0)  # at smoke scale
KINDS = ("plain", "outside", "inside")  # γ = 0; γ = 1 with the stimulus outside the reaction term (paper), and inside
LAGS = (1, 2, 5, 10, 30, 50)
LENGTH = 3000  # samples of the paper; the out-of-sample protocol starts after a washout
WASHOUT, SPLIT = 2000, (3000, 1000, 1000)
PROTOCOLS = ("inverse", "in-sample", "out-of-sample")
DIRECTIONS = ("prediction", "memory")
NETWORKS = {"smoke": 1, "quick": 2, "paper": 5}
VALUES = {"smoke": 300, "quick": 2000, "paper": 4000}  # random input values, each held for `HOLD`
LARGEST = {"smoke": 2.0, "quick": 8.0, "paper": 8.0}  # gain with random input, whose step decreases as 1/g²
HOLD = 0.5  # time constants
DELAYS = 20  # range of the memory function of random input


def measure(network: int, gain: float, scale: str, seed: int) -> xr.Dataset:
    """Return m(τ) of one network for each protocol, and its total capacity, with and without the Onsager term."""
    plain = RateNetwork(_runs.weights(scale, seed, network), gain)
    key = jax.random.fold_in(jax.random.key(seed), network)
    parts = []
    for kind in KINDS:
        driven = plain if kind == "plain" else Onsager(plain, 1.0, kind)
        random = _random(driven, scale, key) if gain <= LARGEST[scale] else _unknown()
        parts.append(_sines(driven, key).merge(random))
    attrs = {"method": "simulated", "estimator": "single-run", "size": _runs.size_of(scale), "dt": _runs.PAPER_DT}
    kinds = xr.DataArray(list(KINDS), dims="kind", name="kind")
    return xr.concat(parts, kinds, combine_attrs="drop").assign_attrs(attrs)


def _sines(network: ContinuousNetwork, key: jax.Array) -> xr.Dataset:
    """Return m(τ) for two sines at the step of the paper."""
    signal = sines(WASHOUT + sum(SPLIT) + max(LAGS))
    x = driven_states(network, signal, _runs.PAPER_DT, warn=False, key=key).states.values
    rows = [[_score(x, signal, direction, protocol) for protocol in PROTOCOLS] for direction in DIRECTIONS]
    values = np.array([[curve.memory.values for curve in row] for row in rows])
    return xr.Dataset(
        {"m": (("direction", "protocol", "lag"), values), "condition": float(rows[0][0].condition)},
        {"direction": list(DIRECTIONS), "protocol": list(PROTOCOLS), "lag": list(LAGS)},
    )


def _score(x: np.ndarray, signal: np.ndarray, direction: Any, protocol: Any) -> xr.Dataset:
    if protocol == "out-of-sample":
        return memory_curve(x, signal, LAGS, direction=direction, washout=WASHOUT, split=SPLIT)
    length = LENGTH + max(LAGS)
    options = {"direction": direction, "protocol": protocol, "reference": "power", "washout": 0}  # Eq 20 as printed
    return memory_curve(x[:length], signal[:length], LAGS, **options)


def _random(network: ContinuousNetwork, scale: str, key: jax.Array) -> xr.Dataset:
    """Return the capacity for independent values, with a step that is stable for the frozen network at this gain."""
    inner = network.network if isinstance(network, Onsager) else network
    assert isinstance(inner, RateNetwork)
    hold = max(10, int(np.ceil(4 * HOLD * float(inner.gain) ** 2)))  # dt × sharpness = 3.26/4
    values = random_signal(VALUES[scale] * hold, hold, key=jax.random.fold_in(key, 1))
    driven = driven_states(network, values, HOLD / hold, every=hold, warn=False, key=key)
    capacity = total_capacity(driven.states.values, driven.signal.values)
    memory = capacity.memory.values[:DELAYS]
    return _unknown().assign(capacity=float(capacity.capacity), random=("delay", memory))


def _unknown() -> xr.Dataset:
    return xr.Dataset(
        {"capacity": np.nan, "random": ("delay", np.full(DELAYS, np.nan))}, {"delay": np.arange(1, DELAYS + 1)}
    )


def study(scale: str, seed: int) -> Study:
    """Return the study over networks and gains."""
    gains = FEW_GAINS if scale == "smoke" else GAINS
    grid = {"network": range(NETWORKS[scale]), "gain": list(gains)}
    return Study("fig9", measure, grid, {"scale": scale, "seed": seed})


STYLES = {
    "plain": ("o--", COLOURS["grey"], r"$\gamma = 0$"),
    "outside": ("s-", COLOURS["information"], r"$\gamma = 1$, stimulus outside"),
    "inside": ("^-", COLOURS["entropy"], r"$\gamma = 1$, stimulus inside"),
}


def plot(data: xr.Dataset):
    """Plot m(τ) for two sines, as published and out of sample, and capacity and m(τ) for random input."""
    fig = figure(11.0, 6.0)
    axes = fig.subplots(2, 3)
    titles = {
        "inverse": "two sines, as published\n(in sample, unregularised inverse)",
        "out-of-sample": "two sines, out of sample\n(ridge from validation; axis cut at −1)",
    }
    for column, protocol in enumerate(titles):
        for row, direction in enumerate(DIRECTIONS):
            axis = axes[row, column]
            curves = data.m.sel(protocol=protocol, direction=direction).median("network")
            for gain, colour in zip(data.gain.values, SERIES, strict=False):
                for kind, marks in (("plain", "o--"), ("outside", "s-")):
                    label = rf"$g = {gain:g}$" if kind == "outside" else None
                    axis.plot(
                        data.lag, curves.sel(gain=gain, kind=kind), marks, ms=3, lw=1.1, color=colour, label=label
                    )
            axis.set_ylabel(rf"{direction} $m(\tau)$")
            if protocol != "inverse":
                axis.set_ylim(-1.1, 1.1)  # at gains with an unstable Euler step m is far below
            elif float(curves.min()) < -1:
                axis.set_yscale("symlog", linthresh=1)
            letter(axis, "ab"[row] if column == 0 else ("a′", "b′")[row])
        axes[0, column].set_title(titles[protocol])
        axes[1, column].set_xlabel(r"lag $\tau$ (steps)")
    handles, labels = axes[0, 0].get_legend_handles_labels()
    caption = r"a, b: solid, $\gamma = 1$ with the stimulus outside the reaction term; dashed, $\gamma = 0$"
    fig.legend(handles, labels, title=caption, loc="outside lower left", ncols=len(handles), title_fontsize=8)
    _draw_random(axes[0, 2], axes[1, 2], data.sel(gain=data.capacity.notnull().all(["network", "kind"])))
    return fig


def _draw_random(top: Any, bottom: Any, data: xr.Dataset) -> None:
    """Plot the capacity against the gain, and the memory function at one gain."""
    shown = float(data.gain[np.abs(data.gain.values - 2.0).argmin()])
    for kind, (marks, colour, label) in STYLES.items():
        mean, error = mean_and_error(data.capacity.sel(kind=kind))  # the error of a single network is NaN: no bar
        top.errorbar(data.gain, mean, error, fmt=marks, ms=3.5, lw=1.2, color=colour, label=label)
        curve = data.random.sel(kind=kind, gain=shown).mean("network")
        bottom.plot(data.delay, curve, marks, ms=3, lw=1.2, color=colour)
    top.set_title("independent random input,\nout of sample")
    top.set_xscale("log", base=2)
    top.set_xticks(data.gain.values, [f"{g:g}" for g in data.gain.values])
    top.set(xlabel="gain $g$", ylabel="total capacity")
    top.set_ylim(bottom=0)
    top.legend(fontsize=7)
    bottom.set_xticks([1, *range(5, DELAYS + 1, 5)])
    bottom.set(xlabel=rf"delay (values, each held for ${HOLD:g}\,\tau$)", ylabel=rf"memory $m$ at $g = {shown:g}$")
    letter(top, "c")
    letter(bottom, "d")


FIGURE = Figure(
    "fig9",
    "Memory and prediction of two sines, and capacity for random input",
    study,
    plot,
    claims,
    caption=(
        "All results are simulated. Curves in a and b are medians over networks; values in c are means "
        "with standard errors over networks, and in d means over networks. Primes mark panels that are "
        "not in the paper."
    ),
)
