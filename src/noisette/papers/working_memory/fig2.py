"""Figure 2: do the four stimulus conditions come apart in the activity of a network?"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jax
import numpy as np
import xarray as xr
from scipy.special import expit

from noisette.analysis import cluster_separation, embed
from noisette.networks import TaskNetwork
from noisette.papers._paper import Figure
from noisette.papers.working_memory import _stored
from noisette.plots import COLOURS, figure, letter
from noisette.studies import Claim, Study
from noisette.tasks import DMS
from noisette.training import run_trials

EXAMPLES = (0, 10)
EACH = {"smoke": 4, "quick": 10, "paper": 25}  # trials of each condition
LANDMARKS = {"smoke": 50, "quick": 500, "paper": 2000}
NEIGHBOURS = 20  # with fewer the graph falls into pieces, between which distances mean nothing
WINDOWS = {
    "first stimulus": (250.0, 500.0),
    "delay": (500.0, 750.0),
    "second stimulus": (750.0, 1000.0),
    "response": (1050.0, 1495.0),
}
COLOUR = [COLOURS[name] for name in ("divergence", "orange", "sky", "purple")]


def states_of(network: TaskNetwork, scale: str, seed: int) -> xr.DataArray:
    """Return rates from the first stimulus on, in the noise of the training, conditions one after the other."""
    task = DMS(inputs=network.channels)
    parts = [
        run_trials(
            network, task, EACH[scale], key=jax.random.fold_in(jax.random.key(seed), label), label=label, units=True
        )
        for label in range(len(task.conditions))
    ]
    units = np.concatenate([part.units.values for part in parts])
    return xr.DataArray(expit(units), {"time": parts[0].time}, ["trial", "time", "unit"])


def measure(channels: int, scale: str, seed: int) -> xr.Dataset:
    """Return the embedding of one of the stored networks, and how well conditions come apart in it."""
    rates = states_of(_stored.example(channels), scale, seed)
    rates = rates.sel(time=slice(250.0, None)).transpose("trial", "time", "unit")
    labels = np.repeat(np.arange(4), EACH[scale])
    phate = find_spec("phate") is not None
    options = {"n_landmark": LANDMARKS[scale], "knn": NEIGHBOURS} if phate else {}
    found = embed(rates, "phate" if phate else "pca", 3, seed=seed, **options)
    raw = cluster_separation(rates, labels, WINDOWS, seed=seed).agreement
    low = cluster_separation(found.projection, labels, WINDOWS, seed=seed).agreement
    data = xr.Dataset({"projection": found.projection, "agreement": low, "agreement_raw": raw})
    return data.assign_coords(label=("trial", labels)).assign_attrs(
        method="simulated", estimator="single-run", embedding="phate" if phate else "pca", scale=scale
    )


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study over the two stored networks."""
    return Study("fig2", measure, {"channels": list(EXAMPLES)}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Draw the embeddings of both networks, coloured by condition."""
    made = figure(9.0, 4.0)
    conditions = DMS().conditions
    for place, channels in enumerate(EXAMPLES, 1):
        axis: Any = made.add_subplot(1, 2, place, projection="3d")
        one = data.projection.sel(channels=channels)
        for trial in range(one.sizes["trial"]):
            label = int(data.label.values[trial])
            first = trial == 0 or int(data.label.values[trial - 1]) != label
            axis.plot(
                *one.isel(trial=trial).values.T,
                lw=0.6,
                alpha=0.7,
                color=COLOUR[label],
                label=conditions[label] if first else None,
            )
        axis.set_title(f"C = {channels}, {data.attrs['embedding'].upper()}", fontsize=9)
        axis.set_xticklabels([])
        axis.set_yticklabels([])
        axis.set_zticklabels([])
        letter(axis, "bc"[place - 1])
    made.axes[0].legend(fontsize=7, loc="upper left")
    return made


def claims(data: xr.Dataset) -> list[Claim]:
    """Return whether conditions come apart in either network."""
    found = []
    for channels, paper in ((0, "intermingled"), (10, "clearly demarcated")):
        one = data.sel(channels=channels)
        text = ", ".join(f"{w}: {float(one.agreement.sel(window=w)):.2f}" for w in one.window.values)
        raw = float(one.agreement_raw.sel(window="response"))
        apart = float(one.agreement.sel(window="response")) > 0.8
        good = apart == (channels == 10)
        reason = (
            f"adjusted Rand index of k-means by window, 1 when each condition is a cluster; {raw:.2f} for raw rates in "
            "the response; one network, trained to criterion"
        )
        if data.attrs["embedding"] == "pca":
            reason += "; principal components, as the extra 'embed' (PHATE, as in the paper) is not installed"
        statement = (
            f"2{'b' if channels == 0 else 'c'}: the four conditions in the activity of a network, C = {channels}"
        )
        found.append(Claim(statement, paper, text, "reproduced" if good else "not reproduced", reason))
    return found


FIGURE = Figure("fig2", "Embedded activity of two networks, by stimulus condition", study, plot, claims)
NEEDS: dict[str, list[str]] = {"fig2": []}
