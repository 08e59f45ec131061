"""`noisette test`: accuracy of trained networks with noise and delays that differ from those of the training."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import numpy as np
import typer

import noisette as nz
from noisette.cli import _input, _output
from noisette.cli._options import Json, Seed, StepNoises
from noisette.cli._tasks import networks_in, step_noise_from, task_for
from noisette.cli._types import Dataset, Population


def command(
    files: Annotated[
        list[Path], typer.Argument(help="Network files: .npz, or .mat in the format of spikeRNN (Kim et al. 2019).")
    ],
    task: Annotated[
        str, typer.Option(help="Task: dms, afc, ctx, go-nogo, xor, function, path, or MODULE:CLASS.")
    ] = "dms",
    delays: Annotated[
        str | None, typer.Option(help="Delays in ms, such as 250,750,1250; the delay of the task by default.")
    ] = None,
    internal_noise: Annotated[int, typer.Option(help="New noise channels, with weights W ~ N(0, 1).", min=0)] = 10,
    input_noise: Annotated[float, typer.Option(help="Standard deviation of noise in the inputs.", min=0.0)] = 1.0,
    step_noise: StepNoises = None,
    trials: Annotated[int, typer.Option(help="Trials per network and delay.", min=1)] = 100,
    tau: Annotated[float | None, typer.Option(help="Time constant in ms that replaces the trained ones.")] = None,
    population: Annotated[
        Population, typer.Option(help="Units to which --tau applies: all, excitatory or inhibitory.")
    ] = "all",
    seed: Seed = 0,
    json: Json = False,
    out: Annotated[Path | None, typer.Option(help="Folder for data (.nc, with the configuration).")] = None,
) -> None:
    """Accuracy of trained networks with new internal noise, noisy inputs, and longer delays.

    Both scores are reported, since the conclusion may depend on the score:
    "threshold", as in the code of Kim et al. (2019), and "strict", by the mean output in the response window.
    All networks, delays and time constants are tested with the same trials and noise, so that accuracies with
    and without --tau are paired.

    Example: noisette test network_000.npz network_001.npz --delays 250,750,1250 --trials 200
    """
    networks = networks_in(files)
    delay_list = None if delays is None else _input.numbers(delays, "delays").tolist()
    fixed_tau = nz.training.FixedTau(1.0 if tau is None else tau, population)
    stds = None if step_noise is None else step_noise_from(step_noise)
    folder = _output.folder(out)
    parts = []
    with nz.studies.Progress("test") as progress:
        for number, network in enumerate(networks):
            part = nz.training.test(
                network,
                task_for(network, task),
                delays=delay_list,
                internal_noise=internal_noise,
                input_noise=input_noise,
                trials=trials,
                fixed_tau=None if tau is None else fixed_tau,
                step_noise=stds,
                key=seed,
            )
            parts.append(part)
            progress(number + 1, len(networks))
    accuracy = np.concatenate([part.accuracy.values for part in parts])
    names = [str(file) for file in files]
    if folder is not None:
        _save(parts, names, folder)
    scores = parts[0].score.values.tolist()
    if json:
        each = {score: accuracy[:, :, i] for i, score in enumerate(scores)}
        _output.show_json({"files": names, "delay": parts[0].delay.values, **each})
        return
    title = f"{task}: fraction of correct trials, {trials} trials per delay"
    delays_of_rows = parts[0].delay.values.tolist()
    rows = [[name, d, *accuracy[i, j].tolist()] for i, name in enumerate(names) for j, d in enumerate(delays_of_rows)]
    _output.show_table(title, ["file", "delay (ms)", *scores], rows)
    if folder is not None:
        print(f"saved in {folder}")


def _save(parts: list[Dataset], names: list[str], folder: Path) -> None:
    import xarray as xr

    joined = xr.concat(parts, "network", combine_attrs="override").assign_coords(network=names)
    nz.studies.save(joined, folder / "test.nc")
