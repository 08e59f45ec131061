"""`noisette analyse`: connectivity, mean state, modes and dominant units of a trained network."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import typer

import noisette as nz
from noisette.cli import _output
from noisette.cli._options import Json, Out, Seed
from noisette.cli._tasks import task_for
from noisette.cli._types import Dataset, Score
from noisette.errors import require

WITHOUT_TASK = ("accuracy", "residual", "largest_eigenvalue", "mean_ipr_left_top10", "dominant")
SHOWN = {
    "tau_excitatory": "mean τ of excitatory units, ms",
    "tau_inhibitory": "mean τ of inhibitory units, ms",
    "residual": "residual of the mean state, largest |x - Wσ(x)|",
    "largest_eigenvalue": "largest real part of an eigenvalue, 1/s",
    "mean_ipr_left_top10": "mean inverse participation ratio (IPR) of the ten leading left eigenvectors",
    "dominant": "dominant units",
}


def command(
    file: Annotated[
        Path, typer.Argument(help="Network file: .npz, or .mat in the format of spikeRNN (Kim et al. 2019).")
    ],
    task: Annotated[
        str | None, typer.Option(help="Task of the training: dms, afc, ctx, go-nogo, xor, or MODULE:CLASS.")
    ] = None,
    delay: Annotated[float | None, typer.Option(help="Delay in ms, for tasks with a delay.")] = None,
    trials: Annotated[
        int, typer.Option(help="Trials for the accuracy; half as many per first stimulus for the mean state.", min=1)
    ] = 100,
    score: Annotated[Score, typer.Option(help="Criterion for a correct trial: threshold or strict.")] = "threshold",
    seed: Seed = 0,
    json: Json = False,
    out: Out = None,
) -> None:
    """Time constants, connections, mean state during the delay, its modes, and dominant units of a network.

    All results except time constants and connections require the task.
    For a task without a delay, the mean state is that of the response window, and a note is printed.
    The mean state need not be a fixed point: its residual is the largest |x - Wσ(x)|.
    Dominant units have a non-zero entry in the ten leading left eigenvectors; if all units have one,
    there is no dominant set, and a note is printed.
    Eigenvalues are in 1/s. Connections are named source → target: EI is from E to I.

    Example: noisette analyse networks/network_000.npz --task dms --delay 250
    """
    require(
        task is not None or delay is None,
        f"--delay {delay} without a task",
        "a delay is part of a task",
        "give --task",
    )
    network = nz.networks.as_network(nz.training.load(file), nz.networks.TaskNetwork)
    trained_task = None if task is None else task_for(network, task, delay=delay)
    folder = _output.folder(out)
    values = _structure(network)
    data = nz.analysis.connectivity(network).drop_vars("excitatory").assign(tau=("unit", network.tau))
    notes: list[str] = []
    if trained_task is not None:
        with nz.studies.Progress("analyse") as progress:
            dynamic_values, data = _dynamics(network, trained_task, trials, score, seed, data, progress)
        values |= dynamic_values
        notes = _notes(data, network.size)
    values |= {name: values.get(name) for name in WITHOUT_TASK}
    if folder is not None:
        _save(network, data, trained_task, folder)
    for note in notes:
        print(f"noisette: {note}", file=sys.stderr)
    if json:
        _output.show_json(values)
        return
    shown = dict(SHOWN)
    if trained_task is not None:
        shown["residual"] += f", window: {data.attrs['window']}"
        shown["dominant"] += ": no dominant set" if data.attrs["dominant"] == "all units" else ""
    _output.show_table(str(file), ["", "value"], [[shown.get(k, k), _shown(value)] for k, value in values.items()])
    if trained_task is None:
        print("Give --task for accuracy, residual, eigenvalues and dominant units.")
    if folder is not None:
        print(f"saved in {folder}")


def _structure(network: nz.networks.TaskNetwork) -> dict[str, Any]:
    counts = nz.analysis.connectivity(network)
    tau, excitatory = network.tau, network.excitatory
    mean = lambda values: float(values.mean()) if len(values) else float("nan")  # noqa: E731
    return {
        "units": network.size,
        "excitatory": int(excitatory.sum()),
        "inhibitory": int((~excitatory).sum()),
        "tau_excitatory": mean(tau[excitatory]),
        "tau_inhibitory": mean(tau[~excitatory]),
        "connections": dict(zip(counts.pair.values.tolist(), counts.connections.values.tolist(), strict=True)),
    }


def _dynamics(
    network: nz.networks.TaskNetwork,
    task: nz.tasks.Task,
    trials: int,
    score: Score,
    seed: int,
    data: Dataset,
    progress: nz.studies.Progress,
) -> tuple[dict[str, Any], Dataset]:
    import jax
    import xarray as xr

    key = jax.random.key(seed)
    outcome = nz.training.run_trials(network, task, trials, key=jax.random.fold_in(key, 0), score=score)
    progress(1, 4)
    state = nz.analysis.delay_state(network, task, max(1, trials // 2), key=jax.random.fold_in(key, 1))
    progress(2, 4)
    linearised = nz.analysis.modes(network, state.state)
    dominant = nz.analysis.dominant_units(linearised)
    progress(3, 4)
    activity = nz.analysis.persistent_activity(
        network, task, dominant, max(1, trials // 2), key=jax.random.fold_in(key, 1)
    )
    progress(4, 4)
    values = {
        "accuracy": float(outcome.correct.mean()),
        "residual": float(state.residual.max()),
        "largest_eigenvalue": float(linearised.largest.max()),
        "mean_ipr_left_top10": float(linearised.mean_ipr_left_top10.mean()),
        "dominant": int(dominant.sum()),
    }
    kept = linearised.drop_vars(["left", "right"]).assign(
        state=state.state, residual=state.residual, distance=state.distance, rate=activity.rate
    )
    joined = xr.merge([data, kept.assign(dominant=("unit", dominant.values))], combine_attrs="override")
    attrs = {"task": str(task.configuration["task"]), "dominant": dominant.attrs["kind"]}
    attrs |= {name: state.attrs[name] for name in ("window", "window_ms")}
    return values, joined.assign_attrs(linearised.attrs | attrs)


def _notes(data: Dataset, size: int) -> list[str]:
    """Return notes on the results: a window other than the delay, and the absence of a dominant subset."""
    notes = []
    if data.attrs["window"] != "delay":
        begin, end = data.attrs["window_ms"]
        notes.append(
            f"{data.attrs['task'].rpartition(':')[2]} has no delay: mean state, residual, eigenvalues and dominant "
            f"units are those of the {data.attrs['window']} window, {begin:g} to {end:g} ms"
        )
    if data.attrs["dominant"] == "all units":
        notes.append(
            f"all {size} units have non-zero entries in the leading left eigenvectors, which show no gap above zero; "
            "there is no dominant set"
        )
    return notes


def _save(network: nz.networks.TaskNetwork, data: Dataset, task: nz.tasks.Task | None, folder: Path) -> None:
    nz.studies.save(data, folder / "analysis.nc")
    with nz.plots.style():
        drawing = nz.plots.figure(3.4 if task is None else 9.6, 3.0)
        axes = np.atleast_1d(drawing.subplots(1, 1 if task is None else 3))
        nz.plots.time_constants(axes[0], np.asarray(network.tau), network.excitatory)
        axes[0].set_title("time constants")
        if task is not None:
            conditions = str(data.conditions.values[0])
            points = nz.plots.localised_spectrum(axes[1], data)
            drawing.colorbar(points, ax=axes[1], label="IPR of the left eigenvector", extend="max")
            axes[1].set_title(f"modes about the mean state\nafter {conditions}")
            nz.plots.group_rates(axes[2], data, windows=_stimuli(task))
            axes[2].set_title(f"activity during trials\n{conditions}")
        nz.plots.save(drawing, folder / "analysis")


def _stimuli(task: nz.tasks.Task) -> list[tuple[float, float]]:
    return [(task.dt * start, task.dt * stop) for name, (start, stop) in task.periods.items() if "stimulus" in name]


def _shown(value: Any) -> Any:
    if isinstance(value, dict):
        return ", ".join(f"{name} {number}" for name, number in value.items())
    return "–" if value is None else value
