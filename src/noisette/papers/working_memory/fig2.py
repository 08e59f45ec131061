"""Figure 2: separation of the four stimulus conditions in the activity of two networks."""

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
TRIALS_PER_CONDITION = {"smoke": 4, "quick": 10, "paper": 25}  # trials per condition
LANDMARKS = {"smoke": 50, "quick": 500, "paper": 2000}
NEIGHBOURS = 20  # with fewer neighbours the graph is disconnected, and distances between its components are undefined
WINDOWS = {
    "first stimulus": (250.0, 500.0),
    "delay": (500.0, 750.0),
    "second stimulus": (750.0, 1000.0),
    "response": (1050.0, 1495.0),
}
COLOUR = [COLOURS[name] for name in ("divergence", "orange", "sky", "purple")]


def states_of(network: TaskNetwork, scale: str, seed: int) -> xr.DataArray:
    """Return rates in the same noise as during training, ordered by condition."""
    task = DMS(inputs=network.channels)
    parts = [
        run_trials(
            network,
            task,
            TRIALS_PER_CONDITION[scale],
            key=jax.random.fold_in(jax.random.key(seed), label),
            label=label,
            units=True,
        )
        for label in range(len(task.conditions))
    ]
    units = np.concatenate([part.units.values for part in parts])
    return xr.DataArray(expit(units), {"time": parts[0].time}, ["trial", "time", "unit"])


def measure(channels: int, scale: str, seed: int) -> xr.Dataset:
    """Return the embedding of the activity of a stored network, and the separation of conditions in it."""
    rates = states_of(_stored.example(channels), scale, seed)
    rates = rates.sel(time=slice(250.0, None)).transpose("trial", "time", "unit")
    labels = np.repeat(np.arange(4), TRIALS_PER_CONDITION[scale])
    phate = find_spec("phate") is not None
    options = {"n_landmark": LANDMARKS[scale], "knn": NEIGHBOURS} if phate else {}
    embedding = embed(rates, "phate" if phate else "pca", 3, key=seed, **options)
    raw = cluster_separation(rates, labels, WINDOWS, key=seed).agreement
    low = cluster_separation(embedding.projection, labels, WINDOWS, key=seed).agreement
    data = xr.Dataset({"projection": embedding.projection, "agreement": low, "agreement_raw": raw})
    return data.assign_coords(label=("trial", labels)).assign_attrs(
        method="simulated", estimator="single-run", embedding="phate" if phate else "pca", scale=scale
    )


def study(scale: str, seed: int, out: Path) -> Study:
    """Return the study over the two stored networks."""
    return Study("fig2", measure, {"channels": list(EXAMPLES)}, {"scale": scale, "seed": seed})


def plot(data: xr.Dataset):
    """Plot the embeddings of both networks, coloured by condition."""
    fig = figure(9.0, 4.0)
    conditions = DMS().conditions
    for place, channels in enumerate(EXAMPLES, 1):
        axis: Any = fig.add_subplot(1, 2, place, projection="3d")
        projection = data.projection.sel(channels=channels)
        for trial in range(projection.sizes["trial"]):
            label = int(data.label.values[trial])
            first = trial == 0 or int(data.label.values[trial - 1]) != label
            axis.plot(
                *projection.isel(trial=trial).values.T,
                lw=0.6,
                alpha=0.7,
                color=COLOUR[label],
                label=conditions[label] if first else None,
            )
        axis.set_title(f"$C = {channels}$, {data.attrs['embedding'].upper()}", fontsize=9)
        axis.set_xticklabels([])
        axis.set_yticklabels([])
        axis.set_zticklabels([])
        letter(axis, "bc"[place - 1])
    fig.axes[0].legend(fontsize=7, loc="upper left")
    return fig


def claims(data: xr.Dataset) -> list[Claim]:
    """Return the claims about the separation of conditions in each network."""
    judged = []
    for channels, paper in ((0, "intermingled"), (10, "clearly demarcated")):
        network = data.sel(channels=channels)
        text = ", ".join(f"{w}: {float(network.agreement.sel(window=w)):.2f}" for w in network.window.values)
        raw = float(network.agreement_raw.sel(window="response"))
        is_separated = float(network.agreement.sel(window="response")) > 0.8
        agrees = is_separated == (channels == 10)
        reason = (
            f"adjusted Rand index of k-means by window, 1 if each condition is a cluster; {raw:.2f} for raw rates in "
            "the response; one network, trained to criterion"
        )
        if data.attrs["embedding"] == "pca":
            reason += "; principal components instead of PHATE (paper), as the extra 'embed' is not installed"
        statement = (
            f"2{'b' if channels == 0 else 'c'}: the four conditions in the activity of a network, C = {channels}"
        )
        judged.append(Claim(statement, paper, text, "reproduced" if agrees else "not reproduced", reason))
    return judged


FIGURE = Figure(
    "fig2",
    "Embedding of the activity of two networks by stimulus condition",
    study,
    plot,
    claims,
    caption=(
        "All results are from simulated trials of trained networks: mean trajectories of the rates for "
        "each stimulus condition, embedded in three dimensions."
    ),
)
NEEDS: dict[str, list[str]] = {"fig2": []}
