"""Figure 5: firing rates of dominant and other units during the delay."""

from pathlib import Path

import jax
import numpy as np
import xarray as xr
from scipy.special import expit

from noisette.analysis import delay_state, dominant_units, modes
from noisette.papers._paper import Figure
from noisette.papers.working_memory import _stored
from noisette.papers.working_memory._claims import (
    ByChannels,
    Expected,
    for_each_source,
    groups_differ,
    pairs_differ,
    sources,
    values_of,
    without_and_with_ten,
)
from noisette.papers.working_memory._ensembles import of_dms
from noisette.papers.working_memory._panels import boxes_by_channels
from noisette.papers.working_memory._summary import EVERY
from noisette.papers.working_memory.fig1 import learning
from noisette.plots import figure, group_rates, letter
from noisette.studies import Claim, Study
from noisette.tasks import DMS
from noisette.training import run_trials

TRIALS = {"smoke": 2, "quick": 25, "paper": 50}
EXAMPLES = (0, 10)
SHOWN = ((250, 500), (750, 1000))  # periods of the stimuli in ms
EXPECTED: dict[int, tuple[str, str, Expected]] = {
    0: ("fire like the others in the delay", "no difference", "equal"),
    10: ("fire more than the others in the delay", "elevated", "larger"),
}
STEP = 5.0  # ms
GROUPS = ("dominant", "non-dominant")


def examples(scale: str, seed: int) -> xr.Dataset:
    """Return the rates of all units of the two stored networks against time, and which units are dominant."""
    task, parts = DMS(), []
    for channels in EXAMPLES:
        network = _stored.example(channels)
        state = delay_state(network, task, TRIALS[scale], key=jax.random.key(seed))
        dominant = dominant_units(modes(network, state.state))
        # mean over all conditions: until the end of the delay, only the first stimulus matters
        runs = [
            run_trials(
                network,
                task,
                TRIALS[scale],
                key=jax.random.fold_in(jax.random.key(seed), label),
                label=label,
                units=True,
            )
            for label in range(len(task.conditions))
        ]
        rates = np.mean([expit(run.units.values.astype(float)).mean(0) for run in runs], axis=0)
        parts.append(
            xr.Dataset(
                {
                    "example_rate": (["trial_time", "example_unit"], rates),
                    "example_dominant": ("example_unit", dominant.values),
                },
                {"trial_time": task.dt * np.arange(1, task.steps)},
            )
        )
    joined = xr.concat(parts, xr.DataArray(list(EXAMPLES), dims="example", name="example"))
    return joined.assign_attrs(method="simulated", estimator="single-run")


def measure(inputs: int, out: str, scale: str, seed: int) -> xr.Dataset:
    """Return summaries, and rates of the stored networks."""
    return learning(inputs, out, scale).assign(dict(examples(scale, seed).data_vars))


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study of rates."""
    return Study("fig5", measure, {"inputs": [2]}, {"out": str(out), "scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot mean rates against time, of two networks and of all networks, and mean rates in the delay."""
    selected = data.isel(inputs=0)
    where, groups = next(iter(sources(selected).items()))
    fig = figure(9.4, 7.8)
    axes = fig.subplots(3, 2)
    for axis, channels in zip(axes[0], EXAMPLES, strict=True):
        network = selected.sel(example=channels)
        dominant = network.example_dominant.values.astype(bool)
        rates = [
            network.example_rate.isel(example_unit=np.flatnonzero(units)).mean("example_unit")
            for units in (dominant, ~dominant)
        ]
        rate = xr.concat(rates, xr.DataArray(list(GROUPS), dims="group", name="group")).rename(trial_time="time")
        group_rates(axis, xr.Dataset({"rate": rate.expand_dims("stimulus")}), windows=SHOWN)
        axis.set_title(f"$C = {channels}$, stored example network", loc="left", fontsize=8)
    for axis, channels in zip(axes[1], EXAMPLES, strict=True):
        if channels in groups and "rate" in groups[channels]:
            rate = groups[channels].rate.mean("network").expand_dims("stimulus")
            time = STEP * EVERY * np.arange(1, rate.sizes["time"] + 1)
            group_rates(axis, xr.Dataset({"rate": rate.assign_coords(time=time)}), windows=SHOWN)
        axis.set_title(f"$C = {channels}$, mean over networks; {where}", loc="left", fontsize=8)
    for row in axes[:2]:
        top = 1.05 * max(axis.dataLim.ymax for axis in row)
        for axis in row:
            axis.set_ylim(0, top)
    for axis, group in zip(axes[2], GROUPS, strict=True):
        boxes_by_channels(axis, values_of(groups, "delay_rate", group=group), f"rate in the delay, {group}")
        axis.set_ylim(bottom=0)
    for axis, text in zip(axes.ravel(), "abcdef", strict=True):
        letter(axis, text)
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims of figure 5."""
    selected = data.isel(inputs=0)
    return [_example(selected, channels) for channels in EXAMPLES] + claims_of_networks(selected)


def claims_of_networks(data: xr.Dataset) -> list[Claim]:
    """Return the claims of figures 5c to 5f, which require only summaries of networks."""
    judged: list[Claim] = []
    for channels in EXAMPLES:
        judged += for_each_source(data, lambda g, w, c=channels: _within(g, w, c))
    for group, letter_, paper, expected in (
        ("dominant", "e", "higher with noise, P < .001", "larger"),
        ("non-dominant", "f", "no difference", "equal"),
    ):
        rate = "a higher rate with C = 10 than" if expected == "larger" else "the same rate with C = 10 and"
        statement = f"5{letter_}: {group} units fire in the delay at {rate} without noise"
        judged += for_each_source(
            data, lambda g, w, q=group, s=statement, p=paper, e=expected: _rates(g, w, q, s, p, e)
        )
    return judged


def _example(data: xr.Dataset, channels: int) -> Claim:
    """Compare dominant and other units of one network by their mean rate in the delay."""
    network = data.sel(example=channels)
    start, stop = DMS().periods["delay"]
    rate = network.example_rate.isel(trial_time=slice(start, stop)).mean("trial_time").values
    dominant = network.example_dominant.values.astype(bool)
    values = {"other units": rate[~dominant], "dominant units": rate[dominant]}
    statement, paper, expected = EXPECTED[channels]
    text = f"5{'a' if channels == 0 else 'b'}: in one network, C = {channels}, dominant units {statement}"
    return groups_differ(text, paper, values, expected, "stored example network", of="the units of one network")


def _within(groups: ByChannels, where: str, channels: int) -> Claim | None:
    """Compare dominant and other units of the same networks."""
    data = groups.get(channels)
    if data is None or "delay_rate" not in data:
        return None
    complete = data.delay_rate.where(data.success > 0).dropna("network")
    values = {f"{group} units": complete.sel(group=group).values.astype(float) for group in reversed(GROUPS)}
    statement, paper, expected = EXPECTED[channels]
    text = f"5{'c' if channels == 0 else 'd'}: over networks, C = {channels}, dominant units {statement}"
    return pairs_differ(text, paper, values, expected, where)


def _rates(groups, where: str, group: str, statement: str, paper: str, expected) -> Claim:
    chosen = without_and_with_ten(values_of(groups, "delay_rate", group=group))
    return groups_differ(statement, paper, chosen, expected, where)


FIGURE = Figure(
    "fig5",
    "Persistent activity of dominant and other units",
    study,
    plot,
    claims,
    caption=(
        "All results are from simulated trials of trained networks. Curves are means over trials, in c "
        "and d also over networks; grey bands are the stimuli. In e and f, boxes span the quartiles with "
        "the median, and dots are networks."
    ),
)
NEEDS = {"fig5": [ensemble.name for ensemble in of_dms(2)]}
